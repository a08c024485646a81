"""IPA, as espeak-ng writes it for any language, to the phones the animation rules know.

The rules know English phones. What counts for another language's sound is what the lips do: rounded front
vowels take the shapes of rounded back ones, uvular and velar sounds leave the lips to their neighbours.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable

# Longest first: affricates and English diphthongs come as one espeak phoneme.
_PHONES = {
    # diphthongs
    "aɪ": "AY", "aʊ": "AW", "ɔɪ": "OY", "ɔø": "OY", "ɔʏ": "OY", "eɪ": "EY", "oʊ": "OW", "əʊ": "OW",
    "ai": "AY",    "au": "AW", "ei": "EY", "ou": "OW", "iə": "IY Schwa", "eə": "EH Schwa", "ʊə": "UH Schwa",
    # affricates and clusters
    "tʃ": "CH", "dʒ": "JH", "tɕ": "CH", "dʑ": "JH", "ts": "T S", "dz": "D Z", "pf": "P F", "ʈʂ": "CH",
    "ks": "K S",
    # open and front vowels
    "a": "AA", "ä": "AA", "ɑ": "AA", "ɐ": "AH", "ʌ": "AH", "æ": "AE", "ɛ": "EH", "e": "EH", "ɪ": "IH",
    "i": "IY", "ᵻ": "IH", "ɨ": "IH", "ə": "Schwa", "ɘ": "Schwa", "ɚ": "ER", "ɜ": "ER", "ɝ": "ER",
    # rounded vowels, front ones too
    "ɔ": "AO", "ɒ": "AO", "o": "AO", "ɵ": "AO", "ø": "AO", "œ": "AO", "ɤ": "AH",
    "u": "UW", "ʊ": "UH", "ʉ": "UW", "y": "UW", "ʏ": "UH", "ɯ": "UH",
    # lips and teeth
    "p": "P", "b": "B", "m": "M", "β": "B", "ɓ": "B", "ɸ": "F", "f": "F", "v": "V", "ʋ": "V", "ɱ": "M",
    "w": "W", "ʍ": "W", "ɥ": "W",
    # tongue
    "t": "T", "d": "D", "ʈ": "T", "ɖ": "D", "ɾ": "D", "n": "N", "ɳ": "N", "ɲ": "N",
    "l": "L", "ɭ": "L", "ɫ": "L", "ʎ": "L", "ɬ": "L", "ɹ": "R", "ɻ": "R", "r": "R", "ɽ": "R",
    "s": "S", "z": "Z", "ʃ": "SH", "ʒ": "ZH", "ɕ": "SH", "ʑ": "ZH", "ʂ": "SH", "ʐ": "ZH", "ç": "Y", "ʝ": "Y",
    "θ": "TH", "ð": "DH", "j": "Y", "c": "K", "ɟ": "G",
    # throat: any shape
    "k": "K", "ɡ": "G", "g": "G", "q": "K", "ŋ": "NG", "ɴ": "NG", "x": "HH", "χ": "HH", "ɣ": "HH", "ʁ": "HH",
    "ʀ": "HH", "h": "HH", "ɦ": "HH", "ħ": "HH", "ʔ": "", "ʕ": "",
}  # fmt: skip
_LONGEST = max(map(len, _PHONES))
_NASAL = "\u0303"


def arpabet(symbols: Iterable[str]) -> list[str]:
    """The phones for espeak-ng's IPA symbols, without what has no sound of its own (stress, length, tone)."""
    return [phone for symbol in symbols for phone in _phones(symbol)]


def _phones(symbol: str) -> list[str]:
    # espeak marks a change of language inside a word like this.
    if symbol.startswith("(") and symbol.endswith(")"):
        return []
    plain = "".join(
        char
        for char in unicodedata.normalize("NFD", symbol)
        if char == "\u0327" or unicodedata.category(char) not in {"Mn", "Lm", "Sk", "Nd", "Po", "Sm", "Pd"}
    )
    plain = unicodedata.normalize("NFC", plain)
    found: list[str] = []
    position = 0
    while position < len(plain):
        for length in range(_LONGEST, 0, -1):
            phones = _PHONES.get(plain[position : position + length])
            if phones is not None:
                found += phones.split()
                position += length
                break
        else:
            position += 1
    return found

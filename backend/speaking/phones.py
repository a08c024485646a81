"""espeak-ng's phonemes (IPA) as ARPAbet, the alphabet of `PhoneMark`.

What ARPAbet has no sign for becomes the sound whose mouth looks most like it: the marks drive a face.
"""

import re
import unicodedata

# Longest first where one sign begins another.
_TABLE: dict[str, tuple[str, ...]] = {
    "tʃ": ("CH",), "dʒ": ("JH",), "tɕ": ("CH",), "dʑ": ("JH",), "ts": ("T", "S"), "dz": ("D", "Z"),
    "pf": ("P", "F"),
    "aɪ": ("AY",), "ai": ("AY",), "aʊ": ("AW",), "au": ("AW",), "ɑu": ("AW",), "eɪ": ("EY",), "ei": ("EY",),
    "oʊ": ("OW",), "əʊ": ("OW",), "ou": ("OW",), "ɔɪ": ("OY",), "ɔi": ("OY",), "ɔø": ("OY",), "ɔʏ": ("OY",),
    "ɪə": ("IH", "Schwa"), "iə": ("IY", "Schwa"), "eə": ("EH", "Schwa"), "ʊə": ("UH", "Schwa"),
    "aɪə": ("AY", "Schwa"), "aʊə": ("AW", "Schwa"), "ks": ("K", "S"), "əl": ("Schwa", "L"),
    "p": ("P",), "b": ("B",), "ɓ": ("B",), "t": ("T",), "ʈ": ("T",), "d": ("D",), "ɖ": ("D",), "ɗ": ("D",),
    "k": ("K",), "c": ("K",), "q": ("K",), "g": ("G",), "ɡ": ("G",), "ɟ": ("G",), "ɢ": ("G",), "ʔ": ("HH",),
    "m": ("M",), "ɱ": ("M",), "n": ("N",), "ɲ": ("N",), "ɳ": ("N",), "ŋ": ("NG",), "ɴ": ("NG",),
    "f": ("F",), "ɸ": ("F",), "v": ("V",), "β": ("V",), "ʋ": ("V",), "θ": ("TH",), "ð": ("DH",),
    "s": ("S",), "z": ("Z",), "ʃ": ("SH",), "ʒ": ("ZH",), "ɕ": ("SH",), "ʑ": ("ZH",), "ʂ": ("SH",),
    "ʐ": ("ZH",), "ç": ("HH",), "x": ("HH",), "χ": ("HH",), "ɣ": ("G",), "ʁ": ("R",), "h": ("HH",),
    "ħ": ("HH",), "ʕ": ("HH",), "ɦ": ("HH",),
    "l": ("L",), "ɫ": ("L",), "ɭ": ("L",), "ʎ": ("L",), "ɬ": ("L",), "r": ("R",), "ɹ": ("R",), "ɻ": ("R",),
    "ɾ": ("D",), "ɽ": ("D",), "ʀ": ("R",), "j": ("Y",), "ʝ": ("Y",), "w": ("W",), "ɰ": ("W",), "ɥ": ("W",),
    "i": ("IY",), "y": ("UW",), "ɨ": ("IH",), "ʉ": ("UW",), "ɯ": ("IH",), "u": ("UW",), "ɪ": ("IH",),
    "ʏ": ("UH",), "ᵻ": ("IH",), "ʊ": ("UH",), "e": ("EH",), "ø": ("ER",), "ɘ": ("Schwa",), "ɵ": ("UH",),
    "ɤ": ("AH",), "o": ("AO",), "ə": ("Schwa",), "ɚ": ("ER",), "ɐ": ("AH",), "ɛ": ("EH",), "œ": ("ER",),
    "ɜ": ("ER",), "ɝ": ("ER",), "ʌ": ("AH",), "ɔ": ("AO",), "æ": ("AE",), "a": ("AA",), "ɑ": ("AA",),
    "ɒ": ("AO",), "ɞ": ("ER",),
}  # fmt: skip

# Stress, length, tone, syllabic and other marks that don't move the mouth, and "(en)": a change of language.
_MARKS = re.compile(r"\([\w-]*\)|[ˈˌːˑʰʲʷˠˤᵝ'`^.~\d_\-|‿˥˦˧˨˩\u0300-\u036f]")


def arpabet(ipa: str) -> tuple[str, ...]:
    """The ARPAbet phones of one espeak-ng phoneme; empty for a pause.

    A sign nobody knows becomes "Noise", which Rhubarb shows as a slightly open mouth.
    """
    # The cedilla of ç is part of the letter; every other combining mark goes.
    rest = _MARKS.sub("", unicodedata.normalize("NFD", ipa.replace("ç", "\0"))).replace("\0", "ç")
    found: list[str] = []
    while rest:
        for length in (3, 2, 1):
            if (phones := _TABLE.get(rest[:length])) is not None:
                found.extend(phones)
                rest = rest[length:]
                break
        else:
            found.append("Noise")
            rest = rest[1:]
    return tuple(found)

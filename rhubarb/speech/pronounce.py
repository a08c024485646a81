"""Spoken words to phones: the dictionary first, espeak-ng for what it lacks, spelling as the last resort."""

from __future__ import annotations

from functools import lru_cache

from rhubarb import espeak
from rhubarb.speech import lexicon
from rhubarb.speech.ipa import arpabet
from rhubarb.speech.lexicon import Pronunciation

MAX_PHONES = 60
"""A longer 'word' is no word; what comes after is dropped."""

FULLY = frozenset(("to", "into", "today", "tomorrow", "tonight"))
"""Words whose reduced pronunciations Rhubarb does not follow: the mouth shows their full vowel."""

# Without any knowledge of the language: what most scripts' Latin letters stand for.
_LETTERS = {
    "a": "AA", "b": "B", "c": "K", "d": "D", "e": "EH", "f": "F", "g": "G", "h": "HH", "i": "IH", "j": "JH",
    "k": "K", "l": "L", "m": "M", "n": "N", "o": "AO", "p": "P", "q": "K", "r": "R", "s": "S", "t": "T",
    "u": "UH", "v": "V", "w": "W", "x": "K S", "y": "IY", "z": "Z",
}  # fmt: skip

# espeak-ng has no readings for kanji; in speech one takes about two morae, so it moves the mouth like two.
_KANJI = (("K", "AA", "N"), ("SH", "IH"), ("T", "AO", "UH"), ("S", "EH", "IH"), ("K", "UH"), ("H", "AA", "K"))


@lru_cache(maxsize=8192)
def pronunciations(word: str, language: str = "en-US") -> tuple[Pronunciation, ...]:
    """The ways `word` (lower case, with apostrophes) may be said, the usual one first; () if silent."""
    if language.lower().startswith("en"):
        found = lexicon.look_up(word)
        if not found and word.endswith("'s"):
            found = tuple(_possessive(stem) for stem in lexicon.look_up(word[:-2]))
        if found:
            return found[:1] if word in FULLY else found
    guess = _guess(word, language)
    return (guess[:MAX_PHONES],) if guess else ()


def _possessive(stem: Pronunciation) -> Pronunciation:
    if stem[-1] in {"S", "Z", "SH", "ZH", "CH", "JH"}:
        return (*stem, "IH", "Z")
    return (*stem, "S" if stem[-1] in {"P", "T", "K", "F", "TH"} else "Z")


def _guess(word: str, language: str) -> Pronunciation:
    if any(_is_han(char) for char in word) and not language.lower().startswith(("zh", "cmn", "yue")):
        return _with_kanji(word, language)
    try:
        symbols = [symbol for part in espeak.phonemes(word, language) for symbol in part]
    except espeak.EspeakError:
        symbols = []
    return tuple(arpabet(symbols)) or _spelled(word)


def _with_kanji(word: str, language: str) -> Pronunciation:
    phones: list[str] = []
    kana = ""
    for char in (*word, ""):
        if char and not _is_han(char):
            kana += char
            continue
        if kana:
            phones += _guess(kana, language)
            kana = ""
        if char:
            phones += _KANJI[ord(char) % len(_KANJI)]
    return tuple(phones)


def _is_han(char: str) -> bool:
    return "\u3400" <= char <= "\u9fff"


def _spelled(word: str) -> Pronunciation:
    return tuple(" ".join(_LETTERS.get(char, "") for char in word.lower()).split())

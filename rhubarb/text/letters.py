"""Abbreviations, acronyms, names in mixed case, letters with digits."""

from __future__ import annotations

import re
import unicodedata

from rhubarb.speech import lexicon
from rhubarb.text.calendar import short_name
from rhubarb.text.numbers import cardinal, number
from rhubarb.text.spoken import listed

_ABBREVIATIONS = {
    "mr": "mister", "mrs": "missus", "ms": "miz", "dr": "doctor", "prof": "professor", "st": "saint",
    "jr": "junior", "sr": "senior", "vs": "versus", "etc": "et cetera", "approx": "approximately",
    "dept": "department", "fig": "figure", "no": "number", "nos": "numbers", "vol": "volume",
    "inc": "incorporated",
    "ltd": "limited", "co": "company", "corp": "corporation", "gov": "governor", "gen": "general",
    "lt": "lieutenant", "col": "colonel", "capt": "captain", "sgt": "sergeant", "rev": "reverend",
    "ave": "avenue",
    "blvd": "boulevard", "rd": "road", "mt": "mount", "est": "established", "min": "minutes",
    "max": "maximum",
    "e.g": "for example", "i.e": "that is", "a.m": "a m", "p.m": "p m", "ph.d": "p h d", "cf": "compare",
    "resp": "respectively",
}  # fmt: skip
# These are words, too, unless a dot and something that fits follow.
_NEEDS_DOT = frozenset(listed("no co st gen col rev est min max fig in rd mt lt vol capt gov inc resp ms"))
_BEFORE_NAME = frozenset(listed("st gen col rev mt lt gov capt"))
_BEFORE_NUMBER = frozenset(["no", "fig", "vol", "nos"])

# Read letter by letter although the dictionary has a word of these letters.
_SPELLED = frozenset(listed("US IT AI UI UX PR HR ID TV PC CEO API URL FAQ USA UK EU UN IP OS PDF SQL CPU GPU RAM USB"))
_ROMAN = {"II": 2, "III": 3, "IV": 4, "VI": 6, "VII": 7, "VIII": 8, "IX": 9, "XI": 11, "XII": 12, "XIII": 13,
          "XIV": 14, "XV": 15, "XVI": 16, "XX": 20, "XXI": 21}  # fmt: skip

PATTERNS = {
    "dotted": r"(?P<do_word>(?i:e\.g|i\.e|a\.m|p\.m|ph\.d))\.?(?!\w)",
    "initials": r"(?P<in_word>(?:[A-Za-z]\.){2,})(?!\w)",
    "abbreviation": r"(?P<ab_word>[A-Za-z]{2,6})\.(?=(?P<ab_after>\s?\S?))",
    "coded": r"(?P<co_word>(?:[A-Za-z]+[-‑]?\d|\d+[-‑]?[A-Za-z])[A-Za-z\d]*)(?!\w)",
    "word": r"(?P<wo_word>['’]?[^\W\d_]+(?:['’][^\W\d_]+)*['’]?)",
}


def dotted(m: re.Match[str]) -> str:
    return _ABBREVIATIONS[m["do_word"].lower()]


def initials(m: re.Match[str]) -> str:
    return " ".join(m["in_word"].lower().replace(".", " ").split())


def abbreviation(m: re.Match[str]) -> str | None:
    """The full word; None if what stands before the dot is a word of its own."""
    word, after = m["ab_word"].lower(), m["ab_after"].strip()
    full = short_name(word) if word not in {"sun", "sat", "mar", "may", "wed"} or after.isdigit() else None
    if full:
        return full
    if word in _BEFORE_NAME:
        return _ABBREVIATIONS[word] if after.isupper() else None
    if word in _BEFORE_NUMBER:
        return _ABBREVIATIONS[word] if after.isdigit() else None
    if word in _NEEDS_DOT and after.isupper():
        return None
    return _ABBREVIATIONS.get(word)


def coded(m: re.Match[str]) -> str:
    """Letters with digits: 'MP3', 'COVID-19', '4K', 'H2O', '22nd'."""
    pieces = re.findall(r"\d+|[A-Za-z]+", m["co_word"])
    return " ".join(number(piece) if piece.isdigit() else read_word(piece) for piece in pieces)


def word(m: re.Match[str]) -> str:
    return read_word(m["wo_word"].replace("’", "'"))


def read_word(text: str) -> str:
    """One written word, as it is said: itself, its letters, or its parts."""
    if len(text) > 1 and text.isupper():
        return _capitals(text)
    lower = text.lower()
    if lexicon.look_up(lower):
        return lower
    bare = lower.strip("'")
    plain = "".join(char for char in unicodedata.normalize("NFD", bare) if not unicodedata.combining(char))
    if lexicon.look_up(plain):
        return plain
    parts = re.findall(r"[A-Z]{2,}(?![a-z])|[A-Z]?[a-z']+|[A-Z]+", text) if text.isascii() else []
    if len(parts) > 1:
        return " ".join(read_word(part) for part in parts)
    return bare


def _capitals(text: str) -> str:
    lower = text.lower()
    if text in _ROMAN:
        return cardinal(_ROMAN[text])
    if text not in _SPELLED and (len(text) > 5 or lexicon.look_up(lower) or not text.isascii()):
        return lower.strip("'")
    # Short and unknown: with vowels and consonants in turn it is said as a word ('LASIK'), else spelled.
    if text not in _SPELLED and len(text) >= 4 and re.fullmatch(r"(?:[^aeiou]?[aeiouy][^aeiou]?)+", lower):
        return lower
    return " ".join(char for char in lower if char.isalpha())


READERS = {
    "dotted": dotted, "initials": initials, "abbreviation": abbreviation, "coded": coded, "word": word,
}  # fmt: skip

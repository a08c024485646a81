"""English text: one pass, at every place the first reader that knows what stands there."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping

from rhubarb.text import calendar, letters, quantities
from rhubarb.text.numbers import cardinal, digits, number, ordinal

Reader = Callable[[re.Match[str]], str | None]

_SYMBOLS = {
    "&": "and", "+": "plus", "=": "equals", "@": "at", "%": "percent", "°": "degrees", "×": "times",
    "÷": "divided by",
    "<": "less than", ">": "greater than", "≈": "about", "≤": "at most", "≥": "at least",
    "±": "plus or minus",
    "€": "euros", "£": "pounds", "$": "dollars", "§": "section", "©": "copyright", "™": "trademark",
    "→": "to",
    "√": "square root of", "∞": "infinity", "π": "pi", "µ": "micro",
}  # fmt: skip
_PLAIN = {
    "address": r"(?P<ad_text>(?:https?://|www\.)[^\s<>\"]{0,300}[\w/]"
    r"|[\w.+-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63}){1,4})",
    "domain": r"(?P<do_text>[\w-]{1,63}(?:\.[\w-]{1,63}){0,3}"
    r"\.(?:com|org|net|io|ai|dev|edu|gov|co\.uk|de|app))\b",
    "phone_number": r"(?P<ph_text>\+?(?:\d{1,3}[-. ])?(?:\(\d{3}\) ?|\d{3}[-. ])\d{3}[-. ]\d{4})(?!\d)",
    "ordinal": r"(?P<or_number>\d{1,3}(?:,\d{3})+|\d{1,15})(?:st|nd|rd|th)\b",
    "version": r"(?P<ve_text>[vV]?\d+(?:\.\d+){2,})",
    "hashtag": r"#(?P<ha_text>\d+|[^\W\d]\w*)",
    "number": rf"(?<![\w.])(?P<nu_text>{quantities.NUMBER})",
    "bare_number": r"(?P<ba_text>\d+)",
    "symbol": rf"(?P<sy_text>[{re.escape(''.join(_SYMBOLS))}])",
}


def _address(text: str) -> str:
    """A web or mail address, its signs read out."""
    text = re.sub(r"^https?://(?:www\.)?|^www\.", "", text)
    for sign, name in (
        (".", " dot "),
        ("@", " at "),
        ("/", " slash "),
        ("-", " dash "),
        ("_", " underscore "),
    ):
        text = text.replace(sign, name)
    pieces = re.findall(r"\d+|[A-Za-z]+", text)
    return " ".join(number(piece) if piece.isdigit() else letters.read_word(piece) for piece in pieces)


def _hashtag(m: re.Match[str]) -> str:
    text = m["ha_text"]
    if text.isdigit():
        return f"number {number(text)}"
    return "hashtag " + " ".join(letters.read_word(part) for part in text.split("_") if part.isalpha())


def _version(m: re.Match[str]) -> str:
    text = m["ve_text"]
    said = " point ".join(
        cardinal(int(part)) if len(part) < 16 else digits(part) for part in text.lstrip("vV").split(".")
    )
    return f"version {said}" if text[0] in "vV" else said


_READ_PLAIN: Mapping[str, Reader] = {
    "address": lambda m: _address(m["ad_text"]),
    "domain": lambda m: _address(m["do_text"]),
    "phone_number": lambda m: digits(m["ph_text"]),
    "ordinal": lambda m: ordinal(int(m["or_number"].replace(",", ""))),
    "version": _version,
    "hashtag": _hashtag,
    "number": lambda m: number(m["nu_text"]),
    "bare_number": lambda m: number(m["ba_text"]),
    "symbol": lambda m: _SYMBOLS[m["sy_text"]],
}

# From the most to the least particular.
_ORDER: list[tuple[str, str, Reader]] = [
    *((name, _PLAIN[name], _READ_PLAIN[name]) for name in ("address", "domain", "phone_number")),
    *((name, pattern, calendar.READERS[name]) for name, pattern in calendar.PATTERNS.items()),
    *((name, _PLAIN[name], _READ_PLAIN[name]) for name in ("ordinal", "version")),
    *((name, pattern, quantities.READERS[name]) for name, pattern in quantities.PATTERNS.items()),
    ("coded", letters.PATTERNS["coded"], letters.READERS["coded"]),
    *((name, _PLAIN[name], _READ_PLAIN[name]) for name in ("hashtag", "number", "bare_number", "symbol")),
    *((name, letters.PATTERNS[name], letters.READERS[name]) for name in letters.PATTERNS if name != "coded"),
]  # fmt: skip
_RULES: list[tuple[re.Pattern[str], Reader]] = [(re.compile(pattern), reader) for _, pattern, reader in _ORDER]
_START = re.compile(rf"[\w#+'’\-−(]|[{re.escape(''.join(_SYMBOLS))}]")


def words(text: str) -> Iterator[tuple[int, int, list[str]]]:
    """Start, end and spoken words of everything in `text` that is said."""
    at = 0
    while (start := _START.search(text, at)) is not None:
        at = start.start()
        for pattern, reader in _RULES:
            match = pattern.match(text, at)
            said = reader(match) if match else None
            if match and said is not None and match.end() > at:
                if found := said.split():
                    yield at, match.end(), found
                at = match.end()
                break
        else:
            at += 1

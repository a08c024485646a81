"""Text as Kokoro reads it: espeak-ng's phonemes in the spelling that the model was trained on.

Kokoro's own front end (misaki) writes English in IPA with a few letters of its own: one capital for each diphthong,
one sign for each affricate. It falls back on espeak-ng for words that its dictionary lacks; here all words come from
espeak-ng, which is in the process anyway. The signs are listed in misaki's EN_PHONES.md.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from rhubarb import espeak

_SAME = {"aɪ": "I", "aʊ": "W", "eɪ": "A", "ɔɪ": "Y", "oʊ": "O", "əʊ": "Q", "dʒ": "ʤ", "tʃ": "ʧ"}
_OTHERS = {"ts": "ʦ", "dz": "ʣ"}
_ENGLISH = {
    "ɚ": "əɹ", "ɐ": "ə", "r": "ɹ", "x": "k", "ç": "k", "ɬ": "l", "ʔn̩": "tᵊn", "n̩": "ᵊn", "l̩": "ᵊl", "ʔ": "t",
}  # fmt: skip
_AMERICAN = {"ɜː": "ɜɹ", "ɾ": "T", "ː": ""}
"""Version 1.0 writes the flap of "better" as T, and no length."""

_PIECE = re.compile(r"(.+?)([;:,.!?…—]+(?=\s|$)|\s[–—-](?=\s)|$)", re.DOTALL)
_ENDS = re.compile(r"[.!?…]")
_DASHES = re.compile("[–-]")
_AROUND = re.compile(r"^\W+|\W+$")
_BREATH = 40
"""Letters from which on a comma ends a piece: long enough to keep its melody, short enough to be heard soon."""
_LONGEST = 240
"""Letters of a piece at most: well below the 510 symbols that the model reads."""


@dataclass(frozen=True, slots=True)
class Phrase:
    """The symbols of some words up to a mark of punctuation (empty at the end of a text without one).

    `words` are as they are written, each with the place of its symbols: (text, begin, end).
    """

    symbols: str
    words: tuple[tuple[str, int, int], ...]
    mark: str


def phrases(text: str, language: str) -> list[Phrase]:
    """*text* word by word, with its punctuation. Raises `rhubarb.espeak.EspeakError`."""
    found = []
    for part, mark in _PIECE.findall(text.strip()):
        spoken = [spelling("".join(word), language) for word in espeak.phonemes(part, language)]
        written = [word for one in part.split() if (word := _AROUND.sub("", one))]
        if spoken:
            found.append(Phrase(" ".join(spoken), tuple(_places(written, spoken)), _DASHES.sub("—", mark.strip()[:1])))
    return found


def pieces(text: str) -> list[str]:
    """*text* in the pieces that are said one after the other: sentences, long ones cut at commas or between words."""
    found, held = [], ""
    for part, mark in _PIECE.findall(text.strip()):
        held += part + mark
        if _ENDS.search(mark) or len(held) >= _BREATH:
            found += _cut(held)
            held = ""
    return [piece for piece in [*found, *_cut(held)] if any(map(str.isalnum, piece))]


def _cut(text: str) -> list[str]:
    cut = []
    while len(text) > _LONGEST:
        at = text.rfind(" ", 0, _LONGEST)
        at = at if at > 0 else _LONGEST
        cut.append(text[:at].strip())
        text = text[at:]
    return [*cut, text.strip()]


def _places(written: list[str], spoken: list[str]) -> Iterator[tuple[str, int, int]]:
    if len(written) != len(spoken):
        # espeak-ng says "23" as two words and "of the" as one: then the words share the whole by letters, in order.
        size, letters = len(" ".join(spoken)), max(1, sum(map(len, written)))
        ends = [round(sum(map(len, written[: n + 1])) / letters * size) for n in range(len(written))]
        yield from zip(written, [0, *ends], ends, strict=False)
        return
    begin = 0
    for word, symbols in zip(written, spoken, strict=True):
        yield word, begin, begin + len(symbols)
        begin += len(symbols) + 1


def spelling(ipa: str, language: str) -> str:
    """One word of espeak-ng's IPA in the model's spelling.

    >>> spelling("tʃˈaɪldɹən", "en-US"), spelling("dˈɑːlɚ", "en-US"), spelling("tʃˈa", "it-IT")
    ('ʧˈIldɹən', 'dˈɑləɹ', 'ʧˈa')
    """
    tag = language.lower()
    english = _ENGLISH if tag == "en-gb" else _ENGLISH | _AMERICAN
    table = _SAME | (english if tag.startswith("en") else _OTHERS)
    plain = re.sub(r"\([a-z-]+\)|-", "", ipa)  # changes of language, and French liaison
    longest = sorted(table, key=len, reverse=True)
    return re.sub("|".join(map(re.escape, longest)), lambda found: table[found[0]], plain)

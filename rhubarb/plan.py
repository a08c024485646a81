"""What is going to be said: the text's words with their phones, and the times known for them."""

from __future__ import annotations

from dataclasses import dataclass, field

from rhubarb.model import Phone, Word
from rhubarb.speech.durations import fit
from rhubarb.speech.lexicon import Pronunciation
from rhubarb.speech.pronounce import pronunciations
from rhubarb.text import Spoken, spoken

MAX_WORDS = 4000
"""Words one stream follows: half an hour of speech."""
ANCHOR_REACH = 200
"""Characters ahead in which a word of the voice is looked for."""
MIN_WORD, MAX_WORD = 0.03, 5.0
"""Seconds a word of the voice may last to be believed."""


@dataclass(slots=True, eq=False)
class Planned:
    """A word to be said; `timed` is filled once it is placed."""

    spoken: Spoken
    variants: tuple[Pronunciation, ...]
    start: float | None = None
    end: float | None = None
    timed: list[Phone] = field(default_factory=list)

    @property
    def phones(self) -> Pronunciation:
        return self.variants[0]

    @property
    def anchored(self) -> bool:
        return self.start is not None

    def place(self, start: float, end: float) -> list[Phone]:
        """Its phones, spread over `start` to `end` in typical proportion."""
        edges = fit(self.phones, start, end)
        self.timed = [Phone(edges[index], edges[index + 1], phone) for index, phone in enumerate(self.phones)]
        return self.timed


class Plan:
    """The words of one text in order, and which of them the voice has timed."""

    def __init__(self, text: str, language: str) -> None:
        self._text = text.casefold() if len(text.casefold()) == len(text) else text
        self._language = language
        self.words = self._words(text)
        self._cursor = 0  # characters of the text the voice has passed
        self.reached = 0  # words up to the last one the voice has timed
        self._last_end = 0.0

    def _words(self, text: str) -> list[Planned]:
        planned: list[Planned] = []
        for word in spoken(text, self._language)[:MAX_WORDS]:
            variants = pronunciations(word.word, self._language)
            if variants:
                planned.append(Planned(word, variants))
        return planned

    def anchor(self, word: Word) -> None:
        """Take over a word's time from the voice; what makes no sense is ignored."""
        # Written so that NaN, too, is turned away.
        if not (
            word.start >= 0 and MIN_WORD <= word.end - word.start <= MAX_WORD and word.start >= self._last_end - 0.5
        ):
            return
        start = max(word.start, self._last_end)
        if word.end - start < MIN_WORD:
            return
        group = self._matching(word.text)
        self._last_end = word.end
        if group:
            edges = fit_words(group, start, word.end)
            for index, planned in enumerate(group):
                planned.start, planned.end = edges[index], edges[index + 1]

    def _matching(self, text: str) -> list[Planned]:
        """The words of the plan that the voice calls `text`; new ones if the text lacks it."""
        wanted = text.strip().casefold()
        at = self._text.find(wanted, self._cursor, self._cursor + ANCHOR_REACH + len(wanted)) if wanted else -1
        if at >= 0:
            self._cursor = at + len(wanted)
            first = self.reached
            while first < len(self.words) and self.words[first].spoken.end <= at:
                first += 1
            last = first
            while last < len(self.words) and self.words[last].spoken.start < self._cursor:
                last += 1
            # Words that were passed over without a time are placed between their neighbours.
            self.reached = max(self.reached, last)
            return self.words[first:last]
        group = self._words(text)[:8]
        for planned in group:
            planned.spoken = Spoken(planned.spoken.word, self._cursor, self._cursor)
        self.words[self.reached : self.reached] = group
        self.reached += len(group)
        return group


def fit_words(words: list[Planned], start: float, end: float) -> list[float]:
    """The boundaries (one more than words) that divide `start` to `end` among `words`."""
    phones = [phone for word in words for phone in word.phones]
    edges = fit(phones, start, end)
    positions = [0]
    for word in words:
        positions.append(positions[-1] + len(word.phones))
    return [edges[position] for position in positions]

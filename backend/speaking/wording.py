"""A line in its two forms: as it is written, for the eye, and as it is said, for the voice.

"Set OPENAI_BASE_URL in .env, see https://example.org/setup." is shown so, and said without the address and the
underscores. A voice times the words that it says; `Places` tells which written ones those are, so that a caption can
mark them and a history knows how far the written line was heard.
"""

import re
from dataclasses import dataclass
from difflib import SequenceMatcher

_RUN = re.compile(r"[^\W_]+")
"""What both forms have in common: runs of letters and digits."""
AHEAD = 48
"""How far behind the word before a voice's next word is looked for, in characters."""


@dataclass(frozen=True, slots=True)
class Wording:
    """*shown* to the person, *spoken* by the voice; both empty where there is nothing to say."""

    shown: str
    spoken: str

    def __bool__(self) -> bool:
        return bool(self.spoken)

    def beyond(self, at: int) -> "Wording":
        """The line from the character *at* of the spoken form on."""
        spoken = self.spoken[at:]
        begin = next((shown + max(0, at - start) for start, end, shown in self.shared() if end > at), None)
        return Wording("" if begin is None else self.shown[begin:], spoken) if spoken.strip() else Wording("", "")

    def shared(self) -> list[tuple[int, int, int]]:
        """(start, end, start in the shown form) of the stretches of the spoken form that are shown, in order."""
        if self.shown == self.spoken:
            return [(0, len(self.spoken), 0)]
        said, written = (list(_RUN.finditer(text)) for text in (self.spoken, self.shown))
        matcher = SequenceMatcher(None, [run[0] for run in said], [run[0] for run in written], autojunk=False)
        return [
            (said[block.a + n].start(), said[block.a + n].end(), written[block.b + n].start())
            for block in matcher.get_matching_blocks()
            for n in range(block.size)
        ]


class Places:
    """Finds a voice's words, one after the other, in what is shown of their line."""

    def __init__(self, wording: Wording) -> None:
        low = wording.spoken.lower()
        # A few letters have another length in lower case; then indices would not fit.
        self._spoken, self._fold = (low, True) if len(low) == len(wording.spoken) else (wording.spoken, False)
        self._shared = wording.shared()
        self._begin = self._cursor = 0

    def of(self, word: str) -> int:
        """The index in the shown form at which *word*, the voice's next one, begins; -1 if it does not stand there."""
        word = word.lower() if self._fold else word
        found = self._next(word)
        if found is None:
            return -1
        self._begin, self._cursor = found, found + len(word)
        for start, end, shown in self._shared:
            if end > found:
                return shown + max(0, found - start) if start < self._cursor else -1
        return -1

    def _next(self, word: str) -> int | None:
        """Where *word* stands in the spoken form, as the next word or a little later."""
        found = self._spoken.find(word, self._cursor)
        skips = found < 0 or any(map(str.isalnum, self._spoken[self._cursor : found]))
        if not word:
            return None
        if skips and self._spoken.startswith(word, self._begin):
            return self._begin  # a voice that takes over from another one says the word again that was cut
        return found if 0 <= found <= self._cursor + AHEAD else None

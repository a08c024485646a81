"""Lets one mind go on where another broke off, without saying anything twice."""

import re

LOOK = 12
"""Words of the continuation that are held back to see whether they repeat."""
_WORD = re.compile(r"\S+\s*")


class GoingOn:
    """Filters the stream of a continuation of *said*: `feed` its tokens, then `flush`."""

    def __init__(self, said: str) -> None:
        self._said = [plain for word in said.split() if (plain := _plain(word))]
        self._joint = " " if said and not said[-1].isspace() else ""
        self._held = ""
        self._open = bool(self._said)

    def feed(self, text: str) -> str:
        """What of *text*, and of what was held back, is new."""
        if not self._open:
            return self._join(text)
        self._held += text
        whole = self._held[: self._held.rfind(" ") + 1]  # the last word may still be growing
        heard = [plain for word in whole.split() if (plain := _plain(word))]
        starts_over = heard == self._said[: len(heard)]
        if starts_over or len(heard) < min(LOOK, len(self._said) + 1):
            return ""
        return self._decide()

    def flush(self) -> str:
        """What was held back, once the stream has ended."""
        return self._decide() if self._open else ""

    def _decide(self) -> str:
        pieces = _WORD.findall(self._held)
        words = [_plain(piece) for piece in pieces]
        repeated = self._repeated([word for word in words if word])
        self._open, self._held = False, ""
        for index, word in enumerate(words):
            if repeated == 0:
                return self._join("".join(pieces[index:]).lstrip())
            repeated -= bool(word)
        return ""

    def _repeated(self, words: list[str]) -> int:
        """How many words at the beginning have been said: the whole of it again, or its last few."""
        again = 0
        while again < min(len(words), len(self._said)) and words[again] == self._said[again]:
            again += 1
        if again >= 3:
            return again
        most = min(len(words), len(self._said))
        return next((n for n in range(most, 1, -1) if self._said[-n:] == words[:n]), 0)

    def _join(self, text: str) -> str:
        if not text:
            return ""
        joint, self._joint = self._joint, ""
        return joint + text if not text[0].isspace() else text


def _plain(word: str) -> str:
    return "".join(letter for letter in word.lower() if letter.isalnum())

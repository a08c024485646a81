"""What the person feels and what a line says of feelings, as one turn reads them, and the face that answers."""

from collections.abc import Callable

from backend import wire
from backend.billing import TurnBill
from backend.feeling import NEUTRAL, Emotion, Label
from backend.feeling.feelings import Feelings
from backend.feeling.response import Expression, expression, listening
from backend.feeling.tags import settle

NOTICEABLE = 0.15
"""A change of an expression's strength below this is not worth a message."""


class Empathy:
    """One turn's reading of *feelings*; messages about faces go to *send*."""

    def __init__(
        self, turn: int, feelings: Feelings, bill: TurnBill, send: Callable[[wire.Thinking | wire.Feeling], None]
    ) -> None:
        self._turn, self._feelings, self._bill, self._send = turn, feelings, bill, send
        self._felt = NEUTRAL
        self._better: Emotion | None = None

    @property
    def refines(self) -> bool:
        """Whether a better reading may come later."""
        return self._feelings.refines

    @property
    def face(self) -> Expression:
        """How one who listens looks at the person."""
        return listening(self._felt)

    def listen(self, text: str, *, tell: bool) -> None:
        """Read what the person said, and, to *tell*, let the face answer it."""
        self._felt = self._better or self._read(text)
        if tell:
            self._send(wire.Thinking(turn=self._turn, feeling=self.face.label, strength=self.face.strength))

    async def listen_better(self, text: str, shown: Callable[[], bool]) -> None:
        """Read what the person said better, while the answer is thought out. If the face is still *shown*, it moves."""
        better = await self._feelings.refine(text)
        before = self.face
        self._felt = self._better = better
        if shown():
            self.ease(None, before, self.face)

    def read(self, text: str, tag: Label | None) -> tuple[Emotion, Expression]:
        """The emotion of a line that the model may have given a *tag*, and the face for it."""
        emotion = settle(tag, self._read(text))
        return emotion, expression(self._felt, emotion)

    async def read_better(self, text: str, tag: Label | None) -> Expression:
        """The face for such a line, read again with more care."""
        return expression(self._felt, settle(tag, await self._feelings.refine(text)))

    def ease(self, line: int | None, before: Expression, face: Expression) -> None:
        """The face of *line* (None: of one who listens) was sent as *before*; move it over if anybody would notice."""
        if before.label != face.label or abs(before.strength - face.strength) >= NOTICEABLE:
            strength = round(face.strength, 3)
            self._send(wire.Feeling(turn=self._turn, line=line, emotion=face.label, strength=strength))

    def _read(self, text: str) -> Emotion:
        with self._bill.cpu("emotion"):
            return self._feelings.read(text)

"""Speaks into the caches: lines that will be said anyway are rendered before anybody waits for them."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from backend.accounts import Account, Accounts
from backend.engines import build, close, models, prepare
from backend.rendering import Piece
from backend.rooms import Engines, Request
from backend.session import OUT_OF_BUDGET
from backend.settings import Settings
from backend.speaking import Style
from backend.speaking.wording import Wording
from backend.thinking.offline import LOST
from backend.thinking.smalltalk import every_reply
from backend.turn import APOLOGY, Turn
from backend.wire import Audio, PlacedWord, Sent, Source


@dataclass(slots=True)
class _Nobody:
    """An outlet that only counts: always ready for more."""

    lines: int = 0
    seconds: float = 0.0
    _lengths: dict[int, float] = field(default_factory=dict)

    def send(self, message: Sent | Audio) -> None:
        """Nobody listens."""

    def begun(self, line: int, wording: Wording) -> None:
        """One line more."""
        self.lines += 1

    def grew(self, line: int, piece: Piece, words: Sequence[PlacedWord] = ()) -> None:
        """So long so far."""
        if piece.last and piece.pcm:
            self.seconds += piece.seconds

    def thought(self, sources: list[Source]) -> None:
        """Nobody waits for it."""

    async def room(self) -> None:
        """There is always room."""

    def ahead(self) -> float:
        """As at the beginning of an answer, so that lines are cut where they will be."""
        return 0.0


async def warm_up(settings: Settings, questions: list[str]) -> tuple[int, float]:
    """Render what will be said anyway, answer *questions* once; (lines, seconds of speech) that are ready."""
    accounts = Accounts(settings)
    engines = build(settings, accounts.cache if accounts.caching else None)
    accounts.meet(lambda: models(engines), engines.base.embedder)
    heard = _Nobody()
    try:
        settings.data.mkdir(parents=True, exist_ok=True)
        if engines.base.learn is not None and engines.base.sources:
            await engines.base.learn(engines.base.sources)
        await prepare(engines)
        account = accounts.open("warming")
        greeting = settings.greeting.replace("{name}", settings.name)
        for text in filter(None, (greeting, APOLOGY, OUT_OF_BUDGET, LOST, *every_reply())):
            await _say(Request(0, "greeting", "", style=Style(settings.language), canned=text), engines, account, heard)
        for question in questions:
            style, most = Style(settings.language), settings.max_tokens
            await _say(Request(0, "typed", question, style=style, max_tokens=most), engines, account, heard)
    finally:
        await accounts.close()
        await close(engines)
    return heard.lines, heard.seconds


async def _say(request: Request, engines: Engines, account: Account, heard: _Nobody) -> None:
    await Turn(request, engines.rooms(lambda step: None), heard, desk=account.desk()).run()

"""Is it alive, is it ready, and what is it like inside? For probes as JSON, for people as a page."""

import time
from dataclasses import dataclass
from typing import Literal

from fastapi import APIRouter, Request
from starlette.responses import HTMLResponse, JSONResponse, Response

from backend.fallback import EngineState
from backend.serving.metrics import chains
from backend.serving.pages import templates

router = APIRouter()

Word = Literal["good", "fair", "bad"]
ROOMS = {"mind": "Answers", "voice": "Voice"}
WORDS = {"closed": "works", "half-open": "is being tried again", "open": "is set aside"}


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the page."""

    what: str
    word: Word
    says: str
    more: str = ""


@router.get("/health/live")
async def live() -> dict[str, str]:
    """The process answers."""
    return {"status": "alive"}


@router.get("/health/ready")
async def ready(request: Request) -> JSONResponse:
    """Whether it takes new conversations, and each engine's state.

    An engine that is away is no reason to send people elsewhere: there is always the offline mind, and captions. So
    this is 503 only while the server is stopping.
    """
    state = request.app.state
    leaving = state.draining.begun
    body = {
        "status": "leaving" if leaving else "ready",
        "conversations": len(state.sessions),
        "engines": {
            room: [
                {"name": one.name, "state": one.state, "failures": one.failures, "retry_in": round(one.retry_in, 1)}
                for one in states
            ]
            for room, states in chains(state.engines)
        },
        "records": _records(request).says,
        "caches_away": state.accounts.cache.away(),
    }
    return JSONResponse(body, 503 if leaving else 200, {"cache-control": "no-store"})


@router.get("/status", response_class=HTMLResponse)
async def status(request: Request) -> Response:
    """The same for a person, in plain words."""
    state = request.app.state
    rooms = [(ROOMS[room], _engines(states)) for room, states in chains(state.engines)]
    rest = [_records(request), *_caches(request)]
    rows = [row for _, rows in rooms for row in rows[:1]] + rest
    # What matters to a person is who serves now: the first of each room, and what is kept.
    overall: Word = "good" if all(row.word == "good" for row in rows) else "fair"
    context = {
        "name": state.settings.name,
        "overall": overall,
        "rooms": rooms,
        "rest": rest,
        "talking": state.sessions.connected,
        "most": state.settings.sessions,
        "since": _span(time.monotonic() - state.started),
        "turns": state.accounts.totals.turns,
        "leaving": state.draining.begun,
    }
    response = templates.TemplateResponse(request, "status.html", context)
    response.headers["cache-control"] = "no-store"
    return response


def _engines(states: list[EngineState]) -> list[Row]:
    serving = next((one.name for one in states if one.state == "closed"), None)
    rows = []
    for one in states:
        says = WORDS[one.state]
        if one.state == "open":
            says += f", tried again in {max(1, round(one.retry_in))} s"
        elif one.name == serving:
            says += ", serves now"
        else:
            says += ", stands by" if one.state == "closed" else ""
        word: Word = "good" if one.state == "closed" else "fair" if serving else "bad"
        rows.append(Row(one.name, word, says, one.reason))
    return rows


def _records(request: Request) -> Row:
    accounts, settings = request.app.state.accounts, request.app.state.settings
    if not settings.keep:
        return Row("Conversations", "good", "are not kept, as set")
    if accounts.keeper is None:
        return Row("Conversations", "fair", "wait for their database", "Nothing is lost meanwhile.")
    if accounts.writer.lost:
        return Row("Conversations", "fair", f"are kept again; {accounts.writer.lost} turns were lost")
    return Row("Conversations", "good", "are kept")


def _caches(request: Request) -> list[Row]:
    away = request.app.state.accounts.cache.away()
    if not away:
        return [Row("Caches", "good", "work")]
    return [Row(f"Cache: {name}", "fair", "is left alone for a while", "The others go on.") for name in away]


def _span(seconds: float) -> str:
    for size, name in ((86_400, "day"), (3_600, "hour"), (60, "minute")):
        if seconds >= size:
            count = int(seconds // size)
            return f"{count} {name}{'s' if count > 1 else ''}"
    return "less than a minute"

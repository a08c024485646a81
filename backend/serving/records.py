"""What is kept of a person, in their hands: to take along as JSON, and to have forgotten."""

from fastapi import APIRouter, HTTPException, Request
from starlette.responses import StreamingResponse

from backend.keeping import Keeper, KeepingError
from backend.serving.identity import person_of

router = APIRouter(prefix="/me")


def _keeper(request: Request) -> Keeper:
    keeper: Keeper | None = request.app.state.accounts.keeper
    if keeper is None:
        raise HTTPException(503, "The records are not open. Please try again in a moment.")
    return keeper


@router.get("/export")
async def export(request: Request) -> StreamingResponse:
    """All conversations of the person who asks, with their costs and feedback, as one JSON document."""
    pieces = _keeper(request).export(person_of(request).name)
    headers = {"content-disposition": 'attachment; filename="visavis-conversations.json"', "cache-control": "no-store"}
    return StreamingResponse(pieces, media_type="application/json", headers=headers)


@router.post("/forget")
async def forget(request: Request) -> dict[str, int]:
    """Delete all that is kept of the person who asks; tells how many conversations that were."""
    try:
        return {"forgotten": await _keeper(request).forget(person_of(request).name)}
    except KeepingError as error:
        raise HTTPException(503, error.reason) from None

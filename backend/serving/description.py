"""The description of the HTTP interface, for whoever may see everything here; there is no page around it.

FastAPI's own pages for it load scripts from elsewhere, which the content security policy forbids.
"""

from typing import Any

from fastapi import APIRouter, HTTPException, Request

from backend.serving.identity import person_of

router = APIRouter()

RESPONSES: dict[int | str, dict[str, Any]] = {
    401: {"description": "The server does not know who asks."},
    403: {"description": "A foreign page asked, or somebody else's name was used."},
    503: {"description": "Not yet, or not any more: what is needed for this is not there."},
}
"""What every route may answer."""


@router.get("/openapi.json", include_in_schema=False)
async def description(request: Request) -> dict[str, Any]:
    """OpenAPI; for the person at the machine and for admins. Others are told that there is nothing."""
    if not request.app.state.identity.may_see_everyone(person_of(request)):
        raise HTTPException(404)
    found: dict[str, Any] = request.app.openapi()
    return found

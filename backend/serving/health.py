"""Is it alive, and is it ready?"""

from fastapi import APIRouter, Request

router = APIRouter(prefix="/health")


@router.get("/live")
async def live() -> dict[str, str]:
    """The process answers."""
    return {"status": "alive"}


@router.get("/ready")
async def ready(request: Request) -> dict[str, object]:
    """It can hold conversations; there is always a mind and captions, so it is ready once it has started."""
    return {"status": "ready", "conversations": len(request.app.state.sessions)}

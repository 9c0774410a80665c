"""`/api/requests/{id}/events`: what happens to a request, live, without gaps."""

from uuid import UUID

from fastapi import APIRouter
from sse_starlette import EventSourceResponse

from services.api.dependencies import CurrentCaller, allowed
from services.api.streaming import IN_DOCUMENT, After, LastEventId, follow_subject
from services.shared.domain.provisioning import reading
from services.shared.web.principal import Permission

router = APIRouter(prefix="/api/requests", tags=["requests"])


@router.get(
    "/{request_id}/events",
    dependencies=[allowed(Permission.REQUESTS_READ)],
    response_class=EventSourceResponse,
    responses=IN_DOCUMENT,
)
async def stream_events(
    request_id: UUID, caller: CurrentCaller, after: After = None, last_event_id: LastEventId = None
) -> EventSourceResponse:
    """Server-sent events. The first, `sync`, says where the stream starts; later ones say what changed."""
    async with caller.unit() as uow:
        await reading.check_request(uow, request_id)
    return await follow_subject(caller, request_id, {"request_id": str(request_id)}, after, last_event_id)

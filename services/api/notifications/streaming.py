"""`/api/ms365/events`: what happens to a tenant's subscriptions and notifications, live, without gaps."""

from fastapi import APIRouter
from sse_starlette import EventSourceResponse

from services.api.dependencies import CurrentCaller, allowed
from services.api.streaming import IN_DOCUMENT, After, LastEventId, follow_subject
from services.shared.domain.notification.telling import feed_of
from services.shared.web.principal import Permission

router = APIRouter(prefix="/api/ms365", tags=["ms365"])


@router.get(
    "/events",
    dependencies=[allowed(Permission.NOTIFICATIONS_READ)],
    response_class=EventSourceResponse,
    responses=IN_DOCUMENT,
)
async def stream_notifications(
    caller: CurrentCaller, after: After = None, last_event_id: LastEventId = None
) -> EventSourceResponse:
    """Server-sent events about this tenant's notifications. The first, `sync`, says where the stream starts.

    `notification.arrived` (how many), `notification.changed`, `subscription.changed`, `subscription.problem`,
    `subscription.recovered` and `gap.changed`. Nothing of a mail is in them.
    """
    tenant_id = caller.principal.tenant_id
    return await follow_subject(
        caller, feed_of(tenant_id), {"tenant_id": str(tenant_id)}, after, last_event_id
    )

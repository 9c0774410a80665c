"""`/api/overview`: the first thing that people see."""

from datetime import UTC, datetime, timedelta

from fastapi import APIRouter

from services.api.dependencies import Unit, allowed
from services.api.overview.schemas import OverviewRead
from services.api.requests.mapping import summary_read
from services.shared.domain.provisioning import reading
from services.shared.kit.pagination import PageQuery
from services.shared.web.principal import Permission

router = APIRouter(prefix="/api/overview", tags=["overview"])
WAITING = 20
RECENT = PageQuery(limit=10)


@router.get("", dependencies=[allowed(Permission.REQUESTS_READ)])
async def get_overview(uow: Unit) -> OverviewRead:
    """Requests of today and of this week by state, what waits, and the latest. Days are UTC's."""
    midnight = datetime.now(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    monday = midnight - timedelta(days=midnight.weekday())
    waiting = await reading.list_waiting(uow, midnight - timedelta(days=7), WAITING)
    recent = await reading.list_requests(uow, RECENT)
    return OverviewRead.model_validate(
        {
            "today": await reading.count_by_state(uow, midnight),
            "week": await reading.count_by_state(uow, monday),
            "waiting": [summary_read(item) for item in waiting],
            "recent": [summary_read(item) for item in recent.items],
        }
    )

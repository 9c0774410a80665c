"""`/api/overview`: the first thing that people see."""

from datetime import UTC, datetime, timedelta

from fastapi import APIRouter

from services.api.dependencies import Unit, allowed
from services.api.overview.schemas import AlertRead, OverviewRead, TasksOfRead, WaitsRead
from services.api.requests.mapping import summary_read
from services.api.requests.schemas import PersonRead
from services.shared.domain.connection.following import list_trouble
from services.shared.domain.connection.models import ConnectionState
from services.shared.domain.provisioning import reading
from services.shared.domain.provisioning.waiting_for import Waits, count_waits
from services.shared.kit.pagination import PageQuery
from services.shared.web.principal import Permission

router = APIRouter(prefix="/api/overview", tags=["overview"])
WAITING = 20
RECENT = PageQuery(limit=10)


@router.get("", dependencies=[allowed(Permission.REQUESTS_READ)])
async def get_overview(uow: Unit) -> OverviewRead:
    """Requests of today and of this week by state, what waits, what is wrong, and the latest. Days are UTC's."""
    midnight = datetime.now(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    monday = midnight - timedelta(days=midnight.weekday())
    waiting = await reading.list_waiting(uow, midnight - timedelta(days=7), WAITING)
    recent = await reading.list_requests(uow, RECENT)
    return OverviewRead.model_validate(
        {
            "alerts": [_alert_read(row) for row in await list_trouble(uow)],
            "today": await reading.count_by_state(uow, midnight),
            "week": await reading.count_by_state(uow, monday),
            "waiting": [summary_read(item) for item in waiting],
            "waiting_for": _waits_read(await count_waits(uow)),
            "recent": [summary_read(item) for item in recent.items],
        }
    )


def _alert_read(row: ConnectionState) -> AlertRead:
    return AlertRead(
        connection_id=row.connection_id,
        vendor=row.vendor,
        title=row.title,
        state=row.state,
        reason=row.reason,
        remedy=row.remedy,
        since=row.since,
    )


def _waits_read(waits: Waits) -> WaitsRead:
    return WaitsRead(
        mine=waits.mine,
        tasks=[
            TasksOfRead(
                assignee=PersonRead(id=item.id, name=item.name or item.id) if item.id else None,
                tasks=item.tasks,
            )
            for item in waits.tasks
        ],
        invitations=waits.invitations,
    )

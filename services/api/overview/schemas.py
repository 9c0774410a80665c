"""The overview on the wire."""

from datetime import datetime
from uuid import UUID

from services.api.requests.schemas import PersonRead, RequestSummary
from services.api.wire import Read
from services.shared.domain.provisioning.states import RequestState


class TasksOfRead(Read):
    """How many tasks wait for one of us; nobody's in particular where `assignee` is null."""

    assignee: PersonRead | None
    tasks: int


class WaitsRead(Read):
    """What waits for whom: tasks for operators (`mine` are the caller's) and invitations for invited people."""

    mine: int
    tasks: list[TasksOfRead]
    invitations: int


class AlertRead(Read):
    """A connected account that somebody should look at. `since` is when it began."""

    connection_id: UUID
    vendor: str
    title: str
    state: str
    reason: str | None
    remedy: str | None
    since: datetime


class OverviewRead(Read):
    alerts: list[AlertRead]
    today: dict[RequestState, int]
    week: dict[RequestState, int]
    waiting: list[RequestSummary]
    waiting_for: WaitsRead
    recent: list[RequestSummary]

"""The overview on the wire."""

from services.api.requests.schemas import RequestSummary
from services.api.wire import Read
from services.shared.domain.provisioning.states import RequestState


class OverviewRead(Read):
    today: dict[RequestState, int]
    week: dict[RequestState, int]
    waiting: list[RequestSummary]
    recent: list[RequestSummary]

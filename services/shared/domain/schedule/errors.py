"""What can be wrong with what people want of a schedule."""

from services.shared.kit.errors import DomainError, NotFound


class ScheduleNotFound(NotFound):
    code = "schedule_not_found"


class ScheduleStarted(DomainError):
    """It runs already. `extra["request_id"]` is its request, where there is one."""

    code = "schedule_started"


class ScheduleEnded(DomainError):
    code = "schedule_ended"

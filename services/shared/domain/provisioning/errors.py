"""What can be wrong with a wish."""

from services.shared.kit.errors import DomainError, Kind, NotFound


class RequestNotFound(NotFound):
    code = "request_not_found"


class PlanNotFound(NotFound):
    code = "plan_not_found"


class ResultNotFound(NotFound):
    code = "result_not_found"


class ActionNotFound(NotFound):
    code = "action_not_found"


class PlanUsed(DomainError):
    code = "plan_used"


class PlanExpired(DomainError):
    code = "plan_expired"


class PlanNotReady(DomainError):
    code = "plan_not_ready"


class DecisionNeeded(DomainError):
    code = "needs_decision"


class PlanStaleNow(DomainError):
    """The vendor's state changed since the plan was made. `extra["plan"]` holds the new one."""

    code = "plan_stale"


class RequestRunning(DomainError):
    code = "request_running"


class NothingToRetry(DomainError):
    code = "nothing_to_retry"


class RequestEnded(DomainError):
    kind = Kind.CONFLICT
    code = "request_ended"


class NotAwaitingAcceptance(DomainError):
    code = "not_awaiting_acceptance"


class NotAwaitingPerson(DomainError):
    code = "not_awaiting_person"

"""Our own doing: a call that was not made, because its turn does not come soon."""

from services.shared.sdk.errors import ErrorCode, Transient


class Throttled(Transient):
    """Nothing was sent. The job is put off, which counts as no try.

    Attributes:
        delay: seconds after which the job should come again.
        closed: seconds for which no other job of this tenant and vendor need begin.
        enough: how many jobs at once surely use the limit to the full, where it seems that more run; else None.
    """

    def __init__(self, message: str, *, delay: float, closed: float = 0.0, enough: int | None = None) -> None:
        super().__init__(message, code=ErrorCode.RATE_LIMITED, retry_after=delay)
        self.delay = delay
        self.closed = closed
        self.enough = enough

"""Our own doing: a call that was not made, because its turn does not come soon."""

from services.shared.sdk.errors import ErrorCode, Transient


class Throttled(Transient):
    """Nothing was sent. The job is put off, which counts as no try.

    Attributes:
        delay: seconds after which the job should come again.
        closed: seconds for which no other job of this tenant and vendor need begin.
        crowded: whether more jobs run at once than the vendor's limits have room for.
    """

    def __init__(self, message: str, *, delay: float, closed: float = 0.0, crowded: bool = False) -> None:
        super().__init__(message, code=ErrorCode.RATE_LIMITED, retry_after=delay)
        self.delay = delay
        self.closed = closed
        self.crowded = crowded

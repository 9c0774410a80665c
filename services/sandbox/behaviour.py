"""The body of `PUT /control/{vendor}/settings`: how a twin behaves when nothing is broken on purpose."""

from __future__ import annotations

import random
from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from services.sandbox.faults.models import FaultCreate, FaultKind, check_retry_after

Seconds = Annotated[float, Field(ge=0)]


class Behaviour(BaseModel):
    """Each vendor reads what concerns it; a member that a vendor does not know has no effect there."""

    model_config = ConfigDict(extra="forbid", validate_assignment=True)

    latency_ms: Annotated[float, Field(ge=0)] = 0
    latency_jitter_ms: Annotated[float, Field(ge=0)] = 0
    token_lifetime_seconds: Annotated[float, Field(gt=0)] = 3599

    settle_seconds: Seconds = 0
    """How long a new account answers writes with the vendor's "not ready yet"."""
    settle_reads: bool = False
    """Whether reads of a new account by its id also answer 404 while settling."""
    settle_lists: bool = False
    """Whether lists and filters leave a new account out while settling."""
    rename_settle_seconds: Seconds = 0
    """Google: how long writes answer 409 after the primary address changed."""
    usage_location_race_seconds: Seconds = 0
    """Microsoft: how long assignLicense ignores a usageLocation that was just patched."""
    delete_status: Literal[200, 204] = 204
    """Google: the guide says 200, the wire says 204."""

    modes: dict[str, str] = {}
    """Switches that only one vendor has, by its own words, e.g. ClickUp's `{"plan": "business"}`."""

    rate_limit_per_second: Annotated[float, Field(gt=0)] | None = None
    rate_limit_burst: Annotated[float, Field(ge=1)] | None = None
    rate_limit_form: str | None = None
    rate_limit_retry_after: Annotated[int | float | str | None, AfterValidator(check_retry_after)] = None

    def next_latency(self) -> float:
        """Return the seconds that the next reply waits."""
        if not self.latency_ms and not self.latency_jitter_ms:
            return 0.0
        return (self.latency_ms + random.uniform(0, self.latency_jitter_ms)) / 1000  # noqa: S311 - not a secret

    def rate_limit_fault(self) -> FaultCreate:
        return FaultCreate(
            kind=FaultKind.RATE_LIMIT,
            vendor_form=self.rate_limit_form,
            retry_after=self.rate_limit_retry_after,
        )

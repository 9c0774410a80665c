"""The armed faults of one vendor."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import Any

from services.sandbox.faults.models import FaultCreate, FaultKind
from services.sandbox.wire.call import Call, Headers

_NEEDS_A_WRITE = frozenset({FaultKind.COMMIT_THEN_DROP, FaultKind.COMMIT_THEN_STATUS})


@dataclass(slots=True)
class ArmedFault:
    id: int
    spec: FaultCreate
    left: int | None
    skip: int
    hits: int = 0
    _path: re.Pattern[str] | None = field(default=None, init=False)

    def __post_init__(self) -> None:
        if self.spec.match.path_regex:
            self._path = re.compile(self.spec.match.path_regex)

    def fits(self, call: Call, *, is_token_call: bool) -> bool:
        match = self.spec.match
        if match.method and match.method.upper() != call.method:
            return False
        if match.tenant and match.tenant != call.tenant:
            return False
        if self._path is not None:
            return self._path.search(call.path) is not None
        # A fault that names no path is about the API: hitting sign-in with it would surprise.
        return not is_token_call

    def consume(self) -> None:
        self.hits += 1
        if self.left is not None:
            self.left -= 1

    def as_json(self) -> dict[str, Any]:
        return {
            "id": self.id,
            **self.spec.model_dump(mode="json", exclude_none=True),
            "left": self.left,
            "hits": self.hits,
        }


class FaultBox:
    def __init__(self) -> None:
        self._armed: list[ArmedFault] = []
        self._next_id = 1

    def arm(self, spec: FaultCreate) -> ArmedFault:
        fault = ArmedFault(self._next_id, spec, spec.times, spec.skip)
        self._next_id += 1
        self._armed.append(fault)
        return fault

    def find(self, call: Call, *, is_token_call: bool, takes_a_seat: bool) -> ArmedFault | None:
        """Return the first armed fault that fits this call; `skip` is counted down here."""
        if not self._armed:
            return None
        for fault in self._armed:
            kind = fault.spec.kind
            if (
                fault.left == 0
                or (kind in _NEEDS_A_WRITE and not call.is_write)
                or (kind is FaultKind.NO_SEATS and not takes_a_seat)
                or not fault.fits(call, is_token_call=is_token_call)
            ):
                continue
            if fault.skip > 0:
                fault.skip -= 1
                continue
            return fault
        return None

    def list_faults(self) -> list[dict[str, Any]]:
        return [fault.as_json() for fault in self._armed]

    def clear(self) -> None:
        self._armed.clear()


def retry_after_headers(value: float | str | None) -> Headers:
    """Return the `Retry-After` header in the asked form: seconds, fractional seconds, HTTP date, or none."""
    if value is None:
        return ()
    if isinstance(value, str):
        moment = datetime.now(UTC) + timedelta(seconds=int(value.removeprefix("http-date:")))
        return (("retry-after", format_datetime(moment, usegmt=True)),)
    return (("retry-after", str(value)),)

"""What took effect, in order: the witness that a retry did not act twice."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from typing import Any

from services.sandbox.wire.call import Call


@dataclass(slots=True)
class Effect:
    """One write that took effect. `keys` are every name the touched account answers to."""

    seq: int
    at: str
    tenant: str
    kind: str
    object: str
    method: str
    path: str
    request_id: str
    detail: dict[str, Any]
    keys: frozenset[str] = field(default=frozenset(), repr=False)

    def as_json(self) -> dict[str, Any]:
        body = asdict(self)
        body["keys"] = sorted(self.keys)
        return body


class Ledger:
    def __init__(self) -> None:
        self._effects: list[Effect] = []

    def __len__(self) -> int:
        return len(self._effects)

    def since(self, count: int) -> list[Effect]:
        """What came after the first `count`."""
        return self._effects[count:]

    def record(
        self,
        call: Call,
        *,
        tenant: str,
        kind: str,
        object: str,
        keys: Iterable[str],
        detail: dict[str, Any] | None = None,
    ) -> None:
        """Append one effect; `kind` is `noun.verb`, `detail` holds no secret."""
        self._effects.append(
            Effect(
                seq=len(self._effects) + 1,
                at=datetime.now(UTC).isoformat(),
                tenant=tenant,
                kind=kind,
                object=object,
                method=call.method,
                path=call.path,
                request_id=call.request_id,
                detail=detail or {},
                keys=frozenset(key.lower() for key in keys),
            )
        )

    def list_effects(
        self, *, user: str | None = None, tenant: str | None = None, kind: str | None = None
    ) -> list[dict[str, Any]]:
        wanted = user.lower() if user else None
        return [
            effect.as_json()
            for effect in self._effects
            if (wanted is None or wanted in effect.keys)
            and (tenant is None or effect.tenant == tenant)
            and (kind is None or effect.kind == kind)
        ]

    def clear(self) -> None:
        self._effects.clear()

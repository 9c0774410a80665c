"""Every request that reached a twin, bounded, without credentials or bodies."""

from __future__ import annotations

from collections import Counter, deque
from datetime import UTC, datetime
from typing import Any

from services.sandbox.wire.call import Call

_KEPT = 20_000
_HIDDEN = frozenset({"authorization", "cookie", "proxy-authorization"})


class RequestLog:
    def __init__(self) -> None:
        self._entries: deque[tuple[int, Call, int | None, float, str | None]] = deque(maxlen=_KEPT)
        self._seq = 0
        self.statuses: Counter[str] = Counter()

    def add(self, call: Call, status: int | None, ms: float, fault: str | None) -> None:
        """`status` is None when the connection was reset without a reply."""
        self._seq += 1
        call.body = b""  # a body may hold a first password, and thousands of them would only cost memory
        self._entries.append((self._seq, call, status, ms, fault))
        self.statuses[str(status) if status is not None else "reset"] += 1

    def list_requests(
        self, *, after: int = 0, method: str | None = None, path: str | None = None
    ) -> list[dict[str, Any]]:
        return [
            self._as_json(seq, call, status, ms, fault)
            for seq, call, status, ms, fault in self._entries
            if seq > after
            and (method is None or call.method == method)
            and (path is None or path in call.path)
        ]

    def clear(self) -> None:
        self._entries.clear()
        self.statuses.clear()

    @staticmethod
    def _as_json(seq: int, call: Call, status: int | None, ms: float, fault: str | None) -> dict[str, Any]:
        return {
            "seq": seq,
            "at": datetime.fromtimestamp(call.at, UTC).isoformat(),
            "method": call.method,
            "path": call.path,
            "query": [list(pair) for pair in call.query if pair[0] != "access_token"],
            "status": status,
            "tenant": call.tenant,
            "headers": {name: value for name, value in call.headers.items() if name not in _HIDDEN},
            "ms": round(ms, 3),
            "fault": fault,
            "request_id": call.request_id,
        }

"""What a replica remembers for a few seconds, so that a busy worker does not reach the database."""

import time
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from services.auth.connection.models import Method, Vendor
from services.auth.vault.secret import Secret

MAX_ENTRIES = 10_000


@dataclass(frozen=True, slots=True)
class LiveToken:
    """An access token and what a caller may know about it."""

    token: Secret
    tenant_id: UUID
    connection_id: UUID
    vendor: Vendor
    method: Method
    credential: str
    settings: Mapping[str, Any]
    minted_at: datetime
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which token: of a tenant's connection to a vendor, or of a connection. Hashable."""

    tenant_id: UUID | None
    vendor: Vendor | None
    connection_id: UUID | None
    credential: str = "default"


@dataclass(frozen=True, slots=True)
class _Kept:
    token: LiveToken
    until: float


class TokenCache:
    """Entries live for seconds, so that a disconnect or a new secret is felt at once everywhere."""

    def __init__(self) -> None:
        self._kept: dict[Wanted, _Kept] = {}

    def find(self, wanted: Wanted) -> LiveToken | None:
        """The token, if it is still kept."""
        kept = self._kept.get(wanted)
        if kept is None:
            return None
        if time.monotonic() >= kept.until:
            del self._kept[wanted]
            return None
        return kept.token

    def put(self, wanted: Wanted, token: LiveToken, seconds: float) -> None:
        """Keep it for so long."""
        if seconds <= 0:
            self._kept.pop(wanted, None)
            return
        if len(self._kept) >= MAX_ENTRIES:
            self._kept.clear()
        self._kept[wanted] = _Kept(token, time.monotonic() + seconds)

    def forget(self, wanted: Wanted) -> None:
        """Drop it."""
        self._kept.pop(wanted, None)

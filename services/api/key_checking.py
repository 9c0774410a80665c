"""Who calls with an API key: asked of the auth service, kept for a few seconds."""

import asyncio
import re
import time
from collections import OrderedDict
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256
from typing import ClassVar
from uuid import UUID
from weakref import WeakValueDictionary

import httpx
from pydantic import BaseModel

from services.api.auth_client import AuthAway, AuthClient, read_answer
from services.api.metrics import API_KEY_LOOKUPS, CALLS_REFUSED
from services.shared.kit.actors import Actor, ActorKind
from services.shared.kit.errors import TooMany, Unauthenticated
from services.shared.kit.throttle import Throttle
from services.shared.web.principal import Permission, Principal

MOST_KEPT = 10_000
_FORM = re.compile(r"oc_[0-9a-f]{32}_[A-Za-z0-9_-]{43}")
_WORDS = {
    "expired": "This API key has expired. Make a new one.",
    "revoked": "This API key was revoked. Make a new one.",
}
_UNKNOWN = "This API key is not valid."


class ApiKeyRefused(Unauthenticated):
    code: ClassVar[str] = "api_key_refused"


class _Verdict(BaseModel):
    """As the auth service says it."""

    accepted: bool
    reason: str | None = None
    key_id: UUID | None = None
    name: str | None = None
    tenant_id: UUID | None = None
    tenant_slug: str | None = None
    tenant_name: str | None = None
    scopes: list[str] = []
    calls_per_minute: int | None = None
    expires_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class KnownKey:
    """A key that may act, as whom, and how often."""

    principal: Principal
    calls_per_minute: int
    expires_at: datetime | None


@dataclass(frozen=True, slots=True)
class _Kept:
    at: float
    found: KnownKey | str


class KeyChecker:
    """Asks at most once at a time per key; an answer, a refusal too, holds for `keep_seconds`."""

    def __init__(self, auth: AuthClient, throttle: Throttle, *, keep_seconds: float) -> None:
        self._auth = auth
        self._throttle = throttle
        self._keep_seconds = keep_seconds
        self._kept: OrderedDict[bytes, _Kept] = OrderedDict()
        self._locks: WeakValueDictionary[bytes, asyncio.Lock] = WeakValueDictionary()

    async def admit(self, key: str) -> Principal:
        """Whom a call with this key acts as. The call is counted.

        Raises:
            ApiKeyRefused: unknown, revoked or expired.
            TooMany: more calls than the key may make.
            AuthAway: it cannot be checked now.
        """
        known = await self._known(key)
        name = f"key:{known.principal.actor.id}"
        wait = await self._throttle.take(name, known.calls_per_minute)
        if wait:
            CALLS_REFUSED.labels("api_key_rate").inc()
            raise TooMany(
                f"This API key may make {known.calls_per_minute} calls a minute. Try again later.",
                retry_after=wait,
            )
        return known.principal

    async def still(self, key: str) -> bool:
        """Whether it may go on: what an open stream asks. Nobody who can be asked means no."""
        try:
            await self._known(key)
        except (ApiKeyRefused, AuthAway):
            return False
        return True

    def forget(self, key_id: UUID) -> None:
        """Ask anew at its next call: it was revoked here. Other replicas hear of it when their answer is too old."""
        for name, kept in list(self._kept.items()):
            if isinstance(kept.found, KnownKey) and kept.found.principal.actor.id == str(key_id):
                del self._kept[name]

    async def _known(self, key: str) -> KnownKey:
        if _FORM.fullmatch(key) is None:
            API_KEY_LOOKUPS.labels("malformed").inc()
            raise ApiKeyRefused(_UNKNOWN)
        # Never the key itself: nothing that looks through this process's memory finds more than its hash here.
        name = sha256(key.encode()).digest()
        found = self._find(name)
        if found is None:
            lock = self._locks.get(name)
            if lock is None:
                lock = self._locks[name] = asyncio.Lock()
            async with lock:
                # Whoever held the lock may have asked already.
                found = self._find(name) or await self._ask(name, key)
        else:
            API_KEY_LOOKUPS.labels("kept").inc()
        if isinstance(found, str):
            raise ApiKeyRefused(_WORDS.get(found, _UNKNOWN))
        if found.expires_at is not None and found.expires_at <= datetime.now(UTC):
            raise ApiKeyRefused(_WORDS["expired"])
        return found

    def _find(self, name: bytes) -> KnownKey | str | None:
        kept = self._kept.get(name)
        if kept is None or time.monotonic() - kept.at > self._keep_seconds:
            return None
        return kept.found

    async def _ask(self, name: bytes, key: str) -> KnownKey | str:
        asked_at = time.monotonic()
        answer = await self._auth.call("POST", "/auth/internal/api-keys/check", json={"key": key})
        if answer.status_code == httpx.codes.UNPROCESSABLE_ENTITY:
            found: KnownKey | str = "unknown"
        else:
            found = _known(read_answer(_Verdict, answer))
        API_KEY_LOOKUPS.labels("refused" if isinstance(found, str) else "asked").inc()
        self._kept[name] = _Kept(asked_at, found)
        self._kept.move_to_end(name)
        while len(self._kept) > MOST_KEPT:
            self._kept.popitem(last=False)
        return found


def _known(said: _Verdict) -> KnownKey | str:
    if not said.accepted or said.key_id is None or said.tenant_id is None or not said.calls_per_minute:
        return said.reason or "unknown"
    # A scope that this release does not know grants nothing.
    scopes = frozenset(Permission(scope) for scope in said.scopes if scope in set(Permission))
    principal = Principal(
        actor=Actor(ActorKind.API_KEY, str(said.key_id), said.name or ""),
        tenant_id=said.tenant_id,
        tenant_slug=said.tenant_slug or "",
        tenant_name=said.tenant_name or "",
        role=None,
        email="",
        session_id=f"api_key:{said.key_id}",
        scopes=scopes,
    )
    return KnownKey(principal, said.calls_per_minute, said.expires_at)

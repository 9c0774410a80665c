"""Internal tokens per session, kept for a few seconds, and the streams that hang on each session."""

import asyncio
import time
from collections import OrderedDict
from dataclasses import dataclass
from typing import ClassVar
from uuid import UUID
from weakref import WeakValueDictionary

from pydantic import SecretStr

from bff.auth_client import AuthClient, LiveSession, SessionEnded
from bff.metrics import SESSION_LOOKUPS
from bff.session.cookie import session_key
from services.shared.kit.errors import DomainError, Kind

KEPT_SESSIONS = 10_000
PASSIVE_WAIT = 2.0
"""Seconds within which a stream must know whether its session lives."""
_SHARED_LOOK = 1.0
"""Streams of one session that look within the same second share the answer."""


@dataclass(slots=True)
class _Kept:
    live: LiveSession
    at: float
    passive: bool


class TooManyStreams(DomainError):
    kind: ClassVar[Kind] = Kind.CONFLICT
    code: ClassVar[str] = "too_many_streams"


class SessionKeeper:
    """Asks the auth service at most once at a time per session."""

    def __init__(self, auth: AuthClient, *, keep_seconds: float) -> None:
        self._auth = auth
        self._keep_seconds = keep_seconds
        self._kept: OrderedDict[str, _Kept] = OrderedDict()
        self._locks: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()
        self._streams: dict[str, set[asyncio.Event]] = {}

    async def live(self, token: SecretStr) -> LiveSession:
        """The session, as known for at most the configured seconds.

        Raises:
            SessionEnded: it may not act any more.
            AuthUnavailable: nobody knows now.
        """
        return await self._look(token, self._keep_seconds, passive=False)

    async def look_again(self, token: SecretStr) -> LiveSession:
        """The session as it is now, without keeping it from idling out. Raises as `live`, within two seconds."""
        return await self._look(token, _SHARED_LOOK, passive=True)

    async def change_tenant(self, token: SecretStr, tenant_id: UUID) -> None:
        """Go to another tenant; streams of the one before end at once. Raises as `AuthClient.change_tenant`."""
        async with self._lock(session_key(token)):
            await self._auth.change_tenant(token, tenant_id)
            self._drop(token)

    async def end(self, token: SecretStr) -> str | None:
        """End the session everywhere and its streams here at once; the identity provider's sign-out address.

        Raises:
            AuthUnavailable: it could not be ended; it lives on.
        """
        async with self._lock(session_key(token)):
            try:
                return await self._auth.end_session(token)
            finally:
                self._drop(token)

    def forget(self, token: SecretStr) -> None:
        """Ask anew at the next call."""
        self._kept.pop(session_key(token), None)

    def open_stream(self, token: SecretStr, at_most: int) -> asyncio.Event:
        """Count one more open stream of this session; the event says that it must end. `close_stream` gives it back.

        Raises:
            TooManyStreams: there are `at_most` already.
        """
        streams = self._streams.setdefault(session_key(token), set())
        if len(streams) >= at_most:
            raise TooManyStreams("Too many live pages are open in this browser. Close one.")
        cut = asyncio.Event()
        streams.add(cut)
        return cut

    def close_stream(self, token: SecretStr, cut: asyncio.Event) -> None:
        """It is over. Safe to repeat."""
        key = session_key(token)
        streams = self._streams.get(key, set())
        streams.discard(cut)
        if not streams:
            self._streams.pop(key, None)

    def _drop(self, token: SecretStr) -> None:
        self.forget(token)
        for cut in self._streams.get(session_key(token), ()):
            cut.set()

    def _lock(self, key: str) -> asyncio.Lock:
        lock = self._locks.get(key)
        if lock is None:
            lock = self._locks[key] = asyncio.Lock()
        return lock

    def _find(self, key: str, at_most: float, *, passive: bool) -> LiveSession | None:
        kept = self._kept.get(key)
        if kept is None or time.monotonic() - kept.at > at_most:
            return None
        # What a stream learned in passing must not stand in for a person's call: that one keeps the session alive.
        return kept.live if passive or not kept.passive else None

    async def _look(self, token: SecretStr, at_most: float, *, passive: bool) -> LiveSession:
        key = session_key(token)
        found = self._find(key, at_most, passive=passive)
        if found is None:
            async with self._lock(key):
                # Whoever held the lock may have asked already.
                found = self._find(key, at_most, passive=passive)
                if found is None:
                    return await self._ask(token, key, passive=passive)
        SESSION_LOOKUPS.labels("kept").inc()
        return found

    async def _ask(self, token: SecretStr, key: str, *, passive: bool) -> LiveSession:
        asked_at = time.monotonic()
        try:
            live = await self._auth.exchange(token, passive=passive, within=PASSIVE_WAIT if passive else None)
        except SessionEnded:
            SESSION_LOOKUPS.labels("ended").inc()
            self._kept.pop(key, None)
            raise
        SESSION_LOOKUPS.labels("asked").inc()
        self._kept[key] = _Kept(live, asked_at, passive)
        self._kept.move_to_end(key)
        while len(self._kept) > KEPT_SESSIONS:
            self._kept.popitem(last=False)
        return live

"""The token broker: a good access token for whoever may have one, and one vendor call however many ask.

Three steps, each cheaper than the next: what this replica remembers; what the database holds, sealed; the
vendor. Before the vendor is asked, the connection's row is locked and everything is looked at again, so that
fifty callers on any number of replicas make one call. The vendor's time is bounded below the time others wait
for the lock. This is the one place where a transaction is open during a vendor call: the lock is the single
flight (the attempt is committed before, so that a crash in between is seen).
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from sqlalchemy import func, select, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncSession

from services.auth.audit.recorder import Recorder, entry
from services.auth.connection.models import Connection, Status, Vendor
from services.auth.connection.service import ConnectionNotFound, find_by_vendor, find_tenant_of
from services.auth.connection.vendors import resolve_credential
from services.auth.grant.base import MintFailed
from services.auth.metrics import TOKEN_RELEASES
from services.auth.token.cache import LiveToken, TokenCache, Wanted
from services.auth.token.errors import VendorUnavailable
from services.auth.token.mint import Minter
from services.auth.token.refresh import record_failure, refresh, refusal
from services.auth.token.store import Look, StoredToken, look
from services.auth.vault.vault import Vault
from services.shared.kit.actors import service_actor
from services.shared.kit.db import Sessions
from services.shared.kit.errors import DomainError
from services.shared.kit.ids import uuid7
from services.shared.kit.logging import get_logger
from services.shared.kit.uow import enter_tenant

log = get_logger(__name__)
FORCE_GRACE = timedelta(seconds=5)
"""A token that is this young is not asked for again, however many callers say that the old one was refused."""
LOCK_GRACE_SECONDS = 4.0
MARK_GRACE = timedelta(seconds=2)
"""Between the mark of an attempt and the attempt itself lie milliseconds; a mark that is older was left by a crash."""
LOCK_NOT_AVAILABLE = "55P03"
_LOCK_TIMEOUT = text("SELECT set_config('lock_timeout', :milliseconds, true)")


@dataclass(frozen=True, slots=True)
class Limits:
    """From settings: seconds, and how many vendor calls (each holding a connection) at once."""

    vendor_timeout: float
    cache_seconds: float
    cool_down: float
    mints_at_once: int


class Broker:
    """Gives out access tokens. Every release is stored in the audit log before it leaves."""

    def __init__(
        self, sessions: Sessions, vault: Vault, minter: Minter, recorder: Recorder, limits: Limits
    ) -> None:
        self._sessions = sessions
        self._vault = vault
        self._minter = minter
        self._recorder = recorder
        self._limits = limits
        self._cache = TokenCache()
        self._flights: dict[Wanted, tuple[asyncio.Lock, int]] = {}
        self._mints = asyncio.Semaphore(limits.mints_at_once)

    async def release(self, wanted: Wanted, *, caller: str, purpose: str, force: bool = False) -> LiveToken:
        """A token that is good for a while. `force` says that the last one was refused by the vendor.

        Raises:
            ConnectionNotFound: there is none, or it is another tenant's.
            NeedsReauth, ConnectionUnusable: a person must act.
            VendorUnavailable, VaultUnavailable: later.
        """
        token, origin = None if force else self._cache.find(wanted), "memory"
        if token is None:
            token, origin = await self._fly(wanted, force=force)
        await self._recorder.record(
            entry(
                token.tenant_id,
                service_actor(caller),
                "token.released",
                ("connection", str(token.connection_id)),
                purpose=purpose,
            )
        )
        TOKEN_RELEASES.labels(token.vendor.value, origin).inc()
        return token

    async def renew(self, wanted: Wanted) -> bool:
        """A newer token of this connection, kept for whoever asks next; whether there is one. Nothing is released."""
        try:
            await self._fly(wanted, force=True)
        except DomainError as error:
            log.info("token_not_renewed", connection_id=str(wanted.connection_id), code=error.code)
            return False
        return True

    async def _fly(self, wanted: Wanted, *, force: bool) -> tuple[LiveToken, str]:
        async with self._flight(wanted):
            token = self._cache.find(wanted)
            if token is not None and not force:
                return token, "memory"
            stored, origin = await self._from_database(wanted, force=force)
            keep = min(self._limits.cache_seconds, max(stored.fresh_seconds, stored.usable_seconds / 2))
            self._cache.put(wanted, stored.live, keep)
            return stored.live, origin

    @asynccontextmanager
    async def _flight(self, wanted: Wanted) -> AsyncIterator[None]:
        """One at a time per token in this replica, so that waiters hold no database connection."""
        lock, users = self._flights.get(wanted, (asyncio.Lock(), 0))
        self._flights[wanted] = (lock, users + 1)
        try:
            async with lock:
                yield
        finally:
            lock, users = self._flights[wanted]
            if users == 1:
                del self._flights[wanted]
            else:
                self._flights[wanted] = (lock, users - 1)

    async def _from_database(self, wanted: Wanted, *, force: bool) -> tuple[StoredToken, str]:
        async with self._sessions.begin() as session:
            connection = await self._find(session, wanted, lock=False)
            stored = await self._decide(session, connection, wanted, force=force)
        if stored is not None:
            return stored, "database"
        async with self._mints:
            return await self._from_vendor(wanted, force=force)

    async def _from_vendor(self, wanted: Wanted, *, force: bool) -> tuple[StoredToken, str]:
        while True:
            async with self._locked(wanted) as (session, connection):
                stored = await self._decide(session, connection, wanted, force=force)
                if stored is not None:
                    return stored, "database"
                attempt = await self._mark(session, connection)
            found = await self._attempt(wanted, attempt, force=force)
            if found is not None:
                return found

    async def _mark(self, session: AsyncSession, connection: Connection) -> UUID:
        """Note that the vendor is about to be asked. A mark that nobody took away stays: it tells of a crash."""
        if connection.refresh_attempt_id is None:
            connection.refresh_attempt_id = uuid7()
            connection.refresh_started_at = (await session.scalars(select(func.clock_timestamp()))).one()
        return connection.refresh_attempt_id

    async def _attempt(self, wanted: Wanted, attempt: UUID, *, force: bool) -> tuple[StoredToken, str] | None:
        """Ask the vendor; None when somebody was faster and left nothing usable, so that the mark is gone.

        The mark is committed: from here on a crash leaves a trace.
        """
        failure: MintFailed
        async with self._locked(wanted) as (session, connection):
            credential = _credential(connection, wanted)
            before = await look(session, self._vault, connection, credential)
            stored = choose(connection, before, force=force)
            if stored is not None:
                return stored, "database"
            if connection.refresh_attempt_id != attempt:
                return None
            in_doubt = await _is_old(session, connection)
            try:
                fresh = await refresh(
                    session, self._vault, self._minter, connection, credential, in_doubt=in_doubt
                )
            except MintFailed as error:
                failure = error
                await record_failure(session, connection, error, self._limits.cool_down, in_doubt=in_doubt)
            else:
                return fresh, "vendor"
        if before.token is not None and before.token.usable_seconds > 0 and not force:
            return before.token, "database"
        raise refusal(connection, failure)

    async def _decide(
        self, session: AsyncSession, connection: Connection, wanted: Wanted, *, force: bool
    ) -> StoredToken | None:
        seen = await look(session, self._vault, connection, _credential(connection, wanted))
        return choose(connection, seen, force=force)

    @asynccontextmanager
    async def _locked(self, wanted: Wanted) -> AsyncIterator[tuple[AsyncSession, Connection]]:
        milliseconds = int((self._limits.vendor_timeout + LOCK_GRACE_SECONDS) * 1000)
        try:
            async with self._sessions.begin() as session:
                await session.execute(_LOCK_TIMEOUT, {"milliseconds": str(milliseconds)})
                yield session, await self._find(session, wanted, lock=True)
        except DBAPIError as error:
            if getattr(error.orig, "sqlstate", "") == LOCK_NOT_AVAILABLE:
                raise VendorUnavailable(
                    "Another refresh of this connection takes long. Try again soon."
                ) from error
            raise

    async def _find(self, session: AsyncSession, wanted: Wanted, *, lock: bool) -> Connection:
        tenant_id = wanted.tenant_id
        if wanted.connection_id is not None:
            owner = await find_tenant_of(session, wanted.connection_id)
            if owner is None or tenant_id not in (None, owner):
                raise ConnectionNotFound("There is no such connection.")
            tenant_id = owner
        assert tenant_id is not None  # noqa: S101  # one of the two is given
        await enter_tenant(session, tenant_id)
        if wanted.connection_id is not None:
            statement = select(Connection).where(
                Connection.tenant_id == tenant_id, Connection.id == wanted.connection_id
            )
            if lock:
                statement = statement.with_for_update()
            connection = (await session.scalars(statement)).one_or_none()
        else:
            assert wanted.vendor is not None  # noqa: S101  # one of the two is given
            connection = await find_by_vendor(session, tenant_id, wanted.vendor, lock=lock)
        if connection is None or connection.status == Status.DISCONNECTED:
            raise ConnectionNotFound("This app is not connected. Connect it first.")
        return connection


async def _is_old(session: AsyncSession, connection: Connection) -> bool:
    """Whether the mark is of an attempt that ended without a trace, rather than of a moment ago."""
    now = (await session.scalars(select(func.clock_timestamp()))).one()
    return connection.refresh_started_at is not None and now - connection.refresh_started_at > MARK_GRACE


def _credential(connection: Connection, wanted: Wanted) -> str:
    found = resolve_credential(Vendor(connection.vendor), connection.settings, wanted.credential)
    if found is None:
        raise ConnectionNotFound("The connected account has no credential for this. Connect it again.")
    return found


def choose(connection: Connection, seen: Look, *, force: bool) -> StoredToken | None:
    """The stored token, if it will do; None when the vendor must be asked.

    Raises:
        NeedsReauth, ConnectionUnusable, VendorUnavailable: the vendor was asked a moment ago in vain.
    """
    token = seen.token
    if token is not None and (token.age <= FORCE_GRACE if force else token.fresh_seconds > 0):
        return token
    if not seen.cooling_seconds:
        return None
    if token is not None and token.usable_seconds > 0 and not force:
        return token
    raise refusal(connection)

"""Connect by typing in, rename, disconnect, list."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import ClassVar
from uuid import UUID

from sqlalchemy import delete, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from services.auth.audit.recorder import entry, write
from services.auth.connect.storing import Owner, Wish, keep
from services.auth.connection.models import Connection, ConnectionSecret, Method, Status, Vendor
from services.auth.connection.service import forget_tokens, get_connection, list_connections, open_secrets
from services.auth.connection.vendors import TITLES
from services.auth.grant.static import TOKEN
from services.auth.method.base import ConnectFailed, Kind, VendorUnreachable, Way
from services.auth.method.desk import Desk
from services.auth.method.registry import draft_typed_in, find_way, revoke
from services.auth.metrics import CONNECTS, DISCONNECTS
from services.auth.tenant.service import list_tenant_ids
from services.auth.token.store import look
from services.auth.vault.errors import VaultError
from services.auth.vault.secret import Secret
from services.auth.vault.vault import Vault
from services.shared.kit.db import Sessions
from services.shared.kit.errors import DomainError, FieldError, InvalidInput, Unavailable
from services.shared.kit.logging import get_logger
from services.shared.kit.uow import enter_tenant

log = get_logger(__name__)
OVERLAP = timedelta(seconds=60)
"""How long a transaction may have been open that changed a connection: what it wrote shows up late."""


class ConnectRefused(DomainError):
    """The vendor, or another tenant's claim, is in the way; `code` says which."""

    def __init__(self, failure: ConnectFailed) -> None:
        super().__init__(failure.reason)
        self.code = failure.code  # type: ignore[misc]  # one per kind of refusal


class ConnectUnavailable(Unavailable):
    code: ClassVar[str] = "vendor_unreachable"


async def connect_typed_in(
    sessions: Sessions, vault: Vault, desk: Desk, wish: Wish, method: str, given: Mapping[str, Secret]
) -> UUID:
    """Check what was typed in with the vendor, and keep it; the connection's id.

    Raises:
        InvalidInput: a value is missing or wrong; each is named as `fields.<name>`.
        ConnectRefused: the vendor is connected with another account.
        ConnectUnavailable: the vendor does not answer.
        ConnectionNotFound: there is no such connection to reconnect.
    """
    way = find_way(wish.vendor, method)
    if way is None or way.kind is not Kind.TYPED_IN:
        raise InvalidInput(
            [FieldError("method", "There is no such way to enter credentials for this vendor.")]
        )
    values = _complete(way, given)
    try:
        draft = await draft_typed_in(desk, way, values)
        return await keep(sessions, vault, wish, draft)
    except ConnectFailed as failure:
        CONNECTS.labels(wish.vendor.value, failure.code).inc()
        log.warning("connection_refused", vendor=wish.vendor.value, code=failure.code, field=failure.field)
        await _note_refusal(sessions, wish, failure, method)
        if isinstance(failure, VendorUnreachable):
            raise ConnectUnavailable(failure.reason) from failure
        if failure.code != "vendor_refused":
            raise ConnectRefused(failure) from failure
        field = failure.field or next(one.name for one in way.fields if one.required or one.secret)
        raise InvalidInput([FieldError(f"fields.{field}", failure.reason, failure.code)]) from failure


def _complete(way: Way, given: Mapping[str, Secret]) -> dict[str, str]:
    """The values without blanks around them.

    Raises:
        InvalidInput: one is missing, unknown, or holds control characters.
    """
    known = {one.name: one for one in way.fields}
    errors = [
        FieldError(f"fields.{name}", "This method has no such field.", "unknown")
        for name in given
        if name not in known
    ]
    values: dict[str, str] = {}
    for name, one in known.items():
        text = given[name].reveal().strip() if name in given else ""
        if not text and one.required:
            errors.append(FieldError(f"fields.{name}", f"Enter the {_lower(one.label)}.", "missing"))
        elif not one.multiline and not text.isprintable():
            errors.append(
                FieldError(f"fields.{name}", "Enter one line, without control characters.", "invalid")
            )
        elif text:
            values[name] = text
    if errors:
        raise InvalidInput(errors)
    return values


def _lower(label: str) -> str:
    return label if label[1:2].isupper() else label[:1].lower() + label[1:]


async def _note_refusal(sessions: Sessions, wish: Wish, failure: ConnectFailed, method: str) -> None:
    async with sessions.begin() as session:
        await enter_tenant(session, wish.tenant_id)
        await write(
            session,
            entry(
                wish.tenant_id,
                wish.owner.actor,
                "connection.refused",
                ("vendor", wish.vendor.value),
                outcome=failure.code,
                method=method,
            ),
        )


async def find_connection(
    sessions: Sessions, tenant_id: UUID, connection_id: UUID
) -> tuple[Connection, datetime]:
    """The tenant's connection and the database's time.

    Raises:
        ConnectionNotFound: there is none.
    """
    async with sessions.begin() as session:
        await enter_tenant(session, tenant_id)
        found = await get_connection(session, tenant_id, connection_id)
        return found, await _now(session)


async def list_of_tenant(
    sessions: Sessions, tenant_id: UUID, *, disconnected: bool
) -> tuple[Sequence[Connection], datetime]:
    """The tenant's connections and the database's time."""
    async with sessions.begin() as session:
        await enter_tenant(session, tenant_id)
        return await list_connections(session, tenant_id, disconnected=disconnected), await _now(session)


async def list_changed(sessions: Sessions, since: datetime | None) -> tuple[list[Connection], datetime]:
    """Every tenant's connections that changed since then, disconnected ones too, the oldest change first.

    A change may come twice, and none is missed while `since` is the newest `changed_at` that was seen: a minute is
    looked back, for transactions that were open. `generation` tells whether one was seen before.
    """
    found: list[Connection] = []
    async with sessions.begin() as session:
        tenant_ids = await list_tenant_ids(session)
        now = await _now(session)
    for tenant_id in tenant_ids:
        async with sessions.begin() as session:
            await enter_tenant(session, tenant_id)
            statement = select(Connection).where(Connection.tenant_id == tenant_id)
            if since is not None:
                statement = statement.where(Connection.changed_at >= since - OVERLAP)
            found += (await session.scalars(statement)).all()
    return sorted(found, key=lambda one: one.changed_at), now


async def rename(sessions: Sessions, tenant_id: UUID, connection_id: UUID, owner: Owner, title: str) -> None:
    """Give it another name for people.

    Raises:
        ConnectionNotFound: there is none.
    """
    async with sessions.begin() as session:
        await enter_tenant(session, tenant_id)
        connection = await get_connection(session, tenant_id, connection_id, lock=True)
        if connection.display_name == title:
            return
        connection.display_name = title
        await write(
            session,
            entry(
                tenant_id, owner.actor, "connection.renamed", ("connection", str(connection_id)), title=title
            ),
        )


async def disconnect(
    sessions: Sessions, vault: Vault, desk: Desk, tenant_id: UUID, connection_id: UUID, owner: Owner
) -> None:
    """End the consent at the vendor as far as it lets us, and destroy credentials, data key and tokens. Repeats safely.

    A vendor that is away does not keep it connected: what became of the consent stands in the audit log.

    Raises:
        ConnectionNotFound: there is none.
    """
    async with sessions.begin() as session:
        await enter_tenant(session, tenant_id)
        connection = await get_connection(session, tenant_id, connection_id)
        if connection.status == Status.DISCONNECTED:
            return
        secrets = await _openable(session, vault, connection)
        vendor, method = Vendor(connection.vendor), Method(connection.method)
        settings = dict(connection.settings)
    revoked = await _revoke(desk, vendor, method, settings, secrets)
    async with sessions.begin() as session:
        await enter_tenant(session, tenant_id)
        connection = await get_connection(session, tenant_id, connection_id, lock=True)
        if connection.status == Status.DISCONNECTED:
            return
        await session.execute(
            delete(ConnectionSecret).where(
                ConnectionSecret.tenant_id == tenant_id, ConnectionSecret.connection_id == connection_id
            )
        )
        await forget_tokens(session, connection)
        connection.status = Status.DISCONNECTED
        connection.reason_code = connection.reason = None
        connection.failure_count, connection.cool_down_until = 0, None
        connection.refresh_attempt_id = connection.refresh_started_at = None
        connection.grant_expires_at = None
        await write(
            session,
            entry(
                tenant_id,
                owner.actor,
                "connection.disconnected",
                ("connection", str(connection_id)),
                vendor=vendor.value,
                revoked=revoked,
            ),
        )
    DISCONNECTS.labels(vendor.value, revoked).inc()
    log.info(
        "connection_disconnected", vendor=vendor.value, connection_id=str(connection_id), revoked=revoked
    )


async def _openable(session: AsyncSession, vault: Vault, connection: Connection) -> dict[str, Secret]:
    try:
        secrets = await open_secrets(session, vault, connection)
        token = (await look(session, vault, connection, "default")).token
    except VaultError:
        return {}  # unreadable: nothing can be ended at the vendor, and all of it is destroyed all the same
    if token is not None and TOKEN not in secrets:
        secrets[TOKEN] = token.live.token
    return secrets


async def _revoke(
    desk: Desk, vendor: Vendor, method: Method, settings: Mapping[str, object], secrets: Mapping[str, Secret]
) -> str:
    try:
        over = await revoke(desk, vendor, method, settings, secrets)
    except ConnectFailed as error:
        log.warning("connection_not_revoked", vendor=vendor.value, title=TITLES[vendor], code=error.code)
        return "failed"
    return {None: "not_offered", True: "revoked", False: "failed"}[over]


async def _now(session: AsyncSession) -> datetime:
    now: datetime = (await session.scalars(select(func.clock_timestamp()))).one()
    return now

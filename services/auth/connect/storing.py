"""Keep a draft: a new connection, or the same one with new credentials."""

from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from services.auth.audit.recorder import entry, write
from services.auth.connect import doors
from services.auth.connection.models import Connection, Source, Status, Vendor
from services.auth.connection.service import (
    ConnectionNotFound,
    find_by_vendor,
    forget_tokens,
    get_connection,
    open_secrets,
    recover,
    store_secrets,
)
from services.auth.connection.vendors import TITLES
from services.auth.method.base import Draft, OtherAccount
from services.auth.metrics import CONNECTS
from services.auth.token.store import store
from services.auth.vault.errors import VaultError
from services.auth.vault.vault import Vault
from services.shared.kit.actors import Actor, ActorKind
from services.shared.kit.db import Sessions
from services.shared.kit.ids import uuid7
from services.shared.kit.logging import get_logger
from services.shared.kit.uow import enter_tenant

log = get_logger(__name__)
_ONE_COMPANY = "uq_connections_vendor_external_id"
_ONE_OF_A_VENDOR = "uq_connections_tenant_id_vendor"


@dataclass(frozen=True, slots=True)
class Owner:
    """The operator who connects."""

    id: UUID
    address: str

    @property
    def actor(self) -> Actor:
        """As the audit log names them."""
        return Actor(ActorKind.OPERATOR, str(self.id), self.address)


@dataclass(frozen=True, slots=True)
class Wish:
    """Whose connection it will be; `connection_id` reconnects that one in place."""

    tenant_id: UUID
    vendor: Vendor
    owner: Owner
    connection_id: UUID | None = None
    title: str | None = None


async def keep(sessions: Sessions, vault: Vault, wish: Wish, draft: Draft) -> UUID:
    """Store the draft, sealed, with its first access token; the connection's id.

    A vendor that is connected already is reconnected in place, and then has to be the same company.

    Raises:
        OtherAccount: it is another company, or another tenant has connected this one.
        ConnectionNotFound: the tenant has no such connection.
    """
    try:
        return await _keep(sessions, vault, wish, draft)
    except IntegrityError as error:
        if _ONE_COMPANY in str(error.orig):
            raise OtherAccount(
                "This account is connected by another tenant of this OneClick. It has to be disconnected there first."
            ) from error
        if _ONE_OF_A_VENDOR not in str(error.orig):
            raise
    # Somebody of this tenant connected the vendor at the same moment: now it is there to be reconnected.
    return await _keep(sessions, vault, wish, draft)


async def _keep(sessions: Sessions, vault: Vault, wish: Wish, draft: Draft) -> UUID:
    async with sessions.begin() as session:
        await enter_tenant(session, wish.tenant_id)
        # Asked before a new connection is pending: a query would send it unfinished.
        now = (await session.scalars(select(func.clock_timestamp()))).one()
        connection = await _place(session, wish, draft)
        was_new = connection.status == Status.DISCONNECTED or connection.last_refreshed_at is None
        draft = await _merged(session, vault, connection, draft)
        _write(connection, wish, draft, now)
        await session.flush()
        await store_secrets(session, vault, connection, draft.secrets)
        await forget_tokens(session, connection)
        for credential, minted in draft.minted.items():
            await store(session, vault, connection, minted, now, credential=credential)
        await write(
            session,
            entry(
                wish.tenant_id,
                wish.owner.actor,
                "connection.connected" if was_new else "connection.reconnected",
                ("connection", str(connection.id)),
                vendor=wish.vendor.value,
                method=draft.method.value,
                account=draft.account,
            ),
        )
        connection_id = connection.id
    CONNECTS.labels(wish.vendor.value, "success").inc()
    log.info("connection_connected", vendor=wish.vendor.value, connection_id=str(connection_id))
    return connection_id


async def _place(session: AsyncSession, wish: Wish, draft: Draft) -> Connection:
    held = await find_by_vendor(session, wish.tenant_id, wish.vendor, lock=True)
    if wish.connection_id is not None:
        wanted = await get_connection(session, wish.tenant_id, wish.connection_id, lock=True)
        if wanted.vendor != wish.vendor:
            raise ConnectionNotFound("This connection is another vendor's.")
        if held is not None and held.id != wanted.id:
            raise OtherAccount(f"{TITLES[wish.vendor]} is connected already. Reconnect that one.")
        held = wanted
    if held is None:
        held = Connection(id=uuid7(), tenant_id=wish.tenant_id, vendor=wish.vendor, settings={})
        session.add(held)
        return held
    known = company_of(held)
    # Atlassian's keys without a site name no site: they open doors of the one that is connected.
    if known and draft.external_id and known.lower() != draft.external_id.lower():
        raise OtherAccount(
            f"{TITLES[wish.vendor]} is connected with {held.account or held.display_name}, and this is another account. "
            "Sign in there, or disconnect it first."
        )
    return held


def company_of(connection: Connection) -> str | None:
    """The company at the vendor. Connections from the environment say it in their settings alone."""
    if connection.external_id is not None:
        return connection.external_id
    name = {
        Vendor.GOOGLE: "domain",
        Vendor.MICROSOFT: "directory_id",
        Vendor.SLACK: "team_id",
        Vendor.GITHUB: "enterprise",
        Vendor.CLICKUP: "team_id",
        Vendor.ZOOM: "account_id",
        Vendor.HUBSPOT: "portal_id",
        Vendor.SCIM: "base_url",
        Vendor.ATLASSIAN: "site_url",
    }[Vendor(connection.vendor)]
    found = connection.settings.get(name)
    return str(found) if found else None


async def _merged(session: AsyncSession, vault: Vault, connection: Connection, draft: Draft) -> Draft:
    """Atlassian's other doors stay open; every other vendor's credentials are replaced as a whole."""
    if connection.vendor != Vendor.ATLASSIAN or connection.last_refreshed_at is None:
        return draft
    try:
        held = await open_secrets(session, vault, connection)
    except VaultError:
        return draft  # unreadable: connecting again is the cure
    secrets = doors.merged_secrets(held, draft.secrets)
    settings = doors.merged_settings(connection.settings, draft.settings, secrets)
    return replace(draft, secrets=secrets, settings=settings, method=doors.method_of(secrets))


def _write(connection: Connection, wish: Wish, draft: Draft, now: datetime) -> None:
    connection.method = draft.method
    connection.source = Source.OPERATOR
    connection.display_name = wish.title or connection.display_name or draft.title
    connection.settings = dict(draft.settings)
    connection.external_id = draft.external_id or connection.external_id
    connection.account = draft.account
    connection.connected_by_id, connection.connected_by = wish.owner.id, wish.owner.address
    connection.scopes_granted = None if draft.scopes is None else sorted(set(draft.scopes))
    connection.grant_expires_at = draft.grant_expires_at
    connection.connected_at = connection.last_refreshed_at = now
    connection.refresh_attempt_id = connection.refresh_started_at = None
    recover(connection)

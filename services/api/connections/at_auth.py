"""The auth service's connections: typed-in credentials pass through here and are kept nowhere."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, TypeVar
from uuid import UUID

import httpx
from pydantic import BaseModel, TypeAdapter, ValidationError

from services.api.auth_client import AuthAway, AuthClient, read_answer
from services.api.connections.schemas import (
    ConnectedByRead,
    ConnectionCreate,
    ConnectionMethodList,
    ConnectionState,
    MissingScopeRead,
)
from services.shared.kit.errors import DomainError, FieldError, InvalidInput, Kind, NotFound, Unavailable
from services.shared.kit.logging import get_logger
from services.shared.web.principal import Principal

log = get_logger(__name__)
PATH = "/auth/internal/connections"
VENDOR_SECONDS = 30.0
"""Credentials are tried at the vendor before they are stored, and consent is withdrawn there: two calls or three."""

ALIASES = {"ms365": "microsoft"}


class Held(BaseModel):
    """A connection as the auth service tells about it. `generation` counts its changes."""

    id: UUID
    vendor: str
    title: str
    account: str | None
    apps: list[str]
    method: str
    state: ConnectionState
    reason: str | None
    remedy: str | None
    link: str | None
    connected_at: datetime
    connected_by: ConnectedByRead | None
    last_refresh_at: datetime | None
    expires_at: datetime | None
    scopes_granted: list[str]
    scopes_missing: list[MissingScopeRead]
    generation: int
    changed_at: datetime


class NoConnection(NotFound):
    code = "connection_not_found"


class ConnectionRefused(DomainError):
    """The auth service says why; `code` is its own."""

    kind = Kind.CONFLICT

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code  # type: ignore[misc]  # the facts of another service are not classes of ours


class VendorAway(Unavailable):
    """The vendor does not answer, so that nothing can be checked; nothing was stored."""

    code = "vendor_unreachable"


H = TypeVar("H", bound=Held)


class _Problem(BaseModel):
    code: str = "conflict"
    detail: str = "The account cannot be connected like this."
    errors: list[FieldError] = []


class _Changed(Held):
    tenant_id: UUID


_HELD = TypeAdapter(list[Held])
_CHANGED = TypeAdapter(list[_Changed])


async def list_held(auth: AuthClient, tenant_id: UUID) -> Sequence[Held]:
    """The tenant's connections, disconnected ones among them.

    Raises:
        AuthAway: the auth service does not tell.
    """
    answer = await auth.call("POST", f"{PATH}/list", json={"tenant_id": str(tenant_id), "disconnected": True})
    return _items(_HELD, answer)


async def list_changed(auth: AuthClient, since: datetime | None) -> Sequence[tuple[UUID, Held]]:
    """Connections of all tenants that changed since then, each with its tenant; some may be told again.

    Raises:
        AuthAway: the auth service does not tell.
    """
    said = {"since": since.isoformat() if since is not None else None}
    answer = await auth.call("POST", f"{PATH}/changes", json=said)
    return [(one.tenant_id, one) for one in _items(_CHANGED, answer)]


def _items(kind: TypeAdapter[list[H]], answer: httpx.Response) -> list[H]:
    try:
        return kind.validate_python(_checked(answer).json()["items"])
    except (ValidationError, ValueError, KeyError, TypeError) as error:
        log.warning("auth_unclear", status=answer.status_code, error=type(error).__name__)
        raise AuthAway("OneClick's own sign-in service does not answer.") from error


async def get_held(auth: AuthClient, tenant_id: UUID, connection_id: UUID) -> Held:
    """One connection of the tenant.

    Raises:
        NoConnection: there is none, or it is another tenant's.
        AuthAway: the auth service does not tell.
    """
    for held in await list_held(auth, tenant_id):
        if held.id == connection_id:
            return held
    raise NoConnection("There is no such connected account.")


async def list_methods(auth: AuthClient) -> ConnectionMethodList:
    """How each vendor can be connected in this installation.

    Raises:
        AuthAway: the auth service does not tell.
    """
    return read_answer(ConnectionMethodList, await auth.call("GET", f"{PATH}/methods"))


async def connect(auth: AuthClient, who: Principal, vendor: str, wish: ConnectionCreate) -> Held:
    """Have credentials checked at the vendor and stored; the connection that came of it.

    Raises:
        InvalidInput: some are wrong; each error names the field.
        NoConnection: the one to reconnect is not there.
        ConnectionRefused: what they lead to may not be connected here.
        AuthAway, VendorAway: the auth service or the vendor does not answer; nothing was stored.
    """
    said = {
        "vendor": ALIASES.get(vendor, vendor),
        "method": wish.method,
        "title": wish.title,
        # The one place of the api where credentials are revealed: into the call that has them sealed.
        "fields": {name: value.get_secret_value() for name, value in wish.fields.items()},
        "connection_id": str(wish.connection_id) if wish.connection_id else None,
    }
    return await _change(auth, who, PATH, said)


async def rename(auth: AuthClient, who: Principal, connection_id: UUID, title: str) -> Held:
    """Give a connection another title.

    Raises:
        NoConnection, ConnectionRefused, AuthAway: as `connect`.
    """
    return await _change(auth, who, f"{PATH}/{connection_id}/rename", {"title": title})


async def disconnect(auth: AuthClient, who: Principal, connection_id: UUID) -> Held:
    """Withdraw the consent at the vendor where it can be, and destroy what was stored.

    Raises:
        NoConnection, ConnectionRefused, AuthAway: as `connect`.
    """
    return await _change(auth, who, f"{PATH}/{connection_id}/disconnect", {})


async def _change(auth: AuthClient, who: Principal, path: str, said: dict[str, Any]) -> Held:
    actor = {"id": who.actor.id, "address": who.email}
    body = {"tenant_id": str(who.tenant_id), "actor": actor, **said}
    return read_answer(Held, _checked(await auth.call("POST", path, json=body, seconds=VENDOR_SECONDS)))


def _checked(answer: httpx.Response) -> httpx.Response:
    if answer.is_success or answer.status_code == httpx.codes.FORBIDDEN:
        return answer
    try:
        problem = _Problem.model_validate_json(answer.content)
    except ValidationError:
        problem = _Problem()
    if answer.is_server_error:
        if problem.code == VendorAway.code:
            raise VendorAway(problem.detail)
        return answer
    if answer.status_code == httpx.codes.NOT_FOUND:
        raise NoConnection("There is no such connected account.")
    if answer.status_code == httpx.codes.UNPROCESSABLE_ENTITY and problem.errors:
        raise InvalidInput(problem.errors)
    raise ConnectionRefused(problem.code, problem.detail)

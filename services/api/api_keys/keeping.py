"""Keys are kept by the auth service; what was done about them is in the tenant's audit log as well."""

from datetime import datetime
from uuid import UUID

from pydantic import BaseModel

from services.api.api_keys.schemas import (
    ApiKeyCreate,
    ApiKeyCreated,
    ApiKeyPage,
    ApiKeyRead,
    KeyMakerRead,
    KeyState,
)
from services.api.auth_client import read_answer
from services.api.dependencies import Caller
from services.api.refusing import accepted, given_actor
from services.shared.domain.audit.service import write_down
from services.shared.kit.pagination import PageQuery
from services.shared.web.principal import KEY_PREFIX, KEY_SCOPES


class _Key(BaseModel):
    id: UUID
    name: str
    scopes: list[str]
    calls_per_minute: int
    state: KeyState
    created_at: datetime
    created_by: UUID
    created_by_name: str
    expires_at: datetime | None
    last_used_at: datetime | None
    revoked_at: datetime | None
    revoked_by_name: str | None


class _Keys(BaseModel):
    items: list[_Key]
    total: int


class _Created(BaseModel):
    key: str
    api_key: _Key


async def list_keys(caller: Caller, page: PageQuery) -> ApiKeyPage:
    """A page of the tenant's keys, living ones first.

    Raises:
        AuthAway: the auth service does not answer.
    """
    auth = caller.backends.auth
    params = {"limit": page.limit, "offset": page.offset}
    found = read_answer(_Keys, await auth.call("GET", _path(caller), params=params))
    return ApiKeyPage(
        items=[_read(key) for key in found.items],
        total=found.total,
        limit=page.limit,
        offset=page.offset,
        scopes=sorted(KEY_SCOPES),
    )


async def create_key(caller: Caller, wanted: ApiKeyCreate) -> ApiKeyCreated:
    """A new key, told once.

    Raises:
        InvalidInput: a living key has this name, or the time is past.
        DomainError: as the auth service says, e.g. `too_many_api_keys`.
    """
    body = {
        "actor": given_actor(caller),
        "name": wanted.name,
        "scopes": wanted.scopes,
        "calls_per_minute": wanted.calls_per_minute or caller.backends.new_key_calls_per_minute,
        "expires_at": wanted.expires_at.isoformat() if wanted.expires_at else None,
    }
    made = await accepted(caller, _Created, "POST", _path(caller), body)
    key = _read(made.api_key)
    await _write_down(caller, "api_key.created", key)
    return ApiKeyCreated(key=made.key, api_key=key)


async def revoke_key(caller: Caller, key_id: UUID) -> ApiKeyRead:
    """Let it never be accepted again. Repeats safely.

    Raises:
        DomainError: as the auth service says, `api_key_not_found`.
    """
    body = {"actor": given_actor(caller)}
    key = _read(await accepted(caller, _Key, "POST", f"{_path(caller)}/{key_id}/revoke", body))
    caller.backends.keys.forget(key_id)
    await _write_down(caller, "api_key.revoked", key)
    return key


def _path(caller: Caller) -> str:
    return f"/auth/internal/tenants/{caller.principal.tenant_id}/api-keys"


async def _write_down(caller: Caller, action: str, key: ApiKeyRead) -> None:
    after = {
        "name": key.name,
        "scopes": key.scopes,
        "expires_at": key.expires_at.isoformat() if key.expires_at else None,
        "calls_per_minute": key.calls_per_minute,
    }
    async with caller.unit() as uow:
        write_down(
            uow,
            action,
            target_kind="api_key",
            target_id=key.id,
            target_label=key.name,
            after=after if action == "api_key.created" else {"state": key.state},
        )


def _read(key: _Key) -> ApiKeyRead:
    return ApiKeyRead(
        id=key.id,
        name=key.name,
        begins_with=f"{KEY_PREFIX}{key.id.hex}_",
        scopes=key.scopes,
        calls_per_minute=key.calls_per_minute,
        state=key.state,
        created_at=key.created_at,
        created_by=KeyMakerRead(id=key.created_by, name=key.created_by_name),
        expires_at=key.expires_at,
        last_used_at=key.last_used_at,
        revoked_at=key.revoked_at,
        revoked_by=key.revoked_by_name,
    )

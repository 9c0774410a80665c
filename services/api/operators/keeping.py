"""Operators are kept by the auth service; what was done about them is in the tenant's audit log as well."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Literal
from uuid import UUID

from pydantic import BaseModel

from services.api.auth_client import read_answer
from services.api.dependencies import Caller
from services.api.operators.schemas import (
    GroupRoleRead,
    GroupRolesRead,
    GroupRolesUpdate,
    OperatorCreate,
    OperatorGrantRead,
    OperatorPage,
    OperatorRead,
    OperatorState,
    OperatorUpdate,
)
from services.api.refusing import accepted, given_actor
from services.shared.domain.audit.service import write_down
from services.shared.kit.pagination import PageQuery
from services.shared.web.principal import Role


class _Grant(BaseModel):
    source: Literal["list", "group", "operator"]
    role: Role


class _Operator(BaseModel):
    id: UUID
    name: str
    email: str
    role: Role
    state: OperatorState
    grants: list[_Grant]
    last_sign_in_at: datetime | None


class _Operators(BaseModel):
    items: list[_Operator]
    total: int


class _Changed(BaseModel):
    before: _Operator
    after: _Operator


class _Groups(BaseModel):
    roles: dict[str, Role]
    set_here: bool


class _GroupsChanged(BaseModel):
    before: _Groups
    after: _Groups


async def list_operators(caller: Caller, q: str, page: PageQuery) -> OperatorPage:
    """A page of the tenant's operators by name.

    Raises:
        AuthAway: the auth service does not answer.
    """
    params = {"q": q, "limit": page.limit, "offset": page.offset}
    answer = await caller.backends.auth.call("GET", _path(caller), params=params)
    found = read_answer(_Operators, answer)
    return OperatorPage(
        items=[_read(caller, one) for one in found.items],
        total=found.total,
        limit=page.limit,
        offset=page.offset,
    )


async def add_operator(caller: Caller, wanted: OperatorCreate) -> OperatorRead:
    """Let whoever signs in with this address in.

    Raises:
        InvalidInput: they are an operator already.
        DomainError: as the auth service says.
    """
    body = {"email": wanted.email, "name": wanted.name or "", "role": wanted.role}
    made = await accepted(caller, _Operator, "POST", _path(caller), _by(caller, body))
    await _write_down(caller, "operator.added", made, before=None, after=_facts(made))
    return _read(caller, made)


async def change_operator(caller: Caller, operator_id: UUID, wanted: OperatorUpdate) -> OperatorRead:
    """Give another role, or switch off or on. It counts within seconds, for open pages too.

    Raises:
        DomainError: as the auth service says, e.g. `operator_not_found`, `yourself`, `last_administrator`.
    """
    body = {"role": wanted.role, "disabled": wanted.disabled}
    path = f"{_path(caller)}/{operator_id}/change"
    changed = await accepted(caller, _Changed, "POST", path, _by(caller, body))
    before, after = _facts(changed.before), _facts(changed.after)
    await _write_down(caller, "operator.changed", changed.after, before=before, after=after)
    return _read(caller, changed.after)


async def remove_operator(caller: Caller, operator_id: UUID) -> None:
    """Take an operator out of the tenant.

    Raises:
        DomainError: as the auth service says, e.g. `listed_elsewhere`, `last_administrator`.
    """
    gone = await accepted(caller, _Operator, "POST", f"{_path(caller)}/{operator_id}/remove", _by(caller, {}))
    await _write_down(caller, "operator.removed", gone, before=_facts(gone), after=None)


async def read_group_roles(caller: Caller) -> GroupRolesRead:
    """Which groups of the identity provider mean what.

    Raises:
        AuthAway: the auth service does not answer.
    """
    return _groups_read(await accepted(caller, _Groups, "GET", _group_path(caller)))


async def set_group_roles(caller: Caller, wanted: GroupRolesUpdate) -> GroupRolesRead:
    """The groups are exactly these from now on, whatever the installation's file says.

    Raises:
        DomainError: as the auth service says, e.g. `yourself`, `last_administrator`.
    """
    body = {"roles": {item.group: item.role for item in wanted.items}}
    changed = await accepted(caller, _GroupsChanged, "PUT", _group_path(caller), _by(caller, body))
    async with caller.unit() as uow:
        write_down(
            uow,
            "group_roles.changed",
            target_kind="tenant",
            target_id=caller.principal.tenant_id,
            target_label=caller.principal.tenant_name,
            before=changed.before.roles,
            after=changed.after.roles,
        )
    return _groups_read(changed.after)


def _by(caller: Caller, body: Mapping[str, Any]) -> dict[str, Any]:
    return {"actor": given_actor(caller), **body}


def _path(caller: Caller) -> str:
    return f"/auth/internal/tenants/{caller.principal.tenant_id}/operators"


def _group_path(caller: Caller) -> str:
    return f"/auth/internal/tenants/{caller.principal.tenant_id}/group-roles"


def _facts(operator: _Operator) -> dict[str, str]:
    return {"email": operator.email, "role": operator.role, "state": operator.state}


async def _write_down(
    caller: Caller,
    action: str,
    operator: _Operator,
    *,
    before: Mapping[str, str] | None,
    after: Mapping[str, str] | None,
) -> None:
    async with caller.unit() as uow:
        write_down(
            uow,
            action,
            target_kind="operator",
            target_id=operator.id,
            target_label=operator.name,
            before=before,
            after=after,
        )


def _groups_read(found: _Groups) -> GroupRolesRead:
    items = [GroupRoleRead(group=group, role=role) for group, role in sorted(found.roles.items())]
    return GroupRolesRead(items=items, set_here=found.set_here)


def _read(caller: Caller, operator: _Operator) -> OperatorRead:
    return OperatorRead(
        id=operator.id,
        name=operator.name,
        email=operator.email,
        role=operator.role,
        state=operator.state,
        grants=[OperatorGrantRead(source=grant.source, role=grant.role) for grant in operator.grants],
        last_sign_in_at=operator.last_sign_in_at,
        is_me=str(operator.id) == caller.principal.actor.id,
    )

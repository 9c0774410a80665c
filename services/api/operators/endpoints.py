"""`/api/operators`."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query

from services.api.dependencies import CurrentCaller, Paging, allowed
from services.api.operators import keeping
from services.api.operators.schemas import (
    GroupRolesRead,
    GroupRolesUpdate,
    OperatorCreate,
    OperatorPage,
    OperatorRead,
    OperatorUpdate,
)
from services.api.wire import Search, named_as_sent
from services.shared.web.principal import Permission

router = APIRouter(prefix="/api/operators", tags=["operators"])
READ = [allowed(Permission.OPERATORS_READ)]
WRITE = [allowed(Permission.OPERATORS_WRITE)]


@router.get("", dependencies=READ)
async def list_operators(
    caller: CurrentCaller, page: Paging, q: Annotated[Search, Query()] = ""
) -> OperatorPage:
    """Who signs in to this tenant, by name; `q` looks in names and addresses."""
    return await keeping.list_operators(caller, q, page)


@router.post("", status_code=201, dependencies=WRITE)
async def add_operator(body: OperatorCreate, caller: CurrentCaller) -> OperatorRead:
    """Let whoever signs in with this address in, with a role."""
    with named_as_sent(body):
        return await keeping.add_operator(caller, body)


@router.get("/group-roles", dependencies=WRITE)
async def get_group_roles(caller: CurrentCaller) -> GroupRolesRead:
    """Which groups of the identity provider give which role at sign-in."""
    return await keeping.read_group_roles(caller)


@router.put("/group-roles", dependencies=WRITE)
async def set_group_roles(body: GroupRolesUpdate, caller: CurrentCaller) -> GroupRolesRead:
    """Set all of them. Who had a role by a group that is not among them loses it at once."""
    return await keeping.set_group_roles(caller, body)


@router.patch("/{operator_id}", dependencies=WRITE)
async def change_operator(operator_id: UUID, body: OperatorUpdate, caller: CurrentCaller) -> OperatorRead:
    """Give another role, disable or enable. It counts within ten seconds, for open live pages too."""
    with named_as_sent(body):
        return await keeping.change_operator(caller, operator_id, body)


@router.delete("/{operator_id}", status_code=204, dependencies=WRITE)
async def remove_operator(operator_id: UUID, caller: CurrentCaller) -> None:
    """Take an operator out of the tenant, if nobody but an administrator here let them in."""
    await keeping.remove_operator(caller, operator_id)

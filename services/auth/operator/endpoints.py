"""Operators of a tenant, for the api."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Query
from pydantic import AfterValidator

from services.auth.operator import managing
from services.auth.operator.managing import OperatorNotFound
from services.auth.operator.schemas import (
    ActingRequest,
    GroupRolesChanged,
    GroupRolesRead,
    GroupRolesSet,
    MemberRead,
    OperatorAdd,
    OperatorChange,
    OperatorChanged,
    OperatorList,
    OperatorRead,
    group_roles_read,
    operator_read,
)
from services.auth.operator.service import find_member
from services.auth.printable import printable
from services.auth.service_caller.allowed import Allowed
from services.shared.kit.db import Sessions
from services.shared.kit.uow import enter_tenant

OF_A_TENANT = "/auth/internal/tenants/{tenant_id}/operators"
GROUP_ROLES = "/auth/internal/tenants/{tenant_id}/group-roles"
Address = Annotated[str, Query(max_length=320), AfterValidator(printable)]


def router(allowed: Allowed, sessions: Sessions) -> APIRouter:
    """`/auth/internal/tenants/{tenant_id}/operator?email=`, `…/operators` and `…/group-roles`."""
    routes = APIRouter(tags=["operators"], dependencies=[Depends(allowed.operators)])

    @routes.get("/auth/internal/tenants/{tenant_id}/operator")
    async def find(tenant_id: UUID, email: Address) -> MemberRead:
        async with sessions.begin() as session:
            await enter_tenant(session, tenant_id)
            found = await find_member(session, tenant_id, email)
        if found is None:
            raise OperatorNotFound("Nobody of this tenant signs in with this address.")
        operator, name, role = found
        return MemberRead(operator_id=operator.id, name=name, email=operator.email, role=role)

    @routes.get(OF_A_TENANT)
    async def list_(
        tenant_id: UUID,
        q: Annotated[str, Query(max_length=200)] = "",
        limit: Annotated[int, Query(ge=1, le=200)] = 50,
        offset: Annotated[int, Query(ge=0, le=1_000_000)] = 0,
    ) -> OperatorList:
        async with sessions.begin() as session:
            await enter_tenant(session, tenant_id)
            members = await managing.list_members(session, tenant_id)
        wanted = q.strip().casefold()
        found = [
            one for one in members if wanted in one.name.casefold() or wanted in one.operator.email.casefold()
        ]
        return OperatorList(
            items=[operator_read(one) for one in found[offset : offset + limit]], total=len(found)
        )

    @routes.post(OF_A_TENANT, status_code=201)
    async def add(tenant_id: UUID, body: OperatorAdd) -> OperatorRead:
        async with sessions.begin() as session:
            await enter_tenant(session, tenant_id)
            made = await managing.add_member(
                session,
                tenant_id,
                email=body.email,
                name=body.name.strip(),
                role=body.role,
                actor=body.actor.as_actor(),
            )
            return operator_read(made)

    @routes.post(f"{OF_A_TENANT}/{{operator_id}}/change")
    async def change(tenant_id: UUID, operator_id: UUID, body: OperatorChange) -> OperatorChanged:
        async with sessions.begin() as session:
            await enter_tenant(session, tenant_id)
            before, after = await managing.change_member(
                session,
                tenant_id,
                operator_id,
                role=body.role,
                disabled=body.disabled,
                actor=body.actor.as_actor(),
            )
            return OperatorChanged(before=operator_read(before), after=operator_read(after))

    @routes.post(f"{OF_A_TENANT}/{{operator_id}}/remove")
    async def remove(tenant_id: UUID, operator_id: UUID, body: ActingRequest) -> OperatorRead:
        async with sessions.begin() as session:
            await enter_tenant(session, tenant_id)
            gone = await managing.remove_member(session, tenant_id, operator_id, actor=body.actor.as_actor())
            return operator_read(gone)

    @routes.get(GROUP_ROLES)
    async def group_roles(tenant_id: UUID) -> GroupRolesRead:
        async with sessions.begin() as session:
            await enter_tenant(session, tenant_id)
            return group_roles_read(await managing.get_group_roles(session, tenant_id))

    @routes.put(GROUP_ROLES)
    async def set_group_roles(tenant_id: UUID, body: GroupRolesSet) -> GroupRolesChanged:
        async with sessions.begin() as session:
            await enter_tenant(session, tenant_id)
            before, after = await managing.set_group_roles(
                session, tenant_id, body.roles, actor=body.actor.as_actor()
            )
            return GroupRolesChanged(before=group_roles_read(before), after=group_roles_read(after))

    return routes

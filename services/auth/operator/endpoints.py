"""Operators of a tenant, for the api."""

from typing import Annotated, ClassVar
from uuid import UUID

from fastapi import APIRouter, Depends, Query
from pydantic import AfterValidator

from services.auth.operator.schemas import MemberRead
from services.auth.operator.service import find_member
from services.auth.printable import printable
from services.auth.service_caller.allowed import Allowed
from services.shared.kit.db import Sessions
from services.shared.kit.errors import NotFound
from services.shared.kit.uow import enter_tenant


class OperatorNotFound(NotFound):
    code: ClassVar[str] = "operator_not_found"


Address = Annotated[str, Query(max_length=320), AfterValidator(printable)]


def router(allowed: Allowed, sessions: Sessions) -> APIRouter:
    """`GET /auth/internal/tenants/{tenant_id}/operator?email=`."""
    routes = APIRouter(tags=["operators"], dependencies=[Depends(allowed.operators)])

    @routes.get("/auth/internal/tenants/{tenant_id}/operator")
    async def find(tenant_id: UUID, email: Address) -> MemberRead:
        async with sessions.begin() as session:
            await enter_tenant(session, tenant_id)
            found = await find_member(session, tenant_id, email)
        if found is None:
            raise OperatorNotFound("Nobody of this tenant signs in with this address.")
        operator, role = found
        return MemberRead(operator_id=operator.id, name=operator.name, email=operator.email, role=role)

    return routes

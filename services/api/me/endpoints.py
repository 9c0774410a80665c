"""`/api/me`."""

from fastapi import APIRouter

from services.api.dependencies import CurrentCaller
from services.api.me.schemas import MeRead, OperatorRead, TenantRead

router = APIRouter(prefix="/api/me", tags=["me"])


@router.get("")
async def get_me(caller: CurrentCaller) -> MeRead:
    """Who is calling, for which tenant, and what they may do."""
    principal = caller.principal
    return MeRead(
        operator=OperatorRead(id=principal.actor.id, name=principal.actor.name, email=principal.email),
        tenant=TenantRead(id=principal.tenant_id, slug=principal.tenant_slug, name=principal.tenant_name),
        role=principal.role,
        permissions=sorted(principal.permissions),
    )

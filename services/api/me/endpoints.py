"""`/api/me`."""

from fastapi import APIRouter

from services.api.dependencies import CurrentCaller
from services.api.me.schemas import CallingKeyRead, MeRead, OperatorRead, TenantRead
from services.shared.kit.actors import ActorKind

router = APIRouter(prefix="/api/me", tags=["me"])


@router.get("")
async def get_me(caller: CurrentCaller) -> MeRead:
    """Who is calling, for which tenant, and what they may do."""
    principal = caller.principal
    actor = principal.actor
    is_key = actor.kind is ActorKind.API_KEY
    return MeRead(
        operator=None if is_key else OperatorRead(id=actor.id, name=actor.name, email=principal.email),
        api_key=CallingKeyRead(id=actor.id, name=actor.name) if is_key else None,
        tenant=TenantRead(id=principal.tenant_id, slug=principal.tenant_slug, name=principal.tenant_name),
        role=principal.role,
        permissions=sorted(principal.permissions),
    )

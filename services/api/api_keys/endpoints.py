"""`/api/api-keys`."""

from uuid import UUID

from fastapi import APIRouter

from services.api.api_keys import keeping
from services.api.api_keys.schemas import ApiKeyCreate, ApiKeyCreated, ApiKeyPage, ApiKeyRead
from services.api.dependencies import CurrentCaller, Paging, allowed
from services.api.wire import named_as_sent
from services.shared.web.principal import Permission

router = APIRouter(prefix="/api/api-keys", tags=["api keys"])
WRITE = [allowed(Permission.API_KEYS_WRITE)]


@router.get("", dependencies=WRITE)
async def list_api_keys(caller: CurrentCaller, page: Paging) -> ApiKeyPage:
    """The tenant's keys, living ones first; revoked ones stay in the list."""
    return await keeping.list_keys(caller, page)


@router.post("", status_code=201, dependencies=WRITE)
async def create_api_key(body: ApiKeyCreate, caller: CurrentCaller) -> ApiKeyCreated:
    """Make a key. The answer is the only place where the key itself is ever told."""
    with named_as_sent(body):
        return await keeping.create_key(caller, body)


@router.delete("/{key_id}", dependencies=WRITE)
async def revoke_api_key(key_id: UUID, caller: CurrentCaller) -> ApiKeyRead:
    """Revoke a key. Calls with it are refused within ten seconds, and its open streams end."""
    return await keeping.revoke_key(caller, key_id)

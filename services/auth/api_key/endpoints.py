"""API keys, for the api."""

from datetime import UTC, datetime
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Query

from services.auth.api_key import service
from services.auth.api_key.schemas import (
    ApiKeyCheck,
    ApiKeyCreate,
    ApiKeyCreated,
    ApiKeyList,
    ApiKeyRead,
    ApiKeyRevoke,
    ApiKeyVerdict,
    key_read,
    verdict,
)
from services.auth.api_key.service import NewKey
from services.auth.service_caller.allowed import Allowed
from services.auth.vault.secret import Secret
from services.shared.kit.db import Sessions
from services.shared.kit.uow import enter_tenant

OF_A_TENANT = "/auth/internal/tenants/{tenant_id}/api-keys"


def router(allowed: Allowed, sessions: Sessions) -> APIRouter:
    """`/auth/internal/api-keys/check` and `/auth/internal/tenants/{tenant_id}/api-keys`."""
    routes = APIRouter(tags=["api keys"], dependencies=[Depends(allowed.api_keys)])

    @routes.post("/auth/internal/api-keys/check")
    async def check(body: ApiKeyCheck) -> ApiKeyVerdict:
        return verdict(await service.check_key(sessions, Secret(body.key.get_secret_value())))

    @routes.get(OF_A_TENANT)
    async def list_(
        tenant_id: UUID,
        limit: Annotated[int, Query(ge=1, le=200)] = 50,
        offset: Annotated[int, Query(ge=0, le=1_000_000)] = 0,
    ) -> ApiKeyList:
        async with sessions.begin() as session:
            await enter_tenant(session, tenant_id)
            keys, total = await service.list_keys(session, tenant_id, limit=limit, offset=offset)
        now = datetime.now(UTC)
        return ApiKeyList(items=[key_read(key, now) for key in keys], total=total)

    @routes.post(OF_A_TENANT, status_code=201)
    async def create(tenant_id: UUID, body: ApiKeyCreate) -> ApiKeyCreated:
        wanted = NewKey(body.name, body.scopes, body.calls_per_minute, body.expires_at)
        async with sessions.begin() as session:
            await enter_tenant(session, tenant_id)
            key, whole = await service.create_key(session, tenant_id, wanted, body.actor.as_actor())
        return ApiKeyCreated(key=whole.reveal(), api_key=key_read(key, datetime.now(UTC)))

    @routes.post(f"{OF_A_TENANT}/{{key_id}}/revoke")
    async def revoke(tenant_id: UUID, key_id: UUID, body: ApiKeyRevoke) -> ApiKeyRead:
        async with sessions.begin() as session:
            await enter_tenant(session, tenant_id)
            key = await service.revoke_key(session, tenant_id, key_id, body.actor.as_actor())
        return key_read(key, datetime.now(UTC))

    return routes

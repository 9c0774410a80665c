"""First passwords: the worker stores and forgets, the api looks and reveals."""

from datetime import timedelta
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends

from services.auth.first_password import service
from services.auth.first_password.schemas import (
    FirstPasswordRead,
    FirstPasswordReveal,
    FirstPasswordState,
    FirstPasswordStore,
)
from services.auth.service_caller.allowed import Allowed
from services.auth.vault.secret import Secret
from services.auth.vault.vault import Vault
from services.shared.kit.db import Sessions
from services.shared.kit.uow import enter_tenant

PATH = "/auth/internal/first-passwords/{action_id}"


def router(allowed: Allowed, sessions: Sessions, vault: Vault, lifetime: timedelta) -> APIRouter:
    """`/auth/internal/first-passwords/*`."""
    routes = APIRouter(tags=["first passwords"])

    @routes.put(PATH, dependencies=[Depends(allowed.first_password_store)])
    async def store(action_id: UUID, body: FirstPasswordStore) -> FirstPasswordRead:
        async with sessions.begin() as session:
            await enter_tenant(session, body.tenant_id)
            password = await service.ensure_first_password(
                session,
                vault,
                tenant_id=body.tenant_id,
                action_id=action_id,
                request_id=body.request_id,
                app=body.app,
                password=Secret(body.password.get_secret_value()),
                lifetime=lifetime,
            )
        return FirstPasswordRead(password=password.reveal())

    @routes.delete(PATH, status_code=204)
    async def forget(
        action_id: UUID, tenant_id: UUID, caller: Annotated[str, Depends(allowed.first_password_store)]
    ) -> None:
        async with sessions.begin() as session:
            await enter_tenant(session, tenant_id)
            await service.forget_first_password(
                session, tenant_id=tenant_id, action_id=action_id, caller=caller
            )

    @routes.get(PATH, dependencies=[Depends(allowed.first_password_reveal)])
    async def state(action_id: UUID, tenant_id: UUID) -> FirstPasswordState:
        async with sessions.begin() as session:
            await enter_tenant(session, tenant_id)
            now = await service.get_state(session, tenant_id, action_id)
        return FirstPasswordState(state=now.state, expires_at=now.expires_at)

    @routes.post(f"{PATH}/reveal", dependencies=[Depends(allowed.first_password_reveal)])
    async def reveal(action_id: UUID, body: FirstPasswordReveal) -> FirstPasswordRead:
        async with sessions.begin() as session:
            await enter_tenant(session, body.tenant_id)
            password = await service.reveal_first_password(
                session,
                vault,
                tenant_id=body.tenant_id,
                action_id=action_id,
                operator_id=body.operator_id,
            )
        # Committed: erased for good before it leaves.
        return FirstPasswordRead(password=password.reveal())

    return routes

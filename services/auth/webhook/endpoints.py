"""Deliveries of vendors, checked for the api."""

from fastapi import APIRouter, Depends

from services.auth.service_caller.allowed import Allowed
from services.auth.vault.vault import Vault
from services.auth.webhook.schemas import DeliveryCheck, DeliveryVerdict, verdict
from services.auth.webhook.service import check_delivery
from services.shared.kit.db import Sessions


def router(allowed: Allowed, sessions: Sessions, vault: Vault) -> APIRouter:
    """`POST /auth/internal/webhook-check`."""
    routes = APIRouter(tags=["webhooks"], dependencies=[Depends(allowed.webhook_check)])

    @routes.post("/auth/internal/webhook-check")
    async def check(body: DeliveryCheck) -> DeliveryVerdict:
        found = await check_delivery(
            sessions,
            vault,
            vendor=body.vendor,
            connection_id=body.connection_id,
            headers=body.headers,
            body=body.body,
        )
        return verdict(found)

    return routes

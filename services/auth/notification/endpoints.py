"""Rich notifications, for the worker: the certificate to hand out, and opening what came."""

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Depends
from pydantic import BaseModel, Field, StringConstraints

from services.auth.notification.keys import ensure_certificate
from services.auth.notification.opening import Opener
from services.auth.service_caller.allowed import Allowed
from services.auth.vault.vault import Vault
from services.shared.kit.db import Sessions

Sealed = Annotated[str, StringConstraints(max_length=1024 * 1024)]


class CertificateQuery(BaseModel):
    tenant_id: UUID


class CertificateRead(BaseModel):
    """`certificate` is X.509 in base64 of DER."""

    certificate_id: str
    certificate: str


class OpenQuery(BaseModel):
    """`content` is `encryptedContent` as it came, `validation_tokens` what came beside it."""

    tenant_id: UUID
    content: dict[str, Sealed] = Field(max_length=16)
    validation_tokens: list[Sealed] = Field(max_length=50)
    received_at: datetime


class OpenedRead(BaseModel):
    """`resource` is empty when it is not authentic or cannot be read: look at the vendor instead."""

    resource: dict[str, Any] | None


def router(allowed: Allowed, sessions: Sessions, vault: Vault, opener: Opener) -> APIRouter:
    """`POST /auth/internal/notifications/…`."""
    routes = APIRouter(
        prefix="/auth/internal/notifications",
        tags=["notifications"],
        dependencies=[Depends(allowed.notifications)],
    )

    @routes.post("/certificate")
    async def certificate(body: CertificateQuery) -> CertificateRead:
        row = await ensure_certificate(sessions, vault, body.tenant_id)
        return CertificateRead(certificate_id=row.certificate_id, certificate=row.certificate)

    @routes.post("/open")
    async def open_(body: OpenQuery) -> OpenedRead:
        resource = await opener.open(body.tenant_id, body.content, body.validation_tokens, body.received_at)
        return OpenedRead(resource=resource)

    return routes

"""Sessions on the wire."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from pydantic import BaseModel, Field, SecretStr

from services.auth.operator.service import TenantRole
from services.auth.session.service import LiveSession
from services.shared.web.principal import Role

Token = Annotated[SecretStr, Field(max_length=200)]


class SessionQuery(BaseModel):
    session_token: Token


class SessionLook(SessionQuery):
    passive: bool = False
    """Only looking: the session idles on."""


class TenantChange(SessionQuery):
    tenant_id: UUID


class OperatorRead(BaseModel):
    id: UUID
    name: str
    email: str


class TenantRead(BaseModel):
    id: UUID
    slug: str
    name: str


class TenantRoleRead(TenantRead):
    role: Role


class SessionRead(BaseModel):
    operator: OperatorRead
    tenant: TenantRead
    role: Role
    tenants: list[TenantRoleRead]
    idle_expires_at: datetime
    absolute_expires_at: datetime


class SessionTokenRead(BaseModel):
    access_token: str
    token_type: str = "Bearer"  # noqa: S105  # the kind, not a token
    expires_at: datetime
    session: SessionRead


class SessionEndRead(BaseModel):
    end_session_url: str | None


def _tenant_role(tenant: TenantRole) -> TenantRoleRead:
    return TenantRoleRead(id=tenant.tenant_id, slug=tenant.slug, name=tenant.name, role=tenant.role)


def session_read(live: LiveSession) -> SessionRead:
    """A live session as the browser may know it."""
    return SessionRead(
        operator=OperatorRead(id=live.operator.id, name=live.operator.name, email=live.operator.email),
        tenant=TenantRead(id=live.here.tenant_id, slug=live.here.slug, name=live.here.name),
        role=live.here.role,
        tenants=[_tenant_role(tenant) for tenant in live.tenants],
        idle_expires_at=live.idle_expires_at,
        absolute_expires_at=live.absolute_expires_at,
    )

"""The session on the wire. Every member is always there."""

from uuid import UUID

from pydantic import BaseModel

from bff.auth_client import LiveSession
from services.shared.web.principal import GRANTED, Role


class OperatorRead(BaseModel):
    id: UUID
    name: str
    email: str


class TenantRead(BaseModel):
    id: UUID
    slug: str
    name: str


class TenantGrantRead(TenantRead):
    role: str


class SessionRead(BaseModel):
    """`operator`, `tenant` and `role` are null, and the lists empty, when nobody is signed in."""

    signed_in: bool
    operator: OperatorRead | None
    tenant: TenantRead | None
    role: str | None
    tenants: list[TenantGrantRead]
    permissions: list[str]


class TenantChoice(BaseModel):
    tenant_id: UUID


class SignOutRead(BaseModel):
    redirect: str
    """Where the browser goes next: the identity provider's sign-out, or our sign-in page."""


class Problem(BaseModel):
    """RFC 9457; `code` is stable, `correlation_id` finds it in the logs."""

    type: str
    title: str
    status: int
    code: str
    detail: str
    correlation_id: str
    errors: list["FieldProblem"]


class FieldProblem(BaseModel):
    field: str
    message: str
    code: str


NOBODY = SessionRead(signed_in=False, operator=None, tenant=None, role=None, tenants=[], permissions=[])


def session_read(live: LiveSession) -> SessionRead:
    """A live session as its browser may know it: no token, no id of the session."""
    state = live.session
    return SessionRead(
        signed_in=True,
        operator=OperatorRead.model_validate(state.operator.model_dump()),
        tenant=TenantRead.model_validate(state.tenant.model_dump()),
        role=state.role,
        tenants=[TenantGrantRead.model_validate(grant.model_dump()) for grant in state.tenants],
        permissions=_permissions(state.role),
    )


def _permissions(role: str) -> list[str]:
    try:
        return sorted(GRANTED[Role(role)])
    except ValueError:
        return []  # a role that this release does not know grants nothing here; the api decides anyway

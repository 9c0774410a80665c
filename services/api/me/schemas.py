"""The caller on the wire."""

from uuid import UUID

from services.api.wire import Read
from services.shared.web.principal import Permission, Role


class OperatorRead(Read):
    id: str
    name: str
    email: str


class TenantRead(Read):
    id: UUID
    slug: str
    name: str


class CallingKeyRead(Read):
    id: str
    name: str


class MeRead(Read):
    """A person has `operator` and `role`; a program has `api_key`, and its scopes are the permissions."""

    operator: OperatorRead | None
    api_key: CallingKeyRead | None
    tenant: TenantRead
    role: Role | None
    permissions: list[Permission]

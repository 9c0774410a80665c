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


class MeRead(Read):
    operator: OperatorRead
    tenant: TenantRead
    role: Role
    permissions: list[Permission]

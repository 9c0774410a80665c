"""Operators on the wire."""

from uuid import UUID

from pydantic import BaseModel

from services.shared.web.principal import Role


class MemberRead(BaseModel):
    """An operator of one tenant, as what."""

    operator_id: UUID
    name: str
    email: str
    role: Role

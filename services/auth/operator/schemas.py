"""Operators on the wire."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from pydantic import AfterValidator, BaseModel, EmailStr, Field

from services.auth.operator.managing import GroupRoles, Member, MemberState
from services.auth.operator.models import Source
from services.auth.printable import printable
from services.shared.kit.actors import Actor, ActorKind
from services.shared.web.principal import Role


class MemberRead(BaseModel):
    """An operator of one tenant, as what."""

    operator_id: UUID
    name: str
    email: str
    role: Role


class ActorGiven(BaseModel):
    """The operator in whose name the api asks."""

    id: UUID
    name: Annotated[str, Field(min_length=1, max_length=320), AfterValidator(printable)]

    def as_actor(self) -> Actor:
        """As audit names them."""
        return Actor(ActorKind.OPERATOR, str(self.id), self.name)


def _of_a_tenant(role: Role) -> Role:
    if role is Role.PLATFORM_ADMIN:
        raise ValueError("must be admin, helpdesk or auditor")
    return role


TenantRoleName = Annotated[Role, AfterValidator(_of_a_tenant)]
LowerEmail = Annotated[EmailStr, Field(max_length=320), AfterValidator(str.lower), AfterValidator(printable)]
GroupName = Annotated[str, Field(min_length=1, max_length=300), AfterValidator(printable)]


class ActingRequest(BaseModel):
    actor: ActorGiven


class OperatorAdd(ActingRequest):
    email: LowerEmail
    name: Annotated[str, Field(max_length=200), AfterValidator(printable)] = ""
    role: TenantRoleName


class OperatorChange(ActingRequest):
    role: TenantRoleName | None = None
    disabled: bool | None = None


class GrantRead(BaseModel):
    source: Source
    role: Role


class OperatorRead(BaseModel):
    """Somebody who signs in, in one tenant; `grants` say by whom."""

    id: UUID
    name: str
    email: str
    role: Role
    state: MemberState
    grants: list[GrantRead]
    last_sign_in_at: datetime | None


class OperatorList(BaseModel):
    items: list[OperatorRead]
    total: int


class OperatorChanged(BaseModel):
    before: OperatorRead
    after: OperatorRead


class GroupRolesSet(ActingRequest):
    roles: dict[GroupName, TenantRoleName] = Field(max_length=200)


class GroupRolesRead(BaseModel):
    roles: dict[str, Role]
    set_here: bool


class GroupRolesChanged(BaseModel):
    before: GroupRolesRead
    after: GroupRolesRead


def operator_read(member: Member) -> OperatorRead:
    """A member as the api may know them."""
    return OperatorRead(
        id=member.operator.id,
        name=member.name,
        email=member.operator.email,
        role=member.role,
        state=member.state,
        grants=[GrantRead(source=grant.source, role=grant.role) for grant in member.grants],
        last_sign_in_at=member.entered_at,
    )


def group_roles_read(found: GroupRoles) -> GroupRolesRead:
    """The tenant's groups."""
    return GroupRolesRead(roles=dict(found.roles), set_here=found.set_here)

"""Operators on the wire."""

from datetime import datetime
from enum import StrEnum
from typing import Annotated, Literal
from uuid import UUID

from pydantic import AfterValidator, Field, StrictBool, model_validator

from services.api.wire import Body, Email, Incoming, OptionalText, PageRead, Read, Text
from services.shared.web.principal import Role

MOST_GROUPS = 200


class OperatorState(StrEnum):
    ACTIVE = "active"
    INVITED = "invited"
    DISABLED = "disabled"


def _of_a_tenant(role: Role) -> Role:
    if role is Role.PLATFORM_ADMIN:
        raise ValueError("must be admin, helpdesk or auditor")
    return role


TenantRole = Annotated[Role, AfterValidator(_of_a_tenant)]


class OperatorGrantRead(Read):
    """Who gives a role: the installation's file (`list`), a group of the identity provider, or an administrator here."""

    source: Literal["list", "group", "operator"]
    role: Role


class OperatorRead(Read):
    """Somebody who signs in. `invited` has never done so; what an administrator decided here counts before the rest."""

    id: UUID
    name: str
    email: str
    role: Role
    state: OperatorState
    grants: list[OperatorGrantRead]
    last_sign_in_at: datetime | None
    is_me: bool


class OperatorPage(PageRead[OperatorRead]):
    pass


class OperatorCreate(Body):
    """Nobody is written to: tell them the address. They are known by their address at their first sign-in."""

    email: Email
    name: OptionalText = None
    role: TenantRole


class OperatorUpdate(Body):
    """What is left out stays."""

    role: TenantRole | None = None
    disabled: StrictBool | None = None


class GroupRole(Incoming):
    group: Text
    role: TenantRole


class GroupRoleRead(Read):
    group: str
    role: Role


class GroupRolesUpdate(Body):
    """All of them: a group that is not named here means nothing from now on."""

    items: Annotated[list[GroupRole], Field(max_length=MOST_GROUPS)]

    @model_validator(mode="after")
    def _once(self) -> "GroupRolesUpdate":
        groups = [item.group for item in self.items]
        if len(set(groups)) != len(groups):
            raise ValueError("a group is there twice")
        return self


class GroupRolesRead(Read):
    """`set_here` is false while they are the installation's file's."""

    items: list[GroupRoleRead]
    set_here: bool

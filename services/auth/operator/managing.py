"""What administrators do about operators in their tenant. Each act waits for the one before in the same tenant."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import ClassVar
from uuid import UUID

from sqlalchemy import delete, func, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from services.auth.audit.recorder import entry, write
from services.auth.operator import service
from services.auth.operator.models import Membership, Operator, Source
from services.auth.operator.service import Grant, effective, grant_of, strongest
from services.auth.tenant.models import Tenant
from services.auth.tenant.service import TenantNotFound
from services.shared.kit.actors import Actor
from services.shared.kit.errors import Conflict, FieldError, InvalidInput, NotFound
from services.shared.web.principal import Role

MOST_OPERATORS = 2000


class OperatorNotFound(NotFound):
    code: ClassVar[str] = "operator_not_found"


class NotAnAdministrator(Conflict):
    """Whoever asks was one a moment ago."""

    code: ClassVar[str] = "not_an_administrator"


class Yourself(Conflict):
    code: ClassVar[str] = "yourself"


class LastAdministrator(Conflict):
    code: ClassVar[str] = "last_administrator"


class ListedElsewhere(Conflict):
    """The installation's file or a group lets this person in."""

    code: ClassVar[str] = "listed_elsewhere"


class TooManyOperators(Conflict):
    code: ClassVar[str] = "too_many_operators"


class MemberState(StrEnum):
    ACTIVE = "active"
    INVITED = "invited"
    DISABLED = "disabled"


@dataclass(frozen=True, slots=True)
class Member:
    """An operator of one tenant, and who says so."""

    operator: Operator
    name: str
    grants: list[Grant]
    entered_at: datetime | None

    @property
    def role(self) -> Role:
        """What they are, or would be if they were not disabled."""
        own = [grant.role for grant in self.grants if grant.source is Source.OPERATOR]
        return own[0] if own else strongest(grant.role for grant in self.grants)

    @property
    def state(self) -> MemberState:
        """Whether they may enter, and whether they ever did."""
        if effective(self.grants) is None:
            return MemberState.DISABLED
        return MemberState.INVITED if self.entered_at is None else MemberState.ACTIVE

    @property
    def others(self) -> list[Grant]:
        """What the file and the groups say."""
        return [grant for grant in self.grants if grant.source is not Source.OPERATOR]

    def facts(self) -> dict[str, str]:
        """For the audit log."""
        return {"role": self.role.value, "state": self.state.value}


async def list_members(session: AsyncSession, tenant_id: UUID) -> list[Member]:
    """Everybody of the tenant by name, disabled people too. The session is in the tenant."""
    rows = await session.execute(
        select(Operator, Membership)
        .join(Membership, Membership.operator_id == Operator.id)
        .where(Membership.tenant_id == tenant_id)
        .order_by(Operator.id, Membership.source),
        execution_options={"populate_existing": True},
    )
    found: dict[UUID, tuple[Operator, list[Membership]]] = {}
    for operator, membership in rows:
        found.setdefault(operator.id, (operator, []))[1].append(membership)
    members = [_member(operator, memberships) for operator, memberships in found.values()]
    return sorted(members, key=lambda one: one.name.casefold())


def _member(operator: Operator, memberships: Sequence[Membership]) -> Member:
    entered = [row.entered_at for row in memberships if row.entered_at is not None]
    return Member(
        operator,
        service.name_here(operator, memberships),
        [grant_of(row) for row in memberships],
        max(entered, default=None),
    )


async def add_member(
    session: AsyncSession, tenant_id: UUID, *, email: str, name: str, role: Role, actor: Actor
) -> Member:
    """Let whoever signs in with this address in. Nothing is sent to them.

    Raises:
        InvalidInput: they are an operator of this tenant already.
        NotAnAdministrator: whoever asks is none any more.
        TooManyOperators: there are as many as a tenant may have.
    """
    members = await _begin(session, tenant_id, actor)
    known = next((one for one in members.values() if one.operator.email == email.lower()), None)
    if known is not None:
        words = "They are disabled: enable them instead." if known.state is MemberState.DISABLED else ""
        raise InvalidInput(
            [FieldError("email", f"This address is an operator's already. {words}".strip(), "already_there")]
        )
    if len(members) >= MOST_OPERATORS:
        raise TooManyOperators(f"There are {MOST_OPERATORS} operators already. Remove one first.")
    operator = await service.ensure_operator(session, email=email, name=name or email)
    await service.grant(session, tenant_id, operator.id, Source.OPERATOR, role, given_name=name or email)
    return await _done(session, tenant_id, operator.id, "operator.added", actor, before=None)


async def change_member(
    session: AsyncSession,
    tenant_id: UUID,
    operator_id: UUID,
    *,
    role: Role | None,
    disabled: bool | None,
    actor: Actor,
) -> tuple[Member, Member]:
    """Give another role, or switch off or on; as they were and as they are. It counts at once, for open pages too.

    Raises:
        OperatorNotFound: nobody of this tenant.
        Yourself, LastAdministrator, NotAnAdministrator: it would lock somebody out.
    """
    before = _other(await _begin(session, tenant_id, actor), operator_id, actor)
    wanted = role or before.role
    off = before.state is MemberState.DISABLED if disabled is None else disabled
    if not off and before.others and strongest(one.role for one in before.others) is wanted:
        # What the file and the groups say is what is wanted: let them say it again.
        await _forget(session, tenant_id, operator_id)
    else:
        await service.grant(session, tenant_id, operator_id, Source.OPERATOR, wanted, disabled=off)
    action = "operator.changed"
    if off != (before.state is MemberState.DISABLED):
        action = "operator.disabled" if off else "operator.enabled"
    return before, await _done(session, tenant_id, operator_id, action, actor, before=before)


async def remove_member(session: AsyncSession, tenant_id: UUID, operator_id: UUID, *, actor: Actor) -> Member:
    """Take an operator out of the tenant; as they were.

    Raises:
        OperatorNotFound, Yourself, LastAdministrator, NotAnAdministrator: as `change_member`.
        ListedElsewhere: the installation's file or a group would let them in again.
    """
    before = _other(await _begin(session, tenant_id, actor), operator_id, actor)
    if before.others:
        who = "A group" if before.others[0].source is Source.GROUP else "The installation's file"
        raise ListedElsewhere(
            f"{who} makes {before.name} an operator. Disable them here, or take them out there."
        )
    await _forget(session, tenant_id, operator_id)
    await _check_admins(session, tenant_id, actor)
    await write(
        session,
        entry(tenant_id, actor, "operator.removed", ("operator", str(operator_id)), before=before.facts()),
    )
    return before


@dataclass(frozen=True, slots=True)
class GroupRoles:
    """Which groups mean what, and whether an administrator said so, or else the installation's file."""

    roles: Mapping[str, Role]
    set_here: bool


async def get_group_roles(session: AsyncSession, tenant_id: UUID) -> GroupRoles:
    """The tenant's groups. The session is in the tenant.

    Raises:
        TenantNotFound: there is no such tenant.
    """
    tenant = await session.get(Tenant, tenant_id)
    if tenant is None:
        raise TenantNotFound("There is no such tenant.")
    return GroupRoles(await service.list_group_roles(session, tenant_id), tenant.groups_set_at is not None)


async def set_group_roles(
    session: AsyncSession, tenant_id: UUID, roles: Mapping[str, Role], *, actor: Actor
) -> tuple[GroupRoles, GroupRoles]:
    """The groups are exactly these from now on, whatever the file says; as they were and as they are.

    Who had a role by a group that lost it loses it at once; who gains one gets it at the next sign-in.

    Raises:
        Yourself, LastAdministrator, NotAnAdministrator: it would lock somebody out.
    """
    await _begin(session, tenant_id, actor)
    before = await get_group_roles(session, tenant_id)
    await service.replace_group_roles(session, tenant_id, roles)
    await session.execute(update(Tenant).where(Tenant.id == tenant_id).values(groups_set_at=func.now()))
    await _check_admins(session, tenant_id, actor)
    after = GroupRoles(await service.list_group_roles(session, tenant_id), set_here=True)
    await write(
        session,
        entry(
            tenant_id,
            actor,
            "group_roles.changed",
            ("tenant", str(tenant_id)),
            before=dict(before.roles),
            after=dict(after.roles),
        ),
    )
    return before, after


async def _begin(session: AsyncSession, tenant_id: UUID, actor: Actor) -> dict[UUID, Member]:
    """Everybody, with nobody else changing them until the transaction ends."""
    tenant = await session.scalar(select(Tenant.id).where(Tenant.id == tenant_id).with_for_update())
    if tenant is None:
        raise TenantNotFound("There is no such tenant.")
    members = {member.operator.id: member for member in await list_members(session, tenant_id)}
    asking = members.get(UUID(actor.id))
    if asking is None or effective(asking.grants) is not Role.ADMIN:
        operator = await session.get(Operator, UUID(actor.id))
        if operator is None or not operator.platform_admin:
            raise NotAnAdministrator("You are no administrator any more.")
    return members


def _other(members: Mapping[UUID, Member], operator_id: UUID, actor: Actor) -> Member:
    found = members.get(operator_id)
    if found is None:
        raise OperatorNotFound("There is no such operator.")
    if operator_id == UUID(actor.id):
        raise Yourself("You cannot change or remove yourself. Ask another administrator.")
    return found


async def _check_admins(session: AsyncSession, tenant_id: UUID, actor: Actor) -> Sequence[Member]:
    """The members as they would be now, if that locks nobody out."""
    members = await list_members(session, tenant_id)
    admins = {one.operator.id for one in members if effective(one.grants) is Role.ADMIN}
    if not admins:
        raise LastAdministrator("The tenant would have no administrator left.")
    asking = await session.get(Operator, UUID(actor.id))
    if UUID(actor.id) not in admins and not (asking and asking.platform_admin):
        raise Yourself("You would be no administrator any more. Ask another administrator.")
    return members


async def _done(
    session: AsyncSession,
    tenant_id: UUID,
    operator_id: UUID,
    action: str,
    actor: Actor,
    *,
    before: Member | None,
) -> Member:
    members = await _check_admins(session, tenant_id, actor)
    after = next(one for one in members if one.operator.id == operator_id)
    await write(
        session,
        entry(
            tenant_id,
            actor,
            action,
            ("operator", str(operator_id)),
            before=before.facts() if before else None,
            after=after.facts(),
        ),
    )
    return after


async def _forget(session: AsyncSession, tenant_id: UUID, operator_id: UUID) -> None:
    await session.execute(
        delete(Membership).where(
            Membership.tenant_id == tenant_id,
            Membership.operator_id == operator_id,
            Membership.source == Source.OPERATOR,
        )
    )

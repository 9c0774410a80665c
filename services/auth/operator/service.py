"""Who an operator is, and what they may do in which tenant."""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import delete, func, select, text, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from services.auth.operator.models import GroupRole, Membership, Operator, Source
from services.auth.tenant.models import Tenant
from services.auth.tenant.service import list_tenants
from services.shared.kit.ids import uuid7
from services.shared.kit.uow import enter_tenant
from services.shared.web.principal import Role

STRENGTH: Mapping[Role, int] = {Role.PLATFORM_ADMIN: 3, Role.ADMIN: 2, Role.HELPDESK: 1, Role.AUDITOR: 0}
_HOLD_OPERATOR = text("SELECT set_config('app.operator_id', :id, true)")
_HOLD_GROUPS = text("SELECT set_config('app.groups', :groups, true)")


@dataclass(frozen=True, slots=True)
class TenantRole:
    """One tenant that an operator may enter, and as what."""

    tenant_id: UUID
    slug: str
    name: str
    role: Role


@dataclass(frozen=True, slots=True)
class Grant:
    """One row that speaks about an operator in a tenant."""

    source: Source
    role: Role
    disabled: bool = False


def effective(grants: Iterable[Grant]) -> Role | None:
    """The role that counts: what an administrator decided in the product, else the strongest of file and groups."""
    held = list(grants)
    for grant in held:
        if grant.source is Source.OPERATOR:
            return None if grant.disabled else grant.role
    return strongest(grant.role for grant in held) if held else None


def strongest(roles: Iterable[Role]) -> Role:
    """The role that counts when several are given."""
    return max(roles, key=STRENGTH.__getitem__)


async def hold_operator(session: AsyncSession, operator_id: UUID) -> None:
    """Let this transaction see this operator's memberships in every tenant."""
    await session.execute(_HOLD_OPERATOR, {"id": str(operator_id)})


async def list_tenant_roles(session: AsyncSession, operator: Operator) -> list[TenantRole]:
    """Where the operator may go, by the tenant's name. A platform administrator may go everywhere."""
    if operator.platform_admin:
        return [
            TenantRole(tenant.id, tenant.slug, tenant.name, Role.PLATFORM_ADMIN)
            for tenant in await list_tenants(session)
        ]
    await hold_operator(session, operator.id)
    rows = await session.execute(
        select(Tenant, Membership)
        .join(Membership, Membership.tenant_id == Tenant.id)
        .where(Membership.operator_id == operator.id)
        .order_by(Tenant.name, Tenant.id)
    )
    found: dict[UUID, tuple[Tenant, list[Grant]]] = {}
    for tenant, membership in rows:
        found.setdefault(tenant.id, (tenant, []))[1].append(grant_of(membership))
    return [
        TenantRole(tenant.id, tenant.slug, tenant.name, role)
        for tenant, grants in found.values()
        if (role := effective(grants)) is not None
    ]


def grant_of(membership: Membership) -> Grant:
    """What a stored row says."""
    return Grant(Source(membership.source), Role(membership.role), membership.disabled)


async def find_by_subject(session: AsyncSession, issuer: str, subject: str) -> Operator | None:
    """Who signed in before under this identity."""
    return (
        await session.scalars(select(Operator).where(Operator.issuer == issuer, Operator.subject == subject))
    ).one_or_none()


async def find_by_email(session: AsyncSession, email: str) -> Operator | None:
    """Whoever is listed under this address."""
    return (await session.scalars(select(Operator).where(Operator.email == email.lower()))).one_or_none()


def name_here(operator: Operator, memberships: Iterable[Membership]) -> str:
    """What an operator is called in one tenant: what they are called elsewhere is not told before they come in."""
    held = list(memberships)
    if any(row.entered_at is not None or row.source != Source.OPERATOR for row in held):
        return operator.name
    return next((row.given_name for row in held if row.given_name), operator.email)


async def note_entry(session: AsyncSession, tenant_id: UUID, operator_id: UUID) -> None:
    """They came into this tenant now. The session is in it."""
    await session.execute(
        update(Membership)
        .where(Membership.tenant_id == tenant_id, Membership.operator_id == operator_id)
        .values(entered_at=func.now())
        .execution_options(synchronize_session=False)
    )


async def find_member(
    session: AsyncSession, tenant_id: UUID, email: str
) -> tuple[Operator, str, Role] | None:
    """Whoever is listed under this address and belongs to this tenant, their name there, and as what.

    The session is in the tenant.
    """
    operator = await find_by_email(session, email)
    if operator is None:
        return None
    found = await session.scalars(
        select(Membership).where(Membership.tenant_id == tenant_id, Membership.operator_id == operator.id)
    )
    rows = found.all()
    role = effective(grant_of(row) for row in rows)
    return (operator, name_here(operator, rows), role) if role is not None else None


async def ensure_operator(session: AsyncSession, *, email: str, name: str) -> Operator:
    """The operator of that address, made if there is none. A name that is already known stays."""
    await session.execute(
        insert(Operator)
        .values(id=uuid7(), email=email.lower(), name=name)
        .on_conflict_do_nothing(index_elements=[Operator.email])
    )
    return (await session.scalars(select(Operator).where(Operator.email == email.lower()))).one()


async def set_platform_admins(session: AsyncSession, emails: Iterable[str]) -> None:
    """Exactly these addresses administer the platform."""
    listed = [email.lower() for email in emails]
    await session.execute(
        update(Operator)
        .where(Operator.platform_admin != Operator.email.in_(listed))
        .values(platform_admin=Operator.email.in_(listed))
    )


async def replace_listed_members(session: AsyncSession, tenant_id: UUID, roles: Mapping[UUID, Role]) -> None:
    """The list's memberships of a tenant are exactly these; those from groups are left alone."""
    await enter_tenant(session, tenant_id)
    await session.execute(
        delete(Membership).where(
            Membership.tenant_id == tenant_id,
            Membership.source == Source.LIST,
            Membership.operator_id.not_in(list(roles)),
        )
    )
    for operator_id, role in roles.items():
        await grant(session, tenant_id, operator_id, Source.LIST, role)


async def replace_group_roles(session: AsyncSession, tenant_id: UUID, roles: Mapping[str, Role]) -> None:
    """The groups that mean something in a tenant are exactly these; whoever has a role by another one loses it."""
    await enter_tenant(session, tenant_id)
    before = await list_group_roles(session, tenant_id)
    if before == dict(roles):
        return
    await session.execute(
        delete(GroupRole).where(GroupRole.tenant_id == tenant_id, GroupRole.group_name.not_in(list(roles)))
    )
    for group, role in roles.items():
        await session.execute(
            insert(GroupRole)
            .values(tenant_id=tenant_id, group_name=group, role=role)
            .on_conflict_do_update(
                index_elements=[GroupRole.tenant_id, GroupRole.group_name], set_={"role": role}
            )
        )
    given = await session.scalars(
        select(Membership).where(Membership.tenant_id == tenant_id, Membership.source == Source.GROUP)
    )
    for membership in given.all():
        # A row from before the groups were noted loses its role: the next sign-in gives what is due.
        left = [roles[group] for group in membership.group_names if group in roles]
        if left:
            membership.role = strongest(left)
        else:
            await session.delete(membership)
    await session.flush()


async def list_group_roles(session: AsyncSession, tenant_id: UUID) -> dict[str, Role]:
    """Which groups mean what in a tenant. The session is in it."""
    rows = await session.execute(
        select(GroupRole.group_name, GroupRole.role)
        .where(GroupRole.tenant_id == tenant_id)
        .order_by(GroupRole.group_name)
    )
    return {group: Role(role) for group, role in rows}


GroupGrants = Mapping[UUID, Mapping[str, Role]]
"""By tenant: which of a person's groups mean something there, and what."""


async def roles_of_groups(session: AsyncSession, groups: Sequence[str]) -> GroupGrants:
    """What these groups give."""
    await session.execute(_HOLD_GROUPS, {"groups": json.dumps(list(groups))})
    found: dict[UUID, dict[str, Role]] = {}
    rows = await session.execute(
        select(GroupRole.tenant_id, GroupRole.group_name, GroupRole.role).where(
            GroupRole.group_name.in_(groups)
        )
    )
    for tenant_id, group, role in rows:
        found.setdefault(tenant_id, {})[group] = Role(role)
    return found


async def replace_group_members(session: AsyncSession, operator_id: UUID, roles: GroupGrants) -> None:
    """The operator's memberships that come from groups are exactly these."""
    await hold_operator(session, operator_id)
    held = await session.scalars(
        select(Membership.tenant_id).where(
            Membership.operator_id == operator_id, Membership.source == Source.GROUP
        )
    )
    for tenant_id in set(held) - set(roles):
        await enter_tenant(session, tenant_id)
        await session.execute(
            delete(Membership).where(
                Membership.tenant_id == tenant_id,
                Membership.operator_id == operator_id,
                Membership.source == Source.GROUP,
            )
        )
    for tenant_id, by_group in roles.items():
        await enter_tenant(session, tenant_id)
        role = strongest(by_group.values())
        await grant(session, tenant_id, operator_id, Source.GROUP, role, groups=sorted(by_group))


async def grant(
    session: AsyncSession,
    tenant_id: UUID,
    operator_id: UUID,
    source: Source,
    role: Role,
    *,
    groups: Sequence[str] = (),
    disabled: bool = False,
    given_name: str | None = None,
) -> None:
    """One source's word about an operator, in place of its word before. The session is in the tenant."""
    said: dict[str, Any] = {"role": role, "group_names": list(groups), "disabled": disabled}
    if given_name is not None:
        said["given_name"] = given_name
    await session.execute(
        insert(Membership)
        .values(tenant_id=tenant_id, operator_id=operator_id, source=source, **said)
        .on_conflict_do_update(
            index_elements=[Membership.tenant_id, Membership.operator_id, Membership.source], set_=said
        )
    )

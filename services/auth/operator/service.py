"""Who an operator is, and what they may do in which tenant."""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
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
        select(Tenant.id, Tenant.slug, Tenant.name, func.array_agg(Membership.role))
        .join(Membership, Membership.tenant_id == Tenant.id)
        .where(Membership.operator_id == operator.id)
        .group_by(Tenant.id)
        .order_by(Tenant.name)
    )
    return [
        TenantRole(tenant_id, slug, name, strongest(Role(role) for role in roles))
        for tenant_id, slug, name, roles in rows
    ]


async def find_by_subject(session: AsyncSession, issuer: str, subject: str) -> Operator | None:
    """Who signed in before under this identity."""
    return (
        await session.scalars(select(Operator).where(Operator.issuer == issuer, Operator.subject == subject))
    ).one_or_none()


async def find_by_email(session: AsyncSession, email: str) -> Operator | None:
    """Whoever is listed under this address."""
    return (await session.scalars(select(Operator).where(Operator.email == email.lower()))).one_or_none()


async def find_member(session: AsyncSession, tenant_id: UUID, email: str) -> tuple[Operator, Role] | None:
    """Whoever is listed under this address and belongs to this tenant, as what. The session is in the tenant."""
    operator = await find_by_email(session, email)
    if operator is None:
        return None
    roles = await session.scalars(
        select(Membership.role).where(
            Membership.tenant_id == tenant_id, Membership.operator_id == operator.id
        )
    )
    held = [Role(role) for role in roles]
    return (operator, strongest(held)) if held else None


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
        await _grant(session, tenant_id, operator_id, Source.LIST, role)


async def replace_group_roles(session: AsyncSession, tenant_id: UUID, roles: Mapping[str, Role]) -> None:
    """The groups that mean something in a tenant are exactly these."""
    await enter_tenant(session, tenant_id)
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


async def roles_of_groups(session: AsyncSession, groups: Sequence[str]) -> dict[UUID, Role]:
    """What these groups give, by tenant."""
    await session.execute(_HOLD_GROUPS, {"groups": json.dumps(list(groups))})
    found: dict[UUID, Role] = {}
    rows = await session.execute(
        select(GroupRole.tenant_id, GroupRole.role).where(GroupRole.group_name.in_(groups))
    )
    for tenant_id, role in rows:
        found[tenant_id] = strongest([Role(role), found.get(tenant_id, Role(role))])
    return found


async def replace_group_members(session: AsyncSession, operator_id: UUID, roles: Mapping[UUID, Role]) -> None:
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
    for tenant_id, role in roles.items():
        await enter_tenant(session, tenant_id)
        await _grant(session, tenant_id, operator_id, Source.GROUP, role)


async def _grant(
    session: AsyncSession, tenant_id: UUID, operator_id: UUID, source: Source, role: Role
) -> None:
    await session.execute(
        insert(Membership)
        .values(tenant_id=tenant_id, operator_id=operator_id, source=source, role=role)
        .on_conflict_do_update(
            index_elements=[Membership.tenant_id, Membership.operator_id, Membership.source],
            set_={"role": role},
        )
    )

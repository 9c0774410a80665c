"""The Zoom accounts of the seed."""

from __future__ import annotations

from services.sandbox.seed import MICROSOFT_TENANTS, Person, stable_uuid
from services.sandbox.zoom.state import (
    ADMIN_ROLE,
    BASIC,
    LICENSED,
    MEMBER_ROLE,
    OWNER_ROLE,
    Account,
    Group,
    Role,
    Sku,
    User,
)

_PEOPLE = {tenant.domains[0]: tenant.people for tenant in MICROSOFT_TENANTS}
_LICENSED_PEOPLE = {"admin", "priya.raman", "marcus.oyelaran", "lena.fischer"}
_ROLES = (
    (OWNER_ROLE, "Owner", "Account owner has full privileges to access and manage a Zoom account."),
    (ADMIN_ROLE, "Admin", "Admins have wide range privileges to access and manage a Zoom account."),
    (MEMBER_ROLE, "Member", "Members have access to basic Zoom video meeting services but no account management."),
    ("RbHX2xXn1QmGHwYAKLSn1w", "Meeting Support", "May look after other people's meetings."),
)  # fmt: skip


def _skus(licensed: int, webinar: int) -> tuple[Sku, ...]:
    return (
        Sku("basic", "Basic", 50),
        Sku("licensed", "Licensed", licensed),
        Sku("large500", "Large Meeting 500", 2),
        Sku("webinar500", "Webinar 500", webinar),
        Sku("webinar1000", "Webinar 1000", 0),
        Sku("united1", "Zoom United Pro", 3),
    )


def make_accounts() -> list[Account]:
    acme = Account(
        id="AcmeSandboxZoomAcct001",
        name="Acme",
        domains=("acme.example", "acme-labs.example"),
        client_id="sandbox-zoom-client",
        client_secret="sandbox-zoom-secret",  # noqa: S106 - a constant of an imitated vendor
        elsewhere={"personal@acme.example"},
        blocked_domains={"blocked.example"},
    )
    _fill(acme, ("Engineering", "Sales", "IT", "Webinar Hosts"), _skus(licensed=12, webinar=2))
    globex = Account(
        id="GlobexSandboxZoomAcc01",
        name="Globex",
        domains=("globex.example",),
        client_id="sandbox-zoom-client-globex",
        client_secret="sandbox-zoom-secret-globex",  # noqa: S106 - a constant of an imitated vendor
    )
    _fill(globex, ("Everyone", "Plant"), _skus(licensed=4, webinar=1))
    return [acme, globex]


def _fill(account: Account, groups: tuple[str, ...], skus: tuple[Sku, ...]) -> None:
    account.skus = {sku.id: sku for sku in skus}
    account.roles = {role[0]: Role(*role) for role in _ROLES}
    for name in groups:
        group = Group(name, id=_id(account, "group", name))
        account.groups[group.id] = group
    for person in _PEOPLE[account.domain]:
        user = _user(account, person)
        account.add_user(user)
        for group in account.groups.values():
            if group.name in person.groups:
                group.members[user.id] = user.created_at


def _user(account: Account, person: Person) -> User:
    return User(
        email=f"{person.local}@{account.domain}",
        first_name=person.given,
        last_name=person.family,
        display_name=f"{person.given} {person.family}",
        type=LICENSED if person.local in _LICENSED_PEOPLE else BASIC,
        id=_id(account, "user", person.local),
        role=OWNER_ROLE if person.is_admin else MEMBER_ROLE,
        fields={"dept": person.department, "job_title": person.title},
    )


def _id(account: Account, *parts: str) -> str:
    return stable_uuid("zoom", account.id, *parts).replace("-", "")[:22]

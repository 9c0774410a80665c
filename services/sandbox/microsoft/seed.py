"""The Microsoft tenants of the seed, and the apps that may sign in to them."""

from __future__ import annotations

from services.sandbox.microsoft.state import App, Group, Held, Plan, Sku, Tenant, User
from services.sandbox.microsoft.users import digest
from services.sandbox.seed import MICROSOFT_TENANTS, PLANS, MicrosoftSeed, Person, SkuSeed, stable_uuid

APP_ID = "5a0c8e1d-77b4-4c0f-9d33-2f6b1e84c901"
READER_ID = "c2d94b7f-0b1e-4f53-8a66-71f0a9b3d502"
CONNECT_ID = "e81f3a26-4d1c-4f0a-b6d7-93c5a0e2b703"
"""The app of the consent pages: no tenant knows it until somebody agrees."""
PERMISSIONS = frozenset(
    {
        "User.ReadWrite.All",
        "Group.ReadWrite.All",
        "GroupMember.ReadWrite.All",
        "Organization.Read.All",
        "Directory.Read.All",
        "Domain.Read.All",
        "LicenseAssignment.ReadWrite.All",
        "User.RevokeSessions.All",
        "User.EnableDisableAccount.All",
    }
)


WATCHING = frozenset({"Mail.Read", "Calendars.Read", "Contacts.Read"})
"""As application permissions for everybody's mailboxes, as delegated ones for the person's own."""
DELEGATED = frozenset({"User.Read", *PERMISSIONS, *WATCHING})


def make_apps(secret: str) -> list[App]:
    """The app with every permission, one that may only read users, and one that nobody has agreed to yet."""
    tenants = frozenset(seed.id for seed in MICROSOFT_TENANTS)
    return [
        App(APP_ID, secret, "OneClick", PERMISSIONS | WATCHING, tenants),
        App(READER_ID, secret, "OneClick (read only)", frozenset({"User.Read.All"}), tenants),
        App(CONNECT_ID, secret, "OneClick", PERMISSIONS | WATCHING, frozenset(), DELEGATED),
    ]


def make_tenants() -> list[Tenant]:
    return [_tenant(seed) for seed in MICROSOFT_TENANTS]


def _tenant(seed: MicrosoftSeed) -> Tenant:
    tenant = Tenant(
        id=seed.id,
        name=seed.name,
        country=seed.country,
        domains=seed.domains,
        initial_domain=seed.initial_domain,
    )
    domain = seed.domains[0]
    tenant.skus = {sku.id: _sku(sku) for sku in seed.skus}
    for name, nickname, kind in seed.groups:
        group_id = stable_uuid("microsoft", "group", domain, nickname)
        mail = f"{nickname}@{domain}" if kind == "unified" else None
        tenant.groups[group_id] = Group(
            group_id, name, nickname, kind, mail, description=f"{name} of {seed.name}"
        )
    for person in seed.people:
        tenant.add_user(seed_user(person, domain))
    for person in seed.people:
        _place(tenant, person, domain)
    return tenant


def _sku(seed: SkuSeed) -> Sku:
    plans = (PLANS[name] for name in seed.plans)
    return Sku(
        seed.id,
        seed.part,
        seed.enabled,
        tuple(Plan(plan.id, plan.name, frozenset(plan.needs), frozenset(plan.excludes)) for plan in plans),
        seed.status,
    )


def seed_user(person: Person, domain: str) -> User:
    address = f"{person.local}@{domain}"
    return User(
        id=stable_uuid("microsoft", "user", address),
        password=digest(f"Seed-{person.local}-1"),
        is_admin=person.is_admin,
        fields={
            "accountEnabled": True,
            "displayName": f"{person.given} {person.family}",
            "givenName": person.given,
            "surname": person.family,
            "mailNickname": person.local,
            "userPrincipalName": address,
            "mail": address,
            "proxyAddresses": [f"SMTP:{address}", *(f"smtp:{alias}@{domain}" for alias in person.aliases)],
            "jobTitle": person.title or None,
            "department": person.department or None,
            "usageLocation": person.location,
            "userType": "Member",
        },
    )


def _place(tenant: Tenant, person: Person, domain: str) -> None:
    user = tenant.users[stable_uuid("microsoft", "user", f"{person.local}@{domain}")]
    if person.manager:
        user.manager = stable_uuid("microsoft", "user", f"{person.manager}@{domain}")
    for group in tenant.groups.values():
        if group.display_name in person.groups:
            group.members[user.id] = None
    for sku_id in person.skus:
        tenant.give(user, sku_id, Held([], user.created_at))

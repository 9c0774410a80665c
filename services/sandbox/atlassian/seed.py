"""The organisations of the seed, and which group grants which product."""

from __future__ import annotations

from services.sandbox.atlassian.state import Account, Group, Organisation, Product, ScimUser
from services.sandbox.seed import MICROSOFT_TENANTS, Person, stable_uuid

JIRA, SERVICE_DESK, CONFLUENCE = "jira-software", "jira-servicedesk", "confluence"
PRODUCTS = {
    JIRA: "Jira Software",
    SERVICE_DESK: "Jira Service Management",
    CONFLUENCE: "Confluence",
}
SITE_ADMINS = "site-admins"

_PEOPLE = {tenant.domains[0]: tenant.people for tenant in MICROSOFT_TENANTS}
_GROUPS: dict[str, tuple[tuple[str, bool, tuple[str, ...], tuple[str, ...]], ...]] = {
    "acme.example": (
        ("jira-users", True, (JIRA,), ()),
        ("confluence-users", True, (CONFLUENCE,), ()),
        ("jira-servicedesk-agents", True, (SERVICE_DESK,), ()),
        ("Engineering", True, (), ()),
        ("Sales", True, (), ()),
        ("jira-users-acme", False, (JIRA,), (JIRA,)),
        ("jira-servicemanagement-users-acme", False, (SERVICE_DESK,), (SERVICE_DESK,)),
        ("confluence-users-acme", False, (CONFLUENCE,), (CONFLUENCE,)),
        ("acme-reviewers", False, (), ()),
        (SITE_ADMINS, False, (), ()),
    ),
    "globex.example": (
        ("jira-users", True, (JIRA,), ()),
        ("confluence-users", True, (CONFLUENCE,), ()),
        ("Plant", True, (), ()),
        ("jira-users-globex", False, (JIRA,), (JIRA,)),
        ("confluence-users-globex", False, (CONFLUENCE,), (CONFLUENCE,)),
        (SITE_ADMINS, False, (), ()),
    ),
}
"""Name, whether the SCIM directory holds it, the products it grants, the products whose new people it takes."""

_SEATS = {
    "acme.example": {JIRA: 20, SERVICE_DESK: 3, CONFLUENCE: 20},
    "globex.example": {JIRA: 5, CONFLUENCE: 5},
}
_IN_BOTH = ("jira-users", "confluence-users")
_UNPROVISIONED = {"auditor"}
"""Managed accounts that the SCIM directory does not know yet."""


def make_organisations() -> list[Organisation]:
    return [
        _organisation(
            "acme.example",
            "Acme",
            verified=("acme.example", "acme-labs.example"),
            suffix="",
        ),
        _organisation("globex.example", "Globex", verified=("globex.example",), suffix="-globex"),
    ]


def _organisation(domain: str, name: str, *, verified: tuple[str, ...], suffix: str) -> Organisation:
    site = domain.partition(".")[0]
    org = Organisation(
        id=stable_uuid("atlassian", domain, "org"),
        name=name,
        domains=verified,
        directory_id=stable_uuid("atlassian", domain, "scim"),
        user_directory_id=stable_uuid("atlassian", domain, "directory"),
        site=site,
        cloud_id=stable_uuid("atlassian", domain, "cloud"),
        scim_key=f"sandbox-atlassian-scim-key{suffix}",
        admin_key=f"sandbox-atlassian-admin-key{suffix}",
        api_tokens={f"admin@{domain}": f"sandbox-atlassian-api-token{suffix}"},
    )
    if domain == "acme.example":
        org.api_tokens[f"helpdesk@{domain}"] = "sandbox-atlassian-api-token-helpdesk"
    for key, seats in _SEATS[domain].items():
        org.products[key] = Product(key, PRODUCTS[key], seats)
    for group_name, is_synced, products, default_for in _GROUPS[domain]:
        group = Group(
            group_name,
            id=stable_uuid("atlassian", domain, "group", group_name),
            scim_id=stable_uuid("atlassian", domain, "scim-group", group_name) if is_synced else None,
            products=products,
            default_for=default_for,
        )
        org.groups[group.id] = group
    for person in _PEOPLE[domain]:
        _add(org, person)
    org.settle_seats()
    return org


def _add(org: Organisation, person: Person) -> None:
    account = Account(
        email=f"{person.local}@{org.domain}",
        name=f"{person.given} {person.family}",
        id="712020:" + stable_uuid("atlassian", org.domain, "account", person.local),
        title=person.title,
        is_admin=person.is_admin,
    )
    org.accounts[account.id] = account
    wanted = {*person.groups, *_IN_BOTH} | ({SITE_ADMINS} if person.is_admin else set())
    for group in org.groups.values():
        if group.name in wanted:
            group.members[account.id] = None
    if person.local not in _UNPROVISIONED:
        record = scim_record(account, given=person.given, family=person.family)
        record.id = stable_uuid("atlassian", org.domain, "scim-user", person.local)
        record.fields |= {"title": person.title, "department": person.department}
        org.scim[record.id] = record


def scim_record(account: Account, *, given: str, family: str) -> ScimUser:
    """A record as an identity provider would have written it."""
    return ScimUser(
        user_name=account.email,
        account_id=account.id,
        fields={
            "emails": [{"value": account.email, "type": "work", "primary": True}],
            "name": {"givenName": given, "familyName": family},
            "displayName": account.name,
        },
    )

"""Two organisations, once with people's own logins and once with logins that an enterprise manages."""

from __future__ import annotations

import time
from dataclasses import dataclass

from services.sandbox.github.scim_enterprise import add_identity
from services.sandbox.github.scim_groups import fill_teams
from services.sandbox.github.scim_views import USER
from services.sandbox.github.state import (
    EXPIRED,
    Account,
    Credential,
    Enterprise,
    Invitation,
    Organization,
    ScimGroup,
    Team,
    World,
)
from services.sandbox.seed import GOOGLE_CUSTOMERS, Person, stable_number, stable_uuid

_DAY = 86_400
_SHOWN = frozenset({"lena.fischer"})
"""Whose public profile shows an address; everybody else hides it, as most people do."""


@dataclass(frozen=True, slots=True)
class OrgSeed:
    domain: str
    login: str
    name: str
    seats: int
    installation_id: int
    enterprise: str
    shortcode: str
    teams: tuple[tuple[str, str, bool], ...]
    """Slug, name, whether an identity provider fills it."""
    places: tuple[tuple[str, str], ...]
    """Department, slug of its team."""
    pending_address: str
    pending_login: str
    failed_address: str
    copilot: tuple[str, ...] = ()


ORGANIZATIONS = (
    OrgSeed(
        domain="acme.example",
        login="acme-example",
        name="Acme",
        seats=40,
        installation_id=5_150_001,
        enterprise="acme-enterprise",
        shortcode="acme",
        teams=(
            ("engineering", "Engineering", False),
            ("platform", "Platform", False),
            ("it", "IT", False),
            ("sales-tools", "Sales Tools", False),
            ("security", "Security", True),
        ),
        places=(("Engineering", "engineering"), ("IT", "it"), ("Sales", "sales-tools")),
        pending_address="freelancer@studio.example",
        pending_login="octo-contractor",
        failed_address="late.starter@acme.example",
        copilot=("priya.raman",),
    ),
    OrgSeed(
        domain="globex.example",
        login="globex-example",
        name="Globex",
        seats=7,
        installation_id=5_150_002,
        enterprise="globex-enterprise",
        shortcode="globex",
        teams=(("plant", "Plant", False), ("compliance", "Compliance", True)),
        places=(("Operations", "plant"),),
        pending_address="auditor@audits.example",
        pending_login="globex-contractor",
        failed_address="never.came@globex.example",
    ),
)


def make_world(*, is_managed: bool) -> World:
    """The seed: of people with their own logins, or of enterprises that manage theirs."""
    world = World()
    for seed, customer in zip(ORGANIZATIONS, GOOGLE_CUSTOMERS, strict=True):
        enterprise = Enterprise(seed.enterprise, seed.shortcode)
        world.enterprises[seed.enterprise] = enterprise
        people = {person.local: person for person in customer.people}
        if is_managed:
            accounts = {local: _managed(world, enterprise, one, seed.domain) for local, one in people.items()}
        else:
            accounts = {local: _own(world, one, seed.domain) for local, one in people.items()}
        org = _organization(seed, enterprise, people, accounts)
        world.organizations[seed.login] = org
        if is_managed:
            _link_groups(world, org)
        else:
            _invite(world, org, seed)
    return world


def _own(world: World, person: Person, domain: str) -> Account:
    address = f"{person.local}@{domain}"
    login = f"{person.given}-{person.family}".encode("ascii", "ignore").decode().lower()
    return world.add_account(
        Account(
            login,
            int(stable_number(8, "github", address)),
            f"{person.given} {person.family}",
            emails=[address],
            public_email=address if person.local in _SHOWN else None,
            created_at=time.time() - 900 * _DAY,
        )
    )


def _managed(world: World, enterprise: Enterprise, person: Person, domain: str) -> Account:
    address = f"{person.local}@{domain}"
    full = f"{person.given} {person.family}"
    body = {
        "schemas": [USER],
        "externalId": stable_uuid("github", address),
        "active": True,
        "userName": address,
        "displayName": full,
        "name": {"givenName": person.given, "familyName": person.family, "formatted": full},
        "emails": [{"value": address, "type": "work", "primary": True}],
    }
    identity = add_identity(world, enterprise, body)
    if identity.account is None:
        raise RuntimeError("an identity of an enterprise has an account")
    identity.account.id = int(stable_number(8, "github", "managed", address))
    return identity.account


def _organization(
    seed: OrgSeed, enterprise: Enterprise, people: dict[str, Person], accounts: dict[str, Account]
) -> Organization:
    org = Organization(
        login=seed.login,
        id=int(stable_number(8, "github", seed.login)),
        name=seed.name,
        domain=seed.domain,
        seats=seed.seats,
        installation_id=seed.installation_id,
        enterprise=enterprise,
        owner=accounts["admin"],
    )
    for slug, name, is_synced in seed.teams:
        number = int(stable_number(7, "github", seed.login, slug))
        org.teams[slug] = Team(slug, name, number, f"The people of {name}", is_synced)
    places = dict(seed.places)
    for local, person in people.items():
        account = accounts[local]
        org.join(account, "admin" if person.is_admin else "member")
        team = places.get(person.department)
        if team is not None and local != "taken":
            org.teams[team].members[account.id] = "maintainer" if person.is_admin else "member"
    for local in seed.copilot:
        org.copilot[accounts[local].id] = time.time() - 30 * _DAY
        credential = Credential(accounts[local], "SSH key")
        org.credentials[credential.id] = credential
    return org


def _invite(world: World, org: Organization, seed: OrgSeed) -> None:
    now = time.time()
    number = int(stable_number(8, "github", seed.pending_login))
    outsider = world.add_account(Account(seed.pending_login, number, "Octo Contractor"))
    for invitation in (
        Invitation("direct_member", email=seed.pending_address, created_at=now - 2 * _DAY),
        Invitation("direct_member", account=outsider, created_at=now - _DAY),
    ):
        org.invitations[invitation.id] = invitation
    org.failed.append(
        Invitation(
            "direct_member",
            email=seed.failed_address,
            created_at=now - 12 * _DAY,
            failed_at=now - 5 * _DAY,
            failed_reason=EXPIRED,
        )
    )


def _link_groups(world: World, org: Organization) -> None:
    """Each team that an identity provider fills hangs on a SCIM group of the enterprise."""
    for team in org.teams.values():
        if team.is_synced:
            group = ScimGroup(stable_uuid("github", org.login, team.slug), team.name, f"idp-{team.slug}")
            org.enterprise.groups[group.id] = group
            team.external_group = group.id
            fill_teams(world, org.enterprise, group)

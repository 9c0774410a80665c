"""The companies of the seed."""

from __future__ import annotations

from services.sandbox.scim.schemas import ENTERPRISE
from services.sandbox.scim.state import Company, Resource, digest
from services.sandbox.seed import GOOGLE_CUSTOMERS, GoogleSeed, Person, stable_uuid


def make_companies() -> list[Company]:
    return [_company(seed) for seed in GOOGLE_CUSTOMERS]


def _id(*parts: str) -> str:
    return stable_uuid("scim", *parts)


def _company(seed: GoogleSeed) -> Company:
    domain = seed.domains[0]
    name = domain.partition(".")[0]
    company = Company(
        name=name,
        domain=domain,
        token=f"sandbox-scim-token-{name}",
        client_id=f"oneclick-{name}",
        client_secret=f"sandbox-scim-secret-{name}",
    )
    for person in seed.people:
        company.users[_id(domain, person.local)] = _user(person, domain)
    for local, title in seed.groups:
        members = [
            {"value": _id(domain, person.local), "type": "User"}
            for person in seed.people
            if local in person.google_groups
        ]
        document = {"displayName": title, **({"members": members} if members else {})}
        group = Resource(document, id=_id(domain, "group", local))
        company.groups[group.id] = group
    return company


def _user(person: Person, domain: str) -> Resource:
    address = f"{person.local}@{domain}"
    extension: dict[str, object] = {"department": person.department}
    if person.manager:
        extension["manager"] = {"value": _id(domain, person.manager)}
    return Resource(
        {
            "userName": address,
            "name": {"givenName": person.given, "familyName": person.family},
            "displayName": f"{person.given} {person.family}",
            "title": person.title,
            "active": True,
            "emails": [{"value": address, "type": "work", "primary": True}],
            ENTERPRISE: extension,
        },
        id=_id(domain, person.local),
        password=digest(f"seed-{person.local}"),
    )

"""The Google customers of the seed."""

from __future__ import annotations

from services.sandbox.google.state import Customer, Group, OrgUnit, Sku, User, digest
from services.sandbox.seed import GOOGLE_CUSTOMERS, GoogleSeed, Person, stable_number, stable_uuid


def make_customers() -> list[Customer]:
    return [_customer(seed) for seed in GOOGLE_CUSTOMERS]


def _customer(seed: GoogleSeed) -> Customer:
    customer = Customer(
        id=seed.id,
        domains=seed.domains,
        name=seed.name,
        unmanaged=set(seed.unmanaged),
        root_id=_unit_id(seed.id, "/"),
    )
    customer.org_units = {path.lower(): OrgUnit(path, id=_unit_id(seed.id, path)) for path in seed.org_units}
    customer.skus = {sku[2]: Sku(*sku) for sku in seed.skus}
    for person in seed.people:
        customer.add_user(seed_user(person, seed.domains[0]))
    for local, name in seed.groups:
        address = f"{local}@{seed.domains[0]}"
        customer.add_group(
            Group(email=address, name=name, id=stable_uuid("google", address).replace("-", "")[:15])
        )
    for person in seed.people:
        _place(customer, person, seed.domains[0])
    return customer


def _unit_id(customer_id: str, path: str) -> str:
    return "id:" + stable_uuid(customer_id, path).replace("-", "")[:15]


def seed_user(person: Person, domain: str) -> User:
    fields = {
        "name": {"givenName": person.given, "familyName": person.family},
        "orgUnitPath": person.org_unit,
        "organizations": [{"title": person.title, "department": person.department, "primary": True}],
    }
    user = User(
        id=stable_number(21, "google", person.local, domain),
        primary_email=f"{person.local}@{domain}",
        fields=fields,
        password=digest(f"seed-{person.local}"),
        is_admin=person.is_admin,
        aliases=[f"{alias}@{domain}" for alias in person.aliases],
    )
    if person.has_tokens:
        user.tokens = {
            "1047013456789.apps.googleusercontent.com": {
                "displayText": "Team Calendar",
                "scopes": ["https://www.googleapis.com/auth/calendar"],
            }
        }
        user.asps = {7: {"name": "Mail on my tablet", "creationTime": "1760000000000", "lastTimeUsed": "0"}}
        user.codes = ["48213345", "90817264"]
    return user


def _place(customer: Customer, person: Person, domain: str) -> None:
    user = customer.find_user(f"{person.local}@{domain}")
    if user is None:
        return
    if person.manager:
        user.fields["relations"] = [{"type": "manager", "value": f"{person.manager}@{domain}"}]
    for local in person.google_groups:
        group = customer.find_group(f"{local}@{domain}")
        if group is not None:
            group.members[user.id] = {"email": user.primary_email, "role": "MEMBER"}
    for sku_id in person.google_skus:
        customer.give(user, customer.skus[sku_id])

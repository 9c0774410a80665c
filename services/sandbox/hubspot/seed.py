"""The HubSpot portals of the seed."""

from __future__ import annotations

from services.sandbox.hubspot.state import Portal, Role, Seat, User
from services.sandbox.seed import MICROSOFT_TENANTS, Person

_PEOPLE = {tenant.domains[0]: tenant.people for tenant in MICROSOFT_TENANTS}
_ROLES = (
    Role("100101", "Sales Representative"),
    Role("100102", "Marketing Editor"),
    Role("100103", "Service Agent"),
    Role("100190", "Sales Professional", seat="Sales Seat"),
)


def make_portals() -> list[Portal]:
    acme = Portal(24001001, "Acme", "acme.example")
    globex = Portal(24001002, "Globex", "globex.example")
    _fill(acme, ("Sales", "Engineering", "Customer Success", "Marketing"), core=10, sales=2)
    _fill(globex, ("Everyone",), core=4, sales=1)
    return [acme, globex]


def _fill(portal: Portal, teams: tuple[str, ...], *, core: int, sales: int) -> None:
    portal.roles = {role.id: role for role in _ROLES}
    portal.teams = {str(portal.id * 100 + number): name for number, name in enumerate(teams, 1)}
    portal.seats = {
        seat.name: seat
        for seat in (
            Seat("Core Seat", "Edit access to what the account has bought", core),
            Seat("Sales Seat", "Everything of the Sales Hub", sales),
            Seat("View-Only Seat", "May look at everything", None),
        )
    }
    for person in _PEOPLE[portal.domain]:
        portal.add_user(_user(portal, person))


def _user(portal: Portal, person: Person) -> User:
    team = next((key for key, name in portal.teams.items() if name in person.groups), None)
    return User(
        id=portal.next_id(),
        email=f"{person.local}@{portal.domain}",
        first_name=person.given,
        last_name=person.family,
        role=None if person.is_admin else "100101" if team else None,
        primary_team=team,
        seats=["Core Seat"] if person.local in {"admin", "marcus.oyelaran"} else ["View-Only Seat"],
        super_admin=person.is_admin,
    )

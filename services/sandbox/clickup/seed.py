"""The Workspaces of the seed."""

from __future__ import annotations

import time

from services.sandbox.clickup.state import (
    ADMIN,
    GUEST,
    MEMBER,
    OWNER,
    CustomRole,
    Folder,
    Group,
    Space,
    User,
    Workspace,
)
from services.sandbox.seed import MICROSOFT_TENANTS, Person, stable_number, stable_uuid

_PEOPLE = {tenant.domains[0]: tenant.people for tenant in MICROSOFT_TENANTS}


def make_workspaces() -> list[Workspace]:
    acme = Workspace(
        id="9001001",
        name="Acme",
        domain="acme.example",
        token="pk_9001001_SANDBOXCLICKUPTOKEN",  # noqa: S106 - a constant of an imitated vendor
        oauth_token="sandbox-clickup-oauth",  # noqa: S106 - the same
        member_seats=14,
        guest_seats=5,
    )
    _fill(acme, ("Engineering", "Sales", "IT"))
    globex = Workspace(
        id="9002002",
        name="Globex",
        domain="globex.example",
        token="pk_9002002_SANDBOXCLICKUPTOKEN",  # noqa: S106 - a constant of an imitated vendor
        oauth_token="sandbox-clickup-oauth-globex",  # noqa: S106 - the same
        member_seats=5,
        guest_seats=2,
    )
    _fill(globex, ("Everyone", "Plant"))
    return [acme, globex]


def _fill(workspace: Workspace, groups: tuple[str, ...]) -> None:
    domain = workspace.domain
    for name, inherits in (
        ("Member without spaces", MEMBER),
        ("Billing admin", ADMIN),
        ("Reviewing guest", GUEST),
    ):
        role = CustomRole(int(stable_number(7, "clickup", domain, name)), name, inherits)
        workspace.roles[role.id] = role
    for name in groups:
        group = Group(name, name.lower(), id=stable_uuid("clickup", domain, name))
        workspace.groups[group.id] = group
    _add_spaces(workspace)
    for person in _PEOPLE[domain]:
        _add(workspace, person)


def _add_spaces(workspace: Workspace) -> None:
    def number(*parts: str) -> str:
        return stable_number(10, "clickup", workspace.domain, *parts)

    delivery = Space(number("space", "Delivery"), "Delivery")
    launch = Folder(number("folder", "Launch"), "Launch", {number("list", "Tasks"): "Tasks"})
    delivery.folders[launch.id] = launch
    delivery.lists[number("list", "Inbox")] = "Inbox"
    office = Space(number("space", "Office"), "Office", lists={number("list", "Requests"): "Requests"})
    workspace.spaces = {one.id: one for one in (delivery, office)}


def _add(workspace: Workspace, person: Person) -> None:
    now = time.time()
    user = User(
        email=f"{person.local}@{workspace.domain}",
        role=OWNER if person.is_admin else MEMBER,
        id=int(stable_number(8, "clickup", workspace.domain, person.local)),
        username=f"{person.given} {person.family}",
        invited_at=now,
        joined_at=now,
    )
    workspace.users[user.id] = user
    if person.is_admin:
        workspace.acting = user.id
    user.invited_by = workspace.acting
    for group in workspace.groups.values():
        group.owner = workspace.acting
        if group.name in person.groups:
            group.members[user.id] = None

"""The Slack workspaces of the seed."""

from __future__ import annotations

from services.sandbox.seed import GOOGLE_CUSTOMERS, GoogleSeed, Person, stable_number
from services.sandbox.slack.names import convert_name
from services.sandbox.slack.state import Channel, Group, User, Workspace

_TEAMS = {"acme.example": ("T0ACME0001", "acme"), "globex.example": ("T0GLOBEX01", "globex")}
_CHANNELS = {
    "acme.example": (
        ("general", False),
        ("random", False),
        ("engineering", False),
        ("sales", False),
        ("announcements", False),
        ("it-private", True),
    ),
    "globex.example": (("general", False), ("plant", False)),
}
_GROUPS = {
    "acme.example": ("Engineering", "Sales", "IT", "All Staff"),
    "globex.example": ("Everyone", "Plant"),
}


def make_workspaces() -> list[Workspace]:
    return [_workspace(seed) for seed in GOOGLE_CUSTOMERS]


# The owner of the token is in every channel but #announcements, so that both cases can be met.


def _fixed_id(letter: str, *parts: str) -> str:
    return letter + "0" + stable_number(9, "slack", *parts)


def _workspace(seed: GoogleSeed) -> Workspace:
    domain = seed.domains[0]
    team_id, team_domain = _TEAMS[domain]
    workspace = Workspace(
        id=team_id,
        domain=team_domain,
        name=seed.name,
        mail_domain=domain,
        token=f"xoxp-sandbox-{team_domain}",
    )
    for name, is_private in _CHANNELS[domain]:
        made = Channel(
            name=name,
            id=_fixed_id("C", domain, name),
            is_private=is_private,
            is_general=name == "general",
        )
        workspace.channels[made.id] = made
    for name in _GROUPS[domain]:
        group = Group(name=name, id=_fixed_id("S", domain, name))
        workspace.groups[group.id] = group
    for person in seed.people:
        _add(workspace, person)
    for person in seed.people:
        if person.manager:
            boss = workspace.users[_fixed_id("U", domain, person.manager)]
            user = workspace.users[_fixed_id("U", domain, person.local)]
            user.fields["enterprise"]["manager"] = {"managerId": boss.id}
    return workspace


def _add(workspace: Workspace, person: Person) -> None:
    domain = workspace.mail_domain
    user = User(
        id=_fixed_id("U", domain, person.local),
        user_name=convert_name(person.local),
        emails=[{"value": f"{person.local}@{domain}", "primary": True}],
        fields={
            "name": {"givenName": person.given, "familyName": person.family},
            "displayName": f"{person.given} {person.family}",
            "title": person.title,
            "enterprise": {"department": person.department},
        },
        role="primary_owner" if person.is_admin else "member",
    )
    workspace.users[user.id] = user
    if person.is_admin:
        workspace.acting = user.id
    wanted = {name.lower() for name in person.groups} | {
        local.replace("-", " ") for local in person.google_groups
    }
    for group in workspace.groups.values():
        if group.name.lower() in wanted:
            group.members.append(user.id)
    for channel in workspace.channels.values():
        if channel.name in {"general", "random", *wanted} or (
            person.is_admin and channel.name != "announcements"
        ):
            channel.members.append(user.id)

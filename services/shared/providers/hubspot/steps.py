"""The planned actions' common shapes, and the draft that they are collected in."""

from services.shared.providers.hubspot.person import HubSpotUser, Named
from services.shared.sdk.contract import Grant, PlannedAction
from services.shared.sdk.draft import PlanDraft
from services.shared.sdk.manifest import ActionKind
from services.shared.sdk.manual import manual_task


class Draft(PlanDraft):
    """A plan in the making. What follows the account's own action waits for it."""

    def __init__(self, user: HubSpotUser | None) -> None:
        self.user = user
        super().__init__()
        self._root: tuple[str, ...] = ()

    def add(self, action: PlannedAction) -> None:
        """Append an action; it waits for the account's creation or adoption."""
        params = {"user_id": self.user.id if self.user else None, **action.params}
        self.actions.append(action.model_copy(update={"depends_on": self._root, "params": params}))
        if action.kind in {ActionKind.CREATE, ActionKind.ADOPT}:
            self._root = (action.key,)


def role_grant(role: Named) -> Grant:
    return Grant(kind="role", key=role.id, label=role.name)


def team_grant(team: Named) -> Grant:
    return Grant(kind="team", key=team.id, label=team.name)


def seat_grant(name: str) -> Grant:
    return Grant(kind="license", key=name, label=name)


def role_step(role: Named, before: str | None) -> PlannedAction:
    """Give a permission set in place of the one that is there."""
    return PlannedAction(
        key=f"role:{role.id}",
        kind=ActionKind.GRANT_ROLE,
        target=role.name,
        title=f"Give the permission set {role.name}",
        before={"permission_set": before},
        after={"permission_set": role.name},
        params={"role": role.model_dump()},
    )


def join_step(team: Named, *, main: bool, before: str | None = None) -> PlannedAction:
    """Add to a team; the main team replaces the one that is there."""
    what = "main team" if main else "team"
    return PlannedAction(
        key=f"team:{team.id}",
        kind=ActionKind.ADD_TO_GROUP,
        target=team.name,
        title=f"Make {team.name} the main team" if main else f"Add to the team {team.name}",
        before={what.replace(" ", "_"): before} if main else None,
        after={what.replace(" ", "_"): team.name},
        params={"team": team.model_dump(), "main": main},
    )


def leave_step(team: Named) -> PlannedAction:
    """Take out of a team."""
    return PlannedAction(
        key=f"team:{team.id}",
        kind=ActionKind.REMOVE_FROM_GROUP,
        target=team.name,
        title=f"Remove from the team {team.name}",
        before={"team": team.name},
        params={"team": team.model_dump()},
    )


def seat_step(name: str, *, remove: bool = False) -> PlannedAction:
    """Assign or remove a seat."""
    if remove:
        return PlannedAction(
            key=f"seat:{name}",
            kind=ActionKind.REMOVE_LICENSE,
            target=name,
            title=f"Remove the {name}",
            before={"seat": name},
            params={"seat": name},
        )
    return PlannedAction(
        key=f"seat:{name}",
        kind=ActionKind.ASSIGN_LICENSE,
        target=name,
        title=f"Assign the {name}",
        after={"seat": name},
        params={"seat": name},
    )


def seat_task(name: str, link: str) -> PlannedAction:
    """Where the API of this connection has no seats: a person assigns it."""
    return manual_task(
        f"seat:{name}",
        target=name,
        title=f"Assign the {name} in HubSpot",
        instructions=(
            "Open Users & Teams in HubSpot's settings.",
            "Choose the person, then Edit seat.",
            f"Choose {name} and save.",
        ),
        link=link,
        after={"seat": name},
        params={"seat": name},
    )

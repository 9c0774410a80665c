"""The planned actions' common shapes, and the draft that they are collected in."""

from typing import Any

from services.shared.providers.github import copilot
from services.shared.providers.github.people import Member
from services.shared.providers.github.teams import Team
from services.shared.sdk.contract import Grant, PlannedAction
from services.shared.sdk.draft import PlanDraft
from services.shared.sdk.manifest import ActionKind

_ROOTS = frozenset({ActionKind.CREATE, ActionKind.ADOPT, ActionKind.INVITE})
ROLE_NAMES = {"admin": "owner", "member": "member", "billing_manager": "billing manager"}


class Draft(PlanDraft):
    """A plan in the making. What follows the account's own action waits for it."""

    def __init__(self) -> None:
        super().__init__()
        self._root: str | None = None

    def add(self, action: PlannedAction, *, after: str | None = None) -> None:
        """Append an action; it waits for the account's invitation, creation or adoption, and for `after`."""
        waits = tuple(dict.fromkeys(key for key in (self._root, after) if key))
        self.actions.append(action.model_copy(update={"depends_on": waits}))
        if action.kind in _ROOTS:
            self._root = action.key


def adopt_step(member: Member, *, consent: bool, foreign: bool) -> PlannedAction:
    """Link a member; `consent` is a person's, and needed for one whom somebody else brought."""
    return PlannedAction(
        key="adopt",
        kind=ActionKind.ADOPT,
        target=member.login,
        title=f"Adopt the membership of {member.login}"
        if foreign
        else f"Link {member.login}, whom OneClick invited",
        before={"managed_by_oneclick": not foreign},
        after={"managed_by_oneclick": True},
        params={**account(member), "consent": consent, "foreign": foreign},
    )


def role_step(member: Member, role: str) -> PlannedAction:
    """Change the role in the organisation."""
    return PlannedAction(
        key="role",
        kind=ActionKind.GRANT_ROLE,
        target=member.login,
        title=f"Make {member.login} {_article(role)} {ROLE_NAMES[role]} of the organisation",
        before={"role": ROLE_NAMES.get(member.role, member.role)},
        after={"role": ROLE_NAMES[role]},
        params={**account(member), "role": role},
    )


def _article(role: str) -> str:
    return "an" if ROLE_NAMES[role][0] in "aeiou" else "a"


def role_grant(role: str) -> Grant:
    """A role as something that OneClick gave."""
    return Grant(kind="role", key=role, label=ROLE_NAMES.get(role, role).capitalize())


def team_step(team: Team, member: Member | None) -> PlannedAction:
    """Add to the team; `member` is None for somebody who is to be invited."""
    return PlannedAction(
        key=f"team:{team.id}",
        kind=ActionKind.ADD_TO_GROUP,
        target=team.name,
        title=f"Add to the team {team.name}",
        after={"team": team.name},
        params={"team": team.model_dump(), **account(member)},
    )


def part_step(team: Team, member: Member) -> PlannedAction:
    """Take out of the team."""
    return PlannedAction(
        key=f"team:{team.id}",
        kind=ActionKind.REMOVE_FROM_GROUP,
        target=team.name,
        title=f"Remove from the team {team.name}",
        before={"team": team.name},
        params={"team": team.model_dump(), **account(member)},
    )


def seat_step(member: Member | None) -> PlannedAction:
    """Buy a Copilot seat."""
    return PlannedAction(
        key="license:copilot",
        kind=ActionKind.ASSIGN_LICENSE,
        target=copilot.GRANT.label,
        title="Assign a GitHub Copilot seat",
        after={"license": copilot.GRANT.label},
        params=account(member),
    )


def seat_end_step(member: Member) -> PlannedAction:
    """Give the Copilot seat back."""
    return PlannedAction(
        key="license:copilot",
        kind=ActionKind.REMOVE_LICENSE,
        target=copilot.GRANT.label,
        title="Remove the GitHub Copilot seat at the end of the billing cycle",
        before={"license": copilot.GRANT.label},
        params=account(member),
    )


def account(member: Member | None) -> dict[str, Any]:
    """Which account an action is about; the books tell for somebody who is invited by the same plan."""
    return {"account_id": member.id if member else None, "login": member.login if member else None}

"""The planned actions' common shapes, and the draft that they are collected in."""

from collections.abc import Iterable, Mapping
from typing import Any

from services.shared.providers.clickup.client import ClickUpContext
from services.shared.providers.clickup.groups import CustomRole, Group
from services.shared.providers.clickup.people import Person
from services.shared.providers.clickup.places import Place
from services.shared.sdk.contract import Choice, ChoiceOption, Grant, Notice, Plan, PlannedAction
from services.shared.sdk.draft import PlanDraft, noop_plan
from services.shared.sdk.manifest import ActionKind
from services.shared.sdk.manual import manual_task

ADMIN_GRANT = Grant(kind="role", key="admin", label="Admin")
_ROOTS = frozenset({"invite", "adopt"})


def people_page(ctx: ClickUpContext) -> str:
    """Where administrators manage people."""
    return f"https://app.clickup.com/{ctx.settings.team_id}/settings/users"


def custom_grant(role: CustomRole) -> Grant:
    """A custom role as something that OneClick gave."""
    return Grant(kind="role", key=f"custom:{role.id}", label=role.name)


class Draft(PlanDraft):
    """A plan in the making. What follows the account's own action waits for it."""

    def __init__(self, ctx: ClickUpContext, person: Person | None, *, enterprise: bool) -> None:
        self.ctx = ctx
        self.person = person
        self.enterprise = enterprise
        super().__init__()
        self.seen: dict[str, Any] = {}
        self._root: tuple[str, ...] = ()

    def add(self, action: PlannedAction) -> None:
        """Append an action; it waits for the invitation or the adoption."""
        common = {"user_id": self.person.id if self.person else None, "enterprise": self.enterprise}
        waits = tuple(dict.fromkeys((*self._root, *action.depends_on)))
        update = {"depends_on": waits, "params": {**common, **action.params}}
        self.actions.append(action.model_copy(update=update))
        if action.key in _ROOTS:
            self._root = (action.key,)

    def finish(self) -> Plan:
        """The plan, or one noop when nothing is to be done."""
        return self.plan(self.ctx, **self.seen)

    def left_alone(self) -> Plan:
        """The same look at ClickUp with nothing to do: a decision must not make a plan stale."""
        message = f"{self.ctx.person.work_email} is in {self.ctx.settings.name} and is left as they are."
        return noop_plan(self.ctx, self.seen, Notice(code="skipped", message=message))


def choice_of(ctx: ClickUpContext, person: Person) -> Choice:
    """What to do with somebody whom OneClick did not invite."""
    return Choice(
        code="existing_account",
        message=f"{person.email} is in {ctx.settings.name} already, and OneClick did not invite them.",
        options=(
            ChoiceOption(value="adopt", label="Adopt: OneClick manages them from now on"),
            ChoiceOption(value="skip", label="Leave them as they are"),
        ),
    )


def adopt_step(person: Person, *, consent: bool) -> PlannedAction:
    """Link somebody who is there. Nothing is written at ClickUp, which has no place for a mark."""
    return PlannedAction(
        key="adopt",
        kind=ActionKind.ADOPT,
        target=person.email,
        title=f"Adopt {person.email}",
        before={"managed_by_oneclick": False},
        after={"managed_by_oneclick": True},
        params={"consent": consent},
    )


def invite_step(
    ctx: ClickUpContext, role: str, after: Mapping[str, Any], params: Mapping[str, Any]
) -> PlannedAction:
    """Invite; the person's id is final from then on, so that what follows need not wait for the acceptance."""
    address = ctx.person.work_email
    return PlannedAction(
        key="invite",
        kind=ActionKind.INVITE,
        target=address,
        title=f"Invite {address} as {'an' if role == 'admin' else 'a'} {role}",
        after={"address": address, **after},
        params=params,
    )


def acceptance_step(ctx: ClickUpContext, params: Mapping[str, Any]) -> PlannedAction:
    """Wait for the person. Last, so that nothing waits with it."""
    address = ctx.person.work_email
    return PlannedAction(
        key="acceptance",
        kind=ActionKind.INVITE,
        target=address,
        title=f"Wait until {address} accepts the invitation",
        before={"accepted": False},
        after={"accepted": True},
        params=params,
    )


def role_step(
    person: Person,
    before: Mapping[str, Any],
    after: Mapping[str, Any],
    *,
    given: Iterable[Grant],
    taken: Iterable[Grant],
    **params: Any,
) -> PlannedAction:
    """Make somebody a member or an admin, with or without a custom role."""
    grants = [one.model_dump() for one in given]
    return PlannedAction(
        key="role",
        kind=ActionKind.GRANT_ROLE if grants else ActionKind.UPDATE,
        target=person.email,
        title="Change the role",
        before=before,
        after=after,
        params={**params, "given": grants, "taken": [one.model_dump() for one in taken]},
    )


def rights_step(person: Person, rights: Mapping[str, bool], before: Iterable[str]) -> PlannedAction:
    """Switch a guest's further rights on and off."""
    return PlannedAction(
        key="rights",
        kind=ActionKind.UPDATE,
        target=person.email,
        title="Change what the guest may do in the Workspace",
        before={"rights": sorted(before)},
        after={"rights": sorted(name for name, given in rights.items() if given)},
        params={"rights": dict(rights)},
    )


def join_step(group: Group) -> PlannedAction:
    return PlannedAction(
        key=f"group:{group.id}",
        kind=ActionKind.ADD_TO_GROUP,
        target=group.name,
        title=f"Add to the Team {group.name}",
        after={"team": group.name},
        params={"group": group.id, "name": group.name},
    )


def part_step(grant: Grant) -> PlannedAction:
    return PlannedAction(
        key=f"group:{grant.key}",
        kind=ActionKind.REMOVE_FROM_GROUP,
        target=grant.label,
        title=f"Remove from the Team {grant.label}",
        before={"team": grant.label},
        params={"group": grant.key, "name": grant.label},
    )


def share_step(place: Place, level: str, before: str | None) -> PlannedAction:
    return PlannedAction(
        key=f"share:{place.key}",
        kind=ActionKind.ADD_TO_GROUP,
        target=place.name,
        title=f"Share the {place.kind} {place.name}",
        before={"permission": before} if before else None,
        after={"permission": level},
        params={"place": place.model_dump(), "level": level},
    )


def unshare_step(place: Place) -> PlannedAction:
    return PlannedAction(
        key=f"share:{place.key}",
        kind=ActionKind.REMOVE_FROM_GROUP,
        target=place.name,
        title=f"No longer share the {place.kind} {place.name}",
        before={"shared": True},
        params={"place": place.model_dump()},
    )


def remove_step(person: Person) -> PlannedAction:
    """ClickUp calls it deactivating; there is no state from which one comes back but a new invitation."""
    return PlannedAction(
        key="remove",
        kind=ActionKind.DELETE,
        target=person.email,
        title="Withdraw the invitation" if person.is_pending else "Remove from the Workspace",
        before={"in_the_workspace": True},
        after={"in_the_workspace": False},
        params={"guest": person.is_guest},
    )


def person_task(
    ctx: ClickUpContext, key: str, title: str, instructions: Iterable[str], **params: Any
) -> PlannedAction:
    """Something about a person that plans below Enterprise leave to administrators."""
    return manual_task(
        key,
        target=ctx.person.work_email,
        title=title,
        instructions=("Open ClickUp's settings, Manage people.", *instructions),
        link=people_page(ctx),
        params=params,
    )

"""The planned actions' common shapes, and the draft that they are collected in."""

from collections.abc import Mapping, Sequence
from typing import Any

from services.shared.providers.zoom.add_ons import Paid
from services.shared.providers.zoom.client import ZoomContext
from services.shared.providers.zoom.people import ZoomUser
from services.shared.providers.zoom.places import Named
from services.shared.sdk.contract import Choice, ChoiceOption, PlannedAction
from services.shared.sdk.draft import PlanDraft
from services.shared.sdk.manifest import ActionKind

ACCEPTANCE = "acceptance"


class Draft(PlanDraft):
    """A plan in the making.

    What follows the account's own action waits for it. What does not stick while a person is pending (licence,
    add-ons, role, profile) waits for the acceptance too.
    """

    def __init__(self, user: ZoomUser | None) -> None:
        self.user = user
        super().__init__()
        self._roots: tuple[str, ...] = ()

    def add(self, action: PlannedAction, *, after: Sequence[str] = ()) -> None:
        """Append an action; it waits for everything that makes the account usable, and for `after`."""
        planned = {one.key for one in self.actions}
        waits = (*self._roots, *(key for key in after if key in planned and key not in self._roots))
        params = {"user_id": self.user.id if self.user else None, **action.params}
        self.actions.append(action.model_copy(update={"depends_on": waits, "params": params}))

    def add_root(self, action: PlannedAction) -> None:
        """Append an action that everything after it waits for: create, adopt, activate, acceptance."""
        self.add(action)
        self._roots = (*self._roots, action.key)


def choice_of(ctx: ZoomContext, user: ZoomUser) -> Choice:
    """Whether an account that is not ours may be managed."""
    state = "" if user.status == "active" else f" ({user.status})"
    return Choice(
        code="existing_account",
        message=f"A user {ctx.person.work_email}{state} exists at Zoom and OneClick did not make it.",
        options=(
            ChoiceOption(value="adopt", label="Adopt it: OneClick manages it from now on"),
            ChoiceOption(value="skip", label="Leave it as it is"),
        ),
    )


def create_step(ctx: ZoomContext, invitation: Mapping[str, Any]) -> PlannedAction:
    """Make the user; `invitation` is what Zoom is told."""
    address = ctx.person.work_email
    invites = invitation["action"] == "create"
    return PlannedAction(
        key="create",
        kind=ActionKind.CREATE,
        target=address,
        title=f"Create the user {address}" + (" and let Zoom send the invitation" if invites else ""),
        after={"email": address, "name": f"{invitation['first_name']} {invitation['last_name']}"},
        params=invitation,
    )


def adopt_step(user: ZoomUser, *, consent: bool) -> PlannedAction:
    """Link a user that exists; `consent` is a person's."""
    return PlannedAction(
        key="adopt",
        kind=ActionKind.ADOPT,
        target=user.email,
        title=f"Adopt the user {user.email}",
        before={"managed_by_oneclick": False},
        after={"managed_by_oneclick": True},
        params={"consent": consent},
    )


def acceptance_step(
    ctx: ZoomContext, invitation: Mapping[str, Any], groups: Sequence[Named]
) -> PlannedAction:
    """Wait for the person; `groups` are those that Zoom was told while they were pending."""
    return PlannedAction(
        key=ACCEPTANCE,
        kind=ActionKind.INVITE,
        target=ctx.person.work_email,
        title="Wait until Zoom's invitation is accepted",
        before={"status": "pending"},
        after={"status": "active"},
        params={"invitation": dict(invitation), "groups": [one.model_dump() for one in groups]},
    )


def activate_step(user: ZoomUser) -> PlannedAction:
    """Let a deactivated user in again."""
    return PlannedAction(
        key="activate",
        kind=ActionKind.UPDATE,
        target=user.email,
        title="Activate the user",
        before={"status": "inactive"},
        after={"status": "active"},
        params={"status": "active"},
    )


def profile_step(user: ZoomUser | None, address: str, wanted: Mapping[str, str]) -> PlannedAction:
    """Bring name, department and title to the employee's."""
    shown = user.profile if user else {}
    return PlannedAction(
        key="profile",
        kind=ActionKind.UPDATE,
        target=user.email if user else address,
        title="Update the profile",
        before={name: shown.get(name) for name in wanted},
        after=dict(wanted),
        params={"profile": dict(wanted)},
    )


def licence_step(thing: Paid, before: Paid | None = None) -> PlannedAction:
    """Give the licence or an add-on, in place of another size of it."""
    return PlannedAction(
        key=f"license:{thing.key}",
        kind=ActionKind.ASSIGN_LICENSE,
        target=thing.label,
        title=f"Switch {before.label} to {thing.label}" if before else f"Assign {thing.label}",
        before={"license": before.label} if before else None,
        after={"license": thing.label},
        params={"license": thing.key, "old": before.key if before else None},
    )


def no_licence_step(thing: Paid) -> PlannedAction:
    """Take the licence or an add-on away."""
    return PlannedAction(
        key=f"license:{thing.key}",
        kind=ActionKind.REMOVE_LICENSE,
        target=thing.label,
        title="Make the user Basic" if thing.key == "licensed" else f"Remove {thing.label}",
        before={"license": thing.label},
        params={"license": thing.key},
    )


def join_step(group: Named) -> PlannedAction:
    return PlannedAction(
        key=f"group:{group.id}",
        kind=ActionKind.ADD_TO_GROUP,
        target=group.name,
        title=f"Add to the group {group.name}",
        after={"group": group.name},
        params={"group": group.model_dump()},
    )


def part_step(group: Named) -> PlannedAction:
    return PlannedAction(
        key=f"group:{group.id}",
        kind=ActionKind.REMOVE_FROM_GROUP,
        target=group.name,
        title=f"Remove from the group {group.name}",
        before={"group": group.name},
        params={"group": group.model_dump()},
    )


def role_step(role: Named, before: str | None) -> PlannedAction:
    """Give a role in place of the one that is there: everybody has exactly one."""
    return PlannedAction(
        key=f"role:{role.id}",
        kind=ActionKind.GRANT_ROLE,
        target=role.name,
        title=f"Give the role {role.name}",
        before={"role": before or "Member"},
        after={"role": role.name},
        params={"role": role.model_dump()},
    )


def no_role_step(role: Named) -> PlannedAction:
    """Back to Member."""
    return PlannedAction(
        key=f"role:{role.id}",
        kind=ActionKind.UPDATE,
        target=role.name,
        title=f"Take the role {role.name} back",
        before={"role": role.name},
        after={"role": "Member"},
        params={"no_role": role.model_dump()},
    )

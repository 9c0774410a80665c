"""The planned actions' common shapes, and the draft that they are collected in."""

from collections.abc import Mapping
from typing import Any

from services.shared.providers.slack.accounts import SlackUser
from services.shared.providers.slack.channels import SlackChannel
from services.shared.providers.slack.groups import SlackGroup
from services.shared.sdk.contract import Grant, PlannedAction
from services.shared.sdk.draft import PlanDraft
from services.shared.sdk.manifest import ActionKind


class Draft(PlanDraft):
    """A plan in the making. What follows the account's own actions waits for them."""

    def __init__(self) -> None:
        super().__init__()
        self._roots: tuple[str, ...] = ()

    def add(self, action: PlannedAction, *, is_root: bool = False) -> None:
        """Append an action; it waits for every root before it."""
        self.actions.append(action.model_copy(update={"depends_on": self._roots}))
        if is_root:
            self._roots = (*self._roots, action.key)


def adopt_step(user: SlackUser, *, consent: bool, foreign: bool) -> PlannedAction:
    """Link an account that exists; `consent` is a person's, and needed when it is not ours."""
    return PlannedAction(
        key="adopt",
        kind=ActionKind.ADOPT,
        target=user.address,
        title=f"Adopt the account {user.address}" if foreign else f"Link OneClick's account {user.address}",
        before={"managed_by_oneclick": not foreign},
        after={"managed_by_oneclick": True},
        params={"user_id": user.id, "consent": consent, "foreign": foreign},
    )


def update_step(user: SlackUser, changed: Mapping[str, Any]) -> PlannedAction:
    """Write what differs; `changed` is in the words of `SlackUser.shown`."""
    now = user.shown()
    title = "Update the account"
    if "type" in changed:
        title = "Make the account a guest's" if changed["type"] == "guest" else "Make the guest a full member"
    elif "active" in changed:
        title = "Activate the account"
    return PlannedAction(
        key="update",
        kind=ActionKind.UPDATE,
        target=user.address,
        title=title,
        before={name: now[name] for name in changed},
        after=dict(changed),
        params={"user_id": user.id},
    )


def group_step(group: SlackGroup, user: SlackUser | None) -> PlannedAction:
    """Add to the user group; `user` is None for an account to be made."""
    return PlannedAction(
        key=f"group:{group.id}",
        kind=ActionKind.ADD_TO_GROUP,
        target=group.name,
        title=f"Add to the user group {group.name}",
        after={"group": group.name},
        params={"group": group.model_dump(), "user_id": user.id if user else None},
    )


def leave_group_step(group: SlackGroup, user: SlackUser) -> PlannedAction:
    """Take a membership of a user group away."""
    return PlannedAction(
        key=f"group:{group.id}",
        kind=ActionKind.REMOVE_FROM_GROUP,
        target=group.name,
        title=f"Remove from the user group {group.name}",
        before={"group": group.name},
        params={"group": group.model_dump(), "user_id": user.id},
    )


def channel_step(channel: SlackChannel, user: SlackUser | None, way: str) -> PlannedAction:
    """Add to the channel by the method `way`."""
    return PlannedAction(
        key=f"channel:{channel.id}",
        kind=ActionKind.ADD_TO_GROUP,
        target=channel.label,
        title=f"Add to the channel {channel.label}",
        after={"channel": channel.label},
        params={"channel": channel.model_dump(), "user_id": user.id if user else None, "way": way},
    )


def leave_channel_step(channel: SlackChannel, user: SlackUser) -> PlannedAction:
    """Take the account out of a channel that OneClick added it to."""
    return PlannedAction(
        key=f"channel:{channel.id}",
        kind=ActionKind.REMOVE_FROM_GROUP,
        target=channel.label,
        title=f"Remove from the channel {channel.label}",
        before={"channel": channel.label},
        params={"channel": channel.model_dump(), "user_id": user.id},
    )


def workspace_step(grant: Grant, user: SlackUser | None, *, is_guest: bool) -> PlannedAction:
    """Bring an account of the organisation into the connection's workspace."""
    return PlannedAction(
        key="workspace",
        kind=ActionKind.ADD_TO_GROUP,
        target=grant.label,
        title=f"Add to the workspace {grant.label}",
        after={"workspace": grant.label},
        params={"workspace": grant.key, "user_id": user.id if user else None, "guest": is_guest},
    )


def role_step(user: SlackUser | None, *, admin: bool) -> PlannedAction:
    """Make an administrator, or a regular member again."""
    return PlannedAction(
        key="role",
        kind=ActionKind.GRANT_ROLE if admin else ActionKind.UPDATE,
        target=user.address if user else "admin",
        title="Make workspace administrator" if admin else "Make a regular member again",
        before={"role": "member" if admin else "admin"},
        after={"role": "admin" if admin else "member"},
        params={"user_id": user.id if user else None, "role": "admin" if admin else "member"},
    )


def sessions_step(user: SlackUser) -> PlannedAction:
    """End every session, on all devices."""
    return PlannedAction(
        key="sessions",
        kind=ActionKind.REVOKE_SESSIONS,
        target=user.address,
        title="Sign out of Slack on every device",
        reversible=False,
        params={"user_id": user.id},
    )


def suspend_step(user: SlackUser) -> PlannedAction:
    """Deactivate: Slack takes the account out of its groups and channels with it."""
    return PlannedAction(
        key="suspend",
        kind=ActionKind.SUSPEND,
        target=user.address,
        title="Deactivate the account",
        before={"active": True, "groups": sorted(user.groups.values())},
        after={"active": False, "groups": []},
        params={"user_id": user.id},
    )

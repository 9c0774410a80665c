"""The planned actions' common shapes, and the draft that they are collected in."""

from typing import Any

from services.shared.providers.atlassian.accounts import Account, Group
from services.shared.providers.atlassian.client import App, AtlassianContext
from services.shared.sdk.contract import Choice, ChoiceOption, Notice, PlannedAction
from services.shared.sdk.draft import PlanDraft
from services.shared.sdk.manifest import ActionKind
from services.shared.sdk.manual import manual_task

_ROOTS = {ActionKind.CREATE, ActionKind.ADOPT}


class Draft(PlanDraft):
    """A plan in the making. What follows the account's own action waits for it."""

    def __init__(self) -> None:
        super().__init__()
        self._root: str | None = None

    def add(self, action: PlannedAction, *, after: tuple[str, ...] = (), root: bool = False) -> None:
        """Append an action; it waits for the account, and for `after`. `root`: the account comes of it."""
        waits = tuple(dict.fromkeys(key for key in (self._root, *after) if key))
        self.actions.append(action.model_copy(update={"depends_on": waits}))
        if root or action.kind in _ROOTS:
            self._root = action.key


def create_step(ctx: AtlassianContext, app: App, params: dict[str, Any], *, invites: bool) -> PlannedAction:
    """Make the account; in a site without a directory Atlassian mails an invitation."""
    address = ctx.person.work_email
    title = f"Invite {address} to the site" if invites else f"Create the Atlassian account {address}"
    after = params
    if invites:
        groups = [one["name"] for one in params["comes_with"]]
        after = {"address": params["address"], "products": params["product_titles"], "groups": groups}
    return PlannedAction(
        key="create",
        kind=ActionKind.CREATE,
        target=address,
        title=title,
        after={name: value for name, value in after.items() if value},
        params={**params, "app": app.key},
    )


def invite_task(ctx: AtlassianContext, app: App) -> PlannedAction:
    """Confluence alone has no call that invites: a person does it."""
    address, org = ctx.person.work_email, ctx.settings.org_id
    link = f"https://admin.atlassian.com/o/{org}/users" if org else "https://admin.atlassian.com"
    return manual_task(
        "invite",
        target=address,
        title=f"Invite {address} to {app.title}",
        instructions=(
            "Open the organisation's users in Atlassian's administration.",
            f"Choose “Invite users”, enter {address}, and give the role User for {app.title}.",
            "Send the invitation, then say here that it is done.",
        ),
        link=link,
    )


def adopt_step(account: Account, *, consent: bool, foreign: bool, target: str) -> PlannedAction:
    """Link an account that exists; `consent` is a person's, and needed when it is not ours."""
    return PlannedAction(
        key="adopt",
        kind=ActionKind.ADOPT,
        target=target,
        title=f"Adopt the account {target}" if foreign else f"Link OneClick's account {target}",
        before={"managed_by_oneclick": not foreign, "external_id": account.mark or None},
        after={"managed_by_oneclick": True},
        params={"user_id": account.id, "consent": consent, "foreign": foreign},
    )


def link_step(ctx: AtlassianContext, app: App, params: dict[str, Any], *, consent: bool) -> PlannedAction:
    """Take an account into the directory that Atlassian knows and the directory does not."""
    made, address = create_step(ctx, app, params, invites=False), ctx.person.work_email
    more = {"user_id": None, "consent": consent, "foreign": True, "link": True}
    return made.model_copy(
        update={
            "key": "adopt",
            "kind": ActionKind.ADOPT,
            "title": f"Take the Atlassian account {address} into the directory",
            "before": {"managed_by_oneclick": False},
            "after": {"managed_by_oneclick": True, **(made.after or {})},
            "params": {**made.params, **more},
        }
    )


def join_step(group: Group, account: Account | None, *, app: App, gives_access: bool) -> PlannedAction:
    """Add to the group; `account` is None for one that is to be made."""
    title = (
        f"Give access to {app.title} through {group.name}"
        if gives_access
        else f"Add to the group {group.name}"
    )
    return PlannedAction(
        key=f"group:{group.id}",
        kind=ActionKind.ADD_TO_GROUP,
        target=group.name,
        title=title,
        after={"group": group.name},
        params={"group": group.model_dump(), "user_id": account.id if account else None},
    )


def part_step(group: Group, account: Account, *, app: App, gives_access: bool) -> PlannedAction:
    """Take a membership away."""
    title = (
        f"Take the access to {app.title} through {group.name}"
        if gives_access
        else f"Remove from the group {group.name}"
    )
    return PlannedAction(
        key=f"group:{group.id}",
        kind=ActionKind.REMOVE_FROM_GROUP,
        target=group.name,
        title=title,
        before={"group": group.name},
        params={"group": group.model_dump(), "user_id": account.id},
    )


def choice_of(ctx: AtlassianContext, account: Account) -> Choice:
    """Whether an account that is not ours may be managed."""
    address = ctx.person.work_email
    # The directory's external id of another system.
    other = (
        f" Another system wrote the external ID {account.mark} on it; adopting replaces it."
        if account.mark
        else ""
    )
    return Choice(
        code="existing_account",
        message=f"An account {address} exists at Atlassian and OneClick did not make it.{other}",
        options=(
            ChoiceOption(value="adopt", label="Adopt it: OneClick manages it from now on"),
            ChoiceOption(value="skip", label="Leave it as it is"),
        ),
    )


def skipped(ctx: AtlassianContext) -> Notice:
    """Why nothing is planned for an account that is somebody else's."""
    return Notice(
        code="skipped", message=f"{ctx.person.work_email} exists at Atlassian and is left as it is."
    )

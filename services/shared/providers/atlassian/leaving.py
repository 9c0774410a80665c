"""The plan of somebody who leaves, from an account that the other app may still need.

The rule: this app takes what it gave. The account is closed (and with `absent` deleted) only when nobody else uses it
any more, which is looked at once more at the moment of closing. While the other app's groups are there, taking
comes before closing: of two apps that leave at the same time, the one that takes last sees no groups of the other,
so that one of them closes the account and neither closes it under somebody who stays.
"""

from services.shared.providers.atlassian.access import Landscape, elsewhere, read_landscape
from services.shared.providers.atlassian.accounts import Account, Home
from services.shared.providers.atlassian.client import App, AtlassianContext
from services.shared.providers.atlassian.homes import home_of
from services.shared.providers.atlassian.planning import remove_or_keep
from services.shared.providers.atlassian.steps import Draft, choice_of
from services.shared.sdk.contract import Desired, Notice, Plan, PlannedAction
from services.shared.sdk.draft import noop_plan
from services.shared.sdk.errors import ErrorCode, Refused
from services.shared.sdk.manifest import ActionKind
from services.shared.sdk.together import together


async def plan_leaving(ctx: AtlassianContext, app: App, desired: Desired) -> Plan:
    """Take, close, and with `absent` delete. An account that is not ours is touched with consent only."""
    home = home_of(ctx, app)
    async with together() as group:
        found_task = group.create_task(home.find_account())
        landscape_task = group.create_task(read_landscape(ctx, app))
    found, landscape = found_task.result(), landscape_task.result()
    account = found.account
    if account is None:
        message = f"There is no account {ctx.person.work_email} at Atlassian."
        return noop_plan(ctx, {"account": None}, Notice(code="no_account", message=message))
    if found.kind == "foreign" and not await _has_access(home, landscape, account):
        message = f"{ctx.person.work_email} has no access to {app.title}, and the account is not OneClick's."
        return noop_plan(ctx, {"account": account.id}, Notice(code="no_access", message=message))
    if found.kind == "foreign" and (left := _left_alone(ctx, desired)) is not None:
        return noop_plan(ctx, {"account": account.id}, left)
    draft = Draft()
    if found.kind == "foreign" and desired.existing_account == "ask":
        draft.choices.append(choice_of(ctx, account))
    return await _plan(home, desired, landscape, account, draft)


async def _has_access(home: Home, landscape: Landscape, account: Account) -> bool:
    """Whether a group gives this app; yes where nobody tells which do."""
    if landscape.mine is None:
        return True
    member_of = await home.groups_of(account)
    return any(landscape.gives_mine(group.name) for group in member_of.values())


async def _plan(home: Home, desired: Desired, landscape: Landscape, account: Account, draft: Draft) -> Plan:
    ctx, app = home.ctx, home.app
    removes_all, is_final = desired.unmanaged == "remove", desired.presence == "absent"
    used = await elsewhere(home, landscape, account)
    member_of = await home.groups_of(account)
    can_close = await home.can_suspend(account)
    closes = can_close and account.active
    close = _close_step(ctx, app, account, used)
    if closes and not used:
        draft.add(close)
    # What is taken waits for the closing where there is one: it must not be the other way round for somebody who
    # is suspended in a hurry. Where the other app still uses the account, closing waits for what is taken.
    after = (close.key,) if closes and not used else ()
    may_delete = await home.can_delete() and (is_final or not can_close)
    goes_along = may_delete and not used and home.delete_takes_access
    taken = [
        remove_or_keep(draft, home, landscape, account, group, removes_all=removes_all, after=after)
        for _, group in sorted(member_of.items())
        if not (goes_along and landscape.gives_mine(group.name))
    ]
    keys = tuple(key for key in taken if key)
    if closes and used and keys:
        draft.add(close, after=keys)
    if may_delete and _deletes(home, account, used, keys, is_final=is_final):
        closing = (close.key,) if any(one.key == close.key for one in draft.actions) else ()
        draft.add(_delete_step(home, account, used, is_final=is_final), after=(*closing, *keys))
    if used:
        draft.note("still_used", _still_used(app, used))
    return draft.plan(
        ctx,
        account={"id": account.id, "active": account.active},
        used=used,
        groups=sorted(key for key in member_of if removes_all or ctx.known.gave("group", key)),
    )


def _deletes(home: Home, account: Account, used: list[str], keys: tuple[str, ...], *, is_final: bool) -> bool:
    """While others use the account, deleting ends our own part of it, and that once."""
    if not used:
        return True
    return is_final and (bool(keys) or home.ctx.known.remote_id == account.id)


def _left_alone(ctx: AtlassianContext, desired: Desired) -> Notice | None:
    """Why an account that is not ours is not touched; None when it may be, or when somebody is to be asked."""
    address = ctx.person.work_email
    if desired.existing_account == "fail":
        raise Refused(f"OneClick did not make the account {address}.", code=ErrorCode.ALREADY_EXISTS)
    if desired.existing_account == "skip":
        return Notice(code="skipped", message=f"{address} is not OneClick's and is left as it is.")
    return None


def _still_used(app: App, used: list[str]) -> str:
    return (
        f"The Atlassian account stays open while these groups use it: {', '.join(used)}. "
        f"It is closed when {app.other} is taken away too."
    )


def _close_step(ctx: AtlassianContext, app: App, account: Account, used: list[str]) -> PlannedAction:
    title = f"Suspend the account unless {app.other} needs it" if used else "Suspend the Atlassian account"
    return PlannedAction(
        key="suspend",
        kind=ActionKind.SUSPEND,
        target=ctx.person.work_email,
        title=title,
        before={"active": True},
        after={"active": False},
        params={"user_id": account.id},
    )


def _delete_step(home: Home, account: Account, used: list[str], *, is_final: bool) -> PlannedAction:
    title = "Delete the account from the directory" if home.keeps_marks else "Remove from the site"
    if used:
        title += f" unless {home.app.other} needs it"
    return PlannedAction(
        key="delete",
        kind=ActionKind.DELETE,
        target=home.ctx.person.work_email,
        title=title,
        before={"exists": True},
        after={"exists": False},
        reversible=not home.keeps_marks,
        params={"user_id": account.id, "final": is_final},
    )

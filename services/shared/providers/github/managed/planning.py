"""The plans for an enterprise's managed users."""

from typing import Any

from services.shared.providers.github.client import GitHubContext
from services.shared.providers.github.form import GitHubForm
from services.shared.providers.github.managed.accounts import FoundUser, ManagedUser, find_account, user_name
from services.shared.providers.github.managed.groups import ManagedGroup, list_groups, wished_groups
from services.shared.providers.github.planning import parse_form
from services.shared.providers.github.steps import Draft
from services.shared.sdk.contract import Choice, ChoiceOption, Desired, Notice, Plan, PlannedAction
from services.shared.sdk.draft import noop_plan
from services.shared.sdk.errors import ErrorCode, Refused
from services.shared.sdk.manifest import ActionKind
from services.shared.sdk.manual import manual_task

_COPILOT_TASK = "copilot_task"


def _check(form: GitHubForm) -> None:
    """Raises Refused for what cannot be meant of a managed user."""
    if form.username is not None:
        message = "GitHub makes the logins of managed users from their address: leave the username out."
        raise Refused(message, code=ErrorCode.INVALID_FIELD, field="username")
    if form.role == "admin":
        message = "OneClick makes no enterprise owners: that is done in the identity provider."
        raise Refused(message, code=ErrorCode.INVALID_FIELD, field="role")


def wanted_of(ctx: GitHubContext) -> dict[str, Any]:
    """What the account should show."""
    return {
        "display_name": ctx.person.full_name.strip(),
        "given_name": ctx.person.given_name,
        "family_name": ctx.person.family_name,
        "suspended": False,
    }


async def plan_active(ctx: GitHubContext, desired: Desired) -> Plan:
    """Compare the wish with the enterprise. Reads only."""
    form = parse_form(desired.fields)
    _check(form)
    found = await find_account(ctx)
    if found.kind == "foreign" and desired.existing_account == "fail":
        message = f"{ctx.person.work_email} is in the enterprise and OneClick did not make the account."
        raise Refused(message, code=ErrorCode.ALREADY_EXISTS, field="employee.work_email")
    every = await list_groups(ctx, with_members=True)
    groups = wished_groups(form.teams, every)
    if found.user is None:
        return _plan_new(ctx, form, groups)
    plan = _plan_existing(ctx, desired, form, found, found.user, groups, every)
    if found.kind == "foreign" and desired.existing_account == "skip":
        message = f"{ctx.person.work_email} is in the enterprise already and is left as it is."
        nothing = noop_plan(ctx, {}, Notice(code="skipped", message=message))
        return nothing.model_copy(update={"fingerprint": plan.fingerprint})
    return plan


def _plan_new(ctx: GitHubContext, form: GitHubForm, groups: tuple[ManagedGroup, ...]) -> Plan:
    draft = Draft()
    params = {
        **wanted_of(ctx),
        "user_name": user_name(ctx),
        "role": "billing_manager" if form.role == "billing_manager" else "user",
    }
    params.pop("suspended")
    draft.add(
        PlannedAction(
            key="create",
            kind=ActionKind.CREATE,
            target=ctx.person.work_email,
            title=f"Create the managed user {ctx.person.work_email}",
            after=params,
            params=params,
        )
    )
    _tell(ctx, draft, form)
    for group in groups:
        draft.add(_group_step(group, None))
    _plan_copilot(ctx, draft, form)
    return draft.plan(ctx, account=None, groups=sorted(group.id for group in groups))


def _tell(ctx: GitHubContext, draft: Draft, form: GitHubForm) -> None:
    if form.sso:
        message = f"{ctx.person.full_name} signs in through your identity provider, as {user_name(ctx)}."
        draft.note("sso", message)


def _plan_copilot(ctx: GitHubContext, draft: Draft, form: GitHubForm) -> None:
    """The enterprise's SCIM knows no Copilot seats: a person assigns one."""
    if not form.copilot or ctx.known.gave("manual", _COPILOT_TASK):
        return
    draft.add(
        manual_task(
            _COPILOT_TASK,
            target="GitHub Copilot",
            title="Give access to GitHub Copilot",
            instructions=(
                "Open Copilot in the enterprise's settings.",
                f"Assign a seat to {ctx.person.full_name} ({ctx.person.work_email}).",
            ),
            link=f"https://github.com/enterprises/{ctx.settings.enterprise}/settings/copilot",
        )
    )


def _plan_existing(
    ctx: GitHubContext,
    desired: Desired,
    form: GitHubForm,
    found: FoundUser,
    user: ManagedUser,
    groups: tuple[ManagedGroup, ...],
    every: list[ManagedGroup],
) -> Plan:
    draft = Draft()
    if not found.linked:
        is_foreign = found.kind == "foreign"
        consent = desired.existing_account == "adopt"
        draft.add(_adopt_step(user, consent=consent, foreign=is_foreign))
        if is_foreign and desired.existing_account == "ask":
            draft.choices.append(_choice_of(ctx))
    wanted, now = wanted_of(ctx), user.shown()
    changed = {name: value for name, value in wanted.items() if now[name] != value}
    if changed:
        draft.add(_update_step(user, changed))
    held = {group.id: group for group in every if user.id in group.members}
    remove_all = desired.unmanaged == "remove"
    for group in groups:
        if group.id not in held:
            draft.add(_group_step(group, user))
    keep = {group.id for group in groups}
    for key, group in sorted(held.items()):
        if key not in keep:
            _remove_or_keep(ctx, draft, group, user, remove_others=remove_all)
    _plan_copilot(ctx, draft, form)
    if user.user_name.lower() != user_name(ctx):
        draft.note(
            "other_name", f"At GitHub the account's name is {user.user_name}. OneClick renames nobody."
        )
    of_interest = keep | {one.key for one in ctx.known.grants if one.kind == "group"}
    return draft.plan(
        ctx,
        account={"id": user.id, "name": user.user_name, **now, "ours": found.kind == "ours"},
        groups=sorted(key for key in held if remove_all or key in of_interest),
    )


def _remove_or_keep(
    ctx: GitHubContext,
    draft: Draft,
    group: ManagedGroup,
    user: ManagedUser,
    *,
    remove_others: bool,
    after: str | None = None,
) -> None:
    if remove_others or ctx.known.gave("group", group.id):
        draft.add(_part_step(group, user), after=after)
    else:
        draft.note("kept_group", f"The membership of {group.name} stays: OneClick did not give it.")


async def plan_leaving(ctx: GitHubContext, desired: Desired) -> Plan:
    """Suspend first, then take what we gave, and with `absent` delete for good."""
    found = await find_account(ctx)
    user = found.user
    if user is None:
        message = f"{ctx.person.work_email} is not in the enterprise."
        return noop_plan(ctx, {"account": None}, Notice(code="no_account", message=message))
    if found.kind == "foreign" and (left := _left_alone(ctx, desired)) is not None:
        return noop_plan(ctx, {"account": user.id}, left)
    draft = Draft()
    if found.kind == "foreign" and desired.existing_account == "ask":
        draft.choices.append(_choice_of(ctx))
    if user.is_active:
        draft.add(_suspend_step(user))
    after = "suspend" if user.is_active else None
    held = {
        group.id: group for group in await list_groups(ctx, with_members=True) if user.id in group.members
    }
    remove_all = desired.unmanaged == "remove"
    for _, group in sorted(held.items()):
        _remove_or_keep(ctx, draft, group, user, remove_others=remove_all, after=after)
    if desired.presence == "absent":
        draft.add(_delete_step(user), after=after)
        draft.note(
            "final", "GitHub deletes managed users for good: neither the account nor its login comes back."
        )
    return draft.plan(
        ctx,
        account={"id": user.id, "active": user.is_active},
        groups=sorted(key for key in held if remove_all or ctx.known.gave("group", key)),
    )


def _left_alone(ctx: GitHubContext, desired: Desired) -> Notice | None:
    """Why an account that is not ours is not touched; None when it may be, or when somebody is to be asked."""
    name = ctx.person.work_email
    if desired.existing_account == "fail":
        raise Refused(f"OneClick did not make the account {name}.", code=ErrorCode.ALREADY_EXISTS)
    if desired.existing_account == "skip":
        return Notice(code="skipped", message=f"{name} is not OneClick's and is left as it is.")
    return None


def _choice_of(ctx: GitHubContext) -> Choice:
    return Choice(
        code="existing_account",
        message=f"{ctx.person.work_email} is in the enterprise and OneClick did not make the account.",
        options=(
            ChoiceOption(value="adopt", label="Adopt it: OneClick manages it from now on"),
            ChoiceOption(value="skip", label="Leave it as it is"),
        ),
    )


def _adopt_step(user: ManagedUser, *, consent: bool, foreign: bool) -> PlannedAction:
    return PlannedAction(
        key="adopt",
        kind=ActionKind.ADOPT,
        target=user.user_name,
        title=f"Adopt the account {user.user_name}"
        if foreign
        else f"Link OneClick's account {user.user_name}",
        before={"managed_by_oneclick": not foreign},
        after={"managed_by_oneclick": True},
        params={"user_id": user.id, "consent": consent, "foreign": foreign},
    )


def _update_step(user: ManagedUser, changed: dict[str, Any]) -> PlannedAction:
    now = user.shown()
    return PlannedAction(
        key="update",
        kind=ActionKind.UPDATE,
        target=user.user_name,
        title="Activate the account" if "suspended" in changed else "Update the account",
        before={name: now[name] for name in changed},
        after=changed,
        params={"user_id": user.id},
    )


def _group_step(group: ManagedGroup, user: ManagedUser | None) -> PlannedAction:
    return PlannedAction(
        key=f"group:{group.id}",
        kind=ActionKind.ADD_TO_GROUP,
        target=group.name,
        title=f"Add to the group {group.name}",
        after={"group": group.name},
        params={"group_id": group.id, "name": group.name, "user_id": user.id if user else None},
    )


def _part_step(group: ManagedGroup, user: ManagedUser) -> PlannedAction:
    return PlannedAction(
        key=f"group:{group.id}",
        kind=ActionKind.REMOVE_FROM_GROUP,
        target=group.name,
        title=f"Remove from the group {group.name}",
        before={"group": group.name},
        params={"group_id": group.id, "name": group.name, "user_id": user.id},
    )


def _suspend_step(user: ManagedUser) -> PlannedAction:
    return PlannedAction(
        key="suspend",
        kind=ActionKind.SUSPEND,
        target=user.user_name,
        title="Suspend the account",
        before={"suspended": False},
        after={"suspended": True},
        params={"user_id": user.id},
    )


def _delete_step(user: ManagedUser) -> PlannedAction:
    return PlannedAction(
        key="delete",
        kind=ActionKind.DELETE,
        target=user.user_name,
        title="Delete the account for good",
        before={"exists": True},
        after={"exists": False},
        reversible=False,
        params={"user_id": user.id},
    )

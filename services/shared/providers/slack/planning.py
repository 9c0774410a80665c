"""The plan of somebody who works here: an account as wished, with what we may give and take."""

from collections.abc import Mapping
from typing import Any

from pydantic import ValidationError

from services.shared.providers.slack import byhand
from services.shared.providers.slack.accounts import Found, SlackUser, find_account
from services.shared.providers.slack.answers import SlackAnswer
from services.shared.providers.slack.client import SlackContext
from services.shared.providers.slack.form import SlackForm
from services.shared.providers.slack.groups import SlackGroup, wished_groups
from services.shared.providers.slack.names import user_names
from services.shared.providers.slack.places import Sight, look, plan_channels, plan_role, plan_workspace
from services.shared.providers.slack.steps import (
    Draft,
    adopt_step,
    group_step,
    leave_group_step,
    update_step,
)
from services.shared.providers.slack.tasks import account_task, type_task
from services.shared.sdk.contract import Choice, ChoiceOption, Desired, Notice, Plan, PlannedAction
from services.shared.sdk.draft import noop_plan
from services.shared.sdk.errors import ErrorCode, Refused
from services.shared.sdk.manifest import ActionKind

_NO_GUESTS = "Slack lets only Enterprise plans make guests by API."


def parse_form(fields: Mapping[str, Any]) -> SlackForm:
    """The form's fields.

    Raises:
        Refused: one of them is wrong.
    """
    try:
        return SlackForm.model_validate(dict(fields))
    except ValidationError as error:
        first = error.errors()[0]
        field = str(first["loc"][0]) if first["loc"] else "role"
        raise Refused(
            str(first["msg"]).removeprefix("Value error, "), code=ErrorCode.INVALID_FIELD, field=field
        ) from error


async def plan_active(ctx: SlackContext, desired: Desired) -> Plan:
    """Compare the wish with Slack. Reads only."""
    form = parse_form(desired.fields)
    try:
        found = await find_account(ctx)
    except SlackAnswer as answer:
        if answer.has_no_scim:
            return await byhand.plan_active(ctx, form)
        raise
    if (stop := _stopped(ctx, desired, found)) is not None:
        return stop
    sight = await look(ctx, form, found.user)
    if found.user is None:
        return await _plan_new(ctx, form, sight)
    plan = await _plan_existing(ctx, desired, form, found, found.user, sight)
    if found.kind == "foreign" and desired.existing_account == "skip":
        # The same look at Slack with nothing to do: a decision must not make a plan stale.
        return noop_plan(ctx, {}, skipped(ctx)).model_copy(update={"fingerprint": plan.fingerprint})
    return plan


def _stopped(ctx: SlackContext, desired: Desired, found: Found) -> Plan | None:
    """The plan when somebody else has the address and we are to keep off."""
    user, address = found.user, ctx.person.work_email
    if user is None or found.kind == "ours":
        return None
    if found.kind == "alias" and desired.existing_account == "skip":
        return noop_plan(ctx, {"account": user.id, "address": user.address}, skipped(ctx))
    if found.kind == "alias":
        raise Refused(
            f"{address} is the second address of {user.address} at Slack.",
            code=ErrorCode.ALREADY_EXISTS,
            field="employee.work_email",
        )
    if desired.existing_account == "fail":
        raise Refused(
            f"An account {address} exists at Slack and OneClick did not make it.",
            code=ErrorCode.ALREADY_EXISTS,
            field="employee.work_email",
        )
    return None


def skipped(ctx: SlackContext) -> Notice:
    """Why nothing is planned for an account that is somebody else's."""
    return Notice(code="skipped", message=f"{ctx.person.work_email} exists at Slack and is left as it is.")


async def _plan_new(ctx: SlackContext, form: SlackForm, sight: Sight) -> Plan:
    draft = Draft()
    if form.role == "guest" and not sight.workspace.is_enterprise:
        draft.add(account_task(ctx, form, _NO_GUESTS))
        return draft.plan(ctx, account=None, by_hand=True)
    groups = await wished_groups(ctx, form.groups, {})
    draft.add(_create_step(ctx, form), is_root=True)
    await plan_workspace(ctx, draft, form, sight, None)
    for group in groups:
        draft.add(group_step(group, None))
    seen = plan_channels(ctx, draft, form, sight, None)
    await plan_role(ctx, draft, form, sight, None)
    return draft.plan(
        ctx, account=None, by_hand=False, groups=sorted(group.id for group in groups), channels=seen
    )


def _create_step(ctx: SlackContext, form: SlackForm) -> PlannedAction:
    person = ctx.person
    params: dict[str, Any] = {
        "address": person.work_email.lower(),
        "given_name": person.given_name,
        "family_name": person.family_name,
        "type": "guest" if form.role == "guest" else "member",
    }
    optional = {
        "guest_until": form.guest_expires_on and form.guest_expires_on.isoformat(),
        "title": person.job_title,
        "department": person.department,
        "employee_number": person.external_id,
        "timezone": form.timezone,
    }
    params |= {name: value for name, value in optional.items() if value}
    names = user_names(person)
    return PlannedAction(
        key="create",
        kind=ActionKind.CREATE,
        target=person.work_email,
        title=f"Create the account {person.work_email}",
        after={**params, "user_name": names[0]},
        params={**params, "user_names": list(names), "display_name": person.full_name.strip()},
    )


async def _plan_existing(
    ctx: SlackContext, desired: Desired, form: SlackForm, found: Found, user: SlackUser, sight: Sight
) -> Plan:
    groups = await wished_groups(ctx, form.groups, user.groups)
    draft = Draft()
    is_owned = found.kind == "ours" and not ctx.known.adopted
    if found.kind == "foreign" or not found.linked:
        consent = desired.existing_account == "adopt"
        draft.add(adopt_step(user, consent=consent, foreign=found.kind == "foreign"), is_root=True)
        if user.external_id not in {"", ctx.mark}:
            draft.note(
                "kept_external_id",
                "The account carries another system's external ID, which stays: OneClick knows it by Slack's ID.",
            )
    changed = _changes(ctx, draft, form, user, is_owned=is_owned)
    changed = _by_hand_where_needed(ctx, draft, form, sight, changed)
    if changed:
        is_root = bool({"active", "type"} & set(changed))
        draft.add(update_step(user, changed), is_root=is_root)
    in_workspace = await plan_workspace(ctx, draft, form, sight, user)
    _plan_groups(ctx, draft, groups, user, remove_others=desired.unmanaged == "remove")
    channels = plan_channels(ctx, draft, form, sight, user)
    await plan_role(ctx, draft, form, sight, user)
    if user.address != ctx.person.work_email.lower():
        draft.note(
            "other_address",
            f"At Slack the account's address is {user.address}. OneClick does not rename accounts.",
        )
    if found.kind == "foreign" and desired.existing_account == "ask":
        draft.choices.append(choice_of(ctx, user))
    of_interest = {one.id for one in groups} | {one.key for one in ctx.known.grants if one.kind == "group"}
    everything = desired.unmanaged == "remove"
    return draft.plan(
        ctx,
        account={"id": user.id, "address": user.address, **user.shown(), "ours": found.kind == "ours"},
        groups=sorted(key for key in user.groups if everything or key in of_interest),
        channels=channels,
        in_workspace=in_workspace,
    )


def choice_of(ctx: SlackContext, user: SlackUser) -> Choice:
    """Whether an account that is not ours may be managed."""
    state = "" if user.active else " It is deactivated."
    return Choice(
        code="existing_account",
        message=f"An account {ctx.person.work_email} exists at Slack and OneClick did not make it.{state}",
        options=(
            ChoiceOption(value="adopt", label="Adopt it: OneClick manages it from now on"),
            ChoiceOption(value="skip", label="Leave it as it is"),
        ),
    )


def _changes(
    ctx: SlackContext, draft: Draft, form: SlackForm, user: SlackUser, *, is_owned: bool
) -> dict[str, Any]:
    """What differs from the wish, in the words of `SlackUser.shown`. The display name is the person's own."""
    person = ctx.person
    wanted: dict[str, Any] = {
        "given_name": person.given_name,
        "family_name": person.family_name,
        "active": True,
    }
    if is_owned:
        wanted |= {
            name: value
            for name, value in (("title", person.job_title), ("department", person.department))
            if value
        }
    if form.timezone:
        wanted["timezone"] = form.timezone
    wanted |= _wanted_type(draft, form, user, is_owned=is_owned)
    now = user.shown()
    return {name: value for name, value in wanted.items() if now[name] != value}


def _wanted_type(draft: Draft, form: SlackForm, user: SlackUser, *, is_owned: bool) -> dict[str, Any]:
    if form.role == "guest":
        until = form.guest_expires_on.isoformat() if form.guest_expires_on else None
        return {"type": "guest", "guest_until": until} if until or is_owned else {"type": "guest"}
    if not user.is_guest or is_owned or form.role == "admin":
        return {"type": "member"}
    # "Member" is what a form says that nobody filled in: no reason to open the workspace to a guest.
    if form.groups:
        raise Refused(
            "The account is a guest's, and guests cannot be in user groups. Make it a full member at Slack first.",
            code=ErrorCode.CONFLICT,
            field="groups",
        )
    draft.note("kept_guest", "The account stays a guest's: OneClick did not make it.")
    return {}


def _by_hand_where_needed(
    ctx: SlackContext, draft: Draft, form: SlackForm, sight: Sight, changed: dict[str, Any]
) -> dict[str, Any]:
    """Leave to a person what the workspace's plan does not let the API change."""
    if not {"type", "guest_until"} & set(changed) or sight.workspace.is_enterprise:
        return changed
    draft.add(type_task(ctx, form), is_root=True)
    return {name: value for name, value in changed.items() if name not in {"type", "guest_until"}}


def _plan_groups(
    ctx: SlackContext,
    draft: Draft,
    wished: tuple[SlackGroup, ...],
    user: SlackUser,
    *,
    remove_others: bool,
) -> None:
    for group in wished:
        if group.id not in user.groups:
            draft.add(group_step(group, user))
    keep = {group.id for group in wished}
    for key, name in sorted(user.groups.items()):
        group = SlackGroup(id=key, name=name or key)
        if key in keep:
            continue
        if remove_others or ctx.known.gave("group", key):
            draft.add(leave_group_step(group, user))
        else:
            draft.note("kept_group", f"The user group {group.name} stays: OneClick did not give it.")

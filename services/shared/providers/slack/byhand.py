"""Plans without SCIM (Free, Pro): a person does it, and the Web API shows whether it is done."""

from services.shared.providers.slack.answers import SlackAnswer
from services.shared.providers.slack.client import SlackContext, web
from services.shared.providers.slack.form import SlackForm
from services.shared.providers.slack.steps import Draft
from services.shared.providers.slack.tasks import ACCOUNT, account_task, leave_task
from services.shared.sdk.contract import Desired, Notice, Outcome, Plan, PlannedAction
from services.shared.sdk.draft import noop_plan
from services.shared.sdk.manual import taken_at_their_word

_WHY = "This Slack plan has no SCIM: accounts are made by hand. Business+ and Enterprise plans let OneClick do it."


async def look_up(ctx: SlackContext) -> str | None:
    """The id of the active account at the address, an empty text for none, None where the token may not look."""
    try:
        reply = await web(ctx, "users.lookupByEmail", email=ctx.person.work_email)
    except SlackAnswer as answer:
        if answer.word == "users_not_found":
            return ""
        if answer.is_final:
            return None
        raise
    user = reply.body.get("user") or {}
    return "" if user.get("deleted") else str(user.get("id") or "")


async def plan_active(ctx: SlackContext, form: SlackForm) -> Plan:
    """A task to invite the person, until they are there."""
    found = await look_up(ctx)
    if found or (found is None and ctx.known.gave("manual", ACCOUNT)):
        message = "The person is in Slack. On this plan OneClick changes nothing there by itself."
        return noop_plan(ctx, {"account": found}, Notice(code="by_hand", message=message))
    draft = Draft()
    draft.add(account_task(ctx, form, _WHY))
    draft.note("by_hand", _WHY)
    return draft.plan(ctx, account=found)


async def plan_leaving(ctx: SlackContext, desired: Desired) -> Plan:
    """A task to deactivate the account, while it is active and ours to end."""
    found = await look_up(ctx)
    is_ours = ctx.known.gave("manual", ACCOUNT) or bool(ctx.known.remote_id)
    if found == "" or (found is None and not is_ours):
        message = f"There is no active account {ctx.person.work_email} at Slack."
        return noop_plan(ctx, {"account": found}, Notice(code="no_account", message=message))
    if not is_ours and desired.existing_account != "adopt":
        message = f"{ctx.person.work_email} is not OneClick's and is left as it is."
        return noop_plan(ctx, {"account": found}, Notice(code="skipped", message=message))
    draft = Draft()
    draft.add(leave_task(ctx))
    return draft.plan(ctx, account=found)


async def confirm_account(ctx: SlackContext, action: PlannedAction) -> Outcome | None:
    """The invited person is there; without a look, a person's word counts."""
    found = await look_up(ctx)
    if found is None:
        return taken_at_their_word(action)
    if not found:
        return None
    given = taken_at_their_word(action).given
    return Outcome(remote_id=found, login=ctx.person.work_email.lower(), adopted=True, given=given)


async def confirm_leave(ctx: SlackContext) -> Outcome | None:
    """The account is not active any more; what it was given ended with it."""
    return None if await look_up(ctx) else Outcome(taken=ctx.known.grants)

"""What a person does at Slack because the plan, or the token, does not let OneClick do it."""

from collections.abc import Sequence

from services.shared.providers.slack.client import SlackContext
from services.shared.providers.slack.form import SlackForm
from services.shared.sdk.contract import Grant, PlannedAction
from services.shared.sdk.manual import manual_task

ACCOUNT, LEAVE, TYPE, ROLE, WORKSPACE = "account", "leave", "type", "role", "workspace"
CHANNEL, LEAVE_CHANNEL = "channel:", "leave-channel:"


def channel_task(ctx: SlackContext, name: str, why: str, channel_id: str | None = None) -> PlannedAction:
    """Add the person to a channel by hand; `name` is the wish's word without #, `channel_id` is its id, if seen."""
    return manual_task(
        f"{CHANNEL}{name.lower()}",
        target=f"#{name}",
        title=f"Add to the channel #{name}",
        instructions=(
            why,
            f"In Slack, open #{name} and choose Members, then Add people.",
            f"Add {ctx.person.full_name} ({ctx.person.work_email}).",
        ),
        link=ctx.settings.page(""),
        after={"channel": f"#{name}"},
        params={"channel_id": channel_id},
    )


def leave_channel_task(ctx: SlackContext, name: str, grant: Grant) -> PlannedAction:
    """Take the person out of a channel by hand; `grant` is what ends with it."""
    return manual_task(
        f"{LEAVE_CHANNEL}{name.lower()}",
        target=f"#{name}",
        title=f"Remove from the channel #{name}",
        instructions=(
            "OneClick's Slack token may not take people out of this channel.",
            f"In Slack, open #{name}, choose Members and remove {ctx.person.full_name}.",
        ),
        link=ctx.settings.page(""),
        params={"grant": grant.model_dump()},
    )


def role_task(ctx: SlackContext, *, admin: bool) -> PlannedAction:
    """Make an administrator, or a regular member again, by hand."""
    word = "Workspace Admin" if admin else "Full Member"
    return manual_task(
        ROLE if admin else f"{ROLE}-member",
        target=ctx.person.work_email,
        title="Make workspace administrator" if admin else "Make a regular member again",
        instructions=(
            "Slack lets only Enterprise plans change this by API, with a token that may manage people.",
            f"In Slack, under Manage members, find {ctx.person.work_email}.",
            f"Choose Change account type, then {word}.",
        ),
        link=ctx.settings.page(),
        params={"role": "admin" if admin else "member"},
    )


def type_task(ctx: SlackContext, form: SlackForm) -> PlannedAction:
    """Change between guest and member by hand."""
    word = "Multi-Channel Guest" if form.role == "guest" else "Full Member"
    instructions = [
        "Slack lets only Enterprise plans change this by API.",
        f"In Slack, under Manage members, find {ctx.person.work_email}.",
        f"Choose Change account type, then {word}.",
    ]
    if form.guest_expires_on:
        instructions.append(f"Set a time limit: {form.guest_expires_on.isoformat()}.")
    return manual_task(
        TYPE,
        target=ctx.person.work_email,
        title=f"Change the account type to {word}",
        instructions=instructions,
        link=ctx.settings.page(),
        params={"guest": form.role == "guest"},
    )


def workspace_task(ctx: SlackContext, name: str) -> PlannedAction:
    """Bring an account of the organisation into the workspace by hand."""
    return manual_task(
        WORKSPACE,
        target=name,
        title=f"Add to the workspace {name}",
        instructions=(
            "OneClick's Slack token may not put people of the organisation into a workspace.",
            f"In the organisation's settings, under People, find {ctx.person.work_email}.",
            f"Choose Add to workspaces, then {name}.",
        ),
        link=ctx.settings.page(),
        after={"workspace": name},
    )


def account_task(ctx: SlackContext, form: SlackForm, why: str) -> PlannedAction:
    """Invite the person by hand, with everything that the wish names."""
    kind = {"guest": "Multi-Channel Guest", "admin": "Workspace Admin"}.get(form.role, "Member")
    instructions = [
        why,
        f"In Slack, under Manage members, choose Invite people and enter {ctx.person.work_email}.",
        f"Invite as: {kind}.",
    ]
    if form.guest_expires_on:
        instructions.append(f"Set a time limit: {form.guest_expires_on.isoformat()}.")
    instructions += _listed("Add to the channels", [f"#{name}" for name in form.channels])
    instructions += _listed("Once the person has joined, add to the user groups", form.groups)
    return manual_task(
        ACCOUNT,
        target=ctx.person.work_email,
        title=f"Invite {ctx.person.full_name} to Slack",
        instructions=instructions,
        link=ctx.settings.page("admin/invites"),
        after={"address": ctx.person.work_email, "role": form.role},
    )


def leave_task(ctx: SlackContext) -> PlannedAction:
    """Deactivate the account by hand."""
    return manual_task(
        LEAVE,
        target=ctx.person.work_email,
        title="Deactivate the Slack account",
        instructions=(
            "This Slack plan does not let OneClick deactivate accounts.",
            f"In Slack, under Manage members, find {ctx.person.work_email}.",
            "Choose Deactivate account.",
        ),
        link=ctx.settings.page(),
    )


def _listed(words: str, names: Sequence[str]) -> list[str]:
    return [f"{words}: {', '.join(names)}."] if names else []

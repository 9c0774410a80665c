"""Taking actions on accounts: create or fetch, adopt, update, deactivate, end sessions."""

from collections.abc import Mapping
from typing import Any

from services.shared.providers.slack.accounts import (
    CORE,
    ENTERPRISE,
    GUEST,
    SlackUser,
    find_by_address,
    find_user,
    need_account,
    parse_user,
)
from services.shared.providers.slack.answers import SlackAnswer, unreadable
from services.shared.providers.slack.client import (
    SlackContext,
    Written,
    patch,
    path_of,
    scim,
    web_write,
    write,
)
from services.shared.sdk.contract import Outcome, PlannedAction
from services.shared.sdk.errors import ActionRequired, ErrorCode, Refused

_DISPLAY_LIMIT = 80
_PATHS = {
    "given_name": "name.givenName",
    "family_name": "name.familyName",
    "title": "title",
    "department": f"{ENTERPRISE}:department",
    "timezone": "timezone",
    "active": "active",
}


async def create(ctx: SlackContext, action: PlannedAction) -> Outcome:
    """Create with our mark, under the first user name that is free; an address that is taken is looked at."""
    for name in action.params["user_names"]:
        try:
            written = await write(ctx, "POST", "Users", _new_user(ctx, action.params, name))
        except SlackAnswer as answer:
            if answer.is_forbidden and action.params["type"] == "guest":
                await _must_be_entitled(ctx, answer)
            if not answer.is_taken:
                raise
            if (ours := await _taken(ctx, answer)) is not None:
                return ours
            continue
        return await _created(ctx, written)
    raise ActionRequired(
        "Every user name that OneClick tried is taken at Slack.",
        code=ErrorCode.CONFLICT,
        field="employee.full_name",
    )


def _new_user(ctx: SlackContext, params: Mapping[str, Any], user_name: str) -> dict[str, Any]:
    body: dict[str, Any] = {
        "schemas": [CORE],
        "userName": user_name,
        "externalId": ctx.mark,
        "name": {"givenName": params["given_name"], "familyName": params["family_name"]},
        "displayName": params["display_name"][:_DISPLAY_LIMIT].strip(),
        "emails": [{"value": params["address"], "type": "work", "primary": True}],
        "active": True,
    }
    body |= {name: params[name] for name in ("title", "timezone") if params.get(name)}
    work = {"department": params.get("department"), "employeeNumber": params.get("employee_number")}
    if any(work.values()):
        body["schemas"].append(ENTERPRISE)
        body[ENTERPRISE] = {name: value for name, value in work.items() if value}
    if params["type"] == "guest":
        body["schemas"].append(GUEST)
        body[GUEST] = _guest(params.get("guest_until"))
    return body


def _guest(until: str | None) -> dict[str, str]:
    return {"type": "multi", "expiration": f"{until}T23:59:59Z"} if until else {"type": "multi"}


async def _must_be_entitled(ctx: SlackContext, answer: SlackAnswer) -> None:
    """A refusal of a guest by a token that may read people means that the plan has no guests by API.

    Raises:
        Refused: that.
    """
    try:
        await scim(ctx, "GET", "Users", query={"count": "1"})
    except SlackAnswer:
        return
    raise Refused(
        "Slack lets only Enterprise plans make guests by API.",
        code=ErrorCode.NOT_ENTITLED,
        field="role",
        vendor_message=answer.message,
    )


async def _taken(ctx: SlackContext, answer: SlackAnswer) -> Outcome | None:
    """Whose the address is: ours from a try whose reply was lost; None when only the user name was taken.

    Raises:
        ActionRequired: it is somebody else's.
    """
    user = await find_by_address(ctx)
    if user is not None and user.external_id == ctx.mark:
        return user.as_outcome(ctx)
    if user is None and answer.word == "username_taken":
        return None
    message = f"{ctx.person.work_email} exists at Slack and OneClick did not make it."
    if user is None:
        message = f"{ctx.person.work_email} is taken at Slack by an account that it does not show."
    elif user.address != ctx.person.work_email.lower():
        message = f"{ctx.person.work_email} is the second address of {user.address} at Slack."
    raise ActionRequired(message, code=ErrorCode.ALREADY_EXISTS, vendor_message=answer.message)


async def _created(ctx: SlackContext, written: Written) -> Outcome:
    user = parse_user("POST Users", written.body) if written.body else await find_by_address(ctx)
    if user is None or user.external_id != ctx.mark:
        # A success in an unknown language: believe what Slack shows, not what it said.
        shown = f"{user.id} without OneClick's mark" if user else "no account"
        raise written.unread or unreadable("POST Users", 200, shown)
    return user.as_outcome(ctx)


async def confirm_create(ctx: SlackContext, action: PlannedAction) -> Outcome | None:  # noqa: ARG001  # the table's shape
    """An account with the address carries our mark."""
    user = await find_by_address(ctx)
    return user.as_outcome(ctx) if user is not None and user.external_id == ctx.mark else None


async def adopt(ctx: SlackContext, action: PlannedAction) -> Outcome:
    """Write our mark where there is none; another system's mark stays, as its owner finds the account by it."""
    user = await _to_adopt(ctx, action)
    if user.external_id == "":
        written = await patch(
            ctx, path_of("Users", user.id), {"op": "replace", "path": "externalId", "value": ctx.mark}
        )
        user = await _shown_after(ctx, user.id, written)
        if user.external_id != ctx.mark:
            return written.not_shown()
    return user.as_outcome(ctx, adopted=bool(action.params["foreign"]))


async def _to_adopt(ctx: SlackContext, action: PlannedAction) -> SlackUser:
    user = await find_user(ctx, action.params["user_id"])
    if user is None:
        raise Refused("The account is no longer there.", code=ErrorCode.NOT_FOUND)
    if user.external_id != ctx.mark and not action.params["consent"]:
        raise ActionRequired(
            f"{user.address} exists at Slack and OneClick did not make it.", code=ErrorCode.ALREADY_EXISTS
        )
    return user


async def confirm_adopt(ctx: SlackContext, action: PlannedAction) -> Outcome | None:
    """Our mark is on it, or our books know it."""
    user = await find_user(ctx, action.params["user_id"])
    if user is None or (user.external_id != ctx.mark and ctx.known.remote_id != user.id):
        return None
    return user.as_outcome(ctx, adopted=bool(action.params["foreign"]))


async def update(ctx: SlackContext, action: PlannedAction) -> Outcome:
    """Write what differs. The display name is never sent: it is the person's own."""
    user = await need_account(ctx, action.params.get("user_id"))
    wanted = dict(action.after or {})
    missing = {name: value for name, value in wanted.items() if user.shown()[name] != value}
    if not missing:
        return user.as_outcome(ctx)
    try:
        written = await patch(ctx, path_of("Users", user.id), *_operations(missing, user))
    except SlackAnswer as answer:
        if answer.is_forbidden and missing.get("type") == "guest":
            await _must_be_entitled(ctx, answer)
        raise
    user = await _shown_after(ctx, user.id, written)
    if any(user.shown()[name] != value for name, value in missing.items()):
        return written.not_shown()
    return user.as_outcome(ctx)


def _operations(changed: Mapping[str, Any], user: SlackUser) -> list[dict[str, Any]]:
    operations = [
        {"op": "replace", "path": _PATHS[name], "value": value}
        for name, value in changed.items()
        if name in _PATHS
    ]
    if changed.get("type") == "member":
        return [{"op": "remove", "path": GUEST}, *operations]
    if changed.get("type") == "guest":
        return [{"op": "add", "path": GUEST, "value": _guest(changed.get("guest_until"))}, *operations]
    if "guest_until" in changed and user.is_guest:
        path, until = f"{GUEST}:expiration", changed["guest_until"]
        if until is None:
            return [*operations, {"op": "remove", "path": path}]
        return [*operations, {"op": "replace", "path": path, "value": _guest(until)["expiration"]}]
    return operations


async def _shown_after(ctx: SlackContext, user_id: str, written: Written) -> SlackUser:
    """The account as Slack answered the write, or as it shows it when the answer said nothing.

    Raises:
        SlackAnswer: the write's own answer, when Slack does not show the account.
    """
    if written.body.get("id") == user_id:
        return parse_user("PATCH Users", written.body)
    user = await find_user(ctx, user_id)
    if user is None:
        raise written.unread or unreadable("PATCH Users", 200, "no account")
    return user


async def confirm_update(ctx: SlackContext, action: PlannedAction) -> Outcome | None:
    """The account is as the action wanted it."""
    user_id = action.params.get("user_id") or ctx.known.remote_id
    user = await find_user(ctx, user_id) if user_id else await find_by_address(ctx)
    wanted = dict(action.after or {})
    if user is None or any(user.shown()[name] != value for name, value in wanted.items()):
        return None
    return user.as_outcome(ctx)


async def suspend(ctx: SlackContext, action: PlannedAction) -> Outcome:
    """Deactivate. With it Slack takes the account out of its user groups and channels."""
    user = await need_account(ctx, action.params["user_id"])
    written = Written({})
    if user.active:
        off = {"op": "replace", "path": "active", "value": False}
        written = await patch(ctx, path_of("Users", user.id), off)
        user = await _shown_after(ctx, user.id, written)
    return written.not_shown() if user.active else _ended(ctx, user)


def _ended(ctx: SlackContext, user: SlackUser) -> Outcome:
    """Everything that OneClick gave ended, but a user group that Slack still shows."""
    ended = tuple(
        grant for grant in ctx.known.grants if grant.kind != "group" or grant.key not in user.groups
    )
    return user.as_outcome(ctx, taken=ended)


async def confirm_suspend(ctx: SlackContext, action: PlannedAction) -> Outcome | None:
    """The account is deactivated."""
    user = await find_user(ctx, action.params["user_id"])
    return _ended(ctx, user) if user is not None and not user.active else None


async def revoke_sessions(ctx: SlackContext, action: PlannedAction) -> Outcome:
    """End every session, on phones and in browsers. Safe to repeat."""
    written = await web_write(ctx, "admin.users.session.reset", user_id=action.params["user_id"])
    if written.unread is not None:
        raise written.unread
    return Outcome(remote_id=ctx.known.remote_id, login=ctx.known.login)

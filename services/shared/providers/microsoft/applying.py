"""Actions on the account itself: create, adopt, update, manager, sessions, delete."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from services.shared.providers.microsoft import requests
from services.shared.providers.microsoft.accounts import (
    SETTLE_RETRY,
    explain_missing,
    find_by_address,
    find_deleted,
    in_recycle_bin,
    load_user,
    need_user,
    nicknames,
    outcome_of,
    pick,
    planned_id,
    settling,
)
from services.shared.providers.microsoft.answers import GraphAnswer
from services.shared.providers.microsoft.client import MicrosoftContext, fetch, send, user_link
from services.shared.providers.microsoft.wire import GraphPerson, GraphUser
from services.shared.sdk.contract import Outcome, OutcomeState, PlannedAction
from services.shared.sdk.errors import ActionRequired, ErrorCode, Refused, Transient


async def nothing(ctx: MicrosoftContext, action: PlannedAction) -> Outcome:
    """A noop tells which account is ours, or that it is gone, so that books heal; nobody is asked."""
    if action.params.get("gone"):
        return Outcome(gone=True)
    remote_id = action.params.get("remote_id") or ctx.known.remote_id
    login = action.params.get("login") or ctx.known.login
    return Outcome(remote_id=remote_id, login=login, url=action.params.get("url"))


async def create(ctx: MicrosoftContext, action: PlannedAction) -> Outcome:
    """Make the account with our mark, or find that we made it before.

    The name is unique at Microsoft's, so a repeated POST makes no second account: it is refused,
    and whose the account is decides what that means.

    Raises:
        ActionRequired: `already_exists`, somebody else's account has the name.
        Transient: `settling`, the name is taken by what Microsoft does not show yet.
    """
    password = await ctx.first_password()
    made: GraphPerson | None = None
    for nickname in nicknames(ctx):
        request = requests.create_user(
            {
                **action.params["properties"],
                "user_principal_name": action.params["address"],
                "mail_nickname": nickname,
            },
            password=password,
            change_password=bool(action.params["change_password"]),
            employee_id=ctx.mark,
        )
        try:
            made = await fetch(ctx, request, GraphPerson)
        except GraphAnswer as answer:
            if answer.is_unreadable:
                return await _after_garbage(ctx, answer)
            if not answer.is_duplicate:
                raise
            if (found := await _after_duplicate(ctx, answer)) is not None:
                return found
            continue
        break
    if made is None:
        raise settling("The address is taken by what Microsoft does not show yet.")
    user = await load_user(ctx, made.id)
    if user is None:
        return Outcome(
            state=OutcomeState.SETTLING,
            remote_id=made.id,
            login=made.user_principal_name,
            retry_after=SETTLE_RETRY,
        )
    return outcome_of(user)


async def _after_garbage(ctx: MicrosoftContext, answer: GraphAnswer) -> Outcome:
    """A success that cannot be read: what is there decides."""
    found = await _find_ours(ctx)
    if found is None:
        raise Transient("Microsoft answered something unreadable.", vendor_message=answer.vendor_message)
    return outcome_of(found)


async def _after_duplicate(ctx: MicrosoftContext, answer: GraphAnswer) -> Outcome | None:
    """Whose is it? None: nobody has the address, only the nickname is taken, so another one may do."""
    address = ctx.person.work_email
    user = await load_user(ctx, address) or pick(ctx, await find_by_address(ctx, address))
    if user is not None and user.mark == ctx.mark:
        return outcome_of(user)
    if user is not None:
        raise ActionRequired(
            f"{user.user_principal_name} exists in Microsoft 365 and OneClick did not make it.",
            code=ErrorCode.ALREADY_EXISTS,
            field="employee.work_email",
            vendor_message=answer.vendor_message,
        )
    if answer.says("mailnickname"):
        return None
    deleted = await find_deleted(ctx, address)
    if deleted is not None:
        raise ActionRequired(
            in_recycle_bin(address, deleted),
            code=ErrorCode.ALREADY_EXISTS,
            field="employee.work_email",
            vendor_message=answer.vendor_message,
        )
    raise settling(
        "The address is taken by what Microsoft does not show yet.", vendor_message=answer.vendor_message
    )


async def _find_ours(ctx: MicrosoftContext) -> GraphUser | None:
    user = await load_user(ctx, ctx.known.remote_id or ctx.person.work_email)
    return user if user is not None and user.mark == ctx.mark else None


async def confirm_create(ctx: MicrosoftContext, action: PlannedAction) -> Outcome | None:  # noqa: ARG001  # one signature for every kind
    """The account at the address, if it carries our mark."""
    user = await _find_ours(ctx)
    return outcome_of(user) if user else None


async def adopt(ctx: MicrosoftContext, action: PlannedAction) -> Outcome:
    """Link an account that somebody agreed to. Nothing is written: our books hold its id from now on."""
    return outcome_of(await need_user(ctx, action), adopted=True)


async def confirm_adopt(ctx: MicrosoftContext, action: PlannedAction) -> Outcome | None:
    """Linked in our books, hence adopted."""
    if ctx.known.remote_id is None or ctx.known.remote_id != action.params.get("remote_id"):
        return None
    return await adopt(ctx, action)


async def update(ctx: MicrosoftContext, action: PlannedAction) -> Outcome:
    """Write the properties that differ, `suspend` being one of them, then read back."""
    wished: Mapping[str, Any] = action.params["properties"]
    user = await need_user(ctx, action)
    changed = {name: value for name, value in wished.items() if getattr(user, name) != value}
    if not changed:
        return outcome_of(user)
    await _write_user(ctx, user, requests.update_user(user.id, changed))
    return await _shown(await confirm_update(ctx, action))


async def confirm_update(ctx: MicrosoftContext, action: PlannedAction) -> Outcome | None:
    """Every property is as wished."""
    wished: Mapping[str, Any] = action.params["properties"]
    user = await need_user(ctx, action)
    return outcome_of(user) if all(getattr(user, name) == value for name, value in wished.items()) else None


async def set_manager(ctx: MicrosoftContext, action: PlannedAction) -> Outcome:
    """Set the manager, unless it is so already."""
    user = await need_user(ctx, action)
    manager_id = str(action.params["manager_id"])
    if user.manager is not None and user.manager.id == manager_id:
        return outcome_of(user)
    try:
        await _write_user(ctx, user, requests.set_manager(user.id, user_link(ctx, manager_id)))
    except Transient as error:
        if error.code is ErrorCode.SETTLING and await load_user(ctx, manager_id) is None:
            raise Refused(
                f"{action.params['manager']} is no longer in Microsoft 365.",
                code=ErrorCode.NOT_FOUND,
                field="manager",
                vendor_message=error.vendor_message,
            ) from error
        raise
    return await _shown(await confirm_manager(ctx, action))


async def confirm_manager(ctx: MicrosoftContext, action: PlannedAction) -> Outcome | None:
    user = await need_user(ctx, action)
    is_set = user.manager is not None and user.manager.id == action.params["manager_id"]
    return outcome_of(user) if is_set else None


async def revoke_sessions(ctx: MicrosoftContext, action: PlannedAction) -> Outcome:
    """End every session. The vendor documents 204 and answers 200 with `true`: both are fine.

    Source: learn.microsoft.com/graph/known-issues, revokeSignInSessions.
    """
    user = await need_user(ctx, action)
    await _write_user(ctx, user, requests.revoke_sessions(user.id))
    return outcome_of(user)


async def confirm_sessions(ctx: MicrosoftContext, action: PlannedAction) -> Outcome | None:
    """Whether sessions have to be newer than when the plan was made: that is all that shows."""
    user = await need_user(ctx, action)
    before, now = (
        _moment(one) for one in (action.params["sessions_valid_from"], user.sign_in_sessions_valid_from)
    )
    return outcome_of(user) if before and now and now > before else None


def _moment(text: str | None) -> datetime | None:
    try:
        return datetime.fromisoformat(text) if text else None
    except ValueError:
        return None


async def delete(ctx: MicrosoftContext, action: PlannedAction) -> Outcome:
    """Move the account to the recycle bin; done when it is there or nowhere."""
    user_id = planned_id(ctx, action)
    if user_id is None:
        user_id = (await need_user(ctx, action)).id
    try:
        await send(ctx, requests.delete_user(user_id))
    except GraphAnswer as answer:
        if not answer.is_missing:
            raise
    return await _shown(await confirm_delete(ctx, action))


async def confirm_delete(ctx: MicrosoftContext, action: PlannedAction) -> Outcome | None:
    user_id = planned_id(ctx, action)
    if user_id is None or await load_user(ctx, user_id) is not None:
        return None
    return Outcome(gone=True)


async def _write_user(ctx: MicrosoftContext, user: GraphUser, request: requests.GraphRequest) -> None:
    """A write on an account that was just read: its 404 means a replica that has not heard of it."""
    try:
        await send(ctx, request)
    except GraphAnswer as answer:
        if not answer.is_missing:
            raise
        error = await explain_missing(ctx, user.id)
        error.vendor_message = answer.vendor_message
        raise error from answer


async def _shown(outcome: Outcome | None) -> Outcome:
    """What was written and read back; not shown yet is no success."""
    if outcome is None:
        raise settling("Microsoft accepted the change and does not show it yet.")
    return outcome

"""Taking actions on accounts: create or fetch, adopt, update, suspend, end sessions, delete."""

from collections.abc import Mapping
from typing import Any

from services.shared.providers.google.accounts import (
    USER_FIELDS,
    GoogleUser,
    explain_write,
    find_by_address,
    find_user,
    mark_entry,
    need_account,
    parse_user,
    unmarked,
)
from services.shared.providers.google.answers import GoogleAnswer
from services.shared.providers.google.client import GoogleContext, Written, write
from services.shared.providers.google.groups import find_group
from services.shared.providers.google.sessions import count_keys, revoke_all
from services.shared.sdk.contract import Outcome, PlannedAction
from services.shared.sdk.errors import ActionRequired, ErrorCode, Transient

_SOON = 2.0


async def create(ctx: GoogleContext, action: PlannedAction) -> Outcome:
    """Insert with our mark; an address that is taken is fetched when the mark is ours."""
    password = await ctx.first_password()
    body = _new_user(ctx, action.params, password.get_secret_value())
    try:
        written = await write(ctx, "users.insert", body=body, fields=USER_FIELDS)
    except GoogleAnswer as answer:
        if answer.is_duplicate:
            return await _taken(ctx, answer)
        raise
    if "id" in written.body:
        user: GoogleUser | None = parse_user("users.insert", written.body)
    else:
        # A success in an unknown language: believe what Google shows, not what it said.
        user = await find_by_address(ctx)
    if user is None or ctx.mark not in user.marks:
        raise written.unread or unmarked("users.insert", user)
    return user.as_outcome()


def _new_user(ctx: GoogleContext, params: Mapping[str, Any], password: str) -> dict[str, Any]:
    external = [mark_entry(ctx.mark)]
    if number := params.get("employee_number"):
        external.append({"type": "organization", "value": str(number)})
    body: dict[str, Any] = {
        "primaryEmail": params["address"],
        "name": {"givenName": params["given_name"], "familyName": params["family_name"]},
        "orgUnitPath": params["org_unit"],
        "password": password,
        "changePasswordAtNextLogin": params["change_password"],
        "externalIds": external,
    }
    work = {name: params[name] for name in ("title", "department") if params.get(name)}
    if work:
        body["organizations"] = [{**work, "primary": True}]
    return body


async def _taken(ctx: GoogleContext, answer: GoogleAnswer) -> Outcome:
    """409: ours from a try whose reply was lost, or somebody else's."""
    user = await find_by_address(ctx)
    address = ctx.person.work_email
    if user is not None and ctx.mark in user.marks:
        return user.as_outcome()
    if user is not None:
        message = f"{address} exists at Google and OneClick did not make it."
        if user.address != address.lower():
            message = f"{address} is an alias of {user.address} at Google."
        raise ActionRequired(message, code=ErrorCode.ALREADY_EXISTS, vendor_message=answer.message)
    if await find_group(ctx, address) is not None:
        raise ActionRequired(
            f"{address} is the address of a group at Google.",
            code=ErrorCode.ALREADY_EXISTS,
            vendor_message=answer.message,
        )
    raise Transient(
        f"Google says that {address} is taken but does not show by whom: an account that was just made, or a "
        "personal account that somebody opened with this address.",
        code=ErrorCode.SETTLING,
        retry_after=_SOON,
        vendor_message=answer.message,
    )


async def confirm_create(ctx: GoogleContext, action: PlannedAction) -> Outcome | None:
    """Our mark at the address: nothing else counts."""
    user = await find_user(ctx, str(action.params["address"]))
    return user.as_outcome() if user is not None and ctx.mark in user.marks else None


async def adopt(ctx: GoogleContext, action: PlannedAction) -> Outcome:
    """Write our mark on an account, with consent."""
    user = await need_account(ctx, action.params["user_id"])
    if ctx.mark not in user.marks:
        if not action.params.get("consent"):
            raise ActionRequired(
                f"{user.address} exists at Google and nobody agreed that OneClick adopts it.",
                code=ErrorCode.ALREADY_EXISTS,
            )
        written, user = await _put(ctx, user, {"externalIds": user.external_ids_with(ctx.mark)})
        if ctx.mark not in user.marks:
            return written.not_shown()
    return user.as_outcome(adopted=bool(action.params["foreign"]))


async def confirm_adopt(ctx: GoogleContext, action: PlannedAction) -> Outcome | None:
    """Our mark on the planned account."""
    user = await find_user(ctx, action.params["user_id"])
    if user is None or ctx.mark not in user.marks:
        return None
    return user.as_outcome(adopted=bool(action.params["foreign"]))


async def update(ctx: GoogleContext, action: PlannedAction) -> Outcome:
    """Bring the account to the planned values; nothing is written when it has them."""
    wanted = _values(action)
    user = await need_account(ctx, action.params["user_id"])
    if _fits(user, wanted):
        return user.as_outcome()
    written, user = await _put(ctx, user, _update_body(user, wanted))
    return user.as_outcome() if _fits(user, wanted) else written.not_shown()


async def confirm_update(ctx: GoogleContext, action: PlannedAction) -> Outcome | None:
    """The account has the planned values."""
    user = await find_user(ctx, action.params["user_id"])
    return user.as_outcome() if user is not None and _fits(user, _values(action)) else None


def _values(action: PlannedAction) -> dict[str, Any]:
    return dict(action.after or {})


def _fits(user: GoogleUser, wanted: Mapping[str, Any]) -> bool:
    shown = user.shown()
    return all(shown[name] == value for name, value in wanted.items())


def _update_body(user: GoogleUser, wanted: Mapping[str, Any]) -> dict[str, Any]:
    body: dict[str, Any] = {}
    names = {"given_name": "givenName", "family_name": "familyName"}
    if name := {theirs: wanted[ours] for ours, theirs in names.items() if ours in wanted}:
        body["name"] = name
    if "org_unit" in wanted:
        body["orgUnitPath"] = wanted["org_unit"]
    if "suspended" in wanted:
        body["suspended"] = wanted["suspended"]
        if user.archived and not wanted["suspended"]:
            body["archived"] = False
    return body


async def _put(ctx: GoogleContext, user: GoogleUser, body: dict[str, Any]) -> tuple[Written, GoogleUser]:
    """PUT: omitted members stay, arrays are replaced whole. Also returns what Google shows afterwards."""
    try:
        written = await write(ctx, "users.update", userKey=user.id, body=body, fields=USER_FIELDS)
    except GoogleAnswer as answer:
        raise await explain_write(ctx, answer, user.id) from answer
    if "id" in written.body:
        return written, parse_user("users.update", written.body)
    return written, await need_account(ctx, user.id)


async def revoke_sessions(ctx: GoogleContext, action: PlannedAction) -> Outcome:
    """Sign out everywhere, delete app tokens and app passwords. Safe to repeat."""
    user_id = str(action.params["user_id"])
    try:
        written = await revoke_all(ctx, user_id)
    except GoogleAnswer as answer:
        raise await explain_write(ctx, answer, user_id) from answer
    if written.unread is not None or await count_keys(ctx, user_id):
        return written.not_shown()
    return Outcome(remote_id=user_id)


async def delete(ctx: GoogleContext, action: PlannedAction) -> Outcome:
    """Delete by the immutable id. Google keeps the account for 20 days."""
    user_id = str(action.params["user_id"])
    written = Written({})
    try:
        written = await write(ctx, "users.delete", userKey=user_id)
    except GoogleAnswer as answer:
        if not answer.is_missing:
            raise await explain_write(ctx, answer, user_id) from answer
    return await confirm_delete(ctx, action) or written.not_shown()


async def confirm_delete(ctx: GoogleContext, action: PlannedAction) -> Outcome | None:
    """The id is no longer there."""
    user = await find_user(ctx, str(action.params["user_id"]))
    return None if user is not None else Outcome(gone=True)

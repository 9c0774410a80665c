"""Microsoft's users as this provider reads them, and whose they are."""

import re
from dataclasses import dataclass
from typing import Any, Literal

from services.shared.providers.microsoft import requests
from services.shared.providers.microsoft.answers import GraphAnswer
from services.shared.providers.microsoft.client import MicrosoftContext, fetch_all, find
from services.shared.providers.microsoft.requests import quoted
from services.shared.providers.microsoft.wire import DeletedUser, GraphUser
from services.shared.sdk.contract import Outcome, PlannedAction
from services.shared.sdk.errors import ErrorCode, ProviderError, Refused, Transient

SETTLE_RETRY = 3.0
"""Seconds until it is worth looking again for what Microsoft does not show yet."""
_SIGN_IN_NAME = re.compile(r"[A-Za-z0-9.'\-_!#^~]{1,64}@[A-Za-z0-9.\-]+")
_NOT_IN_NICKNAME = re.compile(r"[^A-Za-z0-9.'\-_!#^~]")
_NICKNAME_LIMIT = 64


@dataclass(frozen=True, slots=True)
class Found:
    """What lives at the person's place.

    `ours`: by the id in our books or by our mark. `foreign`: an account with this address, as its
    name, its mail address or an alias, that is not ours.
    """

    kind: Literal["none", "ours", "foreign"]
    user: GraphUser | None = None


async def load_user(ctx: MicrosoftContext, key: str) -> GraphUser | None:
    """By id or user principal name; None on 404, which is also what a new account answers for a while."""
    return await find(ctx, requests.get_user(key), GraphUser)


async def find_account(ctx: MicrosoftContext) -> Found:
    """Find by the stored id, else by name, mail address or alias."""
    if ctx.known.remote_id:
        user = await load_user(ctx, ctx.known.remote_id)
        if user is not None:
            return Found("ours", user)
    hit = pick(ctx, await find_by_address(ctx, ctx.person.work_email))
    # Lists do not show managers and lag behind, so what was found is read once more by its id.
    user = (await load_user(ctx, hit.id) or hit) if hit else None
    if user is None:
        return Found("none")
    return Found("ours" if user.mark == ctx.mark else "foreign", user)


async def find_by_address(ctx: MicrosoftContext, address: str) -> tuple[GraphUser, ...]:
    """Every account that has the address as its name, its mail address or an alias."""
    condition = (
        f"userPrincipalName eq {quoted(address)} or mail eq {quoted(address)}"
        f" or proxyAddresses/any(p:p eq {quoted('smtp:' + address)})"
    )
    return await fetch_all(ctx, requests.find_users(condition), GraphUser)


def pick(ctx: MicrosoftContext, users: tuple[GraphUser, ...]) -> GraphUser | None:
    """Ours before others', then by how closely the address fits."""
    address = ctx.person.work_email.lower()

    def rank(user: GraphUser) -> tuple[bool, bool, bool, str]:
        return (
            user.mark != ctx.mark,
            user.user_principal_name.lower() != address,
            (user.mail or "").lower() != address,
            user.id,
        )

    return min(users, key=rank, default=None)


async def find_deleted(ctx: MicrosoftContext, address: str) -> DeletedUser | None:
    """The account in the recycle bin that had this address, the latest one. Microsoft keeps them 30 days."""
    try:
        users = await fetch_all(ctx, requests.find_deleted_users(address), DeletedUser)
    except GraphAnswer as answer:
        if answer.status == 400:  # noqa: PLR2004  # a tenant that does not take the advanced query
            return None
        raise
    matching = [user for user in users if user.was(address)]
    return max(matching, key=lambda user: user.deleted_date_time or "", default=None)


def in_recycle_bin(address: str, deleted: DeletedUser) -> str:
    """What to tell about it."""
    when = (deleted.deleted_date_time or "")[:10]
    since = f" since {when}" if when else ""
    return (
        f"An account {address} is in Microsoft's recycle bin{since}. Restore it, or delete it permanently, "
        "in the Microsoft Entra admin center under Deleted users. Then plan again."
    )


def check_sign_in_name(address: str) -> None:
    """Pass.

    Raises:
        Refused: Microsoft would not take the address as a user principal name.
    """
    if not _SIGN_IN_NAME.fullmatch(address):
        raise Refused(
            f"Microsoft does not accept {address} as a sign-in name: letters, digits and . ' - _ ! # ^ ~ only.",
            code=ErrorCode.INVALID_FIELD,
            field="employee.work_email",
        )


def nicknames(ctx: MicrosoftContext) -> tuple[str, str]:
    """The mail nickname to ask for, and the one for when somebody else in the tenant has it.

    Nicknames are unique across domains: ada@one.example and ada@two.example cannot both be `ada`.
    """
    local = _NOT_IN_NICKNAME.sub("", ctx.person.work_email.partition("@")[0])
    suffix = ctx.mark.replace("-", "")[-6:]
    room = _NICKNAME_LIMIT - len(suffix) - 1
    return local[:_NICKNAME_LIMIT], f"{local[:room]}.{suffix}"


def outcome_of(user: GraphUser, **more: Any) -> Outcome:
    """An outcome that tells which account this is."""
    return Outcome(remote_id=user.id, login=user.user_principal_name, url=user.url, **more)


async def need_user(ctx: MicrosoftContext, action: PlannedAction) -> GraphUser:
    """The account that an action is about: by the planned id, the books, or our mark at the address.

    Raises:
        Transient: `settling`, Microsoft does not show it yet.
        Refused: it is gone, or what is there is not ours.
    """
    user_id = planned_id(ctx, action)
    if user_id:
        user = await load_user(ctx, user_id)
        if user is None:
            raise await explain_missing(ctx, user_id)
        return user
    user = await load_user(ctx, ctx.person.work_email)
    if user is None:
        raise settling("Microsoft does not show the account yet.")
    if user.mark != ctx.mark:
        raise Refused(
            f"The account {user.user_principal_name} is not OneClick's.", code=ErrorCode.ALREADY_EXISTS
        )
    return user


def planned_id(ctx: MicrosoftContext, action: PlannedAction) -> str | None:
    """The account's id as planned, else as our books know it."""
    planned = action.params.get("remote_id")
    return str(planned) if planned else ctx.known.remote_id


def settling(message: str, *, vendor_message: str | None = None) -> Transient:
    """Microsoft takes a moment to show what was just made: directory replicas follow each other."""
    return Transient(
        message, code=ErrorCode.SETTLING, retry_after=SETTLE_RETRY, vendor_message=vendor_message
    )


async def is_deleted(ctx: MicrosoftContext, user_id: str) -> bool:
    """Whether the account is in the recycle bin."""
    return await find(ctx, requests.get_deleted_user(user_id), DeletedUser) is not None


async def explain_missing(ctx: MicrosoftContext, user_id: str) -> ProviderError:
    """Why Microsoft answers 404 for this account: not yet, or no more."""
    if await is_deleted(ctx, user_id):
        return Refused("The account was deleted in Microsoft 365.", code=ErrorCode.NOT_FOUND)
    return settling("Microsoft does not show the account yet.")

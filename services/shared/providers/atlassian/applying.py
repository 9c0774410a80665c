"""Taking actions on accounts: create or fetch, adopt, update, suspend, delete."""

from collections.abc import Mapping
from typing import Any

from services.shared.providers.atlassian.access import elsewhere, read_landscape
from services.shared.providers.atlassian.accounts import Account, Group, Home
from services.shared.providers.atlassian.answers import AtlassianAnswer, unreadable
from services.shared.providers.atlassian.client import SCIM, SITE, App, AtlassianContext, Written
from services.shared.providers.atlassian.homes import home_of
from services.shared.sdk.contract import Outcome, OutcomeState, PlannedAction
from services.shared.sdk.errors import ActionRequired, ErrorCode, Transient

_SOON = 2.0


async def create(ctx: AtlassianContext, app: App, action: PlannedAction) -> Outcome:
    """Make the account with our mark. One that exists is fetched when the mark is ours, whichever app wrote it."""
    home = home_of(ctx, app)
    if not home.keeps_marks:
        # The site answers a second time as the first: whoever is there must be seen before.
        found = await home.find_account()
        if found.account is not None:
            return await _fetched(home, found.account, action)
    try:
        written = await home.create(action.params)
    except AtlassianAnswer as answer:
        if answer.is_duplicate:
            return await _taken(home, answer, action)
        raise
    shown = await _made(home, written)
    if shown is None or (home.keeps_marks and shown.mark != ctx.mark):
        seen = f"{shown.id} without OneClick's mark" if shown else "no account"
        raise written.unread or unreadable(SCIM if home.keeps_marks else SITE, "create", 200, seen)
    return await _as_made(home, shown, action)


async def _made(home: Home, written: Written) -> Account | None:
    """The account as Atlassian shows it: by the id in the answer, else by the person."""
    body = written.body if isinstance(written.body, dict) else {}
    key = body.get("id") if home.keeps_marks else body.get("accountId")
    if isinstance(key, str):
        # The answer is the object itself; reading it back by its id shows what is really kept.
        return await home.find(key) or _as_told(home, body)
    return await home.find_by_person()


def _as_told(home: Home, body: Mapping[str, Any]) -> Account:
    """What the answer says of an account that is not shown yet."""
    key = str(body.get("id") if home.keeps_marks else body.get("accountId"))
    return Account(
        id=key,
        account_id=None if home.keeps_marks else key,
        login=str(body.get("userName") or body.get("emailAddress") or ""),
        active=True,
        mark=str(body.get("externalId") or ""),
    )


async def _as_made(home: Home, account: Account, action: PlannedAction) -> Outcome:
    """The account, and the groups into which the site puts whoever is invited to a product."""
    expected = [Group.model_validate(one) for one in action.params.get("comes_with") or ()]
    try:
        member_of = await home.groups_of(account) if expected else {}
    except AtlassianAnswer as answer:
        if not answer.is_missing:
            raise
        return account.as_outcome(home.ctx, state=OutcomeState.SETTLING, retry_after=_SOON)
    given = tuple(group.grant for group in expected if group.id in member_of)
    return account.as_outcome(home.ctx, given=given)


async def _fetched(home: Home, account: Account, action: PlannedAction) -> Outcome:
    if home.is_ours(account):
        return await _as_made(home, account, action)
    raise ActionRequired(
        f"{home.ctx.person.work_email} exists at Atlassian and OneClick did not make it.",
        code=ErrorCode.ALREADY_EXISTS,
    )


async def _taken(home: Home, answer: AtlassianAnswer, action: PlannedAction) -> Outcome:
    """The address is taken: by us in a try whose reply was lost, by our other app, or by somebody else."""
    account = await home.find_by_person()
    if account is not None:
        return await _fetched(home, account, action)
    if not home.keeps_marks:
        raise ActionRequired(
            f"{home.ctx.person.work_email} has an Atlassian account that may not use this site's products yet. "
            "Give it access in Atlassian's administration, then plan again.",
            code=ErrorCode.ALREADY_EXISTS,
            vendor_message=answer.message,
        )
    raise Transient(
        "Atlassian says that the address is taken and does not show by whom.",
        code=ErrorCode.SETTLING,
        retry_after=_SOON,
        vendor_message=answer.message,
    )


async def confirm_create(ctx: AtlassianContext, app: App, action: PlannedAction) -> Outcome | None:
    """Our mark, whichever app wrote it. Where there is none, an account with the address is the one that was made."""
    home = home_of(ctx, app)
    account = await home.find_by_person()
    if account is None or (home.keeps_marks and account.mark != ctx.mark):
        return None
    return await _as_made(home, account, action)


async def adopt(ctx: AtlassianContext, app: App, action: PlannedAction) -> Outcome:
    """Write our mark on an account, with consent; where there is no place for it, our books link it alone."""
    home = home_of(ctx, app)
    if action.params.get("link"):
        return await _link(ctx, app, action)
    account = await home.need_account(str(action.params["user_id"]))
    foreign = bool(action.params["foreign"])
    if home.is_ours(account) and not (home.keeps_marks and account.mark != ctx.mark):
        return account.as_outcome(ctx, adopted=foreign)
    if not action.params.get("consent"):
        raise _no_consent(ctx)
    if home.keeps_marks:
        written = await home.mark(account)
        account = await home.need_account(account.id)
        if account.mark != ctx.mark:
            return written.not_shown()
    return account.as_outcome(ctx, adopted=foreign)


async def _link(ctx: AtlassianContext, app: App, action: PlannedAction) -> Outcome:
    """Bring an account that exists at Atlassian into the directory: creating it there links it."""
    if not action.params.get("consent"):
        raise _no_consent(ctx)
    outcome = await create(ctx, app, action)
    return outcome.model_copy(update={"adopted": True})


def _no_consent(ctx: AtlassianContext) -> ActionRequired:
    return ActionRequired(
        f"{ctx.person.work_email} exists at Atlassian and nobody agreed that OneClick adopts it.",
        code=ErrorCode.ALREADY_EXISTS,
    )


async def confirm_adopt(ctx: AtlassianContext, app: App, action: PlannedAction) -> Outcome | None:
    """Our mark on the planned account, or our books where there is no place for a mark."""
    if action.params.get("link"):
        found = await confirm_create(ctx, app, action)
        return found and found.model_copy(update={"adopted": True})
    home = home_of(ctx, app)
    account = await home.find(str(action.params["user_id"]))
    if account is None:
        return None
    is_linked = account.mark == ctx.mark if home.keeps_marks else account.id == ctx.known.remote_id
    return account.as_outcome(ctx, adopted=bool(action.params["foreign"])) if is_linked else None


async def update(ctx: AtlassianContext, app: App, action: PlannedAction) -> Outcome:
    """Bring the account to the planned values; nothing is written when it has them."""
    home, wanted = home_of(ctx, app), dict(action.after or {})
    account = await home.need_account(str(action.params["user_id"]))
    if _fits(account, wanted):
        return account.as_outcome(ctx)
    written = await home.update(account, wanted)
    account = await home.need_account(account.id)
    return account.as_outcome(ctx) if _fits(account, wanted) else written.not_shown()


async def confirm_update(ctx: AtlassianContext, app: App, action: PlannedAction) -> Outcome | None:
    """The account has the planned values."""
    account = await home_of(ctx, app).find(str(action.params["user_id"]))
    fits = account is not None and _fits(account, dict(action.after or {}))
    return account.as_outcome(ctx) if account is not None and fits else None


def _fits(account: Account, wanted: Mapping[str, Any]) -> bool:
    shown = account.shown()
    return all(shown[name] == value for name, value in wanted.items())


async def suspend(ctx: AtlassianContext, app: App, action: PlannedAction) -> Outcome:
    """Close the account, unless the other app still uses it: looked at now, whatever the plan said."""
    home = home_of(ctx, app)
    account = await home.find(str(action.params["user_id"]))
    if account is None:
        return Outcome(note="The account is no longer there.")
    if not account.active:
        return account.as_outcome(ctx)
    if (note := await _still_needed(home, account)) is not None:
        return account.as_outcome(ctx, note=note)
    written = await home.update(account, {"active": False})
    account = await home.find(account.id)
    if account is None or not account.active:
        return Outcome(remote_id=str(action.params["user_id"]), login=ctx.known.login)
    return written.not_shown()


async def confirm_suspend(ctx: AtlassianContext, app: App, action: PlannedAction) -> Outcome | None:
    """The account is closed, or it stays open because the other app uses it."""
    home = home_of(ctx, app)
    account = await home.find(str(action.params["user_id"]))
    if account is None:
        return Outcome(note="The account is no longer there.")
    if not account.active:
        return account.as_outcome(ctx)
    note = await _still_needed(home, account)
    return account.as_outcome(ctx, note=note) if note else None


async def _still_needed(home: Home, account: Account) -> str | None:
    """Why the account is not closed; None when nobody else uses it."""
    used = await elsewhere(home, await read_landscape(home.ctx, home.app), account)
    if not used:
        return None
    return f"The Atlassian account stays: {', '.join(used)} still uses it."


async def delete(ctx: AtlassianContext, app: App, action: PlannedAction) -> Outcome:
    """Delete by the home's own id, unless the other app still uses the account: then our part of it ends."""
    home, key = home_of(ctx, app), str(action.params["user_id"])
    account = await home.find(key)
    if account is None or await home.is_gone(key):
        return Outcome(gone=True)
    if (note := await _still_needed(home, account)) is not None:
        return Outcome(gone=bool(action.params.get("final")), note=note)
    written = Written({})
    try:
        written = await home.delete(key)
    except AtlassianAnswer as answer:
        if not answer.is_missing:
            raise
    return Outcome(gone=True) if await home.is_gone(key) else written.not_shown()


async def confirm_delete(ctx: AtlassianContext, app: App, action: PlannedAction) -> Outcome | None:
    """The id is no longer there, or the account stays because the other app uses it."""
    home, key = home_of(ctx, app), str(action.params["user_id"])
    account = await home.find(key)
    if account is None or await home.is_gone(key):
        return Outcome(gone=True)
    note = await _still_needed(home, account)
    return Outcome(gone=bool(action.params.get("final")), note=note) if note else None

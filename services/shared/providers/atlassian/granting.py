"""Giving and taking memberships: that is how Atlassian's products are given and taken."""

from services.shared.providers.atlassian.accounts import Account, Group, Home
from services.shared.providers.atlassian.answers import AtlassianAnswer, explain_answer
from services.shared.providers.atlassian.client import App, AtlassianContext, Written
from services.shared.providers.atlassian.homes import home_of
from services.shared.sdk.contract import Outcome, PlannedAction
from services.shared.sdk.errors import ErrorCode, ProviderError, Refused, Transient


def _group(action: PlannedAction) -> Group:
    return Group.model_validate(action.params["group"])


async def _is_member(home: Home, account: Account, group: Group) -> bool:
    return group.id in await home.groups_of(account)


async def _again(home: Home, account: Account) -> Account:
    """The account as it is now, with its memberships; as it was where it cannot be seen."""
    return await home.find(account.id) or account


async def join(ctx: AtlassianContext, app: App, action: PlannedAction) -> Outcome:
    """Add to the group; a member is done without a write."""
    home, group = home_of(ctx, app), _group(action)
    account = await home.need_account(action.params.get("user_id"))
    if not await _is_member(home, account, group):
        try:
            written = await home.join(account, group)
        except AtlassianAnswer as answer:
            if not answer.says("already a member"):
                raise await _explain(home, answer, account, group) from answer
            written = Written({})
        if not await _is_member(home, await _again(home, account), group):
            return written.not_shown()
    return Outcome(given=(group.grant,))


async def confirm_join(ctx: AtlassianContext, app: App, action: PlannedAction) -> Outcome | None:
    """The account is a member."""
    home, group = home_of(ctx, app), _group(action)
    account = await _find(home, action)
    if account is None or not await _is_member(home, account, group):
        return None
    return Outcome(given=(group.grant,))


async def part(ctx: AtlassianContext, app: App, action: PlannedAction) -> Outcome:
    """Remove from the group; who is not in it, or whose group is gone, is removed."""
    home, group = home_of(ctx, app), _group(action)
    account = await _find(home, action)
    if account is None or not await _is_member(home, account, group):
        return Outcome(taken=(group.grant,))
    written = Written({})
    try:
        written = await home.part(account, group)
    except AtlassianAnswer as answer:
        if not answer.is_missing:
            raise await _explain(home, answer, account, group) from answer
    if await _is_member(home, await _again(home, account), group):
        return written.not_shown()
    return Outcome(taken=(group.grant,))


async def confirm_part(ctx: AtlassianContext, app: App, action: PlannedAction) -> Outcome | None:
    """The account is not a member."""
    home, group = home_of(ctx, app), _group(action)
    account = await _find(home, action)
    if account is not None and await _is_member(home, account, group):
        return None
    return Outcome(taken=(group.grant,))


async def _find(home: Home, action: PlannedAction) -> Account | None:
    key = action.params.get("user_id") or home.ctx.known.remote_id
    if key:
        return await home.find(str(key))
    account = await home.find_by_person()
    return account if account is not None and home.is_ours(account) else None


async def _explain(home: Home, answer: AtlassianAnswer, account: Account, group: Group) -> ProviderError:
    """Our error for a membership: what a 404 means depends on what is there."""
    if not answer.is_missing:
        return explain_answer(answer)
    if await home.find_group(group.name) is None:
        return Refused(
            f"The group {group.name} is no longer there.",
            code=ErrorCode.NOT_FOUND,
            field="groups",
            vendor_message=answer.message,
        )
    return Transient(
        f"Atlassian does not show {account.login or 'the account'} everywhere yet.",
        code=ErrorCode.SETTLING,
        vendor_message=answer.message,
    )

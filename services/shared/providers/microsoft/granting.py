"""Giving and taking licences and group memberships."""

from services.shared.providers.microsoft import requests
from services.shared.providers.microsoft.accounts import (
    explain_missing,
    is_deleted,
    load_user,
    need_user,
    outcome_of,
    planned_id,
    settling,
)
from services.shared.providers.microsoft.answers import GraphAnswer
from services.shared.providers.microsoft.client import MicrosoftContext, find, object_link, send
from services.shared.providers.microsoft.countries import COUNTRIES
from services.shared.providers.microsoft.groups import KEPT_BY, group_grant, groups_of
from services.shared.providers.microsoft.licences import license_grant
from services.shared.providers.microsoft.wire import GraphGroup, GraphUser
from services.shared.sdk.contract import Grant, Outcome, PlannedAction
from services.shared.sdk.errors import ErrorCode, Refused

_NOT_YET = "Microsoft accepted the change and does not show it yet."


def _license(action: PlannedAction) -> Grant:
    return license_grant(str(action.params["sku_id"]), str(action.params["license"]))


def _group(action: PlannedAction) -> Grant:
    return group_grant(str(action.params["group_id"]), str(action.params["group"]))


def _has_license(user: GraphUser, action: PlannedAction) -> bool:
    held = user.direct.get(str(action.params["sku_id"]))
    return held is not None and list(held.disabled_plans) == list(action.params["disabled_plans"])


def _assigned(user: GraphUser, action: PlannedAction) -> Outcome:
    return outcome_of(user, given=(_license(action),) if action.params["ours"] else ())


async def assign(ctx: MicrosoftContext, action: PlannedAction) -> Outcome:
    """Assign the licence with its services as wished, then read back.

    Raises:
        ActionRequired: `no_seats`.
        Transient: `settling`, the account or its usage location is not seen everywhere yet.
    """
    user = await need_user(ctx, action)
    if _has_license(user, action):
        return _assigned(user, action)
    grant = _license(action)
    request = requests.assign_license(user.id, add=(grant.key, action.params["disabled_plans"]))
    try:
        await send(ctx, request)
    except GraphAnswer as answer:
        if answer.is_missing:
            raise await explain_missing(ctx, user.id) from answer
        if answer.is_location_unknown and user.usage_location in COUNTRIES:
            # The account has one: the licence service has not heard of it yet.
            raise settling(
                "Microsoft's licence service has not seen the account's usage location yet.",
                vendor_message=answer.vendor_message,
            ) from answer
        raise
    outcome = await confirm_assign(ctx, action)
    if outcome is None:
        raise settling(_NOT_YET)
    return outcome


async def confirm_assign(ctx: MicrosoftContext, action: PlannedAction) -> Outcome | None:
    user = await need_user(ctx, action)
    return _assigned(user, action) if _has_license(user, action) else None


async def remove(ctx: MicrosoftContext, action: PlannedAction) -> Outcome:
    """Remove the licence; one that is not there is removed."""
    grant = _license(action)
    user_id = planned_id(ctx, action) or (await need_user(ctx, action)).id
    try:
        await send(ctx, requests.assign_license(user_id, remove=grant.key))
    except GraphAnswer as answer:
        if not (answer.is_license_absent or answer.is_missing):
            raise
    outcome = await confirm_remove(ctx, action)
    if outcome is None:
        raise settling(_NOT_YET)
    return outcome


async def confirm_remove(ctx: MicrosoftContext, action: PlannedAction) -> Outcome | None:
    """The account does not have it, or is itself gone."""
    grant = _license(action)
    user = await _find_user(ctx, action)
    if user is None:
        return Outcome(taken=(grant,))
    return None if grant.key in user.direct else outcome_of(user, taken=(grant,))


async def _find_user(ctx: MicrosoftContext, action: PlannedAction) -> GraphUser | None:
    """None when the account was deleted: then it has nothing any more."""
    user_id = planned_id(ctx, action)
    user = await load_user(ctx, user_id) if user_id else None
    if user is None and user_id and await is_deleted(ctx, user_id):
        return None
    return user or await need_user(ctx, action)


async def join(ctx: MicrosoftContext, action: PlannedAction) -> Outcome:
    """Add to the group; a member already is one."""
    grant = _group(action)
    user_id = planned_id(ctx, action) or (await need_user(ctx, action)).id
    try:
        await send(ctx, requests.add_member(grant.key, object_link(ctx, user_id)))
    except GraphAnswer as answer:
        if answer.is_missing:
            await _need_group(ctx, grant, answer)
            raise await explain_missing(ctx, user_id) from answer
        if not answer.is_member_already:
            raise
    outcome = await confirm_join(ctx, action)
    if outcome is None:
        raise settling(_NOT_YET)
    return outcome


async def _need_group(ctx: MicrosoftContext, grant: Grant, answer: GraphAnswer) -> None:
    """Pass when the group is there, so that a 404 must have been about the account.

    Raises:
        Refused: the group is gone, or its members are no longer kept by hand.
    """
    group = await find(ctx, requests.get_group(grant.key), GraphGroup)
    if group is not None and group.kept_by is None:
        return
    why = f"{KEPT_BY[group.kept_by]}." if group and group.kept_by else "is no longer in Microsoft 365."
    raise Refused(
        f"The group {grant.label} {why}",
        code=ErrorCode.NOT_FOUND,
        field="groups",
        vendor_message=answer.vendor_message,
    ) from answer


async def confirm_join(ctx: MicrosoftContext, action: PlannedAction) -> Outcome | None:
    grant = _group(action)
    user_id = planned_id(ctx, action) or (await need_user(ctx, action)).id
    is_member = grant.key in await groups_of(ctx, user_id)
    return Outcome(remote_id=user_id, given=(grant,)) if is_member else None


async def part(ctx: MicrosoftContext, action: PlannedAction) -> Outcome:
    """Remove from the group; who is not in it is removed."""
    grant = _group(action)
    user_id = planned_id(ctx, action) or (await need_user(ctx, action)).id
    try:
        await send(ctx, requests.remove_member(grant.key, user_id))
    except GraphAnswer as answer:
        if not answer.is_missing:
            raise
    outcome = await confirm_part(ctx, action)
    if outcome is None:
        raise settling(_NOT_YET)
    return outcome


async def confirm_part(ctx: MicrosoftContext, action: PlannedAction) -> Outcome | None:
    """The account is not a member, or is itself gone."""
    grant = _group(action)
    user_id = planned_id(ctx, action) or (await need_user(ctx, action)).id
    try:
        groups = await groups_of(ctx, user_id)
    except Refused as error:
        if error.code is not ErrorCode.NOT_FOUND:
            raise
        return Outcome(taken=(grant,))
    return None if grant.key in groups else Outcome(remote_id=user_id, taken=(grant,))

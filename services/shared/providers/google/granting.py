"""Giving and taking licences and memberships."""

from typing import Any

from services.shared.providers.google.accounts import explain_write, need_account
from services.shared.providers.google.answers import PRECONDITION, GoogleAnswer
from services.shared.providers.google.client import GoogleContext, Written, write
from services.shared.providers.google.groups import GoogleGroup, find_group, is_member
from services.shared.providers.google.licences import find_held, holds
from services.shared.providers.google.skus import Sku, parse_sku
from services.shared.sdk.contract import Outcome, PlannedAction
from services.shared.sdk.errors import ErrorCode, PlanStale, ProviderError, Refused, Transient


def _address(ctx: GoogleContext, action: PlannedAction) -> str:
    """The primary address: the License Manager takes neither ids nor aliases."""
    return str(action.params.get("address") or ctx.known.login or ctx.person.work_email).lower()


def _given(sku: Sku, old: Sku | None) -> Outcome:
    return Outcome(given=(sku.grant,), taken=(old.grant,) if old else ())


async def assign(ctx: GoogleContext, action: PlannedAction) -> Outcome:
    """Insert the licence, or switch from the other SKU of the product."""
    sku, address = parse_sku(action.params["sku"]), _address(ctx, action)
    old = parse_sku(action.params["old_sku"]) if action.params.get("old_sku") else None
    try:
        if old is None:
            written, old = await _insert(ctx, sku, address)
        else:
            written = await _switch(ctx, old, sku, address)
    except GoogleAnswer as answer:
        raise await _explain_licence(ctx, action, answer, address) from answer
    if not _is_assignment(written.body, sku, address) and not await holds(ctx, sku, address):
        return written.not_shown()
    return _given(sku, old)


def _is_assignment(body: dict[str, Any], sku: Sku, address: str) -> bool:
    """Whether the answer is the assignment itself: then there is nothing to read back."""
    return bool(body.get("skuId") == sku.sku_id and str(body.get("userId")).lower() == address)


async def _insert(ctx: GoogleContext, sku: Sku, address: str) -> tuple[Written, Sku | None]:
    """Also returns the SKU that was replaced, if Google had given one meanwhile (it may at creation)."""
    try:
        written = await write(
            ctx,
            "licenseAssignments.insert",
            productId=sku.product_id,
            skuId=sku.sku_id,
            body={"userId": address},
        )
    except GoogleAnswer as answer:
        if answer.status != PRECONDITION:
            raise
        if answer.says("already has a license for the specified"):
            return Written({}), None
        if not answer.says("different sku"):
            raise
        other = await find_held(ctx, address, sku.product_id)
        if other is None:
            raise
        return await _switch(ctx, other, sku, address), other
    return written, None


async def _switch(ctx: GoogleContext, old: Sku, new: Sku, address: str) -> Written:
    try:
        return await write(
            ctx,
            "licenseAssignments.update",
            productId=old.product_id,
            skuId=old.sku_id,
            userId=address,
            body={"productId": new.product_id, "skuId": new.sku_id, "userId": address},
        )
    except GoogleAnswer as answer:
        if not answer.is_missing or not await holds(ctx, new, address):
            raise
        return Written({})


async def _explain_licence(
    ctx: GoogleContext, action: PlannedAction, answer: GoogleAnswer, address: str
) -> ProviderError:
    if answer.is_missing and action.params.get("old_sku"):
        return PlanStale(
            "The licence at Google changed since the plan was made.", vendor_message=answer.message
        )
    if answer.status == 400 and answer.says("email not valid", "user"):  # noqa: PLR2004  # Bad Request
        user = await need_account(ctx, action.params.get("user_id"))
        if user.is_fresh:
            return Transient(
                "Google's licence service does not know the new account yet.",
                code=ErrorCode.SETTLING,
                vendor_message=answer.message,
            )
        if user.address != address:
            return PlanStale("The account was renamed at Google.", vendor_message=answer.message)
    return await explain_write(ctx, answer, action.params.get("user_id"))


async def confirm_assign(ctx: GoogleContext, action: PlannedAction) -> Outcome | None:
    """The account has the licence; None too while Google's licence service does not know the account."""
    sku = parse_sku(action.params["sku"])
    old = parse_sku(action.params["old_sku"]) if action.params.get("old_sku") else None
    held = await _holds_or_unknown(ctx, sku, _address(ctx, action))
    return _given(sku, old) if held else None


async def _holds_or_unknown(ctx: GoogleContext, sku: Sku, address: str) -> bool:
    try:
        return await holds(ctx, sku, address)
    except GoogleAnswer as answer:
        if answer.status == 400 and answer.says("email not valid"):  # noqa: PLR2004  # Bad Request
            return False
        raise


async def remove(ctx: GoogleContext, action: PlannedAction) -> Outcome:
    """Delete the assignment; one that is not there is removed."""
    sku, address = parse_sku(action.params["sku"]), _address(ctx, action)
    written = Written({})
    try:
        written = await write(
            ctx,
            "licenseAssignments.delete",
            productId=sku.product_id,
            skuId=sku.sku_id,
            userId=address,
        )
    except GoogleAnswer as answer:
        if not answer.is_missing:
            raise await _explain_licence(ctx, action, answer, address) from answer
    if await holds(ctx, sku, address):
        return written.not_shown()
    return Outcome(taken=(sku.grant,))


async def confirm_remove(ctx: GoogleContext, action: PlannedAction) -> Outcome | None:
    """The account does not have the licence."""
    sku = parse_sku(action.params["sku"])
    if await _holds_or_unknown(ctx, sku, _address(ctx, action)):
        return None
    return Outcome(taken=(sku.grant,))


def _group(action: PlannedAction) -> GoogleGroup:
    return GoogleGroup.model_validate(action.params["group"])


def _member_key(ctx: GoogleContext, action: PlannedAction) -> str:
    return str(action.params.get("user_id") or ctx.known.remote_id or _address(ctx, action))


async def join(ctx: GoogleContext, action: PlannedAction) -> Outcome:
    """Insert the membership; one that exists is done."""
    group, address = _group(action), _address(ctx, action)
    written = Written({})
    try:
        written = await write(
            ctx,
            "members.insert",
            groupKey=group.id,
            body={"email": address, "role": "MEMBER"},
            fields="id,email,role",
        )
    except GoogleAnswer as answer:
        if not answer.is_duplicate:
            raise await _explain_group(ctx, action, answer, group) from answer
    told = _is_membership(written.body, address)
    if not told and not await is_member(ctx, group.id, _member_key(ctx, action)):
        return written.not_shown()
    return Outcome(given=(group.grant,))


def _is_membership(body: dict[str, Any], address: str) -> bool:
    """Whether the answer is the membership itself: then there is nothing to read back."""
    return bool(body.get("id")) and str(body.get("email")).lower() == address


async def _explain_group(
    ctx: GoogleContext, action: PlannedAction, answer: GoogleAnswer, group: GoogleGroup
) -> ProviderError:
    if answer.is_missing and await find_group(ctx, group.id) is None:
        return Refused(
            f"The group {group.name} is no longer there.",
            code=ErrorCode.NOT_FOUND,
            field="groups",
            vendor_message=answer.message,
        )
    return await explain_write(ctx, answer, action.params.get("user_id"))


async def confirm_join(ctx: GoogleContext, action: PlannedAction) -> Outcome | None:
    """The account is a direct member."""
    group = _group(action)
    member = await is_member(ctx, group.id, _member_key(ctx, action))
    return Outcome(given=(group.grant,)) if member else None


async def part(ctx: GoogleContext, action: PlannedAction) -> Outcome:
    """Delete the membership; one that is not there, or whose group is gone, is removed."""
    group, key = _group(action), _member_key(ctx, action)
    written = Written({})
    try:
        written = await write(ctx, "members.delete", groupKey=group.id, memberKey=key)
    except GoogleAnswer as answer:
        if not answer.is_missing:
            raise await _explain_group(ctx, action, answer, group) from answer
    if await is_member(ctx, group.id, key):
        return written.not_shown()
    return Outcome(taken=(group.grant,))


async def confirm_part(ctx: GoogleContext, action: PlannedAction) -> Outcome | None:
    """The account is not a direct member."""
    group = _group(action)
    if await is_member(ctx, group.id, _member_key(ctx, action)):
        return None
    return Outcome(taken=(group.grant,))

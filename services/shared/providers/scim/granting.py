"""Giving and taking groups, entitlements and roles."""

from collections.abc import Mapping
from typing import Any

from services.shared.providers.scim import payloads
from services.shared.providers.scim.accounts import (
    ScimUser,
    explain_missing,
    explain_write,
    find_user,
    need_account,
)
from services.shared.providers.scim.answers import ScimAnswer
from services.shared.providers.scim.applying import change, change_user, features_of
from services.shared.providers.scim.client import GROUPS, ScimContext, Written, resource
from services.shared.providers.scim.groups import ScimGroup, is_member, parse_group, read_group
from services.shared.providers.scim.paths import member
from services.shared.providers.scim.steps import ATTRIBUTE_OF, value_grant
from services.shared.sdk.contract import Outcome, PlannedAction
from services.shared.sdk.errors import ErrorCode, ProviderError, Refused


def _group(action: PlannedAction) -> ScimGroup:
    return ScimGroup.model_validate(action.params["group"])


async def _user_id(ctx: ScimContext, action: PlannedAction) -> str:
    known = action.params.get("user_id") or ctx.known.remote_id
    if known:
        return str(known)
    return (await need_account(ctx, None, features_of(action))).id


async def join(ctx: ScimContext, action: PlannedAction) -> Outcome:
    """Add to the group; nothing is written when it shows the account."""
    group, user_id = _group(action), await _user_id(ctx, action)
    body = await read_group(ctx, group.id)
    if body is None:
        raise _no_group(group)
    if await is_member(ctx, body, user_id):
        return Outcome(given=(group.grant,))
    members = [*_members(body), {"value": user_id}]
    operations = [{"op": "add", "path": "members", "value": [{"value": user_id}]}]
    written = await _change_group(ctx, action, body, operations, members)
    return await confirm_join(ctx, action) or written.not_shown()


async def confirm_join(ctx: ScimContext, action: PlannedAction) -> Outcome | None:
    """The account is a member."""
    group = _group(action)
    body = await read_group(ctx, group.id)
    if body is None or not await is_member(ctx, body, await _user_id(ctx, action)):
        return None
    return Outcome(given=(group.grant,))


async def part(ctx: ScimContext, action: PlannedAction) -> Outcome:
    """Remove from the group; a membership that is not there, or whose group is gone, is removed."""
    group, user_id = _group(action), await _user_id(ctx, action)
    body = await read_group(ctx, group.id)
    if body is None or not await is_member(ctx, body, user_id):
        return Outcome(taken=(group.grant,))
    left = [one for one in _members(body) if str(member(one, "value")) != user_id]
    operations: list[dict[str, Any]] = [{"op": "remove", "path": f'members[value eq "{user_id}"]'}]
    try:
        written = await _change_group(ctx, action, body, operations, left)
    except Refused as error:
        answer = error.__cause__
        if not (isinstance(answer, ScimAnswer) and answer.dislikes_the_path):
            raise
        # Microsoft's way, which some applications understand alone: what to remove stands in the value.
        operations = [{"op": "remove", "path": "members", "value": [{"value": user_id}]}]
        written = await _change_group(ctx, action, body, operations, left)
    return await confirm_part(ctx, action) or written.not_shown()


async def confirm_part(ctx: ScimContext, action: PlannedAction) -> Outcome | None:
    """The account is not a member."""
    group = _group(action)
    body = await read_group(ctx, group.id)
    if body is not None and await is_member(ctx, body, await _user_id(ctx, action)):
        return None
    return Outcome(taken=(group.grant,))


def _members(body: Mapping[str, Any]) -> list[dict[str, Any]]:
    listed = member(body, "members")
    return [dict(one) for one in listed if isinstance(one, Mapping)] if isinstance(listed, list) else []


def _no_group(group: ScimGroup) -> Refused:
    return Refused(f"The group {group.name} is no longer there.", code=ErrorCode.NOT_FOUND, field="groups")


async def _change_group(
    ctx: ScimContext,
    action: PlannedAction,
    body: Mapping[str, Any],
    operations: list[dict[str, Any]],
    members: list[dict[str, Any]],
) -> Written:
    group = parse_group(body)
    meta = member(body, "meta")
    version = member(meta, "version") if isinstance(meta, Mapping) else None
    whole = {name: value for name, value in body.items() if name.lower() not in {"meta", "id", "members"}}
    patch = payloads.patch(operations, group=True)
    try:
        return await change(
            ctx,
            features_of(action),
            resource(GROUPS, group.id),
            patch,
            {**whole, "members": members},
            str(version) if version else None,
        )
    except ScimAnswer as answer:
        raise await _explain_group(ctx, action, answer, group) from answer


async def _explain_group(
    ctx: ScimContext, action: PlannedAction, answer: ScimAnswer, group: ScimGroup
) -> ProviderError:
    """A group that is gone, or an account that the group's side does not know yet."""
    if answer.is_missing and await read_group(ctx, group.id) is None:
        return _no_group(group)
    user_id = await _user_id(ctx, action)
    if answer.status in {400, 404} and await find_user(ctx, user_id) is None:
        return explain_missing(action.params.get("user_id"))
    return await explain_write(ctx, answer, action.params.get("user_id"))


def _value(action: PlannedAction) -> tuple[Any, str, str]:
    """The kind of grant, the attribute, and the value."""
    kind = action.params["grant"]
    return kind, ATTRIBUTE_OF[kind], str(action.params["value"])


def _values(user: ScimUser, attribute: str) -> tuple[str, ...]:
    return user.entitlements if attribute == "entitlements" else user.roles


async def give(ctx: ScimContext, action: PlannedAction) -> Outcome:
    """Add an entitlement or a role."""
    kind, attribute, value = _value(action)
    user = await need_account(ctx, action.params["user_id"], features_of(action))
    given = Outcome(given=(value_grant(kind, value),))
    if value in _values(user, attribute):
        return given
    items = [*_items(user, attribute), {"value": value}]
    operations = [{"op": "add", "path": attribute, "value": [{"value": value}]}]
    whole = payloads.replacement(user.raw, {attribute: items})
    written, user = await change_user(ctx, action, user, operations, whole)
    return given if value in _values(user, attribute) else written.not_shown(f"{attribute}: {value}")


async def confirm_give(ctx: ScimContext, action: PlannedAction) -> Outcome | None:
    """The account has it."""
    kind, attribute, value = _value(action)
    user = await find_user(ctx, await _user_id(ctx, action))
    if user is None or value not in _values(user, attribute):
        return None
    return Outcome(given=(value_grant(kind, value),))


async def take(ctx: ScimContext, action: PlannedAction) -> Outcome:
    """Remove an entitlement or a role."""
    kind, attribute, value = _value(action)
    user = await need_account(ctx, action.params["user_id"], features_of(action))
    taken = Outcome(taken=(value_grant(kind, value),))
    if value not in _values(user, attribute):
        return taken
    items = [one for one in _items(user, attribute) if str(member(one, "value")) != value]
    operations = [{"op": "remove", "path": f'{attribute}[value eq "{_quoted(value)}"]'}]
    whole = payloads.replacement(user.raw, {attribute: items})
    written, user = await change_user(ctx, action, user, operations, whole)
    return taken if value not in _values(user, attribute) else written.not_shown(f"{attribute}: {value}")


async def confirm_take(ctx: ScimContext, action: PlannedAction) -> Outcome | None:
    """The account does not have it."""
    kind, attribute, value = _value(action)
    user = await find_user(ctx, await _user_id(ctx, action))
    if user is not None and value in _values(user, attribute):
        return None
    return Outcome(taken=(value_grant(kind, value),))


def _quoted(value: str) -> str:
    return value.replace("\\", "\\\\").replace('"', '\\"')


def _items(user: ScimUser, attribute: str) -> list[dict[str, Any]]:
    listed = member(user.raw, attribute)
    return [
        dict(one) if isinstance(one, Mapping) else {"value": str(one)}
        for one in (listed if isinstance(listed, list) else ())
    ]

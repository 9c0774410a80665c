"""Taking actions on managed users and their groups."""

from collections.abc import Mapping
from typing import Any

from services.shared.providers.github.answers import CONFLICT, GitHubAnswer
from services.shared.providers.github.client import GitHubContext, Written, write
from services.shared.providers.github.managed.accounts import ManagedUser, find_by, find_user
from services.shared.providers.github.managed.client import groups_path, patch, users_path
from services.shared.providers.github.managed.groups import ManagedGroup, is_member
from services.shared.sdk.contract import Outcome, PlannedAction
from services.shared.sdk.errors import ActionRequired, ErrorCode, Refused
from services.shared.sdk.manual import taken_at_their_word

_USER = "urn:ietf:params:scim:schemas:core:2.0:User"
_PATHS = {"display_name": "displayName", "given_name": "name.givenName", "family_name": "name.familyName"}


async def create(ctx: GitHubContext, action: PlannedAction) -> Outcome:
    """Make the account with our mark; one that is there is fetched when the mark is ours."""
    marked = await find_by(ctx, "externalId", ctx.mark)
    if marked is not None:
        return marked.as_outcome(ctx)
    try:
        written = await write(ctx, "POST", users_path(ctx), body=_new_user(ctx, action.params))
    except GitHubAnswer as answer:
        if answer.status == CONFLICT:
            return await _taken(ctx, action, answer)
        raise
    user = await find_by(ctx, "externalId", ctx.mark)
    return user.as_outcome(ctx) if user is not None else written.not_shown()


def _new_user(ctx: GitHubContext, params: Mapping[str, Any]) -> dict[str, Any]:
    address = str(params["user_name"])
    return {
        "schemas": [_USER],
        "externalId": ctx.mark,
        "active": True,
        "userName": address,
        "displayName": params["display_name"],
        "name": {
            "formatted": params["display_name"],
            "givenName": params["given_name"],
            "familyName": params["family_name"],
        },
        "emails": [{"value": address, "type": "work", "primary": True}],
        "roles": [{"value": params["role"], "primary": True}],
    }


async def _taken(ctx: GitHubContext, action: PlannedAction, answer: GitHubAnswer) -> Outcome:
    """409: ours from a try whose reply was lost, or somebody else's."""
    marked = await find_by(ctx, "externalId", ctx.mark)
    if marked is not None:
        return marked.as_outcome(ctx)
    raise ActionRequired(
        f"{action.target} is in the enterprise and OneClick did not make the account.",
        code=ErrorCode.ALREADY_EXISTS,
        vendor_message=answer.message,
    )


async def confirm_create(ctx: GitHubContext, action: PlannedAction) -> Outcome | None:  # noqa: ARG001  # the table's shape
    """Our mark on an account: nothing else counts."""
    user = await find_by(ctx, "externalId", ctx.mark)
    return user.as_outcome(ctx) if user is not None else None


async def _need(ctx: GitHubContext, action: PlannedAction) -> ManagedUser:
    user_id = action.params.get("user_id") or ctx.known.remote_id
    user = await find_user(ctx, str(user_id)) if user_id else await find_by(ctx, "externalId", ctx.mark)
    if user is None:
        raise Refused("The account is no longer in the enterprise.", code=ErrorCode.NOT_FOUND)
    return user


async def adopt(ctx: GitHubContext, action: PlannedAction) -> Outcome:
    """Link an account. Nothing is written: `externalId` belongs to whoever provisioned it, and signs people in."""
    user = await _need(ctx, action)
    if action.params["foreign"] and not action.params.get("consent"):
        raise ActionRequired(
            f"{user.user_name} is in the enterprise and nobody agreed that OneClick adopts the account.",
            code=ErrorCode.ALREADY_EXISTS,
        )
    return user.as_outcome(ctx, adopted=bool(action.params["foreign"]))


async def confirm_adopt(ctx: GitHubContext, action: PlannedAction) -> Outcome | None:
    """Our books know the account."""
    user = await find_user(ctx, str(action.params["user_id"]))
    if user is None or ctx.known.remote_id != user.id:
        return None
    return user.as_outcome(ctx, adopted=bool(action.params["foreign"]))


async def update(ctx: GitHubContext, action: PlannedAction) -> Outcome:
    """Bring the account to the planned values, suspension among them; nothing is written when it has them."""
    user, wanted = await _need(ctx, action), dict(action.after or {})
    if _fits(user, wanted):
        return user.as_outcome(ctx)
    operations = [
        {"op": "replace", "path": path, "value": wanted[name]}
        for name, path in _PATHS.items()
        if name in wanted
    ]
    if "suspended" in wanted:
        operations.append({"op": "replace", "path": "active", "value": not wanted["suspended"]})
    written = await write(ctx, "PATCH", users_path(ctx, user.id), body=patch(*operations))
    return await confirm_update(ctx, action) or written.not_shown()


async def confirm_update(ctx: GitHubContext, action: PlannedAction) -> Outcome | None:
    """The account has the planned values."""
    user = await find_user(ctx, str(action.params["user_id"]))
    return user.as_outcome(ctx) if user is not None and _fits(user, dict(action.after or {})) else None


def _fits(user: ManagedUser, wanted: Mapping[str, Any]) -> bool:
    shown = user.shown()
    return all(shown[name] == value for name, value in wanted.items())


async def delete(ctx: GitHubContext, action: PlannedAction) -> Outcome:
    """Delete for good."""
    written = Written()
    try:
        written = await write(ctx, "DELETE", users_path(ctx, str(action.params["user_id"])))
    except GitHubAnswer as answer:
        if not answer.is_missing:
            raise
    return await confirm_delete(ctx, action) or written.not_shown()


async def confirm_delete(ctx: GitHubContext, action: PlannedAction) -> Outcome | None:
    """The id is no longer there."""
    user = await find_user(ctx, str(action.params["user_id"]))
    return None if user is not None else Outcome(gone=True)


def _group(action: PlannedAction) -> ManagedGroup:
    return ManagedGroup(id=str(action.params["group_id"]), name=str(action.params["name"]))


async def join(ctx: GitHubContext, action: PlannedAction) -> Outcome:
    """Add to the group."""
    user, group = await _need(ctx, action), _group(action)
    there = await is_member(ctx, group.id, user.id)
    if there is None:
        message = f"The group {group.name} is no longer there."
        raise Refused(message, code=ErrorCode.NOT_FOUND, field="teams")
    if not there:
        written = await _change(ctx, "add", group, user.id)
        if not await is_member(ctx, group.id, user.id):
            return written.not_shown()
    return Outcome(given=(group.grant,))


async def confirm_join(ctx: GitHubContext, action: PlannedAction) -> Outcome | None:
    """The account is in the group."""
    group = _group(action)
    user_id = action.params.get("user_id") or ctx.known.remote_id
    if not user_id or not await is_member(ctx, group.id, str(user_id)):
        return None
    return Outcome(given=(group.grant,))


async def part(ctx: GitHubContext, action: PlannedAction) -> Outcome:
    """Take out of the group."""
    group, user_id = _group(action), str(action.params["user_id"])
    written = Written()
    if await is_member(ctx, group.id, user_id):
        written = await _change(ctx, "remove", group, user_id)
    return await confirm_part(ctx, action) or written.not_shown()


async def confirm_part(ctx: GitHubContext, action: PlannedAction) -> Outcome | None:
    """The account is not in the group."""
    group = _group(action)
    if await is_member(ctx, group.id, str(action.params["user_id"])):
        return None
    return Outcome(taken=(group.grant,))


async def _change(ctx: GitHubContext, op: str, group: ManagedGroup, user_id: str) -> Written:
    step = {"op": op, "path": "members", "value": [{"value": user_id}]}
    return await write(ctx, "PATCH", groups_path(ctx, group.id), body=patch(step))


async def confirm_task(ctx: GitHubContext, action: PlannedAction) -> Outcome:  # noqa: ARG001  # the table's shape
    """SCIM shows no Copilot seats."""
    return taken_at_their_word(action)

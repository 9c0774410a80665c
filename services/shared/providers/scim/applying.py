"""Taking actions on accounts: create or fetch, adopt, update, suspend, delete."""

from collections.abc import Mapping
from typing import Any

from services.shared.providers.scim import payloads
from services.shared.providers.scim.accounts import (
    ScimUser,
    explain_write,
    find_by_name,
    find_user,
    is_marked,
    need_account,
    parse_user,
)
from services.shared.providers.scim.answers import ScimAnswer
from services.shared.providers.scim.client import USERS, ScimContext, Written, call, resource, write
from services.shared.providers.scim.discovery import Features
from services.shared.providers.scim.paths import parse_path
from services.shared.providers.scim.wishes import show
from services.shared.sdk.answer import UNREADABLE
from services.shared.sdk.contract import Outcome, PlannedAction
from services.shared.sdk.errors import ActionRequired, ErrorCode, Refused, Transient

_SOON = 2.0
_MARK = "externalId"


def features_of(action: PlannedAction) -> Features:
    """How the application was found to work when the plan was made."""
    return Features.model_validate(action.params["features"])


async def create(ctx: ScimContext, action: PlannedAction) -> Outcome:
    """POST with our mark; a name that is taken is fetched when the mark is ours."""
    password = (await ctx.first_password()).get_secret_value() if action.params["password"] else None
    mark = ctx.mark if ctx.settings.keeps_external_id else None
    body = payloads.new_user(action.params["values"], mark=mark, password=password)
    try:
        written = await write(ctx, "POST", USERS, body)
    except ScimAnswer as answer:
        if answer.is_duplicate:
            return await _taken(ctx, action, answer)
        raise
    if "id" in written.body:
        return parse_user("POST /Users", written.body).as_outcome()
    # A success in an unknown language: believe what the application shows, not what it said.
    found = await confirm_create(ctx, action)
    if found is None:
        raise written.unread or ScimAnswer("POST /Users", 200, UNREADABLE, str(written.body))
    return found


async def _taken(ctx: ScimContext, action: PlannedAction, answer: ScimAnswer) -> Outcome:
    """The name is in use: ours by an earlier try whose reply was lost, or somebody else's."""
    user = await find_by_name(ctx, features_of(action))
    if user is not None and (is_marked(ctx, user) or user.id == ctx.known.remote_id):
        return user.as_outcome()
    title = ctx.settings.title
    if user is not None:
        raise ActionRequired(
            f"{user.user_name} exists in {title} and OneClick did not make it.",
            code=ErrorCode.ALREADY_EXISTS,
            vendor_message=answer.message,
        )
    raise Transient(
        f"{title} says that {action.params['user_name']} is taken but does not show by whom.",
        code=ErrorCode.SETTLING,
        retry_after=_SOON,
        vendor_message=answer.message,
    )


async def confirm_create(ctx: ScimContext, action: PlannedAction) -> Outcome | None:
    """Our mark; the name alone where the application keeps no mark."""
    user = await find_by_name(ctx, features_of(action))
    if user is None:
        return None
    ours = is_marked(ctx, user)
    if not ctx.settings.keeps_external_id:
        ours = user.user_name.lower() == str(action.params["user_name"]).lower()
    return user.as_outcome() if ours else None


async def adopt(ctx: ScimContext, action: PlannedAction) -> Outcome:
    """Write our mark on an account, with consent. The mark of another system stays."""
    user = await need_account(ctx, action.params["user_id"], features_of(action))
    if is_adopted(ctx, user):
        return user.as_outcome(adopted=bool(action.params["foreign"]))
    written, user = await _change(ctx, action, user, {_MARK: ctx.mark})
    return (
        user.as_outcome(adopted=bool(action.params["foreign"]))
        if is_adopted(ctx, user)
        else written.not_shown()
    )


def is_adopted(ctx: ScimContext, user: ScimUser) -> bool:
    """Whether there is nothing to write: our mark is there, another system's is, or none is kept."""
    return bool(user.external_id) or not ctx.settings.keeps_external_id


async def confirm_adopt(ctx: ScimContext, action: PlannedAction) -> Outcome | None:
    """Our mark on the planned account, or its id in our books."""
    user = await find_user(ctx, action.params["user_id"])
    if user is None or not (is_marked(ctx, user) or ctx.known.remote_id == user.id):
        return None
    return user.as_outcome(adopted=bool(action.params["foreign"]))


async def update(ctx: ScimContext, action: PlannedAction) -> Outcome:
    """Bring the account to the planned values; nothing is written when it has them."""
    values: Mapping[str, Any] = action.params["values"]
    user = await need_account(ctx, action.params["user_id"], features_of(action))
    if _fits(user, values):
        return user.as_outcome()
    written, user = await _change(ctx, action, user, values)
    if _fits(user, values):
        return user.as_outcome()
    return written.not_shown(", ".join(text for text in values if not _fits(user, {text: values[text]})))


async def confirm_update(ctx: ScimContext, action: PlannedAction) -> Outcome | None:
    """The account has the planned values."""
    user = await find_user(ctx, action.params["user_id"])
    return user.as_outcome() if user is not None and _fits(user, action.params["values"]) else None


def _fits(user: ScimUser, values: Mapping[str, Any]) -> bool:
    return all(
        user.active == value
        if text == "active"
        else show(parse_path(text).read(user.raw)).lower() == show(value).lower()
        for text, value in values.items()
    )


async def _change(
    ctx: ScimContext, action: PlannedAction, user: ScimUser, values: Mapping[str, Any]
) -> tuple[Written, ScimUser]:
    operations = payloads.changes(values, user.raw)
    body = payloads.replacement(user.raw, values)
    return await change_user(ctx, action, user, operations, body)


async def change_user(
    ctx: ScimContext,
    action: PlannedAction,
    user: ScimUser,
    operations: list[dict[str, Any]],
    whole: Mapping[str, Any],
) -> tuple[Written, ScimUser]:
    """PATCH, or PUT of the whole where there is no PATCH. Also returns what the application shows afterwards.

    Raises:
        ProviderError: as the application answers.
    """
    features = features_of(action)
    path = resource(USERS, user.id)
    try:
        written = await change(ctx, features, path, payloads.patch(operations), whole, user.version)
    except ScimAnswer as answer:
        raise await explain_write(ctx, answer, action.params["user_id"]) from answer
    shown = await find_user(ctx, user.id)
    if shown is None:
        raise Transient("The application does not show the account now.", code=ErrorCode.SETTLING)
    return written, shown


async def change(
    ctx: ScimContext,
    features: Features,
    path: str,
    patch: Mapping[str, Any],
    whole: Mapping[str, Any],
    version: str | None,
) -> Written:
    """PATCH; PUT where that is not supported, which may also show when it is tried.

    Raises:
        ScimAnswer: as the application answers.
    """
    guard = version if features.etag else None
    if features.patch:
        try:
            return await write(ctx, "PATCH", path, patch, guard)
        except ScimAnswer as answer:
            if answer.is_missing or not answer.is_not_offered:
                raise
    return await write(ctx, "PUT", path, whole, guard)


async def delete(ctx: ScimContext, action: PlannedAction) -> Outcome:
    """Delete by the application's id."""
    path = resource(USERS, str(action.params["user_id"]))
    written = Written({})
    try:
        written = await write(ctx, "DELETE", path)
    except ScimAnswer as answer:
        if answer.is_not_offered and not answer.is_missing:
            raise Refused(
                f"{ctx.settings.title} deletes no accounts. It stays, and is deactivated.",
                code=ErrorCode.NOT_ENTITLED,
                vendor_message=answer.message,
            ) from answer
        if not answer.is_missing:
            raise
    return await confirm_delete(ctx, action) or written.not_shown()


async def confirm_delete(ctx: ScimContext, action: PlannedAction) -> Outcome | None:
    """The id is no longer there."""
    try:
        await call(ctx, "GET", resource(USERS, str(action.params["user_id"])))
    except ScimAnswer as answer:
        if answer.is_missing:
            return Outcome(gone=True)
        raise
    return None


async def nothing(ctx: ScimContext, _action: PlannedAction) -> Outcome:
    """A noop: what the books say."""
    return Outcome(remote_id=ctx.known.remote_id, login=ctx.known.login)

"""The plan of somebody who works here: an account as wished, with what we may give and take."""

from collections.abc import Mapping
from typing import Any

from pydantic import ValidationError

from services.shared.providers.scim.accounts import Found, ScimUser, find_account, wished_name
from services.shared.providers.scim.client import ScimContext
from services.shared.providers.scim.discovery import Features, load_features, load_schemas
from services.shared.providers.scim.form import NO_PASSWORD, ScimForm
from services.shared.providers.scim.groups import ScimGroup, groups_of, wished_groups
from services.shared.providers.scim.steps import Draft, Holdings, add_update, choice_of
from services.shared.providers.scim.wishes import Wishes, make_wishes, show
from services.shared.sdk.contract import Desired, Plan
from services.shared.sdk.errors import ErrorCode, Refused
from services.shared.sdk.manifest import ActionKind


def parse_form(fields: Mapping[str, Any]) -> ScimForm:
    """The form's fields.

    Raises:
        Refused: one of them is wrong.
    """
    try:
        return ScimForm.model_validate(dict(fields))
    except ValidationError as error:
        first = error.errors()[0]
        field = str(first["loc"][0]) if first["loc"] else None
        message = str(first["msg"]).removeprefix("Value error, ")
        raise Refused(message, code=ErrorCode.INVALID_FIELD, field=field) from error


async def plan_active(ctx: ScimContext, desired: Desired) -> Plan:
    """Compare the wish with the application. Reads only."""
    form = parse_form(desired.fields)
    features, schemas = await load_features(ctx), await load_schemas(ctx)
    found = await find_account(ctx, features)
    user = found.user
    if found.kind == "foreign" and user is not None and desired.existing_account == "fail":
        raise Refused(
            choice_of(ctx, user).message, code=ErrorCode.ALREADY_EXISTS, field="employee.work_email"
        )
    draft = Draft(ctx, features, user)
    wishes = await make_wishes(ctx, form, features, schemas)
    draft.notices += wishes.notices
    groups = await _groups(draft, form, features)
    if user is None:
        _plan_new(draft, form, wishes)
        member_of: dict[str, ScimGroup] = {}
    else:
        _plan_existing(draft, found, user, wishes)
        member_of = await groups_of(ctx, user, groups) if features.groups else {}
    holdings = Holdings(ctx, user, member_of, form)
    holdings.give(draft, groups)
    holdings.take(draft, groups, remove_others=desired.unmanaged == "remove")
    draft.seen |= _see(user, found, wishes) | holdings.see() | {"wished": sorted(one.id for one in groups)}
    if found.kind == "foreign" and user is not None:
        if desired.existing_account == "skip":
            return draft.left_alone()
        if desired.existing_account == "ask":
            draft.choices.append(choice_of(ctx, user))
    return draft.finish()


async def _groups(draft: Draft, form: ScimForm, features: Features) -> list[ScimGroup]:
    if features.groups:
        return await wished_groups(draft.ctx, form.groups, features)
    if form.groups:
        draft.note(
            "no_groups", f"{draft.ctx.settings.title} has no groups: those of the request are left out."
        )
    return []


def _see(user: ScimUser | None, found: Found, wishes: Wishes) -> dict[str, Any]:
    """The part of the account that plans rest on."""
    if user is None:
        return {"account": None}
    shown = {one.path: show(one.place.read(user.raw)) for one in wishes.attributes}
    return {
        "account": user.id,
        "name": user.user_name,
        "ours": found.kind == "ours",
        "active": user.active,
        "attributes": shown,
    }


def _plan_new(draft: Draft, form: ScimForm, wishes: Wishes) -> None:
    name = wished_name(draft.ctx)
    shown = {one.path: one.shown for one in wishes.attributes if one.can_be_made}
    draft.add(
        "create",
        ActionKind.CREATE,
        name,
        f"Create the account {name}",
        after={**shown, "active": True},
        values=wishes.to_make(),
        user_name=name,
        password=form.password_mode != NO_PASSWORD,
    )


def _plan_existing(draft: Draft, found: Found, user: ScimUser, wishes: Wishes) -> None:
    ctx = draft.ctx
    foreign = found.kind == "foreign"
    if not found.linked:
        draft.add(
            "adopt",
            ActionKind.ADOPT,
            user.user_name,
            f"Adopt the account {user.user_name}" if foreign else f"Link OneClick's account {user.user_name}",
            before={"managed_by_oneclick": not foreign},
            after={"managed_by_oneclick": True},
            foreign=foreign,
        )
        if foreign and user.external_id:
            draft.note(
                "other_mark",
                "The account carries the mark of another system, which stays. OneClick remembers it by its id.",
            )
    add_update(draft, user, wishes.to_change(user))
    if user.user_name.lower() != wished_name(ctx).lower():
        draft.note(
            "other_address",
            f"In {ctx.settings.title} the account's name is {user.user_name}. OneClick does not rename accounts.",
        )

"""The plan of somebody who works here: an account as wished, with what we may give and take."""

from collections.abc import Mapping
from typing import Any

from pydantic import ValidationError

from services.shared.providers.google.accounts import Found, GoogleUser, find_account, find_deleted
from services.shared.providers.google.client import GoogleContext
from services.shared.providers.google.form import GoogleForm
from services.shared.providers.google.groups import GoogleGroup, groups_of, wished_groups
from services.shared.providers.google.licences import given_skus, held_licences, must_exist
from services.shared.providers.google.orgunits import need_org_unit
from services.shared.providers.google.skus import Sku
from services.shared.providers.google.steps import Draft, adopt_step, group_step, licence_step
from services.shared.sdk.contract import Choice, ChoiceOption, Desired, Notice, Plan, PlannedAction, SeatUse
from services.shared.sdk.draft import noop_plan
from services.shared.sdk.errors import ErrorCode, Refused
from services.shared.sdk.manifest import ActionKind
from services.shared.sdk.together import together

_NAME_LIMIT = 60


def parse_form(fields: Mapping[str, Any]) -> GoogleForm:
    """The form's fields.

    Raises:
        Refused: one of them is wrong.
    """
    try:
        return GoogleForm.model_validate(dict(fields))
    except ValidationError as error:
        first = error.errors()[0]
        field = str(first["loc"][0]) if first["loc"] else None
        raise Refused(
            str(first["msg"]).removeprefix("Value error, "), code=ErrorCode.INVALID_FIELD, field=field
        ) from error


async def plan_active(ctx: GoogleContext, desired: Desired) -> Plan:
    """Compare the wish with Google. Reads only."""
    form = parse_form(desired.fields)
    found = await find_account(ctx)
    if (stop := _stopped(ctx, desired, found)) is not None:
        return stop
    if found.user is None:
        return await _plan_new(ctx, form)
    plan = await _plan_existing(ctx, desired, form, found, found.user)
    if found.kind == "foreign" and desired.existing_account == "skip":
        return left_alone(ctx, plan)
    return plan


def _stopped(ctx: GoogleContext, desired: Desired, found: Found) -> Plan | None:
    """The plan when somebody else has the address and we are to keep off."""
    user, address = found.user, ctx.person.work_email
    if user is None or found.kind == "ours":
        return None
    if found.kind == "alias" and desired.existing_account == "skip":
        return noop_plan(ctx, {"account": user.id, "address": user.address}, skipped(ctx))
    if found.kind == "alias":
        raise Refused(
            f"{address} is an alias of {user.address} at Google.",
            code=ErrorCode.ALREADY_EXISTS,
            field="employee.work_email",
        )
    if desired.existing_account == "fail":
        raise Refused(
            f"An account {address} exists at Google and OneClick did not make it.",
            code=ErrorCode.ALREADY_EXISTS,
            field="employee.work_email",
        )
    return None


def skipped(ctx: GoogleContext) -> Notice:
    """Why nothing is planned for an account that is somebody else's."""
    return Notice(code="skipped", message=f"{ctx.person.work_email} exists at Google and is left as it is.")


def left_alone(ctx: GoogleContext, plan: Plan) -> Plan:
    """The same look at Google with nothing to do: a decision must not make a plan stale."""
    nothing = noop_plan(ctx, {}, skipped(ctx))
    return nothing.model_copy(update={"fingerprint": plan.fingerprint})


async def _plan_new(ctx: GoogleContext, form: GoogleForm) -> Plan:
    async with together() as group:
        unit_task = group.create_task(need_org_unit(ctx, form.primary_org_unit))
        groups_task = group.create_task(wished_groups(ctx, form.groups, {}))
        deleted_task = group.create_task(find_deleted(ctx))
        for sku in form.skus:
            group.create_task(must_exist(ctx, sku))
    org_unit, groups, deleted = unit_task.result(), groups_task.result(), deleted_task.result()
    person = ctx.person
    params = {
        "address": person.work_email.lower(),
        "given_name": _name(person.given_name),
        "family_name": _name(person.family_name),
        "org_unit": org_unit,
        "change_password": form.require_password_change,
    }
    optional = {
        "title": person.job_title,
        "department": person.department,
        "employee_number": person.external_id,
    }
    draft = Draft()
    draft.add(
        PlannedAction(
            key="create",
            kind=ActionKind.CREATE,
            target=person.work_email,
            title=f"Create the account {person.work_email}",
            after={**params, **{name: value for name, value in optional.items() if value}},
            params={**params, **{name: value for name, value in optional.items() if value}},
        )
    )
    for sku in form.skus:
        draft.add(licence_step(sku, None, None))
    for wished in groups:
        draft.add(group_step(wished, None))
    if deleted is not None:
        when = str(deleted.get("deletionTime") or "")[:10] or "recently"
        message = (
            f"An account {person.work_email} was deleted on {when}. Google keeps it for 20 days: to have its mail "
            "and files back, restore it in the Admin console before going on. Otherwise a new account is made."
        )
        draft.note("deleted_account", message)
    return draft.plan(
        ctx,
        seats=_seats(form.skus, {}),
        account=None,
        deleted=deleted and deleted.get("id"),
        org_unit=org_unit,
        groups=sorted(one.id for one in groups),
    )


async def _plan_existing(
    ctx: GoogleContext, desired: Desired, form: GoogleForm, found: Found, user: GoogleUser
) -> Plan:
    removes_all = desired.unmanaged == "remove"
    look_at_all = removes_all or found.kind == "foreign"
    async with together() as group:
        unit_task = group.create_task(need_org_unit(ctx, form.primary_org_unit))
        held_task = group.create_task(
            held_licences(ctx, user.address, form.skus, given_skus(ctx), everything=look_at_all)
        )
        groups_task = group.create_task(groups_of(ctx, user.id))
    org_unit, held, member_of = unit_task.result(), held_task.result(), groups_task.result()
    groups = await wished_groups(ctx, form.groups, member_of)
    draft = Draft()
    if found.kind == "foreign" or not found.linked:
        draft.add(
            adopt_step(user, consent=desired.existing_account == "adopt", foreign=found.kind == "foreign")
        )
    if (update := _update_step(ctx, draft, found, user, org_unit)) is not None:
        draft.add(update)
    _plan_licences(ctx, draft, form, user, held, remove_others=removes_all)
    _plan_groups(ctx, draft, groups, user, member_of, remove_others=removes_all)
    if user.address != ctx.person.work_email.lower():
        message = f"At Google the account's address is {user.address}. OneClick does not rename accounts."
        draft.notices.append(Notice(code="other_address", message=message))
    if found.kind == "foreign" and desired.existing_account == "ask":
        draft.choices.append(choice_of(ctx, user))
    products = {sku.product_id for sku in (*form.skus, *given_skus(ctx))}
    of_interest = {one.id for one in groups} | {one.key for one in ctx.known.grants if one.kind == "group"}
    return draft.plan(
        ctx,
        seats=_seats(form.skus, held),
        account={"id": user.id, "address": user.address, **user.shown(), "ours": found.kind == "ours"},
        org_unit=org_unit,
        licences=sorted(sku.key for sku in held.values() if removes_all or sku.product_id in products),
        groups=sorted(key for key in member_of if removes_all or key in of_interest),
    )


def choice_of(ctx: GoogleContext, user: GoogleUser) -> Choice:
    """Whether an account that is not ours may be managed."""
    other = " It carries OneClick's mark of another employee." if user.marks else ""
    return Choice(
        code="existing_account",
        message=f"An account {ctx.person.work_email} exists at Google and OneClick did not make it.{other}",
        options=(
            ChoiceOption(value="adopt", label="Adopt it: OneClick manages it from now on"),
            ChoiceOption(value="skip", label="Leave it as it is"),
        ),
    )


def _update_step(
    ctx: GoogleContext, draft: Draft, found: Found, user: GoogleUser, org_unit: str
) -> PlannedAction | None:
    wanted: dict[str, Any] = {
        "given_name": _name(ctx.person.given_name),
        "family_name": _name(ctx.person.family_name),
        "suspended": False,
    }
    if org_unit != "/" or (found.kind == "ours" and not ctx.known.adopted):
        wanted["org_unit"] = org_unit
    elif user.org_unit != "/":
        # The root is what a form says that nobody filled in: no reason to move what others placed.
        message = f"The account stays in {user.org_unit}: an adopted account is not moved to the root."
        draft.notices.append(Notice(code="kept_org_unit", message=message))
    now = user.shown()
    changed = {name: value for name, value in wanted.items() if now[name] != value}
    if not changed:
        return None
    return PlannedAction(
        key="update",
        kind=ActionKind.UPDATE,
        target=user.address,
        title="Activate the account" if "suspended" in changed else "Update the account",
        before={name: now[name] for name in changed},
        after=changed,
        params={"user_id": user.id},
    )


def _plan_licences(
    ctx: GoogleContext,
    draft: Draft,
    form: GoogleForm,
    user: GoogleUser,
    held: Mapping[str, Sku],
    *,
    remove_others: bool,
) -> None:
    for sku in form.skus:
        has = held.get(sku.product_id)
        if has is None or has.key != sku.key:
            draft.add(licence_step(sku, has, user))
            if has is not None and not ctx.known.gave("license", has.key):
                message = f"{has.label}, which OneClick did not give, is replaced by {sku.label}."
                draft.notices.append(Notice(code="replaced_license", message=message))
    wished = {sku.product_id for sku in form.skus}
    for product_id, sku in sorted(held.items()):
        if product_id not in wished:
            draft.remove_or_keep(ctx, sku, user, remove_others=remove_others)


def _plan_groups(
    ctx: GoogleContext,
    draft: Draft,
    wished: tuple[GoogleGroup, ...],
    user: GoogleUser,
    member_of: Mapping[str, GoogleGroup],
    *,
    remove_others: bool,
) -> None:
    for group in wished:
        if group.id not in member_of:
            draft.add(group_step(group, user))
    keep = {group.id for group in wished}
    for key, group in sorted(member_of.items()):
        if key not in keep:
            draft.remove_or_keep(ctx, group, user, remove_others=remove_others)


def _seats(skus: tuple[Sku, ...], held: Mapping[str, Sku]) -> tuple[SeatUse, ...]:
    """Google has no API that tells how many seats are free."""
    needed = [sku for sku in skus if held.get(sku.product_id) != sku]
    return tuple(SeatUse(key=sku.key, name=sku.label, free=None, needed=1) for sku in needed)


def _name(value: str) -> str:
    """Names have at most 60 characters at Google (users resource, name.givenName)."""
    return value[:_NAME_LIMIT].strip()

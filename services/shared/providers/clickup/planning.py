"""The plan of somebody who works here: in the Workspace as wished, with what we may give and take."""

from collections.abc import Mapping
from typing import Any

from pydantic import ValidationError

from services.shared.providers.clickup.client import ClickUpContext
from services.shared.providers.clickup.form import ClickUpForm
from services.shared.providers.clickup.giving import plan_groups, plan_shares
from services.shared.providers.clickup.groups import CustomRole, list_groups, wished_groups, wished_role
from services.shared.providers.clickup.people import (
    Person,
    find_account,
    free_seats,
    is_enterprise,
    look_closer,
)
from services.shared.providers.clickup.roles import SAID_AS, plan_role
from services.shared.providers.clickup.steps import (
    ADMIN_GRANT,
    Draft,
    acceptance_step,
    adopt_step,
    choice_of,
    custom_grant,
    invite_step,
    person_task,
    rights_step,
)
from services.shared.sdk.contract import Desired, Grant, Plan, SeatUse
from services.shared.sdk.errors import ErrorCode, Refused


def parse_form(fields: Mapping[str, Any]) -> ClickUpForm:
    """The form's fields.

    Raises:
        Refused: one of them is wrong.
    """
    try:
        return ClickUpForm.model_validate(dict(fields))
    except ValidationError as error:
        first = error.errors()[0]
        field = str(first["loc"][0]) if first["loc"] else "role"
        message = str(first["msg"]).removeprefix("Value error, ")
        raise Refused(message, code=ErrorCode.INVALID_FIELD, field=field) from error


async def plan_active(ctx: ClickUpContext, desired: Desired) -> Plan:
    """Compare the wish with the Workspace. Reads only."""
    form = parse_form(desired.fields)
    found = await find_account(ctx)
    enterprise = await is_enterprise(ctx)
    person = found.person
    if found.kind == "foreign" and person is not None and desired.existing_account == "fail":
        raise Refused(
            choice_of(ctx, person).message, code=ErrorCode.ALREADY_EXISTS, field="employee.work_email"
        )
    if person is not None and enterprise:
        person = await look_closer(ctx, person)
    custom = await wished_role(ctx, form.custom_role)
    groups = await list_groups(ctx)
    wished = wished_groups(groups, form.groups)
    draft = Draft(ctx, person, enterprise=enterprise)
    invitation = _invitation(ctx, form, custom)
    if person is None:
        await _plan_new(draft, form, custom, invitation)
    else:
        if found.kind == "foreign":
            draft.add(adopt_step(person, consent=desired.existing_account == "adopt"))
        plan_role(draft, desired, form, custom, person)
        _plan_rights(draft, desired, form, person)
    member_of = {key: one for key, one in groups.items() if person and person.id in one.members}
    plan_groups(draft, wished, member_of, remove_others=desired.unmanaged == "remove")
    await plan_shares(draft, form, person, remove_others=desired.unmanaged == "remove")
    if person is None and not (enterprise or found.tells_acceptance):
        draft.note(
            "acceptance_unknown", f"{ctx.settings.name} does not tell whether an invitation is accepted."
        )
    elif person is None or person.is_pending:
        draft.add(acceptance_step(ctx, invitation))
    draft.seen |= {
        "person": _see(person),
        "ours": found.kind == "ours",
        "enterprise": enterprise,
        "member_of": sorted(member_of),
        "wished": sorted(wished),
    }
    return _decide(draft, desired, person if found.kind == "foreign" else None)


def _decide(draft: Draft, desired: Desired, stranger: Person | None) -> Plan:
    if stranger is not None and desired.existing_account == "skip":
        return draft.left_alone()
    if stranger is not None and desired.existing_account == "ask":
        draft.choices.append(choice_of(draft.ctx, stranger))
    return draft.finish()


def _see(person: Person | None) -> dict[str, Any] | None:
    """The part of the person that plans rest on."""
    if person is None:
        return None
    rights = sorted(person.rights) if person.rights is not None else None
    return person.model_dump(mode="json", exclude={"username", "invited_at", "rights"}) | {"rights": rights}


def _grants(form: ClickUpForm, custom: CustomRole | None) -> list[Grant]:
    given = [ADMIN_GRANT] if form.role == "admin" else []
    return [*given, custom_grant(custom)] if custom else given


def _invitation(ctx: ClickUpContext, form: ClickUpForm, custom: CustomRole | None) -> dict[str, Any]:
    """What an invitation says, now or when it is sent again."""
    return {
        "address": ctx.person.work_email,
        "guest": form.role == "guest",
        "admin": form.role == "admin",
        "custom_role": custom.id if custom else None,
        "rights": list(form.guest_rights),
        "level": form.permission,
        "given": [one.model_dump() for one in _grants(form, custom)],
    }


async def _plan_new(
    draft: Draft, form: ClickUpForm, custom: CustomRole | None, invitation: Mapping[str, Any]
) -> None:
    ctx = draft.ctx
    seats = await free_seats(ctx)
    is_guest = form.role == "guest"
    free = (seats.guests if is_guest else seats.members) if seats else None
    if not is_guest:
        draft.seats.append(SeatUse(key="members", name="Member seat", free=free, needed=1))
    elif form.groups or (form.permission != "read" and (form.lists or form.folders)):
        draft.seats.append(SeatUse(key="guests", name="Paid guest", free=free, needed=1))
    shown = {"role": form.role, **({"custom_role": custom.name} if custom else {})}
    if form.guest_rights:
        shown["rights"] = ", ".join(form.guest_rights)
    if draft.enterprise:
        draft.add(invite_step(ctx, form.role, shown, invitation))
        return
    draft.add(
        person_task(
            ctx,
            "invite",
            f"Invite {ctx.person.work_email} as {SAID_AS[form.role].lower()}",
            (
                f"Choose Invite and enter {ctx.person.work_email}.",
                f"Choose the role {custom.name if custom else SAID_AS[form.role]} and send the invitation.",
            ),
            **invitation,
        )
    )
    draft.note("plan_too_small", _TOO_SMALL)


_TOO_SMALL = (
    "ClickUp lets programs manage people on its Enterprise plan alone. On this Workspace's plan a person does that, "
    "and OneClick looks whether it is done."
)


def _plan_rights(draft: Draft, desired: Desired, form: ClickUpForm, person: Person) -> None:
    if form.role != "guest" or not person.is_guest or person.rights is None:
        return
    wished = set(form.guest_rights)
    missing, extra = sorted(wished - person.rights), sorted(person.rights - wished)
    if extra and desired.unmanaged != "remove":
        draft.note("kept_rights", f"The guest keeps further rights: {', '.join(extra)}.")
        extra = []
    if missing or extra:
        rights = {name: name in wished for name in (*missing, *extra)}
        draft.add(rights_step(person, rights, person.rights))

"""The plan of somebody who comes or stays: the account, what can be had while pending, the acceptance, the rest."""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from pydantic import ValidationError

from services.shared.providers.zoom.add_ons import LICENSED, Paid, Seats, held_add_ons, read_seats
from services.shared.providers.zoom.client import ZoomContext
from services.shared.providers.zoom.form import ZoomForm
from services.shared.providers.zoom.people import MEMBER_ROLE, Found, ZoomUser, find_account
from services.shared.providers.zoom.places import Named, is_in, list_groups, list_roles, pick, pick_role
from services.shared.providers.zoom.steps import (
    Draft,
    acceptance_step,
    activate_step,
    adopt_step,
    choice_of,
    create_step,
    join_step,
    licence_step,
    no_licence_step,
    no_role_step,
    part_step,
    profile_step,
    role_step,
)
from services.shared.sdk.contract import Desired, Plan, SeatUse
from services.shared.sdk.errors import ErrorCode, Refused

_NAME_LIMIT, _TITLE_LIMIT = 64, 128
_TYPES = {"basic": 1, "licensed": 1, "none": 99}
"""Everybody begins as Basic (or None): Zoom may forget the licence of somebody who is pending, and a seat is not
taken by an invitation that nobody accepts."""


class Wish(NamedTuple):
    """The form with its names looked up."""

    form: ZoomForm
    groups: tuple[Named, ...]
    role: Named | None
    known_groups: Mapping[str, Named]
    known_roles: Mapping[str, Named]

    @property
    def paid(self) -> tuple[Paid, ...]:
        licence = (Paid(key=LICENSED),) if self.form.license_type == LICENSED else ()
        return (*licence, *(Paid(key=key) for key in self.form.add_ons))


def _parse_form(fields: Mapping[str, Any]) -> ZoomForm:
    try:
        return ZoomForm.model_validate(dict(fields))
    except ValidationError as error:
        first = error.errors()[0]
        field = str(first["loc"][0]) if first["loc"] else None
        message = str(first["msg"]).removeprefix("Value error, ")
        raise Refused(message, code=ErrorCode.INVALID_FIELD, field=field) from error


async def plan_active(ctx: ZoomContext, desired: Desired) -> Plan:
    """Compare the wish with Zoom. Reads only."""
    form = _parse_form(desired.fields)
    found = await find_account(ctx)
    refuse_foreign(ctx, desired, found)
    wish = await _look_names_up(ctx, form, found.user)
    draft = Draft(found.user)
    _plan_account(ctx, draft, desired, wish, found)
    member_of = await _plan_groups(ctx, draft, desired, wish)
    _plan_waiting(ctx, draft, desired, wish, found)
    _plan_profile(ctx, draft)
    held = await held_add_ons(ctx, found.user) if found.user else {}
    await _plan_paid(ctx, draft, desired, wish, held)
    _plan_role(ctx, draft, desired, wish)
    if found.kind == "foreign" and desired.existing_account == "skip":
        draft.actions, draft.notices, draft.seats = [], [], []
        draft.note("skipped", f"{ctx.person.work_email} exists at Zoom and is left as it is.")
    return draft.plan(
        ctx,
        account=found.user.model_dump(mode="json", exclude={"group_ids"}) if found.user else None,
        ours=found.kind == "ours",
        groups=sorted(member_of),
        add_ons=sorted(one.key for one in held.values()),
        wish=form.model_dump(mode="json"),
    )


def refuse_foreign(ctx: ZoomContext, desired: Desired, found: Found) -> None:
    """With `fail`, an account that is not ours ends the plan.

    Raises:
        Refused: it is there.
    """
    if found.kind == "foreign" and desired.existing_account == "fail":
        raise Refused(
            f"A user {ctx.person.work_email} exists at Zoom and OneClick did not make it.",
            code=ErrorCode.ALREADY_EXISTS,
            field="employee.work_email",
        )


async def _look_names_up(ctx: ZoomContext, form: ZoomForm, user: ZoomUser | None) -> Wish:
    """Groups and roles are read where the wish, the account or our books name any."""
    given = {grant.kind for grant in ctx.known.grants}
    with_groups = form.groups or "group" in given or (user and user.group_ids)
    has_role = user and user.role_id not in {None, MEMBER_ROLE}
    groups = await list_groups(ctx) if with_groups else {}
    roles = await list_roles(ctx) if form.role or has_role else {}
    picked = (pick(groups, one, field="groups", word="group") for one in form.groups)
    return Wish(
        form,
        tuple({one.id: one for one in picked}.values()),
        pick_role(roles, form.role) if form.role else None,
        groups,
        roles,
    )


def _invitation(ctx: ZoomContext, form: ZoomForm) -> dict[str, Any]:
    """What `POST /users` is told."""
    return {
        "action": form.creation,
        "email": ctx.person.work_email.lower(),
        "type": _TYPES[form.license_type],
        "first_name": _cut(ctx.person.given_name, _NAME_LIMIT),
        "last_name": _cut(ctx.person.family_name, _NAME_LIMIT),
    }


def _cut(value: str, limit: int) -> str:
    return value[:limit].strip()


def _plan_account(ctx: ZoomContext, draft: Draft, desired: Desired, wish: Wish, found: Found) -> None:
    user = found.user
    if user is None:
        if found.lapsed:
            draft.note("lapsed", "The last invitation ran out. Zoom sends a new one.")
        draft.add_root(create_step(ctx, _invitation(ctx, wish.form)))
        return
    if found.kind == "foreign":
        draft.add_root(adopt_step(user, consent=desired.existing_account == "adopt"))
        if desired.existing_account == "ask":
            draft.choices.append(choice_of(ctx, user))
    if user.status == "inactive":
        draft.add_root(activate_step(user))
    if user.email != ctx.person.work_email.lower():
        message = f"At Zoom the user's address is {user.email}. OneClick does not change addresses."
        draft.note("other_address", message)


def _plan_waiting(ctx: ZoomContext, draft: Draft, desired: Desired, wish: Wish, found: Found) -> None:
    """The invitation that is out, or goes out, is waited for; what comes after does not stick before."""
    user = found.user
    invites = wish.form.creation == "create" if user is None else user.is_pending
    if not invites:
        return
    invitation = _invitation(ctx, wish.form) | {"action": "create"}
    draft.add_root(acceptance_step(ctx, invitation, wish.groups))
    later = [thing.label for thing in wish.paid] + ([wish.role.name] if wish.role else [])
    if later and not (found.kind == "foreign" and desired.existing_account == "skip"):
        draft.note(
            "after_acceptance",
            f"{', '.join(later)} can be had only once the invitation is accepted: Zoom forgets it before.",
        )


def _plan_profile(ctx: ZoomContext, draft: Draft) -> None:
    person, user = ctx.person, draft.user
    wanted = {
        "first_name": _cut(person.given_name, _NAME_LIMIT),
        "last_name": _cut(person.family_name, _NAME_LIMIT),
        "dept": _cut(person.department or "", _TITLE_LIMIT),
        "job_title": _cut(person.job_title or "", _TITLE_LIMIT),
    }
    if user is None:  # the names go with the creation
        wanted = {name: wanted[name] for name in ("dept", "job_title")}
    shown = user.profile if user else {}
    changed = {name: value for name, value in wanted.items() if value and shown.get(name) != value}
    if changed:
        draft.add(profile_step(user, person.work_email, changed))


async def _plan_groups(ctx: ZoomContext, draft: Draft, desired: Desired, wish: Wish) -> frozenset[str]:
    """Returns the groups of interest that the person is in."""
    member_of = await _groups_of(ctx, draft.user, wish)
    for group in wish.groups:
        if group.id not in member_of:
            draft.add(join_step(group))
    for key in sorted(member_of - {group.id for group in wish.groups}):
        group = wish.known_groups.get(key, Named(id=key, name=key))
        if desired.unmanaged == "remove" or ctx.known.gave("group", key):
            draft.add(part_step(group))
        else:
            draft.note("kept_group", f"The group {group.name} stays: OneClick did not add to it.")
    return member_of


async def _groups_of(ctx: ZoomContext, user: ZoomUser | None, wish: Wish) -> frozenset[str]:
    if user is None:
        return frozenset()
    if not user.is_pending:
        return frozenset(user.group_ids)
    given = [grant.key for grant in ctx.known.grants if grant.kind == "group"]
    asked = dict.fromkeys((*(group.id for group in wish.groups), *given))
    return frozenset([key for key in asked if key in wish.known_groups and await is_in(ctx, key, user)])


async def _plan_paid(
    ctx: ZoomContext, draft: Draft, desired: Desired, wish: Wish, add_ons: Mapping[str, Paid]
) -> None:
    user = draft.user
    licence = Paid(key=LICENSED)
    held = {**({LICENSED: licence} if user and user.is_licensed else {}), **add_ons}
    wished = {thing.kind: thing for thing in wish.paid}
    for kind, thing in wished.items():
        before = held.get(kind)
        if before != thing:
            draft.add(licence_step(thing, before), after=(f"license:{LICENSED}",))
            if before is not None and not ctx.known.gave("license", before.key):
                message = f"{before.label}, which OneClick did not give, is replaced by {thing.label}."
                draft.note("replaced_license", message)
    _plan_less(ctx, draft, desired, {kind: thing for kind, thing in held.items() if kind not in wished})
    missing = [thing for kind, thing in wished.items() if held.get(kind) != thing]
    draft.seats = _seats(missing, await read_seats(ctx)) if missing else []


def _plan_less(ctx: ZoomContext, draft: Draft, desired: Desired, unwished: Mapping[str, Paid]) -> None:
    """Add-ons first: they go with the licence, and those that others gave keep it."""
    kept: list[str] = []
    for thing in sorted(unwished.values(), key=lambda one: one.key == LICENSED):
        if desired.unmanaged != "remove" and not ctx.known.gave("license", thing.key):
            kept.append(thing.key)
            draft.note("kept_license", f"{thing.label} stays: OneClick did not give it.")
        elif thing.key == LICENSED and kept:
            draft.note("kept_license", "Licensed stays: add-ons that OneClick did not give need it.")
        else:
            removed = [f"license:{one.key}" for one in unwished.values() if one.is_add_on]
            draft.add(no_licence_step(thing), after=() if thing.is_add_on else removed)


def _seats(missing: Sequence[Paid], seats: Mapping[str, Seats]) -> list[SeatUse]:
    return [
        SeatUse(
            key=thing.key,
            name=thing.label,
            free=seats[thing.key].free if thing.key in seats else None,
            needed=1,
        )
        for thing in missing
    ]


def _plan_role(ctx: ZoomContext, draft: Draft, desired: Desired, wish: Wish) -> None:
    """Everybody has one role: another one takes its place, none wished leaves what others gave."""
    now = draft.user.role_id if draft.user else None
    now = None if now == MEMBER_ROLE else now
    before = wish.known_roles.get(now, Named(id=now, name=now)) if now else None
    if wish.role is not None:
        if wish.role.id != now:
            draft.add(role_step(wish.role, before.name if before else None))
    elif before is not None and (desired.unmanaged == "remove" or ctx.known.gave("role", before.id)):
        draft.add(no_role_step(before))
    elif before is not None:
        draft.note("kept_role", f"The role {before.name} stays: OneClick did not give it.")

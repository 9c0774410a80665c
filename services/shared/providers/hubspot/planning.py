"""Plans: an account as wished, with what we may give and take; and leaving."""

from collections.abc import Mapping
from typing import Any

from pydantic import ValidationError

from services.shared.providers.hubspot.client import HubSpotContext, Paths
from services.shared.providers.hubspot.form import HubSpotForm
from services.shared.providers.hubspot.manifest import USERS_PAGE
from services.shared.providers.hubspot.person import (
    Found,
    HubSpotUser,
    Named,
    find_account,
    free_seats,
    roles,
    teams,
)
from services.shared.providers.hubspot.steps import (
    Draft,
    join_step,
    leave_step,
    role_step,
    seat_step,
    seat_task,
)
from services.shared.sdk.contract import Choice, ChoiceOption, Desired, Plan, PlannedAction, SeatUse
from services.shared.sdk.errors import ErrorCode, Refused
from services.shared.sdk.manifest import ActionKind


def parse_form(fields: Mapping[str, Any]) -> HubSpotForm:
    """The form's fields.

    Raises:
        Refused: one of them is wrong.
    """
    try:
        return HubSpotForm.model_validate(dict(fields))
    except ValidationError as error:
        first = error.errors()[0]
        field = str(first["loc"][0]) if first["loc"] else None
        message = str(first["msg"]).removeprefix("Value error, ")
        raise Refused(message, code=ErrorCode.INVALID_FIELD, field=field) from error


async def plan_active(ctx: HubSpotContext, desired: Desired) -> Plan:
    """Compare the wish with HubSpot. Reads only."""
    form = parse_form(desired.fields)
    found = await find_account(ctx)
    _refuse_foreign(ctx, desired, found)
    user = found.user
    known_roles = await roles(ctx) if form.permission_set or (user and user.role) else {}
    known_teams = await teams(ctx) if form.primary_team or form.teams or (user and user.all_teams) else {}
    seats = await free_seats(ctx) if form.seats and Paths(ctx).tells_seats else {}
    _check(form, known_roles, known_teams, seats, tells_seats=Paths(ctx).tells_seats)
    draft = Draft(user)
    _plan_account(ctx, draft, desired, form, found)
    _plan_role(draft, form, user, known_roles)
    _plan_teams(ctx, draft, desired, form, known_teams)
    _plan_seats(ctx, draft, desired, form, seats)
    if found.kind == "foreign" and desired.existing_account == "skip":
        draft.actions, draft.notices, draft.seats = [], [], []
        draft.note("skipped", f"{ctx.person.work_email} exists in HubSpot and is left as it is.")
    return draft.plan(ctx, account=_seen(user), ours=found.kind == "ours", wish=form.model_dump(mode="json"))


def _refuse_foreign(ctx: HubSpotContext, desired: Desired, found: Found) -> None:
    if found.kind == "foreign" and desired.existing_account == "fail":
        raise Refused(
            f"A user {ctx.person.work_email} exists in HubSpot and OneClick did not make it.",
            code=ErrorCode.ALREADY_EXISTS,
            field="employee.work_email",
        )


def _check(
    form: HubSpotForm,
    known_roles: Mapping[str, Named],
    known_teams: Mapping[str, Named],
    seats: Mapping[str, int | None],
    *,
    tells_seats: bool,
) -> None:
    if form.permission_set and form.permission_set not in known_roles:
        raise _unknown("permission_set", f"There is no permission set {form.permission_set} in HubSpot.")
    if form.primary_team and form.primary_team not in known_teams:
        raise _unknown("primary_team", f"There is no team {form.primary_team} in HubSpot.")
    if missing := [team for team in form.teams if team not in known_teams]:
        raise _unknown("teams", f"There is no team {missing[0]} in HubSpot.")
    if tells_seats and (missing := [name for name in form.seats if name not in seats]):
        raise _unknown("seats", f"There is no seat {missing[0]} in this HubSpot account.")


def _unknown(field: str, message: str) -> Refused:
    return Refused(message, code=ErrorCode.INVALID_FIELD, field=field)


def _plan_account(
    ctx: HubSpotContext, draft: Draft, desired: Desired, form: HubSpotForm, found: Found
) -> None:
    address, user = ctx.person.work_email, found.user
    if user is None:
        values = {**_names(ctx), "send_welcome_email": form.send_welcome_email}
        draft.add(
            PlannedAction(
                key="create",
                kind=ActionKind.CREATE,
                target=address,
                title=f"Create the user {address}",
                after={"email": address, **values},
                params={"email": address.lower(), **values},
            )
        )
        return
    if found.kind == "foreign":
        consent = desired.existing_account == "adopt"
        draft.add(
            PlannedAction(
                key="adopt",
                kind=ActionKind.ADOPT,
                target=user.email,
                title=f"Adopt the user {user.email}",
                before={"managed_by_oneclick": False},
                after={"managed_by_oneclick": True},
                params={"consent": consent},
            )
        )
        if desired.existing_account == "ask":
            draft.choices.append(_choice(ctx))
    if user.email != address.lower():
        draft.note(
            "other_address",
            f"In HubSpot the user's address is {user.email}. HubSpot cannot change addresses.",
        )
    now = {"first_name": user.first_name, "last_name": user.last_name}
    changed = {name: value for name, value in _names(ctx).items() if now[name] != value}
    if changed:
        draft.add(
            PlannedAction(
                key="update",
                kind=ActionKind.UPDATE,
                target=user.email,
                title="Update the name",
                before={name: now[name] for name in changed},
                after=changed,
                params={"names": changed},
            )
        )


def _names(ctx: HubSpotContext) -> dict[str, str]:
    return {"first_name": ctx.person.given_name, "last_name": ctx.person.family_name}


def _choice(ctx: HubSpotContext) -> Choice:
    return Choice(
        code="existing_account",
        message=f"A user {ctx.person.work_email} exists in HubSpot and OneClick did not make it.",
        options=(
            ChoiceOption(value="adopt", label="Adopt it: OneClick manages it from now on"),
            ChoiceOption(value="skip", label="Leave it as it is"),
        ),
    )


def _plan_role(
    draft: Draft, form: HubSpotForm, user: HubSpotUser | None, known_roles: Mapping[str, Named]
) -> None:
    now = user.role if user else None
    before = known_roles[now].name if now and now in known_roles else now
    if form.permission_set and form.permission_set != now:
        draft.add(role_step(known_roles[form.permission_set], before))
    elif now and not form.permission_set:
        draft.note("kept_role", f"The permission set {before} stays: the request names none.")


def _plan_teams(
    ctx: HubSpotContext, draft: Draft, desired: Desired, form: HubSpotForm, known: Mapping[str, Named]
) -> None:
    user = draft.user
    main = user.primary_team if user else None
    if form.primary_team and form.primary_team != main:
        before = known[main].name if main and main in known else main
        draft.add(join_step(known[form.primary_team], main=True, before=before))
    held = user.all_teams if user else frozenset()
    for team in form.teams:
        if team not in held:
            draft.add(join_step(known[team], main=False))
    wished = {*form.teams, form.primary_team}
    for team in sorted(held - wished):
        if team == main and form.primary_team:
            continue  # the new main team takes its place
        named = known.get(team, Named(id=team, name=team))
        if desired.unmanaged == "remove" or ctx.known.gave("team", team):
            draft.add(leave_step(named))
        else:
            draft.note("kept_team", f"The team {named.name} stays: OneClick did not add it.")


def _plan_seats(
    ctx: HubSpotContext,
    draft: Draft,
    desired: Desired,
    form: HubSpotForm,
    free: Mapping[str, int | None],
) -> None:
    paths, user = Paths(ctx), draft.user
    held = (user.seats if user else ()) or ()
    for name in form.seats:
        if name in held:
            continue
        if paths.takes_seats:
            draft.add(seat_step(name))
            draft.seats.append(SeatUse(key=name, name=name, free=free.get(name), needed=1))
        elif not ctx.known.gave("manual", f"seat:{name}"):
            draft.add(seat_task(name, USERS_PAGE))
    for name in sorted(set(held) - set(form.seats)):
        if desired.unmanaged == "remove" or ctx.known.gave("license", name):
            draft.add(seat_step(name, remove=True))
        else:
            draft.note("kept_license", f"The {name} stays: OneClick did not give it.")


def _seen(user: HubSpotUser | None) -> dict[str, Any] | None:
    return user.model_dump(mode="json") if user else None


async def plan_leaving(ctx: HubSpotContext, desired: Desired) -> Plan:
    """HubSpot has no suspended users: leaving, for a while or for good, is removal from the account."""
    found = await find_account(ctx)
    user, draft = found.user, Draft(found.user)
    if user is None:
        draft.note("no_account", f"There is no user {ctx.person.work_email} in HubSpot.")
        return draft.plan(ctx, account=None)
    if found.kind == "foreign":
        _refuse_foreign(ctx, desired, found)
        if desired.existing_account == "skip":
            draft.note("skipped", f"{user.email} is not OneClick's and is left as it is.")
            return draft.plan(ctx, account=_seen(user), leaving=True)
        if desired.existing_account == "ask":
            draft.choices.append(_choice(ctx))
    draft.add(
        PlannedAction(
            key="delete",
            kind=ActionKind.DELETE,
            target=user.email,
            title="Remove the user from this HubSpot account",
            before={
                "permission_set": user.role,
                "teams": sorted(user.all_teams),
                "seats": list(user.seats or ()),
            },
            params={"email": user.email},
        )
    )
    draft.note(
        "removed_at_once",
        "HubSpot cannot suspend users. The removal frees the seat; records keep their owner until they are "
        "given to somebody else. The user can be made again.",
    )
    return draft.plan(ctx, account=_seen(user), leaving=True)

"""User provisioning: list, create, read, change, remove, permission sets, teams, seats.

Modes: `duplicate` (409, 400), `email_in_put` (`refused`, `ignored`), `families` (those that answer, all by default).
What HubSpot says when a seat is missing or a duplicate is sent is published nowhere: the words are ours.
"""

from __future__ import annotations

import re
from typing import Any

from services.sandbox.hubspot.errors import CONFLICT, JSON_HEADERS, HubSpotError, bad_json, invalid
from services.sandbox.hubspot.operations import (
    BETA,
    COLLECTIONS,
    DATED,
    MEMBERS,
    READ_USERS,
    SPLIT,
    WRITE_USERS,
    Context,
    ok,
    operation,
    page,
)
from services.sandbox.hubspot.state import User
from services.sandbox.wire.call import Reply, json_bytes
from services.sandbox.wire.shape import Shape

_ADDRESS = re.compile(r"[^@\s]+@[^@\s]+\.[A-Za-z]{2,}")
_CHANGES: Shape = {
    "firstName": str,
    "lastName": str,
    "roleId": str,
    "primaryTeamId": str,
    "secondaryTeamIds": [str],
}
_SEATS: Shape = {"seatNames": [str]}
_NEW: Shape = {"email": str, "sendWelcomeEmail": bool, **_CHANGES}
_BILLING = "settings.billing.write"


def _takes_seats(family: str, *, new: bool) -> bool:
    """Which published requests have `seatNames`: all but the dated ones and the classic create."""
    return family in {SPLIT, BETA} or (not new and family != DATED)


def list_users(context: Context) -> Reply:
    found = [
        user
        for user in context.portal.users.values()
        if not (context.behaviour.settle_lists and context.is_settling(user))
    ]
    items, paging = page(found, context)
    return ok({"results": [_view(user) for user in items], **paging})


def create_user(context: Context) -> Reply:
    """Add a person; the record exists at once, the welcome mail asks for a password."""
    body, portal = context.body, context.portal
    missing = [name for name in ("email", "sendWelcomeEmail") if body.get(name) is None]
    if missing:
        raise bad_json(f"Some required fields were not set: [{', '.join(missing)}]")
    if not _ADDRESS.fullmatch(body["email"]):
        raise invalid(f"Email address {body['email']} is invalid")
    if portal.find_user(body["email"], by_email=True) is not None:
        status = int(context.mode("duplicate", "409"))
        category = CONFLICT if status == 409 else "VALIDATION_ERROR"  # noqa: PLR2004 - HTTP's own number
        raise HubSpotError(status, category, f"User already exists: {body['email']}")
    user = User(id=portal.next_id(), email=body["email"].lower(), created_at=context.call.at, origin="api")
    changed = _checked(context, user, body)
    _write(user, changed)
    user.welcomed = body["sendWelcomeEmail"]
    portal.add_user(user)
    context.record("user.create", user, {"sendWelcomeEmail": user.welcomed, **_detail(user)})
    location = f"{context.call.base_url}/hubspot/{_home(context.family)}/{user.id}"
    view = {**_view(user), "sendWelcomeEmail": user.welcomed}
    return Reply(201, json_bytes(view), (*JSON_HEADERS, ("location", location)))


def get_user(context: Context) -> Reply:
    return ok(_shown(context, context.user(write=False)))


def update_user(context: Context) -> Reply:
    """Partial in practice: what is absent stays, null clears, lists are replaced whole."""
    user, body = context.user(), dict(context.body)
    if "email" in body:
        if context.mode("email_in_put", "refused") == "refused":
            raise bad_json("Unrecognized field 'email'")
        del body["email"]
    changed = _checked(context, user, body)
    before = (context.portal.held(user), user.role, user.teams, user.first_name, user.last_name)
    _write(user, changed)
    if before != (context.portal.held(user), user.role, user.teams, user.first_name, user.last_name):
        context.record("user.update", user, {"fields": sorted(changed), **_detail(user)})
    return ok(_shown(context, user))


def delete_user(context: Context) -> Reply:
    """Remove from this account; the person's login elsewhere stays. 204."""
    user = context.user()
    if user.super_admin:
        raise invalid("Super admins can't be removed with this API")
    context.portal.remove_user(user)
    context.record("user.delete", user)
    return Reply(204)


def list_roles(context: Context) -> Reply:
    roles = [
        {"id": role.id, "name": role.name, "requiresBillingWrite": role.seat is not None}
        for role in context.portal.roles.values()
    ]
    return ok({"results": roles})


def list_teams(context: Context) -> Reply:
    people = context.portal.users.values()
    teams = [
        {
            "id": team,
            "name": name,
            "userIds": [user.id for user in people if user.primary_team == team],
            "secondaryUserIds": [user.id for user in people if team in user.secondary_teams],
        }
        for team, name in context.portal.teams.items()
    ]
    return ok({"results": teams})


def list_seats(context: Context) -> Reply:
    results = []
    for seat in context.portal.seats.values():
        free = context.portal.free_seats(seat.name)
        view: dict[str, Any] = {"name": seat.name, "description": seat.description}
        results.append(view if free is None else view | {"remainingSeats": free})
    return ok({"results": results})


def _checked(context: Context, user: User, body: dict[str, Any]) -> dict[str, Any]:
    """The members as they may be written; 400 for an unknown role, team or seat and for a seat that is not left."""
    portal = context.portal
    if body.get("roleId") is not None and body["roleId"] not in portal.roles:
        raise invalid(f"roleId {body['roleId']} does not exist", context={"roleId": [body["roleId"]]})
    teams = [body.get("primaryTeamId"), *(body.get("secondaryTeamIds") or [])]
    unknown = next((team for team in teams if team is not None and team not in portal.teams), None)
    if unknown is not None:
        raise invalid(f"team {unknown} does not exist", context={"teamId": [unknown]})
    wanted = set(body.get("seatNames") or [])
    if not wanted <= set(portal.seats):
        raise invalid(f"seat {min(wanted - set(portal.seats))} does not exist")
    role = portal.roles.get(body.get("roleId") or "")
    if role and role.seat:
        context.need_scope(_BILLING)
        wanted.add(role.seat)
    if body.get("seatNames") is not None:
        context.need_scope(_BILLING)
    for name in sorted(wanted - set(portal.held(user))):
        free = portal.free_seats(name)
        if free is not None and free <= 0:
            raise no_seat(name)
    return body


def no_seat(name: str) -> HubSpotError:
    return invalid(
        f"There are no {name}s left in this account", subCategory="UserProvisioningError.NO_SEATS_REMAINING"
    )


def _write(user: User, body: dict[str, Any]) -> None:
    for member, name in (("firstName", "first_name"), ("lastName", "last_name")):
        if member in body:
            setattr(user, name, body[member] or "")
    for member, name in (("roleId", "role"), ("primaryTeamId", "primary_team")):
        if member in body:
            setattr(user, name, body[member])
    if "secondaryTeamIds" in body:
        user.secondary_teams = list(body["secondaryTeamIds"] or [])
    if "seatNames" in body:
        user.seats = list(body["seatNames"] or [])


def _detail(user: User) -> dict[str, Any]:
    return {"roleId": user.role, "teams": user.teams, "seats": user.seats}


def _view(user: User) -> dict[str, Any]:
    view = {
        "id": user.id,
        "email": user.email,
        "firstName": user.first_name,
        "lastName": user.last_name,
        "roleId": user.role,
        "roleIds": [user.role] if user.role else [],
        "primaryTeamId": user.primary_team,
        "secondaryTeamIds": user.secondary_teams,
        "seatNames": user.seats,
        "sendWelcomeEmail": False,
        "superAdmin": user.super_admin,
    }
    return {name: value for name, value in view.items() if value is not None}


def _shown(context: Context, user: User) -> dict[str, Any]:
    """One person; the dated family's answer for one has no `seatNames`."""
    view = _view(user)
    if context.family == DATED:
        del view["seatNames"]
    return view


def _home(family: str) -> str:
    return MEMBERS.get(family, MEMBERS["classic"])


def _register() -> None:
    for family, path in COLLECTIONS.items():
        new = {**_NEW, **_SEATS} if _takes_seats(family, new=True) else _NEW
        operation("GET", path, scopes=READ_USERS, family=family, query=("limit", "after"))(list_users)
        operation("POST", path, scopes=WRITE_USERS, family=family, body=new)(create_user)
    one = ("idProperty",)
    for family, path in MEMBERS.items():
        changes = {**_CHANGES, **_SEATS} if _takes_seats(family, new=False) else _CHANGES
        member = f"{path}/{{userId}}"
        operation("GET", f"{path}/roles", scopes=READ_USERS, family=family)(list_roles)
        operation("GET", f"{path}/teams", scopes=("settings.users.teams.read",), family=family)(list_teams)
        operation("GET", member, scopes=READ_USERS, family=family, query=one)(get_user)
        operation(
            "PUT", member, scopes=WRITE_USERS, family=family, query=one, body={**changes, "email": str}
        )(update_user)
        operation("DELETE", member, scopes=WRITE_USERS, family=family, query=one)(delete_user)
    operation("GET", f"{MEMBERS[BETA]}/seats", scopes=(_BILLING,), family=BETA)(list_seats)


_register()

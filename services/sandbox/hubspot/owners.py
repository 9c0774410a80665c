"""Owners of CRM records, and the account's own details."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from services.sandbox.hubspot.errors import invalid, not_found
from services.sandbox.hubspot.operations import Context, ok, operation, page
from services.sandbox.hubspot.state import User
from services.sandbox.wire.call import Reply

_SCOPES = ("crm.objects.owners.read",)


@operation("GET", "crm/v3/owners", scopes=_SCOPES, query=("after", "archived", "email", "limit"))
def list_owners(context: Context) -> Reply:
    """Whoever was removed is an archived owner."""
    people = _people(context)
    email = context.query.get("email")
    found = [user for user in people.values() if email is None or user.email.lower() == email.lower()]
    items, paging = page(found, context, high=500)
    return ok({"results": [_view(context, user) for user in items], **paging})


@operation("GET", "crm/v3/owners/{ownerId}", scopes=_SCOPES, query=("archived", "idProperty"))
def get_owner(context: Context) -> Reply:
    key, by = context.args["ownerId"], context.query.get("idProperty", "id")
    if by not in {"id", "userId"} or not key.isdigit():
        raise invalid("idProperty is one of id, userId")
    for user in _people(context).values():
        if key == (user.owner_id if by == "id" else user.id):
            return ok(_view(context, user))
    raise not_found(f"There is no owner with {by} {key}")


def _people(context: Context) -> dict[str, User]:
    archived = context.query.get("archived", "false")
    if archived not in {"true", "false"}:
        raise invalid("archived must be true or false")
    return context.portal.deleted if archived == "true" else context.portal.users


def _view(context: Context, user: User) -> dict[str, Any]:
    is_there = user.deleted_at is None
    stamp = datetime.fromtimestamp(user.created_at, UTC).isoformat().replace("+00:00", "Z")
    view = {
        "id": user.owner_id,
        "email": user.email,
        "type": "PERSON",
        "firstName": user.first_name,
        "lastName": user.last_name,
        "userIdIncludingInactive": int(user.id),
        "createdAt": stamp,
        "updatedAt": stamp,
        "archived": not is_there,
        "teams": [
            {"id": team, "name": context.portal.teams[team], "primary": team == user.primary_team}
            for team in user.teams
        ],
    }
    return view | ({"userId": int(user.id)} if is_there else {})


@operation("GET", "account-info/v3/details", scopes=("oauth",))
def account_details(context: Context) -> Reply:
    return ok(
        {
            "portalId": context.portal.id,
            "accountType": "STANDARD",
            "timeZone": "Europe/Berlin",
            "companyCurrency": "EUR",
            "additionalCurrencies": [],
            "utcOffset": "+01:00",
            "utcOffsetMilliseconds": 3_600_000,
            "uiDomain": "app-eu1.hubspot.example",
            "dataHostingLocation": "eu1",
        }
    )

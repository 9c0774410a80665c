"""Copilot seats: bought by naming people, given back at the end of the cycle."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from services.sandbox.github.errors import GitHubError, not_found
from services.sandbox.github.operations import PAGING, Context, ok, operation
from services.sandbox.github.state import Account, Organization
from services.sandbox.github.views import org_simple, stamp, user_view
from services.sandbox.wire.call import Reply

_READ = "organization_copilot_seat_management:read"
_WRITE = "organization_copilot_seat_management:write"
_BILLING = "orgs/{org}/copilot/billing"
_BODY = {"selected_usernames": ["string"]}


def _setting(context: Context, org: Organization) -> str:
    """assign_selected, assign_all, disabled or unconfigured; the mode `copilot` overrides the seed."""
    return context.behaviour.modes.get("copilot", org.copilot_setting)


def _subscribed(context: Context) -> Organization:
    org = context.org
    if _setting(context, org) == "disabled":
        raise not_found("this organisation has no Copilot subscription")
    return org


@operation("GET", _BILLING, permission=_READ)
def get_billing(context: Context) -> Reply:
    org = _subscribed(context)
    body = {
        "seat_breakdown": {
            "total": len(org.copilot),
            "added_this_cycle": len(org.copilot),
            "pending_invitation": 0,
            "pending_cancellation": len(org.copilot_ending),
            "active_this_cycle": 0,
            "inactive_this_cycle": len(org.copilot),
        },
        "seat_management_setting": _setting(context, org),
        "public_code_suggestions": "block",
        "ide_chat": "enabled",
        "platform_chat": "enabled",
        "cli": "enabled",
        "plan_type": "business",
    }
    return ok(body)


@operation("GET", _BILLING + "/seats", permission=_READ, query=PAGING)
def list_seats(context: Context) -> Reply:
    org = _subscribed(context)
    seats = [_seat(context, org, org.members[number].account) for number in org.copilot]
    page, links = context.cut(seats)
    reply = ok({"total_seats": len(seats), "seats": page})
    reply.headers += links
    return reply


@operation("GET", "orgs/{org}/members/{username}/copilot", permission=_READ)
def get_seat(context: Context) -> Reply:
    org, account = _subscribed(context), context.need_account()
    if account.id not in org.copilot:
        raise not_found()
    return ok(_seat(context, org, account))


def _seat(context: Context, org: Organization, account: Account) -> dict[str, Any]:
    ends = datetime.now(UTC).date().replace(day=28).isoformat()
    return {
        "created_at": stamp(org.copilot[account.id]),
        "updated_at": stamp(org.copilot[account.id]),
        "pending_cancellation_date": ends if account.id in org.copilot_ending else None,
        "last_activity_at": None,
        "last_activity_editor": None,
        "plan_type": "business",
        "assignee": user_view(account, context.base),
        "assigning_team": None,
        "organization": org_simple(org, context.base),
    }


@operation(
    "POST",
    _BILLING + "/selected_users",
    permission=_WRITE,
    body=_BODY,
    required=("selected_usernames",),
)
def add_seats(context: Context) -> Reply:
    org, accounts = _selected(context)
    created = 0
    for account in accounts:
        if account.id in org.copilot and account.id not in org.copilot_ending:
            continue
        org.copilot.setdefault(account.id, context.call.at)
        org.copilot_ending.discard(account.id)
        created += 1
        context.record("copilot.add", account.login, account.keys, domain=org.domain)
    return ok({"seats_created": created}, 201)


@operation(
    "DELETE",
    _BILLING + "/selected_users",
    permission=_WRITE,
    body=_BODY,
    required=("selected_usernames",),
)
def cancel_seats(context: Context) -> Reply:
    """The seat stays until the cycle ends; only its end is marked."""
    org, accounts = _selected(context)
    cancelled = 0
    for account in accounts:
        if account.id not in org.copilot or account.id in org.copilot_ending:
            continue
        org.copilot_ending.add(account.id)
        cancelled += 1
        context.record("copilot.remove", account.login, account.keys, domain=org.domain)
    return ok({"seats_cancelled": cancelled})


def _selected(context: Context) -> tuple[Organization, list[Account]]:
    org = context.org
    if _setting(context, org) != "assign_selected":
        raise GitHubError(
            422,
            "Copilot Business is not enabled for this organization, or seats are not assigned to selected users.",
        )
    accounts = [context.world.find_login(login) for login in context.body["selected_usernames"]]
    members = [account for account in accounts if account is not None and account.id in org.members]
    if len(members) != len(accounts):
        raise GitHubError(422, "One or more of the users are not members of this organization.")
    return org, members

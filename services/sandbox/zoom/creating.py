"""`POST /users`: four ways to add a person, each with its own precondition.

Modes: `auto_create`, `sso_create`, `cust_create` (`on`; Zoom has to enable each), `duplicate` (`live`, `spec`,
`active`), `plan` (`free`, `pro`, `business`) and `create_cap` for the daily cap of `create`.
"""

from __future__ import annotations

import hashlib
import re
from typing import Any

from services.sandbox.wire.call import Reply
from services.sandbox.zoom.errors import (
    ACTIVE_ELSEWHERE,
    BLOCKED_DOMAIN,
    TAKEN,
    ZoomError,
    invalid,
    no_right,
    refused,
)
from services.sandbox.zoom.operations import LIGHT, Context, ok, operation
from services.sandbox.zoom.schema import CREATE, LIMITS
from services.sandbox.zoom.seats import check_license_list, need_seat, need_united
from services.sandbox.zoom.state import ACTIVE, BASIC, LICENSED, NONE, ON_PREM, PENDING, User
from services.sandbox.zoom.views import created_view

_ADDRESS = re.compile(r"[^@\s]{1,64}@[A-Za-z0-9.\-]+\.[A-Za-z]{2,}")
_DAILY_CAPS = {"free": 50, "pro": 1500, "business": 10_000}
_SWITCHES = {"autoCreate": "auto_create", "ssoCreate": "sso_create", "custCreate": "cust_create"}
_LOGIN_TYPES = {"autoCreate": 100, "custCreate": 99, "ssoCreate": 101}
_PASSWORD = (8, 32)


@operation("POST", "users", label=LIGHT, scopes=("user:write:admin", "user:write:user:admin"), body=CREATE)
def create_user(context: Context) -> Reply:
    """Create; `create` mails an activation link and leaves the person pending, the others are usable at once."""
    account = context.account
    action, info = _read(context)
    email = info["email"]
    if email.rpartition("@")[2].lower() in account.blocked_domains:
        raise ZoomError(400, BLOCKED_DOMAIN, "Email domain is blocked")
    _must_be_enabled(context, action, info)
    _must_be_free(context, email)
    _count_today(context, action)
    need_seat(context, info["type"])
    if info.get("plan_united_type"):
        need_united(context, info["plan_united_type"], None)
    check_license_list(info.get("license_info_list"))
    lapsed = account.find_user(email)
    if lapsed is not None:  # an invitation that ran out makes room for the new one
        account.remove_user(lapsed)
    user = _make(context, action, info)
    account.add_user(user)
    context.record("user.create", user.email, user, {"action": action, "type": user.type})
    context.announce("user.created", user)
    return ok(created_view(user), 201)


def _read(context: Context) -> tuple[str, dict[str, Any]]:
    action, info = context.body.get("action"), context.body.get("user_info") or {}
    if action not in {"create", *_SWITCHES}:
        raise invalid("action")
    email = info.get("email") or ""
    if not _ADDRESS.fullmatch(email):
        raise invalid("user_info.email")
    if info.get("type") not in {BASIC, LICENSED, ON_PREM, NONE}:
        raise invalid("user_info.type")
    if info["type"] == NONE and action != "ssoCreate":
        raise invalid("user_info.type", "This type can only be set with ssoCreate.")
    for name, limit in LIMITS.items():
        if len(info.get(name) or "") > limit:
            raise invalid(f"user_info.{name}")
    return action, info


def _must_be_enabled(context: Context, action: str, info: dict[str, Any]) -> None:
    if action == "create":
        return
    if context.mode(_SWITCHES[action], "off") != "on":
        raise no_right()
    if action == "autoCreate":
        if info["email"].rpartition("@")[2].lower() not in context.account.domains:
            raise no_right("No permission. The email does not belong to a managed domain.")
        _check_password(info.get("password") or "")


def _check_password(password: str) -> None:
    kinds = (str.isupper, str.islower, str.isdigit)
    low, high = _PASSWORD
    if not low <= len(password) <= high or not all(any(kind(one) for one in password) for kind in kinds):
        raise refused("Invalid parameter: password")


def _must_be_free(context: Context, email: str) -> None:
    user = context.account.find_user(email)
    if user is None or user.lapsed:
        return
    match context.mode("duplicate", "live"):
        case "spec":
            raise ZoomError(409, TAKEN, f"Email {email} has already been used.")
        case "active":
            raise ZoomError(400, ACTIVE_ELSEWHERE, f"The user {email} already holds an active account.")
        case _:
            raise ZoomError(409, TAKEN, f"User already in the account: {email}")


def _count_today(context: Context, action: str) -> None:
    if action != "create":
        return
    plan = context.mode("plan", "business")
    cap = int(context.mode("create_cap", str(_DAILY_CAPS.get(plan, 50))))
    if context.account.created_today >= cap:
        raise ZoomError(
            429,
            429,
            f"You have exceeded the daily rate limit ({cap}) of Create User API requests for this account. This"
            " limit resets at GMT 00:00:00.",
        )
    context.account.created_today += 1


def _make(context: Context, action: str, info: dict[str, Any]) -> User:
    password = info.get("password") if action == "autoCreate" else None
    given, family = info.get("first_name") or "", info.get("last_name") or ""
    return User(
        email=info["email"],
        first_name=given,
        last_name=family,
        display_name=info.get("display_name") or f"{given} {family}".strip(),
        type=info["type"],
        status=PENDING if action == "create" else ACTIVE,
        united=info.get("plan_united_type"),
        licenses=list(info.get("license_info_list") or []),
        created_at=context.call.at,
        login_type=_LOGIN_TYPES.get(action, 100),
        password=hashlib.sha256(password.encode()).hexdigest() if password else None,
        merges=info["email"].lower() in context.account.elsewhere,
        origin="api",
    )

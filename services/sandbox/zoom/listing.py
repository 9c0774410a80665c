"""`GET /users`, plan usage, managed domains and add-ons.

Modes: `pending_ids` (`present`, `absent`: the list leaves out ids of pending people).
"""

from __future__ import annotations

from typing import Any

from services.sandbox.wire.call import Reply
from services.sandbox.zoom.errors import NOT_CHANGEABLE, ZoomError, refused
from services.sandbox.zoom.operations import HEAVY, LIGHT, MEDIUM, Context, ok, operation, page
from services.sandbox.zoom.schema import SETTINGS
from services.sandbox.zoom.seats import need_add_on
from services.sandbox.zoom.state import BASIC, User
from services.sandbox.zoom.users import WRITE
from services.sandbox.zoom.views import listed_view, settings_view

_STATUSES = ("active", "inactive", "pending")
_ME = "me"


@operation(
    "GET",
    "users",
    label=MEDIUM,
    scopes=("user:read:admin", "user:read:list_users:admin"),
    query=("status", "page_size", "role_id", "page_number", "include_fields", "next_page_token"),
)
def list_users(context: Context) -> Reply:
    """People of one status, `active` unless asked: pending ones are invisible by default."""
    account = context.account
    status, role = context.choice("status", _STATUSES, "active"), context.query.get("role_id")
    found = [
        user
        for user in account.users.values()
        if user.status == status
        and not user.lapsed
        and (role is None or user.role == role)
        and not (context.behaviour.settle_lists and context.is_settling(user))
    ]
    items, about = page(found, context, f"users-{status}-{role or ''}")
    with_ids = context.mode("pending_ids", "present") == "present"
    views = [listed_view(account, user, now=context.call.at, with_pending_ids=with_ids) for user in items]
    return ok({**about, "users": views})


@operation("GET", "users/{userId}/settings", label=MEDIUM, scopes=("user:read:admin", "user:read:settings:admin"),
           query=("login_type", "option", "custom_query_fields"))  # fmt: skip
def get_settings(context: Context) -> Reply:
    return ok(settings_view(context.user(write=False)))


@operation("PATCH", "users/{userId}/settings", label=LIGHT, scopes=(WRITE[0], "user:update:settings:admin"),
           query=("option",), body=SETTINGS)  # fmt: skip
def update_settings(context: Context) -> Reply:
    """Switch add-ons. Other settings than `feature` are not imitated and therefore refused."""
    user, feature = context.user(), context.body.get("feature") or {}
    if user.is_pending:
        return Reply(204)  # taken and forgotten, as with the licence
    for name, kind in (("large_meeting", "large"), ("webinar", "webinar")):
        if feature.get(name) is not None or feature.get(f"{name}_capacity") is not None:
            _switch(context, user, kind, name, feature)
    return Reply(204)


def _switch(context: Context, user: User, kind: str, name: str, feature: dict[str, Any]) -> None:
    held = {sku for sku in user.features if sku.startswith(kind)}
    wanted: set[str] = set()
    if feature.get(name, True):
        if user.type == BASIC:
            code = NOT_CHANGEABLE if kind == "large" else 1122
            raise ZoomError(
                400, code, f"The {name} feature can only be enabled for Licensed or On-prem users."
            )
        capacity = feature.get(f"{name}_capacity")
        if capacity is None:
            raise refused(f"Invalid parameter: {name}_capacity")
        wanted = {f"{kind}{capacity}"}
        need_add_on(context, f"{kind}{capacity}", user)
    if wanted != held:
        user.features = user.features - held | wanted
        verb = "assign" if wanted else "remove"
        context.record(f"license.{verb}", user.email, user, {"add_on": sorted(wanted or held)})


@operation(
    "GET",
    "accounts/{accountId}/plans/usage",
    label=HEAVY,
    scopes=("account:read:admin", "billing:master", "billing:read:plan_usage:admin"),
)
def plan_usage(context: Context) -> Reply:
    """What was bought and what is used. A regular account says `me`."""
    account = _own(context)
    body: dict[str, Any] = {"plan_base": [_usage(context, "licensed", context.mode("plan", "business"))]}
    for member, kind in (("plan_large_meeting", "large"), ("plan_webinar", "webinar")):
        skus = [sku for sku in account.skus if sku.startswith(kind)]
        body[member] = [_usage(context, sku, sku) for sku in skus]
    united = next((sku for sku in account.skus if sku.startswith("united")), None)
    if united:
        body["plan_united"] = {**_usage(context, united, united), "name": account.skus[united].name}
    return ok(body)


def _usage(context: Context, sku: str, name: str) -> dict[str, Any]:
    account = context.account
    return {"type": name, "hosts": account.skus[sku].seats, "usage": account.used(sku)}


@operation("GET", "accounts/{accountId}/managed_domains", label=LIGHT, scopes=("account:read:admin",))
def managed_domains(context: Context) -> Reply:
    account = _own(context)
    domains = [{"domain": name, "status": "active"} for name in account.domains]
    if context.mode("managed_domain", "off") != "on" and context.mode("auto_create", "off") != "on":
        domains = []
    return ok({"domains": domains, "total_records": len(domains)})


def _own(context: Context) -> Any:
    if context.args["accountId"] not in {_ME, context.account.id}:
        raise ZoomError(404, 2001, f"Account does not exist: {context.args['accountId']}.")
    return context.account

"""One person: read, look up, change, deactivate, remove, sign out.

Modes: `pending_read` (`full`, `half`), `pending_patch` (`ignored`, `sticks`), `status_reply` (204, 200),
`managed_domain` (`on` forbids to unlink people of the account's domains), `inactive_delete` (`refused`).
"""

from __future__ import annotations

from typing import Any

from services.sandbox.wire.call import Reply
from services.sandbox.zoom.errors import (
    BLOCKED_DOMAIN,
    NOT_CHANGEABLE,
    ZoomError,
    invalid,
    no_group,
    no_right,
    refused,
)
from services.sandbox.zoom.operations import LIGHT, Context, ok, operation
from services.sandbox.zoom.schema import LIMITS, PATCH, PROFILE_FIELDS, STATUS
from services.sandbox.zoom.seats import check_license_list, need_seat, need_united
from services.sandbox.zoom.state import (
    ACTIVE,
    ADMIN_ROLE,
    BASIC,
    INACTIVE,
    LICENSED,
    NONE,
    ON_PREM,
    OWNER_ROLE,
    User,
)
from services.sandbox.zoom.views import user_view

WRITE = ("user:write:admin", "user:update:user:admin")
READ = ("user:read:admin", "user:read:user:admin")
_LOGIN_TYPES = ("0", "1", "99", "100", "101")


@operation("GET", "users/{userId}", label=LIGHT, scopes=READ, query=("login_type",))
def get_user(context: Context) -> Reply:
    if "login_type" in context.query:
        context.choice("login_type", _LOGIN_TYPES, "100")
    user = context.user(write=False)
    is_half = context.mode("pending_read", "full") == "half"
    return ok(user_view(context.account, user, now=context.call.at, is_half=is_half))


@operation("GET", "users/email", label=LIGHT, scopes=READ, query=("email",))
def check_email(context: Context) -> Reply:
    """Whether somebody of this account signs in with the address; false for everybody outside, even on Zoom."""
    email = context.query.get("email")
    if not email:
        raise refused("Email is required.")
    user = context.account.find_user(email)
    return ok({"existed_email": user is not None and user.status == ACTIVE and user.login_type == 100})  # noqa: PLR2004 - Zoom's number for a work address


@operation("PATCH", "users/{userId}", label=LIGHT, scopes=WRITE, query=("login_type",), body=PATCH)
def update_user(context: Context) -> Reply:
    """204, always. While the person is pending, a change of the licence is taken and forgotten."""
    user, body = context.user(), context.body
    _check(context, user, body)
    for name in ("first_name", "last_name", "display_name"):
        if body.get(name) is not None:
            setattr(user, name, body[name])
    user.fields |= {name: body[name] for name in _KEPT if body.get(name) is not None}
    if body.get("group_id"):
        _place(context, user, body["group_id"])
    changed = _change_licences(context, user, body)
    others = sorted(set(body) - {"type", "plan_united_type", "license_info_list", "group_id"})
    if others:
        context.record("user.update", user.email, user, {"fields": others})
    if changed:
        is_less = changed.get("type") == BASIC or not any(changed.values())
        context.record("license.remove" if is_less else "license.assign", user.email, user, changed)
    return Reply(204)


_KEPT = frozenset(PROFILE_FIELDS) - {"group_id"} | {"custom_attributes", "phone_numbers", "pmi", "use_pmi"}


def _check(context: Context, user: User, body: dict[str, Any]) -> None:
    for name, limit in LIMITS.items():
        if len(body.get(name) or "") > limit:
            raise invalid(name)
    if not body:
        raise invalid("body", "Request Body should be a valid JSON object.")
    wanted = body.get("type")
    if wanted is not None:
        if wanted not in {BASIC, LICENSED, ON_PREM, NONE} or (wanted == NONE and user.login_type != 101):  # noqa: PLR2004 - Zoom's number for SSO
            raise invalid("type")
        if user.status == INACTIVE:
            raise ZoomError(
                400,
                NOT_CHANGEABLE,
                "Permission requirements to change the user type of this user were not met.",
            )
        need_seat(context, wanted, user=user)
    if body.get("plan_united_type"):
        need_united(context, body["plan_united_type"], user)
    check_license_list(body.get("license_info_list"))


def _change_licences(context: Context, user: User, body: dict[str, Any]) -> dict[str, Any]:
    if user.is_pending and context.mode("pending_patch", "ignored") == "ignored":
        return {}
    changed: dict[str, Any] = {}
    if body.get("type") is not None and body["type"] != user.type:
        changed["type"] = user.type = body["type"]
    if body.get("plan_united_type") is not None and body["plan_united_type"] != (user.united or ""):
        user.united = changed["plan_united_type"] = body["plan_united_type"] or None
    if body.get("license_info_list") is not None and body["license_info_list"] != user.licenses:
        user.licenses = changed["license_info_list"] = body["license_info_list"]
    if user.type == BASIC:  # a basic person holds no add-on
        user.features.clear()
    return changed


def _place(context: Context, user: User, group_id: str) -> None:
    """`group_id` of PATCH: the documented way to put a pending person into a group."""
    group = context.account.groups.get(group_id)
    if group is None:
        raise no_group(group_id)
    if user.id not in group.members:
        group.members[user.id] = context.call.at
        context.record("member.add", group.id, user, {"group": group.name})


@operation(
    "PUT", "users/{userId}/status", label=LIGHT, scopes=(WRITE[0], "user:update:status:admin"), body=STATUS
)
def change_status(context: Context) -> Reply:
    """Deactivation takes every licence; activation needs a basic seat again."""
    user, action = context.user(), context.body.get("action")
    if action not in {"activate", "deactivate"}:
        raise invalid("action")
    if user.role in {OWNER_ROLE, ADMIN_ROLE}:
        raise no_right("Zoom Room and Admin users' status can not be activated or deactivated.")
    if user.is_pending:
        raise no_right("The status of a pending user can not be changed.")
    if action == "deactivate" and user.status == ACTIVE:
        user.status, user.type, user.united = INACTIVE, BASIC, None
        user.licenses, user.features = [], set()
        context.record("user.deactivate", user.email, user)
        context.announce("user.deactivated", user)
    elif action == "activate" and user.status == INACTIVE:
        need_seat(context, BASIC)
        user.status = ACTIVE
        context.record("user.activate", user.email, user)
        context.announce("user.activated", user)
    return Reply(int(context.mode("status_reply", "204")))


_TRANSFERS = ("transfer_meeting", "transfer_webinar", "transfer_recording", "transfer_whiteboard")


@operation(
    "DELETE",
    "users/{userId}",
    label=LIGHT,
    scopes=(WRITE[0], "user:delete:user:admin"),
    query=("action", "transfer_email", *_TRANSFERS),
)
def delete_user(context: Context) -> Reply:
    """Unlink (the default) or delete; pending people can only be unlinked."""
    user = context.user()
    action = context.choice("action", ("disassociate", "delete"), "disassociate")
    moved = [name for name in _TRANSFERS if context.choice(name, ("true", "false"), "false") == "true"]
    _may_leave(context, user, action)
    heir = context.query.get("transfer_email")
    if heir:
        _check_heir(context, user, heir)
    elif moved:
        raise invalid("transfer_email", "An address is required to transfer to.")
    context.account.remove_user(user)
    detail = {"action": action, "transfer_email": heir, "transfers": moved}
    context.record("user.delete" if action == "delete" else "user.disassociate", user.email, user, detail)
    context.announce("user.deleted" if action == "delete" else "user.disassociated", user)
    return Reply(204)


def _may_leave(context: Context, user: User, action: str) -> None:
    if user.role == OWNER_ROLE:
        raise no_right("Cannot delete a user out of your account.")
    if action == "delete":
        if user.is_pending:
            raise refused("A pending user can only be disassociated.")
        if user.status == INACTIVE and context.mode("inactive_delete", "allowed") == "refused":
            raise no_right("Unable to delete this deactivated user. Please contact Zoom support team.")
        return
    if user.role == ADMIN_ROLE:
        raise ZoomError(400, 1117, "You can not disassociate an Admin user.")
    in_domain = user.email.rpartition("@")[2].lower() in context.account.domains
    if context.mode("managed_domain", "off") == "on" and in_domain and not user.is_pending:
        raise ZoomError(400, BLOCKED_DOMAIN, "You can not disassociate a user with managed domain.")


def _check_heir(context: Context, user: User, address: str) -> None:
    if address.lower() == user.email.lower():
        raise refused(
            "The transfer-to email address cannot be the same as the unlinked or deleted user's email address."
        )
    heir = context.account.find_user(address)
    if heir is None or heir.status != ACTIVE:
        raise refused(f"User {address} not exist or not belong to this account.")


@operation("DELETE", "users/{userId}/token", label=LIGHT, scopes=(WRITE[0], "user:delete:token:admin"))
def revoke_sessions(context: Context) -> Reply:
    user = context.user()
    user.sign_outs += 1
    context.record("sessions.revoke", user.email, user)
    return Reply(204)

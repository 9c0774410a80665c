"""SCIM users: what Slack makes of them, and what it refuses."""

from __future__ import annotations

from typing import Any

from services.sandbox.slack.bodies import read_user
from services.sandbox.slack.errors import SlackError
from services.sandbox.slack.filters import chooser
from services.sandbox.slack.operations import Context, operation
from services.sandbox.slack.patching import patched, read_operations
from services.sandbox.slack.state import User
from services.sandbox.slack.views import document, user_view
from services.sandbox.wire.call import Reply

_FILTERS = {"username": "user_name", "email": "emails", "emails.value": "emails"}


@operation("GET", "Users", query=("startIndex", "count", "filter"))
def list_users(context: Context) -> Reply:
    """Everybody, deactivated people too, in the order in which they came."""
    fits = chooser(context.query.get("filter"), context.mode("filters", "on"), _FILTERS)
    views = [
        user_view(context.workspace, user, context.call.base_url)
        for user in context.workspace.users.values()
        if fits({"user_name": user.user_name, "emails": [one["value"] for one in user.emails]})
    ]
    return context.paged(views)


@operation("GET", "Users/{id}")
def get_user(context: Context) -> Reply:
    return context.ok(user_view(context.workspace, context.need_user(), context.call.base_url))


@operation("POST", "Users", body=True)
def create_user(context: Context) -> Reply:
    """Active at once: Slack sends no invitation that somebody would have to accept."""
    wish = _read(context, context.body)
    _check_unique(context, wish, None)
    _check_guest(context, wish["guest"], None)
    user = User(
        user_name=wish["user_name"],
        emails=wish["emails"],
        fields=wish["fields"],
        active=wish["active"] is not False,
        guest=wish["guest"],
        created_at=context.call.at,
        in_workspace=not context.has_organisation,
        origin="api",
    )
    _resolve_manager(context, user.fields)
    context.workspace.users[user.id] = user
    for channel in context.workspace.channels.values():
        if channel.is_general and user.guest is None and user.in_workspace:
            channel.members.append(user.id)
    context.record("user.create", user.address, user.keys, {"guest": user.guest is not None})
    status = int(context.mode("create_status", "201"))
    return context.ok(user_view(context.workspace, user, context.call.base_url), status)


@operation("PUT", "Users/{id}", body=True)
def replace_user(context: Context) -> Reply:
    """Overwrites, and blanks what the body leaves out; whether somebody is active or a guest stays."""
    user = context.need_user()
    wish = _read(context, context.body)
    if wish["active"] is None:
        wish["active"] = user.active
    wish["guest"] = wish["guest"] or user.guest
    return _store(context, user, wish)


@operation("PATCH", "Users/{id}", body=True)
def patch_user(context: Context) -> Reply:
    user = context.need_user()
    operations = read_operations(context.body)
    body = patched(document(user), operations)
    wish = _read(context, body)
    if wish["active"] is None:
        wish["active"] = user.active
    converts = (wish["guest"] is None) != (user.guest is None)
    if converts and "active" not in {one.get("path") for one in operations}:
        wish["active"] = True  # converting member and guest both ways reactivates
    return _store(context, user, wish)


@operation("DELETE", "Users/{id}")
def delete_user(context: Context) -> Reply:
    """Slack deletes nobody: the account is deactivated and stays readable."""
    user = context.need_user()
    _check_owner(user, active=False)
    _activate(context, user, active=False)
    context.record("user.deactivate", user.address, user.keys)
    return Reply(204)


def _read(context: Context, body: dict[str, Any]) -> dict[str, Any]:
    return read_user(body, cut_names=context.mode("long_usernames", "cut") == "cut")


def _check_unique(context: Context, wish: dict[str, Any], user: User | None) -> None:
    if context.workspace.is_name_taken(wish["user_name"], apart=user):
        raise SlackError("username_taken")
    for email in wish["emails"]:
        if context.workspace.find_by_email(email["value"], apart=user) is not None:
            raise SlackError("email_taken")


def _check_guest(context: Context, guest: dict[str, Any] | None, user: User | None) -> None:
    if guest is None or (user is not None and user.guest is not None):
        return
    if context.plan != "enterprise":
        raise SlackError("permission_denied", note="guests are made by SCIM on Enterprise only")
    if user is not None and user.role != "member":
        raise SlackError("cannot_make_user_guest")


def _check_owner(user: User, *, active: bool) -> None:
    if user.role == "primary_owner" and not active:
        raise SlackError("cannot_disable_primary_owner")
    if user.role in {"owner", "primary_owner"}:
        raise SlackError("cannot_modify_owner")


def _resolve_manager(context: Context, fields: dict[str, Any]) -> None:
    """Keep the id of the manager, who may be named by id, address or user name."""
    manager = (fields.get("enterprise") or {}).get("manager")
    if manager is None:
        return
    found = context.workspace.find_user(manager["managerId"])
    if found is None:
        raise SlackError("no_such_user", note="the manager is unknown")
    manager["managerId"] = found.id


def _store(context: Context, user: User, wish: dict[str, Any]) -> Reply:
    _check_owner(user, active=wish["active"])
    _check_unique(context, wish, user)
    _check_guest(context, wish["guest"], user)
    _resolve_manager(context, wish["fields"])
    kind, changed = _kind_of(user, wish), _changed(user, wish)
    user.user_name, user.emails = wish["user_name"], wish["emails"]
    user.fields, user.guest = wish["fields"], wish["guest"]
    if user.guest is not None:
        context.workspace.leave_everything(user)
    _activate(context, user, active=wish["active"])
    context.record(kind, user.address, user.keys, {"fields": changed})
    return context.ok(user_view(context.workspace, user, context.call.base_url))


def _activate(context: Context, user: User, *, active: bool) -> None:
    if user.active and not active:
        context.workspace.leave_everything(user)
        for channel in context.workspace.channels_of(user):
            channel.members.remove(user.id)
        user.in_workspace = user.in_workspace and not context.has_organisation
    user.active = active


def _kind_of(user: User, wish: dict[str, Any]) -> str:
    if user.active != wish["active"]:
        return "user.activate" if wish["active"] else "user.deactivate"
    if (user.guest is None) != (wish["guest"] is None):
        return "user.make_member" if wish["guest"] is None else "user.make_guest"
    return "user.update"


def _changed(user: User, wish: dict[str, Any]) -> list[str]:
    names = {*user.fields, *wish["fields"]}
    changed = {name for name in names if user.fields.get(name) != wish["fields"].get(name)}
    pairs = {
        "userName": (user.user_name, wish["user_name"]),
        "emails": (user.emails, wish["emails"]),
        "active": (user.active, wish["active"]),
        "guest": (user.guest, wish["guest"]),
    }
    return sorted(changed | {name for name, (old, new) in pairs.items() if old != new})

"""What a client may write into a user: known members only, the right types, Slack's bounds."""

from __future__ import annotations

import re
from typing import Any

from services.sandbox.slack.errors import SlackError
from services.sandbox.slack.names import NAME_LIMIT, convert_name, full_name_of

CORE_USER = "urn:ietf:params:scim:schemas:core:2.0:User"
CORE_GROUP = "urn:ietf:params:scim:schemas:core:2.0:Group"
ENTERPRISE = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"
GUEST = "urn:ietf:params:scim:schemas:extension:slack:guest:2.0:User"
PROFILE = "urn:ietf:params:scim:schemas:extension:slack:profile:2.0:User"

STRINGS = (
    "externalId",
    "displayName",
    "nickName",
    "profileUrl",
    "title",
    "userType",
    "preferredLanguage",
    "locale",
    "timezone",
)
LISTS: dict[str, frozenset[str]] = {
    "addresses": frozenset(
        {"streetAddress", "locality", "region", "postalCode", "country", "formatted", "type", "primary"}
    ),
    "phoneNumbers": frozenset({"value", "type", "primary"}),
    "photos": frozenset({"value", "type", "primary"}),
    "roles": frozenset({"value", "type", "primary", "display"}),
}
NAME = frozenset({"givenName", "familyName", "middleName", "honorificPrefix", "honorificSuffix", "formatted"})
_ENTERPRISE = frozenset({"employeeNumber", "costCenter", "organization", "division", "department", "manager"})
_EMAIL = frozenset({"value", "type", "primary", "display"})
_READ_ONLY = frozenset({"id", "meta", "groups"})
_MEMBERS = (
    {"schemas", "userName", "emails", "name", "active", "password", ENTERPRISE, GUEST, PROFILE}
    | _READ_ONLY
    | set(STRINGS)
    | set(LISTS)
)
_ADDRESS = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s.]+")
_DISPLAY_LIMIT = 80
_KEPT_EMAILS = 2


def read_user(body: dict[str, Any], *, cut_names: bool) -> dict[str, Any]:
    """Return the cleaned user: `user_name`, `emails`, `active` (None when not said), `guest`, and `fields`.

    Raises:
        SlackError: an unknown member, a wrong type, a missing or impossible value.
    """
    _check_members(body)
    return {
        "user_name": _user_name(body.get("userName"), cut_names=cut_names),
        "emails": _emails(body.get("emails")),
        "active": _active(body.get("active")),
        "guest": _guest(body.get(GUEST)),
        "fields": _fields(body),
    }


def _check_members(body: dict[str, Any]) -> None:
    schemas = body.get("schemas")
    if not isinstance(schemas, list) or CORE_USER not in schemas:
        raise SlackError("missing_schema_element")
    for name in body:
        if name not in _MEMBERS:
            raise SlackError("invalid_request_payload", note=f"unknown member {name}")
        if name.startswith("urn:") and name not in schemas:
            raise SlackError("missing_schema_element", note=f"{name} is used and not listed in schemas")
    if body.get("password") is not None:
        raise SlackError("password_change_not_allowed")


def _text(value: Any, name: str) -> str | None:
    if value is None or isinstance(value, str):
        return value or None
    raise SlackError("invalid_request_payload", note=f"{name} is no text")


def _user_name(value: Any, *, cut_names: bool) -> str:
    if not isinstance(value, str) or not value.strip():
        raise SlackError("invalid_request_payload", note="userName is required")
    if not cut_names and len(full_name_of(value)) > NAME_LIMIT:
        raise SlackError("username_too_long")
    return convert_name(value)


def _emails(value: Any) -> list[dict[str, Any]]:
    items = [] if value is None else value
    if not isinstance(items, list):
        raise SlackError("invalid_request_payload", note="emails is no list")
    if not items:
        raise SlackError("missing_primary_email")
    for item in items:
        address = item.get("value") if isinstance(item, dict) else None
        if not isinstance(address, str) or not _ADDRESS.fullmatch(address):
            raise SlackError("email_invalid")
        if set(item) - _EMAIL:
            raise SlackError("invalid_request_payload", note="unknown member of emails")
    first = next((one for one in items if is_true(one.get("primary"))), None)
    if first is None and len(items) > 1:
        raise SlackError("missing_primary_email")
    first = first or items[0]
    rest = [one for one in items if one is not first]
    kept = [first, *rest][:_KEPT_EMAILS]
    return [{"value": one["value"], "primary": one is first} for one in kept]


def is_true(value: Any) -> bool:
    """Slack takes the word "true" as well, e.g. in `roles[].primary`."""
    return value is True or (isinstance(value, str) and value.lower() == "true")


def _active(value: Any) -> bool | None:
    if value is None or isinstance(value, bool):
        return value
    raise SlackError("invalid_request_payload", note="active is no boolean")


def _guest(value: Any) -> dict[str, Any] | None:
    if value is None:
        return None
    if not isinstance(value, dict) or set(value) - {"type", "expiration", "channels"}:
        raise SlackError("invalid_request_payload", note="the guest extension has type and expiration")
    if value.get("type") != "multi":
        raise SlackError("invalid_request_payload", note="only multi-channel guests are made by SCIM")
    return {"type": "multi", "expiration": _text(value.get("expiration"), "expiration")}


def _fields(body: dict[str, Any]) -> dict[str, Any]:
    fields: dict[str, Any] = {name: _text(body.get(name), name) for name in STRINGS}
    if len(fields["displayName"] or "") > _DISPLAY_LIMIT:
        raise SlackError("invalid_display_name")
    fields["name"] = _complex(body.get("name"), NAME, "name")
    for name, known in LISTS.items():
        fields[name] = _list(body.get(name), known, name)
    extension = dict(body.get(ENTERPRISE) or {})
    manager = extension.pop("manager", None)
    fields["enterprise"] = _complex(extension, _ENTERPRISE, "the enterprise extension")
    if manager is not None:
        fields["enterprise"]["manager"] = _manager(manager)
    fields["profile"] = _complex(body.get(PROFILE), frozenset({"startDate"}), "the profile extension")
    return {name: value for name, value in fields.items() if value}


def _manager(value: Any) -> dict[str, Any]:
    key = value.get("managerId") if isinstance(value, dict) else None
    if not isinstance(key, str) or not key or set(value) - {"managerId", "displayName"}:
        raise SlackError("invalid_request_payload", note="manager is written as managerId")
    return {"managerId": key}


def _complex(value: Any, known: frozenset[str], where: str) -> dict[str, Any]:
    if value is None:
        return {}
    if not isinstance(value, dict) or set(value) - known:
        raise SlackError("invalid_request_payload", note=f"unknown member of {where}")
    return {name: text for name, text in ((n, _text(v, n)) for n, v in value.items()) if text}


def _list(value: Any, known: frozenset[str], where: str) -> list[dict[str, Any]]:
    if value is None:
        return []
    if not isinstance(value, list) or not all(isinstance(item, dict) for item in value):
        raise SlackError("invalid_request_payload", note=f"{where} is no list of objects")
    if any(set(item) - known for item in value):
        raise SlackError("invalid_request_payload", note=f"unknown member of {where}")
    return [
        {name: is_true(one) if name == "primary" else one for name, one in item.items()} for item in value
    ]

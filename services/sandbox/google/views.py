"""Objects as the Directory API shows them. A password has no way into these."""

from __future__ import annotations

import base64
import hashlib
from datetime import UTC, datetime
from typing import Any

from services.sandbox.google.operations import without_none
from services.sandbox.google.state import Customer, Group, OrgUnit, User

_CUSTOM = frozenset({"customSchemas"})
_OWN = frozenset({"name", "primaryEmail", "emails", "orgUnitPath"})


def etag(*parts: object) -> str:
    seed = "/".join(str(part) for part in parts).encode()
    return f'"{base64.urlsafe_b64encode(hashlib.sha256(seed).digest()).decode().rstrip("=")}"'


def stamp(moment: float) -> str:
    return datetime.fromtimestamp(moment, UTC).strftime("%Y-%m-%dT%H:%M:%S.000Z")


def user_view(
    customer: Customer, user: User, *, projection: str = "basic", mailbox_after: float = 0, now: float = 0
) -> dict[str, Any]:
    """Return the User resource; `mailbox_after` is how many seconds after creation the mailbox appears."""
    name = dict(user.fields.get("name") or {})
    name["fullName"] = f"{name.get('givenName', '')} {name.get('familyName', '')}".strip()
    kept = {
        key: value
        for key, value in user.fields.items()
        if key not in _OWN and value is not None and (projection != "basic" or key not in _CUSTOM)
    }
    extra = [dict(email) for email in user.fields.get("emails") or [] if not email.get("primary")]
    body: dict[str, Any] = {
        "kind": "admin#directory#user",
        "id": user.id,
        "etag": etag(user.id, user.version),
        "primaryEmail": user.primary_email,
        "name": name,
        "isAdmin": user.is_admin,
        "isDelegatedAdmin": False,
        "lastLoginTime": "1970-01-01T00:00:00.000Z",
        "creationTime": stamp(user.created_at),
        "agreedToTerms": True,
        "suspended": user.is_suspended,
        "archived": bool(user.fields.get("archived")),
        "changePasswordAtNextLogin": bool(user.fields.get("changePasswordAtNextLogin")),
        "ipWhitelisted": bool(user.fields.get("ipWhitelisted")),
        "emails": [
            {"address": user.primary_email, "primary": True},
            *({"address": alias} for alias in user.aliases),
            *extra,
        ],
        "aliases": user.aliases or None,
        "customerId": customer.id,
        "orgUnitPath": user.org_unit,
        "isMailboxSetup": now - user.created_at >= mailbox_after,
        "isEnrolledIn2Sv": False,
        "isEnforcedIn2Sv": False,
        "includeInGlobalAddressList": user.fields.get("includeInGlobalAddressList", True),
        "suspensionReason": "ADMIN" if user.is_suspended else None,
        "deletionTime": stamp(user.deleted_at) if user.deleted_at else None,
    }
    return without_none({**kept, **body})


def created_view(customer: Customer, user: User) -> dict[str, Any]:
    """Return what the insert answers: the new object without what Google fills in later."""
    body = user_view(customer, user, mailbox_after=1, now=user.created_at)
    later = ("lastLoginTime", "agreedToTerms", "emails", "isEnrolledIn2Sv", "isEnforcedIn2Sv", "archived")
    for name in (*later, "ipWhitelisted", "includeInGlobalAddressList"):
        body.pop(name, None)
    return body


def group_view(group: Group) -> dict[str, Any]:
    return without_none(
        {
            "kind": "admin#directory#group",
            "id": group.id,
            "etag": etag(group.id, group.version, len(group.members)),
            "email": group.email,
            "name": group.name,
            "directMembersCount": str(len(group.members)),
            "description": group.description,
            "adminCreated": group.admin_created,
            "aliases": group.aliases or None,
            "externalIds": group.external_ids or None,
        }
    )


def member_view(customer: Customer, key: str, member: dict[str, Any]) -> dict[str, Any]:
    user = customer.users.get(key)
    group = customer.groups.get(key)
    email = user.primary_email if user else group.email if group else member["email"]
    body = {
        "kind": "admin#directory#member",
        "etag": etag("member", key, member["role"]),
        "id": key if user or group else None,
        "email": email,
        "role": member["role"],
        "type": "GROUP" if group else "USER",
        "status": ("SUSPENDED" if user.is_suspended else "ACTIVE") if user else None,
        "delivery_settings": member.get("delivery_settings"),
    }
    return without_none(body)


def org_unit_view(customer: Customer, unit: OrgUnit) -> dict[str, Any]:
    parent = customer.find_org_unit(unit.parent)
    return {
        "kind": "admin#directory#orgUnit",
        "name": unit.name,
        "description": unit.description,
        "etag": etag(unit.id, unit.path),
        "blockInheritance": False,
        "orgUnitId": unit.id,
        "orgUnitPath": unit.path,
        "parentOrgUnitId": parent.id if parent else customer.root_id,
        "parentOrgUnitPath": unit.parent,
    }

"""Zoom's representations of people."""

from __future__ import annotations

import zlib
from datetime import UTC, datetime
from typing import Any

from services.sandbox.zoom.state import Account, User

_ACTIVE_ONLY = ("dept", "timezone", "host_key")


def stamp(moment: float) -> str:
    return datetime.fromtimestamp(moment, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def created_view(user: User) -> dict[str, Any]:
    """201 of `POST /users`."""
    return {
        "id": user.id,
        "email": user.email,
        "first_name": user.first_name,
        "last_name": user.last_name,
        "type": user.type,
    }


def listed_view(account: Account, user: User, *, now: float, with_pending_ids: bool) -> dict[str, Any]:
    """One of `GET /users`. Of pending people the list says little, and `created_at` is the moment of the call."""
    view: dict[str, Any] = {"email": user.email, "type": user.type, "status": user.status}
    if not user.is_pending or with_pending_ids:
        view["id"] = user.id
    if user.is_pending:
        return view | {"created_at": stamp(now), "verified": 0}
    groups = [group.id for group in account.groups_of(user)]
    view |= {
        "first_name": user.first_name,
        "last_name": user.last_name,
        "pmi": _pmi(user),
        "created_at": stamp(user.created_at),
        "role_id": user.role,
        "verified": 1,
        "timezone": "Europe/Berlin",
        **{name: user.fields[name] for name in _ACTIVE_ONLY if name in user.fields},
    }
    if groups:
        view["group_ids"] = groups
    if user.united:
        view["plan_united_type"] = user.united
    return view


def user_view(account: Account, user: User, *, now: float, is_half: bool) -> dict[str, Any]:
    """`GET /users/{id}`. A pending person's has `id` and `created_at` alone when `is_half`."""
    if user.is_pending:
        half = {"id": user.id, "created_at": stamp(now)}
        return half if is_half else half | _head(account, user)
    view = {
        "id": user.id,
        **_head(account, user),
        "role_name": account.roles[user.role].name,
        "role_id": user.role,
        "pmi": _pmi(user),
        "use_pmi": bool(user.fields.get("use_pmi", False)),
        "personal_meeting_url": f"https://{account.name.lower()}.zoom.example/j/{_pmi(user)}",
        "timezone": "Europe/Berlin",
        "verified": 1,
        "created_at": stamp(user.created_at),
        "language": "en-US",
        "jid": f"{user.id.lower()}@xmpp.zoom.example",
        "group_ids": [group.id for group in account.groups_of(user)],
        "im_group_ids": [],
        "login_type": user.login_type,
        **{name: value for name, value in user.fields.items() if name not in {"group_id", "vanity_name"}},
    }
    if user.united:
        view["plan_united_type"] = user.united
    if user.licenses:
        view["license_info_list"] = user.licenses
    return view


def _head(account: Account, user: User) -> dict[str, Any]:
    return {
        "account_id": account.id,
        "email": user.email,
        "first_name": user.first_name,
        "last_name": user.last_name,
        "display_name": user.display_name or f"{user.first_name} {user.last_name}".strip(),
        "type": user.type,
        "status": user.status,
    }


def settings_view(user: User) -> dict[str, Any]:
    """The `feature` part of `GET /users/{id}/settings`; the rest of the settings is not imitated."""
    feature: dict[str, Any] = {"meeting_capacity": 300 if user.type != 1 else 100, "zoom_phone": False}
    for kind, name in (("large", "large_meeting"), ("webinar", "webinar")):
        held = next((sku for sku in sorted(user.features) if sku.startswith(kind)), None)
        feature[name] = held is not None
        if held is not None:
            feature[f"{name}_capacity"] = int(held.removeprefix(kind))
    return {"feature": feature}


def _pmi(user: User) -> int:
    return int(user.fields.get("pmi") or 1_000_000_000 + zlib.crc32(user.id.encode()) % 1_000_000_000)

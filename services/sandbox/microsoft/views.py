"""Objects as Graph shows them. A password has no way into these."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import Any

from services.sandbox.microsoft.properties import EXTENSION_ATTRIBUTES
from services.sandbox.microsoft.state import Group, Sku, Tenant, User

GROUP_DEFAULT = (
    "id",
    "deletedDateTime",
    "classification",
    "createdDateTime",
    "description",
    "displayName",
    "expirationDateTime",
    "groupTypes",
    "isAssignableToRole",
    "mail",
    "mailEnabled",
    "mailNickname",
    "membershipRule",
    "membershipRuleProcessingState",
    "proxyAddresses",
    "renewedDateTime",
    "resourceBehaviorOptions",
    "resourceProvisioningOptions",
    "securityEnabled",
    "visibility",
)
_LISTS = frozenset({"businessPhones", "otherMails", "proxyAddresses", "identities", "imAddresses"})
_NO_EXTENSIONS = dict.fromkeys(sorted(EXTENSION_ATTRIBUTES))


def stamp(moment: float) -> str:
    return datetime.fromtimestamp(moment, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def user_view(tenant: Tenant, user: User, names: Sequence[str]) -> dict[str, Any]:
    """Return the chosen properties; `id` is always there, the password profile is always null."""
    body = {name: _property(tenant, user, name) for name in names}
    body.setdefault("id", user.id)
    return body


def _property(tenant: Tenant, user: User, name: str) -> Any:
    computed = _COMPUTED.get(name)
    if computed is not None:
        return computed(tenant, user)
    return user.fields.get(name, [] if name in _LISTS else None)


def _assigned_licenses(_tenant: Tenant, user: User) -> list[dict[str, Any]]:
    return [{"disabledPlans": held.disabled_plans, "skuId": sku_id} for sku_id, held in user.licenses.items()]


def _assignment_states(_tenant: Tenant, user: User) -> list[dict[str, Any]]:
    return [
        {
            "skuId": sku_id,
            "disabledPlans": held.disabled_plans,
            "assignedByGroup": None,
            "state": "Active",
            "error": "None",
            "lastUpdatedDateTime": stamp(held.at),
        }
        for sku_id, held in user.licenses.items()
    ]


def _assigned_plans(tenant: Tenant, user: User) -> list[dict[str, Any]]:
    return [
        {
            "assignedDateTime": stamp(held.at),
            "capabilityStatus": "Enabled",
            "service": plan.name.partition("_")[0].title(),
            "servicePlanId": plan.id,
        }
        for sku_id, held in user.licenses.items()
        for plan in tenant.skus[sku_id].plans
        if plan.id not in held.disabled_plans
    ]


_COMPUTED: dict[str, Callable[[Tenant, User], Any]] = {
    "id": lambda _tenant, user: user.id,
    "passwordProfile": lambda _tenant, _user: None,
    "assignedLicenses": _assigned_licenses,
    "licenseAssignmentStates": _assignment_states,
    "assignedPlans": _assigned_plans,
    "onPremisesExtensionAttributes": lambda _tenant, user: {
        **_NO_EXTENSIONS,
        **(user.fields.get("onPremisesExtensionAttributes") or {}),
    },
    "createdDateTime": lambda _tenant, user: stamp(user.created_at),
    "lastPasswordChangeDateTime": lambda _tenant, user: stamp(user.created_at),
    "signInSessionsValidFromDateTime": lambda _tenant, user: stamp(user.sessions_from or user.created_at),
    "deletedDateTime": lambda _tenant, user: stamp(user.deleted_at) if user.deleted_at else None,
    "provisionedPlans": lambda _tenant, _user: [],
    "serviceProvisioningErrors": lambda _tenant, _user: [],
    "onPremisesProvisioningErrors": lambda _tenant, _user: [],
}
"""What is not simply stored."""


def group_view(group: Group, names: Sequence[str] = GROUP_DEFAULT) -> dict[str, Any]:
    types = {"unified": ["Unified"], "dynamic": ["DynamicMembership"]}.get(group.kind, [])
    known: dict[str, Any] = {
        "createdDateTime": stamp(group.created_at),
        "description": group.description,
        "displayName": group.display_name,
        "groupTypes": types,
        "id": group.id,
        "mail": group.mail,
        "mailEnabled": group.kind == "unified",
        "mailNickname": group.mail_nickname,
        "membershipRule": "(user.accountEnabled -eq true)" if group.is_dynamic else None,
        "membershipRuleProcessingState": "On" if group.is_dynamic else None,
        "proxyAddresses": [f"SMTP:{group.mail}"] if group.mail else [],
        "renewedDateTime": stamp(group.created_at),
        "resourceBehaviorOptions": [],
        "resourceProvisioningOptions": [],
        "securityEnabled": group.kind != "unified",
        "visibility": "Private" if group.kind == "unified" else None,
    }
    return {"id": group.id, **{name: known.get(name) for name in names}}


def plan_views(sku: Sku, disabled: Sequence[str] = ()) -> list[dict[str, Any]]:
    return [
        {
            "servicePlanId": plan.id,
            "servicePlanName": plan.name,
            "provisioningStatus": "Disabled" if plan.id in disabled else "Success",
            "appliesTo": "User",
        }
        for plan in sku.plans
    ]


def sku_view(tenant: Tenant, sku: Sku) -> dict[str, Any]:
    is_enabled = sku.status == "Enabled"
    return {
        "accountName": tenant.name,
        "accountId": tenant.id,
        "appliesTo": "User",
        "capabilityStatus": sku.status,
        "consumedUnits": tenant.consumed.get(sku.id, 0),
        "id": f"{tenant.id}_{sku.id}",
        "skuId": sku.id,
        "skuPartNumber": sku.part,
        "subscriptionIds": [str(uuid.uuid5(uuid.UUID(sku.id), tenant.id))],
        "prepaidUnits": {
            "enabled": sku.enabled if is_enabled else 0,
            "suspended": 0 if is_enabled else sku.enabled,
            "warning": 0,
            "lockedOut": 0,
        },
        "servicePlans": plan_views(sku),
    }

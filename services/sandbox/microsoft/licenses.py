"""Graph licences: what the tenant bought, and who holds it."""

from __future__ import annotations

import base64
import re
import uuid
from typing import Any

from services.sandbox.microsoft.checks import is_country
from services.sandbox.microsoft.errors import GraphError, bad_request, not_found
from services.sandbox.microsoft.operations import Context, operation
from services.sandbox.microsoft.properties import SKU_PROPERTIES, USER_DEFAULT
from services.sandbox.microsoft.state import Held, Plan, Sku, User
from services.sandbox.microsoft.users import READ, WRITE
from services.sandbox.microsoft.views import plan_views, sku_view, user_view
from services.sandbox.wire.call import Reply

_SKU_ID = re.compile(rb'"skuId"\s*:\s*"([^"]+)"')
_ASSIGN = (*WRITE, "LicenseAssignment.ReadWrite.All")
_READ_SKUS = (
    "Organization.Read.All",
    "Organization.ReadWrite.All",
    "Directory.Read.All",
    "Directory.ReadWrite.All",
    "LicenseAssignment.Read.All",
    "LicenseAssignment.ReadWrite.All",
)


def no_seats(part: str) -> GraphError:
    return bad_request(f"Subscription with SKU {part} does not have any available licenses.")


def asked_for(body: bytes) -> str:
    """Return the first SKU id that an assignLicense body names."""
    found = _SKU_ID.search(body)
    return found[1].decode() if found else "unknown"


@operation("GET", "subscribedSkus", permissions=_READ_SKUS, query=("$select",))
def list_subscribed_skus(context: Context) -> Reply:
    """The whole list at once: this collection has neither filter nor pages."""
    names = context.selected(SKU_PROPERTIES, sorted(SKU_PROPERTIES), "subscribedSku")
    views = [sku_view(context.tenant, sku) for sku in context.tenant.skus.values()]
    value = [{name: view[name] for name in names} for view in views]
    return context.entity({"value": value}, "subscribedSkus")


@operation("GET", "subscribedSkus/{sku}", permissions=_READ_SKUS, query=("$select",))
def get_subscribed_sku(context: Context) -> Reply:
    names = context.selected(SKU_PROPERTIES, sorted(SKU_PROPERTIES), "subscribedSku")
    owner, _, sku_id = context.args["sku"].partition("_")
    sku = context.tenant.skus.get(sku_id)
    if sku is None or owner != context.tenant.id:
        raise not_found(context.args["sku"])
    view = sku_view(context.tenant, sku)
    return context.entity({name: view[name] for name in names}, "subscribedSkus/$entity")


@operation("GET", "users/{user}/licenseDetails", permissions=READ, query=("$select",))
def list_license_details(context: Context) -> Reply:
    user = context.need_user(settled=context.behaviour.settle_reads)
    value = [
        {
            "id": base64.urlsafe_b64encode(uuid.UUID(user.id).bytes_le + uuid.UUID(sku_id).bytes_le)
            .decode()
            .rstrip("="),
            "skuId": sku_id,
            "skuPartNumber": context.tenant.skus[sku_id].part,
            "servicePlans": plan_views(context.tenant.skus[sku_id], held.disabled_plans),
        }
        for sku_id, held in user.licenses.items()
    ]
    names = context.selected(
        frozenset({"id", "skuId", "skuPartNumber", "servicePlans"}),
        ("id", "skuId", "skuPartNumber", "servicePlans"),
        "licenseDetails",
    )
    shown = [{name: item[name] for name in names} for item in value]
    return context.entity({"value": shown}, f"users('{user.id}')/licenseDetails")


@operation("POST", "users/{user}/assignLicense", permissions=_ASSIGN, body=True)
@operation("POST", "users/{user}/microsoft.graph.assignLicense", permissions=_ASSIGN, body=True)
def assign_license(context: Context) -> Reply:
    """Add and remove in one go: either everything of the body happens or nothing."""
    tenant = context.tenant
    user = context.need_user(settled=True)
    added, removed = _read(context)
    for sku_id in removed:
        _need_sku(context, sku_id)
        if sku_id not in user.licenses:
            raise bad_request("User does not have a corresponding license.")
    if added:
        _check_location(context, user)
    for sku, _ in added:
        if sku.id in removed:
            raise bad_request("The same license cannot be added and removed in one request.")
        if sku.id not in user.licenses and (sku.status != "Enabled" or tenant.free_seats(sku) <= 0):
            raise no_seats(sku.part)
    _check_plans(context, user, added, removed)
    for sku_id in removed:
        tenant.take_back(user, sku_id)
        _record(context, "license.remove", user, tenant.skus[sku_id], [])
    for sku, disabled in added:
        kind = "license.change" if sku.id in user.licenses else "license.assign"
        tenant.give(user, sku.id, Held(disabled, context.call.at))
        _open_mailbox(context, user, sku)
        _record(context, kind, user, sku, disabled)
    return context.entity(
        user_view(tenant, user, (*USER_DEFAULT, "assignedLicenses", "usageLocation")), "users/$entity"
    )


def _open_mailbox(context: Context, user: User, sku: Sku) -> None:
    """A licence with mail in it gives the account its address."""
    if user.fields.get("mail") or not any(plan.name.startswith("EXCHANGE") for plan in sku.plans):
        return
    fields = {"mail": user.upn, "proxyAddresses": [f"SMTP:{user.upn}"]}
    if context.tenant.find_conflict(fields, own=user) is None:
        user.fields.update(fields)
        context.tenant.index(user)


def _record(context: Context, kind: str, user: User, sku: Sku, disabled: list[str]) -> None:
    context.record(
        kind, sku.id, user, {"user": user.upn, "skuPartNumber": sku.part, "disabledPlans": disabled}
    )


def _read(context: Context) -> tuple[list[tuple[Sku, list[str]]], list[str]]:
    body = context.body
    for name in body:
        if name not in {"addLicenses", "removeLicenses"}:
            raise bad_request(
                f"The parameter '{name}' in the request payload is not a valid parameter for the operation"
                " 'assignLicense'.",
                code="BadRequest",
            )
    for name in ("addLicenses", "removeLicenses"):
        if not isinstance(body.get(name), list):
            raise bad_request(
                f"One or more parameters of the operation 'assignLicense' are missing from the request payload."
                f" The missing parameters are: {name}.",
                code="BadRequest",
            )
    removed = [_guid(one, "removeLicenses") for one in body["removeLicenses"]]
    added = []
    for item in body["addLicenses"]:
        if not isinstance(item, dict) or not set(item) <= {"skuId", "disabledPlans", "@odata.type"}:
            raise bad_request(
                "Property addLicenses in payload has a value that does not match schema.", code="BadRequest"
            )
        sku = _need_sku(context, _guid(item.get("skuId"), "skuId"))
        plans = item.get("disabledPlans", [])
        if not isinstance(plans, list):
            raise bad_request(
                "Property disabledPlans in payload has a value that does not match schema.", code="BadRequest"
            )
        added.append((sku, [_guid(plan, "disabledPlans") for plan in plans]))
    return added, removed


def _guid(value: Any, name: str) -> str:
    try:
        return str(uuid.UUID(value))
    except (ValueError, AttributeError, TypeError):
        raise bad_request(
            f"Cannot convert the literal '{value}' to the expected type 'Edm.Guid' ({name}).",
            code="BadRequest",
        ) from None


def _need_sku(context: Context, sku_id: str) -> Sku:
    sku = context.tenant.skus.get(sku_id)
    if sku is None:
        raise bad_request(f"License {sku_id} does not correspond to a valid company License.")
    return sku


def _check_location(context: Context, user: User) -> None:
    written_ago = context.call.at - user.located_at
    if (
        not is_country(user.fields.get("usageLocation"))
        or written_ago < context.behaviour.usage_location_race_seconds
    ):
        raise bad_request("License assignment cannot be done for user with invalid usage location.")


def _check_plans(
    context: Context, user: User, added: list[tuple[Sku, list[str]]], removed: list[str]
) -> None:
    """Check the plans that the user would have afterwards: known, with what they need, without rivals."""
    final: dict[str, list[str]] = {
        sku_id: held.disabled_plans for sku_id, held in user.licenses.items() if sku_id not in removed
    }
    for sku, disabled in added:
        unknown = set(disabled) - {plan.id for plan in sku.plans}
        if unknown:
            raise bad_request(
                f"License assignment failed because service plan {min(unknown)} is not part of the license"
                f" {sku.id}."
            )
        final[sku.id] = disabled
    active: dict[str, tuple[str, Plan]] = {}
    for sku_id, disabled in final.items():
        for plan in context.tenant.skus[sku_id].plans:
            if plan.id not in disabled:
                active[plan.name] = (sku_id, plan)
    changed = {sku.id for sku, _ in added}
    for sku_id, plan in active.values():
        rival = next((name for name in plan.excludes if name in active), None)
        if rival is not None and changed & {sku_id, active[rival][0]}:
            raise bad_request(
                f"License assignment failed because service plans {plan.id} and {active[rival][1].id} are mutually"
                " exclusive."
            )
        if plan.needs and not plan.needs & set(active) and sku_id in changed:
            raise bad_request(
                f"License assignment failed because service plan {plan.id} depends on the service plan(s)"
                f" {', '.join(sorted(plan.needs))}."
            )

"""Enterprise License Manager v1: one SKU per product and user, every rule a 412 told apart by its message."""

from __future__ import annotations

from typing import Any

from services.sandbox.google.errors import GoogleError, not_found
from services.sandbox.google.operations import LICENSING, Context, operation, paged
from services.sandbox.google.schema import LICENSE, LICENSE_INSERT
from services.sandbox.google.state import Customer, Sku, User
from services.sandbox.google.users import need_settled_user
from services.sandbox.google.views import etag
from services.sandbox.wire.call import Reply

_SCOPES = ("apps.licensing",)
_SKU = LICENSING + "product/{productId}/sku/{skuId}"
_PAGING = ("customerId", "maxResults", "pageToken")

NO_SEATS = "There aren't enough available licenses for the specified product-SKU pair"
_HAS_IT = "User already has a license for the specified product and SKU"
_HAS_OTHER = (
    "User already has a license of the product, but with a different SKU. To reassign a new SKU for this"
    ' product, use the "update" operation.'
)
_NO_SWITCH = "Auto License switching is not allowed."
_NO_UNASSIGN = "Auto License un-assignment is not allowed."


def rule(message: str) -> GoogleError:
    return GoogleError(412, "conditionNotMet", message)


@operation("POST", _SKU + "/user", scopes=_SCOPES, body=LICENSE_INSERT, root="license_assignment_insert")
def insert_license(context: Context) -> Reply:
    customer, sku = context.customer, _need_sku(context)
    user = _need_holder(context, context.body.get("userId"))
    if sku.automatic:
        raise rule(_NO_SWITCH)
    held = customer.sku_of(sku.product_id, user)
    if held == sku.sku_id:
        raise rule(_HAS_IT)
    if held is not None:
        raise rule(_HAS_OTHER)
    if customer.free_seats(sku) <= 0:
        raise rule(NO_SEATS)
    customer.give(user, sku)
    context.record("license.assign", f"{sku.product_id}/{sku.sku_id}", user, {"user": user.primary_email})
    return context.ok(_view(sku, user))


@operation("GET", _SKU + "/user/{userId}", scopes=_SCOPES)
def get_license(context: Context) -> Reply:
    sku = _need_sku(context)
    user = _need_holder(context, context.args["userId"])
    _must_hold(context.customer, sku, user)
    return context.ok(_view(sku, user))


@operation("PUT", _SKU + "/user/{userId}", scopes=_SCOPES, body=LICENSE, root="license_assignment")
@operation("PATCH", _SKU + "/user/{userId}", scopes=_SCOPES, body=LICENSE, root="license_assignment")
def update_license(context: Context) -> Reply:
    """Reassign: the old SKU is in the path, the new one in the body."""
    customer, body, old = context.customer, context.body, _need_sku(context)
    user = _need_holder(context, context.args["userId"])
    if context.call.method == "PUT":
        for name in ("productId", "skuId", "userId"):
            if not body.get(name):
                raise GoogleError(400, "required", f"Required field {name} is missing.")
    product_id, sku_id = body.get("productId") or old.product_id, body.get("skuId") or old.sku_id
    if product_id != old.product_id:
        raise rule(
            f"Reassign operation can't be performed on different products: {old.product_id}, {product_id}"
        )
    other = (body.get("userId") or user.primary_email).lower()
    if other != user.primary_email:
        raise rule(f"Reassign operation can't be performed on different users: {user.primary_email}, {other}")
    _must_hold(customer, old, user)
    if sku_id == old.sku_id:
        raise rule(f"For reassign operations, the new SKU should be different from the old SKU: {sku_id}")
    new = find_sku(customer, product_id, sku_id)
    if old.automatic or new.automatic:
        raise rule(_NO_SWITCH)
    if customer.free_seats(new) <= 0:
        raise rule(NO_SEATS)
    customer.give(user, new)
    context.record(
        "license.change", f"{product_id}/{new.sku_id}", user, {"user": user.primary_email, "from": old.sku_id}
    )
    return context.ok(_view(new, user))


@operation("DELETE", _SKU + "/user/{userId}", scopes=_SCOPES)
def delete_license(context: Context) -> Reply:
    customer, sku = context.customer, _need_sku(context)
    user = _need_holder(context, context.args["userId"])
    _must_hold(customer, sku, user)
    if sku.automatic:
        raise rule(_NO_UNASSIGN)
    customer.take_back(user, sku.product_id)
    context.record("license.remove", f"{sku.product_id}/{sku.sku_id}", user, {"user": user.primary_email})
    return context.ok({})


@operation("GET", LICENSING + "product/{productId}/users", scopes=_SCOPES, query=_PAGING)
def list_for_product(context: Context) -> Reply:
    product_id = context.args["productId"]
    if not any(sku.product_id == product_id for sku in context.customer.skus.values()):
        raise _unknown_sku()
    return _list(context, product_id, None)


@operation("GET", _SKU + "/users", scopes=_SCOPES, query=_PAGING)
def list_for_product_and_sku(context: Context) -> Reply:
    sku = _need_sku(context)
    return _list(context, sku.product_id, sku.sku_id)


def _list(context: Context, product_id: str, sku_id: str | None) -> Reply:
    customer = context.customer
    wanted = context.query.get("customerId")
    if not wanted:
        raise GoogleError(400, "required", "Required parameter: customerId")
    # Of all services this one names a customer by its domain as well as by its id.
    if wanted not in {customer.id, "my_customer", *customer.domains}:
        raise GoogleError(403, "forbidden", "Not Authorized to access this resource/api")
    size = context.integer("maxResults", default=100, low=1, high=1000)
    views = [
        _view(find_sku(customer, product_id, held), customer.users[user_id])
        for user_id, held in customer.licenses.get(product_id, {}).items()
        if sku_id is None or held == sku_id
    ]
    page, token = paged(views, token=context.query.get("pageToken"), size=size)
    body: dict[str, Any] = {
        "kind": "licensing#licenseAssignmentList",
        "etag": etag(customer.id, product_id, sku_id, len(views)),
        "items": page,
    }
    if token:
        body["nextPageToken"] = token
    return context.ok(body)


def _need_sku(context: Context) -> Sku:
    return find_sku(context.customer, context.args["productId"], context.args["skuId"])


def find_sku(customer: Customer, product_id: str, sku_id: str) -> Sku:
    sku = customer.skus.get(sku_id)
    if sku is None or sku.product_id != product_id:
        raise _unknown_sku()
    return sku


def _unknown_sku() -> GoogleError:
    return GoogleError(400, "invalid", "Bad Request - SKU or product does not exist.")


def _need_holder(context: Context, address: Any) -> User:
    """Return the user; only the current primary address is a name here, neither ids nor aliases."""
    user = context.customer.find_user(address) if address and "@" in address else None
    if user is None or user.primary_email != address.lower():
        raise GoogleError(400, "invalid", "Bad Request - User email not valid.")
    return need_settled_user(context, user.id)


def _must_hold(customer: Customer, sku: Sku, user: User) -> None:
    if customer.sku_of(sku.product_id, user) != sku.sku_id:
        raise not_found("license")


def _view(sku: Sku, user: User) -> dict[str, Any]:
    link = f"product/{sku.product_id}/sku/{sku.sku_id}/user/{user.primary_email}"
    return {
        "kind": "licensing#licenseAssignment",
        "etags": etag(sku.sku_id, user.id),
        "selfLink": f"https://licensing.googleapis.com/{LICENSING}{link}",
        "userId": user.primary_email,
        "productId": sku.product_id,
        "skuId": sku.sku_id,
        "skuName": sku.sku_name,
        "productName": sku.product_name,
    }

"""`/subscriptions`: made after a handshake, listed for the app that made them, renewed, reauthorised, ended.

learn.microsoft.com/graph/api/subscription-post-subscriptions and its neighbours. Words that the documentation does not
print are the twin's own; code and status are Graph's.
"""

from __future__ import annotations

import re
import time
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlsplit

from services.sandbox.microsoft.errors import GraphError, bad_request
from services.sandbox.microsoft.messages import MESSAGE_DEFAULT
from services.sandbox.microsoft.operations import Context, operation
from services.sandbox.microsoft.outlook import DEFAULTS
from services.sandbox.microsoft.sealing import NoCertificateError, read_certificate
from services.sandbox.microsoft.watching import (
    MINIMUM_MINUTES,
    OUTLOOK,
    PERMISSIONS,
    Resource,
    Subscription,
    longest_minutes,
    read_resource,
)
from services.sandbox.wire.call import Reply

LONGEST_TEXT = 128
ANY = frozenset().union(*PERMISSIONS.values())
_WRITABLE = {
    "changeType": str,
    "notificationUrl": str,
    "lifecycleNotificationUrl": str,
    "resource": str,
    "expirationDateTime": str,
    "clientState": str,
    "latestSupportedTlsVersion": str,
    "includeResourceData": bool,
    "encryptionCertificate": str,
    "encryptionCertificateId": str,
    "notificationUrlAppId": str,
    "notificationQueryOptions": str,
}
_NEEDED = ("changeType", "notificationUrl", "resource", "expirationDateTime")
_CHANGES = frozenset({"created", "updated", "deleted"})
_TLS = frozenset({"v1_0", "v1_1", "v1_2", "v1_3"})
_MOMENT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.(\d{1,7}))?(?:Z|[+-]\d\d:\d\d)")
_LOCAL = frozenset({"localhost", "127.0.0.1", "::1"})
_SHOWN = tuple(_WRITABLE)
_CERTIFICATE = ("encryptionCertificate", "encryptionCertificateId")


@dataclass(frozen=True, slots=True)
class Order:
    """A body that Graph takes, before anybody was asked at its addresses."""

    fields: dict[str, Any]
    resource: Resource
    owner: str | None
    folder: str | None
    expires_at: float


def read_order(context: Context) -> Order:
    """Check everything but the addresses' answers.

    Raises:
        GraphError: as Graph refuses it.
    """
    body = {name: value for name, value in context.body.items() if not name.startswith("@odata.")}
    _check_types(body)
    for name in _NEEDED:
        if body.get(name) is None:
            raise _invalid(f"{name} is a required property for subscription creation.")
    _check_texts(body)
    resource = read_resource(body["resource"])
    if resource is None:
        raise _invalid(f"Resource '{body['resource']}' is not supported.")
    if resource.options and not resource.options.startswith("$select="):
        raise _invalid(f"Query options '{resource.options}' are not supported for this resource.")
    _check_permission(context, resource)
    owner, folder = _find_owner(context, resource)
    changes = body["changeType"].split(",")
    if set(changes) - _CHANGES or len(set(changes)) < len(changes):
        raise _invalid("changeType must be one or more of: created, updated, deleted.")
    if resource.kind not in OUTLOOK and "created" in changes:
        raise _invalid(f"ChangeType 'created' is not supported for resource '{resource.kind}s'.")
    rich = bool(body.get("includeResourceData"))
    _check_rich(body, resource, rich=rich)
    expires = read_expiry(context, body["expirationDateTime"], resource.kind, rich=rich)
    _check_twice(context, body)
    return Order(body, resource, owner, folder, expires)


def addresses(order: Order) -> list[str]:
    """Whom to ask: the address of lifecycle events too, also where both are the same."""
    given = (order.fields["notificationUrl"], order.fields.get("lifecycleNotificationUrl"))
    return [url for url in given if url]


def _check_types(body: dict[str, Any]) -> None:
    for name, value in body.items():
        if name not in _WRITABLE:
            raise bad_request(
                f"The property '{name}' does not exist on type 'microsoft.graph.subscription' or cannot be set."
                " Make sure to only use property names that are defined by the type.",
                code="BadRequest",
            )
        if value is not None and not isinstance(value, _WRITABLE[name]):
            raise bad_request(f"Cannot convert the value of property '{name}'.", code="BadRequest")


def _check_texts(body: dict[str, Any]) -> None:
    for name in ("clientState", "encryptionCertificateId"):
        if len(body.get(name) or "") > LONGEST_TEXT:
            raise _invalid(f"The length of {name} exceeds the maximum of {LONGEST_TEXT} characters.")
    tls = body.get("latestSupportedTlsVersion")
    if tls is not None and tls not in _TLS:
        raise _invalid(f"latestSupportedTlsVersion '{tls}' is not supported.")
    for name in ("notificationUrl", "lifecycleNotificationUrl"):
        if body.get(name) is not None and not _is_reachable(body[name]):
            raise _invalid(f"{name} must be an absolute HTTPS URL.")


def _is_reachable(url: str) -> bool:
    # Graph insists on https; the sandbox also posts to plain names of this machine and of its network.
    parts = urlsplit(url)
    host = parts.hostname or ""
    return bool(host) and (
        parts.scheme == "https" or (parts.scheme == "http" and (host in _LOCAL or "." not in host))
    )


def _check_permission(context: Context, resource: Resource) -> None:
    needed, held = PERMISSIONS[resource.kind], context.token.permissions
    own = context.token.person
    if not needed & held:
        raise _forbidden()
    if resource.kind not in OUTLOOK:
        return
    if own is None and resource.user is None:
        raise bad_request("/me request is only valid with delegated authentication flow.", code="BadRequest")
    if (
        own is not None
        and resource.user is not None
        and _id_of(context, resource.user) != _id_of(context, own)
    ):
        raise _forbidden()  # a delegated token watches its own mailbox alone


def _id_of(context: Context, key: str) -> str | None:
    user = context.tenant.find_user(key)
    return user.id if user else None


def _find_owner(context: Context, resource: Resource) -> tuple[str | None, str | None]:
    if resource.kind not in OUTLOOK:
        if resource.kind == "user" and resource.object and _id_of(context, resource.object) is None:
            raise _no_resource()
        if resource.kind == "group" and resource.object and resource.object not in context.tenant.groups:
            raise _no_resource()
        return None, None
    owner = _id_of(context, resource.user or context.token.person or "")
    if owner is None:
        raise _no_resource()
    if resource.folder is None:
        return owner, None
    folder = context.tenant.mailbox(owner).find_folder(resource.folder)
    if folder is None:
        raise _no_resource()
    return owner, folder.id


def _check_rich(body: dict[str, Any], resource: Resource, *, rich: bool) -> None:
    if not rich:
        return
    if resource.kind not in OUTLOOK:
        raise _invalid(f"Resource data is not supported for resource '{resource.kind}s'.")
    if not resource.options.startswith("$select="):
        raise _invalid("A $select clause is required in the resource when includeResourceData is true.")
    known = frozenset({"message": MESSAGE_DEFAULT, **DEFAULTS}[resource.kind])
    Context.chosen(resource.options.removeprefix("$select="), known, (), resource.kind)
    for name in _CERTIFICATE:
        if not body.get(name):
            raise _invalid(f"{name} is required when includeResourceData is set to true.")
    _check_certificate(body)


def _check_certificate(body: dict[str, Any]) -> None:
    try:
        read_certificate(body["encryptionCertificate"])
    except NoCertificateError as error:
        raise _invalid(str(error)) from error


def read_expiry(context: Context, text: str, kind: str, *, rich: bool) -> float:
    """When it ends; mode `subscription_expiry` `clamp` shortens what is too long instead of refusing it.

    Raises:
        GraphError: no moment, one that is over, or too far away.
    """
    if not _MOMENT.fullmatch(text):
        raise bad_request("Cannot convert the literal to the expected type 'Edm.DateTimeOffset'.", code="BadRequest")  # fmt: skip
    try:
        wanted = datetime.fromisoformat(re.sub(r"\.\d+", "", text)).astimezone(UTC).timestamp()
    except ValueError:
        raise bad_request("Cannot convert the literal to the expected type 'Edm.DateTimeOffset'.", code="BadRequest") from None  # fmt: skip
    now = time.time()
    longest = longest_minutes(kind, rich=rich)
    if wanted <= now:
        raise _invalid("Subscription expiration must be in the future.")
    if wanted > now + longest * 60:
        if context.behaviour.modes.get("subscription_expiry") != "clamp":
            raise _invalid(f"Subscription expiration can only be {longest} minutes in the future.")
        wanted = now + longest * 60
    return max(wanted, now + MINIMUM_MINUTES * 60)


def _check_twice(context: Context, body: dict[str, Any]) -> None:
    for one in _own(context):
        if all(one.fields[name] == body[name] for name in ("resource", "changeType", "notificationUrl")):
            raise GraphError(
                409, "Conflict", "A subscription already exists for this app, resource and changeType."
            )


def _own(context: Context) -> list[Subscription]:
    held = context.tenant.subscriptions
    for gone in [one for one in held.values() if not one.is_alive]:
        del held[gone.id]
    # By a person's consent an app sees what it made for that person.
    person = context.token.person
    return [
        one
        for one in held.values()
        if one.app_id == context.token.app.client_id and person in {None, one.person}
    ]


def _need(context: Context) -> Subscription:
    key = context.args["subscription"].lower()
    found = next((one for one in _own(context) if one.id == key), None)
    if found is None:
        raise GraphError(404, "ResourceNotFound", "The object was not found.")
    return found


def _view(one: Subscription, *, secret: bool = False) -> dict[str, Any]:
    shown = {name: one.fields.get(name) for name in _SHOWN} | {
        "id": one.id,
        "applicationId": one.app_id,
        "creatorId": one.person or one.app_id,
        "expirationDateTime": one.expiry,
        "encryptionCertificate": None,
    }
    return shown if secret else {**shown, "clientState": None}


def _invalid(message: str) -> GraphError:
    return GraphError(400, "InvalidRequest", message)


def _forbidden() -> GraphError:
    return GraphError(
        403,
        "ExtensionError",
        "Operation: Create; Exception: [Status Code: Forbidden; Reason: Access is denied. Check credentials and try"
        " again.]",
    )


def _no_resource() -> GraphError:
    return GraphError(
        404,
        "ExtensionError",
        "Operation: Create; Exception: [Status Code: NotFound; Reason: The resource was not found.]",
    )


@operation("POST", "subscriptions", permissions=ANY, body=True, own=True)
def create_subscription(context: Context) -> Reply:
    """Answered after the handshakes, whose outcome `call.prepared` holds: None, or what was wrong."""
    order = read_order(context)
    if context.call.prepared is not None:
        raise GraphError(400, "ValidationError", str(context.call.prepared))
    made = Subscription(
        app_id=context.token.app.client_id,
        tenant_id=context.tenant.id,
        fields=order.fields,
        kind=order.resource.kind,
        owner=order.owner,
        folder=order.folder,
        object=order.resource.object,
        expires_at=order.expires_at,
        immutable=context.wants_immutable_ids,
        person=context.token.person,
    )
    context.tenant.subscriptions[made.id] = made
    context.record("subscription.create", made.id, None, {"resource": order.fields["resource"]})
    return context.entity(_view(made, secret=True), "subscriptions/$entity", 201)


@operation("GET", "subscriptions", permissions=ANY)
def list_subscriptions(context: Context) -> Reply:
    return context.page(_own(context), "subscriptions", _view)


@operation("GET", "subscriptions/{subscription}", permissions=ANY)
def get_subscription(context: Context) -> Reply:
    return context.entity(_view(_need(context)), "subscriptions/$entity")


@operation("PATCH", "subscriptions/{subscription}", permissions=ANY, body=True, own=True)
def renew_subscription(context: Context) -> Reply:
    """Its end can be moved and its certificate replaced; whoever renews has also said that they may still watch."""
    one = _need(context)
    body = context.body
    _check_types(body)
    if not set(body) <= {"expirationDateTime", *_CERTIFICATE} or not body:
        raise _invalid("Only expirationDateTime and the encryption certificate can be updated.")
    replaced = {name: body[name] for name in _CERTIFICATE if name in body}
    if replaced:
        if not one.is_rich or set(replaced) != set(_CERTIFICATE):
            raise _invalid("The certificate and its id go together, and with includeResourceData only.")
        _check_certificate(body)
    if "expirationDateTime" in body:
        one.expires_at = read_expiry(context, body["expirationDateTime"], one.kind, rich=one.is_rich)
    one.fields |= replaced
    one.is_paused = False
    detail = {"expirationDateTime": one.expiry, "certificate": one.fields.get("encryptionCertificateId")}
    context.record("subscription.renew", one.id, None, detail)
    return context.entity(_view(one, secret=True), "subscriptions/$entity")


@operation("POST", "subscriptions/{subscription}/reauthorize", permissions=ANY, own=True)
@operation("POST", "subscriptions/{subscription}/microsoft.graph.reauthorize", permissions=ANY, own=True)
def reauthorize_subscription(context: Context) -> Reply:
    one = _need(context)
    if not PERMISSIONS[one.kind] & context.token.permissions:
        raise _forbidden()
    one.is_paused = False
    context.record("subscription.reauthorize", one.id, None)
    return Reply(204)


@operation("DELETE", "subscriptions/{subscription}", permissions=ANY, own=True)
def delete_subscription(context: Context) -> Reply:
    one = _need(context)
    del context.tenant.subscriptions[one.id]
    context.record("subscription.delete", one.id, None)
    return Reply(204)

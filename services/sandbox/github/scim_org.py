"""SCIM of an organisation with SAML single sign-on: an identity, and the invitation that it sends."""

from __future__ import annotations

import uuid
from typing import Any

from services.sandbox.github.errors import ScimError, not_found
from services.sandbox.github.invitations import add_invitation, check_room, remove_invitation
from services.sandbox.github.operations import Context, no_content, operation
from services.sandbox.github.scim_patch import PATCH_BODY, patched
from services.sandbox.github.scim_views import listed, read_filter, scim, user_resource
from services.sandbox.github.state import Identity, Invitation, Organization
from services.sandbox.wire.call import Reply

_USERS = "scim/v2/organizations/{org}/Users"
_ONE = _USERS + "/{user}"
_PERMISSION = "members:write"
_FILTERS = {name.lower(): name for name in ("id", "userName", "emails", "externalId")}
_BODY = {
    "schemas": ["string"],
    "userName": "string",
    "displayName": "string",
    "name": "object",
    "emails": ["object"],
    "externalId": "string",
    "groups": ["string"],
    "active": "boolean",
}
_NEEDS = ("userName", "name", "emails")


def _org(context: Context) -> Organization:
    """The organisation; 404 without SAML single sign-on and where the enterprise manages its users."""
    org = context.org
    if context.is_managed or not context.has_sso:
        raise not_found("no SAML single sign-on in this organisation: mode sso")
    org.lapse(context.call.at)
    return org


def _where(context: Context, org: Organization) -> str:
    return f"{context.base}/scim/v2/organizations/{org.login}/Users"


@operation("GET", _USERS, permission=_PERMISSION, query=("startIndex", "count", "filter"), is_scim=True)
def list_users(context: Context) -> Reply:
    org = _org(context)
    chosen = read_filter(context, _FILTERS)
    found = [one for one in org.identities.values() if chosen is None or matches(one, *chosen)]
    return listed(context, [user_resource(one, _where(context, org)) for one in found])


def matches(identity: Identity, name: str, value: str) -> bool:
    if name == "id":
        return identity.id == value
    if name == "emails":
        return value.lower() in identity.emails
    return str(identity.attributes.get(name) or "").lower() == value.lower()


@operation("POST", _USERS, permission=_PERMISSION, body=_BODY, required=_NEEDS, is_scim=True)
def create_user(context: Context) -> Reply:
    """Make the identity and send the invitation; the membership comes when it is accepted."""
    org, body = _org(context), context.body
    _check_body(body)
    if any(matches(one, "userName", body["userName"]) for one in org.identities.values()):
        raise ScimError(409, "userName is already taken", scim_type="uniqueness")
    identity = Identity(str(uuid.uuid4()), dict(body), created_at=context.call.at)
    member = next((one for one in map(org.has_member_with, identity.emails) if one), None)
    if member is None and not org.find_invitation(email=identity.emails[0]):
        check_room(context, org)
    org.identities[identity.id] = identity
    context.record("user.create", identity.id, identity.keys, domain=org.domain)
    if member is not None:
        identity.account = member.account
    elif not org.find_invitation(email=identity.emails[0]):
        invitation = Invitation("direct_member", email=identity.emails[0], source="scim", scim_id=identity.id)
        add_invitation(context, org, invitation)
    return scim(user_resource(identity, _where(context, org)), 201)


def _check_body(body: dict[str, Any]) -> None:
    name = body["name"]
    if not isinstance(name.get("givenName"), str) or not isinstance(name.get("familyName"), str):
        raise ScimError(400, "name must have givenName and familyName", scim_type="invalidValue")
    if not body["emails"] or not all(isinstance(one.get("value"), str) for one in body["emails"]):
        raise ScimError(400, "emails must have a value", scim_type="invalidValue")


def _need(context: Context) -> tuple[Organization, Identity]:
    org = _org(context)
    identity = org.identities.get(context.args["user"])
    if identity is None:
        raise ScimError(404, "Resource not found")
    return org, identity


@operation("GET", _ONE, permission=_PERMISSION, is_scim=True)
def get_user(context: Context) -> Reply:
    org, identity = _need(context)
    return scim(user_resource(identity, _where(context, org)))


@operation("PUT", _ONE, permission=_PERMISSION, body=_BODY, required=_NEEDS, is_scim=True)
def replace_user(context: Context) -> Reply:
    org, identity = _need(context)
    _check_body(context.body)
    return _changed(context, org, identity, dict(context.body))


@operation("PATCH", _ONE, permission=_PERMISSION, body=PATCH_BODY, required=("Operations",), is_scim=True)
def patch_user(context: Context) -> Reply:
    org, identity = _need(context)
    return _changed(context, org, identity, patched(identity.attributes, context.body["Operations"]))


def _changed(context: Context, org: Organization, identity: Identity, attributes: dict[str, Any]) -> Reply:
    if attributes.pop("active", True) is False:
        identity.is_active = False
        _remove(context, org, identity)
        return scim(user_resource(identity, _where(context, org)))
    if attributes != identity.attributes:
        identity.attributes, identity.changed_at = attributes, context.call.at
        context.record("user.update", identity.id, identity.keys, domain=org.domain)
    return scim(user_resource(identity, _where(context, org)))


@operation("DELETE", _ONE, permission=_PERMISSION, is_scim=True)
def delete_user(context: Context) -> Reply:
    org, identity = _need(context)
    _remove(context, org, identity)
    return no_content()


def _remove(context: Context, org: Organization, identity: Identity) -> None:
    """Take identity, invitation and membership: `active: false` does no less."""
    del org.identities[identity.id]
    context.record("user.delete", identity.id, identity.keys, domain=org.domain)
    for invitation in list(org.invitations.values()):
        if invitation.scim_id == identity.id:
            remove_invitation(context, org, invitation)
    account = identity.account
    if account is not None and account.id in org.members:
        membership = org.leave(account)
        context.record("member.remove", account.login, account.keys, domain=org.domain)
        context.announce(org, "member_removed", {"membership": membership})

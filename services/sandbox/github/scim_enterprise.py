"""SCIM of an enterprise that manages its users: the account itself is made, suspended and deleted here."""

from __future__ import annotations

import re
import uuid
from typing import Any

from services.sandbox.github.errors import ScimError, not_found
from services.sandbox.github.operations import Context, no_content, operation
from services.sandbox.github.scim_org import matches
from services.sandbox.github.scim_patch import PATCH_BODY, patched
from services.sandbox.github.scim_views import USER, listed, read_filter, scim, user_resource
from services.sandbox.github.state import Account, Enterprise, Identity, World, next_number
from services.sandbox.wire.call import Reply

_USERS = "scim/v2/enterprises/{enterprise}/Users"
_ONE = _USERS + "/{user}"
_FILTERS = {name.lower(): name for name in ("id", "userName", "externalId", "displayName")}
ROLES = frozenset({"user", "guest_collaborator", "enterprise_owner", "billing_manager"})
_BODY = {
    "schemas": ["string"],
    "externalId": "string",
    "active": "boolean",
    "userName": "string",
    "name": "object",
    "displayName": "string",
    "emails": ["object"],
    "roles": ["object"],
}
_NEEDS = ("schemas", "externalId", "active", "userName", "displayName", "emails")


def domain_of(context: Context, enterprise: Enterprise) -> str:
    return next(org.domain for org in context.world.organizations.values() if org.enterprise is enterprise)


def _where(context: Context, enterprise: Enterprise) -> str:
    return f"{context.base}/scim/v2/enterprises/{enterprise.slug}/Users"


def managed_login(user_name: str, shortcode: str) -> str:
    """A managed login: the name before the @ with what GitHub does not take as a dash, and the short code."""
    local = re.sub(r"[^A-Za-z0-9]+", "-", user_name.partition("@")[0]).strip("-")
    return f"{local}_{shortcode}"


@operation("GET", _USERS, query=("filter", "startIndex", "count"), is_scim=True)
def list_users(context: Context) -> Reply:
    enterprise = context.enterprise
    chosen = read_filter(context, _FILTERS)
    found = [one for one in enterprise.identities.values() if chosen is None or matches(one, *chosen)]
    return listed(context, [user_resource(one, _where(context, enterprise)) for one in found])


@operation("POST", _USERS, body=_BODY, required=_NEEDS, is_scim=True)
def create_user(context: Context) -> Reply:
    enterprise, body = context.enterprise, context.body
    _check_body(body)
    _must_be_unique(enterprise, body, None)
    identity = add_identity(context.world, enterprise, body)
    context.record("user.create", identity.id, identity.keys, domain=domain_of(context, enterprise))
    return scim(user_resource(identity, _where(context, enterprise)), 201)


def add_identity(world: World, enterprise: Enterprise, body: dict[str, Any]) -> Identity:
    """Make the identity with the account that the enterprise owns."""
    attributes = {name: value for name, value in body.items() if name not in {"schemas", "active"}}
    login = world.free_login(managed_login(body["userName"], enterprise.shortcode))
    account = Account(
        login,
        next_number(),
        body.get("displayName"),
        emails=[str(one["value"]).lower() for one in body["emails"]],
        managed_by=enterprise.slug,
        is_suspended=body.get("active") is False,
    )
    world.add_account(account)
    identity = Identity(str(uuid.uuid4()), attributes, account, is_active=body.get("active") is not False)
    enterprise.identities[identity.id] = identity
    return identity


def _check_body(body: dict[str, Any]) -> None:
    if USER not in body["schemas"]:
        raise ScimError(400, f"schemas must have {USER}", scim_type="invalidSyntax")
    for one in body["emails"]:
        if {"value", "type", "primary"} - set(one):
            raise ScimError(400, "each of emails must have value, type and primary", scim_type="invalidValue")
    if not body["emails"]:
        raise ScimError(400, "emails must not be empty", scim_type="invalidValue")
    for role in body.get("roles") or []:
        if role.get("value") not in ROLES:
            raise ScimError(400, f"Unknown role: {role.get('value')}", scim_type="invalidValue")


def _must_be_unique(enterprise: Enterprise, body: dict[str, Any], own: Identity | None) -> None:
    for other in enterprise.identities.values():
        if other is own:
            continue
        for name in ("userName", "externalId"):
            if matches(other, name, str(body.get(name) or "")) and body.get(name):
                raise ScimError(409, "User already exists in this enterprise", scim_type="uniqueness")


def _need(context: Context) -> tuple[Enterprise, Identity]:
    enterprise = context.enterprise
    identity = enterprise.identities.get(context.args["user"])
    if identity is None:
        raise not_found()
    return enterprise, identity


@operation("GET", _ONE, is_scim=True)
def get_user(context: Context) -> Reply:
    enterprise, identity = _need(context)
    return scim(user_resource(identity, _where(context, enterprise)))


@operation("PUT", _ONE, body=_BODY, required=_NEEDS, is_scim=True)
def replace_user(context: Context) -> Reply:
    enterprise, identity = _need(context)
    _check_body(context.body)
    attributes = {name: value for name, value in context.body.items() if name != "schemas"}
    return _changed(context, enterprise, identity, attributes)


@operation("PATCH", _ONE, body=PATCH_BODY, required=("schemas", "Operations"), is_scim=True)
def patch_user(context: Context) -> Reply:
    enterprise, identity = _need(context)
    before = {**identity.attributes, "active": identity.is_active}
    return _changed(context, enterprise, identity, patched(before, context.body["Operations"]))


def _changed(
    context: Context, enterprise: Enterprise, identity: Identity, attributes: dict[str, Any]
) -> Reply:
    """Store what is new. Suspending obfuscates the login and takes the memberships."""
    _must_be_unique(enterprise, attributes, identity)
    keys, is_active = identity.keys, bool(attributes.pop("active", True))
    if (attributes, is_active) != (identity.attributes, identity.is_active):
        identity.attributes, identity.changed_at = attributes, context.call.at
        detail = {"active": is_active}
        if is_active != identity.is_active:
            identity.is_active = is_active
            _switch(context, enterprise, identity)
        if identity.account is not None:
            identity.account.emails = identity.emails
        everything = [*keys, *identity.keys]
        context.record("user.update", identity.id, everything, detail, domain=domain_of(context, enterprise))
    return scim(user_resource(identity, _where(context, enterprise)))


def _switch(context: Context, enterprise: Enterprise, identity: Identity) -> None:
    account = identity.account
    if account is None:
        return
    account.is_suspended = not identity.is_active
    if identity.is_active:
        wish = managed_login(str(identity.attributes["userName"]), enterprise.shortcode)
        context.world.rename(account, context.world.free_login(wish))
        return
    _leave_everything(context, enterprise, account)
    context.world.rename(account, f"{uuid.uuid4().hex[:16]}_{enterprise.shortcode}")


def _leave_everything(context: Context, enterprise: Enterprise, account: Account) -> None:
    for org in context.world.organizations.values():
        if org.enterprise is enterprise and account.id in org.members:
            membership = org.leave(account)
            context.announce(org, "member_removed", {"membership": membership})


@operation("DELETE", _ONE, is_scim=True)
def delete_user(context: Context) -> Reply:
    """Suspended for good: the login is anonymised and its name not free again."""
    enterprise, identity = _need(context)
    keys = identity.keys
    del enterprise.identities[identity.id]
    for group in enterprise.groups.values():
        if identity.id in group.members:
            group.members.remove(identity.id)
    if identity.account is not None:
        _leave_everything(context, enterprise, identity.account)
        identity.account.is_suspended = True
        identity.account.emails = []
        context.world.rename(identity.account, f"{uuid.uuid4().hex[:16]}_{enterprise.shortcode}")
    context.record("user.delete", identity.id, keys, domain=domain_of(context, enterprise))
    return no_content()

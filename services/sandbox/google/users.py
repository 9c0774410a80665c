"""Directory v1 users: insert, get, update, patch, delete, undelete, makeAdmin, aliases."""

from __future__ import annotations

import re
from typing import Any

from services.sandbox.google.errors import (
    JSON_HEADERS,
    GoogleError,
    duplicate,
    forbidden,
    invalid,
    not_complete,
    not_found,
)
from services.sandbox.google.operations import DIRECTORY, Context, operation
from services.sandbox.google.schema import ALIAS, LIST_FIELDS, MAKE_ADMIN, UNDELETE, USER
from services.sandbox.google.state import Customer, User, digest
from services.sandbox.google.views import created_view, etag, user_view
from services.sandbox.wire.call import Reply, json_bytes

USER_SCOPE = "admin.directory.user"
READ_SCOPES = (USER_SCOPE, "admin.directory.user.readonly")
ALIAS_SCOPES = (USER_SCOPE, "admin.directory.user.alias")

_ADDRESS = re.compile(r"[A-Za-z0-9._'+\-]{1,64}@[A-Za-z0-9.\-]+\.[A-Za-z]{2,}")
_NAME_LIMIT = 60
_HASHES = {
    "MD5": re.compile(r"[0-9a-fA-F]{32}"),
    "SHA-1": re.compile(r"[0-9a-fA-F]{40}"),
    "crypt": re.compile(r"\$.+"),
}
_PROJECTIONS = ("basic", "custom", "full")
_VIEW_TYPES = ("admin_view", "domain_public")


@operation(
    "POST",
    DIRECTORY + "users",
    scopes=(USER_SCOPE,),
    query=("resolveConflictAccount",),
    body=USER,
    root="user",
)
def insert_user(context: Context) -> Reply:
    """Create; the checks come in the order in which Google reports them."""
    customer, body = context.customer, context.body
    resolve = context.boolean("resolveConflictAccount")
    address = check_address(customer, body.get("primaryEmail"))
    name = body.get("name") or {}
    check_names(name.get("givenName"), name.get("familyName"))
    check_password(body.get("password"), body.get("hashFunction"))
    check_org_unit(customer, body.get("orgUnitPath"))
    if customer.is_taken(address):
        raise duplicate()
    if address.lower() in customer.unmanaged:
        if not resolve:
            raise duplicate()
        context.record("user.invite", address, None)
        invited = {"kind": "admin#directory#user", "primaryEmail": address, "customerId": customer.id}
        return Reply(202, json_bytes(invited), JSON_HEADERS)
    user = User(
        primary_email=address,
        fields={key: value for key, value in body.items() if key not in _NOT_KEPT and value is not None},
        password=digest(body["password"]),
        created_at=context.call.at,
        origin="api",
    )
    user.fields["orgUnitPath"] = body.get("orgUnitPath") or "/"
    customer.add_user(user)
    context.record("user.create", address, user, {"orgUnitPath": user.org_unit})
    return context.ok(created_view(customer, user))


_NOT_KEPT = frozenset({"primaryEmail", "password", "hashFunction"})


@operation(
    "GET",
    DIRECTORY + "users/{userKey}",
    scopes=READ_SCOPES,
    query=("projection", "customFieldMask", "viewType"),
)
def get_user(context: Context) -> Reply:
    projection = context.choice("projection", _PROJECTIONS) or "basic"
    if context.choice("viewType", _VIEW_TYPES) == "domain_public" and projection == "full":
        raise GoogleError(400, "badRequest", "Bad Request")
    user = need_user(context)
    if context.behaviour.settle_reads and context.is_settling(user):
        raise not_found("userKey")
    return context.ok(show(context, user, projection))


@operation("PUT", DIRECTORY + "users/{userKey}", scopes=(USER_SCOPE,), body=USER, root="user")
def update_user(context: Context) -> Reply:
    """Google's PUT: omitted members stay, null clears, arrays are replaced whole."""
    return _change(context, clears=True)


@operation("PATCH", DIRECTORY + "users/{userKey}", scopes=(USER_SCOPE,), body=USER, root="user")
def patch_user(context: Context) -> Reply:
    """Like PUT, except that it cannot empty a repeated field."""
    return _change(context, clears=False)


def _change(context: Context, *, clears: bool) -> Reply:
    customer, body = context.customer, context.body
    user = need_user(context)
    context.must_have_settled(user)
    name = body.get("name")
    if name is not None:
        merged = {**(user.fields.get("name") or {}), **name}
        check_names(merged.get("givenName"), merged.get("familyName"))
        body["name"] = merged
    if body.get("password") is not None:
        check_password(body["password"], body.get("hashFunction"))
    check_org_unit(customer, body.get("orgUnitPath"))
    address = body.get("primaryEmail")
    if address is not None and address.lower() != user.primary_email.lower():
        _rename(context, user, check_address(customer, address))
    if body.get("password") is not None:
        user.password = digest(body["password"])
    for key, value in body.items():
        if key in _NOT_KEPT or (key in LIST_FIELDS and not value and not clears):
            continue
        if value is None:
            user.fields.pop(key, None)
        else:
            user.fields[key] = value
    user.version += 1
    context.record("user.update", user.primary_email, user, _changed(body))
    return context.ok(show(context, user, "full"))


def _changed(body: dict[str, Any]) -> dict[str, Any]:
    plain = {key: value for key, value in body.items() if isinstance(value, bool) or key == "orgUnitPath"}
    return {"fields": sorted(body), **plain}


def _rename(context: Context, user: User, address: str) -> None:
    holder = context.customer.by_address.get(address.lower())
    if holder is not None and holder is not user:
        raise duplicate()
    old = user.primary_email
    user.aliases = [alias for alias in user.aliases if alias.lower() != address.lower()] + [old]
    user.primary_email = address
    user.renamed_at = context.call.at
    context.customer.by_address[address.lower()] = user


@operation("DELETE", DIRECTORY + "users/{userKey}", scopes=(USER_SCOPE,))
def delete_user(context: Context) -> Reply:
    user = need_user(context)
    context.must_have_settled(user)
    if user is context.token.subject:
        raise forbidden()
    context.customer.remove_user(user)
    context.record("user.delete", user.primary_email, user)
    return Reply(context.behaviour.delete_status)


@operation(
    "POST", DIRECTORY + "users/{userKey}/undelete", scopes=(USER_SCOPE,), body=UNDELETE, root="user_undelete"
)
def undelete_user(context: Context) -> Reply:
    """Restore by the numeric id: a deleted address may have a new owner, so Google does not take it."""
    customer, key = context.customer, context.args["userKey"]
    if "@" in key:
        raise invalid("Invalid Input: userKey")
    user = next((user for user in customer.list_deleted() if user.id == key), None)
    if user is None:
        raise not_found("userKey")
    check_org_unit(customer, context.body.get("orgUnitPath"))
    if customer.is_taken(user.primary_email):
        raise duplicate()
    del customer.deleted[user.id]
    user.deleted_at = None
    user.fields["orgUnitPath"] = context.body.get("orgUnitPath") or "/"
    user.aliases = [alias for alias in user.aliases if not customer.is_taken(alias)]
    customer.add_user(user)
    context.record("user.restore", user.primary_email, user)
    return Reply(204)


@operation(
    "POST", DIRECTORY + "users/{userKey}/makeAdmin", scopes=(USER_SCOPE,), body=MAKE_ADMIN, root="make_admin"
)
def make_admin(context: Context) -> Reply:
    user = need_user(context)
    context.must_have_settled(user)
    if "status" not in context.body:
        raise GoogleError(400, "required", "Missing required field: status")
    user.is_admin = bool(context.body["status"])
    user.version += 1
    context.record("user.make_admin", user.primary_email, user, {"status": user.is_admin})
    return Reply(204)


@operation(
    "GET",
    DIRECTORY + "users/{userKey}/aliases",
    scopes=(*ALIAS_SCOPES, "admin.directory.user.alias.readonly", "admin.directory.user.readonly"),
    query=("event",),
)
def list_aliases(context: Context) -> Reply:
    user = need_user(context)
    body: dict[str, Any] = {"kind": "admin#directory#aliases", "etag": etag(user.id, user.version, "aliases")}
    if user.aliases:
        body["aliases"] = [_alias_view(user, alias) for alias in user.aliases]
    return context.ok(body)


@operation("POST", DIRECTORY + "users/{userKey}/aliases", scopes=ALIAS_SCOPES, body=ALIAS, root="alias")
def insert_alias(context: Context) -> Reply:
    user = need_user(context)
    context.must_have_settled(user)
    alias = check_address(context.customer, context.body.get("alias"))
    if context.customer.is_taken(alias):
        raise duplicate()
    user.aliases.append(alias)
    user.version += 1
    context.customer.by_address[alias.lower()] = user
    context.record("alias.add", alias, user)
    return context.ok(_alias_view(user, alias))


@operation("DELETE", DIRECTORY + "users/{userKey}/aliases/{alias}", scopes=ALIAS_SCOPES)
def delete_alias(context: Context) -> Reply:
    user = need_user(context)
    alias = next((known for known in user.aliases if known.lower() == context.args["alias"].lower()), None)
    if alias is None:
        raise not_found("alias")
    user.aliases.remove(alias)
    user.version += 1
    context.customer.by_address.pop(alias.lower(), None)
    context.record("alias.remove", alias, user)
    return Reply(204)


def _alias_view(user: User, alias: str) -> dict[str, Any]:
    return {
        "kind": "admin#directory#alias",
        "id": user.id,
        "etag": etag(user.id, alias),
        "alias": alias,
        "primaryEmail": user.primary_email,
    }


def show(context: Context, user: User, projection: str) -> dict[str, Any]:
    return user_view(
        context.customer,
        user,
        projection=projection,
        mailbox_after=context.behaviour.settle_seconds,
        now=context.call.at,
    )


def need_user(context: Context) -> User:
    """Return the user that `userKey` names; 404 when unknown, 403 for an address of a foreign domain."""
    key = context.args["userKey"]
    user = context.customer.find_user(key)
    if user is None:
        if "@" in key and not context.customer.owns(key):
            raise forbidden()
        raise not_found("userKey")
    return user


def need_settled_user(context: Context, key: str) -> User:
    """Return the user; used by services that look accounts up through their own replica."""
    user = context.customer.find_user(key)
    if user is None:
        raise not_found("userKey")
    if context.is_settling(user):
        raise not_complete()
    return user


def check_address(customer: Customer, address: Any) -> str:
    if not address:
        raise GoogleError(400, "required", "Missing required field: primaryEmail")
    if not _ADDRESS.fullmatch(address):
        raise invalid("Invalid Input: primary_user_email")
    if not customer.owns(address):
        raise GoogleError(404, "notFound", "Domain not found.")
    return str(address).lower()


def check_names(given: Any, family: Any) -> None:
    if not given or len(given) > _NAME_LIMIT:
        raise invalid("Invalid Given/Family Name: GivenName")
    if not family or len(family) > _NAME_LIMIT:
        raise invalid("Invalid Given/Family Name: FamilyName")


def check_password(password: Any, hash_function: Any) -> None:
    """Plain passwords have 8 to 100 ASCII characters; a hash must look like one."""
    if hash_function is not None:
        pattern = _HASHES.get(hash_function)
        if pattern is None:
            raise invalid("Invalid Input: hash_function")
        if not password or not pattern.fullmatch(password):
            raise invalid("Invalid Password")
        return
    if not password or not 8 <= len(password) <= 100 or not password.isascii():  # noqa: PLR2004 - Google's bounds
        raise invalid("Invalid Password")


def check_org_unit(customer: Customer, path: Any) -> None:
    if path is None or path == "/":
        return
    if not path.startswith("/") or customer.find_org_unit(path) is None:
        raise invalid("Invalid Input: INVALID_OU_ID")

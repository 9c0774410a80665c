"""The members that Google's request bodies may have, and the check that refuses every other name.

A tuple of types stands for a member that the service owns: it is known, so it is no error, and it is ignored.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from services.sandbox.google.errors import GoogleError, unknown_name, wrong_type
from services.sandbox.wire.call import Call, NotJsonError

Kind = Literal["string", "boolean", "integer", "array", "any", "object", "read_only"]
Schema = Mapping[str, "Kind | Schema"]

NAME: Schema = {
    "givenName": "string",
    "familyName": "string",
    "displayName": "string",
    "fullName": "read_only",
}

_USER_LISTS = (
    "addresses",
    "emails",
    "externalIds",
    "ims",
    "keywords",
    "languages",
    "locations",
    "organizations",
    "phones",
    "posixAccounts",
    "relations",
    "sshPublicKeys",
    "websites",
)
_USER_READ_ONLY = (
    "agreedToTerms",
    "aliases",
    "archivalTime",
    "creationTime",
    "customerId",
    "deletionTime",
    "etag",
    "guestAccountInfo",
    "id",
    "isAdmin",
    "isDelegatedAdmin",
    "isEnforcedIn2Sv",
    "isEnrolledIn2Sv",
    "isGuestUser",
    "isMailboxSetup",
    "kind",
    "lastLoginTime",
    "nonEditableAliases",
    "suspensionReason",
    "suspensionTime",
    "thumbnailPhotoEtag",
    "thumbnailPhotoUrl",
)

USER: Schema = {
    "primaryEmail": "string",
    "name": NAME,
    "password": "string",
    "hashFunction": "string",
    "orgUnitPath": "string",
    "suspended": "boolean",
    "archived": "boolean",
    "changePasswordAtNextLogin": "boolean",
    "includeInGlobalAddressList": "boolean",
    "ipWhitelisted": "boolean",
    "recoveryEmail": "string",
    "recoveryPhone": "string",
    "customSchemas": "object",
    "gender": "any",
    "notes": "any",
    **dict.fromkeys(_USER_LISTS, "array"),
    **dict.fromkeys(_USER_READ_ONLY, "read_only"),
}
LIST_FIELDS = frozenset(_USER_LISTS)

GROUP: Schema = {
    "email": "string",
    "name": "string",
    "description": "string",
    "externalIds": "array",
    **dict.fromkeys(
        ("adminCreated", "aliases", "directMembersCount", "etag", "id", "kind", "nonEditableAliases"),
        "read_only",
    ),
}
MEMBER: Schema = {
    "email": "string",
    "id": "string",
    "role": "string",
    "type": "string",
    "delivery_settings": "string",
    **dict.fromkeys(("etag", "kind", "status"), "read_only"),
}
ALIAS: Schema = {
    "alias": "string",
    **dict.fromkeys(("etag", "id", "kind", "primaryEmail"), "read_only"),
}
MAKE_ADMIN: Schema = {"status": "boolean"}
UNDELETE: Schema = {"orgUnitPath": "string"}
LICENSE_INSERT: Schema = {"userId": "string"}
LICENSE: Schema = {
    "userId": "string",
    "productId": "string",
    "skuId": "string",
    **dict.fromkeys(("etags", "kind", "selfLink", "productName", "skuName"), "read_only"),
}


@dataclass(frozen=True, slots=True)
class _Type:
    name: str
    python: type | tuple[type, ...]


_TYPES: dict[str, _Type] = {
    "string": _Type("TYPE_STRING", str),
    "boolean": _Type("TYPE_BOOL", bool),
    "integer": _Type("TYPE_INT32", int),
    "array": _Type("LIST", list),
    "object": _Type("MESSAGE", dict),
    "any": _Type("ANY", object),
}


def read_body(call: Call, schema: Schema, root: str) -> dict[str, Any]:
    """Return the writable members of the body; raise GoogleError on a name or type that the schema lacks."""
    if call.content_type != "application/json":
        shown = call.content_type or "none"
        raise GoogleError(400, "badContent", f"Unsupported content with type: {shown}")
    try:
        body = call.json_object()
    except NotJsonError as error:
        raise GoogleError(400, "parseError", "Parse Error") from error
    return _check(body, schema, root)


def _check(body: dict[str, Any], schema: Schema, where: str) -> dict[str, Any]:
    kept: dict[str, Any] = {}
    for name, value in body.items():
        kind = schema.get(name)
        path = f"{where}.{name}"
        if kind is None:
            raise unknown_name(name, where)
        if kind == "read_only":
            continue
        if not isinstance(kind, str):
            if value is not None and not isinstance(value, dict):
                raise wrong_type(path, "MESSAGE", value)
            kept[name] = None if value is None else _check(value, kind, path)
            continue
        expected = _TYPES[kind]
        if value is not None and not isinstance(value, expected.python):
            raise wrong_type(path, expected.name, value)
        if kind == "array" and isinstance(value, list):
            _check_items(value, path)
        kept[name] = value
    return kept


def _check_items(items: list[Any], where: str) -> None:
    for index, item in enumerate(items):
        if not isinstance(item, dict):
            raise wrong_type(f"{where}[{index}]", "MESSAGE", item)

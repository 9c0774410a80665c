"""The attributes of RFC 7643 that this application has: core user, core group, enterprise extension."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

CORE_USER = "urn:ietf:params:scim:schemas:core:2.0:User"
CORE_GROUP = "urn:ietf:params:scim:schemas:core:2.0:Group"
ENTERPRISE = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"
SCHEMA = "urn:ietf:params:scim:schemas:core:2.0:Schema"


@dataclass(frozen=True, slots=True)
class Attribute:
    """RFC 7643 section 7; `type` is string, boolean, complex, reference, binary or dateTime."""

    name: str
    type: str = "string"
    multi: bool = False
    required: bool = False
    case_exact: bool = False
    mutability: str = "readWrite"
    returned: str = "default"
    uniqueness: str = "none"
    canonical: tuple[str, ...] = ()
    references: tuple[str, ...] = ()
    sub: tuple[Attribute, ...] = ()

    def find_sub(self, name: str) -> Attribute | None:
        return find(self.sub, name)

    def as_json(self) -> dict[str, Any]:
        body: dict[str, Any] = {
            "name": self.name,
            "type": self.type,
            "multiValued": self.multi,
            "description": self.name,
            "required": self.required,
            "mutability": self.mutability,
            "returned": self.returned,
        }
        if self.type == "complex":
            body["subAttributes"] = [one.as_json() for one in self.sub]
        else:
            body |= {"caseExact": self.case_exact, "uniqueness": self.uniqueness}
        if self.canonical:
            body["canonicalValues"] = list(self.canonical)
        if self.references:
            body["referenceTypes"] = list(self.references)
        return body


def find(attributes: tuple[Attribute, ...], name: str) -> Attribute | None:
    """Attribute names are case-insensitive (RFC 7643 section 2.1)."""
    wanted = name.lower()
    return next((one for one in attributes if one.name.lower() == wanted), None)


@dataclass(frozen=True, slots=True)
class Schema:
    id: str
    name: str
    attributes: tuple[Attribute, ...]

    def as_json(self, base_url: str) -> dict[str, Any]:
        return {
            "schemas": [SCHEMA],
            "id": self.id,
            "name": self.name,
            "description": self.name,
            "attributes": [one.as_json() for one in self.attributes],
            "meta": {"resourceType": "Schema", "location": f"{base_url}/Schemas/{self.id}"},
        }


def _texts(*names: str) -> tuple[Attribute, ...]:
    return tuple(Attribute(name) for name in names)


def _plural(name: str, *types: str, value: Attribute | None = None) -> Attribute:
    sub = (
        value or Attribute("value"),
        Attribute("display"),
        Attribute("type", canonical=types),
        Attribute("primary", "boolean"),
    )
    return Attribute(name, "complex", multi=True, sub=sub)


def _read_only(name: str, kind: str = "string", **more: Any) -> Attribute:
    return Attribute(name, kind, mutability="readOnly", **more)


_URL = Attribute("value", "reference", case_exact=True, references=("external",))
_ADDRESS = Attribute(
    "addresses",
    "complex",
    multi=True,
    sub=(
        *_texts("formatted", "streetAddress", "locality", "region", "postalCode", "country"),
        Attribute("type", canonical=("work", "home", "other")),
        Attribute("primary", "boolean"),
    ),
)
_GROUPS = _read_only(
    "groups",
    "complex",
    multi=True,
    sub=(
        _read_only("value", case_exact=True),
        _read_only("$ref", "reference", case_exact=True, references=("Group",)),
        _read_only("display"),
        _read_only("type", canonical=("direct", "indirect")),
    ),
)

USER = Schema(
    CORE_USER,
    "User",
    (
        Attribute("userName", required=True, uniqueness="server"),
        Attribute(
            "name",
            "complex",
            sub=_texts(
                "formatted", "familyName", "givenName", "middleName", "honorificPrefix", "honorificSuffix"
            ),
        ),
        *_texts("displayName", "nickName"),
        Attribute("profileUrl", "reference", case_exact=True, references=("external",)),
        *_texts("title", "userType", "preferredLanguage", "locale", "timezone"),
        Attribute("active", "boolean"),
        Attribute("password", case_exact=True, mutability="writeOnly", returned="never"),
        _plural("emails", "work", "home", "other"),
        _plural("phoneNumbers", "work", "home", "mobile", "fax", "pager", "other"),
        _plural("ims", "aim", "gtalk", "icq", "xmpp", "msn", "skype", "qq", "yahoo"),
        _plural("photos", "photo", "thumbnail", value=_URL),
        _ADDRESS,
        _GROUPS,
        _plural("entitlements"),
        _plural("roles"),
        _plural("x509Certificates", value=Attribute("value", "binary", case_exact=True)),
    ),
)
ENTERPRISE_USER = Schema(
    ENTERPRISE,
    "EnterpriseUser",
    (
        *_texts("employeeNumber", "costCenter", "organization", "division", "department"),
        Attribute(
            "manager",
            "complex",
            sub=(
                Attribute("value", required=True, case_exact=True),
                Attribute("$ref", "reference", case_exact=True, references=("User",)),
                _read_only("displayName"),
            ),
        ),
    ),
)
GROUP = Schema(
    CORE_GROUP,
    "Group",
    (
        Attribute("displayName", required=True),
        Attribute(
            "members",
            "complex",
            multi=True,
            sub=(
                Attribute("value", mutability="immutable", case_exact=True),
                Attribute(
                    "$ref",
                    "reference",
                    case_exact=True,
                    mutability="immutable",
                    references=("User", "Group"),
                ),
                Attribute("type", mutability="immutable", canonical=("User", "Group")),
                Attribute("display"),
            ),
        ),
    ),
)
COMMON = (
    Attribute("externalId", case_exact=True),
    _read_only("id", case_exact=True, returned="always"),
    _read_only(
        "meta",
        "complex",
        sub=(
            _read_only("resourceType", case_exact=True),
            _read_only("created", "dateTime"),
            _read_only("lastModified", "dateTime"),
            _read_only("location", "reference", case_exact=True),
            _read_only("version", case_exact=True),
        ),
    ),
)
"""RFC 7643 section 3.1: every resource has these, and no schema lists them."""


@dataclass(frozen=True, slots=True)
class ResourceType:
    name: str
    endpoint: str
    schema: Schema
    extensions: tuple[Schema, ...] = ()

    @property
    def core(self) -> tuple[Attribute, ...]:
        return (*COMMON, *self.schema.attributes)

    def extension(self, urn: str) -> Schema | None:
        return next((one for one in self.extensions if one.id.lower() == urn.lower()), None)

    def without_extensions(self) -> ResourceType:
        return ResourceType(self.name, self.endpoint, self.schema)


USERS = ResourceType("User", "/Users", USER, (ENTERPRISE_USER,))
GROUPS = ResourceType("Group", "/Groups", GROUP)
SCHEMAS: Mapping[str, Schema] = {one.id: one for one in (USER, GROUP, ENTERPRISE_USER)}

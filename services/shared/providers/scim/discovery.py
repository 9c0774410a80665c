"""What the application says it can do: ServiceProviderConfig, ResourceTypes and Schemas (RFC 7643 5 to 7).

Many applications leave some of it out, or answer a web page. What is not told is taken as the standard has it, and what
turns out otherwise is met where it happens: a filter that is refused becomes a list, a PATCH becomes a PUT.
"""

from collections.abc import Mapping
from typing import Any

from services.shared.providers.scim.answers import ScimAnswer
from services.shared.providers.scim.client import GROUPS, ScimContext, call, list_all
from services.shared.providers.scim.paths import CORE_USER, ScimPath, member
from services.shared.sdk.manifest import Frozen

_NO_DISCOVERY = frozenset({400, 403, 404, 405, 406, 501})
_UPDATABLE = frozenset({"readWrite"})
_CREATABLE = frozenset({"readWrite", "writeOnly", "immutable"})


class Features(Frozen):
    """How to speak to this application. Travels in an action's `params`."""

    patch: bool = True
    filter: bool = True
    etag: bool = False
    groups: bool = True
    password: bool = True
    page: int = 100
    """How many resources one page may hold."""


class Fact(Frozen):
    """What the schema says of one attribute."""

    mutability: str = "readWrite"
    returned: str = "default"
    case_exact: bool = False

    @property
    def can_be_made(self) -> bool:
        """Whether a new account may have it."""
        return self.mutability in _CREATABLE

    @property
    def can_be_changed(self) -> bool:
        """Whether it may be changed, and is shown so that one can tell whether it has to be."""
        return self.mutability in _UPDATABLE and self.returned not in {"never", "request"}


_ASSUMED = Fact()


class Schemas:
    """The attributes of a user, as far as the application tells."""

    def __init__(self, by_urn: Mapping[str, Mapping[str, Any]] | None) -> None:
        self._by_urn = by_urn

    def find(self, path: ScimPath) -> Fact | None:
        """What is known of this place; None when the application does not have it."""
        if self._by_urn is None:
            return _ASSUMED
        attributes = self._by_urn.get((path.urn or CORE_USER).lower())
        found = _named(attributes, path.name)
        if found is None:
            return None
        if path.sub is not None and (inner := found.get("subAttributes")):
            sub = _named(_index(inner), path.sub)
            if sub is None:
                return None
            return _fact(sub, found)
        return _fact(found, found)


def _named(attributes: Mapping[str, Any] | None, name: str) -> Mapping[str, Any] | None:
    found = (attributes or {}).get(name.lower())
    return found if isinstance(found, Mapping) else None


def _index(attributes: Any) -> dict[str, Any]:
    listed = attributes if isinstance(attributes, list) else []
    return {str(one.get("name")).lower(): one for one in listed if isinstance(one, dict)}


def _fact(attribute: Mapping[str, Any], outer: Mapping[str, Any]) -> Fact:
    mutability = str(attribute.get("mutability") or "readWrite")
    if outer.get("mutability") == "readOnly":
        mutability = "readOnly"
    return Fact(
        mutability=mutability,
        returned=str(attribute.get("returned") or "default"),
        case_exact=attribute.get("caseExact") is True,
    )


async def load_features(ctx: ScimContext) -> Features:
    """Read what the application supports.

    Raises:
        ScimAnswer: an expired token, throttling, a broken application.
    """
    config = await _optional(ctx, "ServiceProviderConfig")
    if config is None:
        return Features(groups=await _has_groups(ctx))
    filtering = _section(config, "filter")
    most = filtering.get("maxResults")
    return Features(
        patch=_is_supported(config, "patch"),
        filter=_is_supported(config, "filter"),
        etag=_is_supported(config, "etag", assumed=False),
        groups=await _has_groups(ctx),
        page=max(1, min(100, most)) if isinstance(most, int) and most > 0 else 100,
    )


def _section(config: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    found = member(config, name)
    return found if isinstance(found, Mapping) else {}


def _is_supported(config: Mapping[str, Any], name: str, *, assumed: bool = True) -> bool:
    supported = member(_section(config, name), "supported")
    return supported if isinstance(supported, bool) else assumed


async def _has_groups(ctx: ScimContext) -> bool:
    """By its resource types, or by looking."""
    types = await _optional(ctx, "ResourceTypes")
    listed = member(types, "Resources") if types else None
    if isinstance(listed, list) and listed:
        endpoints = {
            str(member(one, "endpoint")).strip("/").lower() for one in listed if isinstance(one, dict)
        }
        return GROUPS.lower() in endpoints
    try:
        async for _ in list_all(ctx, GROUPS, page=1, most=1):
            break
    except ScimAnswer as answer:
        if answer.is_not_offered:
            return False
        raise
    return True


async def load_schemas(ctx: ScimContext) -> Schemas:
    """Read which attributes a user has.

    Raises:
        ScimAnswer: an expired token, throttling, a broken application.
    """
    answered = await _optional(ctx, "Schemas")
    listed = member(answered, "Resources") if answered else None
    if not isinstance(listed, list):
        return Schemas(None)
    found = {
        str(member(one, "id")).lower(): _index(member(one, "attributes"))
        for one in listed
        if isinstance(one, dict)
    }
    return Schemas(found if found.get(CORE_USER.lower()) else None)


async def _optional(ctx: ScimContext, path: str) -> dict[str, Any] | None:
    """A document that not every application has."""
    try:
        return await call(ctx, "GET", path)
    except ScimAnswer as answer:
        if answer.status in _NO_DISCOVERY or answer.is_unreadable:
            return None
        raise

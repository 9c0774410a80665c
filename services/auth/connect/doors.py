"""Atlassian's doors: a connection may have several credentials, and reconnecting one leaves the others."""

from collections.abc import Mapping
from typing import Any

from services.auth.connection.models import Method
from services.auth.grant.refresh import PREVIOUS_REFRESH_TOKEN, REFRESH_TOKEN
from services.auth.grant.static import ADMIN, CREDENTIALS, SCIM, SITE
from services.auth.vault.secret import Secret

_OF_THE_SITE = frozenset({SITE, REFRESH_TOKEN, PREVIOUS_REFRESH_TOKEN})
_SITE_SETTINGS = frozenset({"site_url", "site_page", "site_name", "confluence_url", "cloud_id"})


def merged_secrets(held: Mapping[str, Secret], given: Mapping[str, Secret]) -> dict[str, Secret]:
    """What was held, with the doors that are given replaced. The site has one: a consent or a person's API token."""
    replaced = _OF_THE_SITE if set(given) & _OF_THE_SITE else frozenset(given)
    return {**{field: one for field, one in held.items() if field not in replaced | set(given)}, **given}


def merged_settings(
    held: Mapping[str, Any], given: Mapping[str, Any], secrets: Mapping[str, Secret]
) -> dict[str, Any]:
    """The settings that belong to these credentials."""
    kept = {name: value for name, value in held.items() if value is not None}
    if given.get("site_url"):
        kept = {name: value for name, value in kept.items() if name not in _SITE_SETTINGS}
    merged = {**given, **kept, **{name: value for name, value in given.items() if value is not None}}
    names = [CREDENTIALS[field] for field in (SCIM, SITE, ADMIN) if field in secrets]
    if REFRESH_TOKEN in secrets:
        names.append("site")
    return {**merged, "credentials": names}


def method_of(secrets: Mapping[str, Secret]) -> Method:
    """How the site's token is got."""
    return Method.AUTHORIZATION_CODE if REFRESH_TOKEN in secrets else Method.TOKEN

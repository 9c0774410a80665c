"""The accounts as the vendors' sandbox holds them, asked at its control surface and not through OneClick."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import httpx

Facts = list[tuple[str, Any]]
_VENDORS = (
    ("google", "Google Workspace"),
    ("microsoft", "Microsoft 365"),
    ("slack", "Slack"),
    ("atlassian", "Jira and Confluence"),
    ("github", "GitHub"),
    ("clickup", "ClickUp"),
    ("zoom", "Zoom"),
    ("hubspot", "HubSpot"),
    ("scim", "SCIM application"),
)


def accounts(sandbox: str, email: str) -> Iterator[tuple[str, Facts]]:
    """A title and the facts of that person's account at each vendor.

    Raises:
        LookupError: a vendor has no account for that address, or more than one.
    """
    with httpx.Client(base_url=sandbox, trust_env=False, timeout=10) as client:
        for vendor, title in _VENDORS:
            reply = client.get(f"/control/{vendor}/state", params={"user": email}).raise_for_status()
            found = [user for user in reply.json()["users"] if not user["deleted"]]
            if len(found) != 1:
                raise LookupError(f"{title} holds {len(found)} accounts for {email}, and should hold one")
            yield title, _facts(reply.json(), found[0])


def _facts(state: Mapping[str, Any], user: Mapping[str, Any]) -> Facts:
    names = {f"{sku['product']}/{sku['id']}": sku["name"] for sku in state["skus"] if "product" in sku}
    groups = {str(group["id"]): group["name"] for group in state["groups"]}
    name = user.get("name")
    full_name = _full_name(name) if isinstance(name, Mapping) else name
    facts: Facts = [
        ("Id", user["id"]),
        ("Address", user["address"]),
        ("Name", full_name),
        ("Login", user.get("login")),
        ("Enabled", "yes" if user["enabled"] else "no"),
        ("Org unit", user.get("org_unit")),
        ("Usage location", user.get("usage_location")),
        ("Manager", user.get("manager")),
        ("Licences", [names.get(licence, licence) for licence in user["licenses"]]),
        ("Groups", [groups.get(str(group), group) for group in user["groups"]]),
        ("Our mark", _mark(user)),
    ]
    return [(label, value) for label, value in facts if value is not None]


def _mark(user: Mapping[str, Any]) -> str | None:
    """What tells that OneClick made the account."""
    for mark in user.get("external_ids") or []:
        if mark.get("customType") == "oneclick":
            return f"externalIds oneclick: {mark['value']}"
    extensions: Mapping[str, str] = user.get("extension_attributes") or {}
    return next(
        (f"{name}: {value}" for name, value in extensions.items() if value.startswith("oneclick:")), None
    )


def _full_name(name: Mapping[str, Any]) -> str:
    """Given and family name, by whichever words the vendor has for them."""
    parts = (("givenName", "firstName", "first_name"), ("familyName", "lastName", "last_name"))
    found = [next((str(name[word]) for word in words if name.get(word)), "") for words in parts]
    return " ".join(part for part in found if part)

"""The new hire of the demo. What each app offers is looked up by its name, as a person in the wizard would."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from deploy.local.publicclient import PublicClient

WORK_EMAIL = "nora.lindqvist@acme.example"
EMPLOYEE = {
    "full_name": "Nora Lindqvist",
    "work_email": WORK_EMAIL,
    "department": "Engineering",
    "job_title": "Platform Engineer",
    "location": "Berlin",
    "manager_email": "priya.raman@acme.example",
    "start_date": "2027-01-04",
}


class OptionMissing(Exception):
    """An app does not offer what the demo needs."""


def choose(client: PublicClient, app: str, name: str, label: str) -> str:
    """The value of the option whose label starts with those words.

    Raises:
        OptionMissing: there is none.
    """
    items = client.get(f"/api/apps/{app}/options/{name}")["items"]
    for item in items:
        if label.casefold() in (str(item["label"]).casefold(), str(item["value"]).casefold()):
            return str(item["value"])
    for item in items:
        if str(item["label"]).casefold().startswith(label.casefold()):
            return str(item["value"])
    offered = ", ".join(str(item["label"]) for item in items)
    raise OptionMissing(f"{app} offers no {label!r} among its {name}; it offers: {offered}")


class Desk:
    """One app's live choices."""

    def __init__(self, client: PublicClient, app: str) -> None:
        self._client = client
        self._app = app

    def pick(self, name: str, label: str) -> str:
        """The value of the choice of that label."""
        return choose(self._client, self._app, name, label)


def _google(desk: Desk) -> dict[str, Any]:
    return {
        "primary_org_unit": desk.pick("org_units", "/Engineering/Platform"),
        "license_skus": [desk.pick("license_skus", "Google Workspace Business Standard")],
        "groups": [desk.pick("groups", "Engineering"), desk.pick("groups", "All Staff")],
    }


def _microsoft(desk: Desk) -> dict[str, Any]:
    return {
        "usage_location": "DE",
        "licenses": [desk.pick("license_skus", "Microsoft 365 E3")],
        "groups": [desk.pick("groups", "Engineering"), desk.pick("groups", "VPN Users")],
    }


def _slack(desk: Desk) -> dict[str, Any]:
    return {
        "groups": [desk.pick("groups", "Engineering")],
        "channels": [desk.pick("channels", "#engineering"), desk.pick("channels", "#announcements")],
    }


def _jira(desk: Desk) -> dict[str, Any]:
    return {"products": ["jira-software"], "groups": [desk.pick("groups", "Engineering")]}


def _confluence(desk: Desk) -> dict[str, Any]:
    return {"access_groups": [desk.pick("access_groups", "confluence-users")]}


def _github(desk: Desk) -> dict[str, Any]:
    return {"teams": [desk.pick("teams", "Platform")]}


def _clickup(desk: Desk) -> dict[str, Any]:
    return {"role": "member", "groups": [desk.pick("groups", "Engineering")]}


def _zoom(desk: Desk) -> dict[str, Any]:
    return {"license_type": "licensed", "groups": [desk.pick("groups", "Engineering")]}


def _hubspot(desk: Desk) -> dict[str, Any]:
    return {
        "permission_set": desk.pick("permission_sets", "Service Agent"),
        "primary_team": desk.pick("teams", "Engineering"),
    }


def _scim(desk: Desk) -> dict[str, Any]:
    return {"groups": [desk.pick("groups", "Engineering")]}


FIELDS: Mapping[str, Callable[[Desk], dict[str, Any]]] = {
    "google-workspace": _google,
    "microsoft-365": _microsoft,
    "slack": _slack,
    "jira": _jira,
    "confluence": _confluence,
    "github": _github,
    "clickup": _clickup,
    "zoom": _zoom,
    "hubspot": _hubspot,
    "scim": _scim,
}


def sample_request(client: PublicClient) -> dict[str, Any]:
    """The body of `POST /api/requests` for the sample hire, as a dry run over every app.

    Raises:
        OptionMissing: an app does not offer what it offered when the demo was written.
    """
    return {
        "kind": "onboard",
        "dry_run": True,
        "employee": EMPLOYEE,
        "apps": {app: fields(Desk(client, app)) for app, fields in FIELDS.items()},
        "tags": ["demo"],
    }

"""The new hire of the demo. What the two apps offer is looked up by its name, as a person in the wizard would."""

from __future__ import annotations

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
    """The value of the option whose label starts with those words."""
    items = client.get(f"/api/apps/{app}/options/{name}")["items"]
    for item in items:
        if label.casefold() in (str(item["label"]).casefold(), str(item["value"]).casefold()):
            return str(item["value"])
    for item in items:
        if str(item["label"]).casefold().startswith(label.casefold()):
            return str(item["value"])
    offered = ", ".join(str(item["label"]) for item in items)
    raise OptionMissing(f"{app} offers no {label!r} among its {name}; it offers: {offered}")


def sample_request(client: PublicClient) -> dict[str, Any]:
    """The body of `POST /api/requests` for the sample hire, as a dry run."""
    google, microsoft = "google-workspace", "microsoft-365"
    return {
        "kind": "onboard",
        "dry_run": True,
        "employee": EMPLOYEE,
        "apps": {
            google: {
                "primary_org_unit": choose(client, google, "org_units", "/Engineering/Platform"),
                "license_skus": [
                    choose(client, google, "license_skus", "Google Workspace Business Standard")
                ],
                "groups": [
                    choose(client, google, "groups", "Engineering"),
                    choose(client, google, "groups", "All Staff"),
                ],
            },
            microsoft: {
                "usage_location": "DE",
                "licenses": [choose(client, microsoft, "license_skus", "Microsoft 365 E3")],
                "groups": [
                    choose(client, microsoft, "groups", "Engineering"),
                    choose(client, microsoft, "groups", "VPN Users"),
                ],
            },
        },
        "tags": ["demo"],
    }

"""Example employees, brought in as a person would: signed in, through the public API. Safe to repeat."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from http import HTTPStatus
from pathlib import Path
from typing import Any

import yaml

from deploy.local.publicclient import ApiRefused, PublicClient
from deploy.local.samplehire import choose

SEED = Path(__file__).parent / "seed"
# Which list of options a field's labels belong to.
_OPTIONS = {
    ("google-workspace", "license_skus"): "license_skus",
    ("google-workspace", "groups"): "groups",
    ("google-workspace", "primary_org_unit"): "org_units",
    ("microsoft-365", "licenses"): "license_skus",
    ("microsoft-365", "groups"): "groups",
}


@dataclass(frozen=True, slots=True)
class SignIn:
    """A person at the sandbox's identity provider."""

    email: str
    role: str
    tenant: str


def sign_ins() -> list[SignIn]:
    """Whom one can sign in as; the first is an administrator."""
    return [SignIn(**entry) for entry in yaml.safe_load((SEED / "sign-ins.yaml").read_text())]


def plant(url: str) -> Iterator[str]:
    """Request accounts for each example employee that OneClick does not know yet; yields what was done in words.

    Raises ApiRefused and OptionMissing.
    """
    data = yaml.safe_load((SEED / "employees.yaml").read_text())
    with PublicClient(url) as client:
        client.sign_in(sign_ins()[0].email)
        for employee in data["employees"]:
            if not _known(client, employee["work_email"]):
                apps = data["roles"][employee["role"]]
                key = f"seed-{employee['work_email']}"
                client.post("/api/requests", _request(client, employee, apps), idempotency_key=key)
                yield f"Asked for the accounts of {employee['full_name']}, {employee['job_title']}"


def _known(client: PublicClient, work_email: str) -> bool:
    try:
        client.get("/api/employees/by-email", work_email=work_email)
    except ApiRefused as refused:
        if refused.status == HTTPStatus.NOT_FOUND:
            return False
        raise
    return True


def _request(
    client: PublicClient, employee: Mapping[str, Any], apps: Mapping[str, Mapping[str, Any]]
) -> dict[str, Any]:
    person = {name: value for name, value in employee.items() if name != "usage_location"}
    forms = {app: _form(client, app, fields) for app, fields in apps.items()}
    if "microsoft-365" in forms:
        forms["microsoft-365"]["usage_location"] = employee["usage_location"]
    return {"kind": "onboard", "employee": person, "apps": forms, "tags": ["example"]}


def _form(client: PublicClient, app: str, fields: Mapping[str, Any]) -> dict[str, Any]:
    """The fields with labels replaced by the values that the app offers for them."""
    form: dict[str, Any] = {}
    for field, wanted in fields.items():
        name = _OPTIONS[app, field]
        if isinstance(wanted, list):
            form[field] = [choose(client, app, name, label) for label in wanted]
        else:
            form[field] = choose(client, app, name, wanted)
    return form

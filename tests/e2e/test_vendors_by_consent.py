"""Every vendor connected by a person at the vendor's own pages, and one hire who runs on those connections alone."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from playwright.async_api import Browser, Page

from deploy.local.publicclient import PublicClient
from deploy.local.samplehire import Desk
from deploy.local.stack import Stack
from tests.fixtures.stack import signed_in

pytestmark = [pytest.mark.browser, pytest.mark.timeout(900)]
GIL, GIL_AT_THE_VENDOR = "admin@globex.example", "#person-admin-globex-example"
"""The administrator of the company for which the environment holds no credentials."""
BY_CONSENT = ("microsoft", "google", "atlassian", "hubspot", "slack", "clickup", "github")
PATIENCE = 300.0
IDA, UDO = "ida.plant@globex.example", "udo.wiki@globex.example"
INVITES, INVITED = {"clickup", "github", "zoom"}, "awaiting_acceptance"
MOVING = {"pending", "running", "waiting_retry"}
Json = dict[str, Any]


@pytest.fixture
def gil(stack: Stack) -> Iterator[PublicClient]:
    """The administrator by the public interface, with nothing connected before and nothing after."""
    with PublicClient(stack.wiring.public_url) as person:
        person.sign_in(GIL)
        disconnect_all(person)
        yield person
        disconnect_all(person)


def disconnect_all(person: PublicClient) -> None:
    for one in person.get("/api/connections")["items"]:
        if one["state"] != "disconnected":
            person.post(f"/api/connections/{one['id']}/disconnect", {"confirm": True})


async def consent(page: Page, stack: Stack, vendor: str) -> None:
    """Off to the vendor, sign in there, allow it, and back. Who agreed before is not asked again."""
    await page.goto(f"{stack.wiring.public_url}/auth/oauth/{vendor}/authorize")
    back = re.compile(rf"^{re.escape(stack.wiring.public_url)}/admin/connections\?(connected|failed)=")
    await page.click(GIL_AT_THE_VENDOR)
    await page.wait_for_function(
        "at => location.origin === at || document.querySelector('#consent-allow')",
        arg=stack.wiring.public_url,
    )
    allow = page.locator("#consent-allow")
    if await allow.count():
        await allow.click()
    await page.wait_for_url(back)
    assert "connected=" in page.url, page.url


def type_in(person: PublicClient, sandbox: Json) -> None:
    """Zoom and the application that speaks SCIM have no page: their credentials are typed in."""
    zoom = of_globex(sandbox["zoom"])
    scim = of_globex(sandbox["scim"])
    methods = {one["vendor"]: one["methods"] for one in person.get("/api/connection-methods")["items"]}
    wanted: dict[str, Json] = {
        "zoom": {name: zoom[name] for name in ("account_id", "client_id", "client_secret")},
        "scim": {
            "base_url": scim["base_url"],
            "token_url": sandbox["scim"]["token_url"],
            "client_id": scim["client_id"],
            "client_secret": scim["client_secret"],
        },
    }
    for vendor, fields in wanted.items():
        way = next(
            one for one in methods[vendor] if set(fields) <= {field["name"] for field in one["fields"]}
        )
        person.post(f"/api/connections/{vendor}", {"method": way["key"], "fields": fields})


def of_globex(vendor: Json) -> Json:
    found: Json = next(one for one in vendor["tenants"] if one["domain"] == "globex.example")
    return found


def wishes(person: PublicClient) -> dict[str, Json]:
    def desk(app: str) -> Desk:
        return Desk(person, app)

    return {
        "google-workspace": {
            "primary_org_unit": desk("google-workspace").pick("org_units", "/Staff"),
            "groups": [desk("google-workspace").pick("groups", "Everyone")],
        },
        "microsoft-365": {
            "usage_location": "US",
            "groups": [desk("microsoft-365").pick("groups", "Plant")],
        },
        "jira": {"products": ["jira-software"]},
        "confluence": {
            "access_groups": [desk("confluence").pick("access_groups", "confluence-users-globex")]
        },
        "hubspot": {"permission_set": desk("hubspot").pick("permission_sets", "Service Agent")},
        "slack": {"groups": [desk("slack").pick("groups", "Plant")]},
        "clickup": {"role": "member"},
        "github": {"teams": [desk("github").pick("teams", "Plant")]},
        "zoom": {"license_type": "basic"},
        "scim": {},
    }


def tried(person: PublicClient, connection_id: str) -> tuple[bool, str | None]:
    """What the test button says: whether it works, and if not, why."""
    path, until = f"/api/connections/{connection_id}", time.monotonic() + PATIENCE
    told = person.post(f"{path}/test", {})
    while told["testing"] or not told["last_test"]:
        assert time.monotonic() < until, told
        time.sleep(0.3)
        told = person.get(path)
    return told["last_test"]["ok"], None if told["last_test"]["ok"] else told["last_test"]["message"]


def hire(person: PublicClient, full_name: str, email: str, apps: dict[str, Json]) -> dict[str, str]:
    """Asked for and followed until nothing moves by itself any more; the state of each app."""
    employee = {"full_name": full_name, "work_email": email, "job_title": "Fitter"}
    request = person.post("/api/requests", {"kind": "onboard", "employee": employee, "apps": apps})
    path, until = f"/api/requests/{request['id']}", time.monotonic() + PATIENCE
    while not request["results"] or any(one["state"] in MOVING for one in request["results"]):
        assert time.monotonic() < until, request["results"]
        time.sleep(0.3)
        request = person.get(path)
    assert not [one["error"] for one in request["results"] if one["error"]]
    return {one["app"]: one["state"] for one in request["results"]}


def control(stack: Stack, what: str, /, **query: str) -> Json:
    reply = httpx.get(f"{stack.wiring.url('sandbox')}/control/{what}", params=query)
    found: Json = reply.raise_for_status().json()
    return found


def grants(stack: Stack, vendor: str) -> list[Json]:
    reply = httpx.post(f"{stack.wiring.url('sandbox')}/control/{vendor}/act/issued", json={"person": GIL})
    found: list[Json] = reply.raise_for_status().json()["grants"]
    return found


async def test_a_company_connects_everything_by_consent_and_a_hire_runs_on_it(
    browser: Browser, stack: Stack, gil: PublicClient
) -> None:
    sandbox = control(stack, "info")
    async with signed_in(browser, stack, GIL) as (_context, page):
        for vendor in BY_CONSENT:
            await consent(page, stack, vendor)
    type_in(gil, sandbox)
    held = [one for one in gil.get("/api/connections")["items"] if one["state"] != "disconnected"]
    assert {one["vendor"]: one["state"] for one in held} == dict.fromkeys(
        (*BY_CONSENT, "zoom", "scim"), "active"
    )
    told = {one["vendor"]: tried(gil, one["id"]) for one in held}
    asked = [(one["path"], one["status"]) for one in control(stack, "atlassian/requests")["items"]][-6:]
    assert set(told.values()) == {(True, None)}, (told, asked)
    for app in gil.get("/api/apps")["items"]:
        if not app["offered"]:
            gil.put(f"/api/apps/{app['key']}", {"offered": True})

    states = hire(gil, "Ida Plant", IDA, wishes(gil))
    assert states == {app: INVITED if app in INVITES else "success" for app in states}
    assert len(states) == len(wishes(gil))
    for vendor in ("google", "microsoft", "atlassian", "hubspot", "slack", "scim"):
        found = control(stack, f"{vendor}/state", user=IDA)["users"]
        assert [one["tenant"] for one in found] == ["globex.example"], vendor
    access = Desk(gil, "confluence").pick("access_groups", "confluence-users-globex")
    assert hire(gil, "Udo Wiki", UDO, {"confluence": {"access_groups": [access]}}) == {
        "confluence": "success"
    }

    disconnect_all(gil)
    for vendor in ("google", "slack"):
        assert all(one["revoked_at"] for one in grants(stack, vendor)), vendor
    removed = control(stack, "github/requests", method="DELETE", path="/app/installations/")["items"]
    assert [one["status"] for one in removed] == [204]

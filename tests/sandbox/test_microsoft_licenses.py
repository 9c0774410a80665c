"""Graph licences: all failures are 400s that only their message tells apart."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import httpx
import pytest

from tests.fixtures.sandbox import Sandbox

LENA, TAKEN = "lena.fischer@acme.example", "taken@acme.example"
SHAREPOINT, OFFICE_WEB = "5dbe027f-2339-4123-9542-606e4d348a72", "e95bec33-7c88-4a70-8e19-b10bd9d0c014"
TEAMS = "57ff2da0-773e-42df-b2af-ffb7a2317929"


def change(add: Sequence[str] = (), remove: Sequence[str] = ()) -> dict[str, Any]:
    return {
        "addLicenses": [{"skuId": sku, "disabledPlans": []} for sku in add],
        "removeLicenses": list(remove),
    }


async def assign(graph: httpx.AsyncClient, user: str, body: Any) -> httpx.Response:
    return await graph.post(f"users/{user}/assignLicense", json=body)


def message(reply: httpx.Response) -> str:
    error = reply.json()["error"]
    assert (reply.status_code, error["code"]) == (400, "Request_BadRequest")
    return str(error["message"])


async def test_what_the_tenant_bought(graph: httpx.AsyncClient, tenant: dict[str, Any]) -> None:
    skus = {sku["skuPartNumber"]: sku for sku in (await graph.get("subscribedSkus")).json()["value"]}
    e5 = skus["SPE_E5"]
    assert (e5["prepaidUnits"]["enabled"], e5["consumedUnits"], e5["capabilityStatus"]) == (2, 2, "Enabled")
    assert e5["id"] == f"{tenant['directory_id']}_{e5['skuId']}"
    assert skus["VISIOCLIENT"]["capabilityStatus"] == "Suspended"
    assert (await graph.get(f"subscribedSkus/{e5['id']}?$select=skuId")).status_code == 200
    assert (await graph.get("subscribedSkus?$filter=skuPartNumber eq 'SPE_E5'")).status_code == 400
    assert (await graph.get("subscribedSkus?$top=1")).status_code == 400


async def test_a_licence_is_assigned_inspected_and_removed(
    graph: httpx.AsyncClient, sandbox: Sandbox, tenant: dict[str, Any]
) -> None:
    e3 = tenant["skus"]["SPE_E3"]
    reply = await assign(graph, TAKEN, change(add=[e3]))
    assert reply.status_code == 200
    assert reply.json()["assignedLicenses"] == [{"disabledPlans": [], "skuId": e3}]
    details = (await graph.get(f"users/{TAKEN}/licenseDetails")).json()["value"]
    assert [one["skuPartNumber"] for one in details] == ["SPE_E3"]
    states = (await graph.get(f"users/{TAKEN}?$select=licenseAssignmentStates,assignedPlans")).json()
    assert states["licenseAssignmentStates"][0]["state"] == "Active"
    assert len(states["assignedPlans"]) == 7
    assert (await assign(graph, TAKEN, change(remove=[e3]))).status_code == 200
    assert [one["kind"] for one in sandbox.effects("microsoft", TAKEN)] == [
        "license.assign",
        "license.remove",
    ]


async def test_adding_again_replaces_the_disabled_plans_and_takes_no_seat(
    graph: httpx.AsyncClient, sandbox: Sandbox, tenant: dict[str, Any]
) -> None:
    e3 = tenant["skus"]["SPE_E3"]
    body = {"addLicenses": [{"skuId": e3, "disabledPlans": [TEAMS]}], "removeLicenses": []}
    before = sandbox.state("microsoft")["skus"][0]["free"]
    assert (await assign(graph, LENA, body)).status_code == 200
    assert sandbox.user("microsoft", LENA)["license_ids"] == {e3: [TEAMS]}
    assert sandbox.state("microsoft")["skus"][0]["free"] == before


@pytest.mark.parametrize(
    ("body", "text"),
    [
        ({"addLicenses": []}, "removeLicenses"),
        ({"removeLicenses": []}, "addLicenses"),
        ({"addLicenses": None, "removeLicenses": []}, "addLicenses"),
        ({"addLicenses": [], "removeLicenses": [], "reason": "x"}, "reason"),
        ({"addLicenses": [{"skuId": "SPE_E3"}], "removeLicenses": []}, "Edm.Guid"),
        ({"addLicenses": ["05e9a617-0261-4cee-bb44-138d3ef5d965"], "removeLicenses": []}, "schema"),
        (
            {
                "addLicenses": [{"skuId": "05e9a617-0261-4cee-bb44-138d3ef5d965", "plans": []}],
                "removeLicenses": [],
            },
            "schema",
        ),
    ],
)
async def test_both_arrays_are_needed_and_nothing_else(
    graph: httpx.AsyncClient, body: Any, text: str
) -> None:
    reply = await assign(graph, TAKEN, body)
    assert reply.status_code == 400
    assert text in reply.json()["error"]["message"]


async def test_seats_and_subscriptions_run_out(
    graph: httpx.AsyncClient, sandbox: Sandbox, tenant: dict[str, Any]
) -> None:
    e5, visio = tenant["skus"]["SPE_E5"], tenant["skus"]["VISIOCLIENT"]
    full = message(await assign(graph, TAKEN, change(add=[e5])))
    assert full == "Subscription with SKU SPE_E5 does not have any available licenses."
    assert "VISIOCLIENT" in message(await assign(graph, TAKEN, change(add=[visio])))
    sandbox.set_seats("microsoft", "SPE_E5", 3)
    assert (await assign(graph, TAKEN, change(add=[e5]))).status_code == 200


async def test_unknown_and_unheld_licences(graph: httpx.AsyncClient, tenant: dict[str, Any]) -> None:
    unknown = "00000000-0000-0000-0000-000000000000"
    assert "does not correspond to a valid company License" in message(
        await assign(graph, TAKEN, change(add=[unknown]))
    )
    held = message(await assign(graph, TAKEN, change(remove=[tenant["skus"]["SPE_E3"]])))
    assert held == "User does not have a corresponding license."


async def test_without_a_usage_location_there_is_no_licence(
    graph: httpx.AsyncClient, sandbox: Sandbox, tenant: dict[str, Any]
) -> None:
    sandbox.add_user("microsoft", "nowhere@acme.example")
    e3 = tenant["skus"]["SPE_E3"]
    words = "License assignment cannot be done for user with invalid usage location."
    assert message(await assign(graph, "nowhere@acme.example", change(add=[e3]))) == words
    sandbox.configure("microsoft", usage_location_race_seconds=600)
    await graph.patch("users/nowhere@acme.example", json={"usageLocation": "FR"})
    assert message(await assign(graph, "nowhere@acme.example", change(add=[e3]))) == words
    sandbox.configure("microsoft", usage_location_race_seconds=0)
    assert (await assign(graph, "nowhere@acme.example", change(add=[e3]))).status_code == 200


async def test_service_plans_must_exist_have_what_they_need_and_have_no_rival(
    graph: httpx.AsyncClient, tenant: dict[str, Any]
) -> None:
    e3, business = tenant["skus"]["SPE_E3"], tenant["skus"]["O365_BUSINESS_PREMIUM"]
    foreign = {"addLicenses": [{"skuId": business, "disabledPlans": [SHAREPOINT]}], "removeLicenses": []}
    assert "is not part of the license" in message(await assign(graph, TAKEN, foreign))
    needed = {"addLicenses": [{"skuId": e3, "disabledPlans": [SHAREPOINT]}], "removeLicenses": []}
    assert f"service plan {OFFICE_WEB} depends on" in message(await assign(graph, TAKEN, needed))
    assert "mutually exclusive" in message(await assign(graph, LENA, change(add=[business])))
    swap = await assign(graph, LENA, change(add=[business], remove=[e3]))
    assert [one["skuId"] for one in swap.json()["assignedLicenses"]] == [business]


async def test_a_refused_change_changes_nothing(
    graph: httpx.AsyncClient, sandbox: Sandbox, tenant: dict[str, Any]
) -> None:
    both = change(add=[tenant["skus"]["SPE_E5"]], remove=[tenant["skus"]["SPE_E3"]])
    message(await assign(graph, LENA, both))
    assert sandbox.user("microsoft", LENA)["licenses"] == ["SPE_E3"]
    assert sandbox.effects("microsoft", LENA) == []


async def test_the_first_licence_with_mail_gives_the_account_its_address(
    graph: httpx.AsyncClient, sandbox: Sandbox, tenant: dict[str, Any]
) -> None:
    body = {
        "accountEnabled": True,
        "displayName": "New Hire",
        "mailNickname": "new.hire",
        "userPrincipalName": "new.hire@acme.example",
        "usageLocation": "DE",
        "passwordProfile": {"password": "Correct-horse-1"},
    }
    assert (await graph.post("users", json=body)).json()["mail"] is None
    await assign(graph, "new.hire@acme.example", change(add=[tenant["skus"]["SPE_E3"]]))
    assert (await graph.get("users/new.hire@acme.example")).json()["mail"] == "new.hire@acme.example"

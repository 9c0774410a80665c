"""Accounts that were created a moment ago are not everywhere yet."""

from __future__ import annotations

import asyncio
from typing import Any

import httpx

from tests.fixtures.sandbox import Sandbox
from tests.sandbox.test_google_users import NEW as GOOGLE_NEW
from tests.sandbox.test_microsoft_users import NEW as GRAPH_NEW

ADDRESS = "new.hire@acme.example"


def reason(reply: httpx.Response) -> tuple[int, str, str]:
    error = reply.json()["error"]
    return reply.status_code, error["errors"][0]["reason"], error["message"]


async def test_google_says_412_until_the_creation_is_complete(
    google: httpx.AsyncClient, licensing: httpx.AsyncClient, sandbox: Sandbox
) -> None:
    sandbox.configure("google", settle_seconds=60)
    assert (await google.post("users", json=GOOGLE_NEW)).json()["isMailboxSetup"] is False
    incomplete = (412, "conditionNotMet", "User creation is not complete")
    assert reason(await google.put(f"users/{ADDRESS}", json={"suspended": True})) == incomplete
    assert reason(await google.post(f"users/{ADDRESS}/signOut")) == incomplete
    license_path = "product/Google-Apps/sku/1010020027/user"
    assert reason(await licensing.post(license_path, json={"userId": ADDRESS})) == incomplete
    member = await google.post("groups/it@acme.example/members", json={"email": ADDRESS})
    assert reason(member) == (404, "notFound", "Resource Not Found: memberKey")
    assert (await google.get(f"users/{ADDRESS}")).status_code == 200, "reads see it unless told otherwise"
    assert (await google.post("users", json=GOOGLE_NEW)).status_code == 409
    sandbox.configure("google", settle_seconds=0)
    assert (await licensing.post(license_path, json={"userId": ADDRESS})).status_code == 200
    assert (await google.put(f"users/{ADDRESS}", json={"suspended": True})).status_code == 200


async def test_google_reads_and_lists_can_lag_too(google: httpx.AsyncClient, sandbox: Sandbox) -> None:
    sandbox.configure("google", settle_seconds=60, settle_reads=True, settle_lists=True)
    await google.post("users", json=GOOGLE_NEW)
    assert (await google.get(f"users/{ADDRESS}")).status_code == 404
    found = (await google.get(f"users?customer=my_customer&query=email={ADDRESS}")).json()
    assert "users" not in found


async def test_graph_says_404_until_its_replicas_know(
    graph: httpx.AsyncClient, sandbox: Sandbox, tenant: dict[str, Any]
) -> None:
    sandbox.configure("microsoft", settle_seconds=60)
    created = (await graph.post("users", json=GRAPH_NEW)).json()
    licence = {"addLicenses": [{"skuId": tenant["skus"]["SPE_E3"]}], "removeLicenses": []}
    link = {"@odata.id": f"https://graph.microsoft.com/v1.0/directoryObjects/{created['id']}"}
    group = tenant["groups"]["IT"]
    admin = {"@odata.id": "https://graph.microsoft.com/v1.0/users/admin@acme.example"}
    early = [
        await graph.get(f"users/{created['id']}"),
        await graph.post(f"users/{created['id']}/assignLicense", json=licence),
        await graph.put(f"users/{created['id']}/manager/$ref", json=admin),
        await graph.post(f"groups/{group}/members/$ref", json=link),
    ]
    assert {(one.status_code, one.json()["error"]["code"]) for one in early} == {
        (404, "Request_ResourceNotFound")
    }
    assert len(sandbox.effects("microsoft", created["id"])) == 1
    sandbox.configure("microsoft", settle_seconds=0)
    assert (await graph.post(f"users/{created['id']}/assignLicense", json=licence)).status_code == 200
    assert (await graph.post(f"groups/{group}/members/$ref", json=link)).status_code == 204


async def test_graph_reads_need_not_lag_and_lists_may(graph: httpx.AsyncClient, sandbox: Sandbox) -> None:
    sandbox.configure("microsoft", settle_seconds=60, settle_reads=False, settle_lists=True)
    created = (await graph.post("users", json=GRAPH_NEW)).json()
    assert (await graph.get(f"users/{created['id']}")).status_code == 200
    found = await graph.get("users", params={"$filter": f"userPrincipalName eq '{ADDRESS}'"})
    assert found.json()["value"] == []
    assert (await graph.post("users", json=GRAPH_NEW)).status_code == 400, "uniqueness does not lag"


async def test_settling_ends_by_itself(google: httpx.AsyncClient, sandbox: Sandbox) -> None:
    sandbox.configure("google", settle_seconds=0.3)
    await google.post("users", json=GOOGLE_NEW)
    await asyncio.sleep(0.31)
    assert (await google.put(f"users/{ADDRESS}", json={"suspended": True})).status_code == 200

"""Graph users, oddity by oddity."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from tests.fixtures.sandbox import Sandbox

NEW = {
    "accountEnabled": True,
    "displayName": "New Hire",
    "mailNickname": "new.hire",
    "userPrincipalName": "new.hire@acme.example",
    "usageLocation": "DE",
    "passwordProfile": {"password": "Correct-horse-1", "forceChangePasswordNextSignIn": True},
}


def error(reply: httpx.Response) -> tuple[int, str, str]:
    body = reply.json()["error"]
    return reply.status_code, body["code"], body["message"]


async def test_a_created_user_answers_201_with_the_default_properties(
    graph: httpx.AsyncClient, sandbox: Sandbox
) -> None:
    reply = await graph.post("users", json=NEW)
    assert reply.status_code == 201
    assert reply.headers["location"].endswith("/Microsoft.DirectoryServices.User")
    body = reply.json()
    assert len(body) == 12
    assert "usageLocation" not in body
    chosen = await graph.get(f"users/{body['id']}?$select=usageLocation,accountEnabled,passwordProfile")
    assert chosen.json()["usageLocation"] == "DE"
    assert chosen.json()["passwordProfile"] is None
    assert (await graph.get("users/NEW.HIRE@acme.example")).json()["id"] == body["id"]


async def test_the_sdks_double_slash_is_the_same_path(graph: httpx.AsyncClient, sandbox: Sandbox) -> None:
    created = await graph.post(f"{sandbox.microsoft_url}/v1.0//users", json=NEW)
    assert created.request.url.path == "/microsoft/v1.0//users"
    assert created.status_code == 201


async def test_the_request_ids_travel_both_ways(graph: httpx.AsyncClient) -> None:
    reply = await graph.get("users", headers={"client-request-id": "f6f1b1e0-1111-4222-8333-444455556666"})
    assert reply.headers["client-request-id"] == "f6f1b1e0-1111-4222-8333-444455556666"
    assert reply.headers["request-id"] != reply.headers["client-request-id"]


@pytest.mark.parametrize(
    ("change", "text"),
    [
        ({"accountEnabled": None}, "accountEnabled"),
        ({"displayName": ...}, "A value is required for property 'displayName'"),
        ({"mailNickname": ...}, "A value is required for property 'mailNickname'"),
        ({"userPrincipalName": ...}, "A value is required for property 'userPrincipalName'"),
        ({"passwordProfile": ...}, "A password must be specified"),
        ({"passwordProfile": {"password": "weakpassword"}}, "password complexity"),
        ({"passwordProfile": {"password": "Sh0rt-"}}, "password complexity"),
        ({"passwordProfile": {"password": "New.Hire-123456"}}, "password complexity"),
        ({"passwordProfile": {"password": "Correct-horse-1", "force": True}}, "Invalid property 'force'"),
        ({"userPrincipalName": "new.hire@elsewhere.example"}, "domain portion of the userPrincipalName"),
        ({"userPrincipalName": "nobody"}, "userPrincipalName"),
        ({"usageLocation": "Germany"}, "Invalid value specified for property 'usageLocation'"),
        ({"mailNickname": "a@b"}, "mailNickname"),
        ({"primaryEmail": "x"}, "Invalid property 'primaryEmail'"),
        ({"accountEnabled": "true"}, "accountEnabled in payload has a value that does not match schema"),
        ({"businessPhones": "1"}, "businessPhones"),
        ({"businessPhones": ["1", "2"]}, "businessPhones"),
        ({"id": "1"}, "read-only"),
        ({"jobTitle": ""}, "jobTitle"),
        ({"onPremisesExtensionAttributes": {"extensionAttribute16": "x"}}, "extensionAttribute16"),
    ],
)
async def test_a_body_that_graph_refuses_creates_nothing(
    graph: httpx.AsyncClient, sandbox: Sandbox, change: dict[str, Any], text: str
) -> None:
    body = {name: value for name, value in (NEW | change).items() if value is not ...}
    status, _, message = error(await graph.post("users", json=body))
    assert status == 400
    assert text in message
    assert sandbox.effects("microsoft") == []


@pytest.mark.parametrize(
    ("change", "name"),
    [
        ({"userPrincipalName": "TAKEN@acme.example"}, "userPrincipalName"),
        ({"mailNickname": "taken"}, "mailNickname"),
        ({"mail": "taken@acme.example"}, "proxyAddresses"),
    ],
)
async def test_a_duplicate_is_a_400_here(graph: httpx.AsyncClient, change: dict[str, Any], name: str) -> None:
    status, code, message = error(await graph.post("users", json=NEW | change))
    assert (status, code) == (400, "Request_BadRequest")
    assert message == f"Another object with the same value for property {name} already exists."


async def test_the_recycle_bin_still_owns_the_name(graph: httpx.AsyncClient) -> None:
    created = (await graph.post("users", json=NEW)).json()
    assert (await graph.delete(f"users/{created['id']}")).status_code == 204
    assert (await graph.get(f"users/{created['id']}")).status_code == 404
    assert error(await graph.post("users", json=NEW))[0] == 400
    deleted = (await graph.get("directory/deletedItems/microsoft.graph.user")).json()["value"]
    assert [user["id"] for user in deleted] == [created["id"]]
    assert (await graph.get(f"directory/deletedItems/{created['id']}")).status_code == 200
    assert (await graph.delete(f"directory/deletedItems/{created['id']}")).status_code == 204
    assert (await graph.post("users", json=NEW)).status_code == 201


async def test_a_restore_brings_the_licences_back(
    graph: httpx.AsyncClient, sandbox: Sandbox, tenant: dict[str, Any]
) -> None:
    user = "lena.fischer@acme.example"
    before = sandbox.user("microsoft", user)
    await graph.delete(f"users/{user}")
    skus = {
        sku["skuPartNumber"]: sku["consumedUnits"]
        for sku in (await graph.get("subscribedSkus")).json()["value"]
    }
    assert skus["SPE_E3"] == 2
    restored = await graph.post(f"directory/deletedItems/{before['id']}/restore")
    assert restored.json()["@odata.type"] == "#microsoft.graph.user"
    assert sandbox.user("microsoft", user)["licenses"] == ["SPE_E3"]
    again = await graph.post(f"directory/deletedItems/{before['id']}/restore")
    assert error(again)[:2] == (404, "Request_ResourceNotFound")


async def test_a_patch_answers_204_without_a_body(graph: httpx.AsyncClient, sandbox: Sandbox) -> None:
    await graph.post(
        "users", json=NEW | {"onPremisesExtensionAttributes": {"extensionAttribute15": "oneclick:1"}}
    )
    reply = await graph.patch(
        "users/new.hire@acme.example",
        json={
            "accountEnabled": False,
            "jobTitle": "Boss",
            "onPremisesExtensionAttributes": {"extensionAttribute1": "x"},
        },
    )
    assert (reply.status_code, reply.content) == (204, b"")
    state = sandbox.user("microsoft", "new.hire@acme.example")
    assert state["enabled"] is False
    assert state["extension_attributes"] == {"extensionAttribute15": "oneclick:1", "extensionAttribute1": "x"}
    assert error(await graph.patch("users/new.hire@acme.example", json={"mailNickname": "taken"}))[0] == 400
    cleared = await graph.patch("users/new.hire@acme.example", json={"jobTitle": None})
    assert cleared.status_code == 204


async def test_a_password_can_be_changed_and_is_never_shown(
    graph: httpx.AsyncClient, sandbox: Sandbox
) -> None:
    await graph.post("users", json=NEW)
    await graph.patch(
        "users/new.hire@acme.example", json={"passwordProfile": {"password": "Battery-staple-2"}}
    )
    assert sandbox.has_password("microsoft", "new.hire@acme.example", "Battery-staple-2")
    assert "staple" not in str(sandbox.state("microsoft"))
    assert "staple" not in str(sandbox.requests("microsoft"))


async def test_revoking_sessions_answers_200_true_though_documented_as_204(
    graph: httpx.AsyncClient, sandbox: Sandbox
) -> None:
    reply = await graph.post("users/lena.fischer@acme.example/revokeSignInSessions")
    assert (reply.status_code, reply.json()["value"]) == (200, True)
    long_name = await graph.post(
        "users/lena.fischer@acme.example/microsoft.graph.revokeSignInSessions", json={}
    )
    assert long_name.status_code == 200
    assert sandbox.user("microsoft", "lena.fischer@acme.example")["revocations"] == 2


async def test_an_unknown_user_is_named_in_the_404(graph: httpx.AsyncClient) -> None:
    reply = await graph.get("users/nobody@acme.example")
    assert error(reply) == (
        404,
        "Request_ResourceNotFound",
        (
            "Resource 'nobody@acme.example' does not exist or one of its queried reference-property objects are not"
            " present."
        ),
    )
    assert (await graph.get("users/priya@acme.example")).status_code == 404, "a mail alias is no key"


async def test_the_manager_can_be_expanded(graph: httpx.AsyncClient) -> None:
    body = (await graph.get("users/lena.fischer@acme.example?$expand=manager($select=id,displayName)")).json()
    assert body["manager"]["displayName"] == "Priya Raman"
    assert error(await graph.get("users/lena.fischer@acme.example?$expand=drive"))[0] == 400


async def test_organization_and_domains(graph: httpx.AsyncClient, tenant: dict[str, Any]) -> None:
    body = (await graph.get("organization")).json()["value"][0]
    assert body["id"] == tenant["directory_id"]
    assert {domain["name"] for domain in body["verifiedDomains"]} == set(tenant["domains"])
    assert (
        await graph.get(f"organization/{tenant['directory_id']}?$select=id,displayName")
    ).status_code == 200
    names = {domain["id"] for domain in (await graph.get("domains")).json()["value"]}
    assert names == set(tenant["domains"])
    assert (await graph.get("domains/acme.example")).json()["isVerified"] is True
    assert (await graph.get("domains/globex.example")).status_code == 404

"""Atlassian's SCIM directory: domains, duplicates, linking, the one filter, groups that grant products."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest

from tests.fixtures.sandbox import Sandbox
from tests.sandbox.atlassian_client import GROUP, USER, organisation, patch, person, scim_client

GRACE = "grace.hopper@acme.example"
EXTENSION = "urn:scim:schemas:extension:atlassian-external:1.0"


@pytest.fixture
async def scim(sandbox: Sandbox) -> AsyncIterator[httpx.AsyncClient]:
    async with scim_client(sandbox) as client:
        yield client


def modes(sandbox: Sandbox, **switches: str) -> None:
    sandbox.configure("atlassian", modes=switches)


def group_id(sandbox: Sandbox, name: str = "jira-users") -> str:
    return str(organisation(sandbox)["scim_groups"][name])


async def make(scim: httpx.AsyncClient, address: str = GRACE, **more: Any) -> dict[str, Any]:
    reply = await scim.post("Users", json=person(address, **more))
    assert reply.status_code == 201, reply.text
    body: dict[str, Any] = reply.json()
    return body


def add(user_id: str) -> dict[str, Any]:
    return patch({"op": "add", "path": "members", "value": [{"value": user_id}]})


async def test_create_makes_an_account_at_once_without_any_product(
    scim: httpx.AsyncClient, sandbox: Sandbox
) -> None:
    body = await make(scim, externalId="e-1")
    account = sandbox.user("atlassian", GRACE)
    assert body[EXTENSION] == {"atlassianAccountId": account["id"]}
    assert body["meta"]["resourceType"] == "USER"
    assert (account["enabled"], account["licenses"], account["external_id"]) == (True, [], "e-1")
    assert [one["kind"] for one in sandbox.effects("atlassian", GRACE)] == ["user.create"]


async def test_the_extension_may_be_spelt_the_other_way(scim: httpx.AsyncClient, sandbox: Sandbox) -> None:
    modes(sandbox, extension="ietf")
    body = await make(scim)
    assert "urn:ietf:params:scim:schemas:extension:atlassian-external:1.0" in body


async def test_an_address_outside_the_verified_domains_is_refused(
    scim: httpx.AsyncClient, sandbox: Sandbox
) -> None:
    reply = await scim.post("Users", json=person("grace@elsewhere.example"))
    assert (reply.status_code, reply.json()["status"]) == (400, "400")
    modes(sandbox, unverified="403")
    reply = await scim.post("Users", json=person("grace@elsewhere.example"))
    assert reply.status_code == 403
    assert set(reply.json()) == {"error", "traceId"}
    assert sandbox.find_user("atlassian", "grace@elsewhere.example") is None


async def test_a_second_record_is_a_conflict(scim: httpx.AsyncClient, sandbox: Sandbox) -> None:
    await make(scim)
    reply = await scim.post("Users", json=person(GRACE.upper()))
    assert reply.status_code == 409
    assert (reply.json()["status"], reply.json()["scimType"]) == ("409", "uniqueness")
    assert len(sandbox.effects("atlassian", GRACE)) == 1
    assert (await scim.post("Users", json=person("taken@acme.example"))).status_code == 409


async def test_a_managed_account_that_the_directory_does_not_know_is_linked(
    scim: httpx.AsyncClient, sandbox: Sandbox
) -> None:
    before = sandbox.user("atlassian", "auditor@acme.example")
    body = await make(scim, "auditor@acme.example")
    assert body[EXTENSION]["atlassianAccountId"] == before["id"]
    assert [one["kind"] for one in sandbox.effects("atlassian", "auditor@acme.example")] == ["user.link"]


@pytest.mark.parametrize(
    "text",
    [
        'emails.value eq "x"',
        'userName sw "grace"',
        'userName eq "a" or userName eq "b"',
        "userName eq grace",
        'displayName eq "Grace"',
    ],
)
async def test_any_filter_but_one_eq_is_refused(scim: httpx.AsyncClient, text: str) -> None:
    reply = await scim.get("Users", params={"filter": text})
    assert (reply.status_code, reply.json()["scimType"]) == (400, "invalidFilter")


async def test_the_filter_finds_by_user_name_in_any_case_and_by_external_id_exactly(
    scim: httpx.AsyncClient,
) -> None:
    made = await make(scim, externalId="E-1")
    for text, count in (
        (f'userName eq "{GRACE.upper()}"', 1),
        ('externalId eq "E-1"', 1),
        ('externalId eq "e-1"', 0),
    ):
        body = (await scim.get("Users", params={"filter": text})).json()
        assert [one["id"] for one in body["Resources"]] == [made["id"]] * count


async def test_lists_are_paged_from_one_and_show_what_is_asked_for(scim: httpx.AsyncClient) -> None:
    first = (await scim.get("Users", params={"count": 3})).json()
    assert (first["startIndex"], first["itemsPerPage"], first["totalResults"]) == (1, 3, 7)
    rest = (await scim.get("Users", params={"startIndex": 4, "attributes": "userName"})).json()
    assert len(rest["Resources"]) == 4
    assert set(rest["Resources"][0]) == {"schemas", "id", "userName"}
    assert (await scim.get("Users", params={"sortBy": "userName"})).status_code == 400


async def test_patch_needs_capital_operations(scim: httpx.AsyncClient) -> None:
    made = await make(scim)
    change = [{"op": "replace", "path": "title", "value": "Engineer"}]
    wrong = {"schemas": patch()["schemas"], "operations": change}
    assert (await scim.patch(f"Users/{made['id']}", json=wrong)).status_code == 400
    reply = await scim.patch(f"Users/{made['id']}", json=patch(*change))
    assert (reply.status_code, reply.json()["title"]) == (200, "Engineer")


async def test_patch_without_a_path_and_into_an_address(scim: httpx.AsyncClient) -> None:
    made = await make(scim)
    change = patch(
        {"op": "replace", "value": {"displayName": "Grace B. Hopper"}},
        {"op": "replace", "path": 'emails[type eq "work"].value', "value": "grace.b@acme.example"},
        {"op": "replace", "path": "name.familyName", "value": "B. Hopper"},
    )
    body = (await scim.patch(f"Users/{made['id']}", json=change)).json()
    assert body["displayName"] == "Grace B. Hopper"
    assert body["emails"][0]["value"] == "grace.b@acme.example"
    assert body["name"] == {"givenName": "Grace", "familyName": "B. Hopper"}


async def test_put_clears_what_it_leaves_out(scim: httpx.AsyncClient) -> None:
    made = await make(scim, title="Engineer")
    reply = await scim.put(f"Users/{made['id']}", json=person(GRACE))
    assert reply.status_code == 200
    assert "title" not in reply.json()


async def test_deactivation_takes_the_products_and_activation_brings_them_back(
    scim: httpx.AsyncClient, sandbox: Sandbox
) -> None:
    made = await make(scim)
    await scim.patch(f"Groups/{group_id(sandbox)}", json=add(made["id"]))
    assert sandbox.user("atlassian", GRACE)["licenses"] == ["jira-software"]
    for active, licences in ((False, []), (True, ["jira-software"])):
        change = patch({"op": "replace", "path": "active", "value": active})
        assert (await scim.patch(f"Users/{made['id']}", json=change)).json()["active"] is active
        assert sandbox.user("atlassian", GRACE)["licenses"] == licences
    kinds = [one["kind"] for one in sandbox.effects("atlassian", GRACE)]
    assert kinds == ["user.create", "member.add", "user.deactivate", "user.activate"]


async def test_a_deleted_record_is_gone_and_the_next_one_has_a_new_id(
    scim: httpx.AsyncClient, sandbox: Sandbox
) -> None:
    made = await make(scim)
    assert (await scim.delete(f"Users/{made['id']}")).status_code == 204
    assert (await scim.get(f"Users/{made['id']}")).status_code == 404
    assert (await scim.delete(f"Users/{made['id']}")).json()["status"] == "404"
    assert sandbox.user("atlassian", GRACE)["enabled"] is False
    again = await make(scim)
    assert again["id"] != made["id"]
    assert again[EXTENSION] == made[EXTENSION]


async def test_a_group_that_grants_a_product_takes_a_seat_until_there_is_none(
    scim: httpx.AsyncClient, sandbox: Sandbox
) -> None:
    made, other = await make(scim), await make(scim, "other@acme.example")
    sandbox.set_seats("atlassian", "jira-software", 9, tenant="acme.example")
    path = f"Groups/{group_id(sandbox)}"
    body = (await scim.patch(path, json=add(made["id"]))).json()
    assert made["id"] in {one["value"] for one in body["members"]}
    assert sandbox.user("atlassian", GRACE)["licenses"] == ["jira-software"]
    refused = await scim.patch(path, json=add(other["id"]))
    assert refused.status_code == 400
    assert "user limit" in refused.json()["detail"]
    modes(sandbox, scim_seats="silent")
    assert (await scim.patch(path, json=add(other["id"]))).status_code == 200
    state = sandbox.user("atlassian", "other@acme.example")
    assert (state["groups"], state["licenses"]) == (["jira-users"], [])


async def test_memberships_repeat_safely_and_are_removed_in_both_forms(
    scim: httpx.AsyncClient, sandbox: Sandbox
) -> None:
    made = await make(scim)
    path = f"Groups/{group_id(sandbox, 'Engineering')}"
    for removal in (
        {"op": "remove", "path": f'members[value eq "{made["id"]}"]'},
        {"op": "remove", "path": "members", "value": [{"value": made["id"]}]},
    ):
        for _ in range(2):
            assert (await scim.patch(path, json=add(made["id"]))).status_code == 200
        for _ in range(2):
            body = (await scim.patch(path, json=patch(removal))).json()
        assert made["id"] not in {one["value"] for one in body["members"]}
    kinds = [one["kind"] for one in sandbox.effects("atlassian", GRACE)]
    assert kinds == ["user.create", *["member.add", "member.remove"] * 2]


async def test_group_names_are_unique_and_fixed(scim: httpx.AsyncClient, sandbox: Sandbox) -> None:
    body = {"schemas": [GROUP], "displayName": "Research"}
    made = (await scim.post("Groups", json=body)).json()
    assert (await scim.post("Groups", json=body)).status_code == 409
    rename = patch({"op": "replace", "path": "displayName", "value": "Labs"})
    assert (await scim.patch(f"Groups/{made['id']}", json=rename)).json()["scimType"] == "mutability"
    found = (await scim.get("Groups", params={"filter": 'displayName eq "Research"'})).json()
    assert [one["id"] for one in found["Resources"]] == [made["id"]]
    assert (await scim.delete(f"Groups/{made['id']}")).status_code == 204
    assert (await scim.patch(f"Groups/{group_id(sandbox)}", json=add("nobody"))).status_code == 404


@pytest.mark.parametrize(
    "change",
    [
        {"userName": None},
        {"emails": []},
        {"emails": [{"value": GRACE}]},
        {"emails": [{"value": "no address", "primary": True}]},
        {"active": "true"},
        {"locale": "en"},
        {"schemas": []},
        {"urn:ietf:params:scim:schemas:extension:enterprise:2.0:User": {"department": "x"}},
        {"title": 7},
    ],
)
async def test_a_body_that_is_not_as_published_is_refused(
    scim: httpx.AsyncClient, sandbox: Sandbox, change: dict[str, Any]
) -> None:
    reply = await scim.post("Users", json=person(GRACE) | change)
    assert reply.status_code == 400
    assert sandbox.find_user("atlassian", GRACE) is None


async def test_each_door_takes_its_own_key_alone(scim: httpx.AsyncClient, sandbox: Sandbox) -> None:
    mine, theirs = organisation(sandbox), organisation(sandbox, "globex.example")
    for key in (mine["admin_key"], "nonsense"):
        reply = await scim.get("Users", headers={"authorization": f"Bearer {key}"})
        assert (reply.status_code, set(reply.json())) == (401, {"error", "traceId"})
    reply = await scim.get("Users", headers={"authorization": f"Bearer {theirs['scim_key']}"})
    assert reply.status_code == 403


async def test_without_a_directory_every_path_of_it_is_unknown(
    scim: httpx.AsyncClient, sandbox: Sandbox
) -> None:
    modes(sandbox, scim="off")
    assert (await scim.get("Users")).status_code == 404
    assert (await scim.post("Users", json=person(GRACE))).status_code == 404


async def test_media_types_methods_and_paths_are_checked(scim: httpx.AsyncClient) -> None:
    form = await scim.post("Users", content=b"{}", headers={"content-type": "text/plain"})
    assert (form.status_code, set(form.json())) == (415, {"error", "traceId"})
    assert (await scim.post("Bulk", json={})).status_code == 404
    assert (await scim.delete("Users")).status_code == 405
    plain = await scim.post("Users", json=person(GRACE), headers={"content-type": "application/json"})
    assert plain.status_code == 201


async def test_new_records_settle(scim: httpx.AsyncClient, sandbox: Sandbox) -> None:
    sandbox.configure("atlassian", settle_seconds=60, settle_lists=True, modes={"account_id": "late"})
    made = await make(scim)
    assert EXTENSION not in made
    assert (await scim.patch(f"Groups/{group_id(sandbox)}", json=add(made["id"]))).status_code == 404
    found = (await scim.get("Users", params={"filter": f'userName eq "{GRACE}"'})).json()
    assert found["totalResults"] == 0


async def test_the_directory_describes_itself(scim: httpx.AsyncClient) -> None:
    config = (await scim.get("ServiceProviderConfig")).json()
    assert (config["patch"]["supported"], config["bulk"]["supported"]) == (True, False)
    types = (await scim.get("ResourceTypes")).json()
    assert [one["schema"] for one in types["Resources"]] == [USER, GROUP]

"""Jira's and Confluence's sides of an Atlassian site."""

from __future__ import annotations

from collections.abc import AsyncIterator

import httpx
import pytest

from tests.fixtures.sandbox import Sandbox
from tests.sandbox.atlassian_client import organisation, site_client

GRACE, LENA = "grace.hopper@acme.example", "lena.fischer@acme.example"
API, WIKI = "rest/api/3", "wiki/rest/api"


@pytest.fixture
async def site(sandbox: Sandbox) -> AsyncIterator[httpx.AsyncClient]:
    async with site_client(sandbox) as client:
        yield client


def modes(sandbox: Sandbox, **switches: str) -> None:
    sandbox.configure("atlassian", modes=switches)


def invited(address: str = GRACE, *products: str) -> dict[str, object]:
    return {"emailAddress": address, "products": list(products)}


async def test_inviting_gives_the_product_at_once_and_the_name_when_accepted(
    site: httpx.AsyncClient, sandbox: Sandbox
) -> None:
    body = {**invited(GRACE, "jira-software"), "displayName": "ignored", "password": "ignored"}
    reply = await site.post(f"{API}/user", json=body)
    assert reply.status_code == 201
    assert reply.json()["displayName"] == GRACE
    state = sandbox.user("atlassian", GRACE)
    assert (state["invited"], state["licenses"]) == (True, ["jira-software"])
    sandbox.act("atlassian", "accept", email=GRACE, name="Grace Hopper")
    found = (await site.get(f"{API}/user/search", params={"query": GRACE})).json()
    assert [one["displayName"] for one in found] == ["Grace Hopper"]


async def test_who_has_access_is_201_again_and_who_has_none_is_400(
    site: httpx.AsyncClient, sandbox: Sandbox
) -> None:
    again = await site.post(f"{API}/user", json=invited(LENA, "jira-software"))
    assert again.status_code == 201
    assert sandbox.effects("atlassian", LENA) == []
    sandbox.add_user("atlassian", "idle@acme.example")
    refused = await site.post(f"{API}/user", json=invited("idle@acme.example", "jira-software"))
    assert refused.status_code == 400
    assert "already exists" in refused.json()["errors"]["emailAddress"]
    assert sandbox.user("atlassian", "idle@acme.example")["licenses"] == []


async def test_400_may_have_invited_all_the_same(site: httpx.AsyncClient, sandbox: Sandbox) -> None:
    modes(sandbox, existing_user="refused_but_invited")
    sandbox.add_user("atlassian", "idle@acme.example")
    refused = await site.post(f"{API}/user", json=invited("idle@acme.example", "jira-software"))
    assert refused.status_code == 400
    assert sandbox.user("atlassian", "idle@acme.example")["licenses"] == ["jira-software"]


async def test_without_a_seat_nobody_is_invited(site: httpx.AsyncClient, sandbox: Sandbox) -> None:
    sandbox.set_seats("atlassian", "jira-software", 8, tenant="acme.example")
    reply = await site.post(f"{API}/user", json=invited(GRACE, "jira-software"))
    assert reply.status_code == 400
    assert "license limit" in reply.json()["errorMessages"][0]
    assert sandbox.find_user("atlassian", GRACE) is None
    assert (await site.post(f"{API}/user", json=invited(GRACE))).status_code == 201
    role = (await site.get(f"{API}/applicationrole/jira-software")).json()
    assert (role["numberOfSeats"], role["remainingSeats"]) == (8, 0)


async def test_only_an_administrator_invites_and_bodies_are_checked(
    site: httpx.AsyncClient, sandbox: Sandbox
) -> None:
    async with site_client(sandbox, address="helpdesk@acme.example") as helpdesk:
        assert (await helpdesk.post(f"{API}/user", json=invited())).status_code == 403
        assert (await helpdesk.get(f"{API}/myself")).json()["emailAddress"] == "helpdesk@acme.example"
    wrong: tuple[dict[str, object], ...] = (
        {"products": []},
        {"emailAddress": GRACE},
        invited(GRACE, "confluence"),
        {**invited(), "x": 1},
    )
    for body in wrong:
        assert (await site.post(f"{API}/user", json=body)).status_code == 400
    assert (await site.get(f"{API}/user/search")).status_code == 400
    assert (await site.get(f"{API}/user", params={"username": "x"})).status_code == 400


async def test_addresses_may_be_hidden_and_even_unfindable(site: httpx.AsyncClient, sandbox: Sandbox) -> None:
    async def search() -> list[str]:
        found = (await site.get(f"{API}/user/search", params={"query": LENA})).json()
        return [one["emailAddress"] for one in found]

    assert await search() == [LENA]
    sandbox.act("atlassian", "hide", email=LENA)
    assert await search() == [""]
    modes(sandbox, email_visibility="unfindable")
    assert await search() == []
    by_name = (await site.get(f"{API}/user/search", params={"query": "lena"})).json()
    assert [one["emailAddress"] for one in by_name] == [""]


async def test_local_groups_take_and_lose_members(site: httpx.AsyncClient, sandbox: Sandbox) -> None:
    group = organisation(sandbox)["groups"]["acme-reviewers"]
    account = sandbox.user("atlassian", LENA)["id"]
    params = {"groupId": group}
    added = await site.post(f"{API}/group/user", params=params, json={"accountId": account})
    assert (added.status_code, added.json()["name"]) == (201, "acme-reviewers")
    again = await site.post(f"{API}/group/user", params=params, json={"accountId": account})
    assert again.status_code == 400
    modes(sandbox, group_again="201")
    again = await site.post(f"{API}/group/user", params=params, json={"accountId": account})
    assert again.status_code == 201
    members = (await site.get(f"{API}/group/member", params=params)).json()
    assert [one["accountId"] for one in members["values"]] == [account]
    names = (await site.get(f"{API}/user/groups", params={"accountId": account})).json()
    assert "acme-reviewers" in {one["name"] for one in names}
    removed = await site.delete(f"{API}/group/user", params=params | {"accountId": account})
    assert (removed.status_code, removed.content) == (200, b"")
    kinds = [one["kind"] for one in sandbox.effects("atlassian", LENA)]
    assert kinds == ["member.add", "member.remove"]


async def test_synced_groups_are_closed_here_unless_there_is_no_directory(
    site: httpx.AsyncClient, sandbox: Sandbox
) -> None:
    sandbox.add_user("atlassian", GRACE)
    account = sandbox.user("atlassian", GRACE)["id"]
    params = {"groupId": organisation(sandbox)["groups"]["jira-users"]}
    assert (
        await site.post(f"{API}/group/user", params=params, json={"accountId": account})
    ).status_code == 400
    modes(sandbox, scim="off")
    assert (
        await site.post(f"{API}/group/user", params=params, json={"accountId": account})
    ).status_code == 201
    assert sandbox.user("atlassian", GRACE)["licenses"] == ["jira-software"]


async def test_removing_from_jira_leaves_confluence(site: httpx.AsyncClient, sandbox: Sandbox) -> None:
    sandbox.add_user(
        "atlassian", GRACE, fields={"scim": False}, groups=["jira-users-acme", "confluence-users-acme"]
    )
    account = sandbox.user("atlassian", GRACE)["id"]
    assert (await site.delete(f"{API}/user", params={"accountId": account})).status_code == 204
    assert sandbox.user("atlassian", GRACE)["licenses"] == ["confluence"]


async def test_confluence_adds_and_removes_members(site: httpx.AsyncClient, sandbox: Sandbox) -> None:
    sandbox.add_user("atlassian", GRACE, given_name="Grace", family_name="Hopper")
    account = sandbox.user("atlassian", GRACE)["id"]
    params = {"groupId": organisation(sandbox)["groups"]["confluence-users-acme"]}
    added = await site.post(f"{WIKI}/group/userByGroupId", params=params, json={"accountId": account})
    assert (added.status_code, added.content) == (201, b"")
    assert sandbox.user("atlassian", GRACE)["licenses"] == ["confluence"]
    found = (await site.get(f"{WIKI}/search/user", params={"cql": 'user.fullname~"Grace"'})).json()
    assert [one["user"]["accountId"] for one in found["results"]] == [account]
    groups = (await site.get(f"{WIKI}/user/memberof", params={"accountId": account})).json()
    assert [one["name"] for one in groups["results"]] == ["confluence-users-acme"]
    for _ in range(2):
        gone = await site.delete(f"{WIKI}/group/userByGroupId", params=params | {"accountId": account})
        assert gone.status_code == 204
    assert sandbox.user("atlassian", GRACE)["licenses"] == []
    unknown = await site.get(f"{WIKI}/user", params={"accountId": "nobody"})
    assert (unknown.status_code, unknown.json()["statusCode"]) == (404, 404)


async def test_groups_roles_and_seats_are_listed(site: httpx.AsyncClient) -> None:
    page = (await site.get(f"{API}/group/bulk", params={"maxResults": 4})).json()
    assert (len(page["values"]), page["isLast"], page["total"]) == (4, False, 10)
    roles = {one["key"]: one for one in (await site.get(f"{API}/applicationrole")).json()}
    assert roles["jira-software"]["defaultGroups"] == ["jira-users-acme"]
    path = f"{API}/license/approximateLicenseCount/product/jira-software"
    assert (await site.get(path)).json()["value"] == "8"
    wiki = (await site.get(f"{WIKI}/group", params={"limit": 3})).json()
    assert (wiki["size"], "next" in wiki["_links"]) == (3, True)


async def test_a_site_belongs_to_its_own_administrators(site: httpx.AsyncClient, sandbox: Sandbox) -> None:
    reply = await site.get(f"{sandbox.url}/atlassian/site/globex/rest/api/3/myself")
    assert reply.status_code == 401
    assert "x-ratelimit-remaining" in (await site.get(f"{API}/serverInfo")).headers
    assert (await site.get(f"{API}/nonsense")).status_code == 404


async def test_a_lost_reply_leaves_the_person_invited(site: httpx.AsyncClient, sandbox: Sandbox) -> None:
    sandbox.arm("atlassian", "commit_then_status", match={"method": "POST"}, status=500)
    reply = await site.post(f"{API}/user", json=invited(GRACE, "jira-software"))
    assert reply.status_code == 500
    assert sandbox.user("atlassian", GRACE)["licenses"] == ["jira-software"]
    sandbox.arm("atlassian", "no_seats")
    reply = await site.post(f"{API}/user", json=invited("b@acme.example", "jira-software"))
    assert "license limit" in reply.json()["errorMessages"][0]

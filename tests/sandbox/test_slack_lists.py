"""Slack's lists and filters, its user groups, its limits and its lock."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest

from tests.fixtures.sandbox import Sandbox
from tests.sandbox.slack_door import CORE_GROUP, NEW, client, patch, tenant, word


@pytest.fixture
async def scim(sandbox: Sandbox) -> AsyncIterator[httpx.AsyncClient]:
    async with client(sandbox) as made:
        yield made


def person(sandbox: Sandbox, address: str) -> str:
    return str(sandbox.user("slack", address)["id"])


async def test_ten_a_page_unless_told(scim: httpx.AsyncClient, sandbox: Sandbox) -> None:
    for number in range(5):
        sandbox.add_user("slack", f"extra{number}@acme.example")
    first = (await scim.get("Users")).json()
    assert (first["totalResults"], first["itemsPerPage"], first["startIndex"]) == (13, 10, 1)
    rest = (await scim.get("Users?startIndex=11&count=10")).json()
    assert len(rest["Resources"]) == 3


async def test_a_count_above_1000_is_refused_or_clipped(scim: httpx.AsyncClient, sandbox: Sandbox) -> None:
    assert word(await scim.get("Users?count=1001")) == (400, "invalid_query")
    sandbox.configure("slack", modes={"count": "clip"})
    assert (await scim.get("Users?count=1001")).json()["itemsPerPage"] == 8


async def test_filters_find_by_address_and_name(scim: httpx.AsyncClient) -> None:
    for text in ('email eq "Taken@acme.example"', 'userName eq "taken"', 'EMAIL EQ "taken@acme.example"'):
        found = (await scim.get("Users", params={"filter": text})).json()
        assert [one["userName"] for one in found["Resources"]] == ["taken"]
    groups = (await scim.get("Groups", params={"filter": 'displayName eq "IT"'})).json()
    assert groups["totalResults"] == 1


@pytest.mark.parametrize(
    ("text", "detail"),
    [
        ("email eq", "incomplete_filter"),
        ("email", "incomplete_filter"),
        ('externalId eq "x"', "invalid_query"),
        ('email co "taken"', "invalid_query"),
        ('email eq "a" or email eq "b"', "invalid_query"),
    ],
)
async def test_other_filters_are_refused(scim: httpx.AsyncClient, text: str, detail: str) -> None:
    assert word(await scim.get("Users", params={"filter": text})) == (400, detail)


async def test_filters_can_be_off_or_ignored(scim: httpx.AsyncClient, sandbox: Sandbox) -> None:
    query = {"filter": 'email eq "taken@acme.example"'}
    sandbox.configure("slack", modes={"filters": "off"})
    assert word(await scim.get("Users", params=query)) == (400, "invalid_query")
    sandbox.configure("slack", modes={"filters": "ignored"})
    assert (await scim.get("Users", params=query)).json()["totalResults"] == 8, "everybody, not the one"


def add(*ids: str) -> dict[str, Any]:
    return patch({"op": "add", "path": "members", "value": [{"value": one} for one in ids]})


async def test_members_come_and_go(scim: httpx.AsyncClient, sandbox: Sandbox) -> None:
    taken, group = person(sandbox, "taken@acme.example"), tenant(sandbox)["groups"]["IT"]
    assert group.startswith("S")
    for _ in range(2):
        body = (await scim.patch(f"Groups/{group}", json=add(taken))).json()
        assert taken in {one["value"] for one in body["members"]}
    assert len(sandbox.effects("slack", taken)) == 1, "adding twice is one effect"
    shown = (await scim.get(f"Users/{taken}")).json()["groups"]
    assert {"value": group, "display": "IT"} in shown
    unquoted = patch({"op": "remove", "path": f"members[value eq {taken}]"})
    await scim.patch(f"Groups/{group}", json=unquoted)
    quoted = patch({"op": "remove", "path": f'members[value eq "{taken}"]'})
    assert (await scim.patch(f"Groups/{group}", json=quoted)).status_code == 200
    assert [one["kind"] for one in sandbox.effects("slack", taken)] == ["member.add", "member.remove"]


async def test_who_cannot_join_a_group(scim: httpx.AsyncClient, sandbox: Sandbox) -> None:
    taken, group = person(sandbox, "taken@acme.example"), tenant(sandbox)["groups"]["IT"]
    await scim.delete(f"Users/{taken}")
    expected = (400, "unable_to_add_deleted_or_guest_to_group")
    assert word(await scim.patch(f"Groups/{group}", json=add(taken))) == expected
    assert word(await scim.patch(f"Groups/{group}", json=add("U0NOBODY"))) == (404, "no_such_user")
    assert word(await scim.patch("Groups/S0NOTHING", json=add(taken))) == (404, "no_such_group")


async def test_groups_are_made_renamed_and_deleted(scim: httpx.AsyncClient, sandbox: Sandbox) -> None:
    taken = person(sandbox, "taken@acme.example")
    wish = {"schemas": [CORE_GROUP], "displayName": "New", "members": [{"value": taken}]}
    made = await scim.post("Groups", json=wish)
    assert made.status_code == 201
    path = f"Groups/{made.json()['id']}"
    renamed = await scim.patch(path, json=patch({"op": "replace", "path": "displayName", "value": "Newer"}))
    assert renamed.json()["displayName"] == "Newer"
    emptied = await scim.put(path, json={"schemas": [CORE_GROUP], "displayName": "Newer"})
    assert emptied.json()["members"] is None
    assert (await scim.delete(path)).status_code == 204
    assert word(await scim.get(path)) == (404, "no_such_group")
    many = [{"value": taken}] * 15_001
    assert word(await scim.post("Groups", json={**wish, "members": many})) == (400, "too_many_users")


async def test_a_burst_of_twenty_user_writes(scim: httpx.AsyncClient, sandbox: Sandbox) -> None:
    replies = []
    for number in range(60):
        emails = [{"value": f"many{number}@acme.example", "primary": True}]
        wish = {**NEW, "userName": f"many{number}", "emails": emails}
        replies.append(await scim.post("Users", json=wish))
        if replies[-1].status_code == 429:
            break
    refused = replies[-1]
    assert len(replies) > 20
    assert word(refused) == (429, "too_many_requests")
    assert refused.headers["retry-after"] == "10"
    sandbox.configure("slack", modes={"limits": "off"})
    assert (await scim.post("Users", json=NEW)).status_code == 201


async def test_a_second_write_to_an_object_in_flight_is_told_to_come_back(
    scim: httpx.AsyncClient, sandbox: Sandbox
) -> None:
    taken, other = person(sandbox, "taken@acme.example"), person(sandbox, "lena.fischer@acme.example")
    sandbox.configure("slack", latency_ms=1000)
    body = patch({"op": "replace", "path": "title", "value": "Boss"})
    paths = [f"Users/{taken}", f"Users/{taken}", f"Users/{other}"]
    replies = await asyncio.gather(*(scim.patch(path, json=body) for path in paths))
    assert sorted(one.status_code for one in replies[:2]) == [200, 429]
    assert replies[2].status_code == 200, "another object is free"
    locked = next(one for one in replies if one.status_code == 429)
    assert (word(locked)[1], locked.headers["retry-after"]) == ("resource_locked", "1")
    sandbox.configure("slack", latency_ms=0)
    assert (await scim.patch(f"Users/{taken}", json=body)).status_code == 200


async def test_somebody_else_may_hold_the_lock(scim: httpx.AsyncClient, sandbox: Sandbox) -> None:
    group = tenant(sandbox)["groups"]["IT"]
    sandbox.act("slack", "hold", object="IT")
    rename = patch({"op": "replace", "path": "displayName", "value": "Tech"})
    assert word(await scim.patch(f"Groups/{group}", json=rename)) == (429, "resource_locked")
    assert (await scim.get(f"Groups/{group}")).status_code == 200, "reading is free"
    sandbox.act("slack", "release", object="IT")
    assert (await scim.patch(f"Groups/{group}", json=rename)).status_code == 200


@pytest.mark.parametrize(
    ("retry_after", "header"), [(3, "3"), (2.5, "2.5"), ("http-date:+5", "GMT"), (None, None)]
)
async def test_throttling_in_each_form(
    scim: httpx.AsyncClient, sandbox: Sandbox, retry_after: object, header: str | None
) -> None:
    sandbox.arm("slack", "rate_limit", retry_after=retry_after)
    reply = await scim.get("Users")
    assert word(reply) == (429, "too_many_requests")
    assert (header is None) == ("retry-after" not in reply.headers)
    assert (header or "") in reply.headers.get("retry-after", "")


@pytest.mark.parametrize(
    ("kind", "answer"),
    [
        ("expired_token", (401, "invalid_authentication")),
        ("forbidden", (403, "permission_denied")),
        ("no_seats", (400, "user_creation_failed")),
        ("server_error", (500, "internal_error")),
    ],
)
async def test_faults_in_slacks_words(
    scim: httpx.AsyncClient, sandbox: Sandbox, kind: str, answer: tuple[int, str]
) -> None:
    sandbox.arm("slack", kind)
    assert word(await scim.post("Users", json=NEW)) == answer
    assert sandbox.effects("slack") == []


async def test_a_lost_reply_leads_to_taken(scim: httpx.AsyncClient, sandbox: Sandbox) -> None:
    sandbox.arm("slack", "commit_then_drop")
    with pytest.raises(httpx.TransportError):
        await scim.post("Users", json=NEW)
    assert word(await scim.post("Users", json=NEW)) == (409, "username_taken")
    assert len(sandbox.effects("slack", kind="user.create")) == 1

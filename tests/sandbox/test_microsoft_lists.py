"""Graph collections: filters, search, order, pages."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from tests.fixtures.sandbox import Sandbox

EVENTUAL = {"ConsistencyLevel": "eventual"}


def code(reply: httpx.Response) -> tuple[int, str]:
    return reply.status_code, reply.json()["error"]["code"]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("userPrincipalName eq 'Lena.Fischer@acme.example'", ["lena.fischer"]),
        ("mail eq 'taken@acme.example' or userPrincipalName eq 'admin@acme.example'", ["admin", "taken"]),
        ("startswith(displayName,'Ad') and accountEnabled eq true", ["admin"]),
        (
            "startsWith(mail, 'l') and (department eq 'Engineering' or department eq 'Sales')",
            ["lena.fischer"],
        ),
        ("mailNickname in ('admin', 'taken')", ["admin", "taken"]),
        ("proxyAddresses/any(p:p eq 'smtp:priya@acme.example')", ["priya.raman"]),
        ("proxyAddresses/any(x:startswith(x,'smtp:lena'))", ["lena.fischer"]),
        ("surname eq 'O''Brien'", []),
        ("employeeId eq null and displayName eq 'Ada Admin'", ["admin"]),
    ],
)
async def test_plain_filters(graph: httpx.AsyncClient, text: str, found: list[str]) -> None:
    reply = await graph.get("users", params={"$filter": text, "$select": "mailNickname"})
    assert reply.status_code == 200, reply.text
    assert sorted(user["mailNickname"] for user in reply.json()["value"]) == found


@pytest.mark.parametrize(
    "text",
    [
        "displayName ne 'Ada Admin'",
        "not startswith(displayName,'A')",
        "endswith(mail,'@acme.example')",
        "onPremisesExtensionAttributes/extensionAttribute15 eq 'oneclick:1'",
        "companyName eq 'Acme'",
    ],
)
async def test_advanced_filters_need_the_header_and_the_count(graph: httpx.AsyncClient, text: str) -> None:
    assert code(await graph.get("users", params={"$filter": text})) == (400, "Request_UnsupportedQuery")
    only_header = await graph.get("users", params={"$filter": text}, headers=EVENTUAL)
    assert code(only_header) == (400, "Request_UnsupportedQuery")
    reply = await graph.get("users", params={"$filter": text, "$count": "true"}, headers=EVENTUAL)
    assert reply.json()["@odata.count"] == len(reply.json()["value"])


@pytest.mark.parametrize(
    "text",
    [
        "shoeSize eq 44",
        "displayName eq Ada",
        "displayName eq 'a' and",
        "displayName like 'a'",
        "(displayName eq 'a'",
        "displayName eq 'a' displayName eq 'b'",
        "#",
        "onPremisesExtensionAttributes/extensionAttribute16 eq 'x'",
        "assignedPlans/any(p:p eq 'x')",
        "endswith(displayName,'x')",
    ],
)
async def test_filters_that_graph_refuses(graph: httpx.AsyncClient, text: str) -> None:
    assert (await graph.get("users", params={"$filter": text})).status_code == 400


async def test_search_needs_the_header(graph: httpx.AsyncClient) -> None:
    search = {"$search": '"displayName:lena"'}
    assert code(await graph.get("users", params=search)) == (400, "Request_UnsupportedQuery")
    found = (await graph.get("users", params=search, headers=EVENTUAL)).json()["value"]
    assert [user["displayName"] for user in found] == ["Lena Fischer"]
    both = {"$search": '"displayName:lena" OR "mail:priya"'}
    assert len((await graph.get("users", params=both, headers=EVENTUAL)).json()["value"]) == 2
    assert (await graph.get("users", params={"$search": "lena"}, headers=EVENTUAL)).status_code == 400
    groups = await graph.get("groups", params={"$search": '"displayName:VPN"'}, headers=EVENTUAL)
    assert len(groups.json()["value"]) == 1


async def test_order_alone_is_plain_and_with_a_filter_advanced(graph: httpx.AsyncClient) -> None:
    names = [user["displayName"] for user in (await graph.get("users?$orderby=displayName")).json()["value"]]
    assert names == sorted(names, key=str.lower)
    both = {"$orderby": "displayName desc", "$filter": "startswith(displayName,'A')"}
    assert code(await graph.get("users", params=both)) == (400, "Request_UnsupportedQuery")
    assert (await graph.get("users", params=both | {"$count": "true"}, headers=EVENTUAL)).status_code == 200


async def test_pages_are_linked_absolutely_and_keep_the_query(
    graph: httpx.AsyncClient, sandbox: Sandbox
) -> None:
    reply = (
        await graph.get("users", params={"$top": 3, "$select": "id", "$filter": "accountEnabled eq true"})
    ).json()
    seen = [user["id"] for user in reply["value"]]
    while "@odata.nextLink" in reply:
        assert reply["@odata.nextLink"].startswith(sandbox.url)
        reply = (await graph.get(reply["@odata.nextLink"])).json()
        assert all(set(user) == {"id"} for user in reply["value"])
        seen += [user["id"] for user in reply["value"]]
    assert len(seen) == len(set(seen)) == 8


@pytest.mark.parametrize(
    "query",
    [
        "$top=1000",
        "$top=0",
        "$skip=1",
        "$skiptoken=made-up",
        "$select=shoeSize",
        "$format=json",
        "page=2",
        "$top=1&$top=2",
    ],
)
async def test_options_that_graph_refuses(graph: httpx.AsyncClient, query: str) -> None:
    assert (await graph.get(f"users?{query}")).status_code == 400


async def test_options_work_without_the_dollar_sign(graph: httpx.AsyncClient) -> None:
    body = (await graph.get("users?select=id&top=1")).json()
    assert [set(user) for user in body["value"]] == [{"id"}]


async def test_groups_are_listed_filtered_made_and_deleted(
    graph: httpx.AsyncClient, tenant: dict[str, Any]
) -> None:
    found = (await graph.get("groups", params={"$filter": "displayName eq 'Sales'"})).json()["value"]
    assert [group["groupTypes"] for group in found] == [["Unified"]]
    assert (await graph.get("groups?$filter=mail eq 'sales@acme.example'&$select=id")).json()["value"] == [
        {"id": tenant["groups"]["Sales"]}
    ]
    assert (await graph.get(f"groups/{tenant['groups']['IT']}")).json()["securityEnabled"] is True
    body = {"displayName": "New", "mailEnabled": False, "mailNickname": "new", "securityEnabled": True}
    made = await graph.post("groups", json=body)
    assert made.status_code == 201
    assert (await graph.post("groups", json=body | {"colour": "red"})).status_code == 400
    assert (await graph.post("groups", json={"displayName": "x"})).status_code == 400
    assert (await graph.delete(f"groups/{made.json()['id']}")).status_code == 204
    assert (await graph.get(f"groups/{made.json()['id']}")).status_code == 404

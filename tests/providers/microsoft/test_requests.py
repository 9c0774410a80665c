"""What leaves for Graph: built by the vendor's SDK, sent once by the context's client."""

from __future__ import annotations

import json
from typing import Any

import httpx
import pytest
from pydantic import SecretStr

from services.shared.kit.http import create_transport
from services.shared.providers.microsoft import requests
from services.shared.providers.microsoft.answers import GraphAnswer
from services.shared.providers.microsoft.client import fetch_all, find, object_link, send, user_link
from services.shared.providers.microsoft.requests import GraphRequest
from services.shared.providers.microsoft.sdk import load_sdk
from services.shared.providers.microsoft.wire import GraphGroup, GraphPerson, GraphUser
from services.shared.sdk.contract import Known
from tests.providers.microsoft.conftest import MakeContext
from tests.providers.microsoft.harness import MicrosoftHarness

USER, GROUP = "87d349ed-44d7-43e1-9a83-5f2406dee5bd", "02bd9fd6-8f93-4758-87c3-1fb73740a315"
SKU, PLAN = "05e9a617-0261-4cee-bb44-138d3ef5d965", "57ff2da0-773e-42df-b2af-ffb7a2317929"
ROOT = "https://graph.microsoft.com/v1.0"


async def sent(graph: MakeContext, request: GraphRequest) -> httpx.Request:
    seen: list[httpx.Request] = []

    def answer(one: httpx.Request) -> httpx.Response:
        seen.append(one)
        return httpx.Response(204)

    await send(graph(answer), request)
    assert len(seen) == 1
    return seen[0]


def body_of(request: httpx.Request) -> Any:
    return json.loads(request.content) if request.content else None


@pytest.mark.parametrize(
    ("request_", "method", "path"),
    [
        (requests.get_user(USER), "GET", f"/users/{USER}"),
        (requests.list_users(), "GET", "/users"),
        (requests.delete_user(USER), "DELETE", f"/users/{USER}"),
        (requests.revoke_sessions(USER), "POST", f"/users/{USER}/revokeSignInSessions"),
        (requests.set_manager(USER, "x"), "PUT", f"/users/{USER}/manager/$ref"),
        (requests.assign_license(USER), "POST", f"/users/{USER}/assignLicense"),
        (requests.list_member_of(USER), "GET", f"/users/{USER}/memberOf"),
        (requests.add_member(GROUP, "x"), "POST", f"/groups/{GROUP}/members/$ref"),
        (requests.remove_member(GROUP, USER), "DELETE", f"/groups/{GROUP}/members/{USER}/$ref"),
        (requests.get_group(GROUP), "GET", f"/groups/{GROUP}"),
        (requests.list_skus(), "GET", "/subscribedSkus"),
        (requests.get_organization(), "GET", "/organization"),
        (requests.get_deleted_user(USER), "GET", f"/directory/deletedItems/{USER}"),
        (requests.find_deleted_users("a@b.example"), "GET", "/directory/deletedItems/microsoft.graph.user"),
    ],
    ids=lambda value: value.operation if isinstance(value, GraphRequest) else None,
)
async def test_paths_are_as_documented_with_one_slash(
    graph: MakeContext, request_: GraphRequest, method: str, path: str
) -> None:
    request = await sent(graph, request_)
    assert request.method == method
    assert str(request.url).split("?")[0] == ROOT + path


async def test_a_base_address_with_a_slash_makes_no_double_one(graph: MakeContext) -> None:
    seen: list[str] = []

    def answer(request: httpx.Request) -> httpx.Response:
        seen.append(request.url.path)
        return httpx.Response(204)

    ctx = graph(answer)
    object.__setattr__(ctx, "endpoints", {"ms_graph": "https://graph.microsoft.com/"})
    await send(ctx, requests.list_users())
    assert seen == ["/v1.0/users"]


async def test_quotes_in_names_are_doubled_and_encoded(graph: MakeContext) -> None:
    quoted = requests.quoted("sean.o'brien+x@acme.example")
    request = await sent(graph, requests.find_users(f"mail eq {quoted}"))
    assert request.url.params["$filter"] == "mail eq 'sean.o''brien+x@acme.example'"
    named = await sent(graph, requests.get_user("sean.o'brien#1@acme.example"))
    assert b"#" not in named.url.raw_path
    assert named.url.path == "/v1.0/users/sean.o'brien#1@acme.example"


async def test_advanced_queries_say_so_twice(graph: MakeContext) -> None:
    for request_ in (
        requests.search_users("ada"),
        requests.search_groups("eng"),
        requests.find_deleted_users("a@b.example"),
    ):
        request = await sent(graph, request_)
        assert request.headers["consistencylevel"] == "eventual"
        assert request.url.params["$count"] == "true"
    plain = await sent(graph, requests.find_users("mail eq 'a@b.example'"))
    assert "consistencylevel" not in plain.headers
    assert "$count" not in plain.url.params


async def test_every_read_of_a_user_names_its_properties(graph: MakeContext) -> None:
    request = await sent(graph, requests.get_user(USER))
    selected = request.url.params["$select"].split(",")
    assert {"accountEnabled", "usageLocation", "licenseAssignmentStates"} <= set(selected)
    assert request.url.params["$expand"].startswith("manager($select=id,")


async def test_a_new_account_carries_password_location_and_mark(graph: MakeContext) -> None:
    request = await sent(
        graph,
        requests.create_user(
            {"account_enabled": True, "display_name": "Ada", "usage_location": "GB", "mail_nickname": "ada"},
            password=SecretStr("Canary-1-zz"),
            change_password=True,
            employee_id="0190",
        ),
    )
    body = body_of(request)
    body.pop("@odata.type")
    assert body == {
        "accountEnabled": True,
        "displayName": "Ada",
        "mailNickname": "ada",
        "usageLocation": "GB",
        "passwordProfile": {"password": "Canary-1-zz", "forceChangePasswordNextSignIn": True},
        "onPremisesExtensionAttributes": {"extensionAttribute15": "oneclick:0190"},
    }


async def test_blocking_sign_in_writes_false_and_nothing_else(graph: MakeContext) -> None:
    body = body_of(await sent(graph, requests.update_user(USER, {"account_enabled": False})))
    body.pop("@odata.type", None)
    assert body == {"accountEnabled": False}


async def test_assigning_always_sends_both_lists(graph: MakeContext) -> None:
    added = await sent(graph, requests.assign_license(USER, add=(SKU, [PLAN])))
    assert body_of(added) == {
        "addLicenses": [{"skuId": SKU, "disabledPlans": [PLAN]}],
        "removeLicenses": [],
    }
    bare = await sent(graph, requests.assign_license(USER, add=(SKU, [])))
    assert body_of(bare)["addLicenses"] == [{"skuId": SKU, "disabledPlans": []}]
    removed = await sent(graph, requests.assign_license(USER, remove=SKU))
    assert body_of(removed) == {"addLicenses": [], "removeLicenses": [SKU]}


async def test_links_name_the_object_at_the_same_root(graph: MakeContext) -> None:
    ctx = graph(lambda _: httpx.Response(204))
    request = await sent(graph, requests.set_manager(USER, user_link(ctx, GROUP)))
    assert body_of(request) == {"@odata.id": f"{ROOT}/users/{GROUP}"}
    request = await sent(graph, requests.add_member(GROUP, object_link(ctx, USER)))
    assert body_of(request) == {"@odata.id": f"{ROOT}/directoryObjects/{USER}"}


@pytest.mark.parametrize("status", [429, 500, 503, 504])
async def test_nothing_is_sent_twice(graph: MakeContext, status: int) -> None:
    calls: list[str] = []

    def answer(request: httpx.Request) -> httpx.Response:
        calls.append(request.method)
        return httpx.Response(status, headers={"retry-after": "0"})

    with pytest.raises(GraphAnswer):
        await send(graph(answer), requests.revoke_sessions(USER))
    assert calls == ["POST"]


async def test_a_challenge_is_not_answered(graph: MakeContext) -> None:
    calls: list[str] = []

    def answer(request: httpx.Request) -> httpx.Response:
        calls.append(request.method)
        return httpx.Response(401, headers={"www-authenticate": 'Bearer error="x", claims="eyJhIjoxfQ=="'})

    with pytest.raises(GraphAnswer):
        await send(graph(answer), requests.list_users())
    assert calls == ["GET"]


async def test_redirects_are_not_followed(graph: MakeContext) -> None:
    calls: list[str] = []

    def answer(request: httpx.Request) -> httpx.Response:
        calls.append(str(request.url))
        return httpx.Response(302, headers={"location": "https://elsewhere.example/"})

    with pytest.raises(GraphAnswer) as caught:
        await send(graph(answer), requests.list_users())
    assert len(calls) == 1
    assert caught.value.status == 302


async def test_the_sdk_itself_cannot_send() -> None:
    with pytest.raises(RuntimeError, match="by itself"):
        await load_sdk().client.users.by_user_id(USER).get()


async def test_pages_are_followed_as_they_are_named(graph: MakeContext) -> None:
    link = f"{ROOT}/groups?$skiptoken=abc%2Fdef&$top=1"
    seen: list[bytes] = []

    def answer(request: httpx.Request) -> httpx.Response:
        seen.append(request.url.raw_path)
        if len(seen) == 1:
            return httpx.Response(200, json={"value": [{"id": "1"}], "@odata.nextLink": link})
        return httpx.Response(200, json={"value": [{"id": "2"}]})

    found = await fetch_all(graph(answer), requests.search_groups(""), GraphGroup)
    assert [one.id for one in found] == ["1", "2"]
    assert seen[1] == b"/v1.0/groups?$skiptoken=abc%2Fdef&$top=1"


async def test_a_page_elsewhere_is_never_asked_for(graph: MakeContext) -> None:
    """The client adds the token to every request."""
    hosts: list[str] = []

    def answer(request: httpx.Request) -> httpx.Response:
        hosts.append(request.url.host)
        return httpx.Response(200, json={"value": [], "@odata.nextLink": "https://elsewhere.example/x"})

    with pytest.raises(GraphAnswer) as caught:
        await fetch_all(graph(answer), requests.list_groups(), GraphGroup)
    assert caught.value.is_unreadable
    assert hosts == ["graph.microsoft.com"]


@pytest.mark.parametrize("body", ["<html>", "[]", '{"value": 1}', '{"value": [{}]}', ""])
async def test_a_list_that_is_none_is_unreadable(graph: MakeContext, body: str) -> None:
    ctx = graph(lambda _: httpx.Response(200, text=body))
    with pytest.raises(GraphAnswer) as caught:
        await fetch_all(ctx, requests.list_groups(), GraphGroup)
    assert caught.value.is_unreadable


async def test_404_is_nobody_and_other_answers_are_told(graph: MakeContext) -> None:
    assert await find(graph(lambda _: httpx.Response(404)), requests.get_person(USER), GraphPerson) is None
    with pytest.raises(GraphAnswer):
        await find(graph(lambda _: httpx.Response(403)), requests.get_person(USER), GraphPerson)


async def test_lost_connections_pass(graph: MakeContext) -> None:
    def answer(request: httpx.Request) -> httpx.Response:
        raise httpx.ReadError("reset", request=request)

    with pytest.raises(httpx.ReadError):
        await send(graph(answer), requests.list_users())


async def test_the_workers_transport_sends_addresses_unchanged(microsoft: MicrosoftHarness) -> None:
    """aiohttp has its own ideas about quoting; what Graph reads must not depend on the transport."""
    microsoft.sandbox.add_user("microsoft", "sean.o'brien@acme.example", aliases=["sob@acme.example"])
    transport = create_transport(kind="aiohttp")
    async with httpx.AsyncClient(transport=transport, auth=microsoft.http.auth, trust_env=False) as client:
        ctx = microsoft.context(Known())
        object.__setattr__(ctx, "http", client)
        by_name = await find(ctx, requests.get_user("sean.o'brien@acme.example"), GraphUser)
        assert by_name is not None
        condition = f"proxyAddresses/any(p:p eq {requests.quoted('smtp:sob@acme.example')})"
        by_alias = await fetch_all(ctx, requests.find_users(condition), GraphUser)
        assert [one.id for one in by_alias] == [by_name.id]
        quoted = requests.quoted("sean.o'brien@acme.example")
        assert await fetch_all(ctx, requests.find_users(f"mail eq {quoted}"), GraphUser)
        searched = await fetch_all(ctx, requests.search_users("O'Brien"), GraphPerson)
        assert [one.id for one in searched] == [by_name.id]

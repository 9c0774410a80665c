"""Graph's subscriptions: the handshake, how long they live, mail that arrives and is told of."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest
from fastapi import Response
from fastapi.responses import HTMLResponse, JSONResponse, PlainTextResponse

from tests.fixtures.sandbox import Sandbox
from tests.sandbox.notified import Receiver, eventually, in_minutes, listening, subscribe, wish
from tests.sandbox.test_microsoft_users import error

ADA = "admin@acme.example"
IMMUTABLE = {"Prefer": 'IdType="ImmutableId"'}


@pytest.fixture
async def receiver() -> AsyncIterator[Receiver]:
    async with listening() as receiver:
        yield receiver


def until(body: dict[str, Any]) -> timedelta:
    return datetime.fromisoformat(body["expirationDateTime"][:19] + "+00:00") - datetime.now(UTC)


async def test_a_subscription_is_made_after_both_handshakes_and_ends_by_delete(
    graph: httpx.AsyncClient, sandbox: Sandbox, receiver: Receiver
) -> None:
    made = await subscribe(graph, receiver.url)
    assert len(receiver.tokens) == 2, "the same address is asked twice"
    assert receiver.tokens[0].startswith("Validation: Testing client application reachability")
    assert made["applicationId"] == sandbox.info()["microsoft"]["client_id"]
    listed = (await graph.get("subscriptions")).json()["value"]
    assert [one["id"] for one in listed] == [made["id"]]
    assert listed[0]["clientState"] is None
    assert error(await graph.post("subscriptions", json=wish(receiver.url)))[:2] == (409, "Conflict")
    assert (await graph.delete(f"subscriptions/{made['id']}")).status_code == 204
    assert (await graph.get(f"subscriptions/{made['id']}")).status_code == 404
    assert (await graph.delete(f"subscriptions/{made['id']}")).status_code == 404
    assert [one["kind"] for one in sandbox.effects("microsoft")] == [
        "subscription.create",
        "subscription.delete",
    ]


@pytest.mark.parametrize(
    ("shake", "words"),
    [
        (lambda token: PlainTextResponse(token, 202), "must respond with 200 OK"),
        (lambda token: PlainTextResponse(token.replace(" ", "+")), "must exactly match"),
        (JSONResponse, "content type text/plain"),
        (HTMLResponse, "content type text/plain"),
    ],
)
async def test_a_handshake_that_is_not_the_plain_token_makes_no_subscription(
    graph: httpx.AsyncClient, receiver: Receiver, shake: Callable[[str], Response], words: str
) -> None:
    receiver.shake = shake
    status, code, message = error(await graph.post("subscriptions", json=wish(receiver.url)))
    assert (status, code) == (400, "ValidationError")
    assert words in message
    assert (await graph.get("subscriptions")).json()["value"] == []


@pytest.mark.parametrize(
    ("change", "status", "words"),
    [
        ({"notificationUrl": "http://app.acme.example/hook"}, 400, "absolute HTTPS URL"),
        ({"changeType": ...}, 400, "changeType is a required property"),
        ({"changeType": "created,moved"}, 400, "changeType must be"),
        ({"resource": "users", "changeType": "created"}, 400, "'created' is not supported"),
        ({"resource": "https://graph.microsoft.com/v1.0/users"}, 400, "is not supported"),
        ({"resource": "me/messages"}, 400, "delegated authentication flow"),
        ({"resource": "users/nobody@acme.example/messages"}, 404, "not found"),
        ({"clientState": "x" * 129}, 400, "maximum of 128"),
        ({"client_state": "x"}, 400, "'client_state' does not exist"),
        ({"latestSupportedTlsVersion": "1.2"}, 400, "latestSupportedTlsVersion"),
        ({"expirationDateTime": "tomorrow"}, 400, "Edm.DateTimeOffset"),
        ({"expirationDateTime": in_minutes(-1)}, 400, "in the future"),
        ({"expirationDateTime": in_minutes(100_000)}, 400, "can only be 10080 minutes"),
        ({"includeResourceData": True}, 400, "$select"),
    ],
)
async def test_what_graph_refuses_asks_nobody(
    graph: httpx.AsyncClient, receiver: Receiver, change: dict[str, Any], status: int, words: str
) -> None:
    reply = await graph.post("subscriptions", json=wish(receiver.url, **change))
    assert error(reply)[0] == status
    assert words in error(reply)[2]
    assert receiver.tokens == []


async def test_an_app_without_the_permission_can_neither_watch_nor_read(
    raw: httpx.AsyncClient, sandbox: Sandbox, receiver: Receiver
) -> None:
    token = sandbox.microsoft_token(client_id=sandbox.info()["microsoft"]["read_only_client_id"])
    headers = {"authorization": f"Bearer {token}"}
    url = f"{sandbox.microsoft_url}/v1.0"
    refused = await raw.post(f"{url}/subscriptions", json=wish(receiver.url), headers=headers)
    assert error(refused)[:2] == (403, "ExtensionError")
    assert (await raw.get(f"{url}/users/{ADA}/mailFolders", headers=headers)).status_code == 403


async def test_an_end_is_raised_moved_and_by_mode_clamped(
    graph: httpx.AsyncClient, sandbox: Sandbox, receiver: Receiver
) -> None:
    made = await subscribe(graph, receiver.url, expirationDateTime=in_minutes(5))
    assert until(made) > timedelta(minutes=40)
    path = f"subscriptions/{made['id']}"
    renewed = await graph.patch(path, json={"expirationDateTime": in_minutes(9_000)})
    assert until(renewed.json()) > timedelta(minutes=8_900)
    too_long = {"expirationDateTime": in_minutes(20_000)}
    assert "can only be 10080 minutes" in error(await graph.patch(path, json=too_long))[2]
    sandbox.configure("microsoft", modes={"subscription_expiry": "clamp"})
    assert until((await graph.patch(path, json=too_long)).json()) <= timedelta(minutes=10_080)
    other = await graph.patch(path, json={"lifecycleNotificationUrl": receiver.url})
    assert error(other)[:2] == (400, "InvalidRequest")
    sandbox.act("microsoft", "expire_subscriptions")
    assert (await graph.patch(path, json=too_long)).status_code == 404
    assert (await graph.post(f"{path}/reauthorize")).status_code == 404


async def test_a_mail_is_told_of_and_read_by_the_path_of_the_notification(
    graph: httpx.AsyncClient, sandbox: Sandbox, receiver: Receiver, tenant: dict[str, Any]
) -> None:
    url = f"{receiver.url}?subscription=17"
    body = wish(url)
    made = (await graph.post("subscriptions", json=body, headers=IMMUTABLE)).json()
    mail = sandbox.act("microsoft", "mail", to=ADA, subject="Invoice")["messages"][0]
    await eventually(lambda: len(receiver.items) == 1)
    item = receiver.items[0]
    assert receiver.queries == ["subscription=17"]
    assert (item["subscriptionId"], item["clientState"], item["changeType"], item["tenantId"]) == (
        made["id"],
        "a secret",
        "created",
        tenant["directory_id"],
    )
    assert item["resourceData"]["id"] == mail["immutable_id"]
    assert item["resource"].startswith("Users/")
    read = await graph.get(f"{item['resource']}?$select=subject,from,changeKey", headers=IMMUTABLE)
    assert read.json()["subject"] == "Invoice"
    assert read.json()["id"] == mail["immutable_id"]
    assert read.json()["@odata.etag"] == item["resourceData"]["@odata.etag"]
    assert (await graph.get(f"users/{ADA}/messages/{mail['id']}")).json()["id"] == mail["id"]
    sandbox.act("microsoft", "change_mail", to=ADA, id=mail["id"], fields={"isRead": True})
    await eventually(lambda: len(receiver.items) == 2)
    sandbox.act("microsoft", "change_mail", to=ADA, id=mail["id"], folder="archive")
    await eventually(lambda: len(receiver.items) == 3)
    sandbox.act("microsoft", "delete_mail", to=ADA, id=mail["immutable_id"])
    await eventually(lambda: len(receiver.items) == 4)
    assert sorted(one["changeType"] for one in receiver.items) == [
        "created",
        "deleted",
        "updated",
        "updated",
    ]
    assert error(await graph.get(item["resource"]))[:2] == (404, "ErrorItemNotFound")


async def test_what_is_not_taken_is_posted_again_and_watching_users_hears_of_them(
    graph: httpx.AsyncClient, sandbox: Sandbox, receiver: Receiver
) -> None:
    sandbox.configure("microsoft", modes={"redelivery": "0.02"})
    await subscribe(graph, receiver.url, resource="users", changeType="updated,deleted")
    receiver.statuses = [503, 500]
    user = sandbox.user("microsoft", ADA)["id"]
    await graph.patch(f"users/{user}", json={"jobTitle": "Head"})
    await eventually(lambda: len(receiver.posts) == 3)
    assert receiver.posts[0] == receiver.posts[1] == receiver.posts[2]
    assert receiver.items[0]["resource"] == f"Users/{user}"
    assert receiver.items[0]["changeType"] == "updated"


async def test_lifecycle_events_pause_until_reauthorised_and_remove(
    graph: httpx.AsyncClient, sandbox: Sandbox, receiver: Receiver
) -> None:
    made = await subscribe(graph, receiver.url)
    sandbox.act("microsoft", "lifecycle", event="reauthorizationRequired")
    await eventually(lambda: len(receiver.items) == 1)
    assert receiver.items[0]["lifecycleEvent"] == "reauthorizationRequired"
    assert "changeType" not in receiver.items[0]
    sandbox.act("microsoft", "mail", to=ADA, subject="Nobody hears of it")
    assert (await graph.post(f"subscriptions/{made['id']}/reauthorize")).status_code == 204
    sandbox.act("microsoft", "mail", to=ADA, subject="Heard")
    await eventually(lambda: len(receiver.items) == 2)
    assert receiver.items[1]["changeType"] == "created"
    sandbox.act("microsoft", "lifecycle", event="subscriptionRemoved")
    await eventually(lambda: len(receiver.items) == 3)
    assert (await graph.get(f"subscriptions/{made['id']}")).status_code == 404

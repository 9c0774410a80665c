"""Subscriptions and delta at Microsoft Graph: what is sent, what is read, what each refusal means."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import httpx
import pytest
from pydantic import SecretStr

from services.shared.providers.microsoft.provider import Microsoft365
from services.shared.sdk.errors import ConsentLost, Refused, Transient
from services.shared.sdk.notifying import (
    Certificate,
    CursorLost,
    LifeTooLong,
    Notifies,
    SubscriptionGone,
    SubscriptionOrder,
)
from tests.providers.microsoft.conftest import MakeContext

VENDOR = Microsoft365()
UNTIL = datetime(2031, 1, 2, 3, 4, 5, tzinfo=UTC)
GRAPH = "https://graph.microsoft.com/v1.0"
THERE = {
    "id": "s1",
    "resource": "users",
    "notificationUrl": "https://o.example/hook?subscription=1",
    "expirationDateTime": "2031-01-02T03:04:05.1234567Z",
}


def _order(**more: Any) -> SubscriptionOrder:
    values = {
        "resource": "users/ada@acme.example/messages",
        "kind": "message",
        "change_types": "created,updated",
        "url": "https://o.example/hook",
        "client_state": SecretStr("state"),
        "expires_at": UNTIL,
    }
    return SubscriptionOrder(**{**values, **more})


def _problem(status: int, code: str, message: str = "No.") -> httpx.Response:
    return httpx.Response(status, json={"error": {"code": code, "message": message}})


def test_microsoft_notifies() -> None:
    assert isinstance(VENDOR, Notifies)


async def test_a_subscription_is_asked_for_as_the_vendor_wants_it(graph: MakeContext) -> None:
    seen: list[httpx.Request] = []

    def answer(request: httpx.Request) -> httpx.Response:
        seen.append(request)
        return httpx.Response(201, json=THERE)

    made = await VENDOR.create_subscription(graph(answer), _order())
    assert (made.id, made.expires_at) == ("s1", UNTIL)
    assert (seen[0].method, str(seen[0].url)) == ("POST", f"{GRAPH}/subscriptions")
    assert "ImmutableId" in seen[0].headers["prefer"]
    assert json.loads(seen[0].content) == {
        "changeType": "created,updated",
        "notificationUrl": "https://o.example/hook",
        "lifecycleNotificationUrl": "https://o.example/hook",
        "expirationDateTime": "2031-01-02T03:04:05Z",
        "clientState": "state",
        "latestSupportedTlsVersion": "v1_2",
        "resource": "users/ada@acme.example/messages",
    }
    await VENDOR.create_subscription(graph(answer), _order(certificate=Certificate(id="c1", x509="MII")))
    rich = json.loads(seen[1].content)
    assert (rich["includeResourceData"], rich["encryptionCertificateId"]) == (True, "c1")
    assert rich["resource"].startswith("users/ada@acme.example/messages?$select=id,")
    for kind, wanted in (
        ("event", "id,subject,start,end,isAllDay,isCancelled"),
        ("contact", "id,displayName"),
    ):
        resource = f"users/ada@acme.example/{kind}s"
        order = _order(kind=kind, resource=resource, certificate=Certificate(id="c1", x509="MII"))
        await VENDOR.create_subscription(graph(answer), order)
        assert json.loads(seen[-1].content)["resource"] == f"{resource}?$select={wanted}"


@pytest.mark.parametrize(
    ("status", "code", "message", "raised"),
    [
        (404, "ResourceNotFound", "gone", SubscriptionGone),
        (410, "Gone", "gone", SubscriptionGone),
        (
            400,
            "InvalidRequest",
            "Subscription expiration can only be 4230 minutes in the future.",
            LifeTooLong,
        ),
        (400, "ValidationError", "Subscription validation request failed.", Refused),
        (403, "Authorization_RequestDenied", "Insufficient privileges", ConsentLost),
        (429, "TooManyRequests", "slow down", Transient),
        (503, "ServiceUnavailable", "later", Transient),
    ],
)
async def test_what_a_refused_renewal_means(
    graph: MakeContext, status: int, code: str, message: str, raised: type[Exception]
) -> None:
    with pytest.raises(raised) as refused:
        await VENDOR.renew_subscription(graph(lambda _: _problem(status, code, message)), "s1", UNTIL)
    if isinstance(refused.value, LifeTooLong):
        assert refused.value.minutes == 4230


async def test_a_renewal_moves_the_end_and_brings_the_present_certificate(graph: MakeContext) -> None:
    seen: list[httpx.Request] = []

    def answer(request: httpx.Request) -> httpx.Response:
        seen.append(request)
        return httpx.Response(200, json=THERE)

    await VENDOR.renew_subscription(graph(answer), "s1", UNTIL)
    await VENDOR.renew_subscription(graph(answer), "s1", UNTIL, Certificate(id="c2", x509="MII"))
    assert [(one.method, str(one.url)) for one in seen] == [("PATCH", f"{GRAPH}/subscriptions/s1")] * 2
    moved = {"expirationDateTime": "2031-01-02T03:04:05Z"}
    assert [json.loads(one.content) for one in seen] == [
        moved,
        {**moved, "encryptionCertificate": "MII", "encryptionCertificateId": "c2"},
    ]


async def test_deleting_what_is_gone_is_fine_and_ids_are_escaped(graph: MakeContext) -> None:
    seen: list[str] = []

    def answer(request: httpx.Request) -> httpx.Response:
        seen.append(request.url.raw_path.decode())
        return _problem(404, "ResourceNotFound")

    await VENDOR.delete_subscription(graph(answer), "a/../b")
    assert seen == ["/v1.0/subscriptions/a%2F..%2Fb"]


async def test_pages_of_subscriptions_are_followed_on_the_same_host_alone(graph: MakeContext) -> None:
    def answer(request: httpx.Request) -> httpx.Response:
        more = {} if "page" in str(request.url) else {"@odata.nextLink": f"{GRAPH}/subscriptions?page=2"}
        return httpx.Response(200, json={"value": [THERE], **more})

    assert len(await VENDOR.list_subscriptions(graph(answer))) == 2
    stolen = {"value": [], "@odata.nextLink": "https://evil.example/v1.0/subscriptions"}
    with pytest.raises(Refused):
        await VENDOR.list_subscriptions(graph(lambda _: httpx.Response(200, json=stolen)))


@pytest.mark.parametrize(
    ("kind", "resource", "roots"),
    [
        ("user", "users", ["users/delta"]),
        ("group", "groups", ["groups/delta"]),
        ("user", "users/u1", []),
        ("contact", "users/ada@acme.example/contacts", ["users/ada@acme.example/contacts/delta"]),
        (
            "message",
            "users/ada@acme.example/mailFolders('inbox')/messages",
            ["users/ada@acme.example/mailFolders('inbox')/messages/delta"],
        ),
    ],
)
async def test_what_is_read_by_delta(graph: MakeContext, kind: str, resource: str, roots: list[str]) -> None:
    context = graph(lambda _: _problem(500, "not asked"))
    assert await VENDOR.list_roots(context, kind, resource) == roots


async def test_a_mailbox_is_read_folder_by_folder_with_those_inside(graph: MakeContext) -> None:
    def answer(request: httpx.Request) -> httpx.Response:
        inner = "childFolders" in request.url.path
        folders = (
            [{"id": "Inner", "childFolderCount": 0}] if inner else [{"id": "In=box", "childFolderCount": 1}]
        )
        return httpx.Response(200, json={"value": folders})

    roots = await VENDOR.list_roots(graph(answer), "message", "users/ada@acme.example/messages")
    head = "users/ada@acme.example/mailFolders"
    assert roots == [f"{head}/In%3Dbox/messages/delta", f"{head}/Inner/messages/delta"]


async def test_a_round_begins_bounded_and_goes_on_by_the_link_alone(graph: MakeContext) -> None:
    seen: list[str] = []

    def answer(request: httpx.Request) -> httpx.Response:
        seen.append(str(request.url))
        removed = {"id": "m2", "@removed": {"reason": "deleted"}}
        body = {
            "value": [{"id": "m1", "subject": "Hi"}, removed, {}],
            "@odata.deltaLink": f"{GRAPH}/x?$deltatoken=7",
        }
        return httpx.Response(200, json=body)

    root = "users/ada@acme.example/mailFolders/inbox/messages/delta"
    page = await VENDOR.read_changes(graph(answer), "message", root, UNTIL)
    assert [(one.remote_id, one.gone) for one in page.items] == [("m1", False), ("m2", True)]
    assert page.ended
    assert "$filter=receivedDateTime+ge+2031-01-02T03:04:05Z" in seen[0]
    await VENDOR.read_changes(graph(answer), "message", page.link, UNTIL)
    assert seen[1] == f"{GRAPH}/x?$deltatoken=7"


@pytest.mark.parametrize(
    ("status", "code"),
    [(410, "Gone"), (400, "SyncStateNotFound"), (404, "syncStateInvalid"), (409, "resyncRequired")],
)
async def test_a_lost_cursor_is_told_apart(graph: MakeContext, status: int, code: str) -> None:
    with pytest.raises(CursorLost):
        await VENDOR.read_changes(graph(lambda _: _problem(status, code)), "user", f"{GRAPH}/x", None)


async def test_a_stored_link_to_elsewhere_is_not_followed(graph: MakeContext) -> None:
    called: list[httpx.Request] = []

    def answer(request: httpx.Request) -> httpx.Response:
        called.append(request)
        return httpx.Response(200, json={})

    with pytest.raises(CursorLost):
        await VENDOR.read_changes(graph(answer), "user", "https://evil.example/x", None)
    assert called == []


@pytest.mark.parametrize("body", [b"", b"[]", b'{"value": 7}', b'{"value": [7]}', b'{"value": []}'])
async def test_what_is_no_delta_page_is_refused(graph: MakeContext, body: bytes) -> None:
    with pytest.raises(Refused):
        await VENDOR.read_changes(
            graph(lambda _: httpx.Response(200, content=body)), "user", "users/delta", None
        )


async def test_what_is_not_there_is_gone(graph: MakeContext) -> None:
    context = graph(lambda _: _problem(404, "ErrorItemNotFound"))
    seen = await VENDOR.read_changed(context, "message", "Users/u1/Messages/AAMk1==")
    assert (seen.remote_id, seen.gone) == ("AAMk1==", True)
    with pytest.raises(Transient):
        await VENDOR.read_changed(graph(lambda _: _problem(500, "oops")), "message", "Users/u1/Messages/m")


async def test_of_an_event_its_subject_and_times_are_kept(graph: MakeContext) -> None:
    body = {
        "id": "e1",
        "subject": "Planning",
        "isCancelled": False,
        "isAllDay": "perhaps",
        "start": {"dateTime": "2031-01-06T10:00:00.0000000", "timeZone": "Europe/Berlin"},
        "end": {"dateTime": 7},
        "body": {"content": "not kept"},
    }
    context = graph(lambda _: httpx.Response(200, json=body))
    seen = await VENDOR.read_changed(context, "event", "Users/u1/Events/e1")
    assert seen.facts == {
        "subject": "Planning",
        "isCancelled": False,
        "isAllDay": "perhaps",
        "start": "2031-01-06T10:00:00 Europe/Berlin",
    }

"""Calendar events and contacts: told of, read, sealed, and what changed since."""

from __future__ import annotations

from collections.abc import AsyncIterator

import httpx
import pytest
from cryptography.hazmat.primitives.asymmetric import rsa

from tests.fixtures.sandbox import Sandbox
from tests.sandbox.notified import Receiver, eventually, listening, subscribe, wish
from tests.sandbox.test_microsoft_delta import read_round
from tests.sandbox.test_microsoft_sealed import make_certificate, opened
from tests.sandbox.test_microsoft_users import error

ADA = "admin@acme.example"
WEEK = "startDateTime=2031-01-06T00:00:00Z&endDateTime=2031-01-13T00:00:00Z"
VIEW = f"users/{ADA}/calendarView/delta"


@pytest.fixture
async def receiver() -> AsyncIterator[Receiver]:
    async with listening() as receiver:
        yield receiver


@pytest.mark.parametrize(("kind", "named"), [("event", "subject"), ("contact", "displayName")])
async def test_each_change_is_told_of_and_read_by_the_path_of_the_notification(
    graph: httpx.AsyncClient, sandbox: Sandbox, receiver: Receiver, kind: str, named: str
) -> None:
    graph.headers["prefer"] = 'IdType="ImmutableId"'
    await subscribe(graph, receiver.url, resource=f"users/{ADA}/{kind}s")
    await subscribe(graph, receiver.url, resource=f"users/{ADA}/messages")
    made = sandbox.act("microsoft", kind, to=ADA, fields={named: "First"})
    await eventually(lambda: len(receiver.items) == 1)
    sandbox.act("microsoft", f"change_{kind}", to=ADA, id=made["id"], fields={named: "Second"})
    await eventually(lambda: len(receiver.items) == 2)
    told = receiver.items[1]
    assert told["resourceData"]["@odata.type"] == f"#Microsoft.Graph.{kind.title()}"
    assert told["resourceData"]["id"] == made["immutable_id"]
    found = (await graph.get(told["resource"])).json()
    assert (found[named], found["@odata.etag"]) == ("Second", told["resourceData"]["@odata.etag"])
    assert (await graph.get(f"{told['resource']}?$select={named}")).json()[named] == "Second"
    sandbox.act("microsoft", f"delete_{kind}", to=ADA, id=made["id"])
    await eventually(lambda: len(receiver.items) == 3)
    assert [one["changeType"] for one in receiver.items] == ["created", "updated", "deleted"]
    assert error(await graph.get(told["resource"]))[:2] == (404, "ErrorItemNotFound")
    sandbox.act("microsoft", kind, to="helpdesk@acme.example")
    sandbox.act("microsoft", "mail", to=ADA)
    await eventually(lambda: len(receiver.items) == 4)
    assert receiver.items[3]["resource"].partition("/Messages/")[1]


async def test_a_calendars_delta_is_about_its_window(graph: httpx.AsyncClient, sandbox: Sandbox) -> None:
    def put(subject: str, day: str) -> str:
        at = f"2031-01-{day}T10:00:00"
        return str(sandbox.act("microsoft", "event", to=ADA, subject=subject, start=at)["id"])

    monday, friday = put("Monday", "06"), put("Friday", "10")
    put("Before", "05")
    put("After", "13")
    items, link, _ = await read_round(graph, f"{VIEW}?{WEEK}")
    assert sorted(one["subject"] for one in items) == ["Friday", "Monday"]
    assert (await read_round(graph, link))[0] == []
    sandbox.act("microsoft", "delete_event", to=ADA, id=monday)
    # Moved out of the window: Graph shows it once more, with its new time.
    late = {name: {"dateTime": "2031-02-01T10:00:00.0000000", "timeZone": "UTC"} for name in ("start", "end")}
    sandbox.act("microsoft", "change_event", to=ADA, id=friday, fields=late)
    put("Tuesday", "07")
    items, _, _ = await read_round(graph, link)
    shown = {one["subject"]: one["start"]["dateTime"][:7] for one in items if "@removed" not in one}
    assert shown == {"Tuesday": "2031-01", "Friday": "2031-02"}
    assert [one["id"] for one in items if "@removed" in one] == [monday]
    assert (await read_round(graph, (await read_round(graph, link))[1]))[0] == []
    sandbox.act("microsoft", "forget_delta")
    lost = await graph.get(link)
    assert error(lost)[:2] == (410, "SyncStateNotFound")


@pytest.mark.parametrize(
    ("query", "words"),
    [
        ("", "requires a time window"),
        ("startDateTime=2031-01-06T00:00:00Z", "requires a time window"),
        ("startDateTime=soon&endDateTime=later", "not a date and time"),
        ("startDateTime=2031-01-13T00:00:00Z&endDateTime=2031-01-06T00:00:00Z", "not after its start"),
        (f"{WEEK}&$select=subject", "$select"),
    ],
)
async def test_a_window_that_is_none_is_refused(graph: httpx.AsyncClient, query: str, words: str) -> None:
    reply = await graph.get(f"{VIEW}?{query}")
    assert reply.status_code == 400
    assert words in error(reply)[2]


async def test_contacts_have_a_delta_of_their_own(graph: httpx.AsyncClient, sandbox: Sandbox) -> None:
    made = sandbox.act("microsoft", "contact", to=ADA, name="Bea Berg")
    sandbox.act("microsoft", "event", to=ADA)
    items, link, _ = await read_round(graph, f"users/{ADA}/contacts/delta?$select=displayName")
    assert [one["displayName"] for one in items] == ["Bea Berg"]
    sandbox.act("microsoft", "delete_contact", to=ADA, id=made["id"])
    items, _, _ = await read_round(graph, link)
    assert items == [{"id": made["id"], "@removed": {"reason": "deleted"}}]


async def test_an_event_comes_sealed_with_what_was_selected(
    graph: httpx.AsyncClient, sandbox: Sandbox, receiver: Receiver
) -> None:
    private = rsa.generate_private_key(65537, 2048)
    rich = {
        "includeResourceData": True,
        "encryptionCertificateId": "c1",
        "encryptionCertificate": make_certificate(private),
    }
    select = f"users/{ADA}/events?$select="
    wrong = await graph.post("subscriptions", json=wish(receiver.url, resource=f"{select}shoeSize", **rich))
    assert error(wrong)[0] == 400
    await subscribe(graph, receiver.url, resource=f"{select}id,subject,start", **rich)
    sandbox.act("microsoft", "event", to=ADA, subject="Secret meeting")
    await eventually(lambda: len(receiver.items) == 1)
    shown = opened(private, receiver.items[0]["encryptedContent"])
    assert set(shown) == {"@odata.etag", "id", "subject", "start"}
    assert shown["subject"] == "Secret meeting"

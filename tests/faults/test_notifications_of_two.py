"""Promise 5 for notifications: two companies, each with its own Microsoft, and nothing of the one is the other's.

Each lives in its directory at the sandbox; what is posted for one with anything of the other's changes nothing.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import httpx
import pytest

from services.shared.kit.ids import uuid7
from tests.faults.watched import ADA, HOOK, Watched, connect_other, forget, watching
from tests.fixtures.engine import OTHER_TENANT, Engine
from tests.fixtures.principals import bearer, mint
from tests.fixtures.streams import Sent, events

pytestmark = [pytest.mark.faults, pytest.mark.timeout(600)]
GIL = "admin@globex.example"


@pytest.fixture(scope="module")
def receiver(engine: Engine) -> Iterator[str]:
    """The api that stays up through these tests, and one worker."""
    engine.sandbox.reset()
    with watching(engine) as url:
        yield url
        engine.stop_workers()


@pytest.fixture(scope="module")
async def connection(engine: Engine) -> str:
    """The second company's."""
    return await connect_other(engine)


@pytest.fixture
async def acme(engine: Engine, receiver: str, connection: str) -> Watched:
    """One company watches its administrator's mailbox."""
    engine.sandbox.reset()
    await forget(engine)
    made = Watched(engine, url=receiver)
    await made.subscribe()
    return made


@pytest.fixture
async def globex(acme: Watched) -> Watched:
    """And so does the other."""
    made = replace(acme, tenant=OTHER_TENANT)
    await made.subscribe(f"users/{GIL}/messages")
    return made


def held_by(company: Watched, domain: str) -> dict[str, Any]:
    """A company's subscription as the vendor has it, with its client state."""
    found = company.engine.sandbox.state("microsoft", tenant=domain)["subscriptions"]
    (one,) = found
    return dict(one)


async def post(company: Watched, **item: Any) -> int:
    """Post one notification to the receiver, as anybody could."""
    async with httpx.AsyncClient(timeout=60) as client:
        answer = await client.post(f"{company.url}{HOOK}", json={"value": [item]})
    return answer.status_code


async def everything(company: Watched) -> dict[str, Any]:
    """All that a tenant has of notifications."""
    return {
        table: await company.rows("*", table)
        for table in ("webhook_subscriptions", "webhook_events", "messages", "webhook_gaps")
    }


async def test_each_company_gets_its_own_mails_and_sees_no_others(acme: Watched, globex: Watched) -> None:
    acme.act("mail", to=ADA, subject="For Ada", count=2)
    acme.act("mail", to=GIL, subject="For Gil", count=3)
    await acme.wait_true(ADA)
    await globex.wait_true(GIL)
    for company, mine in ((acme, "For Ada"), (globex, "For Gil")):
        messages = await company.items("messages")
        assert {one["subject"][:7] for one in messages} == {mine}
        other = globex if company is acme else acme
        for path in ("subscriptions", "notifications", "messages", "gaps"):
            theirs = {one["id"] for one in await other.items(path)}
            assert theirs, path
            assert not theirs & {one["id"] for one in await company.items(path)}, path
        (event, *_) = await other.items("notifications")
        (subscription,) = await other.items("subscriptions")
        (message, *_) = await other.items("messages")
        before = await everything(other)
        for method, path in (
            ("GET", f"notifications/{event['id']}"),
            ("POST", f"notifications/{event['id']}/replay"),
            ("GET", f"messages/{message['id']}"),
            ("GET", f"subscriptions/{subscription['id']}"),
            ("POST", f"subscriptions/{subscription['id']}/renew"),
            ("POST", f"subscriptions/{subscription['id']}/reauthorize"),
            ("POST", f"subscriptions/{subscription['id']}/resync"),
            ("DELETE", f"subscriptions/{subscription['id']}"),
        ):
            answer = await company.call(method, path)
            assert answer.status_code == 404, (method, path, answer.text)
        named = f"?subscription_id={subscription['id']}"
        assert await company.items(f"notifications{named}") == []
        assert await company.items(f"messages{named}") == []
        assert await everything(other) == before


async def test_anothers_client_state_or_id_changes_nothing_at_either(acme: Watched, globex: Watched) -> None:
    ours, theirs = held_by(acme, "acme.example"), held_by(globex, "globex.example")
    (mail,) = acme.act("mail", to=GIL, subject="For Gil")["messages"]
    await globex.wait_true(GIL)
    before = [await everything(company) for company in (acme, globex)]
    change = {
        "changeType": "deleted",
        "resource": f"Users/{GIL}/Messages/{mail['immutable_id']}",
        "resourceData": {"id": mail["immutable_id"], "@odata.etag": 'W/"forged"'},
    }
    for about in (change, {"lifecycleEvent": "subscriptionRemoved"}, {"lifecycleEvent": "missed"}):
        for id_, state in (
            (ours["id"], theirs["clientState"]),
            (theirs["id"], ours["clientState"]),
            (str(uuid7()), "a guess"),
        ):
            assert await post(acme, subscriptionId=id_, clientState=state, **about) == 202
    assert [await everything(company) for company in (acme, globex)] == before


async def test_a_notification_that_names_anothers_mail_reads_and_marks_nothing_of_it(
    acme: Watched, globex: Watched
) -> None:
    """Whoever knows its own client state can name any resource: it is looked for in one's own directory alone."""
    ours = held_by(acme, "acme.example")
    (mail,) = acme.act("mail", to=GIL, subject="Not for Ada")["messages"]
    await globex.wait_true(GIL)
    resource = f"Users/{GIL}/Messages/{mail['immutable_id']}"
    status = await post(
        acme,
        subscriptionId=ours["id"],
        clientState=ours["clientState"],
        changeType="updated",
        resource=resource,
        resourceData={"id": mail["immutable_id"], "@odata.etag": 'W/"other"'},
    )
    assert status == 202
    await acme.wait_true(ADA)
    (event,) = await acme.rows("state, outcome", "webhook_events")
    assert (event["state"], event["outcome"]) == ("done", {"seen": "gone"})
    assert await acme.rows("id", "messages") == []
    assert await globex.is_true(GIL)


async def test_replaying_all_of_one_company_leaves_the_others_dead_letters(
    acme: Watched, globex: Watched
) -> None:
    acme.engine.sandbox.arm(
        "microsoft",
        "server_error",
        match={"method": "GET", "path_regex": "(?i)/messages/"},
        times=6,
        status=500,
    )
    acme.act("mail", to=ADA, subject="Ada's")
    acme.act("mail", to=GIL, subject="Gil's")

    async def dead(company: Watched) -> bool:
        return [row["state"] for row in await company.rows("state", "webhook_events")] == ["dead"]

    await acme.until(dead, acme)
    await acme.until(dead, globex)
    answer = await acme.call("POST", "notifications/replay")
    assert (answer.status_code, answer.json()) == (202, {"replayed": 1})
    await acme.wait_true(ADA)
    assert await dead(globex)
    (event,) = await globex.items("notifications?state=dead")
    assert (await globex.call("POST", f"notifications/{event['id']}/replay")).status_code == 202
    await globex.wait_true(GIL)


async def test_one_company_that_ends_its_subscription_ends_no_other(acme: Watched, globex: Watched) -> None:
    (mine,) = await acme.items("subscriptions")
    assert (await acme.call("DELETE", f"subscriptions/{mine['id']}")).status_code == 202

    async def gone() -> bool:
        return not acme.engine.sandbox.state("microsoft", tenant="acme.example")["subscriptions"]

    await acme.until(gone)
    await acme.sweep()
    acme.act("mail", to=ADA, subject="Nobody asked")
    acme.act("mail", to=GIL, subject="Still told")
    await globex.wait_true(GIL)
    assert held_by(globex, "globex.example")["paused"] is False
    assert await acme.rows("id", "messages") == []


async def told_live(company: Watched, subjects: tuple[str, ...]) -> list[Sent]:
    """What this company's live feed tells from now on, up to each of these mails' having been stored."""
    got: list[Sent] = []
    async with (
        httpx.AsyncClient(base_url=company.url, headers=bearer(mint(company.tenant)), timeout=90) as client,
        client.stream("GET", "/api/ms365/events") as answer,
    ):
        assert answer.status_code == 200
        done = 0
        async for event in events(answer):
            got.append(event)
            if event.type == "sync":
                for subject in subjects:
                    company.act("mail", to=ADA, subject=subject)
                    company.act("mail", to=GIL, subject=subject)
            done += event.type == "notification.changed" and event.data["state"] == "done"
            if done == len(subjects):
                return got
    raise AssertionError(f"the stream ended: {got}")


async def test_live_events_of_one_company_are_in_its_own_stream_alone(acme: Watched, globex: Watched) -> None:
    for company in (acme, globex):
        got = await told_live(company, ("First", "Second"))
        (mine,) = await company.items("subscriptions")
        named = {event.data["subscription_id"] for event in got if "subscription_id" in event.data}
        assert named == {mine["id"]}
        assert got[0].data == {"tenant_id": str(company.tenant)}

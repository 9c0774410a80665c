"""Notifications that are lost, come twice, late, or in another order."""

from __future__ import annotations

from collections.abc import AsyncIterator

import httpx
import pytest

from tests.fixtures.sandbox import Sandbox
from tests.sandbox.notified import Receiver, eventually, listening, subscribe

ADA = "admin@acme.example"


@pytest.fixture
async def receiver() -> AsyncIterator[Receiver]:
    async with listening() as receiver:
        yield receiver


def ids(receiver: Receiver) -> list[str]:
    return [item["resourceData"]["id"] for item in receiver.items if "changeType" in item]


async def test_the_next_are_dropped_doubled_and_delayed(
    graph: httpx.AsyncClient, sandbox: Sandbox, receiver: Receiver
) -> None:
    await subscribe(graph, receiver.url)
    sandbox.act("microsoft", "misdeliver", kind="drop", times=2)
    sandbox.act("microsoft", "misdeliver", kind="duplicate", copies=10)
    sandbox.act("microsoft", "misdeliver", kind="delay", seconds=0.05)
    mails = [one["id"] for one in sandbox.act("microsoft", "mail", to=ADA, count=4)["messages"]]
    await eventually(lambda: len(receiver.items) == 11)
    assert sorted(ids(receiver)) == sorted([mails[2]] * 10 + [mails[3]])
    assert len({item["id"] for item in receiver.items}) == 2, "a duplicate is the very same notification"
    seen = sandbox.act("microsoft", "notifications")
    assert [item["resourceData"]["id"] for item in seen["lost"]] == mails[:2]
    await eventually(lambda: sandbox.act("microsoft", "notifications")["waiting"] == 0)


@pytest.mark.parametrize("together", [False, True])
async def test_twenty_come_out_of_order_and_three_never_until_a_lifecycle_event_says_so(
    graph: httpx.AsyncClient, sandbox: Sandbox, receiver: Receiver, *, together: bool
) -> None:
    await subscribe(graph, receiver.url)
    sandbox.act("microsoft", "hold")
    mails = [one["id"] for one in sandbox.act("microsoft", "mail", to=ADA, count=20)["messages"]]
    assert sandbox.act("microsoft", "notifications")["held"] == 20
    posted = sandbox.act("microsoft", "release", order="shuffle", seed=7, lose=[2, 9, 17], together=together)
    assert posted == {"posted": 17}
    sandbox.act("microsoft", "lifecycle", event="missed")
    await eventually(lambda: len(receiver.items) == 18)
    assert len(receiver.posts) == (2 if together else 18)
    told = ids(receiver)
    kept = [id_ for place, id_ in enumerate(mails) if place not in {2, 9, 17}]
    assert sorted(told) == sorted(kept)
    assert told != kept
    assert "missed" in {item.get("lifecycleEvent") for item in receiver.items}

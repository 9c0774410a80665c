"""Free seats against what other requests were promised, before anything is applied."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy import text

from services.shared.domain.provisioning import planning, reading, steering
from services.shared.domain.provisioning.requesting import plan_again
from services.shared.domain.provisioning.seats import (
    left_after,
    notices_of,
    promised_to_others,
    seats_of,
    shortage,
)
from services.shared.domain.provisioning.states import RequestState
from services.shared.sdk.contract import Notice, Plan, SeatUse
from tests.fixtures.providers import CHAT, DESK, RemoteAccount
from tests.shared.domain.conftest import Desk


@dataclass(frozen=True, slots=True)
class Seen:
    """One kind of seat in one plan."""

    free: int | None
    reserved: int
    left: int | None
    warnings: list[str]


async def look(desk: Desk, request_id: UUID, seat: str = "gold", app: str = DESK) -> Seen:
    async with desk.unit() as uow:
        view = await reading.get_request_view(uow, request_id)
        assert view.plan is not None
        promised = await promised_to_others(uow, view.request, view.plan, view.plan_parts)
    part = next(part for part in view.plan_parts if part.app == app)
    use = next(one for one in seats_of(part) if one.key == seat)
    reserved = promised.get((app, seat), 0)
    made = Plan.model_validate(part.document)
    warnings = [notice.message for notice in notices_of(made, app, promised)]
    return Seen(use.free, reserved, left_after(use, reserved), warnings)


async def plan(desk: Desk, **more: Any) -> UUID:
    request_id = await desk.make(dry_run=True, **more)
    await desk.worker.work()
    return request_id


async def start(desk: Desk, request_id: UUID, *, work: bool = True) -> None:
    async with desk.unit() as uow:
        found = await reading.get_latest_plan(uow, request_id)
        await planning.apply_plan(uow, request_id, found.id, {})
    await desk.worker.work("plan.apply")
    if work:
        await desk.worker.work()


async def test_thirty_requests_on_twenty_five_seats_are_told_before_anything_is_applied(desk: Desk) -> None:
    desk.vendor.stock["gold"] = 25
    told = []
    requests = []
    for _ in range(30):
        requests.append(await plan(desk))
        told.append((await look(desk, requests[-1])).warnings)
    assert told[:25] == [[]] * 25
    assert told[25] == [
        "gold: 25 free, 25 needed by requests already planned. Buy 1 or pick another licence."
    ]
    assert told[29] == [
        "gold: 25 free, 29 needed by requests already planned. Buy 5 or pick another licence."
    ]
    first = await look(desk, requests[0])
    assert (first.free, first.reserved, first.left) == (25, 29, -5), "all of them see what the batch lacks"
    assert desk.vendor.accounts == {}
    for request_id in requests[:25]:
        await start(desk, request_id)
    assert (await look(desk, requests[29])).warnings == told[29], "taken since it was planned, and planned"
    async with desk.unit() as uow:
        await steering.cancel_request(uow, requests[25])
    assert (await look(desk, requests[29])).reserved == 28


async def test_thirty_that_are_planned_at_once_do_not_overlook_each_other(desk: Desk) -> None:
    desk.vendor.stock["gold"] = 25
    requests = await asyncio.gather(*(desk.make(dry_run=True) for _ in range(30)))
    await asyncio.gather(*(desk.worker.work() for _ in range(4)))
    seen = await asyncio.gather(*(look(desk, request_id) for request_id in requests))
    assert {(one.reserved, one.left) for one in seen} == {(29, -5)}


async def test_a_single_request_is_told_when_nothing_is_free(desk: Desk) -> None:
    desk.vendor.stock = {"gold": 0, "silver": 1}
    request_id = await plan(desk, apps={DESK: {"seats": ["gold", "silver"]}})
    assert (await look(desk, request_id)).warnings == [
        "gold: 0 free, 1 needed. Buy 1 or pick another licence."
    ]
    assert (await look(desk, request_id, "silver")).left == 0


async def test_a_seat_is_promised_until_it_is_taken_and_then_the_vendor_counts_it(desk: Desk) -> None:
    desk.vendor.stock["gold"] = 10
    first, second = await plan(desk), await plan(desk)
    assert (await look(desk, second)).reserved == 1
    await start(desk, first, work=False)
    assert (await look(desk, second)).reserved == 1, "started, and not there yet"
    await desk.worker.work()
    seen = await look(desk, second)
    assert (seen.free, seen.reserved, seen.left) == (10, 1, 8), "the number was read before it was taken"
    async with desk.unit() as uow:
        await plan_again(uow, second)
    await desk.worker.work()
    seen = await look(desk, second)
    assert (seen.free, seen.reserved, seen.left) == (9, 0, 8)


async def test_a_request_that_runs_at_once_counts_while_it_runs(desk: Desk) -> None:
    desk.vendor.stock["gold"] = 10
    desk.worker.failing_keys = {"seat:gold"}
    planned = await plan(desk)
    broken = await desk.make()
    await desk.worker.work()
    assert (await look(desk, planned)).reserved == 0, "what failed takes no seat"
    desk.worker.failing_keys = set()
    async with desk.unit() as uow:
        await steering.retry_request(uow, broken)
    assert (await look(desk, planned)).reserved == 1, "tried again"
    await desk.worker.work()
    seen = await look(desk, planned)
    assert (seen.reserved, seen.left) == (1, 8)


async def test_one_person_needs_one_seat_however_often_they_are_planned(desk: Desk) -> None:
    person = {"work_email": "eve@acme.example"}
    mine = await plan(desk, person=person)
    await plan(desk, person=person)
    assert (await look(desk, mine)).reserved == 0
    other = await plan(desk)
    assert (await look(desk, other)).reserved == 1


async def test_other_seats_apps_tenants_and_lapsed_plans_do_not_count(desk: Desk) -> None:
    mine = await plan(desk)
    await plan(desk, apps={DESK: {"seats": ["silver"]}, CHAT: {"nickname": "amazing", "seats": ["gold"]}})
    await plan(replace(desk, tenant=uuid4()))
    lapsed = await plan(desk)
    async with desk.unit() as uow:
        await uow.session.execute(
            text("UPDATE api.plans SET expires_at = now() - interval '1 second' WHERE request_id = :id"),
            {"id": lapsed},
        )
    assert (await look(desk, mine)).reserved == 0


async def test_a_part_that_still_asks_has_no_promise_and_the_others_of_its_plan_have(desk: Desk) -> None:
    mine = await plan(
        desk, apps={DESK: {"seats": ["gold"]}, CHAT: {"nickname": "amazing", "seats": ["gold"]}}
    )
    address = "fay@acme.example"
    desk.vendor.accounts[DESK, address] = RemoteAccount("theirs", None)
    apps = {DESK: {"seats": ["gold"]}, CHAT: {"nickname": "amazing", "seats": ["gold"]}}
    await plan(desk, person={"work_email": address}, apps=apps)
    assert (await look(desk, mine)).reserved == 0
    assert (await look(desk, mine, app=CHAT)).reserved == 1


async def test_nothing_is_promised_by_an_app_that_ended_before_the_vendor_was_read(desk: Desk) -> None:
    desk.vendor.stock["gold"] = 10
    done = await desk.make()
    await desk.worker.work()
    mine = await plan(desk)
    async with desk.unit() as uow:
        assert (await reading.get_request_view(uow, done)).request.state == RequestState.COMPLETED
    seen = await look(desk, mine)
    assert (seen.free, seen.reserved) == (9, 0)


SEAT = SeatUse(key="spb", name="Business Premium", free=3, needed=1)


@pytest.mark.parametrize(
    ("seat", "reserved", "message"),
    [
        (SEAT, 2, None),
        (
            SEAT,
            5,
            "Business Premium: 3 free, 5 needed by requests already planned. Buy 3 or pick another licence.",
        ),
        (SEAT.model_copy(update={"free": None}), 99, None),
        (
            SEAT.model_copy(update={"free": -2}),
            0,
            "Business Premium: 0 free, 1 needed. Buy 3 or pick another licence.",
        ),
    ],
)
def test_the_words(seat: SeatUse, reserved: int, message: str | None) -> None:
    found = shortage(seat, reserved)
    assert (found.message if found else None) == message


def test_what_the_provider_said_itself_is_not_said_twice() -> None:
    full = SEAT.model_copy(update={"free": 0})
    own = Notice(code="no_seats", message="All 25 seats of Business Premium are taken.")
    made = Plan(actions=(), notices=(own,), seats=(full,), fingerprint="f")
    assert notices_of(made, "x", {}) == [own]
    assert len(notices_of(made, "x", {("x", "spb"): 4})) == 2


@pytest.mark.parametrize(
    ("kind", "state", "sent", "counts"),
    [
        ("invite", "pending", None, True),
        ("invite", "awaiting_acceptance", "1 hour", False),
        ("invite", "awaiting_acceptance", "-1 hour", True),
        ("manual_task", "awaiting_person", None, True),
        ("add_to_group", "running", None, True),
        ("create", "failed", None, False),
        ("revoke_sessions", "pending", None, True),
    ],
)
async def test_a_seat_that_no_licence_names_is_taken_by_the_step_that_brings_the_person_in(
    desk: Desk,
    kind: str,
    state: str,
    sent: str | None,
    counts: bool,  # noqa: FBT001  # pytest passes it by name
) -> None:
    """`sent` is how long before the vendor was read; negative is after. The vendor counts invitations as taken."""
    first, mine = await plan(desk), await plan(desk)
    await start(desk, first, work=False)
    async with desk.unit(worker=True) as uow:
        await uow.session.execute(
            text(f"""
                UPDATE api.actions SET kind = :kind, key = 'somehow', target = 'somebody', state = :state,
                       sent_at = (SELECT read_at FROM api.plans WHERE request_id = :mine) - interval '{sent or "0 s"}'
                 WHERE request_id = :first
                   AND ordinal = (SELECT max(ordinal) FROM api.actions WHERE request_id = :first)
            """),
            {"kind": kind, "state": state, "first": first, "mine": mine},
        )
        await uow.session.execute(
            text("UPDATE api.actions SET kind = 'noop' WHERE request_id = :first AND key = 'create'"),
            {"first": first},
        )
    seen = await look(desk, mine)
    async with desk.unit() as uow:  # no worker shall meet these steps
        await steering.cancel_request(uow, first)
    assert seen.reserved == int(counts)

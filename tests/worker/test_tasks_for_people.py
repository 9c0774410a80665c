"""A task is handed to a person when its turn has come; what they say is done is looked at, not believed."""

from __future__ import annotations

import asyncio
from uuid import UUID

import pytest
from sqlalchemy import func, select

from services.shared.domain.account.service import find_account
from services.shared.domain.audit.models import AuditEntry
from services.shared.domain.provisioning import steering, tasking
from services.shared.domain.provisioning.errors import ActionNotFound, NotAwaitingPerson
from services.shared.domain.provisioning.reading import list_requests, list_waiting
from services.shared.domain.provisioning.tasking import Assignee
from services.shared.domain.provisioning.waiting_for import WaitingFor, count_waits
from services.shared.kit.actors import Actor, service_actor
from services.shared.kit.ids import uuid7
from services.shared.kit.pagination import PageQuery
from services.shared.sdk.errors import ConsentLost
from tests.fixtures.yard import ADA, BEA, Yard


async def _say_done(yard: Yard, request_id: UUID, key: str = "card", *, actor: Actor = ADA) -> None:
    action = await yard.action(request_id, key)
    async with yard.unit(actor) as uow:
        await tasking.say_done(uow, request_id, action.id, "as asked")


async def _assign(yard: Yard, request_id: UUID, to: Assignee | None, key: str = "card") -> None:
    action = await yard.action(request_id, key)
    async with yard.unit(BEA) as uow:
        await tasking.assign_task(uow, request_id, action.id, to)


async def test_a_task_waits_for_a_person_while_the_rest_goes_on(yard: Yard) -> None:
    request_id, address = await yard.request(invite=False, card=True, shelf=True, locker=True)
    await yard.work()
    assert await yard.states(request_id) == {
        "request": "running",
        "app": "awaiting_person",
        "card": "awaiting_person",
        "locker": "done",
        "shelf": "pending",
    }
    action = await yard.action(request_id, "card")
    assert (action.assignee_id, action.assignee_name) == ("7", "Ada")
    assert action.params["instructions"] == ["Go to the desk.", "Make a card for Jo Joiner."]
    assert action.effect is None
    assert yard.jobs() == [], "nothing waits in the ledger for a person"
    assert yard.club.effects == [("locker", address)]


async def test_what_a_program_asked_for_is_nobodys_in_particular(yard: Yard) -> None:
    request_id, _ = await yard.request(invite=False, card=True, actor=service_actor("hr"))
    await yard.work()
    action = await yard.action(request_id, "card")
    assert (action.assignee_id, action.assignee_name) == (None, None)


async def test_done_is_confirmed_at_the_vendor_and_noted_in_our_books(yard: Yard) -> None:
    request_id, address = await yard.request(card=True, shelf=True)
    await yard.work()
    yard.club.accept(address)
    yard.tomorrow()
    await yard.work()
    yard.club.give_card(address)
    await _say_done(yard, request_id, actor=BEA)
    action = await yard.action(request_id, "card")
    assert action.said_done is not None
    assert action.said_done["by"] == {"id": "8", "name": "Bea"}
    assert action.said_done["note"] == "as asked"
    await yard.work()
    assert set((await yard.states(request_id)).values()) == {"completed", "success", "done"}
    async with yard.unit() as uow:
        account = await find_account(uow, (await yard.view(request_id)).employee.id, "club")
    assert account is not None
    assert {grant["key"] for grant in account.grants} == {"card", "shelf"}


async def test_what_the_vendor_does_not_show_comes_back_with_a_word(yard: Yard) -> None:
    request_id, address = await yard.request(invite=False, card=True, shelf=True)
    await yard.work()
    await _say_done(yard, request_id)
    await yard.work()
    action = await yard.action(request_id, "card")
    assert (action.state, action.note) == ("awaiting_person", "The Club does not show it yet.")
    assert action.look_at is None
    assert (await yard.states(request_id))["app"] == "awaiting_person"
    assert yard.jobs() == []
    yard.club.give_card(address)
    await _say_done(yard, request_id)
    await yard.work()
    assert (await yard.states(request_id))["request"] == "completed"
    assert (await yard.action(request_id, "card")).note is None


async def test_nobody_is_asked_before_somebody_says_so(yard: Yard) -> None:
    """A task that no API shows is taken at a person's word: a look without that word would end it."""
    request_id, _ = await yard.request(invite=False, favour=True, locker=True)
    await yard.work()
    yard.tomorrow()
    await yard.work()
    assert (await yard.states(request_id))["favour"] == "awaiting_person"
    await _say_done(yard, request_id, "favour")
    await yard.work()
    assert (await yard.states(request_id))["request"] == "completed"


async def test_saying_it_twice_is_saying_it_once(yard: Yard) -> None:
    request_id, address = await yard.request(invite=False, card=True)
    await yard.work()
    yard.club.give_card(address)
    await asyncio.gather(*(_say_done(yard, request_id) for _ in range(3)))
    await yard.work()
    await _say_done(yard, request_id)
    assert await yard.work() == 0
    async with yard.unit() as uow:
        said = await uow.session.scalar(
            select(func.count()).select_from(AuditEntry).where(AuditEntry.action == "task.said_done")
        )
    assert said == 1


async def test_only_a_task_whose_turn_it_is_can_be_done(yard: Yard) -> None:
    request_id, _ = await yard.request(card=True, badge=True)
    await yard.work()
    with pytest.raises(NotAwaitingPerson, match="no task"):
        await _say_done(yard, request_id, "invite")
    async with yard.unit() as uow:
        await steering.cancel_request(uow, request_id)
    with pytest.raises(NotAwaitingPerson, match="ended"):
        await _say_done(yard, request_id)
    with pytest.raises(NotAwaitingPerson, match="ended"):
        await _assign(yard, request_id, None)
    with pytest.raises(ActionNotFound):
        async with yard.unit() as uow:
            await tasking.say_done(uow, uuid7(), (await yard.action(request_id, "card")).id, None)


async def test_a_task_is_taken_over_handed_over_and_let_go(yard: Yard) -> None:
    request_id, _ = await yard.request(invite=False, card=True)
    await yard.work()
    for to in (Assignee("8", "Bea"), Assignee("8", "Bea"), None):
        await _assign(yard, request_id, to)
        action = await yard.action(request_id, "card")
        assert action.assignee_id == (to.id if to else None)
    async with yard.unit() as uow:
        entries = await uow.session.scalars(
            select(AuditEntry).where(AuditEntry.action == "task.assigned").order_by(AuditEntry.at)
        )
        written = [
            (entry.before and entry.before["assignee"], entry.after and entry.after["assignee"])
            for entry in entries
        ]
    assert written == [("Ada", "Bea"), ("Bea", None)]
    async with yard.unit() as uow:
        await steering.cancel_request(uow, request_id)
        await steering.retry_request(uow, request_id)
    await yard.work()
    assert (await yard.action(request_id, "card")).assignee_name == "Ada", "nobody had it: it is the asker's"


async def test_it_is_counted_and_found_by_whom_it_waits_for(yard: Yard) -> None:
    adas, _ = await yard.request(invite=False, card=True)
    nobodys, _ = await yard.request(card=True, actor=service_actor("hr"))
    await yard.work()

    async def found(whom: WaitingFor, actor: Actor = ADA) -> set[UUID]:
        async with yard.unit(actor) as uow:
            page = await list_requests(uow, PageQuery(), waiting_for=whom)
        return {item.request.id for item in page.items}

    assert await found(WaitingFor.ME) == {adas}
    assert await found(WaitingFor.ME, BEA) == set()
    assert await found(WaitingFor.ME, service_actor("7")) == set()
    assert await found(WaitingFor.PERSON) == {adas, nobodys}
    assert await found(WaitingFor.NOBODY) == {nobodys}
    assert await found(WaitingFor.INVITED) == {nobodys}
    async with yard.unit() as uow:
        waits = await count_waits(uow)
        shown = await list_waiting(uow, (await yard.view(adas)).request.created_at, 20)
    assert (waits.mine, waits.invitations) == (1, 1)
    assert {(item.name, item.tasks) for item in waits.tasks} == {("Ada", 1), (None, 1)}
    assert {item.request.id for item in shown} == {adas, nobodys}


async def test_a_vendor_that_is_away_is_asked_again_and_then_the_person_is_told(yard: Yard) -> None:
    request_id, address = await yard.request(invite=False, card=True)
    await yard.work()
    yard.club.give_card(address)
    yard.club.answers = 503
    await _say_done(yard, request_id)
    await yard.work()
    action = await yard.action(request_id, "card")
    assert (action.state, action.looks, action.error is not None) == ("awaiting_person", 1, True)
    assert len(yard.jobs()) == 1
    for _ in range(2):
        yard.tomorrow()
        await yard.work()
    action = await yard.action(request_id, "card")
    assert action.look_at is None
    assert "could not see" in (action.note or "")
    assert yard.jobs() == []
    yard.club.answers = None
    await _say_done(yard, request_id)
    await yard.work()
    assert (await yard.states(request_id))["request"] == "completed"


async def test_a_task_needs_no_vendor_to_be_handed_over(yard: Yard) -> None:
    request_id, _ = await yard.request(card=True, shelf=True)
    (claim,) = await yard.claim()
    yard.keys.refusing = None
    await yard.tasks[claim.kind].run(claim)
    async with yard.unit() as uow:
        await steering.cancel_request(uow, request_id)
        await steering.retry_request(uow, request_id)
    yard.keys.refusing = ConsentLost("Reconnect it.")
    await yard.work()
    assert await yard.states(request_id) == {
        "request": "running",
        "app": "waiting_retry",
        "invite": "waiting_retry",
        "card": "awaiting_person",
        "shelf": "pending",
    }


async def test_said_done_while_a_worker_works_on_the_app_is_not_lost(yard: Yard) -> None:
    request_id, address = await yard.request(card=True, shelf=True)
    await yard.work()
    yard.tomorrow()
    (claim,) = await yard.claim()
    asked, answer = asyncio.Event(), asyncio.Event()

    async def meanwhile() -> None:
        await asked.wait()
        yard.club.give_card(address)
        await _say_done(yard, request_id)
        answer.set()

    async with yard.club_answers_late(asked, answer):
        await asyncio.gather(yard.tasks[claim.kind].run(claim), meanwhile())
    await yard.work()
    states = await yard.states(request_id)
    assert (states["card"], states["shelf"], states["app"]) == ("done", "done", "awaiting_acceptance")


async def test_a_word_is_remembered_where_the_vendor_shows_no_account(yard: Yard) -> None:
    request_id, address = await yard.request(invite=False, favour=True)
    await yard.work()
    await _say_done(yard, request_id, "favour")
    await yard.work()
    employee = (await yard.view(request_id)).employee
    async with yard.unit() as uow:
        account = await find_account(uow, employee.id, "club")
    assert account is not None
    assert (account.remote_id, [grant["key"] for grant in account.grants]) == (None, ["favour"])
    again = await yard.request_for(address, invite=False, favour=True)
    await yard.work()
    assert (await yard.states(again))["noop"] == "done"
    joined = await yard.request_for(address, favour=True)
    await yard.work()
    yard.club.accept(address)
    yard.tomorrow()
    await yard.work()
    assert (await yard.states(joined))["request"] == "completed"
    async with yard.unit() as uow:
        account = await find_account(uow, employee.id, "club")
    assert account is not None
    assert account.remote_id == "m1"
    assert "favour" in {grant["key"] for grant in account.grants}


async def test_a_rerun_finds_nothing_to_do(yard: Yard) -> None:
    request_id, address = await yard.request(card=True, favour=True)
    await yard.work()
    yard.club.give_card(address)
    yard.club.accept(address)
    yard.tomorrow()
    for key in ("card", "favour"):
        await _say_done(yard, request_id, key)
    await yard.work()
    assert (await yard.states(request_id))["request"] == "completed"
    again = await yard.request_for(address, card=True, favour=True)
    await yard.work()
    assert await yard.states(again) == {"request": "completed", "app": "success", "noop": "done"}

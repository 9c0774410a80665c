"""An invitation waits for the invited person for days: looked at now and then, and never holding a worker."""

from __future__ import annotations

import asyncio
from uuid import UUID

import pytest

from services.shared.domain.account.service import find_account
from services.shared.domain.provisioning import ending, steering, tasking
from services.shared.domain.provisioning.errors import NotAwaitingAcceptance, NothingToRetry
from services.shared.domain.provisioning.hearing import hasten_heard
from services.shared.sdk.errors import ConsentLost
from services.shared.sdk.optional import Heard
from services.worker.explaining import worker_lost
from tests.fixtures.yard import Yard


async def _hear(yard: Yard, **names: str) -> int:
    async with yard.unit() as uow:
        return await hasten_heard(uow, "github", [Heard(kind="activated", **names)])


async def _resend(yard: Yard, request_id: UUID) -> None:
    action = await yard.action(request_id, "invite")
    async with yard.unit() as uow:
        await tasking.resend_invitation(uow, request_id, action.id)


async def test_an_invitation_waits_and_what_needs_it_waits_too(yard: Yard) -> None:
    request_id, address = await yard.request(locker=True, badge=True)
    assert await yard.work() == 1
    assert await yard.states(request_id) == {
        "request": "running",
        "app": "awaiting_acceptance",
        "invite": "awaiting_acceptance",
        "locker": "done",
        "badge": "pending",
    }
    action = await yard.action(request_id, "invite")
    assert action.expires_at is not None
    assert action.known_as == sorted([address, "m1"])
    (job,) = yard.jobs()
    state, seconds = job.split()
    assert state == "queued"
    assert 500 < float(seconds) < 700, "the manifest says every ten minutes"


async def test_looks_are_no_news_and_grow_apart(yard: Yard) -> None:
    request_id, _ = await yard.request()
    await yard.work()
    told = f"SELECT count(*) FROM api.events WHERE subject_id = '{request_id}'"
    before, seconds = yard.database.psql(told), []
    for _ in range(10):
        yard.tomorrow()
        assert await yard.work() == 1
        seconds.append(float(yard.jobs()[0].split()[1]))
    assert yard.database.psql(told) == before
    assert seconds[-1] > seconds[0] * 2
    assert max(seconds) < 600 * 4 * 1.2
    assert (await yard.action(request_id, "invite")).looks == 10
    attempts = f"SELECT max(attempt) FROM api.jobs WHERE tenant_id = '{yard.tenant}'"
    assert yard.database.psql(attempts) == "0", "a look uses up no try of the job"


async def test_accepted_is_seen_at_the_next_look_and_the_rest_goes_on(yard: Yard) -> None:
    request_id, address = await yard.request(badge=True)
    await yard.work()
    yard.club.accept(address)
    assert await yard.work() == 0
    yard.tomorrow()
    await yard.work()
    assert set((await yard.states(request_id)).values()) == {"completed", "success", "done"}
    assert yard.club.effects == [("invite", address), ("badge", address)]
    assert yard.jobs() == []
    async with yard.unit() as uow:
        account = await find_account(uow, (await yard.view(request_id)).employee.id, "club")
    assert account is not None
    assert account.remote_id == "m1"


async def test_an_invitation_that_is_gone_fails_and_a_retry_sends_a_new_one(yard: Yard) -> None:
    request_id, address = await yard.request(badge=True)
    await yard.work()
    yard.club.decline(address)
    yard.tomorrow()
    await yard.work()
    assert await yard.states(request_id) == {
        "request": "failed",
        "app": "error",
        "invite": "failed",
        "badge": "blocked",
    }
    error = (await yard.action(request_id, "invite")).error
    assert error is not None
    assert (error["message"], error["remedy"]) == ("The invitation lapsed or was declined.", "Send it again.")
    async with yard.unit() as uow:
        await steering.retry_action(uow, request_id, (await yard.action(request_id, "invite")).id)
    await yard.work()
    assert (await yard.states(request_id))["app"] == "awaiting_acceptance"
    assert yard.club.count("invite", address) == 2


async def test_an_invitation_that_is_not_shown_at_once_is_not_gone(yard: Yard) -> None:
    request_id, address = await yard.request()
    await yard.work()
    member = yard.club.members.pop(address)
    assert await _hear(yard, email=address) == 1
    await yard.work()
    assert (await yard.states(request_id))["invite"] == "awaiting_acceptance"
    yard.club.members[address] = member
    yard.club.accept(address)
    yard.tomorrow()
    await yard.work()
    assert (await yard.states(request_id))["invite"] == "done"


async def test_a_look_that_fails_loses_nothing_and_says_so(yard: Yard) -> None:
    request_id, address = await yard.request()
    await yard.work()
    for trouble in (503, 401, 418):
        yard.club.answers = trouble
        yard.tomorrow()
        assert await yard.work() == 1
        action = await yard.action(request_id, "invite")
        assert (action.state, action.error is not None) == ("awaiting_acceptance", True), trouble
    yard.club.answers = None
    yard.keys.refusing = ConsentLost("Reconnect it.")
    yard.tomorrow()
    await yard.work()
    action = await yard.action(request_id, "invite")
    assert action.error is not None
    assert action.error["message"] == "Reconnect it."
    yard.keys.refusing = None
    yard.club.accept(address)
    yard.tomorrow()
    await yard.work()
    action = await yard.action(request_id, "invite")
    assert (action.state, action.error) == ("done", None)


async def test_a_look_that_needs_a_person_ends_the_wait(yard: Yard) -> None:
    """GitHub may not tell who accepted what was sent to an address: waiting longer does not help."""
    request_id, address = await yard.request(badge=True)
    await yard.work()
    yard.club.answers = 403
    yard.tomorrow()
    await yard.work()
    states = await yard.states(request_id)
    assert (states["request"], states["invite"], states["badge"]) == ("failed", "failed", "blocked")
    error = (await yard.action(request_id, "invite")).error
    assert error is not None
    assert error["message"] == "The club does not say who came."
    yard.club.answers = None
    yard.club.accept(address)
    async with yard.unit() as uow:
        await steering.retry_request(uow, request_id)
    await yard.work()
    assert (await yard.states(request_id))["request"] == "completed"
    assert yard.club.count("invite", address) == 1


async def test_accepted_with_somebody_elses_account_is_refused_in_words(yard: Yard) -> None:
    first, one = await yard.request()
    second, other = await yard.request()
    await yard.work()
    yard.club.accept(one)
    yard.tomorrow()
    await yard.work()
    yard.club.accept(other)
    yard.club.members[other].id = yard.club.members[one].id
    yard.tomorrow()
    await yard.work()
    assert (await yard.states(first))["request"] == "completed"
    assert (await yard.states(second))["request"] == "failed"
    error = (await yard.action(second, "invite")).error
    assert error is not None
    assert one in error["message"]


async def test_the_vendors_event_makes_us_look_now_and_is_not_believed(yard: Yard) -> None:
    request_id, address = await yard.request()
    await yard.work()
    assert await _hear(yard, email=address.upper()) == 1
    assert await yard.work() == 1
    assert (await yard.states(request_id))["invite"] == "awaiting_acceptance"
    yard.club.accept(address)
    for names in ({"login": address}, {"remote_id": "M1"}):
        assert await _hear(yard, **names) == 1
    await yard.work()
    assert (await yard.states(request_id))["request"] == "completed"
    assert await _hear(yard, email=address) == 0


async def test_an_event_about_somebody_else_or_another_vendor_does_nothing(yard: Yard) -> None:
    _, address = await yard.request()
    await yard.work()
    assert await _hear(yard, email="other@acme.example") == 0
    assert await _hear(yard, login="nobody-we-know") == 0, "this invitation's login is known: it is not him"
    async with yard.unit() as uow:
        assert await hasten_heard(uow, "zoom", [Heard(kind="activated", email=address)]) == 0
    assert await yard.work() == 0


async def test_an_unknown_login_may_be_anybody_who_was_invited_by_address(yard: Yard) -> None:
    request_id, address = await yard.request()
    await yard.work()
    yard.database.psql(
        f"UPDATE api.actions SET known_as = '[\"{address}\"]' WHERE request_id = '{request_id}'"
    )
    yard.club.accept(address)
    assert await _hear(yard, login="octocat") == 1
    await yard.work()
    assert (await yard.states(request_id))["request"] == "completed"


async def test_an_event_that_comes_during_a_look_is_not_lost(yard: Yard) -> None:
    request_id, address = await yard.request()
    await yard.work()
    yard.tomorrow()
    (claim,) = await yard.claim()
    looking, answered = asyncio.Event(), asyncio.Event()

    async def meanwhile() -> None:
        await looking.wait()
        yard.club.accept(address)
        await _hear(yard, email=address)
        answered.set()

    ask = yard.club_answers_late(looking, answered)
    async with ask:
        await asyncio.gather(yard.tasks[claim.kind].run(claim), meanwhile())
    assert await yard.work() >= 1
    assert (await yard.states(request_id))["invite"] == "done"


async def test_sending_again_withdraws_the_old_one_once(yard: Yard) -> None:
    request_id, address = await yard.request(badge=True)
    await yard.work()
    yard.tomorrow()
    await _resend(yard, request_id)
    assert (await yard.states(request_id))["invite"] == "pending"
    with pytest.raises(NotAwaitingAcceptance):
        await _resend(yard, request_id)
    assert await yard.work() == 1
    assert (await yard.states(request_id))["invite"] == "awaiting_acceptance"
    for _ in range(2):
        yard.tomorrow()
        await yard.work()
    assert yard.club.effects == [("invite", address), ("withdraw", address), ("invite", address)]
    yard.club.accept(address)
    yard.tomorrow()
    await yard.work()
    assert (await yard.states(request_id))["request"] == "completed"
    with pytest.raises(NotAwaitingAcceptance):
        await _resend(yard, request_id)


async def test_sending_again_survives_a_crash_after_the_write_was_noted(yard: Yard) -> None:
    """Read back, the old invitation is still there: that is not what was asked for."""
    request_id, address = await yard.request()
    await yard.work()
    await _resend(yard, request_id)
    yard.database.psql(
        f"UPDATE api.actions SET state = 'running', effect = 'sent' WHERE request_id = '{request_id}'"
    )
    await yard.work()
    assert yard.club.count("withdraw", address) == 1
    assert yard.club.count("invite", address) == 2


async def test_cancelling_what_waits_ends_it(yard: Yard) -> None:
    request_id, _ = await yard.request(locker=True, badge=True)
    await yard.work()
    async with yard.unit() as uow:
        await steering.cancel_request(uow, request_id)
    assert await yard.states(request_id) == {
        "request": "partial",
        "app": "partial",
        "invite": "cancelled",
        "locker": "done",
        "badge": "cancelled",
    }
    yard.tomorrow()
    await yard.work()
    assert yard.jobs() == []
    assert (await yard.states(request_id))["invite"] == "cancelled"


async def test_cancelled_during_a_look_stays_cancelled(yard: Yard) -> None:
    request_id, address = await yard.request()
    await yard.work()
    yard.tomorrow()
    (claim,) = await yard.claim()
    looking, answered = asyncio.Event(), asyncio.Event()

    async def meanwhile() -> None:
        await looking.wait()
        async with yard.unit() as uow:
            await steering.cancel_request(uow, request_id)
        answered.set()

    yard.club.accept(address)
    async with yard.club_answers_late(looking, answered):
        await asyncio.gather(yard.tasks[claim.kind].run(claim), meanwhile())
    await yard.work()
    assert await yard.states(request_id) == {
        "request": "cancelled",
        "app": "cancelled",
        "invite": "cancelled",
    }
    async with yard.unit() as uow:
        await steering.retry_request(uow, request_id)
    await yard.work()
    assert (await yard.states(request_id))["request"] == "completed"
    assert yard.club.count("invite", address) == 1


async def test_what_failed_is_tried_again_while_the_invitation_waits(yard: Yard) -> None:
    request_id, address = await yard.request(locker=True)
    await yard.work()
    with pytest.raises(NothingToRetry):
        async with yard.unit() as uow:
            await steering.retry_request(uow, request_id)
    yard.club.things.clear()
    yard.database.psql(
        f"UPDATE api.actions SET state = 'failed' WHERE key = 'locker' AND request_id = '{request_id}'"
    )
    async with yard.unit() as uow:
        await steering.retry_result(uow, request_id, "club")
    await yard.work()
    assert await yard.states(request_id) == {
        "request": "running",
        "app": "awaiting_acceptance",
        "invite": "awaiting_acceptance",
        "locker": "done",
    }
    assert yard.club.count("invite", address) == 1


async def test_a_rerun_while_the_invitation_waits_waits_for_the_same_one(yard: Yard) -> None:
    first, address = await yard.request()
    await yard.work()
    second = await yard.request_for(address)
    await yard.work()
    assert (await yard.states(second))["app"] == "awaiting_acceptance"
    yard.club.accept(address)
    assert await _hear(yard, email=address) == 2
    await yard.work()
    for request_id in (first, second):
        assert (await yard.states(request_id))["request"] == "completed"
    assert yard.club.count("invite", address) == 1


async def test_new_fields_while_it_waits_plan_anew(yard: Yard) -> None:
    request_id, address = await yard.request()
    await yard.work()
    async with yard.unit() as uow:
        await steering.retry_result(uow, request_id, "club", fields={"locker": True})
    await yard.work()
    assert await yard.states(request_id) == {
        "request": "running",
        "app": "awaiting_acceptance",
        "invite": "awaiting_acceptance",
        "locker": "done",
    }
    assert yard.club.count("invite", address) == 1


async def test_given_up_it_can_be_tried_again(yard: Yard) -> None:
    """Its workers died three times while they looked."""
    request_id, address = await yard.request()
    await yard.work()
    result_id = (await yard.view(request_id)).results[0].result.id
    async with yard.unit() as uow:
        await ending.lose_result(uow, result_id, worker_lost("Three times."))
    assert await yard.states(request_id) == {"request": "failed", "app": "error", "invite": "failed"}
    async with yard.unit() as uow:
        await steering.retry_request(uow, request_id)
    await yard.work()
    assert (await yard.states(request_id))["app"] == "awaiting_acceptance"
    assert yard.club.count("invite", address) == 1

"""An account that must be reconnected pauses its apps, says so, and everything goes on once when it is back."""

from __future__ import annotations

from datetime import UTC, datetime
from uuid import UUID

from services.shared.domain.connection import following, testing
from services.shared.domain.connection.following import Told
from services.shared.domain.connection.models import ConnectionTest
from services.shared.domain.provisioning import steering
from services.shared.sdk.errors import ConsentLost, ErrorCode, Transient
from tests.fixtures.yard import Yard

CONNECTION = UUID(int=1)
LOST = "The club has withdrawn the consent."


async def _told(yard: Yard, state: str, generation: int) -> None:
    async with yard.unit() as uow:
        await following.note(
            uow,
            Told(CONNECTION, "github", "Club", state, None, None, generation, datetime.now(UTC)),
        )


async def _test(yard: Yard) -> ConnectionTest:
    async with yard.unit() as uow:
        return (await testing.list_tests(uow))[CONNECTION]


async def test_a_lost_grant_pauses_the_app_and_a_reconnect_completes_it_once(yard: Yard) -> None:
    await _told(yard, "active", 1)
    request_id, address = await yard.request(shelf=True)
    yard.keys.refusing = ConsentLost(LOST)
    await yard.work()
    view = await yard.view(request_id)
    result = view.results[0].result
    assert (str(view.request.state), str(result.state)) == ("running", "waiting_retry")
    assert result.waiting_reason is not None
    assert result.waiting_reason.startswith(LOST)
    assert "Connected accounts" in result.waiting_reason
    await _told(yard, "needs_reauth", 2)
    assert await yard.work() == 0, "nothing is tried again and again"
    yard.keys.refusing = None
    await _told(yard, "active", 3)
    await yard.work()
    yard.club.accept(address)
    yard.tomorrow()
    await yard.work()
    assert (await yard.states(request_id))["request"] == "completed"
    assert len(yard.club.effects) == len(set(yard.club.effects))
    assert yard.jobs() == []


async def test_a_grant_lost_in_the_middle_keeps_what_was_done(yard: Yard) -> None:
    await _told(yard, "active", 1)
    request_id, address = await yard.request(shelf=True)
    await yard.work()
    yard.club.accept(address)
    yard.club.answers = 401
    yard.tomorrow()
    await yard.work()
    assert (await yard.states(request_id))["invite"] == "awaiting_acceptance"
    yard.club.answers = None
    yard.tomorrow()
    yard.keys.refusing = ConsentLost(LOST)
    await yard.work()
    yard.keys.refusing = None
    yard.tomorrow()
    await yard.work()
    assert (await yard.states(request_id))["request"] == "completed"
    assert len(yard.club.effects) == len(set(yard.club.effects))


async def test_a_paused_action_says_why_and_where_to_go(yard: Yard) -> None:
    await _told(yard, "active", 1)
    request_id, _ = await yard.request(shelf=True)
    await yard.work()
    async with yard.unit() as uow:
        await steering.cancel_request(uow, request_id)
        await steering.retry_request(uow, request_id)
    yard.keys.refusing = ConsentLost(LOST)
    await yard.work()
    action = await yard.action(request_id, "invite")
    assert action.state == "waiting_retry"
    assert action.error is not None
    assert (action.error["code"], action.error["link_url"]) == ("auth_expired", "/admin/connections")
    assert action.error["message"] == LOST
    assert action.tries == 0, "waiting for a person is no try"
    async with yard.unit() as uow:
        await steering.cancel_request(uow, request_id)
    assert (await yard.states(request_id))["app"] == "partial"


async def test_a_pause_has_no_end_of_tries_and_looks_by_itself(yard: Yard) -> None:
    await _told(yard, "active", 1)
    request_id, _ = await yard.request()
    yard.keys.refusing = ConsentLost(LOST)
    for _ in range(6):
        await yard.work()
        assert (await yard.states(request_id))["app"] == "waiting_retry"
        (job,) = [job for job in yard.jobs() if job.startswith("queued")]
        assert 200 < int(job.split()[1]) <= 300
        yard.tomorrow()
    yard.keys.refusing = None
    await yard.work()
    assert (await yard.states(request_id))["app"] == "awaiting_acceptance"


async def test_a_missing_permission_fails_as_before(yard: Yard) -> None:
    request_id, _ = await yard.request()
    yard.keys.refusing = ConsentLost("A scope is missing.", code=ErrorCode.MISSING_SCOPE)
    await yard.work()
    assert (await yard.states(request_id))["app"] == "error"


async def test_a_refusal_has_the_account_tested_once(yard: Yard) -> None:
    await _told(yard, "active", 1)
    yard.club.answers = 401
    for _ in range(2):
        await yard.request()
        await yard.work()
    test = await _test(yard)
    assert test.ok is False
    assert test.message is not None
    assert "does not know us" in test.message
    count = yard.database.psql(
        f"SELECT count(*) FROM api.jobs WHERE kind = 'connection.test' AND tenant_id = '{yard.tenant}'"
    )
    assert count == "1"


async def test_an_account_is_tested_with_reads_alone(yard: Yard) -> None:
    await _told(yard, "active", 1)
    for error, ok, words in (
        (None, True, "It works"),
        (ConsentLost(LOST), False, "Reconnect it"),
        (Transient("The sign-in is away."), False, "The sign-in is away."),
    ):
        yard.keys.refusing = error
        async with yard.unit() as uow:
            await testing.ask_test(uow, CONNECTION, "github")
        assert testing.is_underway(await _test(yard))
        await yard.work()
        test = await _test(yard)
        assert (test.ok, testing.is_underway(test)) == (ok, False)
        assert test.message is not None
        assert words in test.message
    assert yard.club.effects == []


async def test_a_test_whose_workers_died_says_so(yard: Yard) -> None:
    async with yard.unit() as uow:
        await testing.ask_test(uow, CONNECTION, "github")
    (claim,) = await yard.claim()
    async with yard.unit() as uow:
        await yard.tasks[claim.kind].lost(uow, claim, "Its workers died.")
    assert (await _test(yard)).ok is False


async def test_an_account_that_was_replaced_is_not_taken_for_the_new_one(yard: Yard) -> None:
    async with yard.unit() as uow:
        await testing.ask_test(uow, UUID(int=2), "github")
    await yard.work()
    async with yard.unit() as uow:
        test = (await testing.list_tests(uow))[UUID(int=2)]
    assert (test.ok, test.message) == (False, "This account is not connected any more.")

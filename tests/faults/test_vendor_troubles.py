"""What vendors do: throttle, drop replies, take their time, refuse. The books stay true."""

import asyncio
from datetime import datetime

import pytest

from tests.faults.wishes import BOTH, E3, GOOGLE, MICROSOFT, POWER_BI, STANDARD, assert_one_account_each
from tests.fixtures.engine import Engine

pytestmark = [pytest.mark.faults, pytest.mark.timeout(600)]


async def test_a_lost_reply_is_read_back_and_not_repeated(workers: Engine) -> None:
    workers.start_worker()
    for vendor in ("google", "microsoft"):
        workers.sandbox.arm(vendor, "commit_then_drop", match={"method": "POST"}, times=3)
    email = workers.new_address()
    request = await workers.request(BOTH, email=email)
    assert await workers.wait_ended(request) == "completed", await workers.picture(request)
    assert_one_account_each(workers.sandbox, email)


async def test_a_502_after_the_write_took_effect_is_read_back(workers: Engine) -> None:
    workers.start_worker()
    for vendor in ("google", "microsoft"):
        workers.sandbox.arm(vendor, "commit_then_status", match={"method": "POST"}, times=3, status=502)
    email = workers.new_address()
    request = await workers.request(BOTH, email=email)
    assert await workers.wait_ended(request) == "completed", await workers.picture(request)
    assert_one_account_each(workers.sandbox, email)


@pytest.mark.parametrize("retry_after", [2, 2.128, "http-date:+3"])
async def test_a_throttled_vendor_is_never_called_before_its_retry_after(
    workers: Engine, retry_after: float | str
) -> None:
    workers.start_worker()
    workers.sandbox.arm("microsoft", "rate_limit", match={"method": "POST"}, times=1, retry_after=retry_after)
    request = await workers.request({"microsoft-365": MICROSOFT})
    while not (
        waiting := await workers.rows(
            "SELECT state, next_try_at, waiting_reason FROM api.results"
            " WHERE request_id = :id AND state = 'waiting_retry'",
            id=request,
        )
    ):
        await asyncio.sleep(0.02)
    assert waiting[0]["next_try_at"] is not None
    assert await workers.wait_ended(request) == "completed", await workers.picture(request)
    calls = workers.sandbox.requests("microsoft")
    limited = next(index for index, call in enumerate(calls) if call["status"] == 429)
    first, second = (datetime.fromisoformat(calls[index]["at"]) for index in (limited, limited + 1))
    pause = (second - first).total_seconds()
    assert pause >= 1.9, f"called again after {pause:.2f} s"


async def test_settling_is_waited_out_and_is_not_an_error(workers: Engine) -> None:
    workers.start_worker()
    workers.sandbox.configure("microsoft", settle_seconds=2.5)
    workers.sandbox.configure("google", settle_seconds=2.5)
    email = workers.new_address()
    request = await workers.request(BOTH, email=email)
    assert await workers.wait_ended(request) == "completed", await workers.picture(request)
    assert_one_account_each(workers.sandbox, email)
    tries = await workers.rows("SELECT tries FROM api.actions WHERE request_id = :id", id=request)
    assert all(row["tries"] == 1 for row in tries)


async def test_an_expired_token_is_renewed_once_and_nobody_notices(workers: Engine) -> None:
    workers.start_worker()
    workers.sandbox.arm("microsoft", "expired_token", times=1)
    request = await workers.request({"microsoft-365": MICROSOFT})
    assert await workers.wait_ended(request) == "completed", await workers.picture(request)


async def test_one_apps_failure_never_stops_another(workers: Engine) -> None:
    workers.start_worker()
    workers.sandbox.arm("microsoft", "forbidden", times=100)
    request = await workers.request(BOTH)
    assert await workers.wait_ended(request) == "partial", await workers.picture(request)
    rows = await workers.rows("SELECT app, state, error FROM api.results WHERE request_id = :id", id=request)
    found = {row["app"]: row for row in rows}
    assert found["google-workspace"]["state"] == "success"
    assert found["microsoft-365"]["error"]["code"] == "missing_scope"


async def test_no_seat_fails_the_licence_alone(workers: Engine) -> None:
    workers.start_worker()
    workers.sandbox.set_seats("microsoft", E3, 0)
    request = await workers.request({"microsoft-365": MICROSOFT})
    assert await workers.wait_ended(request) == "partial", await workers.picture(request)
    rows = await workers.rows("SELECT kind, state, error FROM api.actions WHERE request_id = :id", id=request)
    failed = [row for row in rows if row["state"] != "done"]
    assert [row["kind"] for row in failed] == ["assign_license"]
    assert failed[0]["error"]["code"] == "no_seats"
    workers.sandbox.set_seats("microsoft", E3, 30)
    await workers.retry(request)
    assert await workers.wait_ended(request) == "completed", await workers.picture(request)


async def test_an_unknown_answer_is_unknown_and_never_a_success(workers: Engine) -> None:
    workers.start_worker()
    workers.sandbox.arm("google", "garbage", match={"method": "POST"}, times=20)
    request = await workers.request({"google-workspace": GOOGLE})
    assert await workers.wait_ended(request) in {"failed", "partial"}, await workers.picture(request)


async def test_the_same_request_twice_plans_only_noop(workers: Engine) -> None:
    workers.start_worker()
    email = workers.new_address()
    assert await workers.wait_ended(await workers.request(BOTH, email=email)) == "completed"
    again = await workers.request(BOTH, email=email)
    assert await workers.wait_ended(again) == "completed", await workers.picture(again)
    kinds = await workers.rows("SELECT kind FROM api.actions WHERE request_id = :id", id=again)
    assert [row["kind"] for row in kinds] == ["noop", "noop"]
    assert_one_account_each(workers.sandbox, email)


async def test_removing_a_licence_removes_that_licence_and_nothing_else(workers: Engine) -> None:
    workers.start_worker()
    email = workers.new_address()
    both = {"microsoft-365": {**MICROSOFT, "licenses": [E3, POWER_BI]}}
    assert await workers.wait_ended(await workers.request(both, email=email)) == "completed"
    fewer = await workers.request({"microsoft-365": MICROSOFT}, email=email)
    assert await workers.wait_ended(fewer) == "completed", await workers.picture(fewer)
    kinds = await workers.rows("SELECT kind FROM api.actions WHERE request_id = :id", id=fewer)
    assert [row["kind"] for row in kinds] == ["remove_license"]
    user = workers.sandbox.user("microsoft", email)
    assert user is not None
    assert list(user["license_ids"]) == [E3]


@pytest.mark.parametrize(("policy", "state"), [("ask", "failed"), ("fail", "failed"), ("adopt", "completed")])
async def test_an_account_that_was_there_is_adopted_only_with_consent(
    workers: Engine, policy: str, state: str
) -> None:
    workers.start_worker()
    email = workers.new_address()
    workers.sandbox.add_user("google", email)
    request = await workers.request(
        {"google": {"license_skus": [STANDARD]}}, email=email, existing_account=policy
    )
    assert await workers.wait_ended(request) == state, await workers.picture(request)
    if policy != "adopt":
        error = await workers.value("SELECT error FROM api.results WHERE request_id = :id", id=request)
        assert error["code"] == "already_exists", str(error)
        user = workers.sandbox.user("google", email)
        assert user is not None
        assert user["licenses"] == []


async def test_an_account_that_is_somebody_elses_in_our_books_is_never_linked_twice(workers: Engine) -> None:
    """Its owner was renamed, and a newcomer got the old address: adopting it is refused in words."""
    workers.start_worker()
    first, renamed = workers.new_address(), workers.new_address()
    assert await workers.wait_ended(await workers.request({"hubspot": {}}, email=first)) == "completed"
    await workers.rows(
        "UPDATE api.employees SET work_email = :after, work_email_key = :after WHERE work_email = :before",
        before=first,
        after=renamed,
    )
    request = await workers.request({"hubspot": {}}, email=first, existing_account="adopt")
    assert await workers.wait_ended(request) == "failed", await workers.picture(request)
    error = await workers.value("SELECT error FROM api.results WHERE request_id = :id", id=request)
    assert error["code"] == "conflict"
    assert renamed in error["message"]
    assert await workers.value("SELECT count(*) FROM api.accounts WHERE login = :login", login=first) == 1

"""The token broker against the sandbox's token endpoints, and against vendors that misbehave."""

import asyncio
import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import httpx
import pytest
from pydantic import SecretStr

from services.auth.grant.reasons import AADSTS
from tests.auth.conftest import Auth, Running
from tests.auth.vendors import Answer, Vendor, age_token, column, warm
from tests.fixtures.postgres import Database
from tests.fixtures.sandbox import Sandbox

TenantId = Callable[..., UUID]


# -- the sandbox ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("provider", "vendor_name"), [("google", "google"), ("microsoft-365", "microsoft")])
async def test_a_worker_gets_a_token_that_the_vendor_accepts(
    auth: Auth, sandbox: Sandbox, ask: Callable[..., Any], provider: str, vendor_name: str
) -> None:
    answer = await ask(auth, provider=provider)
    assert answer.status_code == 200, answer.text
    body = answer.json()
    assert body["token_type"] == "Bearer"
    assert datetime.fromisoformat(body["expires_at"]) > datetime.now(UTC)
    assert body["settings"]["domain"] == "acme.example"
    path = {
        "google": "/admin/directory/v1/users?customer=my_customer",
        "microsoft": "/v1.0/users",
    }[vendor_name]
    async with httpx.AsyncClient() as client:
        listed = await client.get(
            f"{sandbox.url}/{vendor_name}{path}", headers={"authorization": f"Bearer {body['access_token']}"}
        )
    assert listed.status_code == 200, listed.text
    again = await ask(auth, provider=provider)
    assert again.json() == body
    assert len([call for call in sandbox.requests(vendor_name) if "token" in call["path"]]) == 1


async def test_a_wrong_secret_at_the_sandbox_needs_reauth_with_the_reason(
    running: Running, ask: Callable[..., Any], database: Database
) -> None:
    async with running(ms_graph_client_secret=SecretStr("wrong")) as auth:
        answer = await ask(auth)
        assert answer.status_code == 409
        assert answer.json()["code"] == "needs_reauth"
        assert answer.json()["reason_code"] == "AADSTS7000215"
        assert answer.json()["detail"] == AADSTS["7000215"]
        listed = await auth.call("api", "GET", f"tenants/{answer_tenant(database)}/connections")
    states = {row["vendor"]: (row["status"], row["reason"]) for row in listed.json()}
    assert states["microsoft"] == ("needs_reauth", AADSTS["7000215"])
    assert states["google"] == ("active", None)


def answer_tenant(database: Database) -> str:
    return database.psql("SELECT id FROM auth.tenants WHERE slug = 'acme'")


# -- single flight -------------------------------------------------------------------------------------------


async def test_fifty_callers_of_two_replicas_make_one_vendor_call(
    running: Running, vendor: Vendor, ask: Callable[..., Any], database: Database
) -> None:
    vendor.seconds = 0.3
    async with running(transport=vendor.transport) as one, running(transport=vendor.transport) as two:
        answers = await asyncio.gather(*(ask(one if n % 2 else two) for n in range(50)))
        assert {answer.status_code for answer in answers} == {200}
        assert {answer.json()["access_token"] for answer in answers} == {"canary-access-1"}
        assert len(vendor.calls) == 1
        age_token(database, refresh_in=-1, expires_in=-1)
        async with running(transport=vendor.transport) as three, running(transport=vendor.transport) as four:
            answers = await asyncio.gather(*(ask(three if n % 2 else four) for n in range(50)))
    assert {answer.status_code for answer in answers} == {200}
    assert len(vendor.calls) == 2
    released = database.psql("SELECT sum(count) FROM auth.audit_entries WHERE action = 'token.released'")
    assert released == "100"


async def test_fifty_callers_whose_token_was_refused_make_one_vendor_call(
    running: Running,
    vendor: Vendor,
    ask: Callable[..., Any],
    database: Database,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("services.auth.token.broker.FORCE_GRACE", timedelta(seconds=60))
    vendor.seconds = 0.1
    async with running(transport=vendor.transport) as one, running(transport=vendor.transport) as two:
        await ask(one)
        age_token(database, refresh_in=600, expires_in=900)
        vendor.answers = [(200, {"access_token": "canary-access-2", "expires_in": 3600})]
        answers = await asyncio.gather(*(ask(one if n % 2 else two, force_refresh=True) for n in range(50)))
        assert {answer.json()["access_token"] for answer in answers} == {"canary-access-2"}
        assert len(vendor.calls) == 2
        assert (await ask(one)).json()["access_token"] == "canary-access-2"


async def test_a_failing_vendor_is_asked_once_by_fifty_callers(
    running: Running, vendor: Vendor, ask: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("services.auth.token.refresh.FIRST_COOL_DOWN_SECONDS", 30.0)
    vendor.answers = [(500, b"oops")]
    vendor.seconds = 0.1
    async with running(transport=vendor.transport) as one, running(transport=vendor.transport) as two:
        answers = await asyncio.gather(*(ask(one if n % 2 else two) for n in range(50)))
    assert {answer.status_code for answer in answers} == {503}
    assert len(vendor.calls) == 1


# -- failures ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "answer",
    [
        (500, b""),
        (503, {"error": "temporarily_unavailable"}),
        (400, {"error": "temporarily_unavailable"}),
        (429, {"error": "slow_down"}),
        (200, b"<html>"),
        (200, {"access_token": ""}),
        (200, {"access_token": "x", "token_type": "mac"}),
        (200, ["a"]),
        (302, b""),
        (400, b"not json"),
        httpx.ConnectError("no"),
        httpx.ReadTimeout("slow"),
    ],
    ids=str,
)
async def test_a_vendor_that_is_away_keeps_the_connection(
    running: Running, vendor: Vendor, ask: Callable[..., Any], database: Database, answer: Answer
) -> None:
    if isinstance(answer, tuple) and isinstance(answer[1], list):
        answer = (answer[0], json.dumps(answer[1]).encode())
    vendor.answers = [answer]
    async with running(transport=vendor.transport) as auth:
        refused = await ask(auth)
        assert refused.status_code == 503, refused.text
        assert refused.json()["code"] == "vendor_unavailable"
        assert refused.headers["retry-after"]
        assert column(database, "status") == "active"
        assert column(database, "failure_count") == "1"
        again = await ask(auth)
        assert again.status_code == 503
        assert len(vendor.calls) == 1, "left alone while cooling down"
        warm(database)
        vendor.answers = [(200, {"access_token": "better", "expires_in": 3600})]
        assert (await ask(auth)).json()["access_token"] == "better"
        assert column(database, "failure_count") == "0"


async def test_a_vendor_that_hangs_is_given_up_before_others_stop_waiting(
    running: Running, vendor: Vendor, ask: Callable[..., Any], database: Database
) -> None:
    vendor.seconds = 30
    async with running(transport=vendor.transport, token_vendor_timeout=0.3) as auth:
        answer = await ask(auth)
    assert answer.status_code == 503
    assert column(database, "status") == "active"


@pytest.mark.parametrize(
    ("body", "code", "status"),
    [
        ({"error": "invalid_client", "error_codes": [7000222]}, "AADSTS7000222", "needs_reauth"),
        ({"error": "invalid_client"}, "invalid_client", "needs_reauth"),
        (
            {"error": "invalid_grant", "error_description": "AADSTS700082: expired"},
            "AADSTS700082",
            "needs_reauth",
        ),
        ({"error": "unauthorized_client", "error_codes": [700016]}, "AADSTS700016", "needs_reauth"),
        ({"error": "invalid_request", "error_codes": [90002]}, "AADSTS90002", "error"),
        ({"error": "invalid_scope", "error_codes": ["x", None]}, "invalid_scope", "error"),
        ({"error": "<script>", "error_description": 5}, "unknown", "error"),
    ],
    ids=lambda value: str(value)[:30],
)
async def test_a_refusal_is_explained_and_kept(
    running: Running,
    vendor: Vendor,
    ask: Callable[..., Any],
    database: Database,
    body: dict[str, Any],
    code: str,
    status: str,
) -> None:
    vendor.answers = [(400, body)]
    async with running(transport=vendor.transport) as auth:
        for _ in range(2):
            answer = await ask(auth)
            assert answer.status_code == 409
            assert answer.json()["code"] == (
                "needs_reauth" if status == "needs_reauth" else "connection_error"
            )
            assert answer.json()["reason_code"] == code
            assert answer.json()["vendor"] == "microsoft"
            assert len(answer.json()["detail"]) > 20
        assert len(vendor.calls) == 1
        assert column(database, "status") == status
        warm(database)
        vendor.answers = [(200, {"access_token": "better", "expires_in": 3600})]
        assert (await ask(auth)).status_code == 200
        assert column(database, "status") == "active"
        assert column(database, "reason") == ""
    actions = database.psql(
        "SELECT action FROM auth.audit_entries WHERE action LIKE 'connection.%' ORDER BY id"
    )
    assert actions.split()[-2:] == ["connection.failed", "connection.recovered"]


async def test_a_token_that_still_works_is_given_out_when_its_renewal_fails(
    running: Running, vendor: Vendor, ask: Callable[..., Any], database: Database
) -> None:
    async with running(transport=vendor.transport, token_cache_seconds=0) as auth:
        await ask(auth)
        age_token(database, refresh_in=-10, expires_in=120)
        vendor.answers = [(400, {"error": "invalid_client", "error_codes": [7000222]})]
        for _ in range(3):
            answer = await ask(auth)
            assert answer.json()["access_token"] == "canary-access-1"
        assert len(vendor.calls) == 2
        assert column(database, "status") == "needs_reauth"
        assert (await ask(auth, force_refresh=True)).status_code == 409
        age_token(database, refresh_in=-100, expires_in=5)
        assert (await ask(auth)).status_code == 409


async def test_a_token_is_renewed_before_it_ends(
    running: Running, vendor: Vendor, ask: Callable[..., Any], database: Database
) -> None:
    vendor.answers = [(200, {"access_token": "short", "expires_in": "20"})]
    async with running(transport=vendor.transport) as auth:
        await ask(auth)
        left = float(
            database.psql("SELECT extract(epoch FROM expires_at - refresh_at) FROM auth.connection_tokens")
        )
    assert 4 <= left <= 4.8


async def test_a_crash_between_the_answer_and_the_commit_leaves_a_working_connection(
    running: Running, vendor: Vendor, ask: Callable[..., Any], database: Database
) -> None:
    """The attempt is committed before the vendor is asked; whoever comes next simply asks again."""
    database_time = "now() - interval '1 min'"
    async with running(transport=vendor.transport) as auth:
        database.psql(
            f"UPDATE auth.connections SET refresh_attempt_id = gen_random_uuid(), refresh_started_at = {database_time}"
        )
        assert (await ask(auth)).status_code == 200
        assert column(database, "refresh_attempt_id") == ""


async def test_replicas_wait_for_each_other_and_say_so_when_it_takes_too_long(
    running: Running,
    vendor: Vendor,
    ask: Callable[..., Any],
    database: Database,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("services.auth.token.broker.LOCK_GRACE_SECONDS", -19.5)
    vendor.may_answer.clear()
    async with (
        running(transport=vendor.transport, token_vendor_timeout=20) as one,
        running(transport=vendor.transport, token_vendor_timeout=20) as two,
    ):
        asked = [asyncio.ensure_future(ask(replica)) for replica in (one, two)]
        await asyncio.wait(asked, return_when=asyncio.FIRST_COMPLETED)
        vendor.may_answer.set()
        answers = await asyncio.gather(*asked)
    assert sorted(answer.status_code for answer in answers) == [200, 503]
    assert "vendor_unavailable" in {answer.json().get("code") for answer in answers}

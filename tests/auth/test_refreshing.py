"""Refresh tokens: one refresh for everybody, rotation with reuse detection on, a crash in the middle, renewal ahead."""

import asyncio
import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl
from uuid import UUID

import httpx
import pytest
from pydantic import SecretStr

from tests.auth.conftest import KEY, TOKENS, Auth, Running
from tests.auth.connects import Operator, operator, registered
from tests.auth.vendors import warm
from tests.fixtures.postgres import Database
from tests.fixtures.sandbox import Sandbox

pytestmark = pytest.mark.filterwarnings("ignore:get_jwt_config:DeprecationWarning")
TenantId = Callable[..., UUID]
ROOT = Path(__file__).parents[2]


@pytest.fixture
async def replica(running: Running, sandbox: Sandbox) -> AsyncIterator[Auth]:
    sandbox.reset(tokens=True)
    async with running(**registered(sandbox)) as auth:
        yield auth


@pytest.fixture
async def acme(replica: Auth, tenant_id: TenantId) -> Operator:
    return await operator(replica, tenant_id)


def end_tokens(database: Database) -> None:
    database.psql(
        "UPDATE auth.connection_tokens SET refresh_at = now() - interval '1h', expires_at = now() - interval '1s',"
        " minted_at = now() - interval '2h'"
    )


def token_calls(sandbox: Sandbox, vendor: str) -> int:
    return len(
        [call for call in sandbox.requests(vendor) if call["method"] == "POST" and "token" in call["path"]]
    )


async def test_fifty_callers_of_two_replicas_refresh_once_and_reuse_is_never_seen(
    acme: Operator, running: Running, sandbox: Sandbox, database: Database
) -> None:
    """Atlassian's twin ends the whole consent when a used refresh token comes again."""
    made = await acme.connect("atlassian")
    for round_ in range(1, 4):
        end_tokens(database)
        before = token_calls(sandbox, "atlassian")
        async with running(**registered(sandbox)) as one, running(**registered(sandbox)) as two:
            askers = [Operator(one if n % 2 else two, "", acme.tenant_id) for n in range(50)]
            answers = await asyncio.gather(*(asker.token("jira", credential="site") for asker in askers))
        assert {answer.status_code for answer in answers} == {200}, round_
        assert len({answer.json()["access_token"] for answer in answers}) == 1
        assert token_calls(sandbox, "atlassian") == before + 1
    assert (await acme.read(made["id"]))["state"] == "active"
    fields = database.psql("SELECT field || version FROM auth.connection_secrets ORDER BY field")
    assert fields.split() == ["previous_refresh_token3", "refresh_token4"]


async def test_the_token_before_is_used_when_the_newest_is_refused_and_never_worked(
    acme: Operator, running: Running, sandbox: Sandbox, database: Database
) -> None:
    """A vendor may hand a refresh token out and not keep it: the one before may still be good."""
    await acme.connect("microsoft")
    seen: list[str] = []

    def forgetful(request: httpx.Request) -> httpx.Response:
        given = dict(parse_qsl(request.content.decode()))["refresh_token"]
        seen.append(given)
        if given == "never-kept":
            return httpx.Response(400, json={"error": "invalid_grant", "error_codes": [70000]})
        fresh = "never-kept" if len(seen) == 1 else "kept"
        return httpx.Response(
            200, json={"access_token": f"access-{len(seen)}", "refresh_token": fresh, "expires_in": 3600}
        )

    async with running(**registered(sandbox), transport=httpx.MockTransport(forgetful)) as auth:
        worker = Operator(auth, "", acme.tenant_id)
        for _ in range(3):
            end_tokens(database)
            answer = await worker.token("microsoft-365", force_refresh=True)
            assert answer.status_code == 200, answer.text
    original = seen[0]
    assert seen == [original, "never-kept", original, "kept"]


async def test_a_withdrawn_consent_needs_a_person_and_reconnecting_in_place_is_the_cure(
    acme: Operator, sandbox: Sandbox, database: Database
) -> None:
    made = await acme.connect("google")
    sandbox.act("google", "revoke_grant")
    end_tokens(database)
    refused = await acme.token("google", force_refresh=True)
    assert (refused.status_code, refused.json()["code"]) == (409, "needs_reauth")
    shown = await acme.read(made["id"])
    assert shown["state"] == "needs_reauth"
    assert "Reconnect" in shown["remedy"]
    assert "ended the consent" in shown["reason"]
    assert shown["link"]
    changed = (await acme.auth.call("api", "POST", "connections/changes", {})).json()["items"]
    assert [(one["id"], one["state"]) for one in changed] == [(made["id"], "needs_reauth")]
    again = await acme.connect("google", connection_id=made["id"])
    assert (again["id"], again["state"]) == (made["id"], "active")
    assert again["generation"] > shown["generation"] > made["generation"]
    assert (await acme.token("google", force_refresh=True)).status_code == 200


async def test_a_vendor_that_is_away_never_costs_the_consent(
    acme: Operator, running: Running, sandbox: Sandbox, database: Database
) -> None:
    made = await acme.connect("hubspot")
    end_tokens(database)
    away = httpx.MockTransport(lambda _request: httpx.Response(503))
    async with running(**registered(sandbox), transport=away) as cut_off:
        refused = await Operator(cut_off, "", acme.tenant_id).token("hubspot")
    assert (refused.status_code, refused.json()["code"]) == (503, "vendor_unavailable")
    assert (await acme.read(made["id"]))["state"] == "active"
    warm(database)
    assert (await acme.token("hubspot")).status_code == 200


# -- ahead of the end ----------------------------------------------------------------------------------------


async def test_what_ends_soon_is_renewed_ahead_once_and_a_failing_grant_is_seen(
    acme: Operator, replica: Auth, sandbox: Sandbox, database: Database
) -> None:
    google = await acme.connect("google")
    hubspot = await acme.connect("hubspot")
    sandbox.act("google", "revoke_grant")
    database.psql("UPDATE auth.connection_tokens SET minted_at = now() - interval '40 min'")

    async def renew() -> dict[str, Any]:
        answer = await replica.call("scheduler", "POST", "refresh-expiring")
        assert answer.status_code == 200, answer.text
        read: dict[str, Any] = answer.json()
        return read

    assert await renew() == {"refreshed": 1, "failed": 1, "left": 0}
    assert (await acme.read(google["id"]))["state"] == "needs_reauth"
    assert (await acme.read(hubspot["id"]))["state"] == "active"
    assert await renew() == {"refreshed": 0, "failed": 0, "left": 0}


async def test_a_google_app_in_testing_says_when_its_consent_ends(
    running: Running, sandbox: Sandbox, tenant_id: TenantId
) -> None:
    sandbox.reset(tokens=True)
    async with running(**registered(sandbox) | {"google_oauth_testing": True}) as auth:
        made = await (await operator(auth, tenant_id)).connect("google")
    assert made["state"] == "expiring"
    assert "seven days" in made["reason"]
    assert made["expires_at"]


# -- a crash between the vendor's answer and the commit --------------------------------------------------------


@contextmanager
def doomed(
    database: Database, sandbox: Sandbox, folder: Path
) -> Iterator[tuple[subprocess.Popen[bytes], str]]:
    """A real auth process that is killed when the vendor has answered and nothing is stored."""
    bootstrap = folder / "tenants.yaml"
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    environment = {
        "PATH": os.environ["PATH"],
        "PORT": str(port),
        "ENVIRONMENT": "test",
        "FAULT_POINTS": "token.after_reply=kill",
        "DATABASE_URL": database.url("oneclick_auth"),
        "VAULT_KEYS": json.dumps({"primary": "k1", "keys": {"k1": KEY}}),
        "SERVICE_TOKENS": json.dumps({caller: [token] for caller, token in TOKENS.items()}),
        "OIDC_ISSUER": sandbox.oidc_issuer,
        "OIDC_CLIENT_ID": "oneclick",
        "OIDC_CLIENT_SECRET": "s",
        "OIDC_REDIRECT_URI": "https://oneclick.test/bff/callback",
        "BOOTSTRAP_FILE": str(bootstrap),
        **{
            name.upper(): value.get_secret_value() if isinstance(value, SecretStr) else str(value)
            for name, value in registered(sandbox).items()
            if name != "seed"
        },
    }
    with (folder / "auth.log").open("wb") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", "services.auth"], env=environment, cwd=ROOT, stdout=log, stderr=log
        )
        try:
            deadline = time.monotonic() + 60
            while True:
                try:
                    httpx.get(f"http://127.0.0.1:{port}/ready", timeout=5)
                    break
                except httpx.TransportError:
                    assert process.poll() is None, (folder / "auth.log").read_text()
                    assert time.monotonic() < deadline
                    time.sleep(0.05)
            yield process, f"http://127.0.0.1:{port}"
        finally:
            process.kill()
            process.wait()


@pytest.mark.parametrize(
    ("vendor", "provider", "credential", "ends_as"),
    [
        ("microsoft", "microsoft-365", "default", "active"),
        ("atlassian", "jira", "site", "needs_reauth"),
    ],
)
async def test_a_crash_after_the_vendors_answer_ends_working_or_with_a_reason(
    acme: Operator,
    sandbox: Sandbox,
    database: Database,
    tmp_path: Path,
    vendor: str,
    provider: str,
    credential: str,
    ends_as: str,
) -> None:
    """Microsoft goes on taking the token before; Atlassian has replaced it, and sees the old one as stolen."""
    made = await acme.connect(vendor)
    end_tokens(database)
    with doomed(database, sandbox, tmp_path) as (process, url):
        async with httpx.AsyncClient(timeout=60) as worker:
            asked = worker.post(
                f"{url}/auth/internal/tenant-token",
                json={"tenant_id": str(acme.tenant_id), "provider": provider, "credential": credential},
                headers={"x-service-token": TOKENS["worker"]},
            )
            with pytest.raises(httpx.TransportError):
                print((await asked).text)
        assert process.wait(timeout=60) == -signal.SIGKILL
    assert database.psql("SELECT refresh_attempt_id IS NOT NULL FROM auth.connections") == "t"
    database.psql("UPDATE auth.connections SET refresh_started_at = now() - interval '1 min'")
    answer = await acme.token(provider, credential=credential)
    shown = await acme.read(made["id"])
    assert shown["state"] == ends_as
    assert database.psql("SELECT refresh_attempt_id IS NULL FROM auth.connections") == "t"
    if ends_as == "active":
        assert answer.status_code == 200, answer.text
        return
    assert (answer.status_code, answer.json()["code"]) == (409, "needs_reauth")
    assert (shown["reason_code"], shown["account"]) == ("refresh_interrupted", made["account"])
    assert "Reconnect" in shown["reason"]
    await acme.connect(vendor, connection_id=made["id"])
    assert (await acme.token(provider, credential=credential)).status_code == 200

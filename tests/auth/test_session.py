"""Sessions: how they end, where they may go, and what the internal token says."""

import asyncio
from collections.abc import Callable
from datetime import datetime, timedelta
from uuid import UUID, uuid4

import pytest
from joserfc import jwt
from joserfc.jwk import KeySet

from services.shared.kit.errors import Unauthenticated
from services.shared.web.principal import TokenVerifier
from tests.auth.conftest import BOOTSTRAP, Auth, Running, WriteBootstrap
from tests.auth.test_sign_in import exchange, sign_in
from tests.fixtures.postgres import Database

pytestmark = pytest.mark.filterwarnings("ignore:get_jwt_config:DeprecationWarning")
TenantId = Callable[..., UUID]


async def test_a_session_idles_out_and_its_use_keeps_it(auth: Auth, database: Database) -> None:
    token = await sign_in(auth)
    first = (await exchange(auth, token)).json()["session"]
    idle = datetime.fromisoformat(first["idle_expires_at"])
    whole = datetime.fromisoformat(first["absolute_expires_at"])
    assert timedelta(hours=11, minutes=29) < whole - idle <= timedelta(hours=11, minutes=30)
    database.psql(
        "UPDATE auth.sessions SET last_seen_at = now() - interval '20 min', idle_expires_at = now() + interval '10 min'"
    )
    look = await auth.call("bff", "POST", "session/token", {"session_token": token, "passive": True})
    assert datetime.fromisoformat(look.json()["session"]["idle_expires_at"]) < idle
    kept = (await exchange(auth, token)).json()["session"]
    assert datetime.fromisoformat(kept["idle_expires_at"]) >= idle
    database.psql("UPDATE auth.sessions SET idle_expires_at = now() - interval '1s'")
    ended = await exchange(auth, token)
    assert (ended.status_code, ended.json()["code"]) == (401, "session_ended")


async def test_a_session_ends_after_its_whole_time_however_busy(auth: Auth, database: Database) -> None:
    token = await sign_in(auth)
    database.psql(
        "UPDATE auth.sessions SET last_seen_at = now() - interval '5 min', absolute_expires_at = now() + interval '1 min'"
    )
    session = (await exchange(auth, token)).json()["session"]
    assert session["idle_expires_at"] == session["absolute_expires_at"]
    database.psql("UPDATE auth.sessions SET absolute_expires_at = now() - interval '1s'")
    assert (await exchange(auth, token)).status_code == 401


async def test_every_sign_in_is_a_new_session_and_the_token_is_stored_nowhere(
    auth: Auth, database: Database
) -> None:
    one, two = await sign_in(auth), await sign_in(auth)
    assert one != two
    assert len(one) >= 43
    stored = database.psql("SELECT s::text FROM auth.sessions s")
    assert one not in stored
    assert two not in stored


@pytest.mark.parametrize("made_up", ["", "wrong", "ünïcode", "\x00", "a" * 200])
async def test_a_made_up_session_is_401(auth: Auth, made_up: str) -> None:
    for path, more in (("session/token", {}), ("session/tenant", {"tenant_id": str(uuid4())})):
        answer = await auth.call("bff", "POST", path, {"session_token": made_up, **more})
        assert answer.status_code == 401, answer.text
    ended = await auth.call("bff", "POST", "session/end", {"session_token": made_up})
    assert ended.json() == {"end_session_url": None}


async def test_a_role_that_was_taken_away_cuts_access_at_once(
    running: Running, write_bootstrap: WriteBootstrap, database: Database
) -> None:
    async with running() as auth:
        token = await sign_in(auth)
        write_bootstrap(BOOTSTRAP.replace("role: admin}\n    groups", "role: auditor}\n    groups"))
        async with running() as restarted:
            assert (await exchange(restarted, token)).json()["session"]["role"] == "auditor"
        write_bootstrap(
            "tenants: [{slug: acme, name: Acme}, {slug: globex, name: Globex, operators: "
            "[{email: admin@acme.example, name: Ada, role: admin}]}]"
        )
        async with running() as restarted:
            gone = await exchange(restarted, token)
            # Not carried over to the other tenant, where the person does have a role.
            assert (gone.status_code, gone.json()["code"]) == (401, "session_ended")


async def test_changing_tenant_needs_a_role_there(
    running: Running, write_bootstrap: WriteBootstrap, tenant_id: TenantId, database: Database
) -> None:
    write_bootstrap(
        BOOTSTRAP
        + "      - {email: admin@acme.example, name: Ada Admin, role: auditor}\n  - {slug: third, name: Third}\n"
    )
    async with running() as auth:
        token = await sign_in(auth)
        before = (await exchange(auth, token)).json()["session"]
        assert (before["tenant"]["slug"], before["role"]) == ("acme", "admin")
        body = {"session_token": token, "tenant_id": str(tenant_id("globex"))}
        assert (await auth.call("bff", "POST", "session/tenant", body)).status_code == 204
        after = await exchange(auth, token)
        assert (after.json()["session"]["tenant"]["slug"], after.json()["session"]["role"]) == (
            "globex",
            "auditor",
        )
        principal = await TokenVerifier(auth.client, "http://auth.test").verify(after.json()["access_token"])
        assert principal.tenant_slug == "globex"
        for foreign in (tenant_id("third"), uuid4()):
            answer = await auth.call(
                "bff", "POST", "session/tenant", {"session_token": token, "tenant_id": str(foreign)}
            )
            assert (answer.status_code, answer.json()["code"]) == (403, "not_your_tenant")
    entries = database.psql("SELECT action FROM auth.audit_entries WHERE target_kind = 'session' ORDER BY id")
    assert entries.split() == ["session.begun", "session.entered"]


async def test_the_internal_token_is_es256_with_the_claims_of_the_contract(auth: Auth) -> None:
    issued = (await exchange(auth, await sign_in(auth))).json()
    keys = (await auth.client.get("/auth/jwks.json")).json()
    assert all("d" not in key for key in keys["keys"])
    token = jwt.decode(issued["access_token"], KeySet.import_key_set(keys), algorithms=["ES256"])
    assert token.header["kid"] in {key["kid"] for key in keys["keys"]}
    claims = token.claims
    assert claims["exp"] - claims["iat"] == 60
    assert (claims["iss"], claims["aud"]) == ("oneclick-auth", "oneclick-api")
    assert claims["sub"] == f"operator:{issued['session']['operator']['id']}"
    assert set(claims) == {
        "iss", "aud", "sub", "iat", "exp", "tid", "tslug", "tname", "role", "name", "email", "sid",
    }  # fmt: skip
    assert datetime.fromisoformat(issued["expires_at"]).timestamp() == claims["exp"]


async def test_a_tampered_internal_token_is_refused(auth: Auth) -> None:
    verifier = TokenVerifier(auth.client, "http://auth.test")
    token = (await exchange(auth, await sign_in(auth))).json()["access_token"]
    head, body, signature = token.split(".")
    for forged in (f"{head}.{body}.{signature[:-4]}AAAA", f"{head}.{body}.", "x.y.z", "", "ünïcode"):
        with pytest.raises(Unauthenticated):
            await verifier.verify(forged)


async def test_fifty_calls_on_one_session_at_once(auth: Auth, database: Database) -> None:
    token = await sign_in(auth)
    database.psql("UPDATE auth.sessions SET last_seen_at = now() - interval '5 min'")
    answers = await asyncio.gather(*(exchange(auth, token) for _ in range(50)))
    assert {answer.status_code for answer in answers} == {200}

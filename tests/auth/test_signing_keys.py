"""Signing keys: sealed, published ahead of use, and replaced without a gap."""

import pytest

from services.auth.signing_key.service import SigningKeys
from services.auth.vault.vault import Vault
from services.shared.kit.db import create_engine, create_sessions
from services.shared.web.principal import TokenVerifier
from tests.auth.conftest import Auth
from tests.auth.test_sign_in import exchange, sign_in
from tests.fixtures.postgres import Database

pytestmark = pytest.mark.filterwarnings("ignore:get_jwt_config:DeprecationWarning")


async def published(auth: Auth) -> list[str]:
    answer = await auth.client.get("/auth/jwks.json")
    assert answer.headers["cache-control"] == "public, max-age=60"
    return [key["kid"] for key in answer.json()["keys"]]


async def test_rotation_publishes_the_next_key_first_and_keeps_the_last_one(
    auth: Auth, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("services.auth.signing_key.service.RELOAD_SECONDS", 0.0)
    verifier = TokenVerifier(auth.client, "http://auth.test")
    session = await sign_in(auth)
    old = (await exchange(auth, session)).json()["access_token"]
    (first,) = await published(auth)

    engine = create_engine(database.url("oneclick_auth"), name="test")
    keys = SigningKeys(create_sessions(engine), Vault(auth.settings.vault.ring(auth.client)))
    await keys.rotate()
    await engine.dispose()
    second, again = await published(auth)
    assert again == first
    # Not yet in use, but whoever fetched the set knows it already.
    await verifier.verify((await exchange(auth, session)).json()["access_token"])

    database.psql("UPDATE auth.signing_keys SET active_at = now() WHERE expires_at IS NULL")
    new = (await exchange(auth, session)).json()["access_token"]
    assert (await verifier.verify(new)).session_id == (await verifier.verify(old)).session_id
    database.psql(
        "UPDATE auth.signing_keys SET expires_at = now() - interval '1s' WHERE expires_at IS NOT NULL"
    )
    assert await published(auth) == [second]
    swept = await auth.call("scheduler", "POST", "maintenance/sweep")
    assert swept.status_code == 200
    assert database.psql("SELECT id FROM auth.signing_keys") == second


async def test_the_sweep_makes_the_next_key_before_the_old_one_is_due(auth: Auth, database: Database) -> None:
    database.psql("UPDATE auth.signing_keys SET active_at = now() - interval '30 days'")
    for _ in range(2):
        assert (await auth.call("scheduler", "POST", "maintenance/sweep")).status_code == 200
    assert database.psql("SELECT count(*), count(expires_at) FROM auth.signing_keys") == "2|1"


async def test_private_keys_are_sealed(auth: Auth, database: Database) -> None:
    row = database.psql("SELECT encode(private_envelope, 'escape'), public_jwk FROM auth.signing_keys")
    assert "PRIVATE KEY" not in row
    assert '"d"' not in row

"""The sweep: what has had its time is cleared away, and nothing else."""

import pytest

from tests.auth.conftest import Auth
from tests.auth.test_sign_in import approve, begin, exchange, finish, sign_in
from tests.fixtures.postgres import Database

pytestmark = pytest.mark.filterwarnings("ignore:get_jwt_config:DeprecationWarning")


async def test_what_has_ended_is_swept_and_what_lives_stays(auth: Auth, database: Database) -> None:
    living = await sign_in(auth)
    old = await sign_in(auth)
    await auth.call("bff", "POST", "session/end", {"session_token": old})
    await begin(auth)
    database.psql(
        "UPDATE auth.sign_in_states SET expires_at = now() - interval '1s';"
        "UPDATE auth.sessions SET ended_at = now() - interval '8 days' WHERE ended_at IS NOT NULL"
    )
    came_back = approve(await begin(auth), "helpdesk@acme.example")
    swept = await auth.call("scheduler", "POST", "maintenance/sweep")
    assert swept.json() == {"sign_in_states": 1, "sessions": 1, "first_passwords": 0, "access_tokens": 0}
    again = await auth.call("scheduler", "POST", "maintenance/sweep")
    assert set(again.json().values()) == {0}
    assert (await exchange(auth, living)).status_code == 200
    assert (await finish(auth, came_back)).status_code == 200


async def test_an_access_token_that_has_ended_is_swept(auth: Auth, database: Database) -> None:
    tenant = database.psql("SELECT id FROM auth.tenants WHERE slug = 'acme'")
    await auth.call("worker", "POST", "tenant-token", {"tenant_id": tenant, "provider": "google"})
    database.psql("UPDATE auth.connection_tokens SET expires_at = now() - interval '1s'")
    swept = await auth.call("scheduler", "POST", "maintenance/sweep")
    assert swept.json()["access_tokens"] == 1

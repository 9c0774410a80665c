"""First passwords: one value per action, shown once, gone in time."""

import asyncio
from collections.abc import Callable
from uuid import UUID, uuid4

import httpx
import pytest

from tests.auth.conftest import Auth
from tests.fixtures.postgres import Database

TenantId = Callable[..., UUID]
PASSWORD = "canary-Pässwörd-1"


class Passwords:
    """The routes, for one tenant and one action."""

    def __init__(self, auth: Auth, tenant_id: UUID) -> None:
        self.auth = auth
        self.tenant_id = str(tenant_id)
        self.action_id = str(uuid4())

    async def store(self, password: str = PASSWORD) -> httpx.Response:
        body = {
            "tenant_id": self.tenant_id,
            "request_id": str(uuid4()),
            "app": "google-workspace",
            "password": password,
        }
        return await self.auth.call("worker", "PUT", f"first-passwords/{self.action_id}", body)

    async def reveal(self, tenant_id: str | None = None) -> httpx.Response:
        body = {"tenant_id": tenant_id or self.tenant_id, "operator_id": str(uuid4())}
        return await self.auth.call("api", "POST", f"first-passwords/{self.action_id}/reveal", body)

    async def state(self, tenant_id: str | None = None) -> httpx.Response:
        query = {"tenant_id": tenant_id or self.tenant_id}
        return await self.auth.call("api", "GET", f"first-passwords/{self.action_id}", params=query)

    async def forget(self) -> httpx.Response:
        query = {"tenant_id": self.tenant_id}
        return await self.auth.call("worker", "DELETE", f"first-passwords/{self.action_id}", params=query)


@pytest.fixture
def passwords(auth: Auth, tenant_id: TenantId) -> Passwords:
    return Passwords(auth, tenant_id())


async def test_the_first_stored_value_wins(passwords: Passwords) -> None:
    answers = await asyncio.gather(*(passwords.store(f"password-{n}") for n in range(20)))
    assert {answer.status_code for answer in answers} == {200}
    (value,) = {answer.json()["password"] for answer in answers}
    assert (await passwords.store("later")).json() == {"password": value}
    assert (await passwords.reveal()).json() == {"password": value}


async def test_fifty_reveals_at_once_show_it_to_one(passwords: Passwords, database: Database) -> None:
    await passwords.store()
    answers = await asyncio.gather(*(passwords.reveal() for _ in range(50)))
    shown = [answer for answer in answers if answer.status_code == 200]
    assert [answer.json()["password"] for answer in shown] == [PASSWORD]
    assert shown[0].headers["cache-control"] == "no-store"
    refused = [answer for answer in answers if answer.status_code != 200]
    assert {(answer.status_code, answer.json()["code"]) for answer in refused} == {(410, "already_revealed")}
    assert (await passwords.state()).json()["state"] == "revealed"
    row = database.psql("SELECT envelope IS NULL, revealed_by IS NOT NULL FROM auth.first_passwords")
    assert row == "t|t"
    assert (await passwords.store()).json()["code"] == "already_revealed"
    entries = database.psql(
        "SELECT actor_kind, target_id FROM auth.audit_entries WHERE action = 'first_password.revealed'"
    )
    assert entries == f"operator|{passwords.action_id}"


async def test_an_expired_password_is_gone_and_erased(passwords: Passwords, database: Database) -> None:
    await passwords.store()
    state = (await passwords.state()).json()
    assert state["state"] == "sealed"
    lifetime = database.psql("SELECT expires_at - created_at FROM auth.first_passwords")
    assert lifetime == "1 day"
    database.psql("UPDATE auth.first_passwords SET expires_at = now() - interval '1s'")
    assert (await passwords.state()).json()["state"] == "expired"
    for answer in (await passwords.reveal(), await passwords.store()):
        assert (answer.status_code, answer.json()["code"]) == (410, "expired")
    swept = await passwords.auth.call("scheduler", "POST", "maintenance/sweep")
    assert swept.json()["first_passwords"] == 1
    assert database.psql("SELECT envelope IS NULL FROM auth.first_passwords") == "t"
    assert (await passwords.reveal()).json()["code"] == "expired"


async def test_forgetting_makes_room_for_another(passwords: Passwords) -> None:
    await passwords.store("one")
    assert (await passwords.forget()).status_code == 204
    assert (await passwords.forget()).status_code == 204
    assert (await passwords.state()).status_code == 404
    assert (await passwords.reveal()).json()["code"] == "first_password_not_found"
    assert (await passwords.store("two")).json() == {"password": "two"}


async def test_another_tenant_does_not_see_it(passwords: Passwords, tenant_id: TenantId) -> None:
    await passwords.store()
    for other in (str(tenant_id("globex")), str(uuid4())):
        assert (await passwords.state(other)).status_code == 404
        assert (await passwords.reveal(other)).status_code == 404
    assert (await passwords.reveal()).status_code == 200


async def test_a_wrong_body_stores_nothing(passwords: Passwords, database: Database) -> None:
    for body, status in (
        ({}, 422),
        ({"tenant_id": str(uuid4()), "request_id": str(uuid4()), "app": "a", "password": "p"}, 404),
        (
            {"tenant_id": passwords.tenant_id, "request_id": str(uuid4()), "app": "a\x00", "password": "p"},
            422,
        ),
        ({"tenant_id": passwords.tenant_id, "request_id": str(uuid4()), "app": "a", "password": ""}, 422),
        (
            {"tenant_id": passwords.tenant_id, "request_id": str(uuid4()), "app": "a", "password": "\ud800"},
            422,
        ),
    ):
        answer = await passwords.auth.call("worker", "PUT", f"first-passwords/{passwords.action_id}", body)
        assert answer.status_code == status, answer.text
    assert database.psql("SELECT count(*) FROM auth.first_passwords") == "0"

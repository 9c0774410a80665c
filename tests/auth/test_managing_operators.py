"""What administrators decide about operators and groups: it counts, it lasts, and it locks nobody out."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any
from uuid import UUID, uuid4

import httpx
import pytest

from tests.auth.conftest import BOOTSTRAP, Auth, Running, WriteBootstrap
from tests.auth.test_sign_in import exchange, sign_in
from tests.fixtures.postgres import Database

pytestmark = pytest.mark.filterwarnings("ignore:get_jwt_config:DeprecationWarning")
ADA, HAL = "admin@acme.example", "helpdesk@acme.example"


@dataclass
class Acme:
    """Ada administers Acme; what she asks for."""

    auth: Auth
    tenant: UUID
    database: Database

    def actor(self, email: str = ADA) -> dict[str, str]:
        found = self.database.psql(f"SELECT id FROM auth.operators WHERE email = '{email}'")
        return {"id": found or str(uuid4()), "name": email}

    def ask(self, method: str, path: str, *, by: str = ADA, **body: Any) -> Awaitable[httpx.Response]:
        wanted = None if method == "GET" else {"actor": self.actor(by), **body}
        return self.auth.call("api", method, f"tenants/{self.tenant}/{path}", wanted)

    async def add(self, email: str = HAL, role: str = "helpdesk", **more: Any) -> str:
        made = await self.ask("POST", "operators", email=email, role=role, **more)
        assert made.status_code == 201, made.text
        return str(made.json()["id"])

    async def everybody(self) -> dict[str, tuple[str, str]]:
        listed = (await self.ask("GET", "operators")).json()["items"]
        return {one["email"]: (one["role"], one["state"]) for one in listed}

    async def audit(self) -> list[str]:
        return self.database.psql(
            "SELECT action FROM auth.audit_entries WHERE target_kind = 'operator' ORDER BY id"
        ).split()


@pytest.fixture
def acme(auth: Auth, tenant_id: Callable[..., UUID], database: Database) -> Acme:
    return Acme(auth, tenant_id(), database)


async def role_of(auth: Auth, token: str) -> str | None:
    found = await exchange(auth, token)
    return str(found.json()["session"]["role"]) if found.status_code == 200 else None


async def test_an_added_person_is_invited_until_they_sign_in(acme: Acme) -> None:
    await acme.add(HAL.upper(), name="")
    assert (await acme.everybody())[HAL] == ("helpdesk", "invited")
    token = await sign_in(acme.auth, HAL)
    assert await role_of(acme.auth, token) == "helpdesk"
    assert (await acme.everybody())[HAL] == ("helpdesk", "active")
    assert await acme.audit() == ["operator.added"]
    again = await acme.ask("POST", "operators", email=HAL, role="admin")
    assert (again.status_code, again.json()["errors"][0]["field"]) == (422, "email")


async def test_what_was_decided_here_outlives_a_restart_with_the_file(
    running: Running, write_bootstrap: WriteBootstrap, tenant_id: Callable[..., UUID], database: Database
) -> None:
    write_bootstrap(
        BOOTSTRAP.replace(
            "role: admin}\n    groups",
            f"role: admin}}\n      - {{email: {HAL}, name: Hal, role: auditor}}\n    groups",
        )
    )
    async with running() as auth:
        acme = Acme(auth, tenant_id(), database)
        await acme.add("new@acme.example", "auditor")
        hal = acme.actor(HAL)["id"]
        changed = await acme.ask("POST", f"operators/{hal}/change", role="helpdesk")
        assert changed.json()["before"]["role"] == "auditor"
        assert changed.json()["after"]["role"] == "helpdesk"
    async with running() as auth:
        acme = Acme(auth, tenant_id(), database)
        everybody = await acme.everybody()
        assert everybody[HAL] == ("helpdesk", "invited")
        assert everybody["new@acme.example"] == ("auditor", "invited")
        # The file's own word again: nothing is left of ours.
        await acme.ask("POST", f"operators/{hal}/change", role="auditor")
        grants = (await acme.ask("GET", "operators")).json()["items"]
        assert next(one["grants"] for one in grants if one["email"] == HAL) == [
            {"source": "list", "role": "auditor"}
        ]


async def test_a_changed_role_counts_at_the_next_look(acme: Acme) -> None:
    await acme.ask("PUT", "group-roles", roles={})  # nobody but Ada lets Hal in
    hal = await acme.add()
    token = await sign_in(acme.auth, HAL)
    await acme.ask("POST", f"operators/{hal}/change", role="auditor")
    assert await role_of(acme.auth, token) == "auditor"
    await acme.ask("POST", f"operators/{hal}/change", disabled=True)
    assert await role_of(acme.auth, token) is None
    assert (await acme.everybody())[HAL] == ("auditor", "disabled")
    found = await acme.auth.call("api", "GET", f"tenants/{acme.tenant}/operator", params={"email": HAL})
    assert found.status_code == 404, "no task can be handed over to somebody who is disabled"
    with pytest.raises(AssertionError, match="no_role"):
        await sign_in(acme.auth, HAL)
    await acme.ask("POST", f"operators/{hal}/change", disabled=False)
    assert (await acme.everybody())[HAL] == ("auditor", "active")
    await acme.ask("POST", f"operators/{hal}/remove")
    assert HAL not in await acme.everybody()
    assert await acme.audit() == [
        "operator.added", "operator.changed", "operator.disabled", "operator.enabled", "operator.removed",
    ]  # fmt: skip


async def test_nobody_changes_themselves_and_an_administrator_is_always_left(acme: Acme) -> None:
    ada = acme.actor()["id"]
    for path, body in (("change", {"role": "auditor"}), ("change", {"disabled": True}), ("remove", {})):
        refused = await acme.ask("POST", f"operators/{ada}/{path}", **body)
        assert (refused.status_code, refused.json()["code"]) == (409, "yourself")
    hal = await acme.add()
    for path in (f"operators/{ada}/remove", f"operators/{hal}/remove"):
        refused = await acme.ask("POST", path, by=HAL)
        assert (refused.status_code, refused.json()["code"]) == (409, "not_an_administrator")
    acme.database.psql(f"UPDATE auth.operators SET platform_admin = true WHERE email = '{HAL}'")
    refused = await acme.ask("POST", f"operators/{ada}/change", by=HAL, disabled=True)
    assert (refused.status_code, refused.json()["code"]) == (409, "last_administrator")
    assert (await acme.everybody())[ADA] == ("admin", "invited")


async def test_two_administrators_who_remove_each_other_at_once_do_not_both_succeed(acme: Acme) -> None:
    ada = acme.actor()["id"]
    hal = await acme.add(role="admin")
    answers = await asyncio.gather(
        acme.ask("POST", f"operators/{hal}/change", disabled=True),
        acme.ask("POST", f"operators/{ada}/change", by=HAL, disabled=True),
    )
    assert sorted(answer.status_code for answer in answers) == [200, 409]
    states = [state for _, state in (await acme.everybody()).values()]
    assert states.count("disabled") == 1


async def test_who_is_let_in_by_the_file_can_be_disabled_but_not_removed(acme: Acme) -> None:
    await acme.add(role="admin")
    refused = await acme.ask("POST", f"operators/{acme.actor()['id']}/remove", by=HAL)
    assert (refused.status_code, refused.json()["code"]) == (409, "listed_elsewhere")


async def test_groups_set_here_count_at_once_and_after_a_restart(
    running: Running, tenant_id: Callable[..., UUID], database: Database
) -> None:
    async with running() as auth:
        acme = Acme(auth, tenant_id(), database)
        assert (await acme.ask("GET", "group-roles")).json() == {
            "roles": {"oneclick-auditors": "auditor", "oneclick-helpdesk": "helpdesk"},
            "set_here": False,
        }
        token = await sign_in(auth, HAL)  # a member of oneclick-helpdesk at the identity provider
        assert await role_of(auth, token) == "helpdesk"
        changed = await acme.ask("PUT", "group-roles", roles={"oneclick-helpdesk": "auditor"})
        assert changed.json()["after"] == {"roles": {"oneclick-helpdesk": "auditor"}, "set_here": True}
        assert await role_of(auth, token) == "auditor"
        hal = acme.actor(HAL)["id"]
        refused = await acme.ask("POST", f"operators/{hal}/remove")
        assert (refused.status_code, refused.json()["code"]) == (409, "listed_elsewhere")
    async with running() as auth:
        acme = Acme(auth, tenant_id(), database)
        assert (await acme.ask("GET", "group-roles")).json()["roles"] == {"oneclick-helpdesk": "auditor"}
        assert await role_of(auth, token) == "auditor"
        await acme.ask("PUT", "group-roles", roles={})
        assert await role_of(auth, token) is None
        entries = database.psql("SELECT action FROM auth.audit_entries WHERE action LIKE 'group_roles%'")
        assert entries.split() == ["group_roles.changed"] * 2


async def test_an_administrator_by_a_group_cannot_take_their_own_group_away(acme: Acme) -> None:
    await acme.ask("PUT", "group-roles", roles={"oneclick-helpdesk": "admin"})
    await sign_in(acme.auth, HAL)
    refused = await acme.ask("PUT", "group-roles", by=HAL, roles={})
    assert (refused.status_code, refused.json()["code"]) == (409, "yourself")
    assert (await acme.everybody())[HAL] == ("admin", "active")


async def test_another_tenants_administrator_reaches_nobody_here(
    acme: Acme, tenant_id: Callable[..., UUID]
) -> None:
    hal = await acme.add()
    globex = Acme(acme.auth, tenant_id("globex"), acme.database)
    for method, path, body in (
        ("POST", f"operators/{hal}/change", {"role": "admin"}),
        ("POST", f"operators/{hal}/remove", {}),
    ):
        refused = await globex.ask(method, path, by="admin@globex.example", **body)
        assert (refused.status_code, refused.json()["code"]) == (404, "operator_not_found")
    # Ada is nobody there.
    refused = await globex.ask("POST", "operators", email="x@globex.example", role="admin")
    assert (refused.status_code, refused.json()["code"]) == (409, "not_an_administrator")
    assert set(await globex.everybody()) == {"admin@globex.example"}
    assert (await acme.everybody())[HAL] == ("helpdesk", "invited")


async def test_what_somebody_is_elsewhere_is_not_told_here(
    acme: Acme, tenant_id: Callable[..., UUID]
) -> None:
    """That, when and as whom an address signs in to another tenant is that tenant's."""
    gil = "admin@globex.example"
    await sign_in(acme.auth, gil)
    await acme.add(gil, name="Our Auditor", role="auditor")
    listed = (await acme.ask("GET", "operators")).json()["items"]
    here = next(one for one in listed if one["email"] == gil)
    assert (here["name"], here["state"], here["last_sign_in_at"]) == ("Our Auditor", "invited", None)
    found = await acme.auth.call("api", "GET", f"tenants/{acme.tenant}/operator", params={"email": gil})
    assert found.json()["name"] == "Our Auditor"
    session = await sign_in(acme.auth, gil)
    await acme.auth.call(
        "bff", "POST", "session/tenant", {"session_token": session, "tenant_id": str(acme.tenant)}
    )
    listed = (await acme.ask("GET", "operators")).json()["items"]
    here = next(one for one in listed if one["email"] == gil)
    assert (here["name"], here["state"]) != ("Our Auditor", "invited")
    assert (here["state"], bool(here["last_sign_in_at"])) == ("active", True)
    there = Acme(acme.auth, tenant_id("globex"), acme.database)
    assert (await there.everybody())[gil] == ("admin", "active")


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("email", "nobody"),
        ("email", "a\0@b.example"),
        ("role", "platform_admin"),
        ("role", "owner"),
        ("name", "a\nb"),
    ],
)
async def test_wrong_fields_are_named(acme: Acme, field: str, value: str) -> None:
    body = {"email": HAL, "role": "helpdesk", "name": "Hal", field: value}
    refused = await acme.ask("POST", "operators", **body)
    assert refused.status_code == 422, refused.text
    assert refused.json()["errors"][0]["field"] == field


async def test_the_list_is_searched_and_paged(acme: Acme) -> None:
    for number in range(3):
        await acme.add(f"zoe{number}@acme.example", name=f"Zoe {number}")
    path = f"tenants/{acme.tenant}/operators"
    found = (await acme.auth.call("api", "GET", path, params={"q": "ZOE", "limit": 2, "offset": 1})).json()
    assert ([one["name"] for one in found["items"]], found["total"]) == (["Zoe 1", "Zoe 2"], 3)

"""Apps, their connections and their live choices."""

from __future__ import annotations

import json
from dataclasses import replace
from uuid import UUID

import pytest
from jsonschema import Draft202012Validator

from services.shared.sdk.errors import ErrorCode
from tests.fixtures.api import Api, wish
from tests.fixtures.postgres import Database
from tests.fixtures.providers import CHAT, DESK, ChatProvider


async def test_every_app_comes_with_its_form_and_its_connection(api: Api, tenant: UUID) -> None:
    api.auth.connections[str(tenant)] = [
        {
            "vendor": "testing",
            "providers": [DESK],
            "display_name": "acme.example",
            "status": "needs_reauth",
            "reason": "The key was revoked.",
        }
    ]
    client = api.client(tenant)
    apps = {app["key"]: app for app in (await client.get("/api/apps")).json()["items"]}
    assert list(apps) == [DESK, CHAT]
    desk = apps[DESK]
    Draft202012Validator.check_schema(desk["form"])
    assert desk["form"]["properties"]["seats"]["x-options"] == "seats"
    assert "room_number" in desk["form"]["properties"]
    assert desk["enabled"]
    assert desk["connection"] == {
        "status": "needs_reauth",
        "reason": "The key was revoked.",
        "display_name": "acme.example",
    }
    await client.get("/api/apps")
    assert api.auth.count(f"/tenants/{tenant}/connections") == 1, "kept for five seconds"


async def test_without_a_connection_an_app_is_listed_and_not_enabled(api: Api, tenant: UUID) -> None:
    app = (await api.client(tenant).get("/api/apps")).json()["items"][0]
    assert (app["enabled"], app["connection"]) == (False, None)


async def test_while_the_auth_service_is_away_apps_are_listed_all_the_same(api: Api, tenant: UUID) -> None:
    client = api.client(tenant)
    await client.get("/api/me")  # the keys are known from here on
    api.auth.away = True
    answer = await client.get("/api/apps")
    assert answer.status_code == 200
    assert {app["connection"]["status"] for app in answer.json()["items"]} == {"unknown"}


async def test_choices_are_fetched_by_the_worker_and_kept_for_a_minute(api: Api, tenant: UUID) -> None:
    client = api.client(tenant)
    async with api.worker.working():
        answer = await client.get("/api/apps/desk/options/seats", params={"q": " GOLD "})
    assert answer.status_code == 200, answer.text
    page = answer.json()
    assert [(item["value"], item["free"], item["total"]) for item in page["items"]] == [("gold", 3, 5)]
    assert page["stale"] is False
    again = (await client.get("/api/apps/desk/options/seats", params={"q": "gold"})).json()
    assert again == page, "no worker runs, and none is needed"


async def test_choices_that_take_long_are_answered_with_what_is_there(api: Api, tenant: UUID) -> None:
    before = api.app.state.backends
    api.app.state.backends = replace(before, wait_seconds=0.2)
    try:
        page = (await api.client(tenant).get("/api/apps/desk/options/seats")).json()
    finally:
        api.app.state.backends = before
    assert page == {"items": [], "fetched_at": None, "stale": True, "error": None}


async def test_a_vendor_that_does_not_tell_is_explained(api: Api, tenant: UUID) -> None:
    api.worker.failing = {DESK: ErrorCode.AUTH_EXPIRED}
    async with api.worker.working():
        page = (await api.client(tenant).get("/api/apps/desk/options/seats")).json()
    assert page["stale"] is True
    assert page["error"]["code"] == "auth_expired"


async def test_unknown_apps_and_lists_are_not_found(api: Api, tenant: UUID) -> None:
    client = api.client(tenant)
    for path in ("/api/apps/nothing/options/seats", "/api/apps/desk/options/nothing"):
        answer = await client.get(path)
        assert (answer.status_code, answer.json()["code"]) == (404, "options_not_found")


async def test_an_administrator_switches_an_app_off_and_on(
    api: Api, tenant: UUID, other_tenant: UUID
) -> None:
    api.auth.connections[str(tenant)] = [
        {
            "vendor": "testing",
            "providers": [CHAT, DESK],
            "display_name": None,
            "status": "active",
            "reason": None,
        }
    ]
    client = api.client(tenant)
    answer = await client.put("/api/apps/desk", json={"offered": False})
    assert answer.status_code == 200, answer.text
    off = answer.json()
    assert (off["key"], off["offered"], off["offered_by_default"], off["enabled"]) == (
        DESK,
        False,
        True,
        False,
    )
    assert off["connection"]["status"] == "active", "the connection is another matter"
    listed = {app["key"]: app for app in (await client.get("/api/apps")).json()["items"]}
    assert (listed[DESK]["offered"], listed[CHAT]["offered"], listed[CHAT]["enabled"]) == (False, True, True)
    elsewhere = (await api.client(other_tenant).get("/api/apps")).json()["items"]
    assert all(app["offered"] for app in elsewhere)

    refused = await client.post("/api/requests", json=wish())
    assert refused.status_code == 422
    assert [(e["field"], e["code"]) for e in refused.json()["errors"]] == [
        (f"apps.{DESK}", "app_not_offered")
    ]
    assert (await client.put(f"/api/apps/{DESK}", json={"offered": True})).json()["enabled"]
    assert (await client.post("/api/requests", json=wish())).status_code == 201

    entries = (await client.get("/api/audit", params={"action": "app."})).json()["items"]
    assert [(e["action"], e["before"], e["after"]) for e in entries] == [
        ("app.switched_on", {"offered": False}, {"offered": True}),
        ("app.switched_off", {"offered": True}, {"offered": False}),
    ]


async def test_an_app_that_few_plans_can_do_is_off_until_it_is_switched_on(
    api: Api, tenant: UUID, monkeypatch: pytest.MonkeyPatch
) -> None:
    careful = ChatProvider.manifest.model_copy(update={"offered": False})
    monkeypatch.setattr(ChatProvider, "manifest", careful)
    client = api.client(tenant)
    refused = await client.post("/api/requests", json=wish())
    assert [e["field"] for e in refused.json()["errors"]] == [f"apps.{CHAT}"]
    chat = (await client.put("/api/apps/chat", json={"offered": True})).json()
    assert (chat["offered"], chat["offered_by_default"]) == (True, False)
    assert (await client.post("/api/requests", json=wish())).status_code == 201


async def test_a_switch_says_yes_or_no_and_names_an_app(api: Api, tenant: UUID) -> None:
    client = api.client(tenant)
    for body in ({}, {"offered": "yes"}, {"offered": 1}, {"offered": True, "more": 1}):
        assert (await client.put("/api/apps/desk", json=body)).status_code == 422, body
    unknown = await client.put("/api/apps/nothing", json={"offered": True})
    assert (unknown.status_code, unknown.json()["code"]) == (404, "app_not_found")
    helpdesk = await api.client(tenant, role="helpdesk").put("/api/apps/desk", json={"offered": True})
    assert helpdesk.status_code == 403


async def test_a_default_fills_in_what_neither_request_nor_template_says(
    api: Api, tenant: UUID, module_database: Database
) -> None:
    client = api.client(tenant)
    answer = await client.put("/api/apps/chat", json={"defaults": {"nickname": "hopper"}})
    assert answer.status_code == 200, answer.text
    assert answer.json()["defaults"] == {"nickname": "hopper"}
    assert answer.json()["offered"] is True, "what is left out stays as it is"
    apps = {one["key"]: one for one in (await client.get("/api/apps")).json()["items"]}
    assert (apps[CHAT]["defaults"], apps[DESK]["defaults"]) == ({"nickname": "hopper"}, {})

    async def asked(chat: object, **more: object) -> dict[str, object]:
        made = await client.post("/api/requests", json=wish(apps={"chat": chat}, **more))
        assert made.status_code == 201, made.text
        stored = module_database.psql(
            f"SELECT fields FROM api.results WHERE request_id = '{made.json()['id']}'"
        )
        fields: dict[str, object] = json.loads(stored)
        return fields

    assert (await asked(True))["nickname"] == "hopper"
    assert (await asked({"nickname": "amazing"}))["nickname"] == "amazing"
    template = {"name": "Pilot", "apps": {"chat": {"nickname": "pilot"}}}
    pilot = (await client.post("/api/role-templates", json=template)).json()["id"]
    assert (await asked(True, role_template={"id": pilot}))["nickname"] == "pilot"
    bare = {"name": "Bare", "apps": {"chat": {}}}
    bare_id = (await client.post("/api/role-templates", json=bare)).json()["id"]
    assert (await asked(True, role_template={"id": bare_id}))["nickname"] == "hopper"
    body = wish(apps={"desk": True})
    assert [one["app"] for one in (await client.post("/api/requests", json=body)).json()["apps"]] == [DESK]


async def test_a_wrong_default_is_named_and_changes_nothing(api: Api, tenant: UUID) -> None:
    client = api.client(tenant)
    for defaults, field in (
        ({"colour": "red"}, "defaults.colour"),
        ({"room_number": 0}, "defaults.room_number"),
        ({"seats": ["a", 7]}, "defaults.seats.1"),
    ):
        answer = await client.put("/api/apps/desk", json={"offered": False, "defaults": defaults})
        assert answer.status_code == 422, answer.text
        assert field in [one["field"] for one in answer.json()["errors"]]
    apps = {one["key"]: one for one in (await client.get("/api/apps")).json()["items"]}
    assert (apps[DESK]["offered"], apps[DESK]["defaults"]) == (True, {})
    assert (await client.get("/api/audit")).json()["total"] == 0
    refused = await api.client(tenant, role="helpdesk").put("/api/apps/desk", json={"defaults": {}})
    assert refused.status_code == 403


async def test_changing_defaults_is_audited_with_before_and_after(api: Api, tenant: UUID) -> None:
    client = api.client(tenant)
    for defaults in ({"nickname": "a1"}, {"nickname": "a1"}, {}):
        await client.put("/api/apps/chat", json={"defaults": defaults})
    entries = (await client.get("/api/audit")).json()["items"]
    assert [(one["action"], one["before"], one["after"]) for one in reversed(entries)] == [
        ("app.defaults", {"defaults": {}}, {"defaults": {"nickname": "a1"}}),
        ("app.defaults", {"defaults": {"nickname": "a1"}}, {"defaults": {}}),
    ]


async def test_a_default_that_became_wrong_is_told_as_one(
    api: Api, tenant: UUID, module_database: Database
) -> None:
    client = api.client(tenant)
    await client.put("/api/apps/desk", json={"defaults": {"room_number": 7}})
    module_database.psql(
        "UPDATE api.tenant_settings SET app_defaults = jsonb_set(app_defaults, '{desk-suite,room_number}', '0')"
        f" WHERE tenant_id = '{tenant}'"
    )
    answer = await client.post("/api/requests", json=wish(apps={"desk": True}))
    assert answer.status_code == 422
    (error,) = answer.json()["errors"]
    assert error["field"] == "apps.desk.room_number"
    assert error["message"].endswith("It is a default that is set under Apps.")

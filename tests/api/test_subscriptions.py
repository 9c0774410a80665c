"""`/api/ms365`: asking to be told, seeing what came, replaying; wrong wishes name their field and change nothing."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import pytest

from services.shared.kit.ids import uuid7
from tests.fixtures.api import Api
from tests.fixtures.notified import notified
from tests.fixtures.postgres import Database
from tests.fixtures.principals import SCHEDULER_TOKEN

SUBSCRIPTIONS = "/api/ms365/subscriptions"
MAIL = {"resource": "users/ada@acme.example/messages"}


def _jobs(database: Database, tenant: UUID) -> list[str]:
    return database.psql(
        f"SELECT kind || ' ' || subject_id FROM api.jobs WHERE tenant_id = '{tenant}' AND state = 'queued' ORDER BY 1"
    ).splitlines()


async def test_a_wish_is_stored_promised_and_written_down(
    api: Api, tenant: UUID, module_database: Database
) -> None:
    client = api.client(tenant)
    answer = await client.post(SUBSCRIPTIONS, json={**MAIL, "changeTypes": ["updated", "created"]})
    made = answer.json()
    assert (answer.status_code, made["state"], made["change_types"]) == (
        202,
        "creating",
        ["created", "updated"],
    )
    assert (made["resource_kind"], made["life_minutes"], made["expires_at"]) == ("message", 10_070, None)
    assert made["created_by"] == "Ada Admin"
    assert not [name for name in made if "client" in name]
    assert _jobs(module_database, tenant) == [f"subscription.keep {made['id']}"]
    assert (await client.get(f"{SUBSCRIPTIONS}/{made['id']}")).json() == made
    assert (await client.get(SUBSCRIPTIONS)).json()["items"] == [made]
    entries = (await client.get("/api/audit")).json()["items"]
    assert [entry["action"] for entry in entries] == ["subscription.created"]


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({}, "resource"),
        ({"resource": ""}, "resource"),
        ({"resource": 7}, "resource"),
        ({"resource": "me/messages"}, "resource"),
        ({"resource": "users/ada/messages?$filter=x"}, "resource"),
        ({"resource": "users/../groups"}, "resource"),
        ({"resource": "https://graph.microsoft.com/v1.0/users"}, "resource"),
        ({"resource": "users/" + "x" * 400 + "/messages"}, "resource"),
        ({**MAIL, "change_types": []}, "change_types"),
        ({**MAIL, "changeTypes": ["exploded"]}, "changeTypes.0"),
        ({"resource": "users", "changeTypes": ["created"]}, "changeTypes"),
        (
            {"resource": "users", "change_types": ["updated"], "include_resource_data": True},
            "include_resource_data",
        ),
        ({**MAIL, "include_resource_data": "yes"}, "include_resource_data"),
        ({**MAIL, "life_minutes": 44}, "life_minutes"),
        ({**MAIL, "lifeMinutes": 10_081}, "lifeMinutes"),
        ({**MAIL, "include_resource_data": True, "life_minutes": 1440}, "life_minutes"),
        ({**MAIL, "clientState": "mine"}, "clientState"),
    ],
)
async def test_a_wrong_wish_names_its_field_and_changes_nothing(
    api: Api, tenant: UUID, module_database: Database, body: dict[str, Any], field: str
) -> None:
    answer = await api.client(tenant).post(SUBSCRIPTIONS, json=body)
    assert answer.status_code == 422, answer.text
    assert [error["field"] for error in answer.json()["errors"]] == [field]
    assert _jobs(module_database, tenant) == []


async def test_a_second_one_to_the_same_is_refused_until_the_first_is_ended(api: Api, tenant: UUID) -> None:
    client = api.client(tenant)
    made = (await client.post(SUBSCRIPTIONS, json=MAIL)).json()
    again = await client.post(SUBSCRIPTIONS, json={"resource": "/Users/Ada@acme.example/Messages/"})
    assert (again.status_code, again.json()["code"]) == (409, "subscription_exists")
    assert again.json()["subscription_id"] == made["id"]
    assert (await client.post(SUBSCRIPTIONS, json={**MAIL, "change_types": ["deleted"]})).status_code == 202
    assert (await client.delete(f"{SUBSCRIPTIONS}/{made['id']}")).json()["state"] == "deleting"
    assert (await client.delete(f"{SUBSCRIPTIONS}/{made['id']}")).status_code == 202
    assert (await client.post(SUBSCRIPTIONS, json=MAIL)).status_code == 202


async def test_the_same_key_makes_one(api: Api, tenant: UUID) -> None:
    client = api.client(tenant)
    headers = {"Idempotency-Key": f"key-{uuid7()}"}
    first, second = [await client.post(SUBSCRIPTIONS, json=MAIL, headers=headers) for _ in range(2)]
    assert (first.status_code, second.status_code) == (202, 202)
    assert first.json()["id"] == second.json()["id"]


async def test_several_are_made_or_none(api: Api, tenant: UUID) -> None:
    client = api.client(tenant)
    wrong = {"items": [MAIL, {"resource": "nonsense"}, {**MAIL, "lifeMinutes": 1}]}
    answer = await client.post(f"{SUBSCRIPTIONS}/bulk", json=wrong)
    assert answer.status_code == 422
    assert [error["field"] for error in answer.json()["errors"]] == [
        "items.1.resource",
        "items.2.lifeMinutes",
    ]
    twice = await client.post(f"{SUBSCRIPTIONS}/bulk", json={"items": [MAIL, MAIL]})
    assert twice.status_code == 409
    assert (await client.get(SUBSCRIPTIONS)).json()["total"] == 0
    right = {"items": [{"resource": f"users/u{number}/messages"} for number in range(5)]}
    made = (await client.post(f"{SUBSCRIPTIONS}/bulk", json=right)).json()["items"]
    assert len({one["id"] for one in made}) == 5
    assert (await client.get(SUBSCRIPTIONS)).json()["total"] == 5
    assert (await client.post(f"{SUBSCRIPTIONS}/bulk", json={"items": [MAIL] * 101})).status_code == 422


async def test_renewing_all_or_some_asks_the_worker(
    api: Api, tenant: UUID, module_database: Database
) -> None:
    client = api.client(tenant)
    ids = [
        (await client.post(SUBSCRIPTIONS, json={"resource": f"users/u{number}/messages"})).json()["id"]
        for number in range(3)
    ]
    some = await client.post(f"{SUBSCRIPTIONS}/renew", json={"ids": ids[:2]})
    assert [one["asked"] for one in some.json()["items"]] == ["renew", "renew"]
    assert len((await client.post(f"{SUBSCRIPTIONS}/renew")).json()["items"]) == 3
    unknown = await client.post(f"{SUBSCRIPTIONS}/renew", json={"ids": [ids[0], str(uuid7())]})
    assert (unknown.status_code, unknown.json()["code"]) == (404, "subscription_not_found")
    assert len(_jobs(module_database, tenant)) == 3, "each is promised once"
    await client.delete(f"{SUBSCRIPTIONS}/{ids[0]}")
    for what in ("renew", "reauthorize", "resync"):
        late = await client.post(f"{SUBSCRIPTIONS}/{ids[0]}/{what}")
        assert (late.status_code, late.json()["code"]) == (409, "subscription_not_active")


async def test_a_resync_opens_a_gap_that_says_it_was_asked_for(
    api: Api, tenant: UUID, module_database: Database
) -> None:
    client = api.client(tenant)
    made = (await client.post(SUBSCRIPTIONS, json=MAIL)).json()
    assert (await client.post(f"{SUBSCRIPTIONS}/{made['id']}/resync")).status_code == 202
    (gap,) = (await client.get("/api/ms365/gaps", params={"open": True})).json()["items"]
    assert (gap["reason"], gap["closed_at"], gap["subscription_id"]) == ("asked", None, made["id"])
    assert f"subscription.resync {made['id']}" in _jobs(module_database, tenant)


async def test_dead_letters_are_seen_filtered_and_replayed(
    api: Api, tenant: UUID, module_database: Database
) -> None:
    client = api.client(tenant)
    subscription, event, message = await notified(client, module_database, tenant)
    dead = (await client.get("/api/ms365/notifications", params={"state": "dead"})).json()
    assert [one["id"] for one in dead["items"]] == [event]
    for params in (
        {"state": "done"},
        {"change_type": "created"},
        {"since": "2090-01-01T00:00:00Z"},
        {"until": "2020-01-01T00:00:00Z"},
    ):
        assert (await client.get("/api/ms365/notifications", params=params)).json()["total"] == 0
    assert (await client.get("/api/ms365/notifications", params={"state": "nonsense"})).status_code == 422
    health = (await client.get("/api/ms365/health")).json()
    assert (health["notifications"], health["open_gaps"]) == ({"dead": 1}, 0)
    replayed = await client.post(f"/api/ms365/notifications/{event}/replay")
    assert (replayed.json()["state"], replayed.json()["replays"]) == ("queued", 1)
    assert f"notification.process {event}" in _jobs(module_database, tenant)
    module_database.psql(f"UPDATE api.webhook_events SET state = 'dead' WHERE id = '{event}'")
    many = {"subscription_id": subscription}
    for wanted in (1, 0):
        assert (await client.post("/api/ms365/notifications/replay", json=many)).json() == {
            "replayed": wanted
        }
    found = (await client.get("/api/ms365/messages", params={"subscription_id": subscription})).json()
    assert [one["id"] for one in found["items"]] == [message]
    for q in ("100%", "_", "\\", "nothing"):
        assert (await client.get("/api/ms365/messages", params={"q": q})).json()["total"] == 0


async def test_chosen_dead_letters_are_replayed_and_the_rest_is_left_alone(
    api: Api, tenant: UUID, module_database: Database
) -> None:
    client = api.client(tenant)
    _, first, _ = await notified(client, module_database, tenant)
    _, second, _ = await notified(client, module_database, tenant)
    _, done, _ = await notified(client, module_database, tenant)
    module_database.psql(f"UPDATE api.webhook_events SET state = 'done' WHERE id = '{done}'")
    for wrong, status in (([first, str(uuid7())], 404), ([], 422), (["x"], 422), ([first] * 501, 422)):
        answer = await client.post("/api/ms365/notifications/replay", json={"ids": wrong})
        assert answer.status_code == status, answer.text
    answer = await client.post("/api/ms365/notifications/replay", json={"ids": [first, first, done]})
    assert answer.json() == {"replayed": 1}
    states = {
        one: (await client.get(f"/api/ms365/notifications/{one}")).json()["state"]
        for one in (first, second, done)
    }
    assert states == {first: "queued", second: "dead", done: "done"}


async def test_open_gaps_come_first_and_health_says_how_long_work_takes(
    api: Api, tenant: UUID, module_database: Database
) -> None:
    client = api.client(tenant)
    empty = (await client.get("/api/ms365/health")).json()
    assert (empty["received_last_hour"], empty["lag_seconds"], empty["last_event_at"]) == (0, None, None)
    subscription, event, _ = await notified(client, module_database, tenant)
    await client.post(f"{SUBSCRIPTIONS}/{subscription}/resync")
    module_database.psql(
        f"UPDATE api.webhook_gaps SET from_at = from_at - interval '9 days' WHERE tenant_id = '{tenant}';"
        "INSERT INTO api.webhook_gaps (id, tenant_id, subscription_id, reason, from_at, to_at, closed_at, closed_by)"
        f" VALUES ('{uuid7()}', '{tenant}', '{subscription}', 'missed', now(), now(), now(), 'delta');"
        "UPDATE api.webhook_events SET state = 'done', received_at = now() - interval '10 minutes',"
        f" processed_at = now() - interval '9 minutes' WHERE id = '{event}';"
        f"UPDATE api.webhook_subscriptions SET last_event_at = '2026-01-02T03:04:05Z' WHERE id = '{subscription}'"
    )
    gaps = (await client.get("/api/ms365/gaps")).json()["items"]
    assert [(gap["reason"], gap["closed_by"]) for gap in gaps] == [("asked", None), ("missed", "delta")]
    health = (await client.get("/api/ms365/health")).json()
    assert (health["received_last_hour"], health["lag_seconds"], health["open_gaps"]) == (1, 60, 1)
    assert health["notifications"] == {}, "what is done is not counted: it grows for weeks"
    assert health["last_event_at"] == "2026-01-02T03:04:05Z"


async def test_only_administrators_read_mails_and_change_subscriptions(api: Api, tenant: UUID) -> None:
    for role in ("helpdesk", "auditor"):
        client = api.client(tenant, role=role)
        assert (await client.get(SUBSCRIPTIONS)).status_code == 200
        assert (await client.get("/api/ms365/messages")).status_code == 403
        assert (await client.post(SUBSCRIPTIONS, json=MAIL)).status_code == 403


async def test_the_hourly_sweep_promises_what_needs_attention(
    api: Api, tenant: UUID, module_database: Database
) -> None:
    client = api.client(tenant)
    made = (await client.post(SUBSCRIPTIONS, json=MAIL)).json()["id"]
    module_database.psql(
        f"DELETE FROM api.jobs WHERE tenant_id = '{tenant}';"
        "UPDATE api.webhook_subscriptions SET remote_id = id::text, state = 'active', granted_at = now(),"
        f" expires_at = now() + interval '20 hours', renew_at = now() + interval '1 hour' WHERE id = '{made}'"
    )
    for _ in range(2):
        answer = await api.nobody().post(
            "/api/internal/renew-subscription", headers={"X-Service-Token": SCHEDULER_TOKEN}
        )
        assert answer.status_code == 200
        assert answer.json()["promised"] >= 1
    assert _jobs(module_database, tenant) == [f"subscription.keep {made}", f"subscription.watch {tenant}"]
    assert (await client.get(f"{SUBSCRIPTIONS}/{made}")).json()["asked"] == "renew"


async def test_disconnecting_microsoft_says_how_many_subscriptions_end(api: Api, tenant: UUID) -> None:
    client = api.client(tenant)
    held = api.auth.accounts.add(tenant, "microsoft")
    await client.post(SUBSCRIPTIONS, json=MAIL)
    dependants = (await client.get(f"/api/connections/{held['id']}/dependants")).json()
    assert dependants["subscriptions"] == 1

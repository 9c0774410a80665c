"""Idempotency-Key: the same key and body get the same answer, whoever repeats it and when."""

from __future__ import annotations

import asyncio
from uuid import UUID, uuid4

import pytest

from services.shared.kit.ids import uuid7
from tests.fixtures.api import Api, wish
from tests.fixtures.postgres import Database


def _key() -> dict[str, str]:
    return {"Idempotency-Key": f"key {uuid7()}"}


async def test_the_same_key_and_body_get_the_same_answer_later(api: Api, tenant: UUID) -> None:
    client, key, body = api.client(tenant), _key(), wish()
    first = await client.post("/api/requests", json=body, headers=key)
    await api.worker.work()
    again = await client.post("/api/requests", json=body, headers=key)
    assert (again.status_code, again.json()) == (201, first.json())
    assert (await client.get("/api/requests")).json()["total"] == 1


@pytest.mark.parametrize("dry_run", [True, False])
async def test_callers_at_the_same_time_all_get_one_answer(api: Api, tenant: UUID, dry_run: bool) -> None:  # noqa: FBT001  # pytest passes it by name
    operator, key, body = uuid4(), _key(), wish(dry_run=dry_run)
    clients = [api.client(tenant, operator_id=operator) for _ in range(8)]
    async with api.worker.working():
        answers = await asyncio.gather(*(c.post("/api/requests", json=body, headers=key) for c in clients))
    assert {answer.status_code for answer in answers} == {201}
    assert all(answer.json() == answers[0].json() for answer in answers)
    if dry_run:
        assert answers[0].json()["plan"]["state"] == "ready"
    assert (await clients[0].get("/api/requests")).json()["total"] == 1


async def test_the_same_key_with_another_body_is_refused(api: Api, tenant: UUID) -> None:
    client, key = api.client(tenant), _key()
    assert (await client.post("/api/requests", json=wish(), headers=key)).status_code == 201
    answer = await client.post("/api/requests", json=wish(), headers=key)
    assert (answer.status_code, answer.json()["code"]) == (422, "idempotency_key_reused")
    assert (await client.get("/api/requests")).json()["total"] == 1


async def test_the_spelling_of_names_makes_no_other_body(api: Api, tenant: UUID) -> None:
    client, key, body = api.client(tenant), _key(), wish()
    person = body["employee"]
    camel = {**body, "employee": {"fullName": person["full_name"], "workEmail": person["work_email"]}}
    first = await client.post("/api/requests", json=body, headers=key)
    again = await client.post("/api/requests", json=camel, headers=key)
    assert again.json() == first.json()


async def test_a_refused_body_uses_up_no_key(api: Api, tenant: UUID) -> None:
    client, key = api.client(tenant), _key()
    refused = await client.post("/api/requests", json=wish(apps={"chat": {}}), headers=key)
    assert refused.status_code == 422
    assert (await client.post("/api/requests", json=wish(), headers=key)).status_code == 201


async def test_keys_of_different_callers_are_different_keys(
    api: Api, tenant: UUID, other_tenant: UUID
) -> None:
    key, body = _key(), wish()
    callers = [api.client(tenant), api.client(tenant), api.client(other_tenant)]
    made = [(await caller.post("/api/requests", json=body, headers=key)).json()["id"] for caller in callers]
    assert len(set(made)) == 3


async def test_a_repeated_apply_gets_its_answer_and_starts_nothing_twice(api: Api, tenant: UUID) -> None:
    client, key = api.client(tenant), _key()
    async with api.worker.working():
        made = (await client.post("/api/requests", json=wish(dry_run=True))).json()
        path, body = f"/api/requests/{made['id']}/apply", {"plan_id": made["plan"]["id"]}
        first = await client.post(path, json=body, headers=key)
        again = await client.post(path, json=body, headers=key)
        assert first.status_code == again.status_code == 202
        assert first.json() == again.json()
        planned = [await client.post(f"/api/requests/{made['id']}/plan", headers=key) for _ in range(1)]
    assert planned[0].status_code == 422, "another route is another body"


@pytest.mark.parametrize("key", ["", "x" * 201, "tab\there", "\x7f"])
async def test_a_malformed_key_is_named(api: Api, tenant: UUID, key: str) -> None:
    answer = await api.client(tenant).post("/api/requests", json=wish(), headers={"Idempotency-Key": key})
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["field"] == "Idempotency-Key"


async def test_a_key_is_forgotten_after_a_day(api: Api, tenant: UUID, module_database: Database) -> None:
    client, key, body = api.client(tenant), _key(), wish()
    first = (await client.post("/api/requests", json=body, headers=key)).json()
    module_database.psql(
        f"UPDATE api.idempotency_keys SET created_at = now() - interval '25 hours' WHERE tenant_id = '{tenant}'"
    )
    second = (await client.post("/api/requests", json=body, headers=key)).json()
    assert second["id"] != first["id"]

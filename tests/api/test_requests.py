"""A request over HTTP: made, planned, applied, watched, tried again."""

from __future__ import annotations

from uuid import UUID

from tests.fixtures.api import Api, wish


async def test_a_request_is_accepted_and_carried_out(api: Api, tenant: UUID) -> None:
    client = api.client(tenant)
    answer = await client.post("/api/requests", json=wish())
    assert answer.status_code == 201, answer.text
    made = answer.json()
    assert made["state"] == "queued"
    assert [item["app"] for item in made["apps"]] == ["desk-suite", "chat-room"]
    assert {result["state"] for result in made["results"]} == {"pending"}
    await api.worker.work()
    done = (await client.get(f"/api/requests/{made['id']}")).json()
    assert done["state"] == "completed", done
    assert done["counts"] == {"actions": 3, "done": 3, "failed": 0}
    assert [result["account"]["label"] for result in done["results"]] == [done["employee"]["work_email"]] * 2

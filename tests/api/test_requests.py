"""A request over HTTP: made, planned, applied, tried again, read back."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import httpx
import pytest
from sqlalchemy import text

from services.shared.kit.ids import uuid7
from services.shared.sdk.errors import ErrorCode
from tests.fixtures.api import Api, wish
from tests.fixtures.providers import CHAT, DESK, RemoteAccount


async def planned(api: Api, client: httpx.AsyncClient, **more: Any) -> dict[str, Any]:
    """A dry run whose plan is made."""
    async with api.worker.working():
        answer = await client.post("/api/requests", json=wish(dry_run=True, **more))
    assert answer.status_code == 201, answer.text
    made: dict[str, Any] = answer.json()
    return made


async def finished(api: Api, client: httpx.AsyncClient, **more: Any) -> dict[str, Any]:
    """A request that ran to its end."""
    made = (await client.post("/api/requests", json=wish(**more))).json()
    await api.worker.work()
    return await read(client, made)


async def read(client: httpx.AsyncClient, made: dict[str, Any]) -> dict[str, Any]:
    answer = await client.get(f"/api/requests/{made['id']}")
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


def result_of(request: dict[str, Any], app: str) -> dict[str, Any]:
    return next(item for item in request["results"] if item["app"] == app)


async def test_a_request_is_accepted_and_carried_out(api: Api, tenant: UUID) -> None:
    client = api.client(tenant)
    answer = await client.post("/api/requests", json=wish())
    assert answer.status_code == 201, answer.text
    made = answer.json()
    assert made["state"] == "queued"
    assert [item["app"] for item in made["apps"]] == [DESK, CHAT]
    assert {result["state"] for result in made["results"]} == {"pending"}
    await api.worker.work()
    done = await read(client, made)
    assert done["state"] == "completed", done
    assert done["counts"] == {"actions": 3, "done": 3, "failed": 0}
    assert [result["account"]["label"] for result in done["results"]] == [done["employee"]["work_email"]] * 2
    assert done["finished_at"]


async def test_a_value_that_the_vendor_does_not_know_is_refused_by_its_field(api: Api, tenant: UUID) -> None:
    client = api.client(tenant)
    api.worker.wrong_fields[DESK] = "seat"
    async with api.worker.working():
        answer = await client.post("/api/requests", json=wish(dry_run=True))
    assert answer.status_code == 422, answer.text
    (error,) = answer.json()["errors"]
    assert error["field"] == f"apps.{DESK}.seat"
    assert error["code"] == "invalid_field"
    listed = (await client.get("/api/requests")).json()["items"]
    assert [item["state"] for item in listed] == ["cancelled"], "nothing is left to apply"


async def test_a_dry_run_answers_with_its_plan_and_changes_nothing(api: Api, tenant: UUID) -> None:
    client = api.client(tenant)
    before = dict(api.vendor.accounts)
    made = await planned(api, client)
    assert made["state"] == "planned"
    assert made["plan"]["state"] == "ready"
    assert made["plan"]["expires_at"]
    desk = next(app for app in made["plan"]["apps"] if app["app"] == DESK)
    assert [action["kind"] for action in desk["actions"]] == ["create", "assign_license"]
    assert desk["actions"][1]["depends_on"] == ["create"]
    seat = {"key": "gold", "name": "gold", "free": 3, "needed": 1, "reserved": 0, "left": 2}
    assert desk["seats"] == [seat]
    assert api.vendor.accounts == before
    assert (await client.get("/api/employees")).json()["items"] == [], "only ever planned for"


async def test_a_plan_that_takes_long_is_answered_as_planning(api: Api, tenant: UUID) -> None:
    api.app.state.backends = _impatient(api)
    client = api.client(tenant)
    answer = await client.post("/api/requests", json=wish(dry_run=True))
    assert answer.status_code == 201
    assert answer.json()["plan"]["state"] == "planning"


def _impatient(api: Api) -> Any:
    from dataclasses import replace

    return replace(api.app.state.backends, wait_seconds=0.2)


@pytest.fixture(autouse=True)
async def _patience(api: Api) -> Any:
    before = api.app.state.backends
    yield
    api.app.state.backends = before


async def test_applying_a_plan_starts_it_once(api: Api, tenant: UUID) -> None:
    client = api.client(tenant)
    made = await planned(api, client)
    path, body = f"/api/requests/{made['id']}/apply", {"plan_id": made["plan"]["id"]}
    async with api.worker.working():
        answer = await client.post(path, json=body)
        assert answer.status_code == 202, answer.text
        assert answer.json()["plan"]["state"] == "applied"
        again = await client.post(path, json=body)
    assert again.status_code == 409
    assert again.json()["code"] == "plan_used"
    await api.worker.work()
    assert (await read(client, made))["state"] == "completed"


async def test_a_changed_vendor_refuses_the_plan_and_attaches_the_new_one(api: Api, tenant: UUID) -> None:
    client = api.client(tenant)
    made = await planned(api, client, existing_account="adopt")
    address = made["employee"]["work_email"]
    api.vendor.accounts[DESK, address] = RemoteAccount("somebody", None)
    async with api.worker.working():
        answer = await client.post(f"/api/requests/{made['id']}/apply", json={"plan_id": made["plan"]["id"]})
        assert answer.status_code == 409, answer.text
        problem = answer.json()
        assert problem["code"] == "plan_stale"
        assert answer.headers["content-type"] == "application/problem+json"
        fresh = problem["plan"]
        assert fresh["id"] != made["plan"]["id"]
        desk = next(app for app in fresh["apps"] if app["app"] == DESK)
        assert [action["kind"] for action in desk["actions"]] == ["adopt", "assign_license"]
        answer = await client.post(f"/api/requests/{made['id']}/apply", json={"plan_id": fresh["id"]})
        assert answer.status_code == 202, answer.text
    await api.worker.work()
    assert (await read(client, made))["state"] == "completed"


async def test_an_existing_account_waits_for_a_decision(api: Api, tenant: UUID) -> None:
    client = api.client(tenant)
    body = wish(dry_run=True)
    address = body["employee"]["work_email"]
    api.vendor.accounts[DESK, address] = RemoteAccount("somebody", None)
    async with api.worker.working():
        made = (await client.post("/api/requests", json=body)).json()
        assert made["plan"]["state"] == "needs_decision"
        desk = next(app for app in made["plan"]["apps"] if app["app"] == DESK)
        assert [option["value"] for option in desk["choices"][0]["options"]] == ["adopt", "skip"]
        path, plan = f"/api/requests/{made['id']}/apply", {"plan_id": made["plan"]["id"]}
        refused = await client.post(path, json=plan)
        assert (refused.status_code, refused.json()["code"]) == (409, "needs_decision")
        wrong = await client.post(path, json={**plan, "decisions": {"desk": {"existing_account": "steal"}}})
        assert wrong.status_code == 422
        assert wrong.json()["errors"][0]["field"] == "decisions.desk.existing_account"
        unknown = await client.post(path, json={**plan, "decisions": {"nothing": {}}})
        assert unknown.json()["errors"][0]["field"] == "decisions.nothing"
        taken = await client.post(path, json={**plan, "decisions": {"desk": {"existing_account": "adopt"}}})
        assert taken.status_code == 202, taken.text
    await api.worker.work()
    done = await read(client, made)
    assert done["state"] == "completed"
    assert [a["kind"] for a in result_of(done, DESK)["actions"]] == ["adopt", "assign_license"]
    person = (await client.get(f"/api/employees/{made['employee']['id']}")).json()
    assert {account["app"]: account["adopted"] for account in person["accounts"]} == {DESK: True, CHAT: False}


async def test_an_expired_plan_is_refused_and_can_be_made_again(api: Api, tenant: UUID) -> None:
    client = api.client(tenant)
    made = await planned(api, client)
    async with api.app.state.backends.sessions.begin() as session:
        await session.execute(
            text("SELECT set_config('app.tenant_id', :tenant, true)"), {"tenant": str(tenant)}
        )
        await session.execute(
            text("UPDATE api.plans SET expires_at = now() - interval '1 second' WHERE id = :id"),
            {"id": UUID(made["plan"]["id"])},
        )
    assert (await read(client, made))["plan"]["state"] == "expired"
    answer = await client.post(f"/api/requests/{made['id']}/apply", json={"plan_id": made["plan"]["id"]})
    assert (answer.status_code, answer.json()["code"]) == (409, "plan_expired")
    async with api.worker.working():
        again = await client.post(f"/api/requests/{made['id']}/plan", json={})
    assert again.status_code == 200, again.text
    assert again.json()["plan"]["state"] == "ready"
    assert again.json()["plan"]["id"] != made["plan"]["id"]


async def test_a_rerun_of_a_finished_request_plans_nothing_but_noop(api: Api, tenant: UUID) -> None:
    client = api.client(tenant)
    done = await finished(api, client)
    async with api.worker.working():
        again = (await client.post(f"/api/requests/{done['id']}/plan", json={})).json()
    kinds = {action["kind"] for app in again["plan"]["apps"] for action in app["actions"]}
    assert kinds == {"noop"}


async def test_one_failing_app_leaves_the_other_alone_and_can_be_tried_again(api: Api, tenant: UUID) -> None:
    client = api.client(tenant)
    api.worker.failing_keys = {"seat:gold"}
    done = await finished(api, client)
    assert done["state"] == "partial"
    desk = result_of(done, DESK)
    assert desk["state"] == "partial"
    assert desk["error"]["code"] == "conflict"
    assert result_of(done, CHAT)["state"] == "success"
    failed = next(action for action in desk["actions"] if action["state"] == "failed")
    api.worker.failing_keys = set()
    path = f"/api/requests/{done['id']}/actions/{failed['id']}/retry"
    answer = await client.post(path, json={})
    assert answer.status_code == 202, answer.text
    await api.worker.work()
    assert (await read(client, done))["state"] == "completed"
    assert (await client.post(path, json={})).json()["code"] == "nothing_to_retry"


@pytest.mark.parametrize("how", ["result", "request"])
async def test_an_app_or_all_of_a_request_can_be_tried_again(api: Api, tenant: UUID, how: str) -> None:
    client = api.client(tenant)
    api.worker.failing = {DESK: ErrorCode.NO_SEATS}
    done = await finished(api, client)
    assert result_of(done, DESK)["state"] == "error"
    assert result_of(done, DESK)["error"]["code"] == "no_seats"
    api.worker.failing = {}
    tail = "results/desk/retry" if how == "result" else "retry"
    answer = await client.post(f"/api/requests/{done['id']}/{tail}", json={})
    assert answer.status_code == 202, answer.text
    await api.worker.work()
    assert (await read(client, done))["state"] == "completed"


async def test_an_app_is_tried_again_with_other_fields(api: Api, tenant: UUID) -> None:
    client = api.client(tenant)
    api.worker.failing_keys = {"seat:gold"}
    done = await finished(api, client)
    path = f"/api/requests/{done['id']}/results/{DESK}/retry"
    wrong = await client.post(path, json={"fields": {"roomNumber": 0}})
    assert wrong.status_code == 422
    assert wrong.json()["errors"][0]["field"] == "fields.roomNumber"
    answer = await client.post(path, json={"fields": {"seats": ["silver"]}})
    assert answer.status_code == 202, answer.text
    await api.worker.work()
    after = await read(client, done)
    assert after["state"] == "completed"
    assert [action["key"] for action in result_of(after, DESK)["actions"]] == ["seat:silver"]


async def test_a_cancelled_request_begins_nothing_more(api: Api, tenant: UUID) -> None:
    client = api.client(tenant)
    made = (await client.post("/api/requests", json=wish())).json()
    answer = await client.post(f"/api/requests/{made['id']}/cancel", json={})
    assert answer.status_code == 200, answer.text
    assert answer.json()["state"] == "cancelled"
    assert answer.json()["cancel_requested"]
    await api.worker.work()
    done = await read(client, made)
    assert {result["state"] for result in done["results"]} == {"cancelled"}
    assert (DESK, made["employee"]["work_email"]) not in api.vendor.accounts
    again = await client.post(f"/api/requests/{made['id']}/cancel", json={})
    assert (again.status_code, again.json()["code"]) == (409, "request_ended")


async def test_planning_a_running_request_is_refused(api: Api, tenant: UUID) -> None:
    client = api.client(tenant)
    made = (await client.post("/api/requests", json=wish())).json()
    answer = await client.post(f"/api/requests/{made['id']}/plan", json={})
    assert (answer.status_code, answer.json()["code"]) == (409, "request_running")


async def test_what_is_not_there_is_not_found(api: Api, tenant: UUID) -> None:
    client = api.client(tenant)
    made = await planned(api, client)
    path = f"/api/requests/{made['id']}"
    for method, tail, body, code in [
        ("POST", "/apply", {"plan_id": str(uuid7())}, "plan_not_found"),
        ("POST", "/results/slack/retry", {}, "result_not_found"),
        ("POST", f"/actions/{uuid7()}/retry", {}, "action_not_found"),
        ("GET", f"/actions/{uuid7()}/calls", None, "action_not_found"),
    ]:
        answer = await client.request(method, path + tail, json=body)
        assert (answer.status_code, answer.json()["code"]) == (404, code), tail


async def test_requests_are_listed_newest_first_and_filtered(api: Api, tenant: UUID) -> None:
    client = api.client(tenant)
    first = await finished(api, client, tags=["spring"], apps={"desk": {}})
    api.worker.failing = {CHAT: ErrorCode.NO_SEATS}
    second = await finished(api, client, apps={CHAT: {"nickname": "abc"}})

    async def ids(**query: str) -> list[str]:
        answer = await client.get("/api/requests", params=query)
        assert answer.status_code == 200, answer.text
        page = answer.json()
        assert page["total"] == len(page["items"])
        return [item["id"] for item in page["items"]]

    assert await ids() == [second["id"], first["id"]]
    assert await ids(app="desk") == [first["id"]]
    assert await ids(state="failed") == [second["id"]]
    assert await ids(tag="spring") == [first["id"]]
    assert await ids(q=first["employee"]["work_email"].upper()[:12]) == [first["id"]]
    assert await ids(q="%") == []
    assert await ids(to=first["created_at"]) == []
    assert len(await ids(**{"from": first["created_at"]})) == 2
    page = (await client.get("/api/requests", params={"limit": 1, "offset": 1})).json()
    assert (page["total"], page["limit"], page["offset"], len(page["items"])) == (2, 1, 1, 1)
    assert page["items"][0]["counts"] == {"actions": 1, "done": 1, "failed": 0}


async def test_the_overview_counts_and_names_what_waits(api: Api, tenant: UUID) -> None:
    client = api.client(tenant)
    await finished(api, client)
    api.worker.failing = {DESK: ErrorCode.NO_SEATS}
    broken = await finished(api, client)
    seen = (await client.get("/api/overview")).json()
    assert seen["today"] == {"completed": 1, "partial": 1}
    assert seen["week"] == seen["today"]
    assert [item["id"] for item in seen["waiting"]] == [broken["id"]]
    assert len(seen["recent"]) == 2


async def test_the_audit_log_says_who_did_what(api: Api, tenant: UUID) -> None:
    client = api.client(tenant, name="Audrey Auditor")
    made = await planned(api, client)
    entries = (await client.get("/api/audit")).json()["items"]
    assert [entry["action"] for entry in entries] == ["request.created", "employee.created"]
    assert entries[0]["actor"]["name"] == "Audrey Auditor"
    assert entries[0]["target"] == {
        "kind": "request",
        "id": made["id"],
        "label": made["employee"]["work_email"],
    }
    assert entries[0]["correlation_id"] == made["correlation_id"]
    only = (await client.get("/api/audit", params={"action": "employee", "actor": "audrey"})).json()
    assert only["total"] == 1


async def test_a_person_is_found_by_email_in_any_case(api: Api, tenant: UUID) -> None:
    client = api.client(tenant)
    done = await finished(api, client)
    address = done["employee"]["work_email"]
    found = await client.get("/api/employees/by-email", params={"work_email": address.upper()})
    assert found.status_code == 200
    person = found.json()
    assert person["status"] == "active"
    assert person["accounts"][1]["grants"] == [
        {"kind": "license", "key": "gold", "label": "gold", "given_by_us": True}
    ]
    assert [item["id"] for item in person["requests"]] == [done["id"]]
    missing = await client.get("/api/employees/by-email", params={"work_email": "nobody@acme.example"})
    assert missing.status_code == 404
    listed = (await client.get("/api/employees", params={"q": "hopper"})).json()
    assert [item["id"] for item in listed["items"]] == [person["id"]]


async def test_the_correlation_id_comes_back_and_is_kept(api: Api, tenant: UUID) -> None:
    client = api.client(tenant)
    headers = {"X-Correlation-Id": "from-the-browser-1"}
    answer = await client.post("/api/requests", json=wish(), headers=headers)
    assert answer.headers["x-correlation-id"] == "from-the-browser-1"
    assert answer.json()["correlation_id"] == "from-the-browser-1"


async def test_a_cancelled_request_can_be_tried_again_before_a_worker_looked(api: Api, tenant: UUID) -> None:
    client = api.client(tenant)
    made = (await client.post("/api/requests", json=wish())).json()
    await client.post(f"/api/requests/{made['id']}/cancel", json={})
    answer = await client.post(f"/api/requests/{made['id']}/retry", json={})
    assert answer.status_code == 202, answer.text
    await api.worker.work()
    assert (await read(client, made))["state"] == "completed"


async def test_a_cancelled_plan_can_be_made_and_applied_again(api: Api, tenant: UUID) -> None:
    client = api.client(tenant)
    made = (await client.post("/api/requests", json=wish())).json()
    path = f"/api/requests/{made['id']}"
    await client.post(f"{path}/cancel", json={})
    async with api.worker.working():
        planned_again = (await client.post(f"{path}/plan", json={})).json()
        answer = await client.post(f"{path}/apply", json={"plan_id": planned_again["plan"]["id"]})
        assert answer.status_code == 202, answer.text
    await api.worker.work()
    assert (await read(client, made))["state"] == "completed"

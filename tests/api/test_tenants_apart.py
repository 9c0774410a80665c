"""Every endpoint with two tenants: nobody reads, changes or learns of what is another tenant's."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import pytest

from services.api.app import create_app
from services.shared.kit.ids import uuid7
from tests.fixtures.api import Api, wish
from tests.fixtures.belongings import Mine, make_everything
from tests.fixtures.postgres import Database
from tests.fixtures.providers import DESK
from tests.fixtures.routes import ROUTES


@dataclass(frozen=True, slots=True)
class Case:
    """What the second tenant tries, and the only answers that are right."""

    path: Callable[[Mine], str]
    body: Callable[[Mine], dict[str, Any] | None] = lambda _: {}
    status: int = 404


def _same_person(mine: Mine) -> dict[str, Any]:
    body = wish()
    body["employee"]["work_email"] = mine.email
    return body


def _request(tail: str = "") -> Callable[[Mine], str]:
    return lambda mine: f"/api/requests/{mine.request}{tail}"


def _rule(tail: str = "") -> Callable[[Mine], str]:
    return lambda mine: f"/api/tag-rules/{mine.rule}{tail}"


def _schedule(tail: str = "") -> Callable[[Mine], str]:
    return lambda mine: f"/api/schedule/{mine.schedule}{tail}"


def _connection(tail: str = "") -> Callable[[Mine], str]:
    return lambda mine: f"/api/connections/{mine.connection}{tail}"


def _watched(tail: str = "") -> Callable[[Mine], str]:
    return lambda mine: f"/api/ms365/subscriptions/{mine.subscription}{tail}"


CASES: dict[str, Case] = {
    "get_me": Case(lambda _: "/api/me", status=200),
    "list_apps": Case(lambda _: "/api/apps", status=200),
    "change_app": Case(lambda _: "/api/apps/desk", lambda _: {"offered": False, "defaults": {}}, status=200),
    "list_connections": Case(lambda _: "/api/connections", status=200),
    "list_connection_methods": Case(lambda _: "/api/connection-methods", status=200),
    "get_connection": Case(_connection()),
    "change_connection": Case(_connection(), lambda _: {"title": "Mine now"}),
    "get_dependants": Case(_connection("/dependants")),
    "test_connection": Case(_connection("/test")),
    "disconnect": Case(_connection("/disconnect"), lambda _: {"confirm": True}),
    "create_connection": Case(
        lambda _: "/api/connections/slack",
        lambda _: {"method": "token", "fields": {"scim_token": "theirs"}},
        status=201,
    ),
    "list_role_templates": Case(lambda _: "/api/role-templates", status=200),
    "create_role_template": Case(
        lambda _: "/api/role-templates", lambda _: {"name": "Theirs", "apps": {"desk": True}}, status=201
    ),
    "suggest_role_templates": Case(
        lambda _: "/api/role-templates/suggest", lambda _: {"department": "Flight deck"}, status=200
    ),
    "get_role_template": Case(lambda mine: f"/api/role-templates/{mine.template}"),
    "change_role_template": Case(
        lambda mine: f"/api/role-templates/{mine.template}",
        lambda _: {"name": "Mine now", "apps": {"desk": True}, "version": 1},
    ),
    "delete_role_template": Case(lambda mine: f"/api/role-templates/{mine.template}"),
    "list_role_template_versions": Case(lambda mine: f"/api/role-templates/{mine.template}/versions"),
    "create_schedule": Case(
        lambda _: "/api/schedule",
        lambda mine: {**_same_person(mine), "schedule_time": "2031-01-01T08:00:00Z"},
        status=201,
    ),
    "list_schedules": Case(lambda _: "/api/schedule?tag=to-be-created&limit=200", status=200),
    "preview_schedule": Case(
        lambda _: "/api/schedule/preview", lambda _: {"recurrence": "0 3 * * *"}, status=200
    ),
    "list_calendar": Case(
        lambda _: "/api/schedule/calendar?from=2031-01-01T00:00:00Z&to=2031-02-01T00:00:00Z", status=200
    ),
    "get_schedule_health": Case(lambda _: "/api/schedule/health", status=200),
    "get_schedule_settings": Case(lambda _: "/api/schedule/settings", status=200),
    "change_schedule_settings": Case(
        lambda _: "/api/schedule/settings", lambda _: {"time_zone": "Asia/Tokyo"}, status=200
    ),
    "get_schedule": Case(_schedule()),
    "change_schedule": Case(_schedule(), lambda _: {"priority": 9}),
    "cancel_schedule": Case(_schedule()),
    "execute_schedule": Case(_schedule("/execute")),
    "list_runs": Case(_schedule("/runs")),
    "list_tag_rules": Case(lambda _: "/api/tag-rules", status=200),
    "create_tag_rule": Case(lambda _: "/api/tag-rules", lambda _: {"tag": "theirs"}, status=201),
    "preview_tag_rule": Case(lambda _: "/api/tag-rules/preview", lambda _: {"tag": "pilot"}, status=200),
    "get_tag_rule": Case(_rule()),
    "preview_stored_tag_rule": Case(_rule("/preview")),
    "change_tag_rule": Case(_rule(), lambda _: {"tag": "mine now"}),
    "delete_tag_rule": Case(_rule()),
    "list_options": Case(lambda _: "/api/apps/desk/options/seats", status=200),
    "create_request": Case(lambda _: "/api/requests", _same_person, status=201),
    "list_requests": Case(lambda mine: f"/api/requests?q={mine.email}", status=200),
    "get_request": Case(_request()),
    "plan_request": Case(_request("/plan")),
    "apply_request": Case(_request("/apply"), lambda mine: {"plan_id": mine.plan}),
    "cancel_request": Case(_request("/cancel")),
    "retry_request": Case(_request("/retry")),
    "retry_result": Case(_request(f"/results/{DESK}/retry")),
    "retry_action": Case(lambda mine: f"/api/requests/{mine.request}/actions/{mine.action}/retry"),
    "list_calls": Case(lambda mine: f"/api/requests/{mine.request}/actions/{mine.action}/calls"),
    "reveal_first_password": Case(
        lambda mine: f"/api/requests/{mine.request}/actions/{mine.action}/first-password"
    ),
    "resend_invitation": Case(lambda mine: f"/api/requests/{mine.request}/actions/{mine.action}/resend"),
    "look_now": Case(lambda mine: f"/api/requests/{mine.request}/actions/{mine.action}/look"),
    "say_task_done": Case(lambda mine: f"/api/requests/{mine.request}/actions/{mine.action}/done"),
    "assign_task": Case(
        lambda mine: f"/api/requests/{mine.request}/actions/{mine.action}/assign",
        lambda _: {"assignee": "me"},
    ),
    "list_api_keys": Case(lambda _: "/api/api-keys", status=200),
    "create_api_key": Case(
        lambda _: "/api/api-keys", lambda _: {"name": "Theirs", "scopes": ["requests:read"]}, status=201
    ),
    "revoke_api_key": Case(lambda mine: f"/api/api-keys/{mine.api_key}"),
    "list_operators": Case(lambda mine: f"/api/operators?q={mine.operator_email}", status=200),
    "add_operator": Case(
        lambda _: "/api/operators", lambda _: {"email": "their@globex.example", "role": "admin"}, status=201
    ),
    "change_operator": Case(lambda mine: f"/api/operators/{mine.operator}", lambda _: {"role": "auditor"}),
    "remove_operator": Case(lambda mine: f"/api/operators/{mine.operator}"),
    "get_group_roles": Case(lambda _: "/api/operators/group-roles", status=200),
    "set_group_roles": Case(lambda _: "/api/operators/group-roles", lambda _: {"items": []}, status=200),
    "list_webhooks": Case(lambda _: "/api/webhooks", status=200),
    "receive_delivery": Case(lambda mine: f"/api/webhooks/github/{mine.request}", status=401),
    "stream_events": Case(_request("/events")),
    "list_employees": Case(lambda mine: f"/api/employees?q={mine.email}", status=200),
    "save_employee": Case(
        lambda _: "/api/employees",
        lambda mine: {"full_name": "Somebody Else", "work_email": mine.email, "tags": ["new-hire"]},
        status=200,
    ),
    "get_employee_by_email": Case(lambda mine: f"/api/employees/by-email?work_email={mine.email}"),
    "get_employee": Case(lambda mine: f"/api/employees/{mine.employee}"),
    "get_overview": Case(lambda _: "/api/overview", status=200),
    "list_audit": Case(lambda _: "/api/audit", status=200),
    "probe_receiver": Case(lambda _: "/api/ms365/webhook", status=200),
    "receive_notifications": Case(
        lambda _: "/api/ms365/webhook",
        lambda mine: {
            "value": [
                {
                    "subscriptionId": f"remote-{mine.subscription}",
                    "clientState": "guessed",
                    "changeType": "updated",
                    "resource": "users/ada/messages/1",
                }
            ]
        },
        status=202,
    ),
    "create_subscription": Case(
        lambda _: "/api/ms365/subscriptions",
        lambda _: {"resource": "users/ada@acme.example/messages"},
        status=202,
    ),
    "create_subscriptions": Case(
        lambda _: "/api/ms365/subscriptions/bulk",
        lambda _: {"items": [{"resource": "users/ada@acme.example/events"}]},
        status=202,
    ),
    "list_subscriptions": Case(lambda _: "/api/ms365/subscriptions?deleted=true", status=200),
    "renew_subscriptions": Case(
        lambda _: "/api/ms365/subscriptions/renew", lambda mine: {"ids": [mine.subscription]}
    ),
    "get_subscription": Case(_watched()),
    "delete_subscription": Case(_watched()),
    "renew_subscription": Case(_watched("/renew")),
    "reauthorize_subscription": Case(_watched("/reauthorize")),
    "resync_subscription": Case(_watched("/resync")),
    # A feed has no end; whose events are in it is looked at in test_notification_feed.
    "stream_notifications": Case(lambda _: "/api/ms365/events?after=x", status=422),
    "list_notifications": Case(
        lambda mine: f"/api/ms365/notifications?subscription_id={mine.subscription}", status=200
    ),
    "replay_notifications": Case(
        lambda _: "/api/ms365/notifications/replay",
        lambda mine: {"subscription_id": mine.subscription},
        status=202,
    ),
    "get_notification": Case(lambda mine: f"/api/ms365/notifications/{mine.notification}"),
    "replay_notification": Case(lambda mine: f"/api/ms365/notifications/{mine.notification}/replay"),
    "list_messages": Case(lambda _: "/api/ms365/messages", status=200),
    "get_message": Case(lambda mine: f"/api/ms365/messages/{mine.message}"),
    "list_gaps": Case(lambda _: "/api/ms365/gaps", status=200),
    "get_notification_health": Case(lambda _: "/api/ms365/health", status=200),
    "renew_due_subscriptions": Case(lambda _: "/api/internal/renew-subscription", status=401),
    "sweep": Case(lambda _: "/api/internal/sweep", status=401),
    "follow_connections": Case(lambda _: "/api/internal/follow-connections", status=401),
    "test_connections": Case(lambda _: "/api/internal/test-connections", status=401),
    "fire_schedules": Case(lambda _: "/api/internal/fire-schedules", status=401),
}


def test_every_route_has_a_case_and_every_case_a_route() -> None:
    assert set(CASES) == set(ROUTES)
    described = {
        operation["operationId"]
        for path in create_app().openapi()["paths"].values()
        for operation in path.values()
    }
    assert described == set(ROUTES), "a route outside of the routers would escape these tests"


@pytest.fixture(scope="module")
def first_tenant() -> UUID:
    return uuid7()


@pytest.fixture
async def mine(api: Api, first_tenant: UUID, module_database: Database) -> Mine:
    return await make_everything(api, first_tenant, module_database)


@pytest.fixture(scope="module")
def everything(module_database: Database, first_tenant: UUID) -> Callable[[], str]:
    """All rows of the first tenant in the schema api, as one text."""
    tables = module_database.psql(
        "SELECT table_name FROM information_schema.columns WHERE table_schema = 'api'"
        " AND column_name = 'tenant_id' ORDER BY 1"
    ).splitlines()
    assert {"requests", "employees", "events", "audit_entries", "jobs"} <= set(tables)
    rows = " UNION ALL ".join(
        f"SELECT '{table}', t::text FROM api.{table} t WHERE tenant_id = '{first_tenant}'" for table in tables
    )
    return lambda: module_database.psql(f"{rows} ORDER BY 1, 2")


@pytest.mark.parametrize("name", sorted(CASES))
async def test_another_tenant_gets_nothing_and_changes_nothing(
    api: Api, first_tenant: UUID, mine: Mine, everything: Callable[[], str], name: str
) -> None:
    case, route = CASES[name], ROUTES[name]
    before = everything()
    stranger = api.client(uuid7(), tslug="globex")
    async with api.worker.working():
        answer = await stranger.request(
            route.method,
            case.path(mine),
            json=case.body(mine) if route.method in {"POST", "PUT", "PATCH"} else None,
            # Whatever a header or a query says, the tenant is the token's.
            headers={"X-Tenant-Id": str(first_tenant), "X-Forwarded-User": "admin@acme.example"},
        )
    assert answer.status_code == case.status, answer.text
    assert everything() == before
    secrets = {
        mine.request,
        mine.plan,
        mine.action,
        mine.employee,
        mine.template,
        mine.schedule,
        mine.connection,
        mine.api_key,
        mine.operator,
        mine.subscription,
        mine.notification,
        mine.message,
        str(first_tenant),
    }
    if name not in {"create_request", "create_schedule", "save_employee"}:
        secrets.add(mine.email)
    assert not [secret for secret in secrets if secret in answer.text]
    assert api.auth.states.get(mine.action) != "revealed"


async def test_the_same_case_works_for_the_tenant_itself(api: Api, first_tenant: UUID, mine: Mine) -> None:
    """Otherwise the refusals above would prove nothing."""
    client = api.client(first_tenant)
    for name in (
        "get_request",
        "list_calls",
        "get_employee",
        "get_employee_by_email",
        "get_role_template",
        "list_role_template_versions",
        "get_schedule",
        "list_runs",
        "get_tag_rule",
        "get_connection",
        "get_subscription",
        "get_notification",
        "get_message",
        "list_gaps",
    ):
        answer = await client.get(CASES[name].path(mine))
        assert answer.status_code == 200, name
    assert mine.request in (await client.get(CASES["list_requests"].path(mine))).text
    assert mine.request in (await client.get("/api/audit")).text
    assert mine.operator in (await client.get(CASES["list_operators"].path(mine))).text
    assert mine.api_key in (await client.get(CASES["list_api_keys"].path(mine))).text
    revoked = await client.delete(CASES["revoke_api_key"].path(mine))
    assert revoked.json()["state"] == "revoked"
    for name, told in (
        ("list_subscriptions", mine.subscription),
        ("list_notifications", mine.notification),
        ("list_messages", mine.message),
    ):
        assert told in (await client.get(CASES[name].path(mine))).text
    for name in ("list_schedules", "list_calendar"):
        assert mine.schedule in (await client.get(CASES[name].path(mine))).text
    revealed = await client.post(CASES["reveal_first_password"].path(mine))
    assert revealed.json() == {"password": "correct horse battery staple"}
    async with api.worker.working():
        assert (await client.post(CASES["plan_request"].path(mine))).status_code == 200


async def test_a_person_of_the_same_address_is_another_person_elsewhere(api: Api, mine: Mine) -> None:
    stranger = api.client(uuid7())
    made = (await stranger.post("/api/requests", json=_same_person(mine))).json()
    assert made["employee"]["id"] != mine.employee
    assert made["employee"]["existing"] is False

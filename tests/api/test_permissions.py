"""Who may do what: each role against each route."""

from __future__ import annotations

from typing import Any
from uuid import UUID, uuid4

import pytest

from services.shared.web.principal import Permission, Role
from tests.fixtures.api import Api
from tests.fixtures.principals import SCHEDULER_TOKEN, SERVICE_TOKEN, WORKER_TOKEN
from tests.fixtures.routes import ROUTES, Route

OPEN_TO_EVERYBODY_SIGNED_IN = {"get_me"}
FOR_SERVICES = {
    "sweep",
    "fire_schedules",
    "follow_connections",
    "test_connections",
    "renew_due_subscriptions",
}
FOR_VENDORS = {"receive_delivery", "receive_notifications", "probe_receiver"}
"""A vendor's signature, or what only the vendor was told, is what lets in."""
P = Permission
MAY: dict[Role, set[Permission]] = {
    Role.PLATFORM_ADMIN: set(P),
    Role.ADMIN: set(P),
    Role.HELPDESK: {
        P.REQUESTS_READ,
        P.REQUESTS_WRITE,
        P.EMPLOYEES_READ,
        P.APPS_READ,
        P.PASSWORDS_REVEAL,
        P.ROLE_TEMPLATES_READ,
        P.SCHEDULE_READ,
        P.SCHEDULE_WRITE,
        P.EMPLOYEES_WRITE,
        P.OPERATORS_READ,
        P.NOTIFICATIONS_READ,
    },
    Role.AUDITOR: {
        P.REQUESTS_READ,
        P.EMPLOYEES_READ,
        P.APPS_READ,
        P.AUDIT_READ,
        P.ROLE_TEMPLATES_READ,
        P.SCHEDULE_READ,
        P.NOTIFICATIONS_READ,
    },
}
ASKS_IN_A_BODY = {"suggest_role_templates", "preview_schedule", "preview_tag_rule"}
"""Changes nothing: the question does not fit an address, or is about a person and does not belong in one."""


ENDLESS = {"stream_notifications": "?after=x"}
"""A stream that is there for every tenant does not end by itself: whoever is let in is refused for the cursor."""
WITHOUT_SIGNING_IN = {"receive_notifications": 422, "probe_receiver": 200}
"""Nobody signs in: what is no notification is refused by its form, and an address that is reached says so."""


def test_every_route_asks_for_a_permission() -> None:
    without = {name for name, route in ROUTES.items() if route.permission is None}
    assert without == OPEN_TO_EVERYBODY_SIGNED_IN | FOR_SERVICES | FOR_VENDORS


def test_what_changes_something_asks_for_more_than_reading() -> None:
    reads = {permission for permission in P if permission.endswith(":read")}
    for route in ROUTES.values():
        if route.method != "GET" and route.name not in FOR_SERVICES | FOR_VENDORS | ASKS_IN_A_BODY:
            assert route.permission not in reads, route.name


def _address(route: Route) -> str:
    values = {"app": "desk", "name": "nothing"}
    path = route.path
    for part in route.path.split("/"):
        if part.startswith("{"):
            path = path.replace(part, values.get(part.strip("{}"), str(uuid4())))
    return path + ENDLESS.get(route.name, "")


@pytest.mark.parametrize("role", list(Role))
async def test_a_role_may_what_its_permissions_say(api: Api, tenant: UUID, role: Role) -> None:
    client = api.client(tenant, role=role)
    me = (await client.get("/api/me")).json()
    assert set(me["permissions"]) == MAY[role]
    for route in ROUTES.values():
        if route.name in FOR_SERVICES | FOR_VENDORS:
            continue
        answer = await client.request(route.method, _address(route), json={})
        granted = route.permission is None or route.permission in MAY[role]
        assert (answer.status_code != 403) is granted, (role, route.name, answer.text)
        assert answer.status_code < 500
        if not granted:
            assert answer.json()["code"] == "forbidden"


@pytest.mark.parametrize("name", sorted(ROUTES))
async def test_nobody_gets_in_without_a_token(api: Api, name: str) -> None:
    route = ROUTES[name]
    answer = await api.nobody().request(route.method, _address(route), json={})
    assert answer.status_code == WITHOUT_SIGNING_IN.get(name, 401), name
    if name not in WITHOUT_SIGNING_IN:
        assert answer.json()["code"] == "unauthenticated"


@pytest.mark.parametrize(
    ("token", "status"),
    [
        (SCHEDULER_TOKEN, 200),
        (WORKER_TOKEN, 403),
        (SERVICE_TOKEN, 401),
        ("", 401),
        ("k1.", 401),
        (SCHEDULER_TOKEN + "x", 401),
    ],
)
@pytest.mark.parametrize("path", ["sweep", "fire-schedules", "follow-connections", "test-connections"])
async def test_only_the_scheduler_ticks(api: Api, token: str, status: int, path: str) -> None:
    answer = await api.nobody().post(f"/api/internal/{path}", headers={"X-Service-Token": token})
    assert answer.status_code == status, answer.text


async def test_an_operators_token_is_no_service_token(api: Api, tenant: UUID) -> None:
    assert (await api.client(tenant).post("/api/internal/sweep")).status_code == 401


async def test_a_service_token_is_no_operators_token(api: Api) -> None:
    headers: dict[str, Any] = {
        "X-Service-Token": SCHEDULER_TOKEN,
        "Authorization": f"Bearer {SCHEDULER_TOKEN}",
    }
    assert (await api.nobody().get("/api/requests", headers=headers)).status_code == 401

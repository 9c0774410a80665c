"""Every route has somebody at its door, and the api stays light."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from fastapi.dependencies.models import Dependant
from fastapi.routing import APIRoute, APIRouter

from services.api.app import ROUTERS
from services.api.dependencies import get_caller
from services.api.internal.access import scheduler_only
from services.api.webhooks.receiving import authentic_delivery
from services.auth.service_caller.allowed import Allowed, allowed_callers
from services.auth.settings import BrokerSettings
from services.shared.web.service_tokens import Doorman

ROOT = Path(__file__).parents[2]
VENDOR_SDKS = (
    "msgraph",
    "kiota_abstractions",
    "azure",
    "googleapiclient",
    "google_auth_httplib2",
    "httplib2",
)
OPEN_IN_AUTH = {"/auth/jwks.json"}
"""Public keys: for whoever verifies."""
OPEN_IN_API = {"/api/ms365/webhook"}
"""Nobody signs in at Microsoft's receiver: each item proves itself by its client state (test_notifications_in)."""


def callables(dependant: Dependant) -> Iterator[Callable[..., Any]]:
    """Everything that FastAPI calls before the route's own function."""
    for dependency in dependant.dependencies:
        if dependency.call is not None:
            yield dependency.call
        yield from callables(dependency)


def api_routes(routers: tuple[APIRouter, ...]) -> list[APIRoute]:
    found = []
    for router in routers:
        for route in router.routes:
            assert isinstance(route, APIRoute), f"{route} is of a kind that this test cannot read"
            found.append(route)
    return found


API = api_routes(ROUTERS)


@pytest.mark.parametrize(
    "route",
    [route for route in API if route.path not in OPEN_IN_API],
    ids=lambda route: f"{min(route.methods)} {route.path}",
)
def test_every_route_of_the_api_asks_who_is_calling(route: APIRoute) -> None:
    asks: Callable[..., Any] = get_caller
    if route.path.startswith("/api/internal/"):
        asks = scheduler_only
    elif route.path.startswith("/api/webhooks/{vendor}"):
        asks = authentic_delivery
    assert asks in set(callables(route.dependant))


def test_the_api_has_routes_and_all_of_them_are_below_api() -> None:
    assert len(API) > 15
    assert [route.path for route in API if not route.path.startswith("/api/")] == []


def auth_routers() -> tuple[tuple[APIRouter, ...], Allowed]:
    """The auth service's routers over nothing: only their dependencies are looked at."""
    from datetime import timedelta

    from services.auth.api_key import endpoints as api_keys
    from services.auth.connect import endpoints as connects
    from services.auth.connection import endpoints as connections
    from services.auth.first_password import endpoints as first_passwords
    from services.auth.maintenance import endpoints as maintenance
    from services.auth.notification import endpoints as notifications
    from services.auth.oauth import endpoints as oauth
    from services.auth.operator import endpoints as operators
    from services.auth.session import endpoints as session
    from services.auth.session.service import Lifetimes
    from services.auth.sign_in import endpoints as sign_in
    from services.auth.signing_key import endpoints as keys
    from services.auth.token import endpoints as tokens
    from services.auth.webhook import endpoints as webhooks

    nothing: Any = None
    allowed = allowed_callers(Doorman({}))
    settings = BrokerSettings()
    hours = timedelta(hours=settings.first_password_hours)
    lifetimes = Lifetimes(hours, hours)
    return (
        keys.router(nothing),
        sign_in.router(allowed, nothing, nothing, lifetimes),
        session.router(allowed, nothing, nothing, nothing, lifetimes),
        tokens.router(allowed, nothing, nothing),
        connections.router(allowed, nothing),
        connects.router(allowed, nothing, nothing, nothing),
        oauth.router(allowed, nothing),
        operators.router(allowed, nothing),
        api_keys.router(allowed, nothing),
        webhooks.router(allowed, nothing, nothing),
        notifications.router(allowed, nothing, nothing, nothing),
        first_passwords.router(allowed, nothing, nothing, hours),
        maintenance.router(allowed, nothing, nothing, nothing),
    ), allowed


def test_every_route_of_auth_asks_for_a_service_token_but_the_public_keys() -> None:
    routers, allowed = auth_routers()
    guards = {getattr(allowed, name) for name in Allowed.__dataclass_fields__}
    unguarded = {route.path for route in api_routes(routers) if not guards & set(callables(route.dependant))}
    assert unguarded == OPEN_IN_AUTH


def test_no_router_of_auth_is_missing_here() -> None:
    named = {path.parent.name for path in (ROOT / "services/auth").glob("*/endpoints.py")}
    assert named == {
        "api_key", "connect", "connection", "first_password", "maintenance", "notification", "oauth", "operator", "session", "sign_in",
        "signing_key", "token",
        "webhook",
    }  # fmt: skip


@pytest.mark.parametrize(
    "module", ["services.api.app", "services.shared.sdk.registry", "bff.app", "services.scheduler.app"]
)
def test_importing_this_loads_no_vendors_sdk(module: str) -> None:
    program = f"import {module}, json, sys; print(json.dumps(sorted(sys.modules)))"
    said = subprocess.run(
        [sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=True
    ).stdout
    loaded = set(json.loads(said))
    assert not [name for name in loaded if name.split(".")[0] in VENDOR_SDKS or name.startswith("google.")]
    if module != "services.shared.sdk.registry":
        assert not [name for name in loaded if name.startswith("services.shared.providers.")]

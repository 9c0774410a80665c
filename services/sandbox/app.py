"""One process, four doors: /google, /microsoft, /oidc and /control."""

from __future__ import annotations

import json
from typing import Any

from starlette.types import ASGIApp, Receive, Scope, Send

from services.sandbox.behaviour import Behaviour
from services.sandbox.control.app import make_control
from services.sandbox.control.models import AccountCreate
from services.sandbox.control.sandbox import Sandbox
from services.sandbox.google.inspect import GoogleInspector
from services.sandbox.google.seed import make_customers
from services.sandbox.google.tokens import make_service_account, read_service_account
from services.sandbox.google.twin import GoogleTwin
from services.sandbox.microsoft.inspect import MicrosoftInspector
from services.sandbox.microsoft.seed import make_apps
from services.sandbox.microsoft.twin import MicrosoftTwin
from services.sandbox.oidc.provider import make_provider
from services.sandbox.settings import SandboxSettings


class SandboxApp:
    """The first path segment decides. The twins are called bare: they are measured in benchmarks."""

    def __init__(self, sandbox: Sandbox, provider: ASGIApp, control: ASGIApp) -> None:
        self.sandbox = sandbox
        self._provider = provider
        self._control = control
        self._twins = {twin.prefix: twin for twin in (sandbox.google.twin, sandbox.microsoft.twin)}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._control(scope, receive, send)
            return
        path: str = scope["path"]
        first = "/" + path[1:].partition("/")[0]
        twin = self._twins.get(first)
        if twin is not None:
            await twin(scope, receive, send)
        elif first == "/oidc":
            await self._provider({**scope, "root_path": "/oidc"}, receive, send)
        else:
            await self._control(scope, receive, send)


def create_app(settings: SandboxSettings | None = None) -> SandboxApp:
    """Build everything in memory; raise ValueError or OSError for a key or seed file that cannot be used."""
    settings = settings or SandboxSettings()
    sandbox = Sandbox(
        settings=settings,
        google=GoogleInspector(_google(settings)),
        microsoft=MicrosoftInspector(_microsoft(settings)),
        extra=_extra(settings),
    )
    sandbox.apply_extra()
    return SandboxApp(sandbox, make_provider(settings), make_control(sandbox))


def _behaviour(settings: SandboxSettings, **vendor: Any) -> Behaviour:
    return Behaviour(settle_seconds=settings.settle_seconds, latency_ms=settings.latency_ms, **vendor)


def _google(settings: SandboxSettings) -> GoogleTwin:
    customers = make_customers()
    everywhere = frozenset(customer.id for customer in customers)
    if settings.google_service_account_file is not None:
        accounts = [read_service_account(settings.google_service_account_file.read_text(), everywhere)]
    else:
        accounts = [make_service_account("oneclick-sandbox", everywhere)]
    return GoogleTwin(_behaviour(settings), accounts, settings.public_url)


def _microsoft(settings: SandboxSettings) -> MicrosoftTwin:
    return MicrosoftTwin(_behaviour(settings, settle_reads=True), make_apps(settings.ms_client_secret))


def _extra(settings: SandboxSettings) -> dict[str, list[AccountCreate]]:
    if settings.seed is None:
        return {}
    data = json.loads(settings.seed.read_text())
    if not isinstance(data, dict):
        raise ValueError("the seed file is no object of vendors")  # noqa: TRY004 - a wrong value, like the others
    unknown = set(data) - {"google", "microsoft"}
    if unknown:
        raise ValueError(f"the seed file names unknown vendors: {', '.join(sorted(unknown))}")
    return {vendor: [AccountCreate.model_validate(item) for item in items] for vendor, items in data.items()}

"""One process: a door for each vendor, /oidc and /control."""

from __future__ import annotations

import json
from importlib import import_module
from importlib.util import find_spec

from starlette.types import ASGIApp, Receive, Scope, Send

from services.sandbox.control.app import make_control
from services.sandbox.control.models import AccountCreate
from services.sandbox.control.sandbox import Inspector, Sandbox
from services.sandbox.oidc.provider import make_provider
from services.sandbox.settings import SandboxSettings

VENDORS = (
    "google",
    "microsoft",
    "slack",
    "atlassian",
    "github",
    "clickup",
    "zoom",
    "hubspot",
    "scim",
)
"""Each is a folder beside this file whose `inspect.py` holds `make_inspector(settings) -> Inspector`."""


class SandboxApp:
    """The first path segment decides. The twins are called bare: they are measured in benchmarks."""

    def __init__(self, sandbox: Sandbox, provider: ASGIApp, control: ASGIApp) -> None:
        self.sandbox = sandbox
        self._provider = provider
        self._control = control
        twins = [inspector.twin for inspector in sandbox.vendors.values()]
        self._twins = {twin.prefix: twin for twin in twins}

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
    sandbox = Sandbox(settings=settings, vendors=_inspectors(settings), extra=_extra(settings))
    sandbox.apply_extra()
    return SandboxApp(sandbox, make_provider(settings), make_control(sandbox))


def _inspectors(settings: SandboxSettings) -> dict[str, Inspector]:
    found = {}
    for name in VENDORS:
        module = f"services.sandbox.{name}.inspect"
        if find_spec(f"services.sandbox.{name}") and find_spec(module):
            found[name] = import_module(module).make_inspector(settings)
    return found


def _extra(settings: SandboxSettings) -> dict[str, list[AccountCreate]]:
    if settings.seed is None:
        return {}
    data = json.loads(settings.seed.read_text())
    if not isinstance(data, dict):
        raise ValueError("the seed file is no object of vendors")  # noqa: TRY004 - a wrong value, like the others
    unknown = set(data) - set(VENDORS)
    if unknown:
        raise ValueError(f"the seed file names unknown vendors: {', '.join(sorted(unknown))}")
    return {vendor: [AccountCreate.model_validate(item) for item in items] for vendor, items in data.items()}

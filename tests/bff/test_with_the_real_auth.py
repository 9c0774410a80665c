"""Sign-in to sign-out with the real auth service and an identity provider (promise 18)."""

from __future__ import annotations

import asyncio
import base64
import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlencode

import httpx
import pytest
from pydantic import SecretStr

from bff.server import BffServer
from bff.settings import BffSettings
from deploy.local.ports import any_free
from deploy.local.publicclient import ApiRefused, PublicClient
from services.shared.kit.settings import Environment
from services.shared.web.principal import Principal, Role, TokenVerifier
from tests.auth.clicking import Person
from tests.bff.world import SERVICE_TOKEN, FakeApi, build_webapp
from tests.fixtures.postgres import Database
from tests.fixtures.sandbox import Sandbox
from tests.fixtures.served import Served, serve

ROOT = Path(__file__).parents[2]
CHECK = 1.0
SOON = 30.0
"""Seconds that a cut may take to be seen on a busy machine. A stream that nobody cuts goes on for ever."""
BOOTSTRAP = """
tenants:
  - slug: acme
    name: Acme
    operators:
      - {email: admin@acme.example, name: Ada Admin, role: admin}
  - slug: globex
    name: Globex
    operators:
      - {email: admin@acme.example, name: Ada Admin, role: auditor}
"""


@dataclass
class Real:
    """What runs, and the way for a person in."""

    bff: Served
    api: FakeApi
    auth_url: str
    database: Database

    @property
    def url(self) -> str:
        return f"http://localhost:{self.bff.port}"

    def verify(self, authorization: str) -> Principal:
        """As the api does it."""

        async def check() -> Principal:
            async with httpx.AsyncClient(trust_env=False) as client:
                return await TokenVerifier(client, self.auth_url).verify(
                    authorization.removeprefix("Bearer ")
                )

        return asyncio.run(check())


@pytest.fixture(scope="module")
def real(
    module_database: Database, sandbox_server: Sandbox, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Real]:
    folder = tmp_path_factory.mktemp("real")
    (folder / "tenants.yaml").write_text(BOOTSTRAP)
    bff_port, auth_port = any_free(), any_free()
    ring = {"primary": "k1", "keys": {"k1": base64.b64encode(b"k" * 32).decode()}}
    auth = subprocess.Popen(
        [sys.executable, "-m", "services.auth"],
        env={
            "PATH": os.environ["PATH"],
            "PORT": str(auth_port),
            "ENVIRONMENT": "test",
            "DATABASE_URL": module_database.url("oneclick_auth"),
            "VAULT_KEYS": json.dumps(ring),
            "SERVICE_TOKENS": json.dumps({"bff": [SERVICE_TOKEN]}),
            "OIDC_ISSUER": sandbox_server.oidc_issuer,
            "OIDC_CLIENT_ID": "oneclick",
            "OIDC_CLIENT_SECRET": "sandbox-oidc-secret",
            "OIDC_REDIRECT_URI": f"http://localhost:{bff_port}/bff/callback",
            "BOOTSTRAP_FILE": str(folder / "tenants.yaml"),
            **_vendors(sandbox_server, f"http://localhost:{bff_port}"),
        },
        cwd=ROOT,
    )
    api = FakeApi()
    api_served = serve(api.app())
    auth_url = f"http://127.0.0.1:{auth_port}"
    bff = Served(
        BffServer(
            BffSettings(
                environment=Environment.TEST,
                service_token=SecretStr(SERVICE_TOKEN),
                auth_url=auth_url,
                api_url=api_served.url,
                public_url=f"http://localhost:{bff_port}",
                webui_dir=build_webapp(folder / "dist"),
                port=bff_port,
                session_cache_seconds=0.5,
                stream_check_seconds=CHECK,
            )
        )
    )
    try:
        _until_ready(f"{auth_url}/ready")
        yield Real(bff, api, auth_url, module_database)
    finally:
        bff.stop()
        api_served.stop()
        auth.kill()
        auth.wait()


def _vendors(sandbox: Sandbox, base: str) -> dict[str, str]:
    """This installation's registrations at the sandbox's vendors, and no tenant's credentials."""
    told = {
        name: value
        for about in sandbox.info().values()
        if isinstance(about, dict)
        for name, value in about.get("environment", {}).get("auth", {}).items()
        if "_OAUTH_" in name or name.endswith(("_URL", "_ISSUER"))
    }
    none_of = {"ATLASSIAN_SITE_URL", "SCIM_BASE_URL", "SCIM_TOKEN_URL"}
    return {name: value for name, value in told.items() if name not in none_of} | {
        "OAUTH_REDIRECT_BASE": base,
        "MS_LOGIN_URL": sandbox.microsoft_url,
        "MS_GRAPH_URL": sandbox.microsoft_url,
        "GOOGLE_TOKEN_URL": sandbox.google_token_url,
        "GOOGLE_API_URL": sandbox.google_url,
    }


def _until_ready(url: str) -> None:
    deadline = time.monotonic() + 90
    while True:
        try:
            if httpx.get(url, trust_env=False, timeout=5).status_code == 200:
                return
        except httpx.TransportError:
            pass
        assert time.monotonic() < deadline
        time.sleep(0.1)


def test_a_person_signs_in_acts_changes_tenant_and_signs_out(real: Real) -> None:
    with PublicClient(real.url) as ada:
        session = ada.sign_in("admin@acme.example")
        assert session["operator"]["email"] == "admin@acme.example"
        assert (session["tenant"]["slug"], session["role"]) == ("acme", "admin")
        assert "requests:write" in session["permissions"]
        principal = real.verify(ada.get("/api/me")["headers"]["authorization"])
        assert (principal.role, principal.email) == (Role.ADMIN, "admin@acme.example")
        globex = next(tenant["id"] for tenant in session["tenants"] if tenant["slug"] == "globex")
        there = ada.post("/bff/tenant", {"tenant_id": globex})
        assert (there["tenant"]["slug"], there["role"]) == ("globex", "auditor")
        principal = real.verify(ada.get("/api/me")["headers"]["authorization"])
        assert (str(principal.tenant_id), principal.role) == (globex, Role.AUDITOR)
        with pytest.raises(ApiRefused) as refused:
            ada.post("/bff/tenant", {"tenant_id": "00000000-0000-0000-0000-000000000077"})
        assert (refused.value.status, refused.value.problem["code"]) == (403, "not_your_tenant")
        assert ada.post("/bff/sign-out", {})["redirect"]
        with pytest.raises(ApiRefused) as refused:
            ada.get("/api/me")
        assert refused.value.status == 401


def test_a_session_that_ends_elsewhere_loses_its_open_stream(real: Real) -> None:
    with PublicClient(real.url) as ada:
        ada.sign_in("admin@acme.example")
        events = ada.events("/api/requests/1/events")
        next(events)
        ended = time.monotonic()
        real.database.psql("UPDATE auth.sessions SET ended_at = now() WHERE ended_at IS NULL")
        for _ in events:
            assert time.monotonic() - ended < SOON
        with pytest.raises(ApiRefused) as refused:
            ada.get("/api/me")
        assert refused.value.status == 401


def test_a_role_that_is_taken_away_ends_the_stream_too(real: Real) -> None:
    with PublicClient(real.url) as ada:
        ada.sign_in("admin@acme.example")
        events = ada.events("/api/requests/1/events")
        next(events)
        ended = time.monotonic()
        real.database.psql("UPDATE auth.memberships SET role = 'helpdesk' WHERE role = 'admin'")
        try:
            for _ in events:
                assert time.monotonic() - ended < SOON
        finally:
            real.database.psql("UPDATE auth.memberships SET role = 'admin' WHERE role = 'helpdesk'")


def test_an_open_page_alone_does_not_keep_a_session_from_idling_out(real: Real) -> None:
    real.database.psql("UPDATE auth.sessions SET ended_at = now() WHERE ended_at IS NULL")
    with PublicClient(real.url) as ada:
        ada.sign_in("admin@acme.example")
        real.database.psql(
            "UPDATE auth.sessions SET last_seen_at = now() - interval '10 minutes' WHERE ended_at IS NULL"
        )
        events = ada.events("/api/requests/1/events")
        began = time.monotonic()
        for _ in events:
            if time.monotonic() - began > CHECK * 2.5:
                break
        events.close()  # type: ignore[attr-defined]  # a generator
        still = "SELECT count(*) FROM auth.sessions WHERE ended_at IS NULL AND last_seen_at < now() - interval '9 minutes'"
        assert real.database.psql(still) == "1"
        ada.get("/api/me")
        assert real.database.psql(still) == "0"


def test_a_person_whom_nobody_knows_is_told_so_on_a_page(real: Real) -> None:
    with PublicClient(real.url) as nobody:
        with pytest.raises(ApiRefused):
            nobody.sign_in("helpdesk@acme.example")
        page = httpx.get(f"{real.url}/sign-in?error=no_role", trust_env=False)
        assert page.status_code == 200


@pytest.mark.parametrize("vendor", ["google", "ms365", "hubspot"])
def test_a_person_connects_an_account_by_the_addresses_that_a_browser_visits(real: Real, vendor: str) -> None:
    with PublicClient(real.url) as ada:
        ada.sign_in("admin@acme.example")
        begun = ada.visit(f"/auth/oauth/{vendor}/authorize?return_to=/admin/connections")
        query = Person("admin@acme.example", base=real.url).visit(begun)
        callback = f"/auth/oauth/{vendor}/callback?{urlencode(query)}"
        connected = ada.visit(callback)
        assert connected.startswith("/admin/connections?connected=")
        # "Back" and "reload" show the answer again: it is worth nothing.
        assert ada.visit(callback) == f"/admin/connections?failed=state_invalid&vendor={vendor}"
        connection_id = connected.partition("=")[2]
        state = real.database.psql(f"SELECT status FROM auth.connections WHERE id = '{connection_id}'")
        assert state == "active"


def test_another_persons_answer_connects_nothing(real: Real) -> None:
    with PublicClient(real.url) as ada, PublicClient(real.url) as other:
        ada.sign_in("admin@acme.example")
        other.sign_in("admin@acme.example")
        query = Person("admin@acme.example", base=real.url).visit(ada.visit("/auth/oauth/slack/authorize"))
        stolen = other.visit(f"/auth/oauth/slack/callback?{urlencode(query)}")
        assert stolen == "/admin/connections?failed=state_invalid&vendor=slack"

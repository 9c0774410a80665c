"""Promise 18 with the real auth service, api and bff, as they are in production: whoever loses a right loses their open
streams too, within ten seconds."""

from __future__ import annotations

import base64
import json
import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from typing import Any

import httpx
import pytest
from pydantic import SecretStr

from bff.server import BffServer
from bff.session import keeper
from bff.settings import BffSettings
from deploy.local.ports import any_free
from deploy.local.publicclient import ApiRefused, PublicClient
from services.api import auth_client, streaming
from services.api.settings import ApiSettings
from services.shared.kit.settings import Environment
from tests.bff.world import build_webapp
from tests.fixtures.postgres import ROOT, Database
from tests.fixtures.sandbox import Sandbox
from tests.fixtures.served import Served

BFF, API, SCHEDULER = (f"k1.{name}-service-token-0123456789" for name in ("bff", "api", "scheduler"))
BOOTSTRAP = """
tenants:
  - slug: acme
    name: Acme
    operators:
      - {email: admin@acme.example, name: Ada Admin, role: admin}
"""
PATIENCE = 60.0
"""Seconds for what takes ten when the machine is idle."""


def test_the_settings_add_up_to_ten_seconds() -> None:
    """What a stream waits for a look, how old the answer may be, and how long it may take to come."""
    bff, api = BffSettings.model_fields, ApiSettings.model_fields
    look, shared, wait = (
        bff["stream_check_seconds"].default,
        keeper._SHARED_LOOK,
        keeper.PASSIVE_WAIT,
    )  # the figure is what is tested
    assert look + shared + wait <= 10
    assert streaming.KEY_LOOK_SECONDS + api["api_key_cache_seconds"].default + auth_client.TIMEOUT <= 10
    assert bff["session_cache_seconds"].default <= 10


@dataclass
class Real:
    """What runs, and the way in."""

    url: str
    stack: ExitStack = field(default_factory=ExitStack)

    def person(self, email: str) -> PublicClient:
        client = self.stack.enter_context(PublicClient(self.url))
        client.sign_in(email)
        return client


def _start(module: str, port: int, **environment: str) -> subprocess.Popen[bytes]:
    common = {"PATH": os.environ["PATH"], "PORT": str(port), "ENVIRONMENT": "test", "LOG_LEVEL": "WARNING"}
    return subprocess.Popen([sys.executable, "-m", module], env={**common, **environment}, cwd=ROOT)


@pytest.fixture(scope="module")
def real(
    module_database: Database,
    redis_url: str,
    sandbox_server: Sandbox,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Real]:
    folder = tmp_path_factory.mktemp("ends")
    (folder / "tenants.yaml").write_text(BOOTSTRAP)
    bff_port, auth_port, api_port = any_free(), any_free(), any_free()
    ring = {"primary": "k1", "keys": {"k1": base64.b64encode(b"k" * 32).decode()}}
    auth_url, api_url = f"http://127.0.0.1:{auth_port}", f"http://127.0.0.1:{api_port}"
    processes = [
        _start(
            "services.auth",
            auth_port,
            DATABASE_URL=module_database.url("oneclick_auth"),
            VAULT_KEYS=json.dumps(ring),
            SERVICE_TOKENS=json.dumps({"bff": [BFF], "api": [API]}),
            OIDC_ISSUER=sandbox_server.oidc_issuer,
            OIDC_CLIENT_ID="oneclick",
            OIDC_TRUST_EMAIL="true",  # of people whom the imitated provider makes up
            OIDC_CLIENT_SECRET="sandbox-oidc-secret",
            OIDC_REDIRECT_URI=f"http://localhost:{bff_port}/bff/callback",
            BOOTSTRAP_FILE=str(folder / "tenants.yaml"),
        ),
        _start(
            "services.api",
            api_port,
            DATABASE_URL=module_database.url("oneclick_api"),
            REDIS_URL=redis_url,
            AUTH_URL=auth_url,
            SERVICE_TOKEN=API,
            SERVICE_TOKENS=json.dumps({"scheduler": [SCHEDULER]}),
            WAIT_SECONDS="0",
        ),
    ]
    settings = BffSettings(
        environment=Environment.TEST,
        service_token=SecretStr(BFF),
        auth_url=auth_url,
        api_url=api_url,
        public_url=f"http://localhost:{bff_port}",
        webui_dir=build_webapp(folder / "dist"),
        port=bff_port,
    )
    bff = Served(BffServer(settings))
    made = Real(f"http://localhost:{bff_port}")
    try:
        for url in (auth_url, api_url):
            _eventually(lambda url=url: _is_ready(url))  # type: ignore[misc]  # mypy cannot infer a lambda's default
        yield made
    finally:
        bff.stop()
        made.stack.close()
        for process in processes:
            process.kill()
            process.wait()


def _is_ready(url: str) -> bool:
    try:
        return httpx.get(f"{url}/ready", trust_env=False, timeout=5).status_code == 200
    except httpx.TransportError:
        return False


def _eventually(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + PATIENCE
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.1)


class Stream(threading.Thread):
    """A live page, or a program that follows a request, until the server ends it."""

    def __init__(self, name: str, lines: Iterator[Any]) -> None:
        super().__init__(name=name, daemon=True)
        self._lines = lines
        next(lines)
        self.lasted: float | None = None
        self._began = time.monotonic()
        self.start()

    def run(self) -> None:
        for _ in self._lines:
            pass
        self.lasted = time.monotonic() - self._began


def _answered(call: Callable[[], httpx.Response]) -> httpx.Response:
    """The answer, as soon as everybody has time for one: two seconds for a question may be too few here."""
    deadline = time.monotonic() + PATIENCE
    while (reply := call()).status_code == 503 and time.monotonic() < deadline:
        time.sleep(0.5)
    return reply


def _of_a_program(url: str, key: str) -> Iterator[str]:
    headers = {"Authorization": f"Bearer {key}", "Accept": "text/event-stream"}
    with httpx.stream("GET", url, headers=headers, trust_env=False, timeout=40) as reply:
        assert reply.status_code == 200, reply.read()
        yield from reply.iter_lines()


def _refused(client: PublicClient) -> int:
    try:
        client.get("/api/requests")
    except ApiRefused as refused:
        return refused.status
    return 200


def test_a_lost_right_ends_every_open_stream(real: Real) -> None:
    """A changed role, a removal, a disabling, a sign-out and a revoked key; somebody who keeps theirs goes on."""
    ada = real.person("admin@acme.example")
    staff = {
        name: ada.post("/api/operators", {"email": f"{name}@acme.example", "role": "helpdesk"})["id"]
        for name in ("changed", "removed", "disabled", "leaving", "staying")
    }
    people = {name: real.person(f"{name}@acme.example") for name in staff}
    key = ada.post("/api/api-keys", {"name": "HR", "scopes": ["requests:read", "requests:write"]})
    body = {
        "employee": {"full_name": "Rosa Lind", "work_email": "rosa.lind@acme.example"},
        "apps": {"google-workspace": True},
        "dry_run": True,
    }
    program = real.stack.enter_context(
        httpx.Client(base_url=real.url, headers={"X-API-Key": key["key"]}, trust_env=False, timeout=30)
    )
    made = _answered(lambda: program.post("/api/requests", json=body))
    assert made.status_code in {201, 202}, made.text
    path = f"/api/requests/{made.json()['id']}/events"
    streams = {name: Stream(name, person.events(path)) for name, person in people.items()}
    streams["program"] = Stream("program", _of_a_program(real.url + path, key["key"]))
    time.sleep(1.0)

    ada.patch(f"/api/operators/{staff['changed']}", {"role": "auditor"})
    ada.delete(f"/api/operators/{staff['removed']}")
    ada.patch(f"/api/operators/{staff['disabled']}", {"disabled": True})
    people["leaving"].post("/bff/sign-out", {})
    ada.delete(f"/api/api-keys/{key['api_key']['id']}")

    for name, stream in streams.items():
        if name != "staying":
            stream.join(PATIENCE)
            assert stream.lasted is not None, name
    statuses = {name: _refused(person) for name, person in people.items()}
    assert statuses == {"changed": 200, "removed": 401, "disabled": 401, "leaving": 401, "staying": 200}
    with pytest.raises(ApiRefused, match="auditor"):
        people["changed"].post("/api/requests", body)
    assert _answered(lambda: program.get("/api/requests")).status_code == 401
    # Who kept every right keeps the stream, or gets it back if nobody could vouch for them in time just now.
    if streams["staying"].lasted is not None:
        streams["staying"] = Stream("staying", people["staying"].events(path))

    people["staying"].post("/bff/sign-out", {})
    streams["staying"].join(PATIENCE)
    assert streams["staying"].lasted is not None


def test_a_key_works_at_the_public_address_as_the_pages_do(real: Real) -> None:
    ada = real.person("admin@acme.example")
    made = ada.post("/api/api-keys", {"name": "Reader", "scopes": ["schedule:read"]})
    slow = ada.post("/api/api-keys", {"name": "Slow", "scopes": ["schedule:read"], "calls_per_minute": 1})
    with httpx.Client(base_url=real.url, trust_env=False, timeout=30) as program:
        program.headers["Authorization"] = f"Bearer {made['key']}"
        me = _answered(lambda: program.get("/api/me")).json()
        assert (me["api_key"]["name"], me["permissions"]) == ("Reader", ["schedule:read"])
        assert _answered(lambda: program.get("/api/schedule")).status_code == 200
        refused = _answered(lambda: program.post("/api/requests", json={}))
        assert (refused.status_code, refused.json()["code"]) == (403, "forbidden")
        once, limited = (
            program.get("/api/me", headers={"Authorization": f"Bearer {slow['key']}"}) for _ in "12"
        )
        assert once.status_code == 200
        assert limited.status_code == 429
        assert int(limited.headers["Retry-After"]) >= 1
    listed = ada.get("/api/api-keys")["items"]
    assert next(one for one in listed if one["name"] == "Reader")["last_used_at"]
    audited = ada.get("/api/audit", action="api_key.created")["items"]
    assert {"Reader", "Slow"} <= {entry["target"]["label"] for entry in audited}

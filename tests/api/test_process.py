"""The api as a process: what it imports, how it starts, is watched and stops."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from uuid import UUID

import httpx
import pytest
from openapi_spec_validator import validate

from deploy.local.ports import any_free
from services.api.__main__ import main
from services.api.openapi import document
from services.shared.kit.ids import uuid7
from tests.fixtures.api import Api, wish
from tests.fixtures.postgres import ROOT, Database
from tests.fixtures.principals import KEY, SERVICE_TOKEN, bearer, mint

MEASURE = """
import json, re, sys, time
began = time.process_time()
import services.api.__main__
from services.shared.sdk.registry import manifests
from services.api.app import create_app
create_app()
apps = [manifest.key for manifest in manifests()]
# Not ru_maxrss: that one remembers the size of the process that we were forked from.
peak = int(re.search(r"VmHWM:\\s+(\\d+)", open("/proc/self/status").read())[1])
print(json.dumps({
    "cpu": time.process_time() - began,
    "mib": peak / 1024,
    "apps": apps,
    "modules": sorted({name.split(".")[0] for name in sys.modules}),
}))
"""
VENDOR_SDKS = {
    "googleapiclient",
    "google_auth_httplib2",
    "msgraph",
    "kiota_abstractions",
    "azure",
    "slack_sdk",
}
CPU_SECONDS = 6
"""About 1 s on an idle machine."""


def _measure() -> dict[str, Any]:
    done = subprocess.run(
        [sys.executable, "-c", MEASURE], cwd=ROOT, capture_output=True, text=True, check=True
    )
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def test_it_is_light_and_imports_no_vendors_sdk() -> None:
    for _ in range(3):
        measured = _measure()
        if measured["cpu"] < CPU_SECONDS:
            break
    assert not VENDOR_SDKS & set(measured["modules"])
    assert measured["mib"] < 150
    assert measured["cpu"] < CPU_SECONDS


def test_the_document_is_valid_and_the_same_each_time() -> None:
    first = document()
    again = subprocess.run(
        [sys.executable, "-m", "services.api.openapi"], cwd=ROOT, capture_output=True, text=True, check=True
    ).stdout
    assert first == again
    validate(json.loads(first))


def test_what_is_always_there_is_required_in_the_document() -> None:
    schemas: dict[str, Any] = json.loads(document())["components"]["schemas"]
    for name, schema in schemas.items():
        if name.endswith(("Read", "Page", "Summary")):
            assert set(schema["required"]) == set(schema["properties"]), name


async def test_health_readiness_and_metrics(api: Api, tenant: UUID) -> None:
    client = api.nobody()
    assert (await client.get("/health")).json() == {"service": "api", "status": "alive"}
    ready = await client.get("/ready")
    assert (ready.status_code, ready.json()["checks"]) == (200, {"database": "ok", "redis": "ok"})
    await api.client(tenant).post("/api/requests", json=wish())
    metrics = (await client.get("/metrics")).text
    assert 'oneclick_requests_created_total{dry_run="false",kind="onboard"}' in metrics
    assert 'route="/api/requests"' in metrics
    assert "oneclick_api_event_streams" in metrics
    assert str(tenant) not in metrics


class _Keys(BaseHTTPRequestHandler):
    """Publishes the key of the tests, and knows nothing else."""

    def do_GET(self) -> None:
        body = json.dumps({"keys": [KEY.as_dict(private=False)]}).encode()
        self.send_response(200 if self.path == "/auth/jwks.json" else 404)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: Any) -> None:
        """Say nothing."""


@pytest.fixture
def auth_url() -> Iterator[str]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Keys)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_address[1]}"
    server.shutdown()
    server.server_close()
    thread.join()


def _environment(database: Database, redis_url: str, auth_url: str, port: int) -> dict[str, str]:
    return {
        "PATH": os.environ["PATH"],
        "PORT": str(port),
        "ENVIRONMENT": "test",
        "DATABASE_URL": database.url("oneclick_api"),
        "REDIS_URL": redis_url,
        "AUTH_URL": auth_url,
        "SERVICE_TOKEN": SERVICE_TOKEN,
    }


@pytest.fixture
def process(
    module_database: Database, redis_url: str, auth_url: str, tmp_path: Path
) -> Iterator[tuple[subprocess.Popen[bytes], str]]:
    """`python -m services.api` and its address."""
    port = any_free()
    with (tmp_path / "api.log").open("wb") as log:
        made = subprocess.Popen(
            [sys.executable, "-m", "services.api"],
            cwd=ROOT,
            env=_environment(module_database, redis_url, auth_url, port),
            stdout=log,
            stderr=subprocess.STDOUT,
        )
    url = f"http://127.0.0.1:{port}"
    deadline = time.monotonic() + 120
    while time.monotonic() < deadline:
        try:
            if httpx.get(f"{url}/ready", timeout=10).is_success:
                break
        except httpx.HTTPError:
            time.sleep(0.05)
    yield made, url
    if made.poll() is None:
        made.kill()
    made.wait()


@pytest.mark.usefixtures("stub_providers")
def test_it_stops_with_live_pages_open(
    process: tuple[subprocess.Popen[bytes], str], module_database: Database, tmp_path: Path
) -> None:
    made, url = process
    tenant = uuid7()
    request_id = uuid7()
    module_database.psql(f"""
        SET session_replication_role = replica;
        INSERT INTO api.requests (id, tenant_id, employee_id, kind, state, dry_run, person, existing, tags,
          existing_account, presence, actor_kind, actor_id, actor_name, correlation_id)
        VALUES ('{request_id}', '{tenant}', gen_random_uuid(), 'onboard', 'planned', true, '{{}}', false, '[]',
          'ask', 'active', 'operator', '1', 'Ada', 'test')
    """)
    path = f"{url}/api/requests/{request_id}/events"
    with httpx.stream("GET", path, headers=bearer(mint(tenant)), timeout=60) as answer:
        assert answer.status_code == 200, answer.read()
        lines = answer.iter_lines()
        assert "sync" in next(line for line in lines if line.startswith("event"))
        made.send_signal(signal.SIGTERM)
        list(lines)  # the stream ends in order: no half chunk
    made.wait(timeout=60)  # the stream would go on for ten minutes
    log = (tmp_path / "api.log").read_text()
    assert "Traceback" not in log, log
    assert mint(tenant)[:20] not in log


@pytest.mark.parametrize(
    ("missing", "value"),
    [("DATABASE_URL", None), ("REDIS_URL", "nonsense"), ("SERVICE_TOKEN", None), ("PORT", "x")],
)
def test_a_wrong_setting_stops_the_start_and_is_named(
    missing: str, value: str | None, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    good = {
        "DATABASE_URL": "postgresql+asyncpg://x:y@127.0.0.1/z",
        "REDIS_URL": "redis://127.0.0.1",
        "SERVICE_TOKEN": SERVICE_TOKEN,
    }
    for name, held in {**good, missing: value}.items():
        if held is None:
            monkeypatch.delenv(name, raising=False)
        else:
            monkeypatch.setenv(name, held)
    with pytest.raises(SystemExit) as stopped:
        main()
    assert stopped.value.code == 2
    said = capsys.readouterr().err
    assert missing in said
    assert len(said.strip().splitlines()) == 1

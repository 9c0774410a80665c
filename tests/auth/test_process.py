"""The process: it starts, says what is wrong when it cannot, and ends when told."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from tests.auth.conftest import BOOTSTRAP, KEY, TOKENS
from tests.fixtures.postgres import Database

ROOT = Path(__file__).parents[2]
RING = json.dumps({"primary": "k1", "keys": {"k1": KEY}})


@pytest.fixture
def environment(module_database: Database, tmp_path: Path) -> dict[str, str]:
    bootstrap = tmp_path / "tenants.yaml"
    bootstrap.write_text(BOOTSTRAP)
    ring = tmp_path / "ring.json"
    ring.write_text(RING)
    return {
        "PATH": os.environ["PATH"],
        "PORT": "0",
        "ENVIRONMENT": "test",
        "DATABASE_URL": module_database.url("oneclick_auth"),
        "VAULT_KEYS_FILE": str(ring),
        "SERVICE_TOKENS": json.dumps({caller: [token] for caller, token in TOKENS.items()}),
        "OIDC_ISSUER": "http://127.0.0.1:9/oidc",
        "OIDC_CLIENT_ID": "oneclick",
        "OIDC_CLIENT_SECRET": "s",
        "OIDC_REDIRECT_URI": "https://oneclick.test/bff/callback",
        "BOOTSTRAP_FILE": str(bootstrap),
        # Empty is the same as absent: a composition file hands every variable on.
        "CONNECTIONS_TENANT": "",
        "MS_GRAPH_TENANT_ID": "",
        "GOOGLE_SERVICE_ACCOUNT_FILE": "",
    }


def start(environment: dict[str, str]) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", "services.auth"],
        env=environment,
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


@pytest.fixture
def process(environment: dict[str, str]) -> Iterator[tuple[subprocess.Popen[str], str]]:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    with start({**environment, "PORT": str(port)}) as running:
        try:
            yield running, f"http://127.0.0.1:{port}"
        finally:
            running.kill()


def until_ready(url: str) -> httpx.Response:
    deadline = time.monotonic() + 30
    while True:
        try:
            return httpx.get(f"{url}/ready", timeout=5)
        except httpx.ConnectError:
            assert time.monotonic() < deadline
            time.sleep(0.05)


def test_it_starts_is_ready_logs_json_and_ends_on_sigterm(process: tuple[subprocess.Popen[str], str]) -> None:
    running, url = process
    ready = until_ready(url)
    assert ready.status_code == 200
    assert len(httpx.get(f"{url}/auth/jwks.json").json()["keys"]) == 1
    refused = httpx.post(
        f"{url}/auth/internal/tenant-token", json={}, headers=[(b"X-Service-Token", "ü".encode())]
    )
    assert refused.status_code == 401
    assert "server" not in refused.headers
    running.send_signal(signal.SIGTERM)
    said, _ = running.communicate(timeout=60)
    # The server finishes, closes, and then lets the signal do what it does.
    assert running.returncode in {0, -signal.SIGTERM}
    lines = [json.loads(line) for line in said.splitlines()]
    assert {"bootstrap_applied", "signing_key_created", "request"} <= {line["event"] for line in lines}
    assert KEY not in said


@pytest.mark.parametrize(
    ("changes", "named"),
    [
        ({"VAULT_KEYS_FILE": ""}, "VAULT_KEYS or VAULT_KEYS_FILE: a key is needed"),
        ({"VAULT_KEYS_FILE": "/nowhere"}, "VAULT_KEYS_FILE: /nowhere cannot be read"),
        ({"VAULT_KEYS": '{"primary": "k1", "keys": {"k1": "c2hvcnQ="}}'}, "VAULT_KEYS key 'k1' has 5 bytes"),
        ({"DATABASE_URL": None}, "DATABASE_URL"),
        ({"DATABASE_URL": "postgresql+asyncpg://a:b@127.0.0.1:9/none"}, "DATABASE_URL"),
        ({"SERVICE_TOKENS": None}, "SERVICE_TOKENS"),
        ({"SERVICE_TOKENS": "{}"}, "SERVICE_TOKENS"),
        ({"SERVICE_TOKENS": '{"bff": ["short"]}'}, "SERVICE_TOKENS"),
        ({"OIDC_ISSUER": None}, "OIDC_ISSUER"),
        ({"OIDC_ISSUER": "idp"}, "OIDC_ISSUER"),
        ({"ENVIRONMENT": "production", "OIDC_ISSUER": "http://idp.example"}, "OIDC_ISSUER"),
        ({"BOOTSTRAP_FILE": "/nowhere"}, "BOOTSTRAP_FILE"),
        ({"CONNECTIONS_TENANT": "acme", "MS_GRAPH_TENANT_ID": "x"}, "MS_GRAPH_CLIENT_ID, MS_GRAPH_CLIENT_SECRET"),
        ({"GOOGLE_SERVICE_ACCOUNT_JSON": "{canary", "GOOGLE_ADMIN_SUBJECT": "a@b", "CONNECTIONS_TENANT": "acme"},
         "GOOGLE_SERVICE_ACCOUNT_JSON is not JSON"),
        ({"GOOGLE_SERVICE_ACCOUNT_JSON": '{"type": "service_account", "private_key": "canary"}',
          "GOOGLE_ADMIN_SUBJECT": "a@b", "CONNECTIONS_TENANT": "acme"}, "has no client_email, private_key_id"),
        ({"GOOGLE_SERVICE_ACCOUNT_JSON": "{}", "GOOGLE_ADMIN_SUBJECT": "a@b", "CONNECTIONS_TENANT": "acme"},
         "type is not service_account"),
        ({"GOOGLE_ADMIN_SUBJECT": "a@b"}, "GOOGLE_SERVICE_ACCOUNT_JSON or GOOGLE_SERVICE_ACCOUNT_FILE"),
        ({"PORT": "many"}, "PORT"),
    ],
    ids=lambda value: str(value)[:60],
)  # fmt: skip
def test_a_wrong_value_stops_the_start_and_is_named(
    environment: dict[str, str],
    changes: dict[str, str | None],
    named: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """In this process, for speed: reading settings and preparing is all that happens before serving."""
    from services.auth.__main__ import _prepare
    from services.auth.settings import read_auth_settings

    for name in list(os.environ):
        monkeypatch.delenv(name)
    for name, value in {**environment, **changes}.items():
        if value is not None:
            monkeypatch.setenv(name, value)
    with pytest.raises(SystemExit) as ended:
        _prepare(read_auth_settings())
    said = capsys.readouterr().err + str(ended.value.code)
    assert "Cannot start:" in said
    assert named in said
    assert "canary" not in said
    assert "c2hvcnQ" not in said

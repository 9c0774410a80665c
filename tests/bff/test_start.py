"""Starting and stopping the process, and what it says on the way."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import httpx
import pytest
from openapi_spec_validator import validate

from bff.__main__ import main
from bff.openapi import document
from deploy.local.ports import any_free
from tests.bff.world import CSRF, EVENTS, SERVICE_TOKEN, FakeApi, FakeAuth, build_webapp, token
from tests.fixtures.served import serve

ROOT = Path(__file__).parents[2]
GOOD = {
    "SERVICE_TOKEN": SERVICE_TOKEN,
    "PUBLIC_URL": "http://localhost:8100",
    "ENVIRONMENT": "local",
    "PORT": "0",
}


def start(environment: dict[str, str], **more: Any) -> subprocess.Popen[str]:
    inherited = {"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT)}
    return subprocess.Popen(
        [sys.executable, "-m", "bff"],
        env={**inherited, **environment},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        **more,
    )


@pytest.mark.parametrize(
    ("variable", "value"),
    [
        ("SERVICE_TOKEN", None),
        ("PUBLIC_URL", None),
        ("PUBLIC_URL", "oneclick.example"),
        ("PUBLIC_URL", "https://oneclick.example/app"),
        ("PUBLIC_URL", "ftp://oneclick.example"),
        ("API_URL", "nonsense"),
        ("PORT", "http"),
        ("PORT", "70000"),
        ("SESSION_CACHE_SECONDS", "60"),
        ("STREAM_CHECK_SECONDS", "11"),
        ("LOG_LEVEL", "loud"),
    ],
)
def test_a_wrong_setting_stops_the_start_and_names_itself(
    variable: str, value: str | None, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for name, held in {**GOOD, variable: value}.items():
        if held is None:
            monkeypatch.delenv(name, raising=False)
        else:
            monkeypatch.setenv(name, held)
    with pytest.raises(SystemExit) as stopped:
        main()
    assert stopped.value.code == 2
    said = capsys.readouterr().err
    assert f"Cannot start: {variable}: " in said
    assert SERVICE_TOKEN not in said


def test_production_needs_https() -> None:
    process = start({**GOOD, "ENVIRONMENT": "production", "PUBLIC_URL": "http://oneclick.example"})
    said, _ = process.communicate(timeout=120)
    assert process.returncode == 2
    assert "PUBLIC_URL must begin with https://" in said
    assert SERVICE_TOKEN not in said
    assert "Traceback" not in said


def test_the_process_stops_within_seconds_and_no_secret_is_in_its_log(tmp_path: Path) -> None:
    auth, api = FakeAuth(), FakeApi()
    auth_served, api_served = serve(auth.app()), serve(api.app())
    port = any_free()
    process = start(
        {
            **GOOD,
            "PORT": str(port),
            "AUTH_URL": auth_served.url,
            "API_URL": api_served.url,
            "WEBUI_DIR": str(build_webapp(tmp_path / "dist")),
            "LOG_LEVEL": "DEBUG",
        }
    )
    try:
        with httpx.Client(base_url=f"http://127.0.0.1:{port}", trust_env=False, timeout=60) as http:
            _wait_until_ready(http)
            session, mine = auth.add("ada"), {"Cookie": f"__Host-oc={token('ada')}"}
            http.get("/api/me", headers={**CSRF, **mine})
            http.get("/bff/session", headers=mine)
            http.get("/bff/callback?code=canary-code-1&state=canary-state-1", headers=mine)
            http.post("/bff/tenant", headers={**CSRF, **mine}, json={"tenant_id": token("ada")})
            api_served.pause()
            http.get("/api/me", headers={**CSRF, **mine})
            with http.stream("GET", "/api/requests/1/events", headers={**EVENTS, **mine}):
                pass
            api_served.resume()
            with http.stream("GET", "/api/requests/1/events", headers={**EVENTS, **mine}) as reply:
                assert reply.status_code == 200
                process.send_signal(signal.SIGTERM)
                for _ in reply.iter_raw():
                    pass
            said, _ = process.communicate(timeout=60)  # the stream is cut: it would go on for ever
        assert process.returncode in {0, -signal.SIGTERM}
        assert session in auth.sessions
        assert len(re.findall(r'"event": "request"', said)) >= 6
        for canary in ("canary-session", "canary-service", "canary-code", "canary-state", "internal-acme"):
            assert canary not in said
    finally:
        process.kill()
        process.communicate()
        api_served.stop()
        auth_served.stop()


def _wait_until_ready(http: httpx.Client) -> None:
    deadline = time.monotonic() + 90
    while True:
        try:
            if http.get("/ready").status_code == 200:
                return
        except httpx.TransportError:
            pass
        assert time.monotonic() < deadline
        time.sleep(0.05)


def test_the_openapi_document_is_sound_and_the_same_each_time() -> None:
    described = document()
    validate(described)
    assert json.dumps(described) == json.dumps(document())
    operations = {
        operation["operationId"]: operation
        for path in described["paths"].values()
        for operation in path.values()
    }
    assert set(operations) == {"get_session", "choose_tenant", "sign_out"}
    session = described["components"]["schemas"]["SessionRead"]
    assert set(session["required"]) == set(session["properties"])


def test_the_openapi_document_depends_on_no_variable() -> None:
    printed = subprocess.run(
        [sys.executable, "-m", "bff.openapi"],
        env={
            "PATH": os.environ["PATH"],
            "PYTHONPATH": str(ROOT),
            "PORT": "nonsense",
            "PUBLIC_URL": "nonsense",
        },
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    assert json.loads(printed) == document()

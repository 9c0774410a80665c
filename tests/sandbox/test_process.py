"""The sandbox as its own process, and what stops its start."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import httpx
import pytest

from services.sandbox.app import create_app
from services.sandbox.google.tokens import make_service_account
from services.sandbox.settings import SandboxSettings
from tests.fixtures.sandbox import running_sandbox

ROOT = Path(__file__).resolve().parents[2]


def environment(**changes: str) -> dict[str, str]:
    return {**os.environ, "PYTHONPATH": str(ROOT), "LOG_LEVEL": "warning", **changes}


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def test_it_starts_answers_and_stops_cleanly() -> None:
    port = free_port()
    process = subprocess.Popen(
        [sys.executable, "-m", "services.sandbox"],
        env=environment(PORT=str(port)),
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        deadline = time.monotonic() + 30
        while True:
            try:
                assert httpx.get(f"http://127.0.0.1:{port}/ready", trust_env=False).status_code == 200
                break
            except httpx.TransportError:
                assert process.poll() is None, process.stderr and process.stderr.read()
                assert time.monotonic() < deadline
                time.sleep(0.05)
        process.terminate()
        _, errors = process.communicate(timeout=60)
    finally:
        process.kill()
        process.wait()
    assert process.returncode in {0, -15}
    assert "Traceback" not in errors


@pytest.mark.parametrize(
    ("changes", "name"),
    [({"PORT": "many"}, "PORT"), ({"SANDBOX_SETTLE_SECONDS": "-1"}, "SANDBOX_SETTLE_SECONDS")],
)
def test_a_wrong_value_stops_the_start_with_one_line_that_names_it(
    changes: dict[str, Any], name: str
) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "services.sandbox"],
        env=environment(**changes),
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
    )
    assert done.returncode == 1
    assert done.stderr.startswith(f"{name}: ")
    assert len(done.stderr.strip().splitlines()) == 1


def test_the_stack_brings_its_own_service_account_and_people(tmp_path: Path) -> None:
    account = make_service_account("brought-along", frozenset())
    key_file = tmp_path / "account.json"
    key_file.write_text(json.dumps(account.as_key_file("https://oauth2.googleapis.com/token")))
    seed = tmp_path / "seed.json"
    seed.write_text(json.dumps({"google": [{"address": "extra@acme.example"}], "microsoft": []}))
    with running_sandbox(SandboxSettings(google_service_account_file=key_file, seed=seed)) as sandbox:
        assert sandbox.info()["google"]["service_account"]["client_email"] == account.email
        assert sandbox.google_token()
        sandbox.reset()
        assert sandbox.find_user("google", "extra@acme.example") is not None


def test_a_public_address_is_told_everywhere_and_accepted_as_audience() -> None:
    with running_sandbox(SandboxSettings(public_url="http://sandbox.localhost:8190/")) as sandbox:
        info = sandbox.info()
        assert info["oidc"]["issuer"] == "http://sandbox.localhost:8190/oidc"
        assert info["google"]["token_url"] == "http://sandbox.localhost:8190/google/token"
        assert sandbox.google_token(), "the assertion's audience is the public address"
        found = httpx.get(f"{sandbox.oidc_issuer}/.well-known/openid-configuration", trust_env=False).json()
        assert found["issuer"] == info["oidc"]["issuer"]


@pytest.mark.parametrize("text", ["{}", '{"nobody": []}', "[]", '{"google": [{}]}'])
def test_files_that_make_no_sense_are_refused(tmp_path: Path, text: str) -> None:
    path = tmp_path / "file.json"
    path.write_text(text)
    with pytest.raises((ValueError, TypeError)):
        create_app(SandboxSettings(google_service_account_file=path))
    if text != "{}":
        with pytest.raises((ValueError, TypeError)):
            create_app(SandboxSettings(seed=path))

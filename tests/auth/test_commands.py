"""Commands for whoever runs OneClick: the rotation of keys with its progress, and of service tokens."""

from __future__ import annotations

import base64
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from prometheus_client import REGISTRY
from pydantic import SecretStr

from services.auth.commands import run
from services.shared.web.service_tokens import Doorman, check_tokens
from tests.auth.conftest import KEY, TOKENS, Running
from tests.fixtures.postgres import Database

ROOT = Path(__file__).parents[2]
NEW = base64.b64encode(b"n" * 32).decode()


def _tokens(path: Path) -> dict[str, list[str]]:
    found: dict[str, list[str]] = json.loads(path.read_text())
    return found


@pytest.fixture
def files(tmp_path: Path) -> list[Path]:
    made = [tmp_path / "service-tokens.json", tmp_path / "api-service-tokens.json"]
    for path in made:
        path.write_text(json.dumps({caller: [token] for caller, token in TOKENS.items()}))
        path.chmod(0o640)
    return made


def _service_token(what: str, caller: str, files: list[Path]) -> int:
    named = [part for path in files for part in ("--file", str(path))]
    return run(["service-token", what, caller, *named])


def test_a_service_token_is_rotated_without_a_moment_of_refusal(
    files: list[Path], capsys: pytest.CaptureFixture[str]
) -> None:
    old = TOKENS["worker"]
    assert _service_token("add", "worker", files) == 0
    new = capsys.readouterr().out.strip()
    assert new.startswith("k2.")
    for path in files:
        assert _tokens(path)["worker"] == [old, new]
        check_tokens(_tokens(path))
        assert path.stat().st_mode & 0o777 == 0o640
    assert _service_token("add", "worker", files) == 2, "two are the most"
    assert _service_token("drop", "worker", files) == 0
    assert [_tokens(path)["worker"] for path in files] == [[new], [new]]
    assert _service_token("drop", "worker", files) == 2, "the last one stays"
    said = capsys.readouterr()
    assert old not in said.out + said.err
    assert new not in said.out + said.err
    others = {caller: tokens for caller, tokens in _tokens(files[0]).items() if caller != "worker"}
    assert others == {caller: [token] for caller, token in TOKENS.items() if caller != "worker"}


@pytest.mark.parametrize(
    "text", ["", "[]", '{"worker": "k1.one"}', '{"worker": ["short"]}', '{"worker": [1]}']
)
def test_a_file_that_is_none_is_left_alone(
    files: list[Path], text: str, capsys: pytest.CaptureFixture[str]
) -> None:
    files[1].write_text(text)
    assert _service_token("add", "worker", files) == 2
    assert files[1].read_text() == text
    assert _tokens(files[0])["worker"] == [TOKENS["worker"]]
    assert "short" not in capsys.readouterr().err


def test_a_caller_is_a_name(files: list[Path]) -> None:
    assert _service_token("add", "Wor ker", files) == 2


def test_which_key_a_caller_uses_is_counted() -> None:
    def count(key_id: str) -> float:
        labels = {"caller": "worker", "key_id": key_id}
        return REGISTRY.get_sample_value("oneclick_service_calls_total", labels) or 0.0

    secrets = ["k7.0123456789abcdefghijkl", "a-secret-before-its-dot.0123456789"]
    doorman = Doorman({"worker": [SecretStr(secret) for secret in secrets]})
    before = count("k7"), count("unnamed")
    for secret in (*secrets, "k7.wrong"):
        doorman.identify(secret)
    assert (count("k7"), count("unnamed")) == (before[0] + 1, before[1] + 1)


async def test_keys_are_rotated_by_a_command_that_tells_its_progress(
    running: Running, database: Database
) -> None:
    async with running():
        pass
    both = json.dumps({"primary": "k2", "keys": {"k1": KEY, "k2": NEW}})

    def command(name: str, keys: str) -> subprocess.CompletedProcess[str]:
        kept = {name: value for name, value in os.environ.items() if not name.startswith(("MS_", "GOOGLE_"))}
        environment = {
            **kept,
            "DATABASE_URL": database.url("oneclick_auth"),
            "VAULT_KEYS": keys,
            "SERVICE_TOKENS": json.dumps({caller: [token] for caller, token in TOKENS.items()}),
            "OIDC_ISSUER": "http://127.0.0.1:1",
            "OIDC_CLIENT_ID": "oneclick",
            "OIDC_CLIENT_SECRET": "secret",
            "OIDC_REDIRECT_URI": "http://127.0.0.1:1/bff/callback",
            "ENVIRONMENT": "test",
        }
        return subprocess.run(
            [sys.executable, "-m", "services.auth", name],
            env=environment,
            cwd=ROOT,
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )

    shown = command("show-keys", both)
    assert shown.returncode == 0, shown.stderr
    assert "k1: " in shown.stderr
    done = command("rotate-keys", both)
    assert done.returncode == 0, done.stderr
    assert "k2 (primary): " in done.stderr
    assert "k1" not in done.stderr.rpartition("so far")[2]
    assert "older keys may leave" in done.stderr
    broken = command("rotate-keys", "{}")
    assert broken.returncode != 0
    assert "VAULT_KEYS" in broken.stderr
    for text in (KEY, NEW):
        assert text not in done.stdout + done.stderr + broken.stdout + broken.stderr

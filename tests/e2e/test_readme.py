"""What README and the guides print for a terminal works as printed: their `sh` blocks are run, one after the other."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from deploy.local.publicclient import PublicClient
from deploy.local.stack import Stack

ROOT = Path(__file__).parents[2]
SCOPES = [
    "schedule:read",
    "schedule:write",
    "employees:read",
    "employees:write",
    "settings:write",
    "role_templates:write",
    "requests:read",
    "requests:write",
]
pytestmark = pytest.mark.timeout(600)


@pytest.fixture(scope="module")
def key(stack: Stack) -> Iterator[str]:
    """An API key, as an administrator makes it."""
    with PublicClient(stack.wiring.public_url) as person:
        person.sign_in("admin@acme.example")
        made: dict[str, Any] = person.post("/api/api-keys", {"name": "HR", "scopes": SCOPES})
        yield made["key"]


def blocks(page: str) -> list[str]:
    found = re.findall(
        r"^```sh\n(.*?)^```$", (ROOT / page).read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL
    )
    assert found, f"{page} prints nothing for a terminal"
    return found


def answers(said: str) -> list[Any]:
    """Each JSON document of what curl printed, in order."""
    decoder, found, at = json.JSONDecoder(), [], 0
    while at < len(said):
        document, at = decoder.raw_decode(said, at)
        found.append(document)
        at += len(said[at:]) - len(said[at:].lstrip())
    return found


def run(stack: Stack, key: str, commands: list[str]) -> list[Any]:
    assert shutil.which("curl"), "no curl on this machine: install the package `curl`"
    script = "set -euo pipefail\n" + "\n".join(commands)
    environment = {**os.environ, "ONECLICK": stack.wiring.public_url, "KEY": key, "NO_PROXY": "*"}
    done = subprocess.run(
        ["bash", "-c", script], env=environment, capture_output=True, text=True, timeout=120, check=False
    )
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-3000:]
    return answers(done.stdout.strip())


def test_the_readme_works_as_printed(stack: Stack, key: str) -> None:
    made, found, moved, runs, cancelled, preview = run(stack, key, blocks("README.md"))
    assert made["status"] == "pending"
    assert made["schedule_time"] == made["next_run_at"] == "2030-01-07T08:00:00Z"
    assert made["person"]["job_title"] == "Account Executive"
    assert {app["app"] for app in made["apps"]} == {"google-workspace", "microsoft-365"}
    assert made["id"] in {item["id"] for item in found["items"]}
    assert moved["local"] == "2030-01-14T09:00:00+01:00"
    assert runs["total"] == 0
    assert (cancelled["id"], cancelled["status"]) == (moved["id"], "cancelled")
    assert len(preview["items"]) == 5
    (again,) = run(stack, key, blocks("README.md")[:1])
    assert again == made, "the same key gets the same answer"


def test_the_guide_to_scheduling_works_as_printed(stack: Stack, key: str) -> None:
    rule, template, person = run(stack, key, blocks("docs/scheduling.md"))
    assert (rule["slug"], rule["offset_days"], rule["time_of_day"]) == ("field-team", -2, "07:30")
    assert person["tags"] == ["field team"]
    deadline = time.monotonic() + 60
    listed = (
        'curl -sS --fail-with-body -H "Authorization: Bearer $KEY" "$ONECLICK/api/schedule?tag=field-team"'
    )
    while not (found := run(stack, key, [listed])[0]["items"]):
        assert time.monotonic() < deadline, "nobody was queued"
        time.sleep(0.2)
    assert found[0]["local"] == "2030-03-02T07:30:00+01:00"
    assert found[0]["employee"]["work_email"] == person["work_email"]
    assert found[0]["tag_rule_id"] == rule["id"]
    assert found[0]["role_template"]["id"] == template["id"]


def test_the_guide_to_api_keys_works_as_printed(stack: Stack, key: str) -> None:
    me, made, found = run(stack, key, blocks("docs/api-keys.md"))
    assert me["api_key"]["name"] == "HR"
    assert me["permissions"] == sorted(SCOPES)
    assert made["id"] == found["id"]
    assert found["created_by"] == {"kind": "api_key", "name": "HR"}
    assert {app["app"] for app in found["apps"]} == {"google-workspace", "microsoft-365"}

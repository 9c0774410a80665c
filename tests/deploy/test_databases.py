"""The embedded PostgreSQL and Redis: their roles, their ends, and what a killed run leaves behind."""

from __future__ import annotations

import os
import shutil
import signal
import stat
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import asyncpg
import pytest

from deploy.local.postgres import LOGIN_ROLES, Postgres
from deploy.local.redis import Redis
from tests.deploy.waiting import alive, ends
from tests.fixtures.postgres import ROOT


@pytest.fixture
def folder() -> Iterator[Path]:
    made = Path(tempfile.mkdtemp(prefix="oneclick-tests-"))
    made.chmod(0o711)
    yield made
    shutil.rmtree(made)


@pytest.mark.parametrize("role", LOGIN_ROLES)
async def test_each_service_signs_in_with_its_own_role_and_none_can_bypass_row_level_security(
    postgres: Postgres, role: str
) -> None:
    connection = await asyncpg.connect(postgres.url(role, driver="postgresql"))
    row = await connection.fetchrow(
        "SELECT current_user AS who, rolsuper, rolbypassrls, rolcreaterole, rolcreatedb FROM pg_roles WHERE rolname = current_user"
    )
    await connection.close()
    assert row is not None
    assert tuple(row) == (role, False, False, False, False)


def test_the_ledger_role_cannot_sign_in_and_belongs_to_the_owner_of_the_schema(postgres: Postgres) -> None:
    assert (
        postgres.psql("SELECT rolcanlogin, rolbypassrls FROM pg_roles WHERE rolname = 'oneclick_ledger'")
        == "f|f"
    )
    assert postgres.psql("SELECT pg_has_role('oneclick_migrate', 'oneclick_ledger', 'SET')") == "t"


async def test_a_wrong_password_is_refused(postgres: Postgres) -> None:
    url = postgres.url("oneclick_api", driver="postgresql").replace(
        postgres.password("oneclick_api"), "wrong"
    )
    with pytest.raises(asyncpg.InvalidPasswordError):
        await asyncpg.connect(url)


def test_the_passwords_are_for_their_owner_alone(postgres: Postgres) -> None:
    assert stat.S_IMODE((postgres.folder / "passwords.json").stat().st_mode) == 0o600


def test_what_was_stored_is_there_after_a_restart_and_starting_twice_is_harmless(folder: Path) -> None:
    first = Postgres(folder / "pg", durable=False)
    first.start()
    first.psql("CREATE TABLE kept (n int); INSERT INTO kept VALUES (7)", database="oneclick")
    first.stop()
    second = Postgres(folder / "pg", port=first.port, durable=False)
    second.start()
    try:
        assert second.port == first.port
        assert second.password("oneclick_api") == first.password("oneclick_api")
        assert second.psql("SELECT n FROM kept", database="oneclick") == "7"
    finally:
        second.stop()
    assert not second.running()


def test_both_servers_end_with_a_parent_that_is_killed_and_start_again_on_what_it_left(folder: Path) -> None:
    script = (
        "import pathlib, signal, sys\n"
        "from deploy.local.postgres import Postgres\nfrom deploy.local.redis import Redis\n"
        "folder = pathlib.Path(sys.argv[1])\n"
        "pg = Postgres(folder / 'pg', durable=False); pg.start()\n"
        "redis = Redis(folder / 'redis'); redis.start()\n"
        "print(pg.pid, redis.pid, flush=True)\nsignal.pause()\n"
    )
    parent = subprocess.Popen(
        [sys.executable, "-c", script, str(folder)],
        stdout=subprocess.PIPE,
        text=True,
        cwd=ROOT,
        env=dict(os.environ),
    )
    assert parent.stdout is not None
    with parent.stdout:
        pids = [int(word) for word in parent.stdout.readline().split()]
    assert len(pids) == 2
    assert all(alive(pid) for pid in pids)
    parent.send_signal(signal.SIGKILL)
    parent.wait()
    if sys.platform.startswith("linux"):
        assert all([ends(pid) for pid in pids])  # noqa: C419 - wait for each
    again = Postgres(folder / "pg", durable=False)
    again.start()
    again.stop()


def test_redis_answers_forgets_on_demand_and_comes_back_on_its_port(folder: Path) -> None:
    redis = Redis(folder / "redis")
    redis.start()
    try:
        port = redis.port
        redis._say("SET a 1")
        assert redis._say("EXISTS a") == ":1"
        redis.wipe()
        assert redis._say("EXISTS a") == ":0"
        redis.kill()
        redis.start()
        assert redis.port == port
    finally:
        redis.destroy()
    assert not redis.running()


@pytest.mark.skipif(os.geteuid() != 0, reason="only root needs another user for PostgreSQL")
def test_root_can_run_it_from_a_checkout_that_nobody_else_may_enter(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    private = folder / "home"
    private.mkdir(mode=0o700)
    monkeypatch.setattr("deploy.local.postgres._open_to_all", lambda _path: False)
    server = Postgres(private / "pg", durable=False)
    copies = server.programs.parents[2]
    try:
        server.start()
        assert server.psql("SELECT 1") == "1"
        assert not (private / "pg" / "data").exists()
    finally:
        server.destroy()
        shutil.rmtree(copies)
    assert not server._data.parent.exists()
    assert stat.S_IMODE(private.stat().st_mode) == 0o700

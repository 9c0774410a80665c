"""`python -m deploy.local up|demo|down|migrate`: what the Makefile calls."""

from __future__ import annotations

import argparse
import shutil
import subprocess
import sys
from os import environ
from pathlib import Path

from deploy.local.child import CannotStart
from deploy.local.postgres import Postgres
from deploy.local.state import ROOT, AlreadyRunning, State

_STOP_SECONDS = 40.0
_FOLDER = ROOT / ".oneclick"


def main() -> int:
    """The exit code of the command; every foreseeable failure is one readable message."""
    parser = argparse.ArgumentParser(prog="python -m deploy.local", description=__doc__)
    parser.add_argument("command", choices=["up", "demo", "down", "migrate"])
    parser.add_argument(
        "--state", type=Path, default=_FOLDER, help="the folder that keeps data, secrets and logs"
    )
    parser.add_argument("--fresh", action="store_true", help="up: forget the data of earlier runs first")
    arguments = parser.parse_args()
    folder: Path = arguments.state.absolute()
    try:
        if arguments.command == "demo":
            from deploy.local.demo import demo

            return demo(folder / "demo")
        if arguments.command == "down":
            return _down(State(folder))
        if arguments.command == "migrate":
            return _migrate(State(folder))
        if arguments.fresh:
            _forget(State(folder))
        from deploy.local.up import up

        return up(State(folder))
    except (AlreadyRunning, CannotStart, TimeoutError) as failure:
        print(failure, file=sys.stderr)
        return 1


def _forget(state: State) -> None:
    """Remove the data of earlier runs; a running one is not touched."""
    state.take()
    Postgres(state.folder / "postgres").destroy()
    shutil.rmtree(state.folder / "logs", ignore_errors=True)
    (state.folder / "issuer").unlink(missing_ok=True)
    state.release()


def _down(state: State) -> int:
    print(
        "OneClick was running and is stopped"
        if state.stop_running(within=_STOP_SECONDS)
        else "OneClick is not running"
    )
    return 0


def _migrate(state: State) -> int:
    """Upgrade the named database, or the embedded one, which is started for it unless `up` runs on it."""
    if "MIGRATE_DATABASE_URL" in environ:
        return _alembic(environ["MIGRATE_DATABASE_URL"])
    running = state.running()
    if running is not None:
        raise AlreadyRunning(
            "`make up` is running and migrated its database when it started; stop it first: make down"
        )
    state.take()
    postgres = Postgres(state.folder / "postgres")
    postgres.start()
    try:
        return _alembic(postgres.url("oneclick_migrate"))
    finally:
        postgres.stop()
        state.release()


def _alembic(url: str) -> int:
    command = [sys.executable, "-m", "alembic", "upgrade", "head"]
    return subprocess.run(
        command, cwd=ROOT, env={**environ, "MIGRATE_DATABASE_URL": url}, check=False
    ).returncode


if __name__ == "__main__":
    sys.exit(main())

"""A warm parent that forks workers: a real process each, ready in milliseconds.

Reads one JSON object of environment variables per line, answers with the child's pid.
"""

import asyncio
import json
import os
import signal
import sys
import traceback
from importlib import import_module
from typing import Any

HOUR_KIND = "test.hour"
"""A kind that only these workers know: its jobs take an hour."""


def main() -> None:
    import services.worker.__main__ as worker
    import services.worker.app

    make_tasks = services.worker.app.make_tasks
    services.worker.app.make_tasks = lambda *made, **more: {**make_tasks(*made, **more), HOUR_KIND: _hour()}
    from services.shared.sdk.optional import Warms
    from services.shared.sdk.registry import providers

    for provider in providers().values():
        if isinstance(provider, Warms):
            provider.warm()
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    sys.stdout.write("ready\n")
    sys.stdout.flush()
    for line in sys.stdin:
        environment = json.loads(line)
        pid = os.fork()
        if pid == 0:
            _become(worker.main, environment)
        sys.stdout.write(f"{pid}\n")
        sys.stdout.flush()


def _hour() -> Any:
    from services.worker.runner import Task

    async def run(_claim: object) -> None:
        await asyncio.sleep(3600)

    async def lost(*_told: object) -> None:
        """Nobody asked for it."""

    return Task(run, lost)


def _become(main_function: object, environment: dict[str, str]) -> None:
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    os.environ.update(environment)
    log = os.open(environment["LOG_FILE"], os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    os.dup2(log, 1)
    os.dup2(log, 2)
    devnull = os.open(os.devnull, os.O_RDONLY)
    os.dup2(devnull, 0)
    if extra := environment.get("EXTRA_PROVIDER"):
        _add_provider(*extra.split(":"))
    code = 1
    try:
        main_function()  # type: ignore[operator]  # passed as an object so that nothing is imported here
        code = 0
    except SystemExit as ended:
        code = ended.code if isinstance(ended.code, int) else 1
    except BaseException:
        traceback.print_exc()  # into the worker's log: `_exit` would swallow it
        raise
    finally:
        os._exit(code)


def _add_provider(module: str, name: str) -> None:
    """One that the registry does not find by itself."""
    from services.shared.sdk import registry

    found = registry._classes
    extra = getattr(import_module(module), name)
    registry._classes = lambda: (each for classes in (found(), (extra,)) for each in classes)
    registry.providers.cache_clear()


if __name__ == "__main__":
    main()

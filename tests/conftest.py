"""What every test may ask for. Tests are plain modules without `__init__.py`: pytest imports them by path, so
two modules may share a name, and shared code is imported as `tests.fixtures.…` from the repository's root."""

from __future__ import annotations

from importlib.util import find_spec

import pytest
from httpx._config import DEFAULT_TIMEOUT_CONFIG

pytest_plugins = [
    name
    for name in (
        "tests.fixtures.postgres",
        "tests.fixtures.redis",
        "tests.fixtures.sandbox",
        "tests.fixtures.engine",
        "tests.fixtures.stack",
    )
    if find_spec(name) is not None
]


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say why a test failed that passed at the second try: it is unsteady, and that is a defect (ADR 0006)."""
    for report in terminalreporter.stats.get("rerun", []):
        terminalreporter.write_sep("_", f"unsteady: {report.nodeid}")
        terminalreporter.write_line(report.longreprtext)


# Whoever names no timeout gets httpx's five seconds. On a busy machine that is a judgement on the machine.
for _phase in ("connect", "read", "write", "pool"):
    setattr(DEFAULT_TIMEOUT_CONFIG, _phase, 60.0)

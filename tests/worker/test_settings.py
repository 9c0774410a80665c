"""The worker's settings: a wrong limit stops the start and names itself."""

import pytest

from services.shared.kit.settings import read_settings
from services.worker.settings import WorkerSettings


@pytest.fixture(autouse=True)
def _needed(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in {
        "DATABASE_URL": "postgresql+asyncpg://worker@localhost/oneclick",
        "REDIS_URL": "redis://localhost:6379/0",
        "SERVICE_TOKEN": "kid.secret",
    }.items():
        monkeypatch.setenv(name, value)
    monkeypatch.delenv("WORKER_LIMITS", raising=False)


def test_no_limits_are_said_unless_they_are(monkeypatch: pytest.MonkeyPatch) -> None:
    assert read_settings(WorkerSettings).worker_limits == {}
    monkeypatch.setenv("WORKER_LIMITS", '{"google": {"calls_per_second": 100}}')
    assert read_settings(WorkerSettings).worker_limits == {"google": {"calls_per_second": 100}}


@pytest.mark.parametrize(
    "said", ["many", "[]", '{"google": 3}', '{"google": {"calls": 1}}', '{"google": {"calls_per_second": 0}}']
)
def test_a_wrong_limit_stops_the_start(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], said: str
) -> None:
    monkeypatch.setenv("WORKER_LIMITS", said)
    with pytest.raises(SystemExit):
        read_settings(WorkerSettings)
    told = capsys.readouterr().err
    assert told.startswith("Cannot start: WORKER_LIMITS")
    assert "\n" not in told.strip()

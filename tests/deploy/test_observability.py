"""The rules for Prometheus name what exists, and every tick of the scheduler has its alert."""

from __future__ import annotations

import re
from typing import Any

import pytest
import yaml
from pydantic import SecretStr

from deploy.observability.check import RULES, main, metrics, problems
from services.scheduler.settings import SchedulerSettings
from services.scheduler.ticks import ticks

SCHEDULING = (RULES / "scheduling.yaml").read_text(encoding="utf-8")


def rules() -> list[dict[str, Any]]:
    return [rule for group in yaml.safe_load(SCHEDULING)["groups"] for rule in group["rules"]]


def test_the_rules_are_sound() -> None:
    assert main() == 0


def test_each_tick_has_an_alert_for_when_it_stops() -> None:
    watched = {
        tick
        for rule in rules()
        for tick in re.findall(
            r'absent\(oneclick_scheduler_last_success[a-z_]*\{tick="([a-z.]+)"', rule["expr"]
        )
    }
    settings = SchedulerSettings(service_token=SecretStr("k1.secret"))
    assert watched == {tick.name for tick in ticks(settings)}


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("oneclick_scheduler_failures_total", "oneclick_scheduler_failures", "nothing makes the metric"),
        ("severity: warning", "severity: loud", "no severity"),
        ("#when-an-alert-fires", "#nowhere", "has no heading"),
        ("docs/scheduling.md", "docs/nothing.md", "no page of docs"),
        ("[10m]", "[10m", "do not match"),
        ("for: 5m", "for: soon", "no duration"),
        ("OneClickTicksFail", "OneClickApiSweepStopped", "used twice"),
        ("groups:", "rules:", "no groups"),
    ],
)
def test_what_is_wrong_is_found(old: str, new: str, said: str) -> None:
    assert old in SCHEDULING
    assert any(said in problem for problem in problems(SCHEDULING.replace(old, new), metrics()))

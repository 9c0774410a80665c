"""`python -m deploy.observability.check`: what can be known of the rules without a Prometheus to load them.

The shape of the files, that each alert says what to do and where to read on, that names are not used twice, and that
every metric of ours that an expression names is one that the code makes.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).parents[2]
RULES = Path(__file__).parent / "rules"
SEVERITIES = frozenset({"critical", "warning", "info"})
_OURS = re.compile(r"\boneclick_[a-z0-9_]+")
_MADE = re.compile(r"(Counter|Gauge|Histogram)\(\s*\"(oneclick_[a-z0-9_]+)\"")
_DURATION = re.compile(r"\d+(ms|[smhdwy])")
_KEYS = frozenset({"alert", "expr", "for", "labels", "annotations"})


def metrics() -> frozenset[str]:
    """The names of all series that the services make."""
    found: set[str] = set()
    for folder in ("services", "bff"):
        for path in (ROOT / folder).rglob("*.py"):
            for kind, name in _MADE.findall(path.read_text(encoding="utf-8")):
                found |= _series(kind, name)
    return frozenset(found)


def _series(kind: str, name: str) -> set[str]:
    if kind == "Counter":
        return {f"{name.removesuffix('_total')}_total"}
    return {name} if kind == "Gauge" else {f"{name}_{part}" for part in ("bucket", "sum", "count")}


def problems(text: str, made: frozenset[str]) -> Iterator[str]:
    """Every broken rule of one file, in words."""
    try:
        groups = yaml.safe_load(text)["groups"]
    except (yaml.YAMLError, KeyError, TypeError):
        yield "is no file of rules: it has no groups"
        return
    names: set[str] = set()
    for group in groups:
        for rule in group["rules"]:
            name = str(rule.get("alert", "?"))
            if name in names:
                yield f"{name}: the name is used twice"
            names.add(name)
            yield from (f"{name}: {problem}" for problem in _rule(rule, made))


def _rule(rule: Mapping[str, Any], made: frozenset[str]) -> Iterator[str]:
    if unknown := set(rule) - _KEYS:
        yield f"unknown {', '.join(sorted(unknown))}"
    expression = str(rule.get("expr", ""))
    named = set(_OURS.findall(expression))
    if not named:
        yield "the expression names no metric of ours"
    for metric in sorted(named - made):
        yield f"nothing makes the metric {metric}"
    for opening, closing in ("()", "[]", "{}"):
        if expression.count(opening) != expression.count(closing):
            yield f"{opening} and {closing} do not match"
    if "for" in rule and not _DURATION.fullmatch(str(rule["for"])):
        yield "`for` is no duration"
    if rule.get("labels", {}).get("severity") not in SEVERITIES:
        yield "no severity"
    yield from _annotations(rule.get("annotations", {}))


def _annotations(said: Mapping[str, str]) -> Iterator[str]:
    if not said.get("summary"):
        yield "no summary"
    page, _, anchor = said.get("runbook", "").partition("#")
    path = ROOT / page
    if not page or not path.is_file():
        yield "the runbook is no page of docs"
    elif anchor and anchor not in _anchors(path.read_text(encoding="utf-8")):
        yield f"the runbook has no heading #{anchor}"


def _anchors(page: str) -> set[str]:
    headings = re.findall(r"^#+ (.+)$", page, re.MULTILINE)
    return {re.sub(r"[^a-z0-9 -]", "", heading.lower()).replace(" ", "-") for heading in headings}


def main() -> int:
    made, wrong = metrics(), 0
    for path in sorted(RULES.glob("*.yaml")):
        for problem in problems(path.read_text(encoding="utf-8"), made):
            sys.stderr.write(f"{path.relative_to(ROOT)}: {problem}\n")
            wrong += 1
    return 1 if wrong else 0


if __name__ == "__main__":
    raise SystemExit(main())

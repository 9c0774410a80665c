"""Repeating times: cron expressions and RRULEs on the clocks of a zone.

Which instants a rule means when clocks are put forward or back:

* A rule that names its hours means times of day. One that does not exist is the first instant after the gap; one that
  comes twice is the first of the two. Times that fall onto one instant are one.
* A rule for every hour (cron with `*` as its hour, `FREQ=HOURLY`) means every hour that passes: it runs in both of
  the hours that look alike, and not in the one that is left out.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from itertools import islice, takewhile
from typing import Any
from zoneinfo import ZoneInfo

from cronsim import CronSim, CronSimError
from dateutil.rrule import rrulestr

from services.shared.kit.wallclock import instants, resolve

LONGEST = 300
CRON_FIELDS = 5
HORIZON = timedelta(days=366 * 10)
"""A rule that means nothing for so long means nothing."""
_RANGES = {"BYMONTH": 12, "BYMONTHDAY": 31, "BYYEARDAY": 366, "BYWEEKNO": 53, "BYHOUR": 23, "BYMINUTE": 59}
MOST_TIMES = 10_000
"""Of a rule that ends after so many times."""
_EARLIER = timedelta(hours=4)
"""Times on a wall are looked at from so much earlier: clocks are put back by less."""
_FOLD = timedelta(hours=3)
"""The same."""
_PART = re.compile(r"([A-Z]+)=([A-Z0-9,+\-]+)")
_KNOWN = frozenset(
    [
        "FREQ",
        "INTERVAL",
        "COUNT",
        "BYMONTH",
        "BYMONTHDAY",
        "BYYEARDAY",
        "BYWEEKNO",
        "BYDAY",
        "BYHOUR",
        "BYMINUTE",
        "BYSETPOS",
        "WKST",
        "UNTIL",
    ]
)
_FREQUENCIES = frozenset({"YEARLY", "MONTHLY", "WEEKLY", "DAILY", "HOURLY"})
_STEPS = {"WEEKLY": timedelta(weeks=1), "DAILY": timedelta(days=1), "HOURLY": timedelta(hours=1)}
_CYCLE = timedelta(days=146_097)
"""After these 400 years the calendar is the same, weekdays included."""
_LAST_YEARS = datetime(9972, 1, 1)  # noqa: DTZ001  # a wall has no zone
"""The last 28 years that there are; they have every kind of year. A rule that means nothing is looked through until
the year 9999 whatever its bound is, so looking begins as late as it can: a fiftieth of the time."""
_UNTIL = re.compile(r"(\d{8})(?:T(\d{6})(Z)?)?")


class BadRule(ValueError):
    """`str` says what is wrong with it."""


class RuleKind(StrEnum):
    CRON = "cron"
    RRULE = "rrule"


@dataclass(frozen=True, slots=True)
class Occurrence:
    """One time that a rule means. `wanted` is what the rule says on the wall."""

    at: datetime
    wanted: datetime


@dataclass(frozen=True, slots=True)
class Recurrence:
    """A rule that `parse_recurrence` found sound. `start` is the first instant that it may mean."""

    kind: RuleKind
    rule: str
    zone: ZoneInfo
    start: datetime

    def after(self, after: datetime) -> Iterator[Occurrence]:
        """Every time later than `after`, and not before `start`, in order."""
        last = max(after, self.start - timedelta(microseconds=1))
        for one in self._around(last):
            if one.at > last:
                last = one.at
                yield one

    def next(self, after: datetime) -> Occurrence | None:
        """The first time later than `after`, and not before `start`; None when there is none."""
        return next(self.after(after), None)

    def upcoming(self, after: datetime, most: int) -> list[Occurrence]:
        """The next times later than `after`."""
        return list(islice(self.after(after), most))

    def _around(self, since: datetime) -> Iterator[Occurrence]:
        """Times in order, from somewhat before `since`."""
        begin = _wall(since, self.zone) - _EARLIER
        if self.kind is RuleKind.CRON:
            walls = _cron_times(self.rule, begin)
        else:
            walls = _rrule_times(self.rule, self.zone, _wall(self.start, self.zone), begin)
        if not _every_hour(self.kind, self.rule):
            return (Occurrence(resolve(wall, self.zone), wall) for wall in walls)
        return self._as_often_as_they_come(walls)

    def _as_often_as_they_come(self, walls: Iterator[datetime]) -> Iterator[Occurrence]:
        waiting: list[Occurrence] = []
        for wall in walls:
            waiting += [Occurrence(at, wall) for at in instants(wall, self.zone)]
            waiting.sort(key=lambda one: one.at)
            # Whatever looks later than an hour that comes twice comes after both.
            ready = [one for one in waiting if one.wanted + _FOLD < wall]
            waiting = [one for one in waiting if one not in ready]
            yield from ready
        yield from waiting


def parse_recurrence(written: str, zone: ZoneInfo, start: datetime) -> Recurrence:
    """A cron expression of five fields, or an RRULE, with or without `RRULE:` before it.

    Raises:
        BadRule: it is neither, or means no time at all.
    """
    rule = " ".join(written.split()).upper()
    if len(rule) > LONGEST:
        raise BadRule(f"must be at most {LONGEST} characters")
    if kind_of(rule) is RuleKind.RRULE:
        found = Recurrence(RuleKind.RRULE, _sound_rrule(rule.removeprefix("RRULE:")), zone, start)
    else:
        found = Recurrence(RuleKind.CRON, _sound_cron(rule), zone, start)
    try:
        first = found.next(start - timedelta(microseconds=1))
    except (ValueError, TypeError, OverflowError) as error:
        raise BadRule(f"is no rule: {error}") from error
    if first is None:
        raise BadRule("means no time in the years to come")
    return found


def kind_of(rule: str) -> RuleKind:
    """Which language a rule is written in."""
    return RuleKind.RRULE if "=" in rule else RuleKind.CRON


def check_cron(written: str) -> str:
    """A cron expression as it is kept.

    Raises:
        BadRule: it is none.
    """
    return _sound_cron(" ".join(written.split()).upper())


def next_check(cron: str, zone: ZoneInfo, after: datetime) -> datetime | None:
    """The next instant of a cron expression that is known to be sound."""
    found = Recurrence(RuleKind.CRON, cron, zone, after).next(after)
    return found.at if found else None


def _wall(at: datetime, zone: ZoneInfo) -> datetime:
    return at.astimezone(zone).replace(tzinfo=None, fold=0)


def _sound_cron(rule: str) -> str:
    if len(rule.split()) != CRON_FIELDS:
        raise BadRule(
            "is no cron expression: it has five fields (minute, hour, day of month, month, day of week)"
        )
    try:
        CronSim(rule, datetime(2000, 1, 1))  # noqa: DTZ001  # times on a wall have no zone
    except CronSimError as error:
        raise BadRule(f"is no cron expression: {str(error).lower()}") from error
    return rule


def _every_hour(kind: RuleKind, rule: str) -> bool:
    if kind is RuleKind.CRON:
        return rule.split()[1] in {"*", "*/1"}
    return "FREQ=HOURLY" in rule and "BYHOUR" not in rule and "INTERVAL" not in rule


def _cron_times(rule: str, begin: datetime) -> Iterator[datetime]:
    end = begin + HORIZON
    return takewhile(lambda at: at < end, CronSim(rule, begin))


def _sound_rrule(rule: str) -> str:
    parts: dict[str, str] = {}
    for part in filter(None, rule.split(";")):
        found = _PART.fullmatch(part)
        if found is None or found[1] not in _KNOWN or found[1] in parts:
            raise BadRule(f"is no RRULE: {part[:40]} is not understood")
        parts[found[1]] = found[2]
    if problem := next(_problems(parts), None):
        raise BadRule(f"is no RRULE: {problem}")
    try:
        possible = _means_a_day(parts)
    except (ValueError, TypeError) as error:
        raise BadRule(f"is no RRULE: {error}") from error
    if not possible:
        raise BadRule("means no day in any year")
    return ";".join(f"{name}={value}" for name, value in parts.items())


def _problems(parts: Mapping[str, str]) -> Iterator[str]:
    if parts.get("FREQ") not in _FREQUENCIES:
        yield "FREQ is one of YEARLY, MONTHLY, WEEKLY, DAILY or HOURLY"
    if "COUNT" in parts and "UNTIL" in parts:
        yield "it ends by COUNT or by UNTIL, not by both"
    for name in ("COUNT", "INTERVAL"):
        if name in parts and not (parts[name].isdigit() and 1 <= int(parts[name]) <= MOST_TIMES):
            yield f"{name} is a number from 1 to {MOST_TIMES}"
    for name, most in _RANGES.items():
        if name in parts and not all(_in_range(name, number) for number in parts[name].split(",")):
            yield f"{name} is at most {most}"
    if "UNTIL" in parts and not _UNTIL.fullmatch(parts["UNTIL"]):
        yield "UNTIL is written 20261231 or 20261231T235959Z"
    ordinal = "BYSETPOS" in parts or any(char.isdigit() for char in parts.get("BYDAY", ""))
    if ordinal and parts.get("FREQ") not in {"MONTHLY", "YEARLY"}:
        yield "counted days belong to FREQ=MONTHLY or FREQ=YEARLY"


def _in_range(name: str, number: str) -> bool:
    found = re.fullmatch(r"([+-]?)(\d{1,3})", number)
    if found is None or int(found[2]) > _RANGES[name]:
        return False
    return name in {"BYHOUR", "BYMINUTE"} or int(found[2]) > 0


def _rrule_times(rule: str, zone: ZoneInfo, start: datetime, begin: datetime) -> Iterator[datetime]:
    """The rule's times on the wall from `begin`, counted from `start`."""
    parts = dict(part.split("=") for part in rule.split(";"))
    end = max(begin, start) + HORIZON
    late = (_LAST_YEARS.year - end.year) // 400 * _CYCLE
    if "UNTIL" in parts:
        end = min(end, _until(parts.pop("UNTIL"), zone))
    count = parts.pop("COUNT", None)
    bare = ";".join(f"{name}={value}" for name, value in parts.items())
    if count is None:
        start = _nearer(parts, start, begin)
    bounded: Any = rrulestr(bare, dtstart=start + late).replace(until=end + late)
    if count is None:
        return (wall - late for wall in bounded.xafter(begin + late, inc=True))
    # Counted by ourselves: a count over a rule that means nothing would be counted for ever.
    numbered = takewhile(lambda one: one[0] < int(count), enumerate(bounded))
    return (wall - late for _, wall in numbered if wall - late >= begin)


def _nearer(parts: Mapping[str, str], start: datetime, begin: datetime) -> datetime:
    """A start with the same times from `begin` on: years of a rule for each hour are not counted through again."""
    step = _STEPS.get(parts["FREQ"])
    if step is None or begin <= start:
        return start
    step *= int(parts.get("INTERVAL", "1"))
    return start + (begin - start) // step * step


def _means_a_day(parts: dict[str, str]) -> bool:
    """Whether a rule has any day at all: found out year by year, as days or hours would be looked through for long."""
    days: dict[str, str] = {
        name: parts[name] for name in ("BYMONTH", "BYMONTHDAY", "BYYEARDAY", "BYWEEKNO") if name in parts
    }
    if "BYDAY" in parts:
        days["BYDAY"] = re.sub(r"[+-]?\d+", "", parts["BYDAY"])
    bare = ";".join(f"{name}={value}" for name, value in {"FREQ": "YEARLY", **days}.items())
    return next(iter(rrulestr(bare, dtstart=_LAST_YEARS)), None) is not None


def _until(written: str, zone: ZoneInfo) -> datetime:
    found = _UNTIL.fullmatch(written)
    if found is None:
        raise BadRule("is no RRULE: UNTIL is written 20261231 or 20261231T235959Z")
    said = datetime.strptime(found[1] + (found[2] or "235959"), "%Y%m%d%H%M%S")  # noqa: DTZ007  # a wall has no zone
    return _wall(said.replace(tzinfo=UTC), zone) if found[3] else said

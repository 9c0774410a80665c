"""When a schedule runs: what a caller said, checked, and the times that it comes to."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from sqlalchemy import func, select

from services.shared.domain.setting.service import get_settings
from services.shared.kit.errors import FieldError, InvalidInput
from services.shared.kit.recurrence import BadRule, Occurrence, Recurrence, parse_recurrence
from services.shared.kit.uow import UnitOfWork
from services.shared.kit.wallclock import Shift, UnknownZone, explain_shift, get_zone, resolve

DEFAULT_ZONE = "UTC"
GRACE = timedelta(days=3)
JUST_NOW = timedelta(seconds=60)
"""A time that has passed so lately means now: clocks differ, and forms take a moment."""


@dataclass(frozen=True, slots=True)
class Timing:
    """What a caller said. A time without an offset is one on the clocks of the zone."""

    schedule_time: datetime | None = None
    time_zone: str | None = None
    recurrence: str | None = None
    execute_if_past: bool = False


@dataclass(frozen=True, slots=True)
class When:
    """The same, checked. Times in UTC."""

    time_zone: str
    starts_at: datetime
    recurrence: str | None
    next_fire_at: datetime


@dataclass(frozen=True, slots=True)
class Upcoming:
    """One time to come, and what daylight saving does to it."""

    at: datetime
    shift: Shift | None


async def now_of(uow: UnitOfWork) -> datetime:
    """The database's clock, at the beginning of this transaction."""
    return (await uow.session.execute(select(func.now()))).scalar_one()


async def zone_of(uow: UnitOfWork) -> str:
    """The zone that this tenant's times mean."""
    return (await get_settings(uow)).time_zone or DEFAULT_ZONE


def check_timing(timing: Timing, now: datetime, default_zone: str) -> When:
    """The times that this means.

    Raises:
        InvalidInput: the zone, the rule or the time is wrong; every fault at once.
    """
    errors: list[FieldError] = []
    name = timing.time_zone or default_zone
    try:
        zone = get_zone(name)
    except UnknownZone:
        message = "There is no such time zone. Use an IANA name such as Europe/Berlin."
        raise InvalidInput([FieldError("time_zone", message, "unknown_time_zone")]) from None
    starts_at = now
    if timing.schedule_time is not None:
        said = timing.schedule_time
        starts_at = resolve(said, zone) if said.tzinfo is None else said.astimezone(UTC)
    elif timing.recurrence is None:
        errors.append(FieldError("schedule_time", "Say when it runs.", "required"))
    rule, first = None, starts_at
    if timing.recurrence is not None:
        try:
            rule = parse_recurrence(timing.recurrence, zone, starts_at)
        except BadRule as error:
            errors.append(FieldError("recurrence", f"This {error}.", "bad_recurrence"))
    elif not errors:
        errors += _past(starts_at, now, in_grace=timing.execute_if_past)
    if rule is not None:
        found = rule.next(max(now, starts_at - timedelta(microseconds=1)))
        if found is None:
            errors.append(FieldError("recurrence", "No time of this rule is still to come.", "past"))
        else:
            first = found.at
    if errors:
        raise InvalidInput(errors)
    return When(name, starts_at, rule.rule if rule else None, first)


def _past(at: datetime, now: datetime, *, in_grace: bool) -> Sequence[FieldError]:
    if at >= now - (GRACE if in_grace else JUST_NOW):
        return []
    message = (
        "This is longer ago than three days." if in_grace else "This time has passed. Choose one to come."
    )
    return [FieldError("schedule_time", message, "past")]


def rule_of(recurrence: str, time_zone: str, starts_at: datetime) -> Recurrence:
    """A rule that was found sound when it was stored.

    Raises:
        UnknownZone, BadRule: the zone is no longer known here, or the rule is not.
    """
    return parse_recurrence(recurrence, get_zone(time_zone), starts_at)


def upcoming(when: When, now: datetime, most: int) -> list[Upcoming]:
    """The next times, with what daylight saving does to them."""
    zone = get_zone(when.time_zone)
    if when.recurrence is None:
        return [Upcoming(when.next_fire_at, explain_shift(when.next_fire_at, zone))]
    found: list[Occurrence] = rule_of(when.recurrence, when.time_zone, when.starts_at).upcoming(now, most)
    return [Upcoming(one.at, explain_shift(one.at, zone, one.wanted)) for one in found]

"""Wall-clock times in a zone, and which instants they are when clocks are put forward or back.

The rule, everywhere: a time that does not exist (clocks go forward over it) is the first instant after the gap; a time
that comes twice (clocks go back) is the first of the two.
"""

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_+-]*(/[A-Za-z0-9_+-]+){0,2}")
_NOT_ZONES = frozenset({"localtime", "posixrules", "Factory"})
_LONGEST = timedelta(hours=26)
"""No clock was ever moved by more at once (Samoa crossed the date line)."""


class UnknownZone(ValueError):
    """There is no such IANA time zone."""


@lru_cache(maxsize=1024)
def get_zone(name: str) -> ZoneInfo:
    """The IANA zone of this name.

    Raises:
        UnknownZone: there is none.
    """
    if not _NAME.fullmatch(name) or name in _NOT_ZONES:
        raise UnknownZone(name)
    try:
        return ZoneInfo(name)
    except (KeyError, ValueError, OSError) as error:
        raise UnknownZone(name) from error


def instants(wall: datetime, zone: ZoneInfo) -> tuple[datetime, ...]:
    """Every instant (UTC) at which clocks in the zone show this time: none, one or two, in order."""
    found = {wall.replace(tzinfo=zone, fold=fold).astimezone(UTC) for fold in (0, 1)}
    return tuple(sorted(at for at in found if at.astimezone(zone).replace(tzinfo=None, fold=0) == wall))


def resolve(wall: datetime, zone: ZoneInfo) -> datetime:
    """The instant (UTC) that stands for this time: the first of two, or the first after the gap."""
    found = instants(wall, zone)
    return found[0] if found else _end_of_gap(wall, zone)


def _end_of_gap(wall: datetime, zone: ZoneInfo) -> datetime:
    """The instant at which clocks jump over `wall`."""
    low = wall.replace(tzinfo=UTC) - _LONGEST
    high = wall.replace(tzinfo=UTC) + _LONGEST
    while high - low > timedelta(seconds=1):
        middle = low + (high - low) // 2
        if _shown(middle, zone) > wall:
            high = middle
        else:
            low = middle
    return high.replace(microsecond=0) if high.microsecond == 0 else _next_second(low)


def _next_second(at: datetime) -> datetime:
    return at.replace(microsecond=0) + timedelta(seconds=1)


def _shown(at: datetime, zone: ZoneInfo) -> datetime:
    return at.astimezone(zone).replace(tzinfo=None, fold=0)


@dataclass(frozen=True, slots=True)
class Shift:
    """What daylight saving does to one occurrence. `code` is `gap`, `fold_first` or `fold_second`."""

    code: str
    message: str


def explain_shift(at: datetime, zone: ZoneInfo, wanted: datetime | None = None) -> Shift | None:
    """What is odd about this instant in the zone; `wanted` is the wall time that was asked for."""
    shown = _shown(at, zone)
    if wanted is not None and wanted != shown and not instants(wanted, zone):
        return Shift(
            "gap",
            f"Clocks go forward: {wanted:%H:%M} does not exist on {wanted:%Y-%m-%d}, so it runs at {shown:%H:%M}.",
        )
    both = instants(shown, zone)
    if len(both) < 2:  # noqa: PLR2004  # an hour that comes twice
        return None
    if at == both[0]:
        return Shift("fold_first", f"Clocks go back: {shown:%H:%M} comes twice, and this is the first.")
    return Shift("fold_second", f"Clocks go back: {shown:%H:%M} comes twice, and this is the second.")

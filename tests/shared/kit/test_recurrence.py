"""The daylight-saving truth table: four zones, spring and autumn, rules of every shape. And rules that are none."""

# ruff: noqa: DTZ001  # times on a wall have no zone

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.shared.kit.recurrence import BadRule, Recurrence, next_check, parse_recurrence
from services.shared.kit.wallclock import UnknownZone, explain_shift, get_zone, instants, resolve

# Clocks in these zones: Berlin and New York jump an hour at 02:00, Lord Howe half an hour at 02:00, and Santiago an
# hour at midnight, in the southern spring.
SPRING = {
    "Europe/Berlin": datetime(2026, 3, 29, 2, 0),
    "America/New_York": datetime(2026, 3, 8, 2, 0),
    "Australia/Lord_Howe": datetime(2026, 10, 4, 2, 0),
    "America/Santiago": datetime(2026, 9, 6, 0, 0),
}
JUMP = {"Australia/Lord_Howe": timedelta(minutes=30)}
AUTUMN = {
    "Europe/Berlin": datetime(2026, 10, 25, 2, 0),
    "America/New_York": datetime(2026, 11, 1, 1, 0),
    "Australia/Lord_Howe": datetime(2026, 4, 5, 1, 30),
    "America/Santiago": datetime(2026, 4, 4, 23, 0),
}
HOUR = timedelta(hours=1)


def times(rule: str, zone: str, day: datetime, days: int = 1) -> list[str]:
    """What clocks on the wall show, with their offset, when the rule runs from noon before to noon after that day."""
    where = get_zone(zone)
    begin = (day.replace(hour=12, minute=0) - timedelta(days=1)).replace(tzinfo=where)
    end = (begin.replace(tzinfo=None) + timedelta(days=1 + days)).replace(tzinfo=where)
    found = parse_recurrence(rule, where, begin.astimezone(UTC))
    shown = []
    at = begin.astimezone(UTC) - timedelta(seconds=1)
    while (one := found.next(at)) is not None and one.at < end:
        assert one.at > at, "times go forward"
        at = one.at
        shown.append(at.astimezone(where).strftime("%d %H:%M %z"))
    return shown


def offset(zone: str, wall: datetime, fold: int = 0) -> str:
    return wall.replace(tzinfo=get_zone(zone), fold=fold).strftime("%d %H:%M %z")


@pytest.mark.parametrize("zone", sorted(SPRING))
@pytest.mark.parametrize("language", ["cron", "rrule"])
def test_in_spring_a_daily_time_that_does_not_exist_is_the_first_one_after_the_gap(
    zone: str, language: str
) -> None:
    gap, jump = SPRING[zone], JUMP.get(zone, HOUR)
    lost = gap + jump / 2
    rule = f"{lost.minute} {lost.hour} * * *"
    if language == "rrule":
        rule = f"FREQ=DAILY;BYHOUR={lost.hour};BYMINUTE={lost.minute};BYSECOND=0".replace(";BYSECOND=0", "")
    day = gap if gap.hour else gap - timedelta(days=1)
    shown = times(rule, zone, day, days=2)
    assert offset(zone, gap + jump) in shown
    assert shown.count(offset(zone, gap + jump)) == 1
    assert not [one for one in shown if one.startswith(f"{lost:%d %H:%M}")]


@pytest.mark.parametrize("zone", sorted(SPRING))
def test_in_spring_a_rule_for_every_hour_leaves_out_what_does_not_exist(zone: str) -> None:
    gap, jump = SPRING[zone], JUMP.get(zone, HOUR)
    day = gap if gap.hour else gap - timedelta(days=1)
    shown = times(f"{(gap + jump / 2).minute} * * * *", zone, day, days=2)
    assert len(shown) == len(set(shown))
    assert not [one for one in shown if one.startswith(f"{gap + jump / 2:%d %H:%M}")]


@pytest.mark.parametrize("zone", sorted(AUTUMN))
@pytest.mark.parametrize("language", ["cron", "rrule"])
def test_in_autumn_a_daily_time_that_comes_twice_runs_at_the_first(zone: str, language: str) -> None:
    twice = AUTUMN[zone] + JUMP.get(zone, HOUR) / 2
    rule = f"{twice.minute} {twice.hour} * * *"
    if language == "rrule":
        rule = f"FREQ=DAILY;BYHOUR={twice.hour};BYMINUTE={twice.minute}"
    shown = times(rule, zone, twice)
    assert len(instants(twice, get_zone(zone))) == 2
    assert [one for one in shown if one.startswith(f"{twice:%d}")] == [offset(zone, twice, 0)]


@pytest.mark.parametrize("zone", sorted(AUTUMN))
@pytest.mark.parametrize("rule", ["{minute} * * * *", "*/30 * * * *", "FREQ=HOURLY;BYMINUTE={minute}"])
def test_in_autumn_a_rule_for_every_hour_runs_in_both(zone: str, rule: str) -> None:
    twice = AUTUMN[zone] + (timedelta() if "30" in rule else JUMP.get(zone, HOUR) / 2)
    shown = times(rule.format(minute=twice.minute), zone, twice)
    assert offset(zone, twice, 0) in shown
    assert offset(zone, twice, 1) in shown
    assert len(shown) == len(set(shown))


@pytest.mark.parametrize("zone", sorted(SPRING))
@pytest.mark.parametrize("season", ["spring", "autumn"])
def test_a_weekday_morning_is_a_weekday_morning_all_year(zone: str, season: str) -> None:
    day = (SPRING if season == "spring" else AUTUMN)[zone]
    shown = times("0 9 * * 1-5", zone, day - timedelta(days=7), days=14)
    assert len(shown) == 10
    assert {one[3:8] for one in shown} == {"09:00"}


def test_times_that_fall_onto_one_instant_are_one() -> None:
    shown = times("0,30 2,3 * * *", "Europe/Berlin", SPRING["Europe/Berlin"])
    assert [one for one in shown if one.startswith("29")] == ["29 03:00 +0200", "29 03:30 +0200"]


def test_what_daylight_saving_does_is_told() -> None:
    berlin = get_zone("Europe/Berlin")
    lost, twice = datetime(2026, 3, 29, 2, 30), datetime(2026, 10, 25, 2, 30)
    gap = explain_shift(resolve(lost, berlin), berlin, lost)
    assert gap is not None
    assert (gap.code, "03:00" in gap.message) == ("gap", True)
    first, second = instants(twice, berlin)
    found = [explain_shift(at, berlin, twice) for at in (first, second)]
    assert [one and one.code for one in found] == ["fold_first", "fold_second"]
    assert explain_shift(datetime(2026, 6, 1, tzinfo=UTC), berlin) is None


@pytest.mark.parametrize(
    "name", ["", "Mars/Olympus", "../../etc/passwd", "localtime", "Europe", "UTC\0", "a" * 300]
)
def test_what_is_no_zone_is_refused(name: str) -> None:
    with pytest.raises(UnknownZone):
        get_zone(name)


BAD = [
    "",
    "* * * *",
    "* * * * * *",
    "61 * * * *",
    "0 24 * * *",
    "0 0 30 2 *",
    "0 0 * * 8",
    "hello world this is it",
    "@daily",
    "FREQ=SECONDLY",
    "FREQ=MINUTELY",
    "FREQ=DAILY;FREQ=DAILY",
    "FREQ=DAILY;NONSENSE=1",
    "FREQ=DAILY;COUNT=0",
    "FREQ=DAILY;COUNT=5;UNTIL=20300101",
    "FREQ=DAILY;INTERVAL=-1",
    "FREQ=DAILY;BYMONTH=13",
    "FREQ=DAILY;BYHOUR=24",
    "FREQ=DAILY;UNTIL=tomorrow",
    "FREQ=DAILY;UNTIL=20200101",
    "FREQ=DAILY;UNTIL=00010101",
    "FREQ=DAILY;INTERVAL=7;BYDAY=MO",
    "FREQ=HOURLY;INTERVAL=168;BYDAY=MO",
    "FREQ=YEARLY;BYWEEKNO=53;BYMONTH=6",
    "FREQ=HOURLY;COUNT=10000;BYMONTH=2;BYMONTHDAY=29;BYDAY=MO",
    "FREQ=WEEKLY;BYDAY=XX",
    "FREQ=WEEKLY;BYDAY=2MO",
    "FREQ=HOURLY;BYMONTH=2;BYMONTHDAY=30",
    "FREQ=DAILY;BYMONTH=2;BYMONTHDAY=30;COUNT=3",
    "DTSTART:20260101T000000\nRRULE:FREQ=DAILY",
    "0 " * 400,
]


@pytest.mark.parametrize("rule", BAD)
def test_what_is_no_rule_is_refused(rule: str) -> None:
    with pytest.raises(BadRule):
        parse_recurrence(rule, get_zone("Europe/Berlin"), datetime(2026, 1, 1, tzinfo=UTC))


@given(st.text(alphabet="0123456789*/,-; =ABDEFILNORQTUYZ:", max_size=40))
@settings(max_examples=150, deadline=None)
def test_whatever_is_written_is_a_rule_or_is_refused(rule: str) -> None:
    start = datetime(2026, 1, 1, tzinfo=UTC)
    try:
        found = parse_recurrence(rule, get_zone("Europe/Berlin"), start)
    except BadRule:
        return
    assert found.next(start - timedelta(seconds=1)) is not None


RULES = st.sampled_from(
    [
        "30 2 * * *",
        "0 */3 * * *",
        "*/20 * * * *",
        "15 0,2,23 * * 0",
        "FREQ=HOURLY",
        "FREQ=DAILY",
        "FREQ=WEEKLY;BYDAY=SU",
    ]
)


@given(RULES, st.sampled_from(sorted(SPRING)), st.integers(0, 400 * 24 * 60))
@settings(max_examples=150, deadline=None)
def test_asking_from_anywhere_finds_the_same_times(rule: str, zone: str, minutes: int) -> None:
    """Whoever asks after a crash, from whatever moment, finds what the others found."""
    start = datetime(2026, 1, 1, tzinfo=UTC)
    found = parse_recurrence(rule, get_zone(zone), start)
    moment = start + timedelta(minutes=minutes)
    following = found.next(moment)
    assert following is not None
    assert following.at > moment
    between = moment + (following.at - moment) / 2
    assert found.next(between) == following
    assert Recurrence(found.kind, found.rule, found.zone, start).next(moment) == following


@pytest.mark.parametrize(
    "rule",
    [
        "FREQ=HOURLY;INTERVAL=5",
        "FREQ=HOURLY;INTERVAL=7;BYDAY=MO,TH",
        "FREQ=DAILY;INTERVAL=3",
        "FREQ=DAILY;INTERVAL=2;BYMONTH=3,7",
        "FREQ=WEEKLY;INTERVAL=3;BYDAY=SU,TU;WKST=SU",
        "FREQ=WEEKLY;INTERVAL=2",
        "FREQ=MONTHLY;BYMONTHDAY=-1",
        "FREQ=YEARLY;BYDAY=2MO;BYMONTH=5",
    ],
)
def test_a_rule_that_began_long_ago_means_the_times_that_it_meant_from_its_beginning(rule: str) -> None:
    zone, start = get_zone("Europe/Berlin"), datetime(2019, 2, 28, 22, 7, tzinfo=UTC)
    found = parse_recurrence(rule, zone, start)
    since = datetime(2026, 3, 1, tzinfo=UTC)
    walked = [one for one in found.upcoming(start - HOUR, 30_000) if since < one.at][:20]
    assert found.upcoming(since, 20)[: len(walked)] == walked
    assert walked


def test_counted_and_bounded_rules_end() -> None:
    zone, start = get_zone("Europe/Berlin"), datetime(2026, 3, 27, 8, tzinfo=UTC)
    assert len(parse_recurrence("FREQ=DAILY;COUNT=4", zone, start).upcoming(start - HOUR, 99)) == 4
    assert (
        len(
            parse_recurrence("RRULE:FREQ=DAILY;UNTIL=20260330T070000Z", zone, start).upcoming(
                start - HOUR, 99
            )
        )
        == 4
    )
    assert len(parse_recurrence("FREQ=DAILY;UNTIL=20260330", zone, start).upcoming(start - HOUR, 99)) == 4


def test_the_next_check_is_later_than_now() -> None:
    now = datetime(2026, 5, 4, 12, 0, tzinfo=UTC)
    assert next_check("* * * * *", get_zone("UTC"), now) == now + timedelta(minutes=1)

"""Whatever is sent to `/api/schedule` and `/api/tag-rules` is accepted or refused with 4xx, and what was accepted fires."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import quote
from uuid import UUID

from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from services.shared.kit.ids import uuid7
from tests.fixtures.api import Api
from tests.fixtures.providers import CHAT, DESK
from tests.fixtures.scheduling import body, tick

COMMON: dict[str, Any] = {"deadline": None, "suppress_health_check": list(HealthCheck)}
ODD: st.SearchStrategy[Any] = st.sampled_from(
    [
        None,
        True,
        False,
        0,
        -1,
        1.5,
        10**30,
        "",
        " ",
        "\0",
        "\ud800",
        "x" * 5000,
        [],
        {},
        [[]],
        {"a": {"b": []}},
    ]
)
TIMES = st.sampled_from(
    [
        "2031-03-30T02:30:00",
        "2031-10-26T02:30:00",
        "2011-12-30T12:00:00",
        "2000-01-01T00:00:00Z",
        "2200-12-31T23:59:59",
        "2200-12-31T23:59:59-12:00",
        "1999-12-31T23:59:59-12:00",
        "0001-01-01T00:00:00+14:00",
        "9999-12-31T23:59:59-14:00",
        "2031-02-29T00:00:00Z",
        "2031-01-01",
        "2031-W01-1",
        "1767225600",
        "now",
    ]
)
ZONES = st.sampled_from(
    [
        "UTC",
        "Europe/Berlin",
        "Pacific/Apia",
        "Asia/Kathmandu",
        "Africa/Casablanca",
        "Etc/GMT+12",
        "utc",
        "Factory",
    ]
) | st.text(max_size=12)
RULE = st.sampled_from(
    [
        "* * * * *",
        "0 0 29 2 *",
        "0 0 30 2 *",
        "0 0 L * *",
        "0 0 * * 5#5",
        "@reboot",
        "FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=29;BYDAY=MO",
        "FREQ=HOURLY;INTERVAL=168;BYDAY=MO",
        "FREQ=DAILY;COUNT=10000;BYMONTH=2;BYMONTHDAY=30",
        "FREQ=MONTHLY;BYSETPOS=-1;BYDAY=MO,TU,WE,TH,FR",
        "FREQ=WEEKLY;UNTIL=99991231T235959Z",
        "FREQ=DAILY;UNTIL=00010101",
        "FREQ=DAILY;BYHOUR=" + ",".join(["23"] * 60),
        "RRULE:FREQ=DAILY",
        "FREQ=",
        "=",
        ";;;",
    ]
) | st.text(alphabet="0123456789*/,-; =ABDEFHILMNOQRSTUWXY", max_size=60)
RULES = RULE | st.builds(lambda rule: {"cron": rule}, RULE) | st.builds(lambda rule: {"RRULE": rule}, RULE)
TAGS = st.lists(
    st.text(max_size=12) | st.sampled_from(["to be created", "٣٣", "🙂", "--", "ﬁ"]) | ODD, max_size=4
)
WHEN: dict[str, Any] = {
    "schedule_time": TIMES | ODD,
    "time_zone": ZONES | ODD,
    "recurrence": RULES | ODD,
    "priority": st.integers(-5, 1100) | ODD,
    "tags": TAGS | ODD,
    "execute_if_past": st.booleans() | ODD,
}
MORE: dict[str, Any] = {
    "kind": st.sampled_from(["onboard", "change", "offboard"]) | ODD,
    "applications": st.dictionaries(st.sampled_from([DESK, CHAT, "google", ""]), ODD, max_size=3) | ODD,
    "role_template": st.builds(lambda key: {"key": key}, ODD | st.just("sales")) | ODD,
    "employee": ODD,
    "existing_account": ODD,
    "count": st.integers(-1, 60) | ODD,
}
CHANGES = st.fixed_dictionaries({}, optional=WHEN | MORE)
RULE_BODIES = st.fixed_dictionaries(
    {},
    optional={
        "tag": st.text(max_size=60) | ODD,
        "role_template_id": st.sampled_from([str(UUID(int=0)), "x"]) | ODD,
        "offset_days": st.integers(-400, 400) | ODD,
        "time_of_day": st.sampled_from(["00:00", "24:00", "2:30", "\u0660\u0668:\u0660\u0660", "08:00\n"])
        | ODD,
        "time_zone": ZONES | ODD,
        "priority": ODD,
        "enabled": ODD,
    },
)


async def send(client: Any, method: str, path: str, content: Any) -> Any:
    answer = await client.request(
        method, path, content=json.dumps(content), headers={"Content-Type": "application/json"}
    )
    assert answer.status_code < 500, f"{method} {path} {content!r}: {answer.text}"
    if answer.status_code == 422:
        assert all(error["field"] is not None and error["message"] for error in answer.json()["errors"])
    return answer


@settings(max_examples=80, **COMMON)
@given(change=CHANGES)
@example(change={"recurrence": "* * * * *", "schedule_time": "2200-12-31T23:59:59"})
@example(
    change={"time_zone": "Pacific/Apia", "schedule_time": "2011-12-30T12:00:00", "recurrence": "0 12 * * *"}
)
async def test_no_schedule_makes_a_fault_of_ours(api: Api, change: dict[str, Any]) -> None:
    client = api.client(uuid7())
    await send(
        client,
        "POST",
        "/api/schedule/preview",
        {k: v for k, v in change.items() if k in WHEN or k == "count"},
    )
    made = await send(client, "POST", "/api/schedule", {**body(), **change})
    if made.status_code == 201:
        found = made.json()
        assert (await client.get(f"/api/schedule/{found['id']}")).json() == found
    plain = (await client.post("/api/schedule", json=body())).json()
    changed = await send(
        client, "PATCH", f"/api/schedule/{plain['id']}", {k: v for k, v in change.items() if k in WHEN}
    )
    assert changed.status_code in {200, 422}
    assert (await client.get("/api/schedule")).status_code == 200
    year = "from=2031-01-01T00:00:00Z&to=2031-03-01T00:00:00Z"
    assert (await client.get(f"/api/schedule/calendar?{year}")).status_code == 200
    assert (await tick(api))["more"] is False


@settings(max_examples=60, **COMMON)
@given(content=RULE_BODIES)
async def test_no_tag_rule_makes_a_fault_of_ours(api: Api, content: dict[str, Any]) -> None:
    client = api.client(uuid7())
    await send(client, "POST", "/api/tag-rules/preview", content)
    made = await send(client, "POST", "/api/tag-rules", content)
    if made.status_code == 201:
        await send(client, "GET", f"/api/tag-rules/{made.json()['id']}/preview", None)
    shipped = (await client.get("/api/tag-rules")).json()["items"][0]["id"]
    await send(client, "PUT", f"/api/tag-rules/{shipped}", {"tag": "mine", **content})
    assert (await client.get("/api/tag-rules")).status_code == 200
    assert (await client.delete(f"/api/tag-rules/{shipped}")).status_code == 204


@settings(max_examples=80, **COMMON)
@given(
    name=st.sampled_from(["status", "tag", "from", "to", "limit", "offset", "surprise"]),
    value=TIMES | ZONES | st.text(max_size=12) | st.integers(-5, 10**30).map(str),
    path=st.sampled_from(
        ["/api/schedule", "/api/schedule/calendar", f"/api/schedule/{uuid7()}/runs", "/api/schedule/x"]
    ),
)
async def test_no_question_makes_a_fault_of_ours(api: Api, name: str, value: str, path: str) -> None:
    text = value.encode("utf-8", "surrogatepass")
    answer = await api.client(uuid7()).get(f"{path}?{name}={quote(text)}")
    assert answer.status_code < 500, answer.text

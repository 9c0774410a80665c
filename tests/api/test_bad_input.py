"""Bad input gets a clear error that names the field, and changes nothing."""

from __future__ import annotations

import json
from typing import Any
from uuid import UUID

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from services.shared.kit.ids import uuid7
from tests.fixtures.api import Api, wish
from tests.fixtures.routes import ROUTES


def _with(path: str, value: Any) -> dict[str, Any]:
    body = wish()
    *parents, last = path.split(".")
    at: Any = body
    for part in parents:
        at = at[part]
    at[last] = value
    return body


def _camel(**person: Any) -> dict[str, Any]:
    body = wish()
    body["employee"] = {"fullName": "Grace Hopper", "workEmail": "grace@acme.example", **person}
    return body


CORPUS: list[tuple[str, dict[str, Any], str]] = [
    ("a name of one character", _with("employee.full_name", " x "), "employee.full_name"),
    ("a name of blanks", _with("employee.full_name", "   "), "employee.full_name"),
    ("a name with a line break", _with("employee.full_name", "Grace\nHopper"), "employee.full_name"),
    ("a name of 201 characters", _with("employee.full_name", "x" * 201), "employee.full_name"),
    ("a name that is a number", _with("employee.full_name", 7), "employee.full_name"),
    ("no name", {**wish(), "employee": {"work_email": "a@acme.example"}}, "employee.full_name"),
    ("an address without a domain", _with("employee.work_email", "grace"), "employee.work_email"),
    ("an address with two ats", _with("employee.work_email", "a@b@acme.example"), "employee.work_email"),
    ("an address with a space", _with("employee.work_email", "gr ace@acme.example"), "employee.work_email"),
    ("an address with NUL", _with("employee.work_email", "a\0@acme.example"), "employee.work_email"),
    ("a name in camelCase", _camel(fullName="x"), "employee.fullName"),
    ("an address in camelCase", _camel(workEmail="nobody"), "employee.workEmail"),
    ("a manager's address in camelCase", _camel(managerEmail="nobody"), "employee.managerEmail"),
    ("a day that is none", _with("employee.start_date", "2027-02-30"), "employee.start_date"),
    ("a day that is a number", _with("employee.start_date", 1800000000), "employee.start_date"),
    ("a day in the far future", _with("employee.start_date", "9999-12-31"), "employee.start_date"),
    ("an unknown field of the person", _with("employee.salary", 1), "employee.salary"),
    ("an unknown field", _with("tenant_id", str(uuid7())), "tenant_id"),
    ("both spellings of one name", _with("employee.fullName", "Grace"), "employee.fullName"),
    ("a person that is a list", _with("employee", []), "employee"),
    ("no apps", _with("apps", {}), "apps"),
    ("no app switched on", _with("apps", {"desk": False}), "apps"),
    ("an unknown app", _with("apps", {"slak": {}}), "apps.slak"),
    ("an app that is a number", _with("apps", {"desk": 7}), "apps.desk"),
    ("an app that is null", _with("apps", {"desk": None}), "apps.desk"),
    (
        "an app given twice",
        _with("apps", {"desk": {"level": "a"}, "desk-suite": {"level": "b"}}),
        "apps.desk-suite",
    ),
    ("an app without its field", _with("apps", {"chat": {}}), "apps.chat.nickname"),
    (
        "an app's field that is too small",
        _with("apps", {"desk": {"room_number": 0}}),
        "apps.desk.room_number",
    ),
    ("the same in camelCase", _with("apps", {"desk": {"roomNumber": 0}}), "apps.desk.roomNumber"),
    ("an app's unknown field", _with("apps", {"desk": {"colour": "red"}}), "apps.desk.colour"),
    ("an item of an app's list", _with("apps", {"desk": {"seats": ["a", 7]}}), "apps.desk.seats.1"),
    ("NUL in an app's field", _with("apps", {"desk": {"level": "a\0"}}), "apps.desk.level"),
    ("half a surrogate in an app's field", _with("apps", {"desk": {"level": "\ud800"}}), "apps.desk.level"),
    ("NUL in a field's name", _with("apps", {"desk": {"a\0": 1}}), "apps.desk.a\0"),
    ("a kind that is not offered", _with("kind", "offboard"), "kind"),
    ("a switch that is text", _with("dry_run", "yes"), "dry_run"),
    ("the same in camelCase as a number", _with("dryRun", 1), "dryRun"),
    ("a policy that is none", _with("existing_account", "steal"), "existing_account"),
    ("a tag that is too long", _with("tags", ["x" * 51]), "tags.0"),
    ("a blank tag", _with("tags", [" "]), "tags.0"),
    ("too many tags", _with("tags", [str(n) for n in range(51)]), "tags"),
]


@pytest.mark.parametrize(("body", "field"), [c[1:] for c in CORPUS], ids=[c[0] for c in CORPUS])
async def test_a_wrong_body_is_refused_and_the_field_is_named(
    api: Api, tenant: UUID, body: dict[str, Any], field: str
) -> None:
    client = api.client(tenant)
    answer = await client.post(
        "/api/requests", content=json.dumps(body), headers={"Content-Type": "application/json"}
    )
    assert answer.status_code == 422, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    problem = answer.json()
    assert field in [error["field"] for error in problem["errors"]]
    assert all(error["message"] for error in problem["errors"])
    assert (await client.get("/api/requests")).json()["total"] == 0
    assert (await client.get("/api/audit")).json()["total"] == 0


async def test_applications_is_another_word_for_apps_and_errors_use_it(api: Api, tenant: UUID) -> None:
    client, body = api.client(tenant), wish()
    apps = body.pop("apps")
    answer = await client.post("/api/requests", json={**body, "applications": apps})
    assert answer.status_code == 201, answer.text
    answer = await client.post("/api/requests", json={**body, "applications": {"chat": {"nickname": "a"}}})
    assert answer.json()["errors"][0]["field"] == "applications.chat.nickname"


async def test_every_fault_is_named_at_once(api: Api, tenant: UUID) -> None:
    body = wish(apps={"slak": {}, "chat": {}, "desk": {"colour": "red"}})
    errors = (await api.client(tenant).post("/api/requests", json=body)).json()["errors"]
    assert {error["field"] for error in errors} == {"apps.slak", "apps.chat.nickname", "apps.desk.colour"}


async def test_a_domain_that_is_not_the_tenants_is_named_as_it_was_sent(
    api: Api, tenant: UUID, module_database: Any
) -> None:
    module_database.psql(
        f"INSERT INTO api.tenant_settings VALUES ('{tenant}', '[\"acme.example\"]', 'keep', 3600)"
    )
    client = api.client(tenant)
    answer = await client.post("/api/requests", json=_camel(workEmail="grace@evil.example"))
    assert (answer.status_code, answer.json()["errors"][0]["field"]) == (422, "employee.workEmail")
    assert (
        await client.post("/api/requests", json=_camel(workEmail="GRACE@ACME.example"))
    ).status_code == 201


async def test_short_names_switches_and_blanks_are_understood(api: Api, tenant: UUID) -> None:
    body = wish(apps={"desk": True, "chat": False})
    body["employee"] |= {"full_name": "  Grace Hopper ", "department": " ", "tags": [" new ", "new"]}
    client = api.client(tenant)
    made = (await client.post("/api/requests", json=body)).json()
    assert made["employee"]["full_name"] == "Grace Hopper"
    assert [app["app"] for app in made["apps"]] == ["desk-suite"]
    person = (await client.get(f"/api/employees/{made['employee']['id']}")).json()
    assert (person["department"], person["tags"]) == (None, ["new"])


RAW: list[tuple[str, bytes, set[int]]] = [
    ("nothing", b"", {422}),
    ("not JSON", b"{", {400}),
    ("a word", b"nonsense", {400}),
    ("a list", b"[]", {422}),
    ("a text", b'"x"', {422}),
    ("null", b"null", {422}),
    ("invalid UTF-8", b'{"kind": "\xff\xfe"}', {400}),
    ("UTF-16", json.dumps({"kind": "onboard"}).encode("utf-16"), {400, 422}),
    ("nested without end", b"[" * 100_000, {400}),
    ("nested deeply", b'{"apps": {"desk": ' + b'{"a":' * 500 + b"1" + b"}" * 500 + b"}}", {422}),
    ("NaN", b'{"apps": {"desk": {"room_number": NaN}}}', {400, 422}),
    ("a number beyond all bounds", b'{"apps": {"desk": {"room_number": 1e999}}}', {422}),
    ("a number of 5000 digits", b'{"apps": {"desk": {"room_number": ' + b"9" * 5000 + b"}}}", {400, 422}),
    ("a number of 4000 digits", b'{"apps": {"desk": {"room_number": ' + b"9" * 4000 + b"}}}", {422}),
    ("too large", b'{"kind": "' + b"x" * (1024 * 1024) + b'"}', {413}),
]


@pytest.mark.parametrize(("body", "status"), [r[1:] for r in RAW], ids=[r[0] for r in RAW])
async def test_whatever_comes_is_refused_without_a_fault_of_ours(
    api: Api, tenant: UUID, body: bytes, status: set[int]
) -> None:
    answer = await api.client(tenant).post(
        "/api/requests", content=body, headers={"Content-Type": "application/json"}
    )
    assert answer.status_code in status, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["correlation_id"]


@pytest.mark.parametrize(
    "kind", ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data", "x"]
)
async def test_another_content_type_is_refused(api: Api, tenant: UUID, kind: str) -> None:
    answer = await api.client(tenant).post(
        "/api/requests", content=json.dumps(wish()), headers={"Content-Type": kind}
    )
    assert answer.status_code == 422


@pytest.mark.parametrize(
    ("path", "field"),
    [
        ("/api/requests?limit=0", "limit"),
        ("/api/requests?limit=201", "limit"),
        ("/api/requests?limit=" + "9" * 30, "limit"),
        ("/api/requests?offset=-1", "offset"),
        ("/api/requests?offset=" + "9" * 30, "offset"),
        ("/api/requests?state=lost", "state"),
        ("/api/requests?q=a%00b", "q"),
        ("/api/requests?q=" + "x" * 300, "q"),
        ("/api/requests?tag=%00", "tag"),
        ("/api/requests?from=yesterday", "from"),
        ("/api/requests?to=0001-01-01T00:00:00%2B14:00", "to"),
        ("/api/requests?to=9999-12-31T23:59:59-12:00", "to"),
        ("/api/requests/not-a-uuid", "request_id"),
        ("/api/requests/%00", "request_id"),
        ("/api/employees?status=gone", "status"),
        ("/api/employees/by-email", "work_email"),
        ("/api/audit?actor=%00", "actor"),
        ("/api/audit?from=1e99", "from"),
        ("/api/apps/desk/options/seats?q=" + "x" * 101, "q"),
    ],
)
async def test_a_wrong_query_is_named(api: Api, tenant: UUID, path: str, field: str) -> None:
    answer = await api.client(tenant).get(path)
    assert answer.status_code == 422, answer.text
    assert answer.json()["errors"][0]["field"] == field


async def test_bytes_that_are_no_text_find_nothing(api: Api, tenant: UUID) -> None:
    for path in (
        "/api/requests?q=%ff%fe",
        "/api/requests?q=%ed%a0%80",
        "/api/apps/%ff/options/x",
        "/api/%ff",
    ):
        answer = await api.client(tenant).get(path)
        assert answer.status_code < 500, path


async def test_unknown_paths_and_methods_are_problems_too(api: Api, tenant: UUID) -> None:
    client = api.client(tenant)
    for method, path, status in [("GET", "/api/nothing", 404), ("DELETE", "/api/requests", 405)]:
        answer = await client.request(method, path)
        assert answer.status_code == status
        assert answer.headers["content-type"] == "application/problem+json"


TREES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(max_size=20)
    | st.sampled_from(["\0", "\ud800", "2027-01-01", "a@acme.example"]),
    lambda below: st.lists(below, max_size=4) | st.dictionaries(st.text(max_size=12), below, max_size=4),
    max_leaves=12,
)
NAMES = ["employee", "apps", "kind", "dry_run", "tags", "plan_id", "decisions", "fields", "existing_account"]
NAMES += ["scopes", "expires_at", "calls_per_minute", "email", "role", "items", "disabled"]
NAMES += ["role_template", "name", "key", "conditions", "description", "version", "department", "offered"]
BODIES = TREES | st.fixed_dictionaries({}, optional=dict.fromkeys(NAMES, TREES))
WRITES = sorted(name for name, route in ROUTES.items() if route.method in {"POST", "PUT"} and name != "sweep")
ASKS = {"suggest_role_templates", "renew_subscriptions", "replay_notifications"}
"""A body that asks about nobody in particular is a right one; one without any names them all."""


@settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))
@given(body=BODIES, name=st.sampled_from(WRITES))
async def test_no_json_at_all_makes_a_fault_of_ours(api: Api, body: Any, name: str) -> None:
    client = api.client(uuid7())
    path = ROUTES[name].path.replace("{app}", "desk")
    path = path.replace("{request_id}", str(uuid7())).replace("{action_id}", str(uuid7()))
    path = path.replace("{template_id}", str(uuid7()))
    headers = {"Content-Type": "application/json"}
    answer = await client.request(ROUTES[name].method, path, content=json.dumps(body), headers=headers)
    assert (200 if name in ASKS else 400) <= answer.status_code < 500, answer.text
    await client.aclose()

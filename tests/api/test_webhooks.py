"""What vendors post: only what is signed gets in, it is heard once, and nothing in it is believed."""

from __future__ import annotations

import asyncio
import json
from uuid import uuid4

import httpx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from services.shared.kit.ids import uuid7
from tests.api.club import Clubhouse, clubhouse, only_the_club, yard

__all__ = ["clubhouse", "only_the_club", "yard"]
HOOK = uuid7()


def _joined(address: str) -> bytes:
    return json.dumps({"joined": {"email": address}}).encode()


async def _post(
    house: Clubhouse,
    body: bytes,
    *,
    id: str = "d1",
    signed: bool = True,
    path: str = f"github/{HOOK}",
    more: dict[str, str] | None = None,
) -> httpx.Response:
    house.api.auth.hooks = {("github", str(HOOK)): str(house.yard.tenant)}
    sent = {"x-delivery": id, "content-type": "application/json", **(more or {})}
    if signed:
        sent["x-signed"] = "yes"
    return await house.api.nobody().post(f"/api/webhooks/{path}", content=body, headers=sent)


def _stored(house: Clubhouse) -> list[str]:
    return house.yard.database.psql(
        "SELECT delivery_id || ' ' || heard || ' ' || hastened FROM api.incoming_deliveries"
        f" WHERE tenant_id = '{house.yard.tenant}' ORDER BY 1"
    ).splitlines()


async def test_an_acceptance_is_heard_and_seen_at_the_vendor(clubhouse: Clubhouse) -> None:
    made = await clubhouse.request(badge=True)
    address = made["employee"]["work_email"]
    assert (await _post(clubhouse, _joined(address))).status_code == 200
    await clubhouse.yard.work()
    assert (await clubhouse.read(made["id"]))["state"] == "running", "the delivery alone is not believed"
    clubhouse.yard.club.accept(address)
    answer = await _post(clubhouse, _joined(address), id="d2")
    assert (answer.status_code, answer.json()) == (200, {})
    assert await clubhouse.yard.work() == 1
    assert (await clubhouse.read(made["id"]))["state"] == "completed"
    assert _stored(clubhouse) == ["d1 1 1", "d2 1 1"]


async def test_the_same_delivery_ten_times_is_one(clubhouse: Clubhouse) -> None:
    made = await clubhouse.request(badge=True)
    address = made["employee"]["work_email"]
    clubhouse.yard.club.accept(address)
    answers = await asyncio.gather(*(_post(clubhouse, _joined(address)) for _ in range(10)))
    assert {answer.status_code for answer in answers} == {200}
    assert await clubhouse.yard.work() == 1
    assert (await _post(clubhouse, _joined(address))).status_code == 200
    assert await clubhouse.yard.work() == 0
    assert clubhouse.yard.club.effects == [("invite", address), ("badge", address)]
    assert _stored(clubhouse) == ["d1 1 1"]


async def test_what_is_not_signed_tells_nothing_and_does_nothing(clubhouse: Clubhouse) -> None:
    made = await clubhouse.request()
    body = _joined(made["employee"]["work_email"])
    refusals = [
        await _post(clubhouse, body, signed=False),
        await _post(clubhouse, body, path=f"github/{uuid4()}"),
        await _post(clubhouse, body, path=f"zoom/{HOOK}"),
        await _post(clubhouse, body, path=f"fax/{HOOK}"),
        await _post(clubhouse, body, path="github/no-uuid"),
        await _post(clubhouse, body, path=f"{'x' * 500}/{HOOK}"),
        await _post(clubhouse, b"{", signed=False),
    ]
    for answer in refusals:
        problem = answer.json()
        assert (answer.status_code, problem["code"]) == (401, "unauthenticated")
        assert problem["detail"] == refusals[0].json()["detail"]
    assert _stored(clubhouse) == []
    assert await clubhouse.yard.work() == 0


async def test_nothing_of_a_session_reaches_the_check(clubhouse: Clubhouse) -> None:
    more = {"cookie": "__Host-session=x", "authorization": "Bearer x", "x-big": "x" * 2000}
    await _post(clubhouse, b"{}", more=more)
    (seen,) = [r for r in clubhouse.api.auth.seen if r.url.path.endswith("/webhook-check")]
    assert set(json.loads(seen.content)["headers"]) == {"x-delivery", "x-signed"}


@pytest.mark.parametrize(
    "body", [b"", b"{", b"[]", b"7", b"\xff\xfe", b"[" * 100_000, b'{"a":' * 50_000, b"1" * 5000]
)
async def test_a_signed_body_that_is_no_json_object_is_a_400(clubhouse: Clubhouse, body: bytes) -> None:
    answer = await _post(clubhouse, body)
    assert (answer.status_code, answer.json()["code"]) == (400, "invalid_json")


async def test_what_concerns_nobody_is_accepted_and_not_kept(clubhouse: Clubhouse) -> None:
    for body in (b"{}", b'{"joined": 7}', b'{"joined": {}}', b'{"zen": "Speak like a human."}'):
        assert (await _post(clubhouse, body)).status_code == 200
    for name in ("a\0b", "\ud800", "x" * 400, "", "a\nb"):
        assert (await _post(clubhouse, json.dumps({"joined": {"email": name}}).encode())).status_code == 200
    assert _stored(clubhouse) == []
    assert (await _post(clubhouse, _joined("stranger@acme.example"))).status_code == 200
    assert _stored(clubhouse) == ["d1 1 0"]


async def test_too_much_is_a_413(clubhouse: Clubhouse) -> None:
    for size in (300_000, 2_000_000):
        answer = await _post(clubhouse, b"x" * size)
        assert (answer.status_code, answer.headers["content-type"]) == (413, "application/problem+json")
    assert not [r for r in clubhouse.api.auth.seen if r.url.path.endswith("/webhook-check")]


async def test_a_challenge_is_answered_with_what_the_auth_service_says(clubhouse: Clubhouse) -> None:
    answer = await _post(clubhouse, b"{}", more={"x-challenge": "yes"})
    assert (answer.status_code, answer.json()) == (200, {"plainToken": "p"})
    assert _stored(clubhouse) == []


async def test_another_tenants_delivery_moves_nothing_here(clubhouse: Clubhouse) -> None:
    made = await clubhouse.request()
    house, address = clubhouse, made["employee"]["work_email"]
    other = uuid7()
    house.api.auth.hooks = {("github", str(other)): str(uuid7())}
    answer = await house.api.nobody().post(
        f"/api/webhooks/github/{other}", content=_joined(address), headers={"x-signed": "yes"}
    )
    assert answer.status_code == 200
    assert await house.yard.work() == 0
    assert _stored(house) == []


async def test_who_cannot_be_asked_now_is_asked_again_by_the_vendor(clubhouse: Clubhouse) -> None:
    clubhouse.api.auth.away = True
    answer = await _post(clubhouse, b"{}")
    assert (answer.status_code, answer.headers["retry-after"]) == (503, "5")


async def test_every_delivery_is_counted(clubhouse: Clubhouse) -> None:
    made = await clubhouse.request()
    body = _joined(made["employee"]["work_email"])
    for _ in range(2):
        await _post(clubhouse, body)
    await _post(clubhouse, b"{}")
    await _post(clubhouse, b"{")
    await _post(clubhouse, body, path=f"nonsense/{HOOK}")
    figures = (await clubhouse.api.nobody().get("/metrics")).text
    for vendor, outcome in (
        ("github", "heard"),
        ("github", "repeated"),
        ("github", "ignored"),
        ("github", "malformed"),
        ("unknown", "refused"),
    ):
        assert f'oneclick_webhook_deliveries_total{{outcome="{outcome}",vendor="{vendor}"}}' in figures
    assert 'oneclick_webhook_hastened_total{vendor="github"}' in figures
    assert "nonsense" not in figures


async def test_an_administrator_finds_the_address_to_enter_at_the_vendor(clubhouse: Clubhouse) -> None:
    one = {"vendor": "github", "providers": ["club"], "connection_id": str(HOOK), "status": "active"}
    deaf = {**one, "vendor": "scim", "connection_id": str(uuid4())}
    clubhouse.api.auth.connections = {str(clubhouse.yard.tenant): [one, deaf]}
    path = f"/api/webhooks/github/{HOOK}"
    for role in ("admin", "auditor"):
        answer = await clubhouse.client(role=role).get("/api/webhooks")
        assert answer.json() == {"items": [{"vendor": "github", "connection_id": str(HOOK), "path": path}]}
    assert (await clubhouse.client(tenant=uuid4()).get("/api/webhooks")).json() == {"items": []}
    clubhouse.api.auth.hooks = {("github", str(HOOK)): str(clubhouse.yard.tenant)}
    posted = await clubhouse.api.nobody().post(path, content=b"{}", headers={"x-signed": "yes"})
    assert posted.status_code == 200
    clubhouse.api.auth.away = True
    assert (await clubhouse.client(tenant=uuid4()).get("/api/webhooks")).status_code == 503


JSON = st.recursive(
    st.none() | st.booleans() | st.floats() | st.integers() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=10,
)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    body=st.binary(max_size=200)
    | JSON.map(lambda value: json.dumps(value).encode())
    | JSON.map(lambda value: json.dumps({"joined": value}).encode())
    | st.dictionaries(st.sampled_from(["email", "login", "id"]), JSON).map(
        lambda value: json.dumps({"joined": value}).encode()
    ),
    signed=st.booleans(),
    id=st.text(st.characters(min_codepoint=33, max_codepoint=126), min_size=1, max_size=100),
)
async def test_whatever_comes_it_is_no_fault_of_ours(
    clubhouse: Clubhouse,
    body: bytes,
    signed: bool,  # noqa: FBT001  # hypothesis passes it by name
    id: str,
) -> None:
    answer = await _post(clubhouse, body, signed=signed, id=id)
    assert answer.status_code in ({200, 400} if signed else {401}), answer.text


async def test_a_sweep_forgets_old_deliveries(clubhouse: Clubhouse) -> None:
    made = await clubhouse.request()
    await _post(clubhouse, _joined(made["employee"]["work_email"]))
    clubhouse.yard.database.psql(
        "UPDATE api.incoming_deliveries SET received_at = now() - interval '31 days'"
    )
    swept = await clubhouse.api.nobody().post(
        "/api/internal/sweep", headers={"X-Service-Token": "k1.service-token-of-the-scheduler"}
    )
    assert swept.json()["swept"]["incoming_deliveries"] >= 1
    assert _stored(clubhouse) == []

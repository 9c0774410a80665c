"""Microsoft's posts: only what brings a subscription's own client state gets in, once, and nothing is a 5xx."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from typing import Any
from uuid import UUID

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from prometheus_client import REGISTRY

from services.shared.domain.notification.taking import hash_client_state
from services.shared.kit.ids import uuid7
from tests.fixtures.api import Api
from tests.fixtures.notified import HOOK, Watch, watching
from tests.fixtures.postgres import Database
from tests.fixtures.principals import SCHEDULER_TOKEN


@pytest.fixture
async def watch(api: Api, tenant: UUID, module_database: Database) -> Watch:
    return await watching(api, module_database, tenant)


@pytest.mark.parametrize("method", ["GET", "POST"])
@pytest.mark.parametrize(
    "token", ["abc", "Validation: Testing client application reachability for 1+1=2 & more", "ä<b>"]
)
async def test_the_handshake_answers_the_decoded_token_as_plain_text(
    api: Api, method: str, token: str
) -> None:
    answer = await api.nobody().request(
        method, HOOK, params={"validationToken": token}, headers={"content-type": "text/plain; charset=utf-8"}
    )
    assert (answer.status_code, answer.text) == (200, token)
    assert answer.headers["content-type"] == "text/plain; charset=utf-8"
    assert answer.headers["x-content-type-options"] == "nosniff"


@pytest.mark.parametrize("token", ["", "x" * 3000, "a\0b", "a\r\nb"])
async def test_a_token_that_is_none_is_refused(api: Api, token: str) -> None:
    answer = await api.nobody().post(HOOK, params={"validationToken": token})
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["field"] == "validationToken"


async def test_a_notification_is_stored_with_its_work_and_its_correlation_id(watch: Watch) -> None:
    answer = await watch.post(watch.item(), headers={"X-Correlation-Id": "from-the-edge-1"})
    assert (answer.status_code, answer.content) == (202, b"")
    assert watch.rows("state, kind, change_type, resource, correlation_id") == [
        "queued|change|created|Users/u1/Messages/m1|from-the-edge-1"
    ]
    jobs = watch.rows("kind, subject_id::text, lane, priority, correlation_id", "jobs")
    (event,) = watch.rows("id")
    assert f"notification.process|{event}|microsoft|-1|from-the-edge-1" in jobs, "behind what people wait for"


async def test_ten_times_the_same_is_one(watch: Watch) -> None:
    answers = await asyncio.gather(*(watch.post(watch.item(), watch.item()) for _ in range(10)))
    assert {answer.status_code for answer in answers} == {202}
    assert len(watch.rows("id")) == 1
    assert len([job for job in watch.rows("kind", "jobs") if job == "notification.process"]) == 1
    changed = watch.item(resourceData={"id": "m1", "@odata.etag": 'W/"later"'}, changeType="updated")
    await watch.post(changed)
    assert len(watch.rows("id")) == 2, "another change key is another change"


async def test_without_a_change_key_only_what_waits_still_is_the_same(watch: Watch) -> None:
    bare = watch.item(resourceData={"id": "m1"})
    for _ in range(3):
        await watch.post(bare)
    assert watch.rows("coalesces, state") == ["t|queued"]
    watch.database.psql(
        f"UPDATE api.webhook_events SET dedupe = sha256(id::text::bytea) WHERE tenant_id = '{watch.tenant}'"
    )
    await watch.post(bare)
    assert watch.rows("coalesces, state") == ["t|queued", "t|queued"]


async def test_what_is_not_authentic_is_dropped_and_the_rest_of_the_batch_is_kept(watch: Watch) -> None:
    answer = await watch.post(
        watch.item(1),
        watch.item(2, clientState="wrong"),
        watch.item(3, subscriptionId="unknown"),
        watch.item(4, clientState=None),
        watch.item(5, changeType="exploded"),
        watch.item(6, resource="a\0b"),
        "no object",
        None,
        {"subscriptionId": watch.remote_id, "clientState": watch.client_state, "lifecycleEvent": "nonsense"},
        watch.item(7),
    )
    assert answer.status_code == 202
    assert [row.rpartition("/")[2] for row in watch.rows("resource")] == ["m1", "m7"]
    figures = (await watch.api.nobody().get("/metrics")).text
    for outcome in ("stored", "wrong_client_state", "unknown_subscription", "malformed_item"):
        assert f'oneclick_notifications_in_total{{outcome="{outcome}"}}' in figures


async def test_one_post_holds_notifications_of_several_tenants(
    watch: Watch, api: Api, other_tenant: UUID, module_database: Database
) -> None:
    answer = await api.client(other_tenant).post(
        "/api/ms365/subscriptions", json={"resource": "users/u2/messages"}
    )
    other = Watch(api, module_database, other_tenant, answer.json()["id"], f"r-{uuid7()}", "another state")
    module_database.psql(
        f"UPDATE api.webhook_subscriptions SET remote_id = '{other.remote_id}',"
        f" client_state_hash = decode('{hash_client_state(other.client_state).hex()}', 'hex') WHERE id = '{other.id}'"
    )
    crossed = watch.item(9, clientState=other.client_state)
    await watch.post(watch.item(1), other.item(2), crossed)
    assert [row.rpartition("/")[2] for row in watch.rows("resource")] == ["m1"]
    assert [row.rpartition("/")[2] for row in other.rows("resource")] == ["m2"]


async def test_one_that_is_being_made_is_heard_before_its_id_is_known(watch: Watch) -> None:
    watch.database.psql(f"UPDATE api.webhook_subscriptions SET remote_id = NULL WHERE id = '{watch.id}'")
    await watch.post(watch.item(subscriptionId="not told yet"))
    assert len(watch.rows("id")) == 1


async def test_after_its_end_nothing_gets_in_although_it_was_known(watch: Watch) -> None:
    await watch.post(watch.item(1))
    assert (
        await watch.api.client(watch.tenant).delete(f"/api/ms365/subscriptions/{watch.id}")
    ).status_code == 202
    assert (await watch.post(watch.item(2))).status_code == 202
    assert len(watch.rows("id")) == 1


async def test_a_rich_notification_keeps_what_is_sealed_and_shows_none_of_it(watch: Watch) -> None:
    sealed = {
        "data": "c2VhbGVk",
        "dataKey": "a2V5",
        "dataSignature": "c2ln",
        "encryptionCertificateId": "c1",
        "encryptionCertificateThumbprint": "t",
    }
    body = {"value": [watch.item(encryptedContent=sealed)], "validationTokens": ["a.b.c"]}
    assert (await watch.api.nobody().post(HOOK, json=body)).status_code == 202
    (kept,) = watch.rows("encrypted")
    assert json.loads(kept)["validation_tokens"] == ["a.b.c"]
    shown = (await watch.api.client(watch.tenant).get("/api/ms365/notifications")).text
    assert "c2VhbGVk" not in shown


@pytest.mark.parametrize(
    ("body", "headers", "status"),
    [
        (b"", {}, 400),
        (b"{", {}, 400),
        (b"[" * 100_000, {}, 400),
        (b"\xff\xfe", {}, 400),
        (b"[]", {}, 422),
        (b"7", {}, 422),
        (b"{}", {}, 422),
        (b'{"value": {}}', {}, 422),
        (b'{"value": ' + b"[" * 900 + b"]" * 900 + b"}", {}, 202),
        (b'{"value": []}', {}, 202),
        (b'{"value": []}', {"content-type": "text/plain"}, 415),
        (b'{"value": []}', {"content-type": "application/x-www-form-urlencoded"}, 415),
        (b'{"value": [' + b"1," * 2000 + b"1]}", {}, 413),
        (b"x" * 2_000_000, {}, 413),
    ],
)
async def test_what_is_malformed_is_answered_so_and_stores_nothing(
    watch: Watch, body: bytes, headers: dict[str, str], status: int
) -> None:
    answer = await watch.api.nobody().post(
        HOOK, content=body, headers={"content-type": "application/json", **headers}
    )
    assert answer.status_code == status, answer.text
    assert watch.rows("id") == []


@pytest.mark.parametrize(
    ("content", "kind", "outcome"),
    [
        (b"{", "application/json", "malformed"),
        (b"{}", "application/json", "malformed"),
        (b'{"value": []}', "text/plain", "wrong_content_type"),
        (b'{"value": [' + b"1," * 2000 + b"1]}", "application/json", "too_many"),
        (b"x" * 2_000_000, "application/json", "too_large"),
        ([b"x" * 700_000] * 3, "application/json", "too_large"),
    ],
)
async def test_what_is_refused_is_counted(
    watch: Watch, content: bytes | list[bytes], kind: str, outcome: str
) -> None:
    async def in_pieces() -> AsyncIterator[bytes]:
        for piece in content:
            assert isinstance(piece, bytes)
            yield piece

    name, labels = "oneclick_notifications_in_total", {"outcome": outcome}
    before = REGISTRY.get_sample_value(name, labels) or 0
    sent = content if isinstance(content, bytes) else in_pieces()
    answer = await watch.api.nobody().post(HOOK, content=sent, headers={"content-type": kind})
    assert answer.status_code in {400, 413, 415, 422}
    assert REGISTRY.get_sample_value(name, labels) == before + 1


async def test_while_the_database_is_away_the_vendor_is_asked_to_come_again(
    watch: Watch, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def broken(*_: object) -> None:
        raise OSError("no way to the database")

    monkeypatch.setattr("services.api.notifications.intake.store_notices", broken)
    answers = await asyncio.gather(*(watch.post(watch.item(number)) for number in range(5)))
    assert {answer.status_code for answer in answers} == {503}
    monkeypatch.undo()
    assert (await watch.post(watch.item(1))).status_code == 202
    assert len(watch.rows("id")) == 1


async def test_one_posts_trouble_is_not_everybodys(watch: Watch, monkeypatch: pytest.MonkeyPatch) -> None:
    from services.api.notifications import intake
    from services.shared.domain.notification import taking

    async def picky(single: Any, accepted: Any) -> Any:
        if any(notice.resource.endswith("m13") for notice, _ in accepted):
            raise OSError("not this one")
        return await taking.store_notices(single, accepted)

    monkeypatch.setattr(intake, "store_notices", picky)
    answers = await asyncio.gather(*(watch.post(watch.item(number)) for number in range(10, 16)))
    assert sorted(answer.status_code for answer in answers) == [202] * 5 + [503]
    assert len(watch.rows("id")) == 5


JSON = st.recursive(
    st.none() | st.booleans() | st.floats() | st.integers() | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=8,
)
NAMES = (
    "subscriptionId",
    "clientState",
    "changeType",
    "resource",
    "resourceData",
    "lifecycleEvent",
    "encryptedContent",
    "id",
)


@settings(max_examples=120, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    body=st.binary(max_size=100)
    | JSON.map(lambda value: json.dumps(value).encode())
    | st.lists(st.dictionaries(st.sampled_from(NAMES), JSON), max_size=4).map(
        lambda items: json.dumps({"value": items}).encode()
    ),
    kind=st.sampled_from(["application/json", "text/plain", "", "application/json; charset=utf-8"]),
    mine=st.booleans(),
)
async def test_whatever_comes_it_is_no_fault_of_ours(
    watch: Watch,
    body: bytes,
    kind: str,
    mine: bool,  # noqa: FBT001  # hypothesis passes it by name
) -> None:
    if mine and body.startswith(b'{"value": [{'):
        known = json.loads(body)
        for item in known["value"]:
            item |= {"subscriptionId": watch.remote_id, "clientState": watch.client_state}
        body = json.dumps(known).encode()
    answer = await watch.api.nobody().post(HOOK, content=body, headers={"content-type": kind})
    assert answer.status_code in {202, 400, 415, 422}, answer.text


async def test_a_sweep_forgets_what_is_past_its_time_and_keeps_what_waits(watch: Watch) -> None:
    await watch.post(watch.item(1), watch.item(2))
    old = f"tenant_id = '{watch.tenant}'"
    watch.database.psql(
        f"UPDATE api.webhook_events SET received_at = now() - interval '31 days' WHERE {old};"
        f"UPDATE api.webhook_events SET state = 'done' WHERE {old} AND resource LIKE '%m1'"
    )
    swept = await watch.api.nobody().post("/api/internal/sweep", headers={"X-Service-Token": SCHEDULER_TOKEN})
    assert swept.json()["swept"]["webhook_events"] == 1
    assert [row.rpartition("/")[2] for row in watch.rows("resource")] == ["m2"]

"""Vendors' deliveries: only what a vendor has signed is authentic, and nobody learns why something is not."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import time
from collections.abc import AsyncIterator, Callable
from typing import Any
from uuid import UUID, uuid4

import pytest
from pydantic import SecretStr

from tests.auth.conftest import Auth, Running
from tests.auth.test_vendors import GITHUB, ZOOM
from tests.fixtures.postgres import Database

HOOK = "canary-hook"
BOTH = {**GITHUB, **ZOOM, "zoom_webhook_secret": SecretStr(HOOK)}
REFUSED = {"verified": False, "tenant_id": None, "vendor": None, "delivery_id": None, "answer": None}
BODY = b'{"action": "member_added",   "of": "\xc3\xa9"}'


def _sign(message: bytes, secret: str = HOOK) -> str:
    return hmac.new(secret.encode(), message, hashlib.sha256).hexdigest()


def github(body: bytes = BODY, *, secret: str = HOOK, id: str | None = "d-1") -> dict[str, str]:
    headers = {"X-Hub-Signature-256": f"sha256={_sign(body, secret)}", "X-GitHub-Event": "organization"}
    return headers if id is None else {**headers, "X-GitHub-Delivery": id}


def zoom(
    body: bytes = BODY, *, secret: str = HOOK, off: float = 0, moment: str | None = None
) -> dict[str, str]:
    moment = str(int(time.time() + off)) if moment is None else moment
    signature = _sign(f"v0:{moment}:".encode() + body, secret)
    return {"X-Zm-Signature": f"v0={signature}", "X-Zm-Request-Timestamp": moment}


@pytest.fixture
async def hooked(running: Running) -> AsyncIterator[Auth]:
    async with running(**BOTH) as auth:
        yield auth


@pytest.fixture
def id_of(database: Database) -> Callable[[str], str]:
    return lambda vendor: database.psql(f"SELECT id FROM auth.connections WHERE vendor = '{vendor}'")


async def _check(
    auth: Auth, vendor: str, connection_id: str, headers: dict[str, str], body: bytes = BODY
) -> dict[str, Any]:
    sent = {
        "vendor": vendor,
        "connection_id": connection_id,
        "headers": headers,
        "body": base64.b64encode(body).decode(),
    }
    answer = await auth.call("api", "POST", "webhook-check", sent)
    assert answer.status_code == 200, answer.text
    assert HOOK not in answer.text
    found: dict[str, Any] = answer.json()
    return found


async def test_what_the_vendor_signed_is_authentic(
    hooked: Auth, id_of: Callable[[str], str], tenant_id: Callable[..., UUID]
) -> None:
    for vendor, headers, delivery_id in (
        ("github", github(), "d-1"),
        ("github", github(id=None), hashlib.sha256(BODY).hexdigest()),
        ("github", github(id="x" * 80), hashlib.sha256(BODY).hexdigest()),
        ("zoom", zoom(), hashlib.sha256(BODY).hexdigest()),
    ):
        assert await _check(hooked, vendor, id_of(vendor), headers) == {
            "verified": True,
            "tenant_id": str(tenant_id()),
            "vendor": vendor,
            "delivery_id": delivery_id,
            "answer": None,
        }


async def test_everything_else_is_refused_in_the_same_words(
    hooked: Auth, id_of: Callable[[str], str], database: Database
) -> None:
    hub, meet = id_of("github"), id_of("zoom")
    cases: list[tuple[str, str, dict[str, str], bytes]] = [
        ("github", hub, {}, BODY),
        ("github", hub, github(secret="other"), BODY),
        ("github", hub, github(), BODY + b" "),
        ("github", hub, {"X-Hub-Signature": "sha1=" + "0" * 40}, BODY),
        ("github", hub, {"X-Hub-Signature-256": _sign(BODY)}, BODY),
        ("github", hub, {"X-Hub-Signature-256": "sha256=" + _sign(BODY).upper()}, BODY),
        ("github", hub, {"X-Hub-Signature-256": "sha256=é"}, BODY),
        ("github", hub, zoom(), BODY),
        ("github", meet, github(), BODY),
        ("github", str(uuid4()), github(), BODY),
        ("zoom", meet, github(), BODY),
        ("zoom", hub, zoom(), BODY),
        ("zoom", meet, zoom(secret="other"), BODY),
        ("zoom", meet, zoom(), BODY + b" "),
        ("zoom", meet, zoom(moment=""), BODY),
        ("zoom", meet, zoom(moment="1e9"), BODY),
        ("zoom", meet, zoom(moment="-5"), BODY),
        ("zoom", meet, {**zoom(), "X-Zm-Request-Timestamp": "1"}, BODY),
        ("google", id_of("google"), github(), BODY),
        ("fax", hub, github(), BODY),
    ]
    for vendor, connection_id, headers, body in cases:
        assert await _check(hooked, vendor, connection_id, headers, body) == REFUSED, (vendor, headers)
    database.psql("UPDATE auth.connections SET status = 'disconnected' WHERE vendor = 'github'")
    assert await _check(hooked, "github", hub, github()) == REFUSED
    database.psql("UPDATE auth.connections SET status = 'needs_reauth' WHERE vendor = 'github'")
    assert (await _check(hooked, "github", hub, github()))["verified"], "it still says who was added"


@pytest.mark.parametrize(("off", "verified"), [(-290, True), (290, True), (-310, False), (310, False)])
async def test_zooms_time_must_be_ours_within_five_minutes(
    hooked: Auth,
    id_of: Callable[[str], str],
    off: float,
    verified: bool,  # noqa: FBT001  # pytest passes it by name
) -> None:
    assert (await _check(hooked, "zoom", id_of("zoom"), zoom(off=off)))["verified"] is verified


async def test_zooms_challenge_is_answered_and_signs_nothing_else(
    hooked: Auth, id_of: Callable[[str], str]
) -> None:
    def challenge(token: Any, event: str = "endpoint.url_validation") -> bytes:
        return json.dumps({"event": event, "payload": {"plainToken": token}}).encode()

    async def answer(body: bytes) -> Any:
        found = await _check(hooked, "zoom", id_of("zoom"), zoom(body), body)
        assert found["verified"]
        return found["answer"]

    plain = "qgg8vlvZRS6UYooatFL8Aw"
    expected = {"plainToken": plain, "encryptedToken": _sign(plain.encode())}
    assert await answer(challenge(plain)) == expected
    for odd in (f"v0:{int(time.time())}:forged", "", None, 7, "x" * 200):
        assert await answer(challenge(odd)) is None
    for body in (challenge(plain, "user.activated"), b"{", b"[]", b'"a"', b"[" * 50_000, b"\xff"):
        assert await answer(body) is None
    forged = challenge(plain)
    assert await _check(hooked, "zoom", id_of("zoom"), zoom(forged, secret="x"), forged) == REFUSED


async def test_without_a_secret_or_with_one_that_cannot_be_read_nothing_is_authentic(
    running: Running, id_of: Callable[[str], str], database: Database
) -> None:
    async with running(**{**GITHUB, "github_webhook_secret": None}) as auth:
        assert await _check(auth, "github", id_of("github"), github(secret="")) == REFUSED
    async with running(**GITHUB) as auth:
        database.psql(
            "UPDATE auth.connection_secrets SET version = version + 1 WHERE field = 'webhook_secret'"
        )
        assert await _check(auth, "github", id_of("github"), github()) == REFUSED


async def test_what_is_no_delivery_is_a_422(hooked: Auth) -> None:
    sound = {"vendor": "github", "connection_id": str(uuid4()), "headers": {}, "body": ""}
    for wrong in (
        {"vendor": "x" * 33},
        {"connection_id": "7"},
        {"headers": {str(n): "" for n in range(65)}},
        {"headers": {"a": "x" * 5000}},
        {"body": "é"},
        {"body": "a"},
        {"body": base64.b64encode(b"x" * 600_000).decode()},
    ):
        answer = await hooked.call("api", "POST", "webhook-check", {**sound, **wrong})
        assert answer.status_code == 422, (wrong, answer.text)


async def test_every_check_is_counted(hooked: Auth, id_of: Callable[[str], str]) -> None:
    await _check(hooked, "github", id_of("github"), github())
    await _check(hooked, "github", id_of("github"), {})
    await _check(hooked, "nonsense", id_of("github"), {})
    figures = (await hooked.client.get("/metrics")).text
    for vendor, outcome in (
        ("github", "authentic"),
        ("github", "wrong_signature"),
        ("unknown", "unknown_vendor"),
    ):
        assert f'oneclick_webhook_checks_total{{outcome="{outcome}",vendor="{vendor}"}}' in figures
    assert "nonsense" not in figures

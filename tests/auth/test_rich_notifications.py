"""Rich notifications are opened for the tenant they were sealed for, after Microsoft's tokens were checked."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import os
import time
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import httpx
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, padding
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.asymmetric.padding import MGF1, OAEP
from cryptography.hazmat.primitives.ciphers import Cipher
from cryptography.hazmat.primitives.ciphers.algorithms import AES
from cryptography.hazmat.primitives.ciphers.modes import CBC
from joserfc import jwt
from joserfc.jwk import OctKey, RSAKey

from services.auth.notification.opening import GRAPH_NOTIFIES
from tests.auth.conftest import Auth, Running
from tests.fixtures.postgres import Database

KEY = RSAKey.generate_key(2048, {"kid": "ms-1", "use": "sig", "alg": "RS256"})
TenantId = Callable[..., UUID]
FORGED = RSAKey.generate_key(2048, {"kid": "ms-1", "use": "sig", "alg": "RS256"})
MAIL = {"id": "AAMk1", "subject": "Sealed and delivered"}


@dataclass
class Microsoft:
    """What publishes Microsoft's keys, and seals for a certificate as Microsoft Graph does."""

    away: bool = False
    calls: list[str] = field(default_factory=list)

    async def __call__(self, request: httpx.Request) -> httpx.Response:
        self.calls.append(request.url.path)
        if self.away:
            raise httpx.ConnectError("away", request=request)
        return httpx.Response(200, json={"keys": [KEY.as_dict(private=False)]})


def seal(certificate: str, certificate_id: str, resource: Any = MAIL) -> dict[str, str]:
    public = x509.load_der_x509_certificate(base64.b64decode(certificate)).public_key()
    assert isinstance(public, rsa.RSAPublicKey)
    key = os.urandom(32)
    padder = padding.PKCS7(AES.block_size).padder()
    padded = padder.update(json.dumps(resource).encode()) + padder.finalize()
    encryptor = Cipher(AES(key), CBC(key[:16])).encryptor()
    data = encryptor.update(padded) + encryptor.finalize()
    sealed_key = public.encrypt(key, OAEP(MGF1(hashes.SHA1()), hashes.SHA1(), None))  # noqa: S303  # what the vendor does
    return {
        "data": base64.b64encode(data).decode(),
        "dataKey": base64.b64encode(sealed_key).decode(),
        "dataSignature": base64.b64encode(hmac.new(key, data, hashlib.sha256).digest()).decode(),
        "encryptionCertificateId": certificate_id,
    }


@dataclass
class Desk:
    auth: Auth
    tenant: str
    directory: str
    client_id: str
    microsoft: Microsoft
    certificate: dict[str, str] = field(default_factory=dict)

    def token(self, key: RSAKey = KEY, **claims: Any) -> str:
        now = int(time.time())
        body = {
            "aud": self.client_id,
            "iss": f"https://sts.windows.net/{self.directory}/",
            "appid": GRAPH_NOTIFIES,
            "nbf": now - 10,
            "exp": now + 3600,
            **claims,
        }
        return jwt.encode(
            {"alg": "RS256", "kid": "ms-1"}, {k: v for k, v in body.items() if v is not None}, key
        )

    async def open(self, content: dict[str, str], tokens: list[str], **more: Any) -> Any:
        answer = await self.auth.call(
            "worker",
            "POST",
            "notifications/open",
            {
                "tenant_id": self.tenant,
                "content": content,
                "validation_tokens": tokens,
                "received_at": datetime.now(UTC).isoformat(),
                **more,
            },
        )
        assert answer.status_code == 200, answer.text
        return answer.json()["resource"]

    def sealed(self, resource: Any = MAIL) -> dict[str, str]:
        return seal(self.certificate["certificate"], self.certificate["certificate_id"], resource)


@pytest.fixture
async def desk(running: Running, tenant_id: TenantId, database: Database) -> AsyncIterator[Desk]:
    microsoft = Microsoft()
    async with running(transport=httpx.MockTransport(microsoft)) as auth:
        directory, client_id = database.psql(
            "SELECT settings->>'directory_id', settings->>'client_id' FROM auth.connections WHERE vendor = 'microsoft'"
        ).split("|")
        made = Desk(auth, str(tenant_id()), directory, client_id, microsoft)
        answer = await auth.call("worker", "POST", "notifications/certificate", {"tenant_id": made.tenant})
        assert answer.status_code == 200, answer.text
        made.certificate = answer.json()
        yield made


async def test_what_was_sealed_for_a_tenant_is_opened(desk: Desk) -> None:
    assert await desk.open(desk.sealed(), [desk.token()]) == MAIL
    version_two = desk.token(
        iss=f"https://login.microsoftonline.com/{desk.directory}/v2.0", appid=None, azp=GRAPH_NOTIFIES
    )
    assert await desk.open(desk.sealed(), ["no.token.at-all", version_two]) == MAIL
    assert len(desk.microsoft.calls) <= 2, "the vendor's keys are kept"


async def test_the_certificate_stays_the_same_and_its_key_is_nowhere_in_the_clear(
    desk: Desk, database: Database
) -> None:
    again = await desk.auth.call("worker", "POST", "notifications/certificate", {"tenant_id": desk.tenant})
    assert again.json() == desk.certificate
    certificate = x509.load_der_x509_certificate(base64.b64decode(desk.certificate["certificate"]))
    assert certificate.not_valid_after_utc > datetime.now(UTC) + timedelta(days=300)
    assert len(desk.certificate["certificate_id"]) <= 128
    stored = database.psql("SELECT encode(envelope, 'escape') FROM auth.notification_keys")
    assert "PRIVATE KEY" not in stored


async def test_a_new_certificate_comes_ahead_of_the_end_and_the_old_one_opens_still(
    desk: Desk, database: Database
) -> None:
    before = desk.sealed()
    database.psql("UPDATE auth.notification_keys SET expires_at = now() + interval '30 days'")
    again = await desk.auth.call("worker", "POST", "notifications/certificate", {"tenant_id": desk.tenant})
    assert again.json()["certificate_id"] != desk.certificate["certificate_id"]
    assert await desk.open(before, [desk.token()]) == MAIL
    database.psql("UPDATE auth.notification_keys SET expires_at = now() - interval '1 second'")
    assert await desk.open(before, [desk.token()]) is None


@pytest.mark.parametrize(
    "claims",
    [
        {"aud": "another-app"},
        {"iss": "https://sts.windows.net/00000000-0000-0000-0000-000000000000/"},
        {"iss": "https://evil.example/"},
        {"appid": "another-app"},
        {"appid": None},
        {"exp": 1},
        {"exp": None},
        {"exp": "soon"},
        {"nbf": 9_999_999_999},
    ],
)
async def test_a_token_that_is_not_for_us_opens_nothing(desk: Desk, claims: dict[str, Any]) -> None:
    assert await desk.open(desk.sealed(), [desk.token(**claims)]) is None


async def test_a_forged_token_or_none_opens_nothing(desk: Desk) -> None:
    assert await desk.open(desk.sealed(), []) is None
    assert await desk.open(desk.sealed(), [desk.token(key=FORGED)]) is None
    shared = OctKey.import_key("a secret of somebody else's that is long enough")
    unsigned = jwt.encode({"alg": "HS256"}, {"aud": desk.client_id}, shared)
    assert await desk.open(desk.sealed(), [unsigned, "", "a.b.c"]) is None


async def test_a_token_counts_by_when_the_notification_came(desk: Desk) -> None:
    old = int(time.time()) - 7200
    token = desk.token(nbf=old - 60, exp=old + 60)
    assert await desk.open(desk.sealed(), [token]) is None
    came = datetime.fromtimestamp(old, UTC).isoformat()
    assert await desk.open(desk.sealed(), [token], received_at=came) == MAIL


@pytest.mark.parametrize("part", ["data", "dataKey", "dataSignature"])
async def test_what_was_changed_on_the_way_is_not_opened(desk: Desk, part: str) -> None:
    sealed = desk.sealed()
    raw = bytearray(base64.b64decode(sealed[part]))
    raw[-1] ^= 1
    for wrong in (base64.b64encode(bytes(raw)).decode(), "", "no base64!", "AAAA"):
        assert await desk.open({**sealed, part: wrong}, [desk.token()]) is None


@pytest.mark.parametrize("resource", [[], 7, "text", None])
async def test_what_is_no_object_is_not_opened(desk: Desk, resource: Any) -> None:
    assert await desk.open(desk.sealed(resource), [desk.token()]) is None


async def test_another_certificate_opens_nothing(desk: Desk) -> None:
    assert await desk.open({**desk.sealed(), "encryptionCertificateId": "unknown"}, [desk.token()]) is None


async def test_while_microsofts_keys_are_away_nothing_is_opened(desk: Desk) -> None:
    desk.microsoft.away = True
    assert await desk.open(desk.sealed(), [desk.token()]) is None


async def test_another_tenant_opens_nothing_and_only_the_worker_asks(desk: Desk, tenant_id: TenantId) -> None:
    body = {"tenant_id": str(tenant_id("globex"))}
    assert (await desk.auth.call("worker", "POST", "notifications/certificate", body)).status_code == 404
    for caller in ("api", "bff", "scheduler"):
        refused = await desk.auth.call(
            caller, "POST", "notifications/certificate", {"tenant_id": desk.tenant}
        )
        assert refused.status_code == 403

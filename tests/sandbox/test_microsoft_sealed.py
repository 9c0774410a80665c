"""Rich notifications, opened step by step as Graph's documentation says."""

from __future__ import annotations

import base64
import hmac
import json
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, padding, serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.asymmetric.padding import MGF1, OAEP
from cryptography.hazmat.primitives.ciphers import Cipher
from cryptography.hazmat.primitives.ciphers.algorithms import AES
from cryptography.hazmat.primitives.ciphers.modes import CBC
from cryptography.x509.oid import NameOID
from joserfc import jwt
from joserfc.jwk import KeySet

from tests.fixtures.sandbox import Sandbox
from tests.sandbox.notified import Receiver, eventually, in_minutes, listening, subscribe, wish
from tests.sandbox.test_microsoft_users import error

ADA = "admin@acme.example"
RICH = {"includeResourceData": True, "encryptionCertificateId": "c1", "resource": f"users/{ADA}/messages?$select=subject"}  # fmt: skip


@pytest.fixture
async def receiver() -> AsyncIterator[Receiver]:
    async with listening() as receiver:
        yield receiver


def make_certificate(key: rsa.RSAPrivateKey) -> str:
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "OneClick")])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now)
        .not_valid_after(now + timedelta(days=1))
        .sign(key, hashes.SHA256())
    )
    return base64.b64encode(made.public_bytes(serialization.Encoding.DER)).decode()


def opened(private: rsa.RSAPrivateKey, content: dict[str, str]) -> dict[str, Any]:
    sha1 = hashes.SHA1()  # noqa: S303 - what Graph's OAEP is made of
    key = private.decrypt(base64.b64decode(content["dataKey"]), OAEP(MGF1(sha1), sha1, None))
    data = base64.b64decode(content["data"])
    assert hmac.digest(key, data, "sha256") == base64.b64decode(content["dataSignature"])
    decryptor = Cipher(AES(key), CBC(key[:16])).decryptor()
    unpadder = padding.PKCS7(128).unpadder()
    plain = unpadder.update(decryptor.update(data) + decryptor.finalize()) + unpadder.finalize()
    found: dict[str, Any] = json.loads(plain)
    return found


async def test_a_mail_comes_sealed_for_the_certificate_with_a_token_of_who_posts_it(
    graph: httpx.AsyncClient, raw: httpx.AsyncClient, sandbox: Sandbox, receiver: Receiver, tenant: Any
) -> None:
    private = rsa.generate_private_key(65537, 2048)
    await subscribe(graph, receiver.url, encryptionCertificate=make_certificate(private), **RICH)
    mail = sandbox.act("microsoft", "mail", to=ADA, subject="Secret plans")["messages"][0]
    await eventually(lambda: len(receiver.items) == 1)
    assert b"Secret plans" not in json.dumps(receiver.posts[0]).encode()
    content = receiver.items[0]["encryptedContent"]
    assert content["encryptionCertificateId"] == "c1"
    shown = opened(private, content)
    assert (shown["subject"], shown["id"]) == ("Secret plans", mail["id"])
    keys = KeySet.import_key_set((await raw.get("/microsoft/common/discovery/v2.0/keys")).json())
    claims = jwt.decode(receiver.posts[0]["validationTokens"][0], keys, algorithms=["RS256"]).claims
    assert claims["aud"] == sandbox.info()["microsoft"]["client_id"]
    assert claims["iss"] == f"https://sts.windows.net/{tenant['directory_id']}/"
    assert claims["appid"] == "0bf30f3b-4a52-48df-9a82-234910c4a086"


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({}, "encryptionCertificate is required"),
        ({"encryptionCertificate": "TUlJ"}, "cannot be read"),
        ({"encryptionCertificate": "TUlJ", "resource": "users", "changeType": "updated"}, "not supported"),
    ],
)
async def test_data_is_not_sent_without_a_certificate_that_can_seal_it(
    graph: httpx.AsyncClient, receiver: Receiver, change: dict[str, Any], words: str
) -> None:
    reply = await graph.post("subscriptions", json=wish(receiver.url, **{**RICH, **change}))
    assert error(reply)[:2] == (400, "InvalidRequest")
    assert words in error(reply)[2]
    assert receiver.tokens == []


async def test_sealed_data_is_sent_for_a_day_at_most(graph: httpx.AsyncClient, receiver: Receiver) -> None:
    certificate = make_certificate(rsa.generate_private_key(65537, 2048))
    change = {**RICH, "encryptionCertificate": certificate, "expirationDateTime": in_minutes(2_000)}
    reply = await graph.post("subscriptions", json=wish(receiver.url, **change))
    assert "can only be 1440 minutes" in error(reply)[2]


async def test_a_renewal_may_replace_the_certificate(
    graph: httpx.AsyncClient, sandbox: Sandbox, receiver: Receiver
) -> None:
    first, second = (rsa.generate_private_key(65537, 2048) for _ in range(2))
    made = await subscribe(graph, receiver.url, encryptionCertificate=make_certificate(first), **RICH)
    plain = await subscribe(graph, receiver.url, resource=f"users/{ADA}/mailFolders/archive/messages")
    new = {"encryptionCertificate": make_certificate(second), "encryptionCertificateId": "c2"}
    for id_, change in (
        (made["id"], {"encryptionCertificateId": "c2"}),
        (made["id"], {**new, "encryptionCertificate": "TUlJ"}),
        (plain["id"], new),
    ):
        assert error(await graph.patch(f"subscriptions/{id_}", json=change))[:2] == (400, "InvalidRequest")
    renewed = await graph.patch(
        f"subscriptions/{made['id']}", json={**new, "expirationDateTime": in_minutes(700)}
    )
    assert renewed.json()["encryptionCertificateId"] == "c2"
    sandbox.act("microsoft", "mail", to=ADA, subject="For the new one")
    await eventually(lambda: len(receiver.items) == 1)
    content = receiver.items[0]["encryptedContent"]
    assert content["encryptionCertificateId"] == "c2"
    assert opened(second, content)["subject"] == "For the new one"

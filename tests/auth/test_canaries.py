"""The scan of promise 7 finds what it looks for: otherwise its silence would prove nothing."""

from __future__ import annotations

import base64

import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
)

from tests.fixtures.canaries import finds, parts_of

KEY_LINE = "MIIEvQIBADANBgkqhkiG9w0BAQEFAASCBKcwggSjAgEAAoIBAQC7VJTUt9Us8cKj"


@pytest.mark.parametrize(
    "text",
    [
        "said canary-0123456789 to nobody",
        '{"authorization": "Bearer ya29.' + "a" * 48 + '"}',
        "token=EwB." + "b" * 64,
        "ghs_" + "0" * 36,
        "sandbox-hubspot-" + "c" * 40,
        "eyJhbGciOiJFUzI1NiJ9.eyJzdWIiOiIxIn0xxxx." + "d" * 40,
        f"-----BEGIN PRIVATE KEY-----\\n{KEY_LINE}",
        f"... {KEY_LINE} ...",
    ],
)
def test_a_secret_is_found_where_it_leaked_and_not_repeated(text: str) -> None:
    secret = f"-----BEGIN PRIVATE KEY-----\n{KEY_LINE}\n-----END PRIVATE KEY-----\n"
    found = finds({"log": "fine", "table": text}, {"canary-0123456789", *parts_of(secret)})
    assert found
    assert all(line.startswith("table: ") for line in found)
    assert not any("canary-0123456789" in line or KEY_LINE in line.partition("after")[0] for line in found)


def test_what_is_no_secret_is_let_be() -> None:
    places = {"log": "the sandbox-vendor answered; ghs_ is a prefix; eyJ is how a header begins; short"}
    assert finds(places, {"short", "canary-0123456789"}) == []


def test_the_public_half_of_a_key_is_no_secret_and_the_private_one_is() -> None:
    key = rsa.generate_private_key(65537, 2048)
    private = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()
    der = key.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    # At each of the three ways that base64 may fall.
    shown = {f"{skip}": base64.b64encode(der[skip:]).decode() for skip in range(3)}
    assert finds(shown, parts_of(private)) == []
    inner = "".join(private.splitlines()[1:-1])
    assert finds({"table": inner}, parts_of(private)), "most of it is private"

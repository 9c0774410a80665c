"""Rich notifications: an object sealed for the subscriber's certificate, and the tokens that say who posts.

learn.microsoft.com/graph/change-notifications-with-resource-data: a fresh AES key for each, its first 16 bytes as the
initialisation vector of CBC with PKCS7; the key by RSA-OAEP with SHA-1; HMAC-SHA256 over the sealed bytes.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import secrets
import time
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes, padding
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.asymmetric.padding import MGF1, OAEP
from cryptography.hazmat.primitives.ciphers import Cipher
from cryptography.hazmat.primitives.ciphers.algorithms import AES
from cryptography.hazmat.primitives.ciphers.modes import CBC

from services.sandbox.microsoft.watching import Subscription
from services.sandbox.wire.call import json_bytes

GRAPH_NOTIFIES = "0bf30f3b-4a52-48df-9a82-234910c4a086"
"""The app that posts, as validation tokens name it."""
TOKEN_LIFETIME = 3600
_SHORTEST, _LONGEST = 2048, 4096
_KEY_BYTES, _IV_BYTES = 32, 16


class NoCertificateError(ValueError):
    """It is not what Graph seals for."""


def read_certificate(text: str) -> x509.Certificate:
    """A certificate in base64 of DER, self-signed or not.

    Raises:
        NoCertificateError: unreadable, or no RSA key of 2048 to 4096 bits.
    """
    try:
        found = x509.load_der_x509_certificate(base64.b64decode(text, validate=True))
        key = found.public_key()
    except ValueError as error:
        raise NoCertificateError("The certificate cannot be read.") from error
    if not isinstance(key, rsa.RSAPublicKey) or not _SHORTEST <= key.key_size <= _LONGEST:
        raise NoCertificateError("The certificate's key must be RSA with 2048 to 4096 bits.")
    return found


def seal(one: Subscription, resource: dict[str, Any]) -> dict[str, Any]:
    """`encryptedContent` for the subscription's certificate."""
    certificate = read_certificate(one.fields["encryptionCertificate"])
    public = certificate.public_key()
    if not isinstance(public, rsa.RSAPublicKey):
        raise NoCertificateError("not RSA")
    key = secrets.token_bytes(_KEY_BYTES)
    padder = padding.PKCS7(AES.block_size).padder()
    plain = padder.update(json_bytes(resource)) + padder.finalize()
    encryptor = Cipher(AES(key), CBC(key[:_IV_BYTES])).encryptor()
    data = encryptor.update(plain) + encryptor.finalize()
    sha1 = hashes.SHA1()  # noqa: S303 - what Graph's OAEP is made of
    sealed_key = public.encrypt(key, OAEP(MGF1(sha1), sha1, None))
    return {
        "data": _text(data),
        "dataKey": _text(sealed_key),
        "dataSignature": _text(hmac.digest(key, data, hashlib.sha256)),
        "encryptionCertificateId": one.fields["encryptionCertificateId"],
        "encryptionCertificateThumbprint": certificate.fingerprint(sha1).hex().upper(),
    }


def validation_claims(one: Subscription) -> dict[str, Any]:
    """What `validationTokens` say: Graph posts for this app in this directory."""
    now = int(time.time())
    return {
        "aud": one.app_id,
        "iss": f"https://sts.windows.net/{one.tenant_id}/",
        "iat": now,
        "nbf": now,
        "exp": now + TOKEN_LIFETIME,
        "appid": GRAPH_NOTIFIES,
        "appidacr": "2",
        "tid": one.tenant_id,
        "ver": "1.0",
    }


def _text(value: bytes) -> str:
    return base64.b64encode(value).decode()

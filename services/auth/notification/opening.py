"""Opening what a rich notification brought along, after it was shown to be Microsoft's and unchanged.

learn.microsoft.com/graph/change-notifications-with-resource-data: RSA-OAEP (SHA-1) gives the data key, HMAC-SHA256
over the data must be its signature, AES-CBC with PKCS7 and the key's first 16 bytes as the initialisation vector gives
the resource. Why something is refused is counted and never told in detail: the caller looks at the vendor instead.
"""

import asyncio
import base64
import binascii
import hashlib
import hmac
import json
import time
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import httpx
from cryptography.hazmat.primitives import hashes, padding, serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.asymmetric.padding import MGF1, OAEP
from cryptography.hazmat.primitives.ciphers import Cipher
from cryptography.hazmat.primitives.ciphers.algorithms import AES
from cryptography.hazmat.primitives.ciphers.modes import CBC
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet

from services.auth.metrics import NOTIFICATIONS_OPENED
from services.auth.notification.keys import find_key, find_microsoft
from services.auth.vault.errors import VaultError
from services.auth.vault.secret import Secret
from services.auth.vault.vault import Vault
from services.shared.kit.db import Sessions
from services.shared.kit.http import HTTP_FAILURES
from services.shared.kit.logging import get_logger
from services.shared.kit.uow import enter_tenant

log = get_logger(__name__)
GRAPH_NOTIFIES = "0bf30f3b-4a52-48df-9a82-234910c4a086"
"""The app id that every validation token is issued to: Microsoft Graph's change tracking."""
KEYS_LIFETIME = 3600.0
REFETCH_PAUSE = 60.0
SKEW_SECONDS = 300
IV_BYTES = 16


class Refused(Exception):
    """It is not opened; `str(error)` is a label of few values."""


class Opener:
    """Checks and opens. Microsoft's public keys are kept for an hour."""

    def __init__(
        self,
        sessions: Sessions,
        vault: Vault,
        client: httpx.AsyncClient,
        *,
        login_url: str,
        own_client_id: str | None = None,
    ) -> None:
        """`own_client_id` is the installation's app, which connections by admin consent go through."""
        self._sessions = sessions
        self._vault = vault
        self._client = client
        self._url = f"{login_url.rstrip('/')}/common/discovery/v2.0/keys"
        self._login = login_url.rstrip("/")
        self._own_client_id = own_client_id
        self._keys: KeySet | None = None
        self._fetched = float("-inf")
        self._lock = asyncio.Lock()

    async def open(
        self, tenant_id: UUID, content: Mapping[str, str], tokens: Sequence[str], received_at: datetime
    ) -> dict[str, Any] | None:
        """The resource, or None when it is not authentic or cannot be read.

        Raises:
            ConnectionNotFound: Microsoft is not connected.
        """
        async with self._sessions.begin() as session:
            await enter_tenant(session, tenant_id)
            connection = await find_microsoft(session, tenant_id)
            try:
                key = await find_key(
                    session, self._vault, connection, content.get("encryptionCertificateId", "")
                )
            except VaultError:  # the vault has raised the alert
                key = None
            settings = connection.settings
        try:
            await self._check_tokens(tokens, settings, received_at)
            resource = await asyncio.to_thread(decrypt, key, content)
        except Refused as refused:
            NOTIFICATIONS_OPENED.labels(str(refused)).inc()
            log.warning("notification_not_opened", reason=str(refused))
            return None
        NOTIFICATIONS_OPENED.labels("opened").inc()
        return resource

    async def _check_tokens(
        self, tokens: Sequence[str], settings: Mapping[str, Any], received_at: datetime
    ) -> None:
        """One of them must say that Microsoft Graph notifies our app in this directory. They come per directory."""
        directory = str(settings.get("directory_id"))
        client_id = settings.get("client_id") or self._own_client_id
        if not client_id:
            raise Refused("no_client")
        issuers = {
            f"https://sts.windows.net/{directory}/",
            f"https://login.microsoftonline.com/{directory}/v2.0",
            f"{self._login}/{directory}/v2.0",
        }
        for token in tokens:
            claims = await self._claims(token)
            if (
                claims is not None
                and claims.get("aud") == client_id
                and claims.get("iss") in issuers
                and GRAPH_NOTIFIES in (claims.get("appid"), claims.get("azp"))
                and _is_current(claims, received_at)
            ):
                return
        raise Refused("no_valid_token")

    async def _claims(self, token: str) -> dict[str, Any] | None:
        for refetch in (False, True):
            keys = await self._key_set(refetch=refetch)
            try:
                return dict(jwt.decode(token, keys, algorithms=["RS256"]).claims)
            except (JoseError, ValueError, TypeError, KeyError):
                # An unknown key may be a new one: look once more, but not for every forged token.
                if time.monotonic() - self._fetched < REFETCH_PAUSE:
                    return None
        return None

    async def _key_set(self, *, refetch: bool) -> KeySet:
        async with self._lock:
            age = time.monotonic() - self._fetched
            if self._keys is not None and age < (REFETCH_PAUSE if refetch else KEYS_LIFETIME):
                return self._keys
            try:
                answer = await self._client.get(self._url)
                answer.raise_for_status()
                self._keys = KeySet.import_key_set(answer.json())
                self._fetched = time.monotonic()
            except (*HTTP_FAILURES, ValueError, KeyError, JoseError) as error:
                log.warning("microsofts_keys_unavailable", error=type(error).__name__)
                if self._keys is None:
                    raise Refused("keys_away") from error
            return self._keys


def _is_current(claims: Mapping[str, Any], received_at: datetime) -> bool:
    """Whether it was valid when it came: work on a notification may begin later than its token lives."""
    came = received_at.timestamp()
    try:
        begins, ends = float(claims.get("nbf", 0)), float(claims["exp"])
    except (KeyError, TypeError, ValueError):
        return False
    return begins - SKEW_SECONDS <= came <= ends + SKEW_SECONDS


def decrypt(key: Secret | None, content: Mapping[str, str]) -> dict[str, Any]:
    """The resource.

    Raises:
        Refused: the data key is not ours, the signature is wrong, or it is no JSON object.
    """
    if key is None:
        raise Refused("no_key")
    sealed, data, signature = (_bytes(content, name) for name in ("dataKey", "data", "dataSignature"))
    private = serialization.load_pem_private_key(key.reveal().encode(), None)
    if not isinstance(private, rsa.RSAPrivateKey):
        raise Refused("no_key")
    try:
        # SHA-1 in OAEP is what the vendor uses; it is no signature, and its weakness does not matter here.
        data_key = private.decrypt(sealed, OAEP(MGF1(hashes.SHA1()), hashes.SHA1(), None))  # noqa: S303  # the same
    except ValueError as error:
        raise Refused("wrong_data_key") from error
    if not hmac.compare_digest(hmac.new(data_key, data, hashlib.sha256).digest(), signature):
        raise Refused("wrong_signature")
    try:
        decryptor = Cipher(AES(data_key), CBC(data_key[:IV_BYTES])).decryptor()
        padded = decryptor.update(data) + decryptor.finalize()
        unpadder = padding.PKCS7(AES.block_size).unpadder()
        resource = json.loads(unpadder.update(padded) + unpadder.finalize())
    except (ValueError, RecursionError) as error:
        raise Refused("unreadable") from error
    if not isinstance(resource, dict):
        raise Refused("unreadable")
    return resource


def _bytes(content: Mapping[str, str], name: str) -> bytes:
    try:
        return base64.b64decode(content.get(name, ""), validate=True)
    except (binascii.Error, ValueError) as error:
        raise Refused("unreadable") from error

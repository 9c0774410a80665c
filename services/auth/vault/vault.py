"""Seal and open secrets. The only place of the product where anything is decrypted."""

import hmac
import os
from hashlib import sha256

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from prometheus_client import Counter

from services.auth.vault.context import Context
from services.auth.vault.envelope import NONCE_BYTES, Envelope, unpack
from services.auth.vault.errors import Malformed, RingAway, Tampered, UnknownKey, VaultError
from services.auth.vault.ring import KEY_BYTES, KeyRing
from services.auth.vault.secret import Secret
from services.shared.kit.logging import get_logger

log = get_logger(__name__)
COMMITMENT = b"oneclick vault: key commitment v1"
DECRYPT_FAILURES = Counter(
    "oneclick_vault_decrypt_failures_total", "Ciphertexts that could not be read", ["reason"]
)
for _error in (Tampered, Malformed, UnknownKey, RingAway):
    DECRYPT_FAILURES.labels(_error.reason)


class Vault:
    """AES-256-GCM under a data key that the ring wraps. One data key serves one connection.

    A connection's fields share a data key (`beside`), so destroying its envelopes destroys all it had;
    nonces are random, and no connection comes near the number at which that would matter.
    """

    def __init__(self, ring: KeyRing) -> None:
        self._ring = ring

    @property
    def primary(self) -> str:
        """The id of the key that new secrets are sealed under."""
        return self._ring.primary

    async def refresh(self) -> None:
        """Learn which key is primary now.

        Raises:
            VaultError: whoever holds the keys does not tell.
        """
        await self._ring.refresh()

    async def seal(self, context: Context, secret: Secret, *, beside: bytes | None = None) -> bytes:
        """An envelope that only `context` opens.

        `beside` is another envelope of the same owner whose data key is used; without it a new data
        key is made.

        Raises:
            VaultError: the envelope beside cannot be read.
        """
        if beside is None:
            data_key = os.urandom(KEY_BYTES)
            kek_id, wrapped = await self._ring.wrap(data_key, context.key_associated_data)
        else:
            other = unpack(beside)
            data_key = await self._data_key(context, other)
            kek_id, wrapped = other.kek_id, other.wrapped_key
            if kek_id != self._ring.primary:
                kek_id, wrapped = await self._ring.wrap(data_key, context.key_associated_data)
        nonce = os.urandom(NONCE_BYTES)
        ciphertext = AESGCM(data_key).encrypt(nonce, secret.reveal().encode(), context.associated_data)
        return Envelope(kek_id, wrapped, _commit(data_key), nonce, ciphertext).pack()

    async def open(self, context: Context, data: bytes) -> Secret:
        """The secret of an envelope.

        Raises:
            UnknownKey: its key is not in the ring.
            Tampered: it was changed or belongs elsewhere; an alert event says so.
            Malformed: it is no envelope.
        """
        try:
            envelope = unpack(data)
            data_key = await self._data_key(context, envelope)
            try:
                text = AESGCM(data_key).decrypt(envelope.nonce, envelope.ciphertext, context.associated_data)
            except InvalidTag as error:
                raise Tampered("the ciphertext does not belong here") from error
        except VaultError as error:
            self._alert(context, error)
            raise
        return Secret(text.decode())

    async def rewrap(self, context: Context, data: bytes) -> bytes:
        """The same secret with its data key under the primary key; the ciphertext is not touched.

        Raises:
            VaultError: as `open`, but for the ciphertext itself, which stays closed.
        """
        envelope = unpack(data)
        if envelope.kek_id == self._ring.primary:
            return data
        data_key = await self._data_key(context, envelope)
        kek_id, wrapped = await self._ring.wrap(data_key, context.key_associated_data)
        return Envelope(kek_id, wrapped, envelope.commitment, envelope.nonce, envelope.ciphertext).pack()

    async def _data_key(self, context: Context, envelope: Envelope) -> bytes:
        data_key = await self._ring.unwrap(envelope.kek_id, envelope.wrapped_key, context.key_associated_data)
        if not hmac.compare_digest(_commit(data_key), envelope.commitment):
            raise Tampered("the data key is not the one that was committed to")
        return data_key

    def _alert(self, context: Context, error: VaultError) -> None:
        DECRYPT_FAILURES.labels(error.reason).inc()
        log.error(
            "vault_decrypt_refused",
            alert=True,
            reason=error.reason,
            tenant_id=str(context.tenant_id),
            owner_id=str(context.owner_id),
            field=context.field,
        )


def kek_id_of(data: bytes) -> str:
    """The id of the key that an envelope's data key is wrapped under.

    Raises:
        Malformed: it is no envelope.
    """
    return unpack(data).kek_id


def _commit(data_key: bytes) -> bytes:
    return hmac.new(data_key, COMMITMENT, sha256).digest()

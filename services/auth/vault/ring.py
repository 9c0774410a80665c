"""Key-encryption keys. A ring from the environment or a file is here; a KMS fills the same protocol."""

import base64
import binascii
import json
import os
import re
from collections.abc import Mapping
from typing import Protocol

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from services.auth.vault.errors import Tampered, UnknownKey

KEY_BYTES = 32
NONCE_BYTES = 12
_KEK_ID = re.compile(r"^[A-Za-z0-9._-]{1,64}$")


class KeyRing(Protocol):
    """Wraps and unwraps data keys. Whoever implements it may call another service, hence async."""

    @property
    def primary(self) -> str:
        """The id of the key that new data keys are wrapped under."""
        ...

    async def refresh(self) -> None:
        """Learn which key is primary: at start, and before a rotation."""
        ...

    async def wrap(self, data_key: bytes, associated_data: bytes) -> tuple[str, bytes]:
        """(id of the key used, wrapped data key).

        Raises:
            RingAway: whoever holds the keys does not answer.
        """
        ...

    async def unwrap(self, kek_id: str, wrapped: bytes, associated_data: bytes) -> bytes:
        """The data key.

        Raises:
            UnknownKey: the ring has no key of that id.
            Tampered: the wrapped key was changed or belongs elsewhere.
            RingAway: whoever holds the keys does not answer.
        """
        ...


class LocalKeyRing:
    """AES-256-GCM under keys held in this process: `nonce(12) | ciphertext+tag`. Readers accept every key."""

    def __init__(self, primary: str, keys: Mapping[str, bytes]) -> None:
        """Take the keys.

        Raises:
            ValueError: no key, a bad id, a key of the wrong length, or a primary that is not there.
        """
        if not keys:
            raise ValueError("holds no key; without one nothing can be stored")
        for kek_id, key in keys.items():
            if not _KEK_ID.match(kek_id):
                raise ValueError("has a key id that is not 1 to 64 letters, digits, dots, dashes")
            if len(key) != KEY_BYTES:
                raise ValueError(f"key {kek_id!r} has {len(key)} bytes, and {KEY_BYTES} are needed")
        if primary not in keys:
            raise ValueError(f"names {primary!r} as primary, which is not among its keys")
        self._primary = primary
        self._ciphers = {kek_id: AESGCM(key) for kek_id, key in keys.items()}

    @property
    def primary(self) -> str:
        return self._primary

    @property
    def key_ids(self) -> tuple[str, ...]:
        """Every key that can still read."""
        return tuple(self._ciphers)

    async def refresh(self) -> None:
        """Nothing to learn: the ring is what it was given."""

    async def wrap(self, data_key: bytes, associated_data: bytes) -> tuple[str, bytes]:
        nonce = os.urandom(NONCE_BYTES)
        return self._primary, nonce + self._ciphers[self._primary].encrypt(nonce, data_key, associated_data)

    async def unwrap(self, kek_id: str, wrapped: bytes, associated_data: bytes) -> bytes:
        cipher = self._ciphers.get(kek_id)
        if cipher is None:
            raise UnknownKey(f"the key ring has no key {kek_id!r}")
        try:
            return cipher.decrypt(wrapped[:NONCE_BYTES], wrapped[NONCE_BYTES:], associated_data)
        except (InvalidTag, ValueError) as error:
            raise Tampered("the data key does not belong here") from error

    def __repr__(self) -> str:
        return f"LocalKeyRing(primary={self._primary!r}, keys={sorted(self._ciphers)!r})"


def parse_ring(text: str) -> LocalKeyRing:
    """The ring of `{"primary": "k1", "keys": {"k1": "<base64 of 32 bytes>"}}`.

    Raises:
        ValueError: what is wrong, naming the key and never its value.
    """
    try:
        read = json.loads(text)
    except ValueError:
        # The parser's own message would quote the text.
        raise ValueError("is not JSON") from None
    keys = read.get("keys") if isinstance(read, dict) else None
    if not isinstance(keys, dict) or not isinstance(read.get("primary"), str):
        raise ValueError('is not of the form {"primary": "k1", "keys": {"k1": "<base64 of 32 bytes>"}}')  # noqa: TRY004  # a setting's value
    return LocalKeyRing(read["primary"], {str(kek_id): _decode(kek_id, key) for kek_id, key in keys.items()})


def _decode(kek_id: str, key: object) -> bytes:
    if not isinstance(key, str):
        raise ValueError(f"key {kek_id!r} is not text")  # noqa: TRY004  # a setting's value
    try:
        return base64.b64decode(key, altchars=b"-_" if set(key) & {"-", "_"} else None, validate=True)
    except (binascii.Error, ValueError):
        raise ValueError(f"key {kek_id!r} is not base64") from None

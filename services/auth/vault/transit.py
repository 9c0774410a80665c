"""Key-encryption keys held by HashiCorp Vault's Transit engine (or OpenBao's): they never enter this process.

Data keys are wrapped by `POST /v1/{mount}/encrypt/{key}` and unwrapped by `…/decrypt/{key}`; Transit's key is rotated
there, and a rotation here then brings every data key under its newest version. Source:
developer.hashicorp.com/vault/api-docs/secret/transit (encrypt, decrypt, read key).
"""

import base64
import binascii
import hmac
from collections.abc import Callable
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

import httpx

from services.auth.vault.errors import RingAway, Tampered, UnknownKey
from services.auth.vault.ring import KEY_BYTES, KeyRing
from services.auth.vault.secret import Secret
from services.shared.kit.http import HTTP_FAILURES

SECONDS = 5.0
DIGEST_BYTES = 32
_TOO_OLD = ("too old", "not found", "disallowed by policy")
"""Words of a 400 that speak of the key and not of the ciphertext."""


@dataclass(frozen=True, slots=True)
class TransitKey:
    """Where the key is. `token` is asked for at each call, since an agent may renew it in a file."""

    url: str
    key: str
    token: Callable[[], Secret]
    mount: str = "transit"
    namespace: str | None = None


class TransitKeyRing:
    """Wraps new data keys with Transit. `older` are keys of before, which still read."""

    def __init__(self, client: httpx.AsyncClient, transit: TransitKey, older: KeyRing | None = None) -> None:
        self._client = client
        self._transit = transit
        self._older = older
        self._version = 0

    @property
    def primary(self) -> str:
        return self._name(self._version)

    async def refresh(self) -> None:
        """Learn the newest version of the key.

        Raises:
            RingAway: Transit does not answer, or does not admit us.
            UnknownKey: it has no such key.
        """
        found = await self._call("GET", f"keys/{self._transit.key}", None)
        self._version = max(self._version, _number(found.get("latest_version")))

    async def wrap(self, data_key: bytes, associated_data: bytes) -> tuple[str, bytes]:
        """(id of the key's version, what Transit answered).

        Transit before 1.9 ignores `associated_data`, so a digest of it is sealed with the data key as well.

        Raises:
            RingAway, UnknownKey: as `refresh`.
        """
        plain = sha256(associated_data).digest() + data_key
        said = {"plaintext": _encode(plain), "associated_data": _encode(associated_data)}
        found = await self._call("POST", f"encrypt/{self._transit.key}", said)
        wrapped = str(found.get("ciphertext", ""))
        version = _version_of(wrapped)
        self._version = max(self._version, version)
        return self._name(version), wrapped.encode("ascii")

    async def unwrap(self, kek_id: str, wrapped: bytes, associated_data: bytes) -> bytes:
        """The data key.

        Raises:
            UnknownKey: it was wrapped by another key, or by a version that Transit has given up.
            Tampered: it was changed or belongs elsewhere.
            RingAway: Transit does not answer, or does not admit us.
        """
        if not kek_id.startswith(self._prefix):
            if self._older is None:
                raise UnknownKey(f"the key ring has no key {kek_id!r}")
            return await self._older.unwrap(kek_id, wrapped, associated_data)
        try:
            ciphertext = wrapped.decode("ascii")
        except UnicodeDecodeError as error:
            raise Tampered("the data key was changed") from error
        if kek_id != self._name(_version_of(ciphertext)):
            raise Tampered("the data key is of another version")
        said = {"ciphertext": ciphertext, "associated_data": _encode(associated_data)}
        found = await self._call("POST", f"decrypt/{self._transit.key}", said)
        plain = _decode(found.get("plaintext"))
        digest, data_key = plain[:DIGEST_BYTES], plain[DIGEST_BYTES:]
        if not hmac.compare_digest(digest, sha256(associated_data).digest()) or len(data_key) != KEY_BYTES:
            raise Tampered("the data key does not belong here")
        return data_key

    async def _call(self, method: str, path: str, body: dict[str, Any] | None) -> dict[str, Any]:
        try:
            headers = {"X-Vault-Token": self._transit.token().reveal(), "X-Vault-Request": "true"}
            if self._transit.namespace:
                headers["X-Vault-Namespace"] = self._transit.namespace
            answer = await self._client.request(
                method,
                f"{self._transit.url.rstrip('/')}/v1/{self._transit.mount}/{path}",
                json=body,
                headers=headers,
                timeout=SECONDS,
            )
            found = answer.json() if answer.content else {}
        except (*HTTP_FAILURES, ValueError) as error:
            raise RingAway(f"Transit does not answer ({type(error).__name__})") from error
        if answer.is_success and isinstance(found, dict) and isinstance(found.get("data"), dict):
            data: dict[str, Any] = found["data"]
            return data
        raise _refusal(answer.status_code, found)

    @property
    def _prefix(self) -> str:
        return f"transit.{self._transit.key}.v"

    def _name(self, version: int) -> str:
        return f"{self._prefix}{version}"

    def __repr__(self) -> str:
        return f"TransitKeyRing(primary={self.primary!r})"


def _refusal(status: int, body: Any) -> RingAway | Tampered | UnknownKey:
    said = " ".join(str(one) for one in body.get("errors") or ()) if isinstance(body, dict) else ""
    if status == httpx.codes.NOT_FOUND:
        return UnknownKey("Transit has no such key")
    if status == httpx.codes.BAD_REQUEST:
        if any(words in said for words in _TOO_OLD):
            return UnknownKey("Transit has given up this version of the key")
        return Tampered("Transit does not open the data key")
    return RingAway(f"Transit answers {status}")


def _version_of(ciphertext: str) -> int:
    name, _, rest = ciphertext.partition(":")
    version, colon, _ = rest.partition(":")
    if name != "vault" or not colon or not version.startswith("v"):
        raise Tampered("the data key is not as Transit makes them")
    return _number(version[1:])


def _number(value: Any) -> int:
    try:
        return int(value)
    except (TypeError, ValueError):
        raise Tampered("Transit names no version") from None


def _encode(data: bytes) -> str:
    return base64.b64encode(data).decode()


def _decode(value: Any) -> bytes:
    try:
        return base64.b64decode(str(value), validate=True)
    except (binascii.Error, ValueError) as error:
        raise Tampered("Transit answered what is no data key") from error

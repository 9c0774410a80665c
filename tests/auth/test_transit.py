"""The ring whose keys Vault's Transit engine holds, against a double that is as strict as Transit."""

from __future__ import annotations

import base64
import json
import os
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import httpx
import pytest
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from pydantic import SecretStr, ValidationError

from services.auth.settings import VaultSettings
from services.auth.vault.context import Context
from services.auth.vault.errors import RingAway, Tampered, UnknownKey
from services.auth.vault.ring import LocalKeyRing
from services.auth.vault.secret import Secret
from services.auth.vault.transit import TransitKey, TransitKeyRing
from services.auth.vault.vault import Vault, kek_id_of
from tests.auth.conftest import KEY, Auth, Running
from tests.fixtures.postgres import Database

HERE = Context(uuid4(), uuid4(), "connection.client_secret", 3)
THERE = Context(uuid4(), uuid4(), "connection.client_secret", 3)
CANARY = Secret("canary-behind-transit")
TOKEN = "hvs.token-of-the-auth-service"
URL = "http://127.0.0.1:8200"
Ask = Callable[..., Any]


@dataclass
class Transit:
    """`/v1/transit`: encrypt, decrypt, read key. `forgets` is how Vault before 1.9 treats `associated_data`."""

    versions: list[bytes] = field(default_factory=lambda: [os.urandom(32)])
    least: int = 1
    status: int | None = None
    forgets: bool = False
    seen: list[dict[str, Any]] = field(default_factory=list)

    def handle(self, request: httpx.Request) -> httpx.Response:
        if request.headers.get("x-vault-token") != TOKEN:
            return httpx.Response(403, json={"errors": ["permission denied"]})
        if self.status is not None:
            return httpx.Response(self.status, json={"errors": ["Vault is sealed"]})
        prefix, _, tail = request.url.path.partition("/v1/transit/")
        assert prefix == ""
        verb, _, key = tail.partition("/")
        if key != "oneclick":
            return httpx.Response(404, json={"errors": []})
        if verb == "keys":
            return httpx.Response(200, json={"data": {"latest_version": len(self.versions)}})
        said = json.loads(request.content)
        self.seen.append(said)
        aad = None if self.forgets else base64.b64decode(said["associated_data"])
        return self._encrypt(said, aad) if verb == "encrypt" else self._decrypt(said, aad)

    def _encrypt(self, said: dict[str, Any], aad: bytes | None) -> httpx.Response:
        nonce = os.urandom(12)
        sealed = AESGCM(self.versions[-1]).encrypt(nonce, base64.b64decode(said["plaintext"]), aad)
        text = f"vault:v{len(self.versions)}:{base64.b64encode(nonce + sealed).decode()}"
        return httpx.Response(200, json={"data": {"ciphertext": text, "key_version": len(self.versions)}})

    def _decrypt(self, said: dict[str, Any], aad: bytes | None) -> httpx.Response:
        _, version, text = said["ciphertext"].split(":")
        number = int(version[1:])
        if number < self.least:
            why = "ciphertext or signature version is disallowed by policy (too old)"
            return httpx.Response(400, json={"errors": [why]})
        data = base64.b64decode(text)
        try:
            plain = AESGCM(self.versions[number - 1]).decrypt(data[:12], data[12:], aad)
        except InvalidTag:
            return httpx.Response(400, json={"errors": ["cipher: message authentication failed"]})
        return httpx.Response(200, json={"data": {"plaintext": base64.b64encode(plain).decode()}})


@pytest.fixture
def transit() -> Transit:
    return Transit()


def ring(transit: Transit, *, key: str = "oneclick", token: str = TOKEN, older: Any = None) -> TransitKeyRing:
    client = httpx.AsyncClient(transport=httpx.MockTransport(transit.handle))
    return TransitKeyRing(client, TransitKey(URL, key, lambda: Secret(token)), older)


async def test_what_was_sealed_opens_and_transit_never_sees_the_secret(transit: Transit) -> None:
    vault = Vault(ring(transit))
    sealed = await vault.seal(HERE, CANARY)
    assert await vault.open(HERE, sealed) == CANARY
    assert kek_id_of(sealed) == "transit.oneclick.v1"
    beside = await vault.seal(HERE, Secret("second"), beside=sealed)
    assert await vault.open(HERE, beside) == Secret("second")
    said = json.dumps(transit.seen)
    for text in (b"canary-behind-transit", b"second"):
        assert base64.b64encode(text).decode() not in said


@pytest.mark.parametrize("forgets", [False, True], ids=["binds", "too old to bind"])
async def test_another_place_is_refused(transit: Transit, *, forgets: bool) -> None:
    transit.forgets = forgets
    vault = Vault(ring(transit))
    sealed = await vault.seal(HERE, CANARY)
    with pytest.raises(Tampered):
        await vault.open(THERE, sealed)


async def test_a_changed_data_key_is_refused(transit: Transit) -> None:
    keys = ring(transit)
    kek_id, wrapped = await keys.wrap(os.urandom(32), b"here")
    changed = wrapped[:-6] + (b"A" if wrapped[-6:-5] != b"A" else b"B") + wrapped[-5:]
    for data in (changed, b"vault:v1", b"vault:1:abcd", b"\xff\xfe", wrapped.replace(b"v1", b"v2", 1)):
        with pytest.raises(Tampered):
            await keys.unwrap(kek_id, data, b"here")


async def test_a_new_version_of_the_key_is_primary_and_the_older_still_reads(transit: Transit) -> None:
    keys = ring(transit)
    vault = Vault(keys)
    sealed = await vault.seal(HERE, CANARY)
    transit.versions.append(os.urandom(32))
    assert vault.primary == "transit.oneclick.v1"
    await vault.refresh()
    assert vault.primary == "transit.oneclick.v2"
    again = await vault.rewrap(HERE, sealed)
    assert kek_id_of(again) == "transit.oneclick.v2"
    transit.least = 2
    assert await vault.open(HERE, again) == CANARY
    with pytest.raises(UnknownKey):
        await vault.open(HERE, sealed)


async def test_keys_of_before_read_and_move_over(transit: Transit) -> None:
    local = LocalKeyRing("k1", {"k1": b"k" * 32})
    sealed = await Vault(local).seal(HERE, CANARY)
    vault = Vault(ring(transit, older=local))
    assert await vault.open(HERE, sealed) == CANARY
    await vault.refresh()
    moved = await vault.rewrap(HERE, sealed)
    assert await Vault(ring(transit)).open(HERE, moved) == CANARY
    with pytest.raises(UnknownKey):
        await Vault(ring(transit)).open(HERE, sealed)


async def test_what_is_away_is_called_away_and_names_no_token(transit: Transit) -> None:
    vault = Vault(ring(transit))
    sealed = await vault.seal(HERE, CANARY)
    for status in (500, 503, 429):
        transit.status = status
        with pytest.raises(RingAway):
            await vault.open(HERE, sealed)
    transit.status = None
    with pytest.raises(RingAway) as refused:
        await Vault(ring(transit, token="hvs.revoked")).seal(HERE, CANARY)
    assert "hvs" not in str(refused.value)
    with pytest.raises(UnknownKey):
        await ring(transit, key="other").refresh()
    assert TOKEN not in repr(ring(transit))


@pytest.mark.parametrize(
    ("values", "named"),
    [
        ({}, "VAULT_KEYS"),
        ({"vault_transit_url": URL}, "VAULT_TRANSIT_KEY"),
        ({"vault_transit_url": URL, "vault_transit_key": "k"}, "VAULT_TRANSIT_TOKEN"),
        (
            {"vault_transit_url": "vault:8200", "vault_transit_key": "k", "vault_transit_token": TOKEN},
            "VAULT_TRANSIT_URL",
        ),
        (
            {"vault_transit_url": URL, "vault_transit_key": "k", "vault_transit_token_file": "/not/there"},
            "VAULT_TRANSIT_TOKEN_FILE",
        ),
    ],
)
def test_without_a_whole_ring_there_is_no_start(
    values: dict[str, Any], named: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in list(os.environ):
        if name.startswith("VAULT_"):
            monkeypatch.delenv(name)
    with pytest.raises(ValidationError, match=named) as refused:
        VaultSettings(**values)
    assert TOKEN not in str(refused.value).replace("hvs.token-of-the-auth-service'", "")


async def test_a_service_moves_from_its_own_keys_to_transit_and_lives_through_its_absence(
    running: Running,
    database: Database,
    tenant_id: Callable[..., UUID],
    ask: Ask,
    vendor: Any,
    transit: Transit,
    tmp_path: Path,
) -> None:
    token = tmp_path / "token"
    token.write_text(f"{TOKEN}\n")

    def out(request: httpx.Request) -> httpx.Response:
        return (
            transit.handle(request) if request.url.port == 8200 else vendor.transport.handle_request(request)
        )

    there = {
        "vault_transit_url": URL,
        "vault_transit_key": "oneclick",
        "vault_transit_token_file": token,
        "transport": httpx.MockTransport(out),
        "token_cache_seconds": 0,
    }
    keys = SecretStr(json.dumps({"primary": "k1", "keys": {"k1": KEY}}))

    async def by_key(auth: Auth) -> dict[str, int]:
        found: dict[str, int] = (await auth.call("scheduler", "GET", "maintenance/keys")).json()["keys"]
        return found

    async with running(transport=vendor.transport) as before:
        assert (await ask(before)).status_code == 200
        assert set(await by_key(before)) == {"k1"}
    async with running(vault_keys=keys, **there) as both:
        assert (await ask(both)).status_code == 200
        done = (await both.call("scheduler", "POST", "maintenance/rewrap")).json()
        assert (done["primary"], done["left"]) == ("transit.oneclick.v1", 0)
        assert done["done"] > 0
    async with running(vault_keys=None, seed=False, **there) as after:
        assert set(await by_key(after)) == {"transit.oneclick.v1"}
        assert (await ask(after)).status_code == 200
        transit.status = 503
        answer = await ask(after)
        assert (answer.status_code, answer.json()["code"]) == (503, "vault_unavailable")
        assert (await after.call("scheduler", "POST", "maintenance/rewrap")).status_code == 503
        transit.status = None
        assert (await ask(after)).status_code == 200
    assert database.psql("SELECT DISTINCT status FROM auth.connections") == "active"

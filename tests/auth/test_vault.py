"""The vault: what was sealed opens in its own place, and nowhere else."""

import json
import pickle
from uuid import UUID, uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st
from prometheus_client import REGISTRY
from structlog.testing import CapturingLogger

from services.auth.vault.context import Context
from services.auth.vault.envelope import COMMITMENT_BYTES, NONCE_BYTES, Envelope, unpack
from services.auth.vault.errors import Tampered, UnknownKey, VaultError
from services.auth.vault.ring import LocalKeyRing, parse_ring
from services.auth.vault.secret import Secret
from services.auth.vault.vault import Vault, kek_id_of

TENANT, CONNECTION = uuid4(), uuid4()
HERE = Context(TENANT, CONNECTION, "connection.client_secret", 3)
OLD, NEW = b"o" * 32, b"n" * 32
CANARY = Secret("canary-secret-ünïcode")
FROZEN = (
    "01036f6c64005c5c28c068711bfafd5800130377caf9f049c793c0a18804639bb959f70ceca10aa223c000f9ab4d0a1be165"
    "6a21e73f32a406a184829a61331309ee335dad7e162ec765610ebaeb9b12fea660ccfee98ac12131a2a4a860c4bd65753fdf"
    "a1a8637fcde86a2d105a528a1a24c62fdb89c7e37a36a9b0c6033569f9a377dd33"
)


@pytest.fixture
def vault() -> Vault:
    return Vault(LocalKeyRing("old", {"old": OLD}))


def failures(reason: str) -> float:
    return REGISTRY.get_sample_value("oneclick_vault_decrypt_failures_total", {"reason": reason}) or 0.0


async def test_what_was_sealed_opens(vault: Vault) -> None:
    sealed = await vault.seal(HERE, CANARY)
    assert await vault.open(HERE, sealed) == CANARY
    assert b"canary" not in sealed
    assert kek_id_of(sealed) == "old"


async def test_the_format_is_version_kek_wrapped_key_nonce_ciphertext(vault: Vault) -> None:
    sealed = await vault.seal(HERE, Secret("x" * 10))
    assert sealed[0] == 1
    assert sealed[1:5] == b"\x03old"
    key_length = int.from_bytes(sealed[5:7], "big")
    assert key_length == 12 + 32 + 16 + COMMITMENT_BYTES
    assert len(sealed) == 7 + key_length + NONCE_BYTES + 10 + 16
    assert unpack(sealed).pack() == sealed


async def test_an_envelope_of_this_version_stays_readable(vault: Vault) -> None:
    """The format is final: these bytes were written when it was fixed."""
    context = Context(UUID(int=1), UUID(int=2), "connection.client_secret", 1)
    assert HERE.associated_data == f"v1|{TENANT}|{CONNECTION}|connection.client_secret|3".encode()
    assert await vault.open(context, bytes.fromhex(FROZEN)) == Secret("frozen")


@pytest.mark.parametrize(
    "elsewhere",
    [
        Context(uuid4(), CONNECTION, HERE.field, 3),
        Context(None, CONNECTION, HERE.field, 3),
        Context(TENANT, uuid4(), HERE.field, 3),
        Context(TENANT, CONNECTION, "connection.access_token", 3),
        Context(TENANT, CONNECTION, HERE.field, 2),
    ],
    ids=["tenant", "no tenant", "connection", "field", "version"],
)
async def test_another_place_is_refused_and_raises_an_alert(
    vault: Vault, elsewhere: Context, monkeypatch: pytest.MonkeyPatch
) -> None:
    said = CapturingLogger()
    monkeypatch.setattr("services.auth.vault.vault.log", said)
    sealed = await vault.seal(HERE, CANARY)
    before = failures("tampered")
    with pytest.raises(Tampered):
        await vault.open(elsewhere, sealed)
    assert failures("tampered") == before + 1
    (call,) = said.calls
    assert (call.method_name, call.args) == ("error", ("vault_decrypt_refused",))
    assert call.kwargs["alert"] is True
    assert call.kwargs["owner_id"] == str(elsewhere.owner_id)
    assert "canary" not in repr(call)


async def test_every_changed_byte_is_noticed(vault: Vault) -> None:
    sealed = await vault.seal(HERE, CANARY)
    for position in range(len(sealed)):
        broken = bytearray(sealed)
        broken[position] ^= 0x01
        with pytest.raises(VaultError):
            await vault.open(HERE, bytes(broken))


@given(st.binary(max_size=300))
async def test_bytes_that_are_no_envelope_are_called_so(data: bytes) -> None:
    ring = LocalKeyRing("old", {"old": OLD})
    with pytest.raises(VaultError):
        await Vault(ring).open(HERE, data)


async def test_a_data_key_that_was_not_committed_to_is_refused(vault: Vault) -> None:
    ring = LocalKeyRing("old", {"old": OLD})
    sealed = unpack(await vault.seal(HERE, CANARY))
    _, other = await ring.wrap(b"d" * 32, HERE.key_associated_data)
    forged = Envelope(sealed.kek_id, other, sealed.commitment, sealed.nonce, sealed.ciphertext).pack()
    with pytest.raises(Tampered, match="committed"):
        await vault.open(HERE, forged)


async def test_fields_of_one_connection_share_a_data_key(vault: Vault) -> None:
    first = await vault.seal(HERE, CANARY)
    other = Context(TENANT, CONNECTION, "connection.access_token", 1)
    second = await vault.seal(other, Secret("token"), beside=first)
    assert unpack(second).wrapped_key == unpack(first).wrapped_key
    assert unpack(second).nonce != unpack(first).nonce
    assert await vault.open(other, second) == Secret("token")
    with pytest.raises(Tampered):
        await vault.seal(Context(TENANT, uuid4(), HERE.field), CANARY, beside=first)


async def test_rotation_rewraps_the_key_and_leaves_the_ciphertext_alone(vault: Vault) -> None:
    sealed = await vault.seal(HERE, CANARY)
    both = Vault(LocalKeyRing("new", {"old": OLD, "new": NEW}))
    assert await both.open(HERE, sealed) == CANARY
    rewrapped = await both.rewrap(HERE, sealed)
    assert kek_id_of(rewrapped) == "new"
    assert unpack(rewrapped).ciphertext == unpack(sealed).ciphertext
    assert await both.rewrap(HERE, rewrapped) == rewrapped
    retired = Vault(LocalKeyRing("new", {"new": NEW}))
    assert await retired.open(HERE, rewrapped) == CANARY
    with pytest.raises(UnknownKey, match="old"):
        await retired.open(HERE, sealed)
    with pytest.raises(Tampered):
        await both.rewrap(Context(uuid4(), CONNECTION, HERE.field, 3), sealed)
    beside = await both.seal(Context(TENANT, CONNECTION, "connection.b"), CANARY, beside=sealed)
    assert kek_id_of(beside) == "new"


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("not json", "is not JSON"),
        ("[]", "is not of the form"),
        ('{"primary": "k1"}', "is not of the form"),
        ('{"primary": "k1", "keys": {}}', "holds no key"),
        ('{"primary": "k1", "keys": {"k1": "c2hvcnQ="}}', "'k1' has 5 bytes, and 32 are needed"),
        ('{"primary": "k1", "keys": {"k1": "§§§"}}', "'k1' is not base64"),
        ('{"primary": "k1", "keys": {"k1": 5}}', "'k1' is not text"),
        ('{"primary": "k2", "keys": {"k1": "' + "a" * 43 + '="}}', "names 'k2' as primary"),
        ('{"primary": "k 1", "keys": {"k 1": "' + "a" * 43 + '="}}', "key id"),
    ],
)
def test_a_ring_that_cannot_be_used_says_what_is_wrong_without_the_key(text: str, named: str) -> None:
    with pytest.raises(ValueError, match=named) as caught:
        parse_ring(text)
    assert "c2hvcnQ" not in str(caught.value)


def test_a_context_cannot_be_made_ambiguous() -> None:
    for field in ("a|b", "", "A", "a b"):
        with pytest.raises(ValueError):
            Context(TENANT, CONNECTION, field)
    with pytest.raises(ValueError):
        Context(TENANT, CONNECTION, "field", 0)


def test_a_secret_shows_stars_everywhere_but_in_reveal() -> None:
    assert "canary" not in f"{CANARY!r} {CANARY} {CANARY:>40} {[CANARY]}"
    assert CANARY.reveal() == "canary-secret-ünïcode"
    with pytest.raises(TypeError):
        json.dumps(CANARY)
    with pytest.raises(TypeError):
        pickle.dumps(CANARY)
    with pytest.raises(TypeError):
        hash(CANARY)
    assert CANARY != "canary-secret-ünïcode"
    assert not hasattr(CANARY, "__dict__")


def test_a_ring_does_not_show_its_keys() -> None:
    assert "ooo" not in repr(LocalKeyRing("old", {"old": OLD}))

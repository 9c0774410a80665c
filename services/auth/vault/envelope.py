"""The bytes of a sealed secret: `version | kek_id | wrapped_dek | nonce(12) | ciphertext+tag`.

Exactly, with lengths where a part varies:

    1  version = 1
    1  length of kek_id          n  kek_id, ASCII
    2  length of wrapped_dek     n  wrapped_dek (the ring's own format), 32 bytes of commitment at its end
    12 nonce                     n  ciphertext and tag

The commitment is HMAC-SHA256 of a constant under the data key. GCM alone does not commit: a ciphertext
can be made that opens under two keys. The format is final; another one gets another version.
"""

import struct
from dataclasses import dataclass

from services.auth.vault.errors import Malformed

VERSION = 1
NONCE_BYTES = 12
TAG_BYTES = 16
COMMITMENT_BYTES = 32


@dataclass(frozen=True, slots=True)
class Envelope:
    """A sealed secret, taken apart. Nothing in it is secret."""

    kek_id: str
    wrapped_key: bytes
    commitment: bytes
    nonce: bytes
    ciphertext: bytes

    def pack(self) -> bytes:
        """As stored."""
        kek_id = self.kek_id.encode("ascii")
        key = self.wrapped_key + self.commitment
        return b"".join(
            (
                struct.pack(">BB", VERSION, len(kek_id)),
                kek_id,
                struct.pack(">H", len(key)),
                key,
                self.nonce,
                self.ciphertext,
            )
        )


def unpack(data: bytes) -> Envelope:
    """Take a stored envelope apart.

    Raises:
        Malformed: too short, another version, or lengths that do not fit.
    """
    try:
        version, id_length = struct.unpack_from(">BB", data)
        position = 2 + id_length
        kek_id = data[2:position].decode("ascii")
        (key_length,) = struct.unpack_from(">H", data, position)
    except (struct.error, UnicodeDecodeError) as error:
        raise Malformed("not an envelope") from error
    if version != VERSION:
        raise Malformed(f"an envelope of version {version}")
    key = data[position + 2 : position + 2 + key_length]
    rest = data[position + 2 + key_length :]
    if key_length <= COMMITMENT_BYTES or len(key) != key_length or len(rest) < NONCE_BYTES + TAG_BYTES:
        raise Malformed("an envelope that was cut off")
    return Envelope(
        kek_id=kek_id,
        wrapped_key=key[:-COMMITMENT_BYTES],
        commitment=key[-COMMITMENT_BYTES:],
        nonce=rest[:NONCE_BYTES],
        ciphertext=rest[NONCE_BYTES:],
    )

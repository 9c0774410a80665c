"""What can be wrong with a ciphertext."""


class VaultError(Exception):
    """A ciphertext cannot be read. The message holds no secret and no ciphertext."""

    reason = "unreadable"


class UnknownKey(VaultError):
    """It was sealed under a key that is not in the ring: the ring is incomplete."""

    reason = "unknown_key"


class Malformed(VaultError):
    """The bytes are not an envelope of a version that we know."""

    reason = "malformed"


class Tampered(VaultError):
    """The bytes were changed, or belong to another tenant, connection, field or version."""

    reason = "tampered"


class RingAway(UnknownKey):
    """Whoever holds the keys does not answer, or does not admit us. Nothing is wrong with the ciphertext."""

    reason = "ring_away"

"""Proof key for code exchange, RFC 7636."""

from __future__ import annotations

import base64
import hashlib
import re
import secrets

PLAIN, S256 = "plain", "S256"
METHODS = frozenset({PLAIN, S256})
_VERIFIER = re.compile(r"[A-Za-z0-9._~-]{43,128}")


def is_challenge(text: str) -> bool:
    """Whether this can be a challenge: 43 to 128 of the unreserved characters."""
    return _VERIFIER.fullmatch(text) is not None


def verifier_fits(challenge: str | None, method: str, verifier: str | None) -> bool:
    """Whether the verifier is that of the challenge. Without a challenge there must be no verifier either."""
    if challenge is None:
        return not verifier
    if not verifier or _VERIFIER.fullmatch(verifier) is None:
        return False
    made = verifier
    if method == S256:
        hashed = hashlib.sha256(verifier.encode()).digest()
        made = base64.urlsafe_b64encode(hashed).rstrip(b"=").decode()
    return secrets.compare_digest(challenge.encode(), made.encode())

"""What belongs to a state that a browser carries: derived from it and a stored salt, so that neither alone is enough."""

import base64
import hmac
from hashlib import sha256

from services.auth.vault.secret import Secret


def hash_of(text: str) -> bytes:
    """How a state, or anything else that must be recognised and not known, is stored."""
    return sha256(text.encode()).digest()


def nonce_of(salt: bytes, state: str) -> str:
    """The nonce that the ID token has to repeat."""
    return _derive(salt, state, "nonce")


def verifier_of(salt: bytes, state: str) -> Secret:
    """The PKCE verifier: 43 characters of the unreserved alphabet, as RFC 7636 4.1 wants it."""
    return Secret(_derive(salt, state, "verifier"))


def _derive(salt: bytes, state: str, purpose: str) -> str:
    digest = hmac.new(salt, f"{purpose}|{state}".encode(), sha256).digest()
    return base64.urlsafe_b64encode(digest).rstrip(b"=").decode()

"""A key that signs what an authorization server says of people, and the public half as clients fetch it."""

from __future__ import annotations

import hashlib
from functools import cached_property
from typing import Any

from joserfc import jwt
from joserfc.jwk import RSAKey


class SigningKey:
    """An RSA key, made when it is first needed: most tests need none."""

    @cached_property
    def _key(self) -> RSAKey:
        return RSAKey.generate_key(2048, {"use": "sig"}, private=True)

    @cached_property
    def id(self) -> str:
        return hashlib.sha256(self._key.as_pem(private=False)).hexdigest()[:32]

    def sign(self, claims: dict[str, Any]) -> str:
        """The claims as a compact JWT, RS256."""
        return jwt.encode({"typ": "JWT", "alg": "RS256", "kid": self.id}, claims, self._key)

    def public(self) -> dict[str, Any]:
        """One member of a JWK set."""
        return {**self._key.as_dict(private=False), "kid": self.id, "alg": "RS256"}

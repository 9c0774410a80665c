"""Google: service account with domain-wide delegation, RFC 7523 assertion with the administrator as `sub`."""

import time
from collections.abc import Mapping
from typing import Any

from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import RSAKey

from services.auth.connection.vendors import GOOGLE_SCOPES
from services.auth.grant.base import GrantLost, TokenRequest, read_oauth
from services.auth.vault.secret import Secret

SERVICE_ACCOUNT_KEY = "service_account_key"
JWT_BEARER = "urn:ietf:params:oauth:grant-type:jwt-bearer"
ASSERTION_SECONDS = 3600


def request_token(url: str, settings: Mapping[str, Any], secrets: Mapping[str, Secret]) -> TokenRequest:
    """The assertion, signed.

    Raises:
        GrantLost: the key is no key.
    """
    now = int(time.time())
    try:
        key = RSAKey.import_key(secrets[SERVICE_ACCOUNT_KEY].reveal())
        assertion = jwt.encode(
            {"alg": "RS256", "typ": "JWT", "kid": settings["key_id"]},
            {
                "iss": settings["service_account"],
                "sub": settings["admin_subject"],
                "scope": " ".join(GOOGLE_SCOPES),
                "aud": url,
                "iat": now,
                "exp": now + ASSERTION_SECONDS,
            },
            key,
        )
    except (JoseError, ValueError, KeyError, TypeError) as error:
        raise GrantLost(
            "bad_key", "The service account's private key cannot be used. Enter its JSON file again."
        ) from error
    return TokenRequest(url, read_oauth, {"grant_type": JWT_BEARER, "assertion": assertion})

"""ID tokens that come with a consent: who consented, signed by the vendor for us and for this very request."""

import base64
import binascii
import json
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from authlib.oidc.core import CodeIDToken
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet

from services.auth.connection.models import Vendor
from services.auth.grant.base import body_of
from services.auth.method.base import VendorRefused, VendorUnreachable
from services.auth.method.http import VendorHttp
from services.auth.vault.secret import Secret
from services.shared.kit.logging import get_logger

log = get_logger(__name__)
ALGORITHMS = ["RS256", "PS256", "ES256"]
LEEWAY_SECONDS = 60
_PARTS = 3


@dataclass(frozen=True, slots=True)
class Expected:
    """What the token has to be. `issuers` may depend on the token's own claims (Microsoft's tenant)."""

    jwks_url: str
    client_id: str
    nonce: str
    issuers: Callable[[Mapping[str, Any]], set[str]]


async def validated_id_token(
    http: VendorHttp, vendor: Vendor, answer: Mapping[str, Any], expected: Expected
) -> dict[str, Any]:
    """The claims (OpenID Connect Core 3.1.3.7).

    Raises:
        VendorRefused: there is none, or it is not sound.
        VendorUnreachable: the vendor's keys cannot be fetched.
    """
    raw = answer.get("id_token")
    if not isinstance(raw, str):
        raise VendorRefused("The vendor did not say who consented. Try again.")
    fetched = await http.send(vendor, "GET", expected.jwks_url)
    keys = body_of(fetched)
    if not fetched.is_success or keys is None:
        raise VendorUnreachable("The vendor's keys cannot be fetched. Try again in a moment.")
    try:
        token = jwt.decode(raw, KeySet.import_key_set(keys), algorithms=ALGORITHMS)  # type: ignore[arg-type]  # a JSON object by now
        claims = CodeIDToken(
            dict(token.claims),
            token.header,
            options={
                "iss": {"essential": True, "values": sorted(expected.issuers(token.claims))},
                "aud": {"essential": True, "value": expected.client_id},
                "exp": {"essential": True},
                "sub": {"essential": True},
                "nonce": {"essential": True, "value": expected.nonce},
            },
            params={"nonce": expected.nonce, "client_id": expected.client_id},
        )
        claims.validate(now=int(time.time()), leeway=LEEWAY_SECONDS)
    except (JoseError, ValueError, TypeError, KeyError) as error:
        log.warning("oauth_id_token_refused", vendor=vendor.value, error=type(error).__name__)
        raise VendorRefused("The vendor's answer about who consented is not valid. Try again.") from error
    return dict(claims)


def payload_of(token: Secret) -> dict[str, Any]:
    """What an access token that came from its vendor a moment ago says about itself; empty where it is opaque.

    Only for showing what was granted: nothing is decided by it, and nothing is verified.
    """
    parts = token.reveal().split(".")
    if len(parts) != _PARTS:
        return {}
    try:
        padded = parts[1] + "=" * (-len(parts[1]) % 4)
        read = json.loads(base64.urlsafe_b64decode(padded))
    except (binascii.Error, ValueError):
        return {}
    return read if isinstance(read, dict) else {}

"""Who signed in, as tokens say it: ID tokens, the keys they are signed with, and the metadata document."""

from __future__ import annotations

import hashlib
import secrets
import time
from dataclasses import dataclass, field
from typing import Any

from services.sandbox.consent.signing import SigningKey
from services.sandbox.microsoft.scopes import EMAIL, PROFILE
from services.sandbox.microsoft.state import Tenant, User
from services.sandbox.wire.call import Reply, json_bytes

JSON = (("content-type", "application/json; charset=utf-8"),)


GLOBAL_ADMINISTRATOR = "62e90394-69f5-4237-9190-012177145e10"
DEFAULT_USER = "b79fbf4d-3ef9-4689-8143-76b194e85509"
"""Role templates: learn.microsoft.com/entra/identity/role-based-access-control/permissions-reference; what `wids` of
somebody without a role holds."""


@dataclass(slots=True)
class Signer:
    public_url: str | None = None
    lifetime: int = 3600
    key: SigningKey = field(default_factory=SigningKey)

    def issuer(self, tenant_id: str, base_url: str) -> str:
        return f"{self.public_url or base_url}/microsoft/{tenant_id}/v2.0"

    def id_token(
        self,
        base_url: str,
        tenant: Tenant,
        user: User,
        client_id: str,
        scopes: tuple[str, ...],
        nonce: str | None,
    ) -> str:
        now = int(time.time())
        claims: dict[str, Any] = {
            "aud": client_id,
            "iss": self.issuer(tenant.id, base_url),
            "iat": now,
            "nbf": now,
            "exp": now + self.lifetime,
            "sub": hashlib.sha256(f"{client_id}/{user.id}".encode()).hexdigest()[:43],
            "tid": tenant.id,
            "uti": secrets.token_urlsafe(16),
            "ver": "2.0",
        }
        if nonce is not None:
            claims["nonce"] = nonce
        if PROFILE in scopes:
            claims |= {
                "oid": user.id,
                "name": user.fields["displayName"],
                "preferred_username": user.upn,
                # The registration has groupMembershipClaims "DirectoryRole".
                "wids": [GLOBAL_ADMINISTRATOR if user.is_admin else DEFAULT_USER],
            }
        if EMAIL in scopes and user.fields.get("mail"):
            claims["email"] = user.fields["mail"]
        return self.key.sign(claims)

    def keys(self) -> Reply:
        """`/{tenant}/discovery/v2.0/keys`."""
        body = {"keys": [{**self.key.public(), "x5t": self.key.id}]}
        return Reply(200, json_bytes(body), JSON)

    def metadata(self, base_url: str, name: str, tenant: Tenant | None) -> Reply:
        """`/{tenant}/v2.0/.well-known/openid-configuration`; of `common` the issuer is a template."""
        pages, here = f"{self.public_url or base_url}/microsoft", f"{base_url}/microsoft"
        body = {
            "token_endpoint": f"{here}/{name}/oauth2/v2.0/token",
            "token_endpoint_auth_methods_supported": ["client_secret_post", "client_secret_basic"],
            "jwks_uri": f"{here}/{name}/discovery/v2.0/keys",
            "response_modes_supported": ["query", "fragment", "form_post"],
            "subject_types_supported": ["pairwise"],
            "id_token_signing_alg_values_supported": ["RS256"],
            "response_types_supported": ["code"],
            "scopes_supported": ["openid", "profile", "email", "offline_access"],
            "issuer": self.issuer(tenant.id if tenant else "{tenantid}", base_url),
            "authorization_endpoint": f"{pages}/{name}/oauth2/v2.0/authorize",
            "claims_supported": [
                "sub",
                "iss",
                "aud",
                "exp",
                "iat",
                "nonce",
                "preferred_username",
                "name",
                "tid",
            ],
        }
        return Reply(200, json_bytes(body), JSON)

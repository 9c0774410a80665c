"""The identity provider, over our own HTTP client: discovery, keys, code exchange, ID token.

Authlib's pieces make the request and validate the claims, joserfc checks the signature. Authlib's own HTTP
client is not used: it would bring another transport, and it does not check the `iss` of the answer.
"""

import asyncio
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote_plus

import httpx
from authlib.oauth2.rfc6749.parameters import prepare_grant_uri
from authlib.oauth2.rfc7636 import create_s256_code_challenge
from authlib.oidc.core import CodeIDToken
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet

from services.auth.identity_provider.errors import IdentityProviderUnavailable, SignInRefused
from services.auth.settings import OidcSettings
from services.auth.vault.secret import Secret
from services.shared.kit.logging import get_logger

log = get_logger(__name__)
DISCOVERY_SECONDS = 3600.0
REFETCH_PAUSE = 5.0
LEEWAY_SECONDS = 60
ALGORITHMS = ["RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512"]
"""Signatures by a key pair. Neither `none` nor a shared secret."""


@dataclass(frozen=True, slots=True)
class Identity:
    """What the identity provider says about a person. `email` may be unverified."""

    issuer: str
    subject: str
    email: str | None
    email_verified: bool
    name: str
    groups: list[str]
    session: str | None


@dataclass(frozen=True, slots=True)
class _Metadata:
    authorization_endpoint: str
    token_endpoint: str
    jwks_uri: str
    userinfo_endpoint: str | None
    end_session_endpoint: str | None
    basic: bool
    sends_issuer: bool


class IdentityProvider:
    """One configured issuer. What it publishes is fetched when first needed and kept for an hour."""

    def __init__(self, client: httpx.AsyncClient, settings: OidcSettings) -> None:
        self._client = client
        self._settings = settings
        self._metadata: _Metadata | None = None
        self._metadata_at = float("-inf")
        self._keys: KeySet | None = None
        self._keys_at = float("-inf")
        self._lock = asyncio.Lock()

    async def authorize_url(self, *, state: str, nonce: str, verifier: Secret) -> str:
        """Where to send the browser: code flow, PKCE S256.

        Raises:
            IdentityProviderUnavailable: its configuration cannot be fetched.
        """
        metadata = await self._discover()
        return str(
            prepare_grant_uri(
                metadata.authorization_endpoint,
                client_id=self._settings.oidc_client_id,
                response_type="code",
                redirect_uri=self._settings.oidc_redirect_uri,
                scope=self._settings.oidc_scopes,
                state=state,
                nonce=nonce,
                code_challenge=create_s256_code_challenge(verifier.reveal()),
                code_challenge_method="S256",
            )
        )

    async def identify(self, *, code: Secret, issuer: str | None, nonce: str, verifier: Secret) -> Identity:
        """Who the answer is about. `issuer` is the answer's `iss` parameter (RFC 9207), if it had one.

        Raises:
            SignInRefused: another issuer answered, the code is refused, or the ID token is not sound.
            IdentityProviderUnavailable: it does not answer.
        """
        metadata = await self._discover()
        if issuer is None and metadata.sends_issuer:
            raise SignInRefused("The answer does not say which identity provider it is from.")
        if issuer is not None and issuer != self._settings.oidc_issuer:
            raise SignInRefused("The answer is from another identity provider.")
        answer = await self._exchange(metadata, code, verifier)
        claims = await self._validated(answer, nonce)
        if metadata.userinfo_endpoint and "access_token" in answer and self._incomplete(claims):
            userinfo = await self._userinfo(metadata.userinfo_endpoint, answer, claims["sub"])
            claims = self._merged(claims, userinfo)
        return self._identity(claims)

    async def find_end_session_url(self) -> str | None:
        """Where signing out at the identity provider begins, if it offers that and answers."""
        try:
            metadata = await self._discover()
        except IdentityProviderUnavailable:
            return None
        if metadata.end_session_endpoint is None:
            return None
        return str(
            httpx.URL(metadata.end_session_endpoint).copy_merge_params(
                {
                    "client_id": self._settings.oidc_client_id,
                    "post_logout_redirect_uri": self._settings.post_sign_out_uri,
                }
            )
        )

    async def _discover(self) -> _Metadata:
        if self._metadata is not None and time.monotonic() - self._metadata_at < DISCOVERY_SECONDS:
            return self._metadata
        async with self._lock:
            if self._metadata is not None and time.monotonic() - self._metadata_at < DISCOVERY_SECONDS:
                return self._metadata
            issuer = self._settings.oidc_issuer
            read = await self._get_json(f"{issuer.rstrip('/')}/.well-known/openid-configuration")
            if read.get("issuer") != issuer:
                log.error("oidc_issuer_differs", expected=issuer, published=str(read.get("issuer")))
                raise IdentityProviderUnavailable(
                    "The identity provider's configuration names another issuer."
                )
            try:
                self._metadata = _Metadata(
                    authorization_endpoint=str(read["authorization_endpoint"]),
                    token_endpoint=str(read["token_endpoint"]),
                    jwks_uri=str(read["jwks_uri"]),
                    userinfo_endpoint=read.get("userinfo_endpoint"),
                    end_session_endpoint=read.get("end_session_endpoint"),
                    basic="client_secret_basic"
                    in read.get("token_endpoint_auth_methods_supported", ["client_secret_basic"]),
                    sends_issuer=read.get("authorization_response_iss_parameter_supported") is True,
                )
            except KeyError as error:
                raise IdentityProviderUnavailable(
                    "The identity provider's configuration is not whole."
                ) from error
            self._metadata_at = time.monotonic()
            return self._metadata

    async def _get_json(self, url: str, headers: Mapping[str, str] | None = None) -> dict[str, Any]:
        try:
            answer = await self._client.get(url, headers=dict(headers or {}))
            answer.raise_for_status()
            read = answer.json()
        except (httpx.HTTPError, ValueError) as error:
            log.warning("oidc_unavailable", url=url, error=type(error).__name__)
            raise IdentityProviderUnavailable(
                "The identity provider does not answer. Try again soon."
            ) from error
        if not isinstance(read, dict):
            raise IdentityProviderUnavailable("The identity provider's answer is not understood.")
        return read

    async def _exchange(self, metadata: _Metadata, code: Secret, verifier: Secret) -> dict[str, Any]:
        form = {
            "grant_type": "authorization_code",
            "code": code.reveal(),
            "redirect_uri": self._settings.oidc_redirect_uri,
            "code_verifier": verifier.reveal(),
        }
        client_id = self._settings.oidc_client_id
        secret = self._settings.oidc_client_secret.get_secret_value()
        # Both are form-encoded first (RFC 6749 2.3.1).
        auth: httpx.Auth = httpx.BasicAuth(quote_plus(client_id), quote_plus(secret))
        if not metadata.basic:
            auth, form = httpx.Auth(), {**form, "client_id": client_id, "client_secret": secret}
        try:
            answer = await self._client.post(metadata.token_endpoint, data=form, auth=auth)
            read = answer.json()
        except (httpx.HTTPError, ValueError) as error:
            raise IdentityProviderUnavailable(
                "The identity provider does not answer. Try again soon."
            ) from error
        if answer.is_server_error or not isinstance(read, dict):
            raise IdentityProviderUnavailable("The identity provider does not answer. Try again soon.")
        if not answer.is_success or not isinstance(read.get("id_token"), str):
            log.warning("oidc_code_refused", status=answer.status_code, error=str(read.get("error"))[:80])
            raise SignInRefused("The identity provider refused the sign-in. Begin again.")
        return read

    async def _validated(self, answer: Mapping[str, Any], nonce: str) -> dict[str, Any]:
        token = await self._decode(str(answer["id_token"]))
        claims = CodeIDToken(
            dict(token.claims),
            token.header,
            options={
                "iss": {"essential": True, "value": self._settings.oidc_issuer},
                "aud": {"essential": True, "value": self._settings.oidc_client_id},
                "exp": {"essential": True},
                "sub": {"essential": True},
                "nonce": {"essential": True, "value": nonce},
            },
            params={
                "nonce": nonce,
                "client_id": self._settings.oidc_client_id,
                "access_token": answer.get("access_token"),
            },
        )
        try:
            claims.validate(now=int(time.time()), leeway=LEEWAY_SECONDS)
        except (JoseError, ValueError, TypeError) as error:
            log.warning(
                "oidc_claims_refused", error=type(error).__name__, claim=getattr(error, "claim", None)
            )
            raise SignInRefused("The identity provider's answer is not valid. Begin again.") from error
        return dict(claims)

    async def _decode(self, id_token: str) -> jwt.Token:
        for refetch in (False, True):
            keys = await self._key_set(refetch=refetch)
            try:
                return jwt.decode(id_token, keys, algorithms=ALGORITHMS)
            except (JoseError, ValueError, TypeError) as error:
                # Signed by a key that we do not know yet, perhaps: look once more.
                if refetch:
                    log.warning("oidc_signature_refused", error=type(error).__name__)
                    raise SignInRefused(
                        "The identity provider's answer is not valid. Begin again."
                    ) from error
        raise SignInRefused("The identity provider's answer is not valid. Begin again.")

    async def _key_set(self, *, refetch: bool) -> KeySet:
        metadata = await self._discover()
        async with self._lock:
            age = time.monotonic() - self._keys_at
            if self._keys is None or age > (REFETCH_PAUSE if refetch else DISCOVERY_SECONDS):
                read = await self._get_json(metadata.jwks_uri)
                try:
                    self._keys = KeySet.import_key_set(read)  # type: ignore[arg-type]  # a JSON object by now
                except (JoseError, ValueError, KeyError, TypeError) as error:
                    raise IdentityProviderUnavailable(
                        "The identity provider's keys are not readable."
                    ) from error
                self._keys_at = time.monotonic()
            return self._keys

    def _incomplete(self, claims: Mapping[str, Any]) -> bool:
        return not {"email", "name", self._settings.oidc_groups_claim} <= set(claims)

    async def _userinfo(self, url: str, answer: Mapping[str, Any], subject: str) -> dict[str, Any]:
        read = await self._get_json(url, {"authorization": f"Bearer {answer['access_token']}"})
        if read.get("sub") != subject:
            raise SignInRefused("The identity provider's answers are about two people.")
        return read

    @staticmethod
    def _merged(claims: Mapping[str, Any], userinfo: Mapping[str, Any]) -> dict[str, Any]:
        """The ID token first. "Verified" counts only for the address that was said with it."""
        merged = {**userinfo, **claims}
        if "email" in claims and "email_verified" not in claims and userinfo.get("email") != claims["email"]:
            merged.pop("email_verified", None)
        return merged

    def _identity(self, claims: Mapping[str, Any]) -> Identity:
        groups = claims.get(self._settings.oidc_groups_claim) or []
        if isinstance(groups, str):
            groups = [groups]
        email = claims.get("email")
        email = email.strip().lower() if isinstance(email, str) and "@" in email else None
        name = claims.get("name") or claims.get("preferred_username") or email or claims["sub"]
        session = claims.get("sid")
        return Identity(
            issuer=self._settings.oidc_issuer,
            subject=str(claims["sub"]),
            email=email,
            email_verified=claims.get("email_verified") is True or self._settings.oidc_trust_email,
            name=str(name)[:200],
            groups=[group for group in groups if isinstance(group, str)] if isinstance(groups, list) else [],
            session=session if isinstance(session, str) else None,
        )

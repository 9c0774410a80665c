"""Codes and refresh tokens at Google's token endpoint, revocation, and who the person is.

Refresh tokens are not rotated: the answer to a refresh has none. They end when revoked, when the person goes, beyond
100 of one person and client (the oldest goes silently), and after seven days where the consent screen is in Testing
(mode `publishing` `testing`), unless only sign-in scopes are asked (developers.google.com/identity/protocols/oauth2).
"""

from __future__ import annotations

import secrets
import time
from dataclasses import dataclass, field
from typing import Any

from services.sandbox.behaviour import Behaviour
from services.sandbox.consent.desk import read_form
from services.sandbox.consent.grants import Grant, GrantRefusedError, Rotation
from services.sandbox.consent.pkce import verifier_fits
from services.sandbox.consent.signing import SigningKey
from services.sandbox.google.authorizing import IDENTITY, OPENID, GoogleDesk
from services.sandbox.google.errors import JSON_HEADERS
from services.sandbox.google.state import Customer, User
from services.sandbox.google.tokens import SCOPE, TokenRefusedError
from services.sandbox.wire.call import Call, Reply, json_bytes

_WEEK, _MOST_TOKENS = 7 * 86_400, 100
_GONE = "Token has been expired or revoked."


@dataclass(slots=True)
class Exchange:
    """What stands on a person's consent. Raises TokenRefusedError."""

    desk: GoogleDesk
    key: SigningKey = field(default_factory=SigningKey)

    def issue(self, call: Call, form: dict[str, str], behaviour: Behaviour) -> Reply:
        """`grant_type` authorization_code or refresh_token."""
        self._check_client(form)
        if form["grant_type"] == "authorization_code":
            return self._redeem(call, form, behaviour)
        return self._refresh(call, form, behaviour)

    def _check_client(self, form: dict[str, str]) -> None:
        client = self.desk.client
        if not form.get("client_id"):
            raise TokenRefusedError("invalid_request", "Could not determine client ID from request.")
        if form["client_id"] != client.id:
            raise TokenRefusedError("invalid_client", "The OAuth client was not found.", 401)
        if not form.get("client_secret"):
            raise TokenRefusedError("invalid_request", "client_secret is missing.")
        if not secrets.compare_digest(form["client_secret"].encode(), client.secret.encode()):
            raise TokenRefusedError("invalid_client", "The provided client secret is invalid.", 401)

    def _redeem(self, call: Call, form: dict[str, str], behaviour: Behaviour) -> Reply:
        for name in ("code", "redirect_uri"):
            if not form.get(name):
                raise TokenRefusedError("invalid_request", f"Missing required parameter: {name}")
        try:
            code = self.desk.book.peek(form["code"])
        except GrantRefusedError as refused:
            text = "Malformed auth code." if refused.why == "unknown" else "Bad Request"
            raise TokenRefusedError("invalid_grant", text) from refused
        if form["redirect_uri"] != code.redirect_uri:
            raise TokenRefusedError("redirect_uri_mismatch", "Bad Request")
        if not verifier_fits(code.challenge, code.method, form.get("code_verifier")):
            text = "Invalid code verifier." if form.get("code_verifier") else "Missing code verifier."
            raise TokenRefusedError("invalid_grant", text)
        grant = self.desk.book.redeem(code)
        return self._reply(call, grant, behaviour, nonce=code.nonce, is_new=True)

    def _refresh(self, call: Call, form: dict[str, str], behaviour: Behaviour) -> Reply:
        if not form.get("refresh_token"):
            raise TokenRefusedError("invalid_request", "Missing required parameter: refresh_token")
        if behaviour.modes.get("policy") == "enforced":
            raise TokenRefusedError(
                "admin_policy_enforced", "Access is restricted by an administrator's policy."
            )
        try:
            token = self.desk.book.use_refresh(form["refresh_token"], Rotation.OFF)
        except GrantRefusedError as refused:
            raise TokenRefusedError(
                "invalid_grant", "Bad Request" if refused.why == "unknown" else _GONE
            ) from refused
        return self._reply(call, token.grant, behaviour)

    def person(self, grant: Grant) -> tuple[Customer, User]:
        """Who consented, as they are now."""
        found = self.desk.find(grant.person)
        if found is None:
            raise TokenRefusedError("invalid_grant", "Account has been deleted")
        if found[1].is_suspended:
            raise TokenRefusedError("invalid_grant", "Account has been disabled")
        return found

    def _reply(
        self,
        call: Call,
        grant: Grant,
        behaviour: Behaviour,
        *,
        nonce: str | None = None,
        is_new: bool = False,
    ) -> Reply:
        customer, user = self.person(grant)
        call.tenant = customer.primary_domain
        lifetime, value = behaviour.token_lifetime_seconds, "ya29." + secrets.token_urlsafe(48)
        self.desk.book.issue_access(grant, value, lifetime)
        body: dict[str, Any] = {
            "access_token": value,
            "expires_in": int(lifetime),
            "scope": " ".join(sorted(grant.scopes)),
            "token_type": "Bearer",
        }
        if is_new and grant.data["offline"]:
            body |= self._refresh_token(grant, behaviour)
        if OPENID in grant.scopes:
            body["id_token"] = self._id_token(call, grant, customer, user, nonce)
        return Reply(200, json_bytes(body), JSON_HEADERS)

    def _refresh_token(self, grant: Grant, behaviour: Behaviour) -> dict[str, Any]:
        is_testing = behaviour.modes.get("publishing") == "testing" and not set(grant.scopes) <= set(IDENTITY)
        value = "1//0" + secrets.token_urlsafe(64)
        self.desk.book.issue_refresh(grant, value, _WEEK if is_testing else None)
        live = [
            token
            for token in self.desk.book.refresh.values()
            if token.grant.person == grant.person and token.grant.is_live
        ]
        for token in live[:-_MOST_TOKENS]:
            token.expires_at = time.time()
        body: dict[str, Any] = {"refresh_token": value}
        if is_testing:
            body["refresh_token_expires_in"] = _WEEK - 1
        return body

    def _id_token(self, call: Call, grant: Grant, customer: Customer, user: User, nonce: str | None) -> str:
        now = int(time.time())
        claims: dict[str, Any] = {
            "iss": f"{self.desk.public_url or call.base_url}/google",
            "azp": grant.client_id,
            "aud": grant.client_id,
            "sub": user.id,
            "hd": customer.primary_domain,
            "iat": now,
            "exp": now + 3600,
        }
        if nonce is not None:
            claims["nonce"] = nonce
        return self.key.sign({**claims, **_about(grant, user)})

    def user_info(self, call: Call) -> Reply:
        """`GET /v1/userinfo` with an access token that has openid."""
        token = self.desk.book.find_access(call.bearer)
        if token is None or token.is_expired or OPENID not in token.scopes:
            body = {"error": "invalid_request", "error_description": "Invalid Credentials"}
            return Reply(401, json_bytes(body), JSON_HEADERS)
        customer, user = self.person(token.grant)
        call.tenant = customer.primary_domain
        about = {"sub": user.id, "hd": customer.primary_domain, **_about(token.grant, user)}
        return Reply(200, json_bytes(about), JSON_HEADERS)

    def token_info(self, call: Call) -> Reply:
        """`GET /tokeninfo?access_token=`."""
        token = self.desk.book.find_access(dict(call.query).get("access_token"))
        if token is None or token.is_expired or token.expires_at is None:
            body = {"error": "invalid_token", "error_description": "Invalid Value"}
            return Reply(400, json_bytes(body), JSON_HEADERS)
        _, user = self.person(token.grant)
        body = {
            "azp": token.grant.client_id,
            "aud": token.grant.client_id,
            "sub": user.id,
            "scope": " ".join(token.scopes),
            "exp": str(int(token.expires_at)),
            "expires_in": str(int(token.expires_at - time.time())),
            "access_type": "offline" if token.grant.data["offline"] else "online",
        }
        return Reply(200, json_bytes(body), JSON_HEADERS)

    def revoke(self, call: Call) -> Reply:
        """`POST /revoke` with an access or a refresh token: everything that the person granted this client ends."""
        value = read_form(call).get("token") or dict(call.query).get("token", "")
        book = self.desk.book
        token = book.find_access(value) or book.refresh.get(value)
        if token is None or not token.grant.is_live or token.is_expired:
            body = {"error": "invalid_token", "error_description": _GONE}
            return Reply(400, json_bytes(body), JSON_HEADERS)
        grant = token.grant
        call.tenant = grant.tenant
        for one in book.list_grants(person=grant.person, client_id=grant.client_id):
            book.revoke(one)
        self.desk.forget(grant.client_id, grant.person)
        return Reply(200, b"{}", JSON_HEADERS)

    def keys(self) -> Reply:
        return Reply(200, json_bytes({"keys": [self.key.public()]}), JSON_HEADERS)

    def metadata(self, call: Call) -> Reply:
        pages, here = f"{self.desk.public_url or call.base_url}/google", f"{call.base_url}/google"
        body = {
            "issuer": pages,
            "authorization_endpoint": f"{pages}/o/oauth2/v2/auth",
            "token_endpoint": f"{here}/token",
            "userinfo_endpoint": f"{here}/v1/userinfo",
            "revocation_endpoint": f"{here}/revoke",
            "jwks_uri": f"{here}/oauth2/v3/certs",
            "response_types_supported": ["code"],
            "subject_types_supported": ["public"],
            "id_token_signing_alg_values_supported": ["RS256"],
            "scopes_supported": ["openid", "email", "profile"],
            "token_endpoint_auth_methods_supported": ["client_secret_post", "client_secret_basic"],
            "code_challenge_methods_supported": ["plain", "S256"],
            "authorization_response_iss_parameter_supported": True,
        }
        return Reply(200, json_bytes(body), JSON_HEADERS)


def _about(grant: Grant, user: User) -> dict[str, Any]:
    about: dict[str, Any] = {}
    if f"{SCOPE}userinfo.email" in grant.scopes:
        about |= {"email": user.primary_email, "email_verified": True}
    if f"{SCOPE}userinfo.profile" in grant.scopes:
        name = user.fields.get("name") or {}
        given, family = name.get("givenName"), name.get("familyName")
        about |= {"name": f"{given} {family}", "given_name": given, "family_name": family}
    return about

"""Codes and refresh tokens: what a person's consent is exchanged for.

From learn.microsoft.com/entra/identity-platform: v2-oauth2-auth-code-flow, refresh-tokens, reference-error-codes.
Refresh tokens live 90 days; each use answers a new one, and the old one goes on working. Mode `rotation` (`keep`,
`detect`, `off`) changes that, `rotation_leeway` says for how many seconds a replaced one is still taken.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import UTC, datetime

from services.sandbox.behaviour import Behaviour
from services.sandbox.consent.grants import Grant, GrantRefusedError, RefreshToken, Rotation
from services.sandbox.consent.pkce import verifier_fits
from services.sandbox.microsoft import scopes
from services.sandbox.microsoft.authorizing import ANY_TENANT
from services.sandbox.microsoft.identity import Signer
from services.sandbox.microsoft.refusals import (
    JSON,
    TokenRefusedError,
    invalid_grant,
    refusal,
    unknown_app,
)
from services.sandbox.microsoft.state import App, Tenant, User
from services.sandbox.microsoft.tokens import TokenEndpoint, make_access_token, need, read_form
from services.sandbox.wire.call import Call, Reply, json_bytes

REFRESH_SECONDS = 90 * 86_400
_AGAIN = "Send a new interactive authorization request for this user and resource."


@dataclass(slots=True)
class Exchange:
    """`POST /{tenant}/oauth2/v2.0/token`, every grant type."""

    endpoint: TokenEndpoint
    signer: Signer

    def answer(self, call: Call, behaviour: Behaviour) -> Reply:
        try:
            return self._issue(call, behaviour)
        except TokenRefusedError as refused:
            return refusal(call, refused)

    def _issue(self, call: Call, behaviour: Behaviour) -> Reply:
        form = read_form(call)
        place = call.segments[0]
        tenant = None if place.lower() in ANY_TENANT else self.endpoint.need_tenant(place)
        grant_type = need(form.get("grant_type"), "grant_type")
        if grant_type == "client_credentials":
            if tenant is None:
                raise TokenRefusedError(
                    "invalid_request", 90002, f"Tenant '{place}' not found. Sign in to a tenant by its id."
                )
            need(form.get("client_id"), "client_id")
            need(form.get("scope"), "scope")
            app = self.endpoint.apps.get(form["client_id"])
            if app is None or not app.is_known_in(tenant.id):
                raise unknown_app(form["client_id"], tenant.name)
            return self.endpoint.issue_to_app(
                call,
                tenant,
                self.endpoint.check_app(form, tenant.name),
                form,
                behaviour.token_lifetime_seconds,
            )
        if grant_type not in {"authorization_code", "refresh_token"}:
            raise TokenRefusedError(
                "unsupported_grant_type",
                70003,
                f"The app requested an unsupported grant type '{grant_type}'.",
            )
        app = self.endpoint.check_app(form, tenant.name if tenant else place)
        if grant_type == "authorization_code":
            return self._redeem(call, tenant, app, form, behaviour)
        return self._refresh(call, tenant, app, form, behaviour)

    def _redeem(
        self, call: Call, tenant: Tenant | None, app: App, form: dict[str, str], behaviour: Behaviour
    ) -> Reply:
        value, uri = need(form.get("code"), "code"), need(form.get("redirect_uri"), "redirect_uri")
        book = self.endpoint.book
        try:
            code = book.peek(value)
        except GrantRefusedError as refused:
            raise _code_refused(refused) from refused
        if code.grant.client_id != app.client_id:
            raise invalid_grant(
                700005, "Provided Authorization Code is intended to use against other client."
            )
        if tenant is not None and code.grant.data["tenant"] != tenant.id:
            raise invalid_grant(
                700005, "Provided Authorization Code is intended to use against other tenant, thus rejected."
            )
        if uri != code.redirect_uri:
            raise TokenRefusedError(
                "invalid_client",
                500112,
                f"The reply address '{uri}' does not match the reply address '{code.redirect_uri}' provided when"
                " requesting Authorization code.",
            )
        if not verifier_fits(code.challenge, code.method, form.get("code_verifier")):
            raise invalid_grant(
                501481,
                "The Code_Verifier does not match the code_challenge supplied in the authorization request.",
            )
        grant = book.redeem(code)
        user = self._user(grant)
        return self._reply(call, grant, user, grant.scopes, behaviour, nonce=code.nonce)

    def _refresh(
        self, call: Call, tenant: Tenant | None, app: App, form: dict[str, str], behaviour: Behaviour
    ) -> Reply:
        value = need(form.get("refresh_token"), "refresh_token")
        rotation = Rotation(behaviour.modes.get("rotation", Rotation.KEEP))
        leeway = float(behaviour.modes.get("rotation_leeway", "0"))
        known = self.endpoint.book.refresh.get(value)
        if known is not None and known.grant.client_id != app.client_id:
            raise invalid_grant(70000, "The refresh token was issued to another client.")
        try:
            token = self.endpoint.book.use_refresh(value, rotation, leeway=leeway)
        except GrantRefusedError as refused:
            raise self._refresh_refused(refused, app, known) from refused
        grant = token.grant
        if tenant is not None and grant.data["tenant"] != tenant.id:
            raise invalid_grant(700005, "The refresh token was issued for another tenant.")
        user = self._user(grant)
        if user.sessions_from > token.at:
            raise invalid_grant(
                50173,
                "The provided grant has expired due to it being revoked, a fresh auth token is needed. The user"
                " might have changed or reset their password.",
            )
        asked = self._narrowed(form.get("scope"), grant, app)
        return self._reply(call, grant, user, asked, behaviour, old=token, rotation=rotation)

    def _narrowed(self, text: str | None, grant: Grant, app: App) -> tuple[str, ...]:
        if not text:
            return grant.scopes
        try:
            asked = scopes.expanded(scopes.read_scopes(text), frozenset(grant.scopes))
        except scopes.UnknownScopeError as error:
            raise TokenRefusedError(
                "invalid_scope",
                70011,
                f"The provided value for the input parameter 'scope' is not valid. {error}",
            ) from error
        if set(asked) - set(grant.scopes):
            raise _not_consented(app)
        return asked

    def _user(self, grant: Grant) -> User:
        tenant = self.endpoint.tenants[grant.data["tenant"]]
        user = tenant.users.get(grant.data["user"])
        if user is None:
            raise invalid_grant(500341, "The user account has been deleted from the directory.")
        if not user.fields.get("accountEnabled"):
            raise invalid_grant(50057, "The user account is disabled.")
        return user

    def _refresh_refused(
        self, refused: GrantRefusedError, app: App, known: RefreshToken | None
    ) -> TokenRefusedError:
        match refused.why:
            case "expired" if known is not None:
                stamp = datetime.fromtimestamp(known.at, UTC).isoformat()
                return invalid_grant(
                    700082,
                    f"The refresh token has expired due to inactivity. The token was issued on {stamp} and was"
                    f" inactive for 90.00:00:00. {_AGAIN}",
                )
            case "revoked" if refused.grant is not None and refused.grant.reason == "consent":
                return _not_consented(app)
            case "revoked" | "reused":
                return invalid_grant(
                    50173,
                    "The provided grant has expired due to it being revoked, a fresh auth token is needed.",
                    suberror="bad_token",
                )
            case _:
                return invalid_grant(70000, f"Provided grant is invalid or malformed. {_AGAIN}")

    def _reply(
        self,
        call: Call,
        grant: Grant,
        user: User,
        names: tuple[str, ...],
        behaviour: Behaviour,
        *,
        nonce: str | None = None,
        old: RefreshToken | None = None,
        rotation: Rotation = Rotation.KEEP,
    ) -> Reply:
        lifetime, book = behaviour.token_lifetime_seconds, self.endpoint.book
        value = make_access_token()
        book.issue_access(grant, value, lifetime, tuple(name for name in names if name not in scopes.OIDC))
        call.tenant = grant.tenant
        body = {
            "token_type": "Bearer",
            "scope": scopes.shown(names, behaviour.modes.get("scope_form", "short")),
            "expires_in": int(lifetime),
            "ext_expires_in": int(lifetime),
            "access_token": value,
        }
        if scopes.OFFLINE in grant.scopes and rotation is not Rotation.OFF:
            fresh = "1.AX" + secrets.token_urlsafe(96)
            if old is None:
                book.issue_refresh(grant, fresh, REFRESH_SECONDS)
            else:
                book.replace(old, fresh, REFRESH_SECONDS)
            body["refresh_token"] = fresh
        if scopes.OPENID in names:
            tenant = self.endpoint.tenants[grant.data["tenant"]]
            body["id_token"] = self.signer.id_token(
                call.base_url, tenant, user, grant.client_id, grant.scopes, nonce
            )
        return Reply(200, json_bytes(body), JSON)


def _not_consented(app: App) -> TokenRefusedError:
    return invalid_grant(
        65001,
        f"The user or administrator has not consented to use the application with ID '{app.client_id}' named"
        f" '{app.name}'. {_AGAIN}",
        suberror="consent_required",
    )


def _code_refused(refused: GrantRefusedError) -> TokenRefusedError:
    match refused.why:
        case "used":
            return invalid_grant(
                54005,
                "OAuth2 Authorization code was already redeemed, please retry with a new valid code or use an"
                " existing refresh token.",
            )
        case "expired":
            return invalid_grant(
                70008,
                f"The provided authorization code or refresh token has expired due to inactivity. {_AGAIN}",
            )
        case _:
            return TokenRefusedError(
                "invalid_request", 9002313, "Invalid request. Request is malformed or invalid."
            )

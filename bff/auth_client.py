"""The auth service, as the bff uses it. Session tokens travel in bodies alone, never in addresses."""

import asyncio
from collections.abc import Mapping
from datetime import datetime
from typing import Any, ClassVar, TypeVar
from uuid import UUID

import httpx
from pydantic import BaseModel, SecretStr, ValidationError

from bff.metrics import UPSTREAM_FAILURES
from services.shared.kit.errors import DomainError, Unauthenticated, Unavailable
from services.shared.kit.http import HTTP_FAILURES
from services.shared.kit.logging import get_logger
from services.shared.web.correlation import HEADER as CORRELATION
from services.shared.web.correlation import current_correlation_id

log = get_logger(__name__)
T = TypeVar("T", bound=BaseModel)
# What the auth service says of *us*, not of the session that we ask about.
_OUR_FAULT = frozenset({"unauthenticated", "forbidden"})
_NOT_OURS = range(500, 600)
_CONNECT_SECONDS = 40.0
"""Finishing a connect asks the vendor several times."""


class SessionEnded(Unauthenticated):
    code: ClassVar[str] = "session_ended"


class AuthUnavailable(Unavailable):
    """Nothing can be said about the session now."""

    code: ClassVar[str] = "auth_unavailable"


class AuthRefused(DomainError):
    """A refusal with its reason: `code` is the auth service's own, `status` its HTTP status."""

    def __init__(self, status: int, code: str, detail: str) -> None:
        super().__init__(detail)
        self.status = status
        self.reason = code


class _Nothing(BaseModel):
    """An answer of which only the success matters."""


class _Started(BaseModel):
    authorize_url: str


class SignedIn(BaseModel):
    session_token: SecretStr
    return_to: str


class Operator(BaseModel):
    id: UUID
    name: str
    email: str


class Tenant(BaseModel):
    id: UUID
    slug: str
    name: str


class TenantGrant(Tenant):
    role: str


class SessionState(BaseModel):
    """Who is signed in, where and as what, as of now."""

    operator: Operator
    tenant: Tenant
    role: str
    tenants: list[TenantGrant]


class LiveSession(BaseModel):
    """A session that may act, and the internal token that says so for the next minute."""

    access_token: SecretStr
    expires_at: datetime
    session: SessionState

    @property
    def rights(self) -> tuple[UUID, str]:
        """Where it may act and as what: a stream that was opened with other rights must not go on."""
        return self.session.tenant.id, self.session.role


class OAuthOutcome(BaseModel):
    """Connected, failed with a code, or an address to go to."""

    connection_id: UUID | None = None
    failed: str | None = None
    authorize_url: str | None = None
    return_to: str = ""


class _Ended(BaseModel):
    end_session_url: str | None = None


class AuthClient:
    """Every method raises AuthUnavailable when the auth service does not answer, or not as agreed."""

    def __init__(self, client: httpx.AsyncClient, service_token: SecretStr) -> None:
        self._client = client
        self._service_token = service_token

    async def start_sign_in(self, *, return_to: str, binding: str) -> str:
        """The identity provider's address for this sign-in.

        Raises:
            AuthRefused: the auth service's reason, e.g. `identity_provider_unavailable`.
        """
        body = {"return_to": return_to, "binding": binding}
        return (await self._call("sign-in/start", body, _Started)).authorize_url

    async def finish_sign_in(self, *, code: str, state: str, iss: str | None, binding: str) -> SignedIn:
        """A new session.

        Raises:
            AuthRefused: the auth service's reason, e.g. `no_role` or `sign_in_refused`.
        """
        body = {"code": code, "state": state, "iss": iss, "binding": binding}
        return await self._call("sign-in/finish", body, SignedIn)

    async def exchange(
        self, session_token: SecretStr, *, passive: bool = False, within: float | None = None
    ) -> LiveSession:
        """The session and a fresh internal token.

        `passive` looks do not count as the person's activity; `within` is the longest wait in seconds.

        Raises:
            SessionEnded: unknown, ended, idle too long or too old.
        """
        body: dict[str, Any] = {"session_token": session_token.get_secret_value()}
        if passive:
            body["passive"] = True
        try:
            return await self._call("session/token", body, LiveSession, within=within)
        except AuthRefused as refusal:
            raise self._as_ended("session/token", refusal) from None

    async def change_tenant(self, session_token: SecretStr, tenant_id: UUID) -> None:
        """Go to another tenant within the session.

        Raises:
            SessionEnded: as above.
            AuthRefused: the person has no role there.
        """
        body = {"session_token": session_token.get_secret_value(), "tenant_id": str(tenant_id)}
        try:
            await self._call("session/tenant", body, _Nothing)
        except AuthRefused as refusal:
            if refusal.status == httpx.codes.UNAUTHORIZED:
                raise self._as_ended("session/tenant", refusal) from None
            raise

    async def end_session(self, session_token: SecretStr) -> str | None:
        """End it everywhere; the identity provider's own sign-out address, if it has one."""
        body = {"session_token": session_token.get_secret_value()}
        try:
            return (await self._call("session/end", body, _Ended)).end_session_url
        except AuthRefused:
            return None  # it is not alive: that is what was asked for

    async def start_oauth(
        self,
        vendor: str,
        session_token: SecretStr,
        *,
        method: str | None,
        connection_id: UUID | None,
        return_to: str,
    ) -> OAuthOutcome:
        """The vendor's consent page for this person.

        Raises:
            SessionEnded: sign in first.
            AuthRefused: the auth service's reason, e.g. `may_not_connect`.
        """
        body = {
            "session_token": session_token.get_secret_value(),
            "method": method,
            "connection_id": str(connection_id) if connection_id is not None else None,
            "return_to": return_to,
        }
        return await self._oauth(f"oauth/{vendor}/start", body)

    async def finish_oauth(
        self, vendor: str, session_token: SecretStr, query: Mapping[str, SecretStr]
    ) -> OAuthOutcome:
        """What came of the vendor's answer. Raises as `start_oauth`."""
        body = {
            "session_token": session_token.get_secret_value(),
            "query": {name: value.get_secret_value() for name, value in query.items()},
        }
        return await self._oauth(f"oauth/{vendor}/finish", body, within=_CONNECT_SECONDS)

    async def _oauth(self, path: str, body: dict[str, Any], within: float | None = None) -> OAuthOutcome:
        try:
            return await self._call(path, body, OAuthOutcome, within=within)
        except AuthRefused as refusal:
            if refusal.status == httpx.codes.UNAUTHORIZED:
                raise self._as_ended(path, refusal) from None
            raise

    async def _call(
        self, path: str, body: dict[str, Any], answer: type[T], *, within: float | None = None
    ) -> T:
        try:
            async with asyncio.timeout(within):
                reply = await self._client.post(
                    f"/auth/internal/{path}",
                    json=body,
                    headers={
                        "X-Service-Token": self._service_token.get_secret_value(),
                        CORRELATION: current_correlation_id(),
                    },
                    timeout=within if within is not None else httpx.USE_CLIENT_DEFAULT,
                )
        except HTTP_FAILURES as error:
            raise self._away(path, type(error).__name__) from None
        if reply.is_success:
            try:
                return answer.model_validate_json(reply.content or b"{}")
            except ValidationError:
                raise self._away(path, "unexpected answer") from None
        code, detail = _reason(reply)
        if reply.status_code in _NOT_OURS and code != "identity_provider_unavailable":
            raise self._away(path, f"status {reply.status_code}")
        if code in _OUR_FAULT:
            raise self._away(path, f"refused our service token: {code}")
        raise AuthRefused(reply.status_code, code, detail)

    @staticmethod
    def _away(path: str, why: str) -> AuthUnavailable:
        UPSTREAM_FAILURES.labels("auth").inc()
        log.error("auth_unavailable", call=path, why=why)
        return AuthUnavailable("Sign-in cannot be checked now. Try again in a moment.")

    def _as_ended(self, path: str, refusal: AuthRefused) -> SessionEnded | AuthUnavailable:
        # A token that is refused for its form is no session either; any other refusal is a misunderstanding.
        if refusal.status in {httpx.codes.UNAUTHORIZED, httpx.codes.UNPROCESSABLE_ENTITY}:
            return SessionEnded("The session has ended. Sign in again.")
        return self._away(path, f"status {refusal.status}")


def _reason(reply: httpx.Response) -> tuple[str, str]:
    try:
        problem = reply.json()
    except ValueError:
        problem = None
    if not isinstance(problem, dict):
        return "", "Refused."
    return str(problem.get("code", "")), str(problem.get("detail", "Refused."))

"""The auth service as the api knows it: the state of connections, and sealed first passwords."""

import asyncio
import base64
import time
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Generic, TypeVar
from uuid import UUID

import httpx
from pydantic import BaseModel, SecretStr, TypeAdapter, ValidationError

from services.shared.kit.errors import DomainError, Kind, NotFound, Unavailable
from services.shared.kit.logging import get_logger
from services.shared.web.correlation import HEADER, current_correlation_id
from services.shared.web.principal import Role

log = get_logger(__name__)
KEEP_SECONDS = 5.0
TIMEOUT = 2.0
MAX_KEPT = 10_000
T = TypeVar("T")


class Connection(BaseModel):
    """One connection of a tenant, as far as the product shows it."""

    vendor: str
    providers: list[str]
    connection_id: UUID | None = None
    display_name: str | None = None
    status: str
    reason: str | None = None


class Sealed(BaseModel):
    """What may be known about a first password without looking at it."""

    state: str
    expires_at: datetime | None = None


class Operator(BaseModel):
    """Somebody who signs in, in one tenant."""

    operator_id: str
    name: str
    role: Role


class Verdict(BaseModel):
    """Whether a vendor's delivery is authentic; if so whose it is, and what the vendor wants to be answered."""

    verified: bool
    tenant_id: UUID | None = None
    delivery_id: str | None = None
    answer: dict[str, str] | None = None


class PasswordGone(DomainError):
    """It was shown before, or its time is over."""

    kind = Kind.GONE
    code = "already_revealed"


class PasswordExpired(PasswordGone):
    code = "expired"


class NoPassword(NotFound):
    code = "no_first_password"


class AuthAway(Unavailable):
    code = "auth_unavailable"


class _Recent(Generic[T]):
    """What was told within the last five seconds."""

    def __init__(self) -> None:
        self._kept: dict[UUID, tuple[float, T]] = {}

    def find(self, id: UUID) -> T | None:
        until, value = self._kept.get(id, (0.0, None))
        return value if until > time.monotonic() else None

    def keep(self, id: UUID, value: T) -> T:
        if len(self._kept) >= MAX_KEPT:
            self._kept.clear()
        self._kept[id] = (time.monotonic() + KEEP_SECONDS, value)
        return value

    def forget(self, id: UUID) -> None:
        self._kept.pop(id, None)


_CONNECTIONS = TypeAdapter(list[Connection])


class AuthClient:
    """Calls with our service token. Reads are kept for five seconds; nothing secret is."""

    def __init__(self, client: httpx.AsyncClient, auth_url: str, service_token: SecretStr) -> None:
        self._client = client
        self._url = auth_url.rstrip("/")
        self._token = service_token
        self._connections: _Recent[list[Connection]] = _Recent()
        self._passwords: _Recent[Sealed] = _Recent()

    async def connections(self, tenant_id: UUID) -> Sequence[Connection] | None:
        """The tenant's connections; None while the auth service does not tell."""
        if (kept := self._connections.find(tenant_id)) is not None:
            return kept
        try:
            answer = await self.call("GET", f"/auth/internal/tenants/{tenant_id}/connections")
            answer.raise_for_status()
            found = _CONNECTIONS.validate_json(answer.content)
        except (httpx.HTTPError, AuthAway, ValidationError) as error:
            log.warning("connections_unknown", error=type(error).__name__)
            return None
        return self._connections.keep(tenant_id, found)

    def forget_connections(self, tenant_id: UUID) -> None:
        """Ask again at the next call: they were changed."""
        self._connections.forget(tenant_id)

    async def sealed(self, tenant_id: UUID, action_ids: Sequence[UUID]) -> dict[UUID, Sealed]:
        """The state of these first passwords. One that cannot be asked for now counts as sealed."""
        states = await asyncio.gather(*(self._sealed(tenant_id, action_id) for action_id in action_ids))
        return {
            action_id: state for action_id, state in zip(action_ids, states, strict=True) if state is not None
        }

    async def _sealed(self, tenant_id: UUID, action_id: UUID) -> Sealed | None:
        if (kept := self._passwords.find(action_id)) is not None:
            return kept
        try:
            answer = await self.call(
                "GET",
                f"/auth/internal/first-passwords/{action_id}",
                params={"tenant_id": str(tenant_id)},
            )
            if answer.status_code == httpx.codes.NOT_FOUND:
                return None
            answer.raise_for_status()
            state = Sealed.model_validate_json(answer.content)
        except (httpx.HTTPError, AuthAway, ValidationError) as error:
            log.warning("first_password_unknown", error=type(error).__name__)
            return Sealed(state="sealed", expires_at=None)
        return self._passwords.keep(action_id, state)

    async def reveal(self, tenant_id: UUID, operator_id: str, action_id: UUID) -> str:
        """A first password, once.

        Raises:
            NoPassword: there never was one.
            PasswordGone, PasswordExpired: it was shown before, or its time is over.
            AuthAway: the auth service does not answer; nothing was shown.
        """
        answer = await self.call(
            "POST",
            f"/auth/internal/first-passwords/{action_id}/reveal",
            json={"tenant_id": str(tenant_id), "operator_id": operator_id},
        )
        self._passwords.forget(action_id)
        if answer.is_success:
            return str(answer.json()["password"])
        if answer.status_code == httpx.codes.NOT_FOUND:
            raise NoPassword("There is no first password for this action.")
        if answer.status_code == httpx.codes.GONE:
            if _code(answer) == "expired":
                raise PasswordExpired("This password has expired. Set a new one at the vendor.")
            raise PasswordGone("This password was shown before. Set a new one at the vendor.")
        raise AuthAway("The password cannot be fetched now. It was not shown.")

    async def find_operator(self, tenant_id: UUID, email: str) -> Operator | None:
        """The operator of this address in this tenant.

        Raises:
            AuthAway: the auth service does not answer.
        """
        path = f"/auth/internal/tenants/{tenant_id}/operator"
        answer = await self.call("GET", path, params={"email": email})
        if answer.status_code == httpx.codes.NOT_FOUND:
            return None
        return read_answer(Operator, answer)

    async def check_delivery(
        self, vendor: str, connection_id: UUID, headers: Mapping[str, str], body: bytes
    ) -> Verdict:
        """Whether the vendor has signed this. The secret that tells stays with the auth service.

        Raises:
            AuthAway: it cannot be checked now; the vendor should send it again.
        """
        sent = {
            "vendor": vendor,
            "connection_id": str(connection_id),
            "headers": dict(headers),
            "body": base64.b64encode(body).decode(),
        }
        answer = await self.call("POST", "/auth/internal/webhook-check", json=sent)
        if answer.status_code == httpx.codes.UNPROCESSABLE_ENTITY:
            return Verdict(verified=False)
        return read_answer(Verdict, answer)

    async def call(self, method: str, path: str, *, seconds: float = TIMEOUT, **more: Any) -> httpx.Response:
        """One call with our service token; Its answer, whatever it is.

        Raises:
            AuthAway: there is none.
        """
        headers = {"X-Service-Token": self._token.get_secret_value(), HEADER: current_correlation_id()}
        try:
            return await self._client.request(
                method, self._url + path, headers=headers, timeout=seconds, **more
            )
        except httpx.HTTPError as error:
            raise AuthAway("OneClick's own sign-in service does not answer.") from error


M = TypeVar("M", bound=BaseModel)


def read_answer(model: type[M], answer: httpx.Response) -> M:
    """What was answered.

    Raises:
        AuthAway: it is no success, or not what we understand.
    """
    try:
        answer.raise_for_status()
        return model.model_validate_json(answer.content)
    except (httpx.HTTPError, ValidationError) as error:
        log.warning("auth_unclear", status=answer.status_code, error=type(error).__name__)
        raise AuthAway("OneClick's own sign-in service does not answer.") from error


def _code(answer: httpx.Response) -> str | None:
    try:
        code = answer.json().get("code")
    except (ValueError, AttributeError):
        return None
    return code if isinstance(code, str) else None

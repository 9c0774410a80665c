"""What endpoints ask for: who is calling, and a unit of work in that caller's tenant."""

from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from typing import Annotated, Any

from fastapi import Depends, Header, Query, Request
from fastapi.security import APIKeyHeader, HTTPAuthorizationCredentials, HTTPBearer
from pydantic import SecretStr

from services.api.auth_client import AuthClient
from services.api.key_checking import KeyChecker
from services.api.strangers import Strangers
from services.shared.kit.bell import Bell, News
from services.shared.kit.db import Sessions
from services.shared.kit.errors import Unauthenticated
from services.shared.kit.logging import bind
from services.shared.kit.pagination import MAX_LIMIT, PageQuery
from services.shared.kit.uow import UnitOfWork, unit_of_work
from services.shared.web.correlation import current_correlation_id
from services.shared.web.principal import KEY_PREFIX, Permission, Principal, TokenVerifier
from services.shared.web.service_tokens import Doorman

MAX_OFFSET = 1_000_000
_bearer = HTTPBearer(
    auto_error=False,
    scheme_name="Bearer",
    description="An API key (`oc_…`). In the web app's name the bff attaches an internal token instead.",
)
_key_header = APIKeyHeader(
    name="X-API-Key",
    auto_error=False,
    scheme_name="ApiKey",
    description="An API key, for programs that cannot set Authorization.",
)


@dataclass(frozen=True, slots=True)
class Backends:
    """What this process stands on. Made at start, the same for every call."""

    sessions: Sessions
    bell: Bell
    news: News
    verifier: TokenVerifier
    auth: AuthClient
    doorman: Doorman
    keys: KeyChecker
    strangers: Strangers
    new_key_calls_per_minute: int
    wait_seconds: float
    retention_days: int


@dataclass(frozen=True, slots=True)
class Caller:
    """Who is calling, with the way to act in their name. The tenant comes from the principal alone."""

    principal: Principal
    backends: Backends
    key: SecretStr | None = None
    """The API key that the caller showed, if it was one."""

    def unit(self) -> AbstractAsyncContextManager[UnitOfWork]:
        """One transaction of its own, for calls that must commit before they answer."""
        return unit_of_work(
            self.backends.sessions,
            self.backends.bell,
            tenant_id=self.principal.tenant_id,
            actor=self.principal.actor,
            correlation_id=current_correlation_id(),
        )

    async def may_go_on(self) -> bool:
        """Whether an open stream may. The bff watches people's sessions; nobody but us watches API keys."""
        return self.key is None or await self.backends.keys.still(self.key.get_secret_value())


async def get_backends(request: Request) -> Backends:
    """What this process stands on."""
    backends: Backends = request.app.state.backends
    return backends


async def get_caller(
    backends: Annotated[Backends, Depends(get_backends)],
    credentials: Annotated[HTTPAuthorizationCredentials | None, Depends(_bearer)],
    key_header: Annotated[str | None, Depends(_key_header)],
) -> Caller:
    """The caller by their token or API key.

    Raises:
        Unauthenticated: none, one that is not valid, or two different ones.
        TooMany: the API key has made too many calls.
        Unavailable: it cannot be checked now.
    """
    shown = credentials.credentials if credentials else None
    if key_header is not None:
        if shown is not None and shown != key_header:
            raise Unauthenticated("Authorization and X-API-Key differ. Send one of them.")
        shown = key_header
    if not shown:
        raise Unauthenticated("Sign in first, or send an API key.")
    key = SecretStr(shown) if key_header is not None or shown.startswith(KEY_PREFIX) else None
    principal = await (backends.keys.admit(shown) if key else backends.verifier.verify(shown))
    bind(tenant_id=principal.tenant_id, actor=f"{principal.actor.kind}:{principal.actor.id}")
    return Caller(principal, backends, key)


CurrentCaller = Annotated[Caller, Depends(get_caller)]


async def open_unit(caller: CurrentCaller) -> AsyncIterator[UnitOfWork]:
    """The transaction of one call. It ends before the answer is sent: a failing commit is no success."""
    async with caller.unit() as uow:
        yield uow


Unit = Annotated[UnitOfWork, Depends(open_unit, scope="function")]


class Allowed:
    """A route's permission, as a dependency that tests can see."""

    def __init__(self, permission: Permission) -> None:
        self.permission = permission

    async def __call__(self, caller: CurrentCaller) -> None:
        """Pass.

        Raises:
            Forbidden: neither the caller's role nor key grants it.
        """
        caller.principal.require(self.permission)


def allowed(permission: Permission) -> Any:
    """For a route's `dependencies`."""
    return Depends(Allowed(permission))


async def get_page(
    limit: Annotated[int, Query(ge=1, le=MAX_LIMIT)] = 50,
    offset: Annotated[int, Query(ge=0, le=MAX_OFFSET)] = 0,
) -> PageQuery:
    """`?limit=&offset=`."""
    return PageQuery(limit, offset)


Paging = Annotated[PageQuery, Depends(get_page)]
IdempotencyKey = Annotated[
    str | None,
    Header(
        alias="Idempotency-Key",
        description="The same key with the same body gets the same answer for 24 hours",
    ),
]

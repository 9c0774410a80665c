"""What endpoints ask for: who is calling, and a unit of work in that caller's tenant."""

from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from typing import Annotated, Any

from fastapi import Depends, Header, Query, Request
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer

from services.api.auth_client import AuthClient
from services.shared.kit.bell import Bell, News
from services.shared.kit.db import Sessions
from services.shared.kit.errors import Unauthenticated
from services.shared.kit.logging import bind
from services.shared.kit.pagination import MAX_LIMIT, PageQuery
from services.shared.kit.uow import UnitOfWork, unit_of_work
from services.shared.web.correlation import current_correlation_id
from services.shared.web.principal import Permission, Principal, TokenVerifier
from services.shared.web.service_tokens import Doorman

MAX_OFFSET = 1_000_000
_bearer = HTTPBearer(auto_error=False, description="The internal token that the bff attaches")


@dataclass(frozen=True, slots=True)
class Backends:
    """What this process stands on. Made at start, the same for every call."""

    sessions: Sessions
    bell: Bell
    news: News
    verifier: TokenVerifier
    auth: AuthClient
    doorman: Doorman
    wait_seconds: float
    retention_days: int


@dataclass(frozen=True, slots=True)
class Caller:
    """Who is calling, with the way to act in their name. The tenant comes from the principal alone."""

    principal: Principal
    backends: Backends

    def unit(self) -> AbstractAsyncContextManager[UnitOfWork]:
        """One transaction of its own, for calls that must commit before they answer."""
        return unit_of_work(
            self.backends.sessions,
            self.backends.bell,
            tenant_id=self.principal.tenant_id,
            actor=self.principal.actor,
            correlation_id=current_correlation_id(),
        )


async def get_backends(request: Request) -> Backends:
    """What this process stands on."""
    backends: Backends = request.app.state.backends
    return backends


async def get_caller(
    backends: Annotated[Backends, Depends(get_backends)],
    credentials: Annotated[HTTPAuthorizationCredentials | None, Depends(_bearer)],
) -> Caller:
    """The caller by their token.

    Raises:
        Unauthenticated: no token, or one that is not valid.
        Unavailable: it cannot be checked now.
    """
    if credentials is None:
        raise Unauthenticated("Sign in first.")
    principal = await backends.verifier.verify(credentials.credentials)
    bind(tenant_id=principal.tenant_id, actor=f"{principal.actor.kind}:{principal.actor.id}")
    return Caller(principal, backends)


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
            Forbidden: the caller's role does not grant it.
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

"""`/auth/internal/oauth/{vendor}`, for the bff: a person on the way to a vendor and back."""

from fastapi import APIRouter, Depends

from services.auth.connection.models import Vendor
from services.auth.method.base import ConnectFailed
from services.auth.method.registry import find_vendor_named
from services.auth.oauth.schemas import Code, OAuthFinish, OAuthFinished, OAuthStart, OAuthStarted
from services.auth.oauth.service import OAuth
from services.auth.service_caller.allowed import Allowed
from services.auth.vault.secret import Secret
from services.shared.kit.errors import NotFound


def router(allowed: Allowed, oauth: OAuth) -> APIRouter:
    """Start and finish. Whatever the vendor says is an outcome, not an error."""
    routes = APIRouter(prefix="/auth/internal/oauth", tags=["oauth"], dependencies=[Depends(allowed.oauth)])

    @routes.post("/{vendor}/start")
    async def start(vendor: str, body: OAuthStart) -> OAuthStarted:
        outcome = await oauth.start(
            Secret(body.session_token.get_secret_value()),
            _known(vendor),
            method=body.method,
            connection_id=body.connection_id,
            return_to=body.return_to,
        )
        return OAuthStarted(
            authorize_url=outcome.authorize_url,
            failed=_code(outcome.failure),
            reason=outcome.failure.reason if outcome.failure else None,
        )

    @routes.post("/{vendor}/finish")
    async def finish(vendor: str, body: OAuthFinish) -> OAuthFinished:
        query = {name: Secret(value.get_secret_value()) for name, value in body.query.items()}
        outcome = await oauth.finish(Secret(body.session_token.get_secret_value()), _known(vendor), query)
        return OAuthFinished(
            connection_id=outcome.connection_id,
            failed=_code(outcome.failure),
            reason=outcome.failure.reason if outcome.failure else None,
            authorize_url=outcome.authorize_url,
            return_to=outcome.return_to,
        )

    return routes


def _known(name: str) -> Vendor:
    vendor = find_vendor_named(name)
    if vendor is None:
        raise NotFound("OneClick knows no vendor of this name.")
    return vendor


def _code(failure: ConnectFailed | None) -> Code | None:
    return None if failure is None else Code(failure.code)

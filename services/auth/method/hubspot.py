"""HubSpot: a super admin's consent, or a private app's token. Source: HubSpot's OpenAPI files oauth-v1, account-info-v3."""

from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

from services.auth.connection.models import Method, Vendor
from services.auth.grant.base import MintFailed, VendorAway, scopes_of
from services.auth.grant.refresh import REFRESH_TOKEN, read_hubspot
from services.auth.grant.static import TOKEN
from services.auth.method.base import (
    Draft,
    Input,
    Kind,
    Scope,
    ScopesMissing,
    VendorRefused,
    VendorUnreachable,
    Way,
)
from services.auth.method.desk import Desk
from services.auth.method.flow import Back, Going, answered, with_query
from services.auth.vault.secret import Secret

VENDOR = Vendor.HUBSPOT
_USERS_PATH = "/settings/v3/users"
_WRITE = "settings.users.write"
_SCOPES = (
    Scope("settings.users.read", "look users and permission sets up"),
    Scope(_WRITE, "create, change and remove users"),
    Scope("settings.users.teams.read", "look teams up"),
    Scope("settings.billing.write", "seats, and permission sets with a paid seat", required=False),
)
_PATH = Input(
    "users_path",
    "Path of the users API",
    f"HubSpot serves users under several paths. Empty: {_USERS_PATH}.",
    required=False,
)

WAYS = (
    Way(
        VENDOR,
        Method.AUTHORIZATION_CODE,
        "Install in HubSpot",
        Kind.REDIRECT,
        "A super admin chooses the account and consents. OneClick stays connected until the app is uninstalled.",
        ("Sign in as a super admin.",),
        _SCOPES,
    ),
    Way(
        VENDOR,
        Method.TOKEN,
        "Private app",
        Kind.TYPED_IN,
        "A super admin makes a private app and enters its access token.",
        (
            "In HubSpot under Settings, Integrations, Private Apps make an app with exactly the scopes listed here.",
        ),
        _SCOPES,
        (Input("token", "Access token", "Begins with pat-.", secret=True), _PATH),
    ),
)


async def typed_in(desk: Desk, _way: Way, given: Mapping[str, str]) -> Draft:
    """A private app's token. Raises ConnectFailed."""
    path = given.get("users_path") or _USERS_PATH
    if not path.startswith("/settings/") or not path.replace("/", "").replace("-", "").isalnum():
        raise VendorRefused(f"Enter a path such as {_USERS_PATH}.", field="users_path")
    account = await desk.http.read(
        VENDOR,
        f"{_api(desk)}/account-info/v3/details",
        given["token"],
        refused={
            401: "HubSpot does not accept the token. Copy it again from the private app's page.",
            403: "The token may not read the account. Check the private app's scopes.",
        },
        field="token",
    )
    portal = str(account.get("portalId", ""))
    if not portal.isdigit():
        raise VendorRefused("HubSpot does not say which account the token belongs to.", field="token")
    return Draft(
        method=Method.TOKEN,
        title=f"HubSpot {portal}",
        settings={"portal_id": portal, "users_path": path},
        secrets={TOKEN: Secret(given["token"])},
        external_id=portal,
        account="Private app",
        scopes=await _scopes(desk, given["token"]),
    )


def authorize_url(desk: Desk, going: Going) -> str:
    """HubSpot's page, where the account is chosen."""
    client_id, _ = desk.client(VENDOR)
    return with_query(
        desk.known.hubspot_authorize_url,
        client_id=client_id,
        redirect_uri=going.redirect_uri,
        scope=" ".join(("oauth", *(scope.name for scope in _SCOPES if scope.required))),
        optional_scope=" ".join(scope.name for scope in _SCOPES if not scope.required),
        state=going.state,
    )


async def finish(desk: Desk, back: Back) -> Draft:
    """From HubSpot's answer to a connection. Raises ConnectFailed."""
    answered(back)
    client_id, secret = desk.client(VENDOR)
    form = {**back.code_grant(pkce=False), "client_id": client_id, "client_secret": secret}
    answer = await desk.http.send(VENDOR, "POST", f"{_api(desk)}/oauth/v1/token", form=form)
    try:
        minted = read_hubspot(VENDOR, answer)
    except VendorAway as error:
        raise VendorUnreachable(error.reason) from error
    except MintFailed as error:
        raise VendorRefused(error.reason) from error
    if minted.refresh_token is None:
        raise VendorRefused("HubSpot gave no lasting consent. Connect again.")
    token = quote(minted.token.reveal(), safe="")
    about = await desk.http.read(
        VENDOR, f"{_api(desk)}/oauth/v1/access-tokens/{token}", minted.token.reveal()
    )
    portal = str(about.get("hub_id", ""))
    granted = scopes_of(about.get("scopes")) or minted.scopes or ()
    if not portal.isdigit():
        raise VendorRefused("HubSpot does not say which account this is. Connect again.")
    if _WRITE not in granted:
        raise ScopesMissing("The permission to manage users was not given. Let a super admin connect.")
    return Draft(
        method=Method.AUTHORIZATION_CODE,
        title=f"HubSpot {about.get('hub_domain') or portal}",
        settings={"portal_id": portal, "users_path": _USERS_PATH},
        secrets={REFRESH_TOKEN: minted.refresh_token},
        external_id=portal,
        account=str(about.get("user") or "") or None,
        scopes=granted,
        minted={"default": minted},
    )


async def revoke(desk: Desk, _settings: Mapping[str, Any], secrets: Mapping[str, Secret]) -> bool:
    """Delete the refresh token at HubSpot; whether it is over. Access tokens live on for up to half an hour."""
    token = secrets.get(REFRESH_TOKEN)
    if token is None:
        return False
    url = f"{_api(desk)}/oauth/v1/refresh-tokens/{quote(token.reveal(), safe='')}"
    answer = await desk.http.send(VENDOR, "DELETE", url)
    return answer.is_success or answer.status_code == 404  # noqa: PLR2004  # it is over already


async def _scopes(desk: Desk, token: str) -> tuple[str, ...] | None:
    """A private app's scopes; None where HubSpot does not tell."""
    answer = await desk.http.send(
        VENDOR, "POST", f"{_api(desk)}/oauth/v2/private-apps/get/access-token-info", json={"tokenKey": token}
    )
    try:
        body = answer.json()
    except ValueError:
        return None
    return scopes_of(body.get("scopes")) if answer.is_success and isinstance(body, dict) else None


def _api(desk: Desk) -> str:
    return desk.known.hubspot_api_url.rstrip("/")

"""Slack: an owner's consent (OAuth v2, user scopes), or an owner's token.

api.slack.com/authentication/oauth-v2, api.slack.com/methods/{oauth.v2.access,auth.test,auth.revoke}.
"""

import base64
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

from services.auth.connection.models import Method, Vendor
from services.auth.grant.base import Minted, MintFailed, VendorAway, body_of, scopes_of
from services.auth.grant.refresh import REFRESH_TOKEN, read_slack
from services.auth.grant.static import STATIC_SECONDS, TOKEN
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

VENDOR = Vendor.SLACK
_ADMIN = "admin"
_SCOPES = (
    Scope(_ADMIN, "accounts and user groups by SCIM"),
    Scope("users:read", "see who is an administrator", required=False),
    Scope("users:read.email", "find active accounts by their address at once", required=False),
    Scope("channels:read", "see public channels and who is in them", required=False),
    Scope("groups:read", "see private channels and who is in them", required=False),
    Scope("channels:write", "add to and remove from public channels", required=False),
    Scope("groups:write", "add to and remove from private channels", required=False),
    Scope("admin.conversations:write", "Enterprise: channels that the owner is not in", required=False),
    Scope("admin.users:write", "Enterprise: administrators, workspaces and sessions", required=False),
)

WAYS = (
    Way(
        VENDOR,
        Method.AUTHORIZATION_CODE,
        "Add to Slack",
        Kind.REDIRECT,
        "An owner installs OneClick. It acts as that owner: when they are deactivated, the connection ends.",
        ("Sign in as an owner; on Enterprise choose the organisation, not a workspace.",),
        _SCOPES,
    ),
    Way(
        VENDOR,
        Method.TOKEN,
        "Token of an app of your own",
        Kind.TYPED_IN,
        "You make a Slack app with user token scopes, an owner installs it, and you enter the owner's token.",
        (
            "At api.slack.com/apps make an app and add the user token scopes listed here; only admin is indispensable.",
            "Let an owner install it, on Enterprise on the organisation.",
        ),
        _SCOPES,
        (
            Input("token", "User OAuth token", "Begins with xoxp-.", secret=True),
            Input(
                "team_id",
                "Workspace ID",
                "T… after app.slack.com/client/. Needed on Enterprise only, where the token is the organisation's.",
                required=False,
            ),
        ),
    ),
)


async def typed_in(desk: Desk, _way: Way, given: Mapping[str, str]) -> Draft:
    """An owner's token. Raises ConnectFailed."""
    token = Secret(given["token"])
    return await _draft(
        desk, Method.TOKEN, Minted(token, STATIC_SECONDS), {TOKEN: token}, given.get("team_id"), "token"
    )


def authorize_url(desk: Desk, going: Going) -> str:
    """Slack's page."""
    client_id, _ = desk.client(VENDOR)
    team = {"team": going.external_id} if going.external_id else {}
    return with_query(
        desk.known.slack_authorize_url,
        client_id=client_id,
        user_scope=",".join(scope.name for scope in _SCOPES),
        redirect_uri=going.redirect_uri,
        state=going.state,
        **team,
    )


async def finish(desk: Desk, back: Back) -> Draft:
    """From Slack's answer to a connection. Raises ConnectFailed."""
    answered(back)
    client_id, secret = desk.client(VENDOR)
    basic = base64.b64encode(f"{client_id}:{secret}".encode()).decode()
    answer = await desk.http.send(
        VENDOR,
        "POST",
        f"{desk.known.slack_api_url.rstrip('/')}/oauth.v2.access",
        form={"code": back.query.get("code", ""), "redirect_uri": back.redirect_uri},
        headers={"authorization": f"Basic {basic}"},
    )
    try:
        minted = read_slack(VENDOR, answer)
    except VendorAway as error:
        raise VendorUnreachable(error.reason) from error
    except MintFailed as error:
        raise VendorRefused(error.reason) from error
    if _ADMIN not in (minted.scopes or ()):
        raise ScopesMissing(
            "The permission admin was not given. Let an owner connect, and accept everything."
        )
    kept = minted.refresh_token
    secrets = {TOKEN: minted.token} if kept is None else {REFRESH_TOKEN: kept}
    return await _draft(desk, Method.AUTHORIZATION_CODE, minted, secrets, None, None)


async def revoke(desk: Desk, _settings: Mapping[str, Any], secrets: Mapping[str, Secret]) -> bool:
    """End the owner's token at Slack; whether it is over."""
    token = secrets.get(TOKEN)
    if token is None:
        return False
    answer = await desk.http.send(
        VENDOR,
        "POST",
        f"{desk.known.slack_api_url.rstrip('/')}/auth.revoke",
        headers={"authorization": f"Bearer {token.reveal()}"},
    )
    body = body_of(answer) or {}
    return body.get("ok") is True or body.get("error") in {
        "token_revoked",
        "invalid_auth",
        "account_inactive",
    }


async def _draft(
    desk: Desk,
    method: Method,
    minted: Minted,
    secrets: Mapping[str, Secret],
    team_id: str | None,
    field: str | None,
) -> Draft:
    answer = await desk.http.send(
        VENDOR,
        "POST",
        f"{desk.known.slack_api_url.rstrip('/')}/auth.test",
        headers={"authorization": f"Bearer {minted.token.reveal()}"},
    )
    body = body_of(answer) or {}
    if body.get("ok") is not True:
        raise VendorRefused("Slack does not accept the token. Copy it again.", field=field)
    found = str(body.get("team_id", ""))
    is_workspace = found.startswith("T")
    if team_id and is_workspace and team_id != found:
        raise VendorRefused(f"The token belongs to the workspace {found}, not {team_id}.", field="team_id")
    if not team_id and not is_workspace:
        raise VendorRefused(
            "This token is an organisation's. Enter the ID of the workspace that people are brought into.",
            field="team_id",
        )
    granted = minted.scopes or scopes_of(answer.headers.get("x-oauth-scopes"))
    if granted is not None and _ADMIN not in granted:
        raise VendorRefused("The token lacks the scope admin. Add it and install the app again.", field=field)
    domain = (urlsplit(str(body.get("url", ""))).hostname or "").removesuffix(".slack.com")
    return Draft(
        method=method,
        title=f"Slack {body.get('team') or found}",
        settings={"team_id": team_id or found, "team_domain": domain.partition(".")[0] or None},
        secrets=secrets,
        external_id=team_id or found,
        account=str(body.get("user") or "") or None,
        scopes=granted,
        minted={"default": minted},
    )

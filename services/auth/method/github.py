"""GitHub: our App installed in an organisation, an App of one's own, or an enterprise's SCIM token.

docs.github.com/apps: "About the setup URL" (an installation_id can be made up, so it is verified), "Using webhooks",
"Generating a user access token" (who installs); REST: apps.
"""

from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

from services.auth.connection.models import Method, Vendor
from services.auth.environment.github import WEBHOOK_SECRET
from services.auth.grant.base import body_of, secret_of
from services.auth.grant.github import APP_KEY, GITHUB_HEADERS, app_jwt
from services.auth.grant.static import TOKEN
from services.auth.method.base import (
    Draft,
    Input,
    Kind,
    NotConfigured,
    Scope,
    VendorRefused,
    Way,
)
from services.auth.method.desk import Desk
from services.auth.method.flow import Back, Going, answered, with_query
from services.auth.vault.secret import Secret

VENDOR = Vendor.GITHUB
_SCOPES = (
    Scope("members:write", "invitations, membership, roles and teams"),
    Scope("organization_plan:read", "how many seats are free", required=False),
    Scope("organization_copilot_seat_management:write", "Copilot seats", required=False),
    Scope(
        "organization_administration:read",
        "who authorised a credential for single sign-on",
        ("organization_administration:write",),
        required=False,
    ),
)
_WEBHOOK = Input(
    "webhook_secret",
    "Webhook secret",
    "So that accepted invitations are heard at once.",
    secret=True,
    required=False,
)
WAYS = (
    Way(
        VENDOR,
        Method.APP_INSTALLATION,
        "Install the GitHub App",
        Kind.REDIRECT,
        "An owner installs OneClick's App in the organisation. OneClick then acts as the App, whoever comes or goes.",
        ("Sign in as an owner of the organisation; others can only ask for the installation.",),
        _SCOPES,
    ),
    Way(
        VENDOR,
        Method.OWN_APP,
        "GitHub App of your own",
        Kind.TYPED_IN,
        "You make a GitHub App with the permissions listed here, install it, and enter its key.",
        (
            "In the organisation's developer settings make a GitHub App with these organisation permissions.",
            "Generate a private key and install the App in the organisation.",
        ),
        _SCOPES,
        (
            Input("app_id", "App ID", "On the App's settings page."),
            Input("installation_id", "Installation", "The last part of the installation's address."),
            Input("app_private_key", "Private key (PEM)", "The whole file.", secret=True, multiline=True),
            _WEBHOOK,
        ),
    ),
    Way(
        VENDOR,
        Method.TOKEN,
        "Enterprise with managed users",
        Kind.TYPED_IN,
        "The setup user's token opens the enterprise's SCIM alone.",
        ("As the setup user make a personal access token (classic) with the scope scim:enterprise.",),
        (Scope("scim:enterprise", "managed users and the enterprise's groups"),),
        (
            Input("enterprise", "Enterprise", "Its short name, as in github.com/enterprises/<name>."),
            Input("org", "Organisation", "Its login, as in github.com/<login>."),
            Input("token", "Token", "Begins with ghp_.", secret=True),
            _WEBHOOK,
        ),
    ),
)


async def typed_in(desk: Desk, way: Way, given: Mapping[str, str]) -> Draft:
    """An App of one's own, or managed users. Raises ConnectFailed."""
    if way.key is Method.TOKEN:
        return await _managed(desk, given)
    key = given["app_private_key"]
    settings = {"app_id": given["app_id"], "installation_id": given["installation_id"]}
    return await _installed(
        desk,
        Method.OWN_APP,
        settings,
        key,
        {APP_KEY: Secret(key), **_webhook(given)},
        field="app_private_key",
    )


def authorize_url(desk: Desk, going: Going) -> str:
    """The App's installation page, where the organisation is chosen."""
    _app(desk)
    slug = desk.known.github_oauth_app_slug or ""
    return with_query(
        f"{desk.known.github_web_url.rstrip('/')}/apps/{slug}/installations/new", state=going.state
    )


async def finish(desk: Desk, back: Back) -> Draft:
    """From GitHub's answer to a connection. Raises ConnectFailed."""
    answered(back)
    if back.query.get("setup_action") == "request":
        raise VendorRefused(
            "The installation was asked for. An owner of the organisation has to approve it first."
        )
    installation = back.query.get("installation_id", "")
    if not installation.isdigit():
        raise VendorRefused("GitHub did not say which installation this is. Try again.")
    await _require_installer(desk, back, installation)
    app_id, key = _app(desk)
    settings = {"app_id": app_id, "installation_id": installation}
    return await _installed(desk, Method.APP_INSTALLATION, settings, key, {}, field=None)


async def revoke(desk: Desk, settings: Mapping[str, Any], _secrets: Mapping[str, Secret]) -> bool:
    """Uninstall our App from the organisation; whether it is over."""
    app_id, key = _app(desk)
    if str(settings.get("app_id")) != app_id:
        return False
    url = f"{_api(desk)}/app/installations/{quote(str(settings['installation_id']), safe='')}"
    headers = {**GITHUB_HEADERS, "authorization": f"Bearer {app_jwt(app_id, key)}"}
    answer = await desk.http.send(VENDOR, "DELETE", url, headers=headers)
    return answer.is_success or answer.status_code == 404  # noqa: PLR2004  # it is over already


def _app(desk: Desk) -> tuple[str, str]:
    app_id, key = desk.known.github_oauth_app_id, desk.known.github_oauth_app_private_key
    if app_id is None or key is None:
        raise NotConfigured("This installation of OneClick has no GitHub App.")
    return app_id, key.get_secret_value()


async def _require_installer(desk: Desk, back: Back, installation: str) -> None:
    """Anybody can name a foreign installation: the person who came back has to see it with their own token.

    Raises:
        VendorRefused: they do not.
    """
    client_id, secret = desk.client(VENDOR)
    answer = await desk.http.send(
        VENDOR,
        "POST",
        f"{desk.known.github_web_url.rstrip('/')}/login/oauth/access_token",
        form={"client_id": client_id, "client_secret": secret, "code": back.query.get("code", "")},
    )
    token = secret_of((body_of(answer) or {}).get("access_token")) if answer.is_success else None
    if token is None:
        raise VendorRefused("GitHub did not say who installed the App. Try again.")
    listed = await desk.http.read(
        VENDOR,
        f"{_api(desk)}/user/installations",
        token.reveal(),
        query={"per_page": "100"},
        headers=GITHUB_HEADERS,
    )
    rows = listed.get("installations")
    seen = {str(one.get("id")) for one in rows if isinstance(one, dict)} if isinstance(rows, list) else set()
    if installation not in seen:
        raise VendorRefused("You have no access to this installation of the App. Let an owner connect it.")


async def _installed(
    desk: Desk,
    method: Method,
    settings: Mapping[str, str],
    key: str,
    secrets: Mapping[str, Secret],
    *,
    field: str | None,
) -> Draft:
    """Look at the installation as the App: it exists, is an organisation's and is not suspended."""
    found = await desk.http.read(
        VENDOR,
        f"{_api(desk)}/app/installations/{quote(settings['installation_id'], safe='')}",
        _jwt(settings["app_id"], key, field),
        headers=GITHUB_HEADERS,
        refused={
            401: "GitHub does not accept the App's key. Check the App ID and the private key.",
            404: "The App has no such installation. Install it in the organisation.",
        },
        field=field and "installation_id",
    )
    account = found.get("account")
    account = account if isinstance(account, dict) else {}
    login = str(account.get("login") or "")
    if found.get("suspended_at"):
        raise VendorRefused(
            "The installation is suspended. Unsuspend it in the organisation's settings.", field=field
        )
    if account.get("type") != "Organization" or not login:
        raise VendorRefused(
            "The App is installed for a person. Install it in the organisation.",
            field=field and "installation_id",
        )
    permissions = found.get("permissions")
    granted = (
        tuple(f"{name}:{level}" for name, level in permissions.items())
        if isinstance(permissions, dict)
        else None
    )
    minted = await desk.mint(VENDOR, method, settings, secrets, otherwise=field)
    return Draft(
        method=method,
        title=f"GitHub {login}",
        settings={**settings, "org": login, "enterprise": None, "mode": "organization"},
        secrets=secrets,
        external_id=settings["installation_id"],
        account=login,
        scopes=granted,
        minted={"default": minted},
    )


def _jwt(app_id: str, key: str, field: str | None) -> str:
    try:
        return app_jwt(app_id, key)
    except ValueError as error:
        raise VendorRefused(
            "This is not a private key in PEM form. Paste the whole file that GitHub gave you.", field=field
        ) from error


async def _managed(desk: Desk, given: Mapping[str, str]) -> Draft:
    await desk.http.read(
        VENDOR,
        f"{_api(desk)}/scim/v2/enterprises/{quote(given['enterprise'], safe='')}/Users",
        given["token"],
        query={"count": "1"},
        headers={**GITHUB_HEADERS, "accept": "application/scim+json"},
        refused={
            401: "GitHub does not accept the token. Copy it again.",
            403: "The token lacks the scope scim:enterprise, or is not the setup user's.",
            404: "The token opens no enterprise of this name with managed users. Check the name.",
        },
        field="token",
    )
    return Draft(
        method=Method.TOKEN,
        title=f"GitHub {given['enterprise']}",
        settings={"org": given["org"], "enterprise": given["enterprise"], "mode": "managed_users"},
        secrets={TOKEN: Secret(given["token"]), **_webhook(given)},
        external_id=given["enterprise"].lower(),
        account=given["enterprise"],
    )


def _webhook(given: Mapping[str, str]) -> dict[str, Secret]:
    secret = given.get("webhook_secret")
    return {WEBHOOK_SECRET: Secret(secret)} if secret else {}


def _api(desk: Desk) -> str:
    return desk.known.github_api_url.rstrip("/")

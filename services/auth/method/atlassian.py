"""Atlassian: an administrator's consent for the site (OAuth 2.0, 3LO), or keys, each of which opens its own door.

developer.atlassian.com/cloud/jira/platform/oauth-2-3lo-apps; keys: see docs/vendors/jira.md.
"""

import base64
from collections.abc import Mapping
from urllib.parse import quote, urlsplit

from services.auth.connection.models import Method, Vendor
from services.auth.grant.refresh import REFRESH_TOKEN
from services.auth.grant.static import ADMIN, CREDENTIALS, SCIM, SITE
from services.auth.method.base import Draft, Input, Kind, Scope, ScopesMissing, VendorRefused, Way
from services.auth.method.desk import Desk
from services.auth.method.flow import Back, Going, answered, form_exchange, with_query
from services.auth.vault.secret import Secret

VENDOR = Vendor.ATLASSIAN
_OFFLINE = "offline_access"
_SCOPES = (
    Scope("read:jira-user", "look people and groups up"),
    Scope("manage:jira-configuration", "invite people and put them into groups"),
    Scope("read:confluence-user", "look people up in Confluence", required=False),
    Scope("read:content-details:confluence", "find people in Confluence by their address", required=False),
    Scope("read:confluence-groups", "look groups up in Confluence", required=False),
    Scope("write:confluence-groups", "put people into groups in Confluence", required=False),
)
_HALF = "Give it together with the others of this door."

WAYS = (
    Way(
        VENDOR,
        Method.AUTHORIZATION_CODE,
        "Sign in with Atlassian",
        Kind.REDIRECT,
        "An administrator of the site consents, and OneClick works through the site on their behalf. With an identity "
        "provider directory use keys instead: they can do more.",
        ("Sign in as an administrator of the site and choose that one site.",),
        _SCOPES,
    ),
    Way(
        VENDOR,
        Method.TOKEN,
        "Keys",
        Kind.TYPED_IN,
        "Up to three doors, each with a key of its own: the directory (SCIM), the organisation, and the site. Give the "
        "ones that you have.",
        (
            "admin.atlassian.com, Security, Identity providers: a directory's SCIM key and directory ID.",
            "admin.atlassian.com, Settings, API keys: the organisation's key.",
            "id.atlassian.com, Security, API tokens: a token of an administrator of the site.",
        ),
        (),
        (
            Input("org_id", "Organisation ID", "After /o/ in admin.atlassian.com/o/….", required=False),
            Input(
                "directory_id", "Directory ID", "The last part of the directory's base URL.", required=False
            ),
            Input("scim_key", "SCIM API key", _HALF, secret=True, required=False),
            Input("admin_key", "Organisation API key", "", secret=True, required=False),
            Input("site_url", "Site", "https://your-company.atlassian.net", required=False),
            Input("email", "Administrator's address", "Whose API token it is.", required=False),
            Input("api_token", "API token", "Of that administrator.", secret=True, required=False),
        ),
    ),
)
_DOORS = (
    ("directory_id", "scim_key"),
    ("org_id", "admin_key"),
    ("site_url", "email", "api_token"),
)


async def typed_in(desk: Desk, _way: Way, given: Mapping[str, str]) -> Draft:
    """Any of the three doors, each looked through. Raises ConnectFailed."""
    secrets: dict[str, Secret] = {}
    for door in _DOORS:
        # The organisation's id stands beside the other doors too; there it opens nothing.
        if not any(given.get(name) for name in door if name != "org_id"):
            continue
        missing = next((name for name in door if not given.get(name)), None)
        if missing is not None:
            raise VendorRefused("Needed beside the others of this door.", field=missing)
    site = await _site(desk, given, secrets)
    await _directory(desk, given, secrets)
    await _organisation(desk, given, secrets)
    if not secrets:
        raise VendorRefused("Give at least one key: the directory's, the organisation's or the site's.")
    name = (urlsplit(site).path.rpartition("/")[2] or urlsplit(site).hostname or "") if site else ""
    return Draft(
        method=Method.TOKEN,
        title=f"Atlassian {name or given.get('org_id') or given.get('directory_id')}",
        settings={
            "org_id": given.get("org_id") or None,
            "directory_id": given.get("directory_id") or None,
            "site_url": site,
            "site_name": name.partition(".")[0] or None,
            "credentials": [CREDENTIALS[field] for field in (SCIM, SITE, ADMIN) if field in secrets],
        },
        secrets=secrets,
        external_id=site or "",
        account=given.get("email") or None,
    )


def authorize_url(desk: Desk, going: Going) -> str:
    """Atlassian's page, where the site is chosen."""
    client_id, _ = desk.client(VENDOR)
    return with_query(
        f"{desk.known.atlassian_auth_url.rstrip('/')}/authorize",
        audience="api.atlassian.com",
        client_id=client_id,
        scope=" ".join((*(scope.name for scope in _SCOPES), _OFFLINE)),
        redirect_uri=going.redirect_uri,
        state=going.state,
        response_type="code",
        prompt="consent",
    )


async def finish(desk: Desk, back: Back) -> Draft:
    """From Atlassian's answer to a connection. Raises ConnectFailed."""
    answered(back)
    client_id, secret = desk.client(VENDOR)
    answer = await form_exchange(
        desk,
        VENDOR,
        f"{desk.known.atlassian_auth_url.rstrip('/')}/oauth/token",
        {**back.code_grant(pkce=False), "client_id": client_id, "client_secret": secret},
        as_json=True,
    )
    if answer.minted.refresh_token is None:
        raise VendorRefused("Atlassian gave no lasting consent. Connect again.")
    api = desk.known.atlassian_admin_url.rstrip("/")
    listed = await desk.http.send(
        VENDOR,
        "GET",
        f"{api}/oauth/token/accessible-resources",
        headers={"authorization": f"Bearer {answer.minted.token.reveal()}"},
    )
    sites = _sites(listed.json() if listed.is_success else None)
    wanted = [site for site in sites if back.external_id in (None, site["url"])]
    if len(wanted) != 1:
        names = ", ".join(site["url"] for site in sites[:5]) or "none"
        raise VendorRefused(f"OneClick needs exactly one site, and Atlassian names {names}. Choose one.")
    granted = answer.minted.scopes
    if granted is not None and not set(granted) & {scope.name for scope in _SCOPES if scope.required}:
        raise ScopesMissing("None of the permissions for people was given. Connect again and accept them.")
    site = wanted[0]
    return Draft(
        method=Method.AUTHORIZATION_CODE,
        title=f"Atlassian {site['name']}",
        settings={
            "org_id": None,
            "directory_id": None,
            "site_url": f"{api}/ex/jira/{site['id']}",
            "confluence_url": f"{api}/ex/confluence/{site['id']}",
            "site_page": site["url"],
            "site_name": site["name"],
            "cloud_id": site["id"],
            "credentials": ["site"],
        },
        secrets={REFRESH_TOKEN: answer.minted.refresh_token},
        external_id=site["url"],
        account=site["url"].removeprefix("https://"),
        scopes=granted,
        minted={"site": answer.minted},
    )


def _sites(listed: object) -> list[dict[str, str]]:
    rows = [one for one in listed if isinstance(one, dict)] if isinstance(listed, list) else []
    # A site stands there once for Jira and once for Confluence.
    return list(
        {
            str(one["id"]): {
                "id": str(one["id"]),
                "url": str(one.get("url", "")).rstrip("/"),
                "name": str(one.get("name", "")),
            }
            for one in rows
            if one.get("id") and one.get("url")
        }.values()
    )


async def _site(desk: Desk, given: Mapping[str, str], secrets: dict[str, Secret]) -> str | None:
    if not given.get("api_token"):
        return None
    site = await desk.public_address(given["site_url"], "site_url")
    basic = base64.b64encode(f"{given['email']}:{given['api_token']}".encode()).decode()
    await desk.http.read(
        VENDOR,
        f"{site}/rest/api/3/myself",
        basic,
        scheme="Basic",
        refused={
            401: "The site does not accept the address and the API token. Check both.",
            403: "This person may not use Jira on the site. Take an administrator's token.",
            404: "There is no Jira at this address. Enter https://your-company.atlassian.net.",
        },
        field="api_token",
    )
    secrets[SITE] = Secret(basic)
    return site


async def _directory(desk: Desk, given: Mapping[str, str], secrets: dict[str, Secret]) -> None:
    if not given.get("scim_key"):
        return
    await desk.http.read(
        VENDOR,
        f"{desk.known.atlassian_scim_url.rstrip('/')}/{quote(given['directory_id'], safe='')}/Users",
        given["scim_key"],
        query={"count": "1"},
        refused={
            401: "Atlassian does not accept the SCIM key. Make a new one in the directory.",
            403: "The SCIM key does not open this directory. Check the directory ID.",
            404: "The SCIM key opens no directory of this ID. Check it.",
        },
        field="scim_key",
    )
    secrets[SCIM] = Secret(given["scim_key"])


async def _organisation(desk: Desk, given: Mapping[str, str], secrets: dict[str, Secret]) -> None:
    if not given.get("admin_key"):
        return
    await desk.http.read(
        VENDOR,
        f"{desk.known.atlassian_admin_url.rstrip('/')}/admin/v1/orgs/{quote(given['org_id'], safe='')}",
        given["admin_key"],
        refused={
            401: "Atlassian does not accept the organisation's API key. Make a new one.",
            403: "The API key does not open this organisation. Check the organisation ID.",
            404: "The API key opens no organisation of this ID. Check it.",
        },
        field="admin_key",
    )
    secrets[ADMIN] = Secret(given["admin_key"])

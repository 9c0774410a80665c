"""Microsoft 365: a person's consent, an administrator's consent to our app, or an app registration of one's own.

learn.microsoft.com/entra/identity-platform: v2-oauth2-auth-code-flow, v2-admin-consent, id-token-claims-reference.
"""

from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

from services.auth.connection.models import Method, Vendor
from services.auth.connection.vendors import MICROSOFT_DELEGATED, MICROSOFT_SCOPES
from services.auth.grant.base import Minted
from services.auth.grant.microsoft import CLIENT_SECRET
from services.auth.grant.refresh import MAILBOX_SCOPES, REFRESH_TOKEN
from services.auth.method.base import Draft, Input, Kind, Scope, VendorRefused, Way
from services.auth.method.desk import Desk
from services.auth.method.flow import Back, Going, Onward, answered, form_exchange, with_query
from services.auth.method.id_token import Expected, payload_of, validated_id_token
from services.auth.vault.secret import Secret

VENDOR = Vendor.MICROSOFT
_SCOPES = tuple(Scope(name, why) for name, why in MICROSOFT_SCOPES.items())
_ADMINISTRATORS = frozenset(
    {
        "62e90394-69f5-4237-9190-012177145e10",  # Global Administrator
        "e8611ab8-c189-46e8-94e1-60213ab1f814",  # Privileged Role Administrator
        "158c047a-c907-4556-b7ef-446551a6b5f7",  # Cloud Application Administrator
        "9b895d92-2cd3-44c7-9d02-a6ac2d5ea5c3",  # Application Administrator
    }
)
"""Roles that may admit an app: learn.microsoft.com/entra/identity/role-based-access-control/permissions-reference."""
_BLAME = {
    "AADSTS7000215": "client_secret",
    "AADSTS7000222": "client_secret",
    "invalid_client": "client_secret",
    "AADSTS700016": "client_id",
    "unauthorized_client": "client_id",
    "AADSTS90002": "directory_id",
    "AADSTS900023": "directory_id",
}

WAYS = (
    Way(
        VENDOR,
        Method.AUTHORIZATION_CODE,
        "Sign in with Microsoft",
        Kind.REDIRECT,
        "You sign in as an administrator and consent. OneClick then acts on your behalf, with no more rights than you "
        "have; the consent ends when your account is disabled or its sessions are revoked.",
        ("Sign in with an administrator's account that stays, such as one made for OneClick.",),
        _SCOPES,
    ),
    Way(
        VENDOR,
        Method.ADMIN_CONSENT,
        "Admin consent",
        Kind.REDIRECT,
        "An administrator admits OneClick's app to the directory. OneClick then acts as itself, whoever comes or goes. "
        "Microsoft asks for the consent, and then once more for a sign-in that proves whose directory it is.",
        ("Sign in as a Global Administrator, or with another role that may consent to applications.",),
        _SCOPES,
    ),
    Way(
        VENDOR,
        Method.CLIENT_CREDENTIALS,
        "App registration of your own",
        Kind.TYPED_IN,
        "You make an app registration with application permissions and enter its client secret.",
        (
            "In the Microsoft Entra admin center make an app registration for accounts in this directory only.",
            "Add exactly the application permissions of Microsoft Graph listed here and grant admin consent.",
            "Make a client secret and note when it expires.",
        ),
        _SCOPES,
        (
            Input("directory_id", "Directory (tenant) ID", "On the overview page of the app registration."),
            Input("client_id", "Application (client) ID", "On the same page."),
            Input("client_secret", "Client secret", "The secret's value, not its ID.", secret=True),
            Input(
                "domain",
                "Primary domain",
                "The verified domain that new addresses end in. Empty: the directory's own.",
                required=False,
            ),
        ),
    ),
)


async def typed_in(desk: Desk, _way: Way, given: Mapping[str, str]) -> Draft:
    """An app registration's id and secret. Raises ConnectFailed."""
    settings = {"directory_id": given["directory_id"], "client_id": given["client_id"]}
    secrets = {CLIENT_SECRET: Secret(given["client_secret"])}
    minted = await desk.mint(
        VENDOR, Method.CLIENT_CREDENTIALS, settings, secrets, blame=_BLAME, otherwise="client_secret"
    )
    directory = await _directory(desk, minted, given.get("domain"))
    return Draft(
        method=Method.CLIENT_CREDENTIALS,
        title=f"Microsoft 365 {directory['domain']}",
        settings={**settings, **directory},
        secrets=secrets,
        external_id=directory["directory_id"],
        account=f"App {given['client_id']}",
        scopes=_roles(minted),
        minted={"default": minted},
    )


def authorize_url(desk: Desk, going: Going) -> str:
    """Microsoft's page: sign-in with consent, or the admin consent page."""
    client_id, _ = desk.client(VENDOR)
    place = quote(going.external_id or "organizations", safe="")
    login = desk.known.ms_login_url.rstrip("/")
    if going.method is Method.ADMIN_CONSENT and not going.second_leg:
        return with_query(
            f"{login}/{place}/v2.0/adminconsent",
            client_id=client_id,
            scope="https://graph.microsoft.com/.default",
            redirect_uri=going.redirect_uri,
            state=going.state,
        )
    identity_alone = going.method is Method.ADMIN_CONSENT
    asked = (*MICROSOFT_DELEGATED, *desk.known.ms_oauth_mailbox_scopes.split())
    scopes = ("openid", "profile", "email", "User.Read") if identity_alone else asked
    return with_query(
        f"{login}/{place}/oauth2/v2.0/authorize",
        client_id=client_id,
        response_type="code",
        response_mode="query",
        redirect_uri=going.redirect_uri,
        scope=" ".join(scopes),
        state=going.state,
        nonce=going.nonce,
        prompt="select_account",
        **going.pkce(),
    )


async def finish(desk: Desk, back: Back) -> Draft | Onward:
    """From Microsoft's answer to a connection. Raises ConnectFailed."""
    answered(back)
    if back.method is Method.ADMIN_CONSENT and not back.second_leg:
        directory = back.query.get("tenant", "")
        if back.query.get("admin_consent", "").lower() != "true" or not directory:
            raise VendorRefused("Microsoft did not say that the consent was given. Try again.")
        # Whoever holds the address could name any directory here: nothing is believed before the second leg.
        return Onward(directory)
    client_id, secret = desk.client(VENDOR)
    place = quote(back.external_id or "organizations", safe="")
    login = desk.known.ms_login_url.rstrip("/")
    answer = await form_exchange(
        desk,
        VENDOR,
        f"{login}/{place}/oauth2/v2.0/token",
        {**back.code_grant(), "client_id": client_id, "client_secret": secret},
    )
    claims = await validated_id_token(
        desk.http,
        VENDOR,
        answer.body,
        Expected(
            jwks_url=f"{login}/{place}/discovery/v2.0/keys",
            client_id=client_id,
            nonce=back.nonce,
            issuers=lambda claims: {
                f"{login}/{claims.get('tid')}/v2.0",
                f"https://login.microsoftonline.com/{claims.get('tid')}/v2.0",
            },
        ),
    )
    directory_id = str(claims.get("tid", ""))
    person = str(claims.get("preferred_username") or claims.get("email") or claims.get("name") or "")
    if not directory_id:
        raise VendorRefused("Microsoft did not say which directory this is. Sign in with a work account.")
    if back.method is Method.ADMIN_CONSENT:
        return await _admitted(desk, back, claims, person)
    if answer.minted.refresh_token is None:
        raise VendorRefused("Microsoft gave no lasting consent. Connect again and accept everything.")
    found = await _directory(desk, answer.minted, None)
    granted = _short(answer.minted.scopes) or ()
    mailbox = [name for name in desk.known.ms_oauth_mailbox_scopes.split() if name in granted]
    return Draft(
        method=Method.AUTHORIZATION_CODE,
        title=f"Microsoft 365 {found['domain']}",
        settings={**found, "directory_id": directory_id, **({MAILBOX_SCOPES: mailbox} if mailbox else {})},
        secrets={REFRESH_TOKEN: answer.minted.refresh_token},
        external_id=directory_id,
        account=person or None,
        scopes=_short(answer.minted.scopes),
        minted={"default": answer.minted},
    )


async def _admitted(desk: Desk, back: Back, claims: Mapping[str, Any], person: str) -> Draft:
    directory_id = str(claims["tid"])
    if directory_id != back.external_id:
        raise VendorRefused("The consent was for another directory than the one you signed in to.")
    _require_administrator(claims)
    settings = {"directory_id": directory_id}
    minted = await desk.mint(VENDOR, Method.ADMIN_CONSENT, settings, {})
    directory = await _directory(desk, minted, None)
    return Draft(
        method=Method.ADMIN_CONSENT,
        title=f"Microsoft 365 {directory['domain']}",
        settings={**directory, **settings},
        secrets={},
        external_id=directory_id,
        account=person or None,
        scopes=_roles(minted),
        minted={"default": minted},
    )


def _require_administrator(claims: Mapping[str, Any]) -> None:
    """The directory belongs to its administrators: any employee could sign in to it.

    Raises:
        VendorRefused: the person is none, or Microsoft does not tell (the claim `wids` of groupMembershipClaims).
    """
    roles = claims.get("wids")
    if not isinstance(roles, list):
        raise VendorRefused(
            "Microsoft does not say which roles you have. Whoever runs OneClick sets groupMembershipClaims to "
            "DirectoryRole in its app registration."
        )
    if not _ADMINISTRATORS & set(map(str, roles)):
        raise VendorRefused("You are not an administrator of this directory. Let one of them connect it.")


async def _directory(desk: Desk, minted: Minted, wanted: str | None) -> dict[str, str]:
    """The directory of a token and its domain: the wanted one, if it is verified there."""
    found = await desk.http.read(
        VENDOR,
        f"{desk.known.ms_graph_url.rstrip('/')}/v1.0/organization",
        minted.token.reveal(),
        query={"$select": "id,displayName,verifiedDomains"},
        refused={
            401: "Microsoft does not take the token that it gave. Check that admin consent was granted.",
            403: "The permission Organization.Read.All is missing. Add it and grant admin consent.",
        },
    )
    rows = found.get("value")
    one = rows[0] if isinstance(rows, list) and rows and isinstance(rows[0], dict) else {}
    domains = [item for item in one.get("verifiedDomains") or () if isinstance(item, dict)]
    names = [str(item.get("name")) for item in domains]
    if not one.get("id") or not names:
        raise VendorRefused("Microsoft does not say which directory this is. Check the permissions.")
    if wanted and wanted.lower() not in {name.lower() for name in names}:
        raise VendorRefused(
            f"{wanted} is not a verified domain of this directory. It has {', '.join(names[:5])}.",
            field="domain",
        )
    default = next((str(item["name"]) for item in domains if item.get("isDefault")), names[0])
    return {"directory_id": str(one["id"]), "domain": wanted or default}


def _roles(minted: Minted) -> tuple[str, ...] | None:
    """Application permissions stand in the token's claim `roles`; None where the token is not to be read."""
    roles = payload_of(minted.token).get("roles")
    return tuple(map(str, roles)) if isinstance(roles, list) else None


def _short(scopes: tuple[str, ...] | None) -> tuple[str, ...] | None:
    if scopes is None:
        return None
    return tuple(scope.removeprefix("https://graph.microsoft.com/") for scope in scopes)

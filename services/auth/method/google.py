"""Google Workspace: an administrator's consent, or a service account that acts as an administrator.

developers.google.com/identity/protocols/oauth2/web-server and .../openid-connect; support.google.com/a/answer/162106.
"""

import json
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import quote

from services.auth.connection.models import Method, Vendor
from services.auth.connection.vendors import GOOGLE_SCOPES, GOOGLE_WHY
from services.auth.grant.base import Minted
from services.auth.grant.google import SERVICE_ACCOUNT_KEY
from services.auth.grant.refresh import REFRESH_TOKEN
from services.auth.method.base import (
    Draft,
    Input,
    Kind,
    Scope,
    ScopesMissing,
    VendorRefused,
    Way,
)
from services.auth.method.desk import Desk
from services.auth.method.flow import Back, Going, answered, form_exchange, with_query
from services.auth.method.id_token import Expected, validated_id_token
from services.auth.vault.secret import Secret

VENDOR = Vendor.GOOGLE
TESTING_DAYS = 7
_SCOPES = tuple(Scope(name, why) for name, why in GOOGLE_WHY.items())
_JSON_FIELD = "service_account_json"
_BLAME = {"bad_key": _JSON_FIELD, "invalid_client": _JSON_FIELD, "unauthorized_client": _JSON_FIELD}

WAYS = (
    Way(
        VENDOR,
        Method.AUTHORIZATION_CODE,
        "Sign in with Google",
        Kind.REDIRECT,
        "You sign in as an administrator and consent. OneClick then acts on your behalf; the consent ends when your "
        "account is suspended or you withdraw it.",
        (
            "Sign in with an administrator's account that stays, such as one made for OneClick.",
            "Leave every box ticked: what you untick does not work, and OneClick says what that is.",
        ),
        _SCOPES,
    ),
    Way(
        VENDOR,
        Method.SERVICE_ACCOUNT,
        "Service account",
        Kind.TYPED_IN,
        "A service account of your Google Cloud project acts as an administrator (domain-wide delegation). Nobody has "
        "to sign in again.",
        (
            "In a Google Cloud project switch on the Admin SDK API and the Enterprise License Manager API.",
            "Make a service account there and a key for it (JSON).",
            "In the Admin console open Security, API controls, Domain-wide delegation.",
            "Add the service account's client ID there with exactly the scopes listed here.",
        ),
        _SCOPES,
        (
            Input(
                _JSON_FIELD,
                "Key file (JSON)",
                "The whole content of the file that Google gave you.",
                secret=True,
                multiline=True,
            ),
            Input("admin_subject", "Administrator", "The address of the administrator to act as."),
            Input(
                "customer_id",
                "Customer ID",
                "C and eight letters or digits; Admin console, Account settings. Empty: OneClick asks Google.",
                required=False,
            ),
        ),
    ),
)


async def typed_in(desk: Desk, _way: Way, given: Mapping[str, str]) -> Draft:
    """A service account's key and whom it acts as. Raises ConnectFailed."""
    account = read_key_file(given[_JSON_FIELD])
    subject = given["admin_subject"].strip().lower()
    domain = subject.rpartition("@")[2]
    if not domain or "@" not in subject:
        raise VendorRefused("Enter the administrator's address.", field="admin_subject")
    settings = {
        "admin_subject": subject,
        "domain": domain,
        "service_account": account["client_email"],
        "key_id": account["private_key_id"],
    }
    secrets = {SERVICE_ACCOUNT_KEY: Secret(account["private_key"])}
    minted = await desk.mint(
        VENDOR, Method.SERVICE_ACCOUNT, settings, secrets, blame=_BLAME, otherwise="admin_subject"
    )
    customer = await _customer(desk, minted, subject, "admin_subject")
    wanted = given.get("customer_id")
    if wanted and customer and wanted != customer:
        raise VendorRefused(
            f"The administrator belongs to the customer {customer}, not {wanted}.", field="customer_id"
        )
    return Draft(
        method=Method.SERVICE_ACCOUNT,
        title=f"Google Workspace {domain}",
        settings={**settings, "customer_id": customer or wanted or "my_customer"},
        secrets=secrets,
        external_id=domain,
        account=subject,
        scopes=GOOGLE_SCOPES,  # all or nothing: Google gives no token when one is not delegated
        minted={"default": minted},
    )


def read_key_file(text: str) -> dict[str, str]:
    """The needed parts of a service account's JSON.

    Raises:
        VendorRefused: it is none; the sentence says what to do.
    """
    try:
        account = json.loads(text)
    except ValueError:
        raise VendorRefused(
            "This is not JSON. Paste the whole content of the key file.", field=_JSON_FIELD
        ) from None
    if not isinstance(account, dict) or account.get("type") != "service_account":
        raise VendorRefused(
            "This is JSON, but not a service account's key (its type is not service_account). In Google Cloud open "
            "the service account, Keys, Add key, JSON.",
            field=_JSON_FIELD,
        )
    needed = ("client_email", "private_key", "private_key_id")
    missing = [name for name in needed if not isinstance(account.get(name), str) or not account[name]]
    if missing:
        raise VendorRefused(
            f"The key file has no {', '.join(missing)}. Download a new key.", field=_JSON_FIELD
        )
    return {name: account[name] for name in needed}


def authorize_url(desk: Desk, going: Going) -> str:
    """Google's consent page. `prompt=consent` makes it give a refresh token each time."""
    client_id, _ = desk.client(VENDOR)
    hint = {"hd": going.external_id} if going.external_id else {}
    return with_query(
        desk.known.google_authorize_url,
        client_id=client_id,
        response_type="code",
        redirect_uri=going.redirect_uri,
        scope=" ".join(("openid", "email", *GOOGLE_SCOPES)),
        state=going.state,
        nonce=going.nonce,
        access_type="offline",
        prompt="consent",
        **hint,
        **going.pkce(),
    )


async def finish(desk: Desk, back: Back) -> Draft:
    """From Google's answer to a connection. Raises ConnectFailed."""
    issuer = desk.known.google_issuer.rstrip("/")
    answered(back, issuer=issuer)
    client_id, secret = desk.client(VENDOR)
    answer = await form_exchange(
        desk,
        VENDOR,
        desk.known.google_token_url,
        {**back.code_grant(), "client_id": client_id, "client_secret": secret},
    )
    claims = await validated_id_token(
        desk.http,
        VENDOR,
        answer.body,
        Expected(
            jwks_url=desk.known.google_jwks_url,
            client_id=client_id,
            nonce=back.nonce,
            issuers=lambda _claims: {issuer, issuer.removeprefix("https://")},
        ),
    )
    domain, address = claims.get("hd"), str(claims.get("email", "")).lower()
    if not isinstance(domain, str) or not domain or not address:
        raise VendorRefused(
            "This is a personal Google account. Sign in with an administrator's account of your Google Workspace."
        )
    granted = answer.minted.scopes or ()
    if GOOGLE_SCOPES[0] not in granted:
        raise ScopesMissing(
            "The permission to manage accounts was not given. Connect again and leave it ticked."
        )
    if answer.minted.refresh_token is None:
        raise VendorRefused("Google gave no lasting consent. Connect again.")
    customer = await _customer(desk, answer.minted, address, None)
    testing = desk.known.google_oauth_testing
    return Draft(
        method=Method.AUTHORIZATION_CODE,
        title=f"Google Workspace {domain}",
        settings={"customer_id": customer or "my_customer", "admin_subject": address, "domain": domain},
        secrets={REFRESH_TOKEN: answer.minted.refresh_token},
        external_id=domain.lower(),
        account=address,
        scopes=tuple(granted),
        grant_expires_at=_seven_days() if testing else None,
        minted={"default": answer.minted},
    )


async def revoke(desk: Desk, _settings: Mapping[str, Any], secrets: Mapping[str, Secret]) -> bool:
    """End the consent at Google; whether it is over. A service account's delegation ends in the Admin console alone."""
    token = secrets.get(REFRESH_TOKEN)
    if token is None:
        return False
    answer = await desk.http.send(
        VENDOR, "POST", desk.known.google_revoke_url, form={"token": token.reveal()}
    )
    return answer.is_success or answer.status_code == 400  # noqa: PLR2004  # Google's answer when it is over already


def _seven_days() -> datetime:
    return datetime.now(UTC) + timedelta(days=TESTING_DAYS)


async def _customer(desk: Desk, minted: Minted, address: str, field: str | None) -> str | None:
    found = await desk.http.read(
        VENDOR,
        f"{desk.known.google_api_url.rstrip('/')}/admin/directory/v1/users/{quote(address, safe='')}",
        minted.token.reveal(),
        query={"fields": "primaryEmail,isAdmin,isDelegatedAdmin,customerId"},
        refused={
            403: f"{address} may not manage accounts in this Google Workspace, or the Admin SDK API is not switched on.",
            404: f"{address} does not exist in this Google Workspace. Check the address.",
        },
        field=field,
    )
    if found.get("isAdmin") is False and found.get("isDelegatedAdmin") is False:
        raise VendorRefused(
            f"{address} is not an administrator of this Google Workspace. Choose one who is.", field=field
        )
    customer = found.get("customerId")
    return customer if isinstance(customer, str) and customer else None

"""Any application that speaks SCIM 2.0 (RFC 7644), with a token or client credentials (RFC 6749 4.4)."""

import json
from collections.abc import Mapping
from typing import Any

from services.auth.connection.models import Method, Vendor
from services.auth.grant.scim import CLIENT_SECRET
from services.auth.grant.static import TOKEN
from services.auth.method.base import Draft, Input, Kind, VendorRefused, Way
from services.auth.method.desk import Desk
from services.auth.vault.secret import Secret

VENDOR = Vendor.SCIM
_COMMON = (
    Input("base_url", "SCIM base URL", "The address that ends before /Users."),
    Input("title", "Name of the application", "How people know it.", required=False),
)
_FURTHER = (
    Input(
        "keeps_external_id",
        "Keeps externalId",
        "yes or no: whether the application stores externalId, OneClick's mark. Empty: yes.",
        required=False,
    ),
    Input(
        "attributes",
        "Attribute mapping (JSON)",
        'A list such as [{"person": "work_email", "path": "userName"}]. Empty: the usual one.',
        multiline=True,
        required=False,
    ),
)
_PREPARE = ("In the application's administration switch on provisioning by SCIM and note the base URL.",)
WAYS = (
    Way(
        VENDOR,
        Method.TOKEN,
        "Bearer token",
        Kind.TYPED_IN,
        "The application gives a token that does not end.",
        _PREPARE,
        (),
        (*_COMMON, Input("token", "Token", "", secret=True), *_FURTHER),
    ),
    Way(
        VENDOR,
        Method.CLIENT_CREDENTIALS,
        "Client credentials",
        Kind.TYPED_IN,
        "The application gives short-lived tokens for a client id and secret (OAuth 2.0).",
        _PREPARE,
        (),
        (
            *_COMMON,
            Input("token_url", "Token URL", "Where tokens are asked for."),
            Input("client_id", "Client ID"),
            Input("client_secret", "Client secret", "", secret=True),
            *_FURTHER,
        ),
    ),
)
_YES, _NO = {"", "yes", "true", "1"}, {"no", "false", "0"}


async def typed_in(desk: Desk, way: Way, given: Mapping[str, str]) -> Draft:
    """An application. Raises ConnectFailed."""
    base = await desk.public_address(given["base_url"], "base_url")
    settings: dict[str, Any] = {"base_url": base, "title": given.get("title") or base.split("/")[2]}
    keeps = given.get("keeps_external_id", "").strip().lower()
    if keeps not in _YES | _NO:
        raise VendorRefused("Enter yes or no.", field="keeps_external_id")
    settings["keeps_external_id"] = keeps not in _NO
    if given.get("attributes"):
        settings["attributes"] = _mapping(given["attributes"])
    if way.key is Method.TOKEN:
        token, secrets, minted, blame = given["token"], {TOKEN: Secret(given["token"])}, {}, "token"
    else:
        settings["token_url"] = await desk.public_address(given["token_url"], "token_url")
        settings["client_id"] = given["client_id"]
        secrets, blame = {CLIENT_SECRET: Secret(given["client_secret"])}, "client_secret"
        first = await desk.mint(
            VENDOR, Method.CLIENT_CREDENTIALS, settings, secrets, otherwise="client_secret"
        )
        token, minted = first.token.reveal(), {"default": first}
    await desk.http.read(
        VENDOR,
        f"{base}/Users",
        token,
        query={"count": "1"},
        headers={"accept": "application/scim+json"},
        refused={
            401: "The application does not accept the credentials. Check them.",
            403: "The credentials may not read users. Give them the right to manage users.",
            404: "There is no SCIM service at this address. It has to end before /Users.",
        },
        field=blame,
    )
    return Draft(
        method=way.key,
        title=settings["title"],
        settings=settings,
        secrets=secrets,
        external_id=base,
        account=base.partition("://")[2],
        minted=minted,
    )


def _mapping(text: str) -> list[dict[str, Any]]:
    """The list as JSON; what its members mean is the provider's affair, which validates them before use."""
    try:
        read = json.loads(text)
    except ValueError:
        raise VendorRefused("This is not JSON.", field="attributes") from None
    if not isinstance(read, list) or not all(
        isinstance(one, dict) and isinstance(one.get("path"), str) and isinstance(one.get("person"), str)
        for one in read
    ):
        raise VendorRefused("Enter a list of objects with person and path.", field="attributes")
    return read

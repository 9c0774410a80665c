"""Zoom: a server-to-server OAuth app of the account. developers.zoom.us/docs/internal-apps/s2s-oauth."""

from collections.abc import Mapping

from services.auth.connection.models import Method, Vendor
from services.auth.environment.github import WEBHOOK_SECRET
from services.auth.grant.zoom import CLIENT_SECRET
from services.auth.method.base import Draft, Input, Kind, Scope, VendorRefused, Way
from services.auth.method.desk import Desk
from services.auth.vault.secret import Secret

VENDOR = Vendor.ZOOM
_ON_DELETE = ("delete", "disassociate")
_SCOPES = (
    Scope(
        "user:read:admin",
        "look users and their add-ons up",
        ("user:read:user:admin", "user:read:list_users:admin", "user:read:settings:admin"),
    ),
    Scope(
        "user:write:admin",
        "create, change, deactivate, sign out, remove",
        (
            "user:write:user:admin",
            "user:update:user:admin",
            "user:update:status:admin",
            "user:update:settings:admin",
            "user:delete:user:admin",
            "user:delete:token:admin",
        ),
    ),
    Scope(
        "group:read:admin",
        "look groups up",
        ("group:read:list_groups:admin", "group:read:list_members:admin"),
    ),
    Scope(
        "group:write:admin",
        "add to and remove from groups",
        ("group:write:member:admin", "group:delete:member:admin"),
    ),
    Scope("role:read:admin", "look roles up", ("role:read:list_roles:admin",)),
    Scope(
        "role:write:admin",
        "give a role and take it back",
        ("role:write:member:admin", "role:delete:member:admin"),
    ),
    Scope(
        "account:read:admin", "how many licences are left", ("billing:read:plan_usage:admin",), required=False
    ),
)

WAYS = (
    Way(
        VENDOR,
        Method.ACCOUNT_CREDENTIALS,
        "Server-to-server OAuth app",
        Kind.TYPED_IN,
        "An account owner makes a server-to-server app and enters its credentials. Nobody has to sign in again.",
        (
            "In the Zoom App Marketplace choose Develop, Build App, Server-to-Server OAuth App.",
            "Give it the scopes listed here and activate it.",
        ),
        _SCOPES,
        (
            Input("account_id", "Account ID", "On the app's credentials page."),
            Input("client_id", "Client ID", "On the same page."),
            Input("client_secret", "Client secret", "On the same page.", secret=True),
            Input("domain", "Domain", "The company's domain at Zoom.", required=False),
            Input(
                "on_delete",
                "When an account is to be deleted",
                "delete removes the user with recordings and all; disassociate hands the user over to the person. "
                "Empty: delete.",
                required=False,
            ),
            Input(
                "webhook_secret",
                "Secret token of the event subscription",
                "So that accepted invitations are heard at once.",
                secret=True,
                required=False,
            ),
        ),
    ),
)


async def typed_in(desk: Desk, _way: Way, given: Mapping[str, str]) -> Draft:
    """The app's credentials. Raises ConnectFailed."""
    on_delete = given.get("on_delete") or _ON_DELETE[0]
    if on_delete not in _ON_DELETE:
        raise VendorRefused("Enter delete or disassociate.", field="on_delete")
    settings = {"account_id": given["account_id"], "client_id": given["client_id"]}
    secrets = {CLIENT_SECRET: Secret(given["client_secret"])}
    minted = await desk.mint(
        VENDOR,
        Method.ACCOUNT_CREDENTIALS,
        settings,
        secrets,
        blame={"unsupported_grant_type": "account_id", "invalid_request": "account_id"},
        otherwise="client_secret",
    )
    api = str(minted.learned.get("api_url") or "")
    api = f"{api}/v2" if api and not api.endswith("/v2") else api or desk.known.zoom_api_url.rstrip("/")
    await desk.http.read(
        VENDOR,
        f"{api}/users",
        minted.token.reveal(),
        query={"page_size": "1"},
        refused={
            400: "The app may not read users. Add the scopes listed here and activate the app again.",
            401: "Zoom does not take the token that it gave. Activate the app.",
        },
    )
    if given.get("webhook_secret"):
        secrets[WEBHOOK_SECRET] = Secret(given["webhook_secret"])
    return Draft(
        method=Method.ACCOUNT_CREDENTIALS,
        title=f"Zoom {given.get('domain') or given['account_id']}",
        settings={
            **settings,
            **minted.learned,
            "domain": given.get("domain") or None,
            "on_delete": on_delete,
        },
        secrets=secrets,
        external_id=given["account_id"],
        account=f"App {given['client_id']}",
        scopes=minted.scopes,
        minted={"default": minted},
    )

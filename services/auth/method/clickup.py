"""ClickUp: an admin's consent to one Workspace, or a personal token. Tokens have no scopes and no end.

developer.clickup.com/docs/authentication; ClickUp's OpenAPI file v2 (GetAccessToken, GetAuthorizedUser, GetAuthorizedTeams).
"""

from collections.abc import Mapping
from typing import Any

from services.auth.connection.models import Method, Vendor
from services.auth.grant.base import body_of, secret_of
from services.auth.grant.static import TOKEN
from services.auth.method.base import Draft, Input, Kind, VendorRefused, Way
from services.auth.method.desk import Desk
from services.auth.method.flow import Back, Going, answered, with_query
from services.auth.vault.secret import Secret

VENDOR = Vendor.CLICKUP
_MAY_ADMINISTER = {1, 2}
"""Owner and admin."""
_NEED = (
    "Sign in as an owner or admin of the Workspace; choose an account that stays. Inviting and removing people needs "
    "ClickUp's Enterprise plan, otherwise OneClick makes tasks for people of it."
)

WAYS = (
    Way(
        VENDOR,
        Method.AUTHORIZATION_CODE,
        "Sign in with ClickUp",
        Kind.REDIRECT,
        "You choose one Workspace and consent. OneClick may there what you may.",
        (_NEED,),
    ),
    Way(
        VENDOR,
        Method.TOKEN,
        "Personal API token",
        Kind.TYPED_IN,
        "You make a personal token in ClickUp's settings under Apps and enter it.",
        (_NEED,),
        (),
        (
            Input("token", "Personal API token", "Begins with pk_.", secret=True),
            Input(
                "team_id",
                "Workspace ID",
                "The number in app.clickup.com/…; needed when you belong to several.",
                required=False,
            ),
        ),
    ),
)


async def typed_in(desk: Desk, _way: Way, given: Mapping[str, str]) -> Draft:
    """A personal token. Raises ConnectFailed."""
    return await _draft(desk, Method.TOKEN, Secret(given["token"]), given.get("team_id"), "token")


def authorize_url(desk: Desk, going: Going) -> str:
    """ClickUp's page, where the Workspace is chosen."""
    client_id, _ = desk.client(VENDOR)
    return with_query(
        desk.known.clickup_authorize_url,
        client_id=client_id,
        redirect_uri=going.redirect_uri,
        state=going.state,
    )


async def finish(desk: Desk, back: Back) -> Draft:
    """From ClickUp's answer to a connection. Raises ConnectFailed."""
    answered(back)
    client_id, secret = desk.client(VENDOR)
    answer = await desk.http.send(
        VENDOR,
        "POST",
        f"{desk.known.clickup_api_url.rstrip('/')}/oauth/token",
        json={"client_id": client_id, "client_secret": secret, "code": back.query.get("code", "")},
    )
    token = secret_of((body_of(answer) or {}).get("access_token")) if answer.is_success else None
    if token is None:
        raise VendorRefused("ClickUp does not accept the code. Connect again.")
    return await _draft(desk, Method.AUTHORIZATION_CODE, token, back.external_id, None)


async def _draft(desk: Desk, method: Method, token: Secret, wanted: str | None, field: str | None) -> Draft:
    api = desk.known.clickup_api_url.rstrip("/")
    scheme = "Plain" if method is Method.TOKEN else "Bearer"
    refused = {
        400: "ClickUp does not accept the token. Copy it again.",
        401: "ClickUp does not accept the token. Copy it again.",
    }
    me = await desk.http.read(
        VENDOR, f"{api}/user", token.reveal(), scheme=scheme, refused=refused, field=field
    )
    listed = await desk.http.read(
        VENDOR, f"{api}/team", token.reveal(), scheme=scheme, refused=refused, field=field
    )
    user = me.get("user")
    user = user if isinstance(user, dict) else {}
    teams = [one for one in listed.get("teams") or () if isinstance(one, dict)]
    team = _choose(teams, wanted)
    role = _role(team, user)
    if role is not None and role not in _MAY_ADMINISTER:
        raise VendorRefused(
            f"{user.get('email') or 'This account'} is neither owner nor admin of {team.get('name')}. "
            "Let one of them connect it.",
            field=field,
        )
    return Draft(
        method=method,
        title=f"ClickUp {team.get('name') or team['id']}",
        settings={"team_id": str(team["id"]), "team_name": str(team.get("name") or "") or None},
        secrets={TOKEN: token},
        external_id=str(team["id"]),
        account=str(user.get("email") or user.get("username") or "") or None,
    )


def _choose(teams: list[dict[str, Any]], wanted: str | None) -> dict[str, Any]:
    if wanted:
        for team in teams:
            if str(team.get("id")) == wanted:
                return team
        raise VendorRefused(f"The token does not open the Workspace {wanted}.", field="team_id")
    if len(teams) == 1:
        return teams[0]
    if not teams:
        raise VendorRefused("No Workspace was opened for OneClick. Connect again and choose one.")
    names = ", ".join(f"{team.get('name')} ({team.get('id')})" for team in teams[:5])
    raise VendorRefused(f"Several Workspaces are open: {names}. Choose one only.", field="team_id")


def _role(team: Mapping[str, Any], user: Mapping[str, Any]) -> int | None:
    for member in team.get("members") or ():
        person = member.get("user") if isinstance(member, dict) else None
        if isinstance(person, dict) and person.get("id") == user.get("id"):
            role = person.get("role")
            return role if isinstance(role, int) else None
    return None

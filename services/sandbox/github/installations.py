"""An app's installation: its token, and what it may do."""

from __future__ import annotations

from typing import Any

from services.sandbox.github.errors import GitHubError, not_found
from services.sandbox.github.operations import Context, ok, operation
from services.sandbox.github.state import Account, Organization
from services.sandbox.github.tokens import APP_ID, GRANTED
from services.sandbox.github.views import stamp, user_view
from services.sandbox.wire.call import Reply


def _installed(context: Context, number: str) -> Organization:
    for org in context.world.organizations.values():
        if str(org.installation_id) == number:
            return org
    raise not_found()


_BODY = {"repositories": ["string"], "repository_ids": ["integer"], "permissions": "object"}


@operation("POST", "app/installations/{installation}/access_tokens", body=_BODY, is_for_app=True)
def create_token(context: Context) -> Reply:
    org = _installed(context, context.args["installation"])
    asked = context.body.get("permissions", GRANTED)
    for name, level in asked.items():
        if name not in GRANTED or (level == "write" and GRANTED[name] == "read"):
            raise GitHubError(
                422,
                "The permissions requested are not granted to this installation.",
                note=f"{name}: {level}",
            )
    value, token = context.tokens.issue(org, dict(asked), context.behaviour.token_lifetime_seconds)
    context.call.tenant = org.domain
    body = {
        "token": value,
        "expires_at": stamp(token.expires_at),
        "permissions": asked,
        "repository_selection": "all",
    }
    return ok(body, 201)


@operation("GET", "orgs/{org}/installation", is_for_app=True)
def get_installation(context: Context) -> Reply:
    org = context.world.organizations.get(context.args["org"].lower())
    if org is None:
        raise not_found()
    base = context.base
    account = {**user_view(Account(org.login, org.id), base), "type": "Organization"}
    return ok(_installation(org, account, base))


def _installation(org: Organization, account: dict[str, Any], base: str) -> dict[str, Any]:
    return {
        "id": org.installation_id,
        "account": account,
        "repository_selection": "all",
        "access_tokens_url": f"{base}/app/installations/{org.installation_id}/access_tokens",
        "repositories_url": f"{base}/installation/repositories",
        "html_url": f"https://github.com/organizations/{org.login}/settings/installations/{org.installation_id}",
        "app_id": APP_ID,
        "target_id": org.id,
        "target_type": "Organization",
        "permissions": GRANTED,
        "events": ["organization"],
        "created_at": "2025-01-15T09:00:00Z",
        "updated_at": "2025-10-01T09:00:00Z",
        "single_file_name": None,
        "app_slug": "oneclick-sandbox",
        "suspended_by": None,
        "suspended_at": None,
    }

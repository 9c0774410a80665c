"""An app's installation: its token, and what it may do."""

from __future__ import annotations

from typing import Any

from services.sandbox.github.errors import GitHubError, not_found
from services.sandbox.github.operations import PAGING, Context, no_content, ok, operation
from services.sandbox.github.state import Account, Organization
from services.sandbox.github.tokens import APP_ID, GRANTED, TokenStore
from services.sandbox.github.views import stamp, user_view
from services.sandbox.wire.call import Reply


def _installed(context: Context, number: str) -> Organization:
    for org in context.world.organizations.values():
        if org.installation_id and str(org.installation_id) == number:
            return org
    raise not_found()


_BODY = {"repositories": ["string"], "repository_ids": ["integer"], "permissions": "object"}


@operation("POST", "app/installations/{installation}/access_tokens", body=_BODY, is_for_app=True)
def create_token(context: Context) -> Reply:
    org = _installed(context, context.args["installation"])
    if org.suspended_at is not None:
        raise GitHubError(403, "This installation has been suspended")
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
    if org is None or not org.installation_id:
        raise not_found()
    return ok(installation_view(org, context.base))


@operation("GET", "app", is_for_app=True)
def get_app(context: Context) -> Reply:
    """The App itself."""
    installed = [org for org in context.world.organizations.values() if org.installation_id]
    body = {
        "id": APP_ID,
        "slug": "oneclick-sandbox",
        "name": "OneClick",
        "html_url": "https://github.com/apps/oneclick-sandbox",
        "permissions": GRANTED,
        "events": ["organization"],
        "installations_count": len(installed),
    }
    return ok(body)


@operation("GET", "app/installations", query=PAGING, is_for_app=True)
def list_installations(context: Context) -> Reply:
    installed = [org for org in context.world.organizations.values() if org.installation_id]
    return context.paged([installation_view(org, context.base) for org in installed])


@operation("GET", "app/installations/{installation}", is_for_app=True)
def get_installation_by_id(context: Context) -> Reply:
    return ok(installation_view(_installed(context, context.args["installation"]), context.base))


@operation("DELETE", "app/installations/{installation}", is_for_app=True)
def delete_installation(context: Context) -> Reply:
    """Uninstall the App: its tokens end at once."""
    org = _installed(context, context.args["installation"])
    uninstall(org, context.tokens)
    context.record("installation.delete", context.args["installation"], [], domain=org.domain)
    return no_content()


@operation("PUT", "app/installations/{installation}/suspended", is_for_app=True)
def suspend_installation(context: Context) -> Reply:
    org = _installed(context, context.args["installation"])
    org.suspended_at = context.call.at
    context.tokens.forget(org.login)
    context.record("installation.suspend", context.args["installation"], [], domain=org.domain)
    return no_content()


@operation("DELETE", "app/installations/{installation}/suspended", is_for_app=True)
def unsuspend_installation(context: Context) -> Reply:
    org = _installed(context, context.args["installation"])
    org.suspended_at = None
    context.record("installation.unsuspend", context.args["installation"], [], domain=org.domain)
    return no_content()


def uninstall(org: Organization, tokens: TokenStore) -> None:
    """What the App's deletion, or an owner in the settings, does."""
    org.installation_id, org.suspended_at = 0, None
    tokens.forget(org.login)


def installation_view(org: Organization, base: str) -> dict[str, Any]:
    """The installation as the REST API shows it."""
    account = {**user_view(Account(org.login, org.id), base), "type": "Organization"}
    suspended = org.suspended_at
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
        "suspended_by": None if suspended is None else user_view(org.owner, base),
        "suspended_at": None if suspended is None else stamp(suspended),
    }

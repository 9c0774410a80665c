"""What members linked to the organisation's SAML single sign-on. Without it these endpoints do not exist."""

from __future__ import annotations

from typing import Any

from services.sandbox.github.errors import not_found
from services.sandbox.github.operations import PAGING, Context, no_content, ok, operation
from services.sandbox.github.state import Credential, Organization
from services.sandbox.github.views import stamp
from services.sandbox.wire.call import Reply

_PATH = "orgs/{org}/credential-authorizations"


def _with_sso(context: Context) -> Organization:
    org = context.org
    if not context.has_sso:
        raise not_found("the organisation has no SAML single sign-on: mode sso")
    return org


@operation("GET", _PATH, permission="organization_administration:read", query=(*PAGING, "login"))
def list_credentials(context: Context) -> Reply:
    org = _with_sso(context)
    login = context.query.get("login", "").lower()
    found = [_view(one) for one in org.credentials.values() if login in {"", one.account.login.lower()}]
    return context.paged(found)


def _view(credential: Credential) -> dict[str, Any]:
    body = {
        "login": credential.account.login,
        "credential_id": credential.id,
        "credential_type": credential.kind,
        "credential_authorized_at": stamp(credential.authorized_at),
        "credential_accessed_at": None,
        "authorized_credential_id": credential.id + 1_000,
    }
    if credential.kind == "SSH key":
        return body | {"fingerprint": "jklmnop12345678", "authorized_credential_title": "laptop"}
    return body | {
        "token_last_eight": "71c3fc11",
        "scopes": ["repo"],
        "authorized_credential_note": "laptop",
        "authorized_credential_expires_at": None,
    }


@operation("DELETE", _PATH + "/{credential}", permission="organization_administration:write")
def delete_credential(context: Context) -> Reply:
    org, number = _with_sso(context), context.args["credential"]
    credential = org.credentials.get(int(number)) if number.isdigit() else None
    if credential is None:
        raise not_found()
    del org.credentials[credential.id]
    _record(context, org, credential)
    return no_content()


@operation("POST", _PATH + "/{username}/revoke", permission="organization_administration:write")
def revoke_credentials(context: Context) -> Reply:
    """Queued at the vendor; at once here."""
    org, account = _with_sso(context), context.need_account()
    for credential in [one for one in org.credentials.values() if one.account is account]:
        del org.credentials[credential.id]
        _record(context, org, credential)
    return ok({"message": "Request to revoke credential authorizations has been queued."}, 202)


def _record(context: Context, org: Organization, credential: Credential) -> None:
    account = credential.account
    context.record(
        "credential.revoke", str(credential.id), account.keys, {"kind": credential.kind}, domain=org.domain
    )

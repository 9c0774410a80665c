"""Graph users: create, read, update, delete, sessions."""

from __future__ import annotations

import hashlib
from typing import Any

from services.sandbox.microsoft.checks import check_password, check_values
from services.sandbox.microsoft.errors import GraphError, bad_request, conflict, denied
from services.sandbox.microsoft.operations import Context, operation
from services.sandbox.microsoft.properties import USER_DEFAULT, USER_PROPERTIES, check_user_body
from services.sandbox.microsoft.state import User
from services.sandbox.microsoft.views import user_view
from services.sandbox.wire.call import Reply

WRITE = ("User.ReadWrite.All", "Directory.ReadWrite.All")
READ = (*WRITE, "User.Read.All", "Directory.Read.All")
_DEFAULT_CONTEXT = "users/$entity"


def digest(password: str) -> str:
    return hashlib.sha256(password.encode()).hexdigest()


def required(name: str) -> GraphError:
    return bad_request(f"A value is required for property '{name}' of resource 'User'.", target=name)


@operation("POST", "users", permissions=WRITE, body=True)
def create_user(context: Context) -> Reply:
    tenant, fields = context.tenant, check_user_body(context.body)
    for name in ("accountEnabled", "displayName", "mailNickname", "userPrincipalName"):
        if fields.get(name) is None:
            raise required(name)
    check_values(tenant, fields)
    password = check_password(fields.pop("passwordProfile", None), fields)
    if password is None:
        raise bad_request("A password must be specified to create a new user.", target="passwordProfile")
    if fields.get("mail"):
        fields["proxyAddresses"] = [f"SMTP:{fields['mail']}"]
    taken = tenant.find_conflict(fields)
    if taken is not None:
        raise conflict(taken)
    fields.setdefault("userType", "Member")
    user = User(fields=fields, password=digest(password), created_at=context.call.at, origin="api")
    tenant.add_user(user)
    context.record("user.create", user.upn, user, {"usageLocation": fields.get("usageLocation")})
    reply = context.entity(user_view(tenant, user, USER_DEFAULT), _DEFAULT_CONTEXT, 201)
    location = f"https://graph.microsoft.com/v2/{tenant.id}/directoryObjects/{user.id}/Microsoft.DirectoryServices.User"
    reply.headers += (("location", location),)
    return reply


@operation("GET", "me", permissions=("User.Read", *READ), query=("$select", "$expand"))
def get_me(context: Context) -> Reply:
    """The person whose consent the token stands for."""
    if context.token.person is None:
        raise bad_request("/me request is only valid with delegated authentication flow.", code="BadRequest")
    context.args["user"] = context.token.person
    return get_user(context)


@operation("GET", "users/{user}", permissions=READ, query=("$select", "$expand"))
def get_user(context: Context) -> Reply:
    names = context.selected(USER_PROPERTIES, USER_DEFAULT, "user")
    user = context.need_user(settled=context.behaviour.settle_reads)
    body = user_view(context.tenant, user, names)
    expand = context.query.get("$expand", "")
    if expand:
        body |= _expanded(context, user, expand)
    suffix = f"users({context.query['$select']})/$entity" if "$select" in context.query else _DEFAULT_CONTEXT
    return context.entity(body, suffix)


def _expanded(context: Context, user: User, text: str) -> dict[str, Any]:
    """`$expand=manager`, optionally with a `$select` inside, is all that this twin expands."""
    name, _, options = text.partition("(")
    if name != "manager" or (options and not options.startswith("$select=")):
        raise bad_request(f"Parsing OData Select and Expand failed: '{text}'.", code="BadRequest")
    names = tuple(options.removeprefix("$select=").rstrip(")").split(",")) if options else USER_DEFAULT
    manager = context.tenant.users.get(user.manager or "")
    if manager is None:
        return {}
    shown = user_view(context.tenant, manager, [one for one in names if one in USER_PROPERTIES])
    return {"manager": {"@odata.type": "#microsoft.graph.user", **shown}}


@operation("PATCH", "users/{user}", permissions=WRITE, body=True)
def update_user(context: Context) -> Reply:
    """Change properties: 204 and no body. Extension attributes merge one by one."""
    tenant, fields = context.tenant, check_user_body(context.body)
    user = context.need_user()
    check_values(tenant, fields)
    password = check_password(fields.pop("passwordProfile", None), user.fields)
    if fields.get("mail"):
        others = [one for one in user.proxy_addresses if not one.startswith("SMTP:")]
        fields["proxyAddresses"] = [f"SMTP:{fields['mail']}", *others]
    taken = tenant.find_conflict(fields, own=user)
    if taken is not None:
        raise conflict(taken)
    if password is not None:
        user.password = digest(password)
    tenant.unindex(user)
    extensions = fields.pop("onPremisesExtensionAttributes", None)
    if extensions is not None:
        user.fields["onPremisesExtensionAttributes"] = {
            **(user.fields.get("onPremisesExtensionAttributes") or {}),
            **extensions,
        }
    user.fields.update(fields)
    tenant.index(user)
    if "usageLocation" in fields:
        user.located_at = context.call.at
    detail: dict[str, Any] = {"fields": sorted(name for name in context.body if not name.startswith("@"))}
    detail |= {name: value for name, value in fields.items() if isinstance(value, bool)}
    context.record("user.update", user.upn, user, detail)
    return Reply(204)


@operation("DELETE", "users/{user}", permissions=WRITE)
def delete_user(context: Context) -> Reply:
    user = context.need_user()
    remove_user(context, user)
    return Reply(204)


def remove_user(context: Context, user: User) -> None:
    if not set(WRITE) & context.token.permissions:
        raise denied()
    context.tenant.soft_delete(user)
    context.record("user.delete", user.upn, user)


@operation("POST", "users/{user}/revokeSignInSessions", permissions=(*WRITE, "User.RevokeSessions.All"))
@operation(
    "POST",
    "users/{user}/microsoft.graph.revokeSignInSessions",
    permissions=(*WRITE, "User.RevokeSessions.All"),
)
def revoke_sign_in_sessions(context: Context) -> Reply:
    """Documented as 204; the service really answers 200 with `true`, a known issue of the vendor's."""
    user = context.need_user()
    user.sessions_from = context.call.at
    user.revocations += 1
    context.record("sessions.revoke", user.upn, user)
    return context.entity({"value": True}, "Edm.Boolean")

"""Every call that this provider makes, built by the vendor's SDK and named after its operation.

Expanding the SDK's address templates costs up to 0.3 ms of processor time for a long `$select`, so
the shape of each request is built once, with placeholders for what varies.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cache
from typing import Any
from urllib.parse import quote
from uuid import UUID

from pydantic import SecretStr

from services.shared.providers.microsoft.sdk import load_sdk
from services.shared.providers.microsoft.wire import GROUP_SELECT, MARK_PREFIX, PERSON_SELECT, USER_SELECT

MAX_IN = 15
"""Values that one `in (...)` may hold (learn.microsoft.com/graph/aad-advanced-queries)."""
MOST_OPTIONS = 200
_MOST = 999
_MANAGER = f"manager($select={','.join(PERSON_SELECT)})"
_KEY, _TEXT, _LINK = "placeholder-of-key", "placeholder-of-text", "placeholder-of-link"


@dataclass(frozen=True, slots=True)
class GraphRequest:
    """One request. `path` has the query and begins below the version: `/users?$top=1`."""

    operation: str
    method: str
    path: str
    headers: Mapping[str, str] = field(default_factory=dict)
    content: bytes | None = None

    def filled(self, *, key: str = "", text: str = "", link: str = "") -> "GraphRequest":
        """This shape with its placeholders filled in: two in the path, one in the body."""
        path = self.path.replace(_KEY, quote(key, safe="")).replace(_TEXT, quote(text, safe=""))
        content = self.content
        if content and link:
            content = content.replace(_LINK.encode(), json.dumps(link)[1:-1].encode())
        return replace(self, path=path, content=content)

    def carrying(self, body: Any) -> "GraphRequest":
        """This shape with another payload, one of the SDK's models."""
        writers = load_sdk().client.request_adapter.get_serialization_writer_factory()
        writer = writers.get_serialization_writer("application/json")
        writer.write_object_value(None, body)
        return replace(self, content=writer.get_serialized_content())


def quoted(value: str) -> str:
    """A string literal of OData: single quotes are doubled."""
    doubled = value.replace("'", "''")
    return f"'{doubled}'"


def get_user(key: str) -> GraphRequest:
    """By id or user principal name, with the manager."""
    return _user_shape().filled(key=key)


@cache
def _user_shape() -> GraphRequest:
    return _get("users.get", _user(_KEY), select=list(USER_SELECT), expand=[_MANAGER])


def get_person(key: str) -> GraphRequest:
    """By id or user principal name, as far as a manager needs to be known."""
    return _person_shape().filled(key=key)


@cache
def _person_shape() -> GraphRequest:
    return _get("users.get", _user(_KEY), select=list(PERSON_SELECT))


def find_users(condition: str) -> GraphRequest:
    """Users whom an OData filter fits."""
    return _users_shape(USER_SELECT).filled(text=condition)


def find_people(condition: str) -> GraphRequest:
    """The same, as far as a manager needs to be known."""
    return _users_shape(PERSON_SELECT).filled(text=condition)


@cache
def _users_shape(select: tuple[str, ...]) -> GraphRequest:
    return _get("users.list", load_sdk().client.users, filter=_TEXT, select=list(select), top=20)


def search_users(words: str) -> GraphRequest:
    """By words in name and addresses; everybody, by name, without words. An advanced query."""
    search = " OR ".join(f'"{name}:{words}"' for name in ("displayName", "mail", "userPrincipalName"))
    return _people_shape(searching=bool(words)).filled(text=search)


@cache
def _people_shape(*, searching: bool) -> GraphRequest:
    how: dict[str, Any] = {"search": _TEXT} if searching else {"orderby": ["displayName"]}
    select = [*PERSON_SELECT, "accountEnabled"]
    return _advanced("users.list", load_sdk().client.users, select=select, top=MOST_OPTIONS, **how)


@cache
def list_users() -> GraphRequest:
    """One user: whether users may be read at all."""
    return _get("users.list", load_sdk().client.users, select=["id"], top=1)


def create_user(
    properties: Mapping[str, Any], *, password: SecretStr, change_password: bool, employee_id: str
) -> GraphRequest:
    """`properties` are named as the SDK names them: `display_name`, `usage_location`."""
    sdk = load_sdk()
    body = sdk.user(
        **properties,
        password_profile=sdk.password_profile(
            password=password.get_secret_value(), force_change_password_next_sign_in=change_password
        ),
        on_premises_extension_attributes=sdk.extension_attributes(
            extension_attribute15=MARK_PREFIX + employee_id
        ),
    )
    return _create_shape().carrying(body)


@cache
def _create_shape() -> GraphRequest:
    sdk = load_sdk()
    return _request("users.create", sdk.client.users.to_post_request_information(sdk.user()))


def update_user(user_id: str, properties: Mapping[str, Any]) -> GraphRequest:
    return _update_shape().filled(key=user_id).carrying(load_sdk().user(**properties))


@cache
def _update_shape() -> GraphRequest:
    return _request("users.update", _user(_KEY).to_patch_request_information(load_sdk().user()))


def delete_user(user_id: str) -> GraphRequest:
    return _delete_shape().filled(key=user_id)


@cache
def _delete_shape() -> GraphRequest:
    return _request("users.delete", _user(_KEY).to_delete_request_information())


def revoke_sessions(user_id: str) -> GraphRequest:
    return _revoke_shape().filled(key=user_id)


@cache
def _revoke_shape() -> GraphRequest:
    builder = _user(_KEY).revoke_sign_in_sessions
    return _request("users.revokeSignInSessions", builder.to_post_request_information())


def set_manager(user_id: str, link: str) -> GraphRequest:
    return _manager_shape().filled(key=user_id, link=link)


@cache
def _manager_shape() -> GraphRequest:
    builder = _user(_KEY).manager.ref
    return _request("users.manager.put", builder.to_put_request_information(_reference()))


def assign_license(
    user_id: str, *, add: tuple[str, Iterable[str]] | None = None, remove: str | None = None
) -> GraphRequest:
    """`add` is a SKU id with the services to switch off. Graph demands both lists, empty ones too."""
    sdk = load_sdk()
    body = sdk.assign_license_body(
        add_licenses=[
            sdk.assigned_license(sku_id=UUID(add[0]), disabled_plans=[UUID(plan) for plan in add[1]])
        ]
        if add
        else [],
        remove_licenses=[UUID(remove)] if remove else [],
    )
    return _assign_shape().filled(key=user_id).carrying(body)


@cache
def _assign_shape() -> GraphRequest:
    builder = _user(_KEY).assign_license
    body = load_sdk().assign_license_body()
    return _request("users.assignLicense", builder.to_post_request_information(body))


def list_member_of(user_id: str) -> GraphRequest:
    """What the user is a direct member of: groups, and directory roles and administrative units.

    Not cast to groups: a cast is an advanced query, answered from an index that may lag behind what
    was just written (learn.microsoft.com/graph/api/user-list-memberof).
    """
    return _member_of_shape().filled(key=user_id)


@cache
def _member_of_shape() -> GraphRequest:
    builder = _user(_KEY).member_of
    return _get("users.memberOf", builder, select=list(GROUP_SELECT), top=_MOST)


def get_deleted_user(user_id: str) -> GraphRequest:
    return _deleted_shape().filled(key=user_id)


@cache
def _deleted_shape() -> GraphRequest:
    builder = load_sdk().client.directory.deleted_items.by_directory_object_id(_KEY)
    return _get("deletedItems.get", builder, select=["id", "deletedDateTime"])


def find_deleted_users(address: str) -> GraphRequest:
    """Deleted users whose name ends in the address: deleting puts the object's id before the name.

    `endsWith` is an advanced query (learn.microsoft.com/graph/aad-advanced-queries).
    """
    condition = f"endsWith(userPrincipalName,{quoted(address)}) or mail eq {quoted(address)}"
    return _deleted_users_shape().filled(text=condition)


@cache
def _deleted_users_shape() -> GraphRequest:
    builder = load_sdk().client.directory.deleted_items.graph_user
    select = ["id", "userPrincipalName", "mail", "deletedDateTime"]
    return _advanced("deletedItems.list", builder, filter=_TEXT, select=select, top=20)


def get_group(group_id: str) -> GraphRequest:
    return _group_shape().filled(key=group_id)


@cache
def _group_shape() -> GraphRequest:
    return _get("groups.get", load_sdk().client.groups.by_group_id(_KEY), select=list(GROUP_SELECT))


def find_groups(ids: Sequence[str]) -> GraphRequest:
    """At most `MAX_IN` groups by id; those that do not exist are left out."""
    return _groups_shape().filled(text=f"id in ({','.join(quoted(one) for one in ids)})")


@cache
def _groups_shape() -> GraphRequest:
    return _get("groups.list", load_sdk().client.groups, filter=_TEXT, select=list(GROUP_SELECT))


def search_groups(words: str) -> GraphRequest:
    """By words in the name; all, by name, without words. An advanced query."""
    return _group_search_shape(searching=bool(words)).filled(text=f'"displayName:{words}"')


@cache
def _group_search_shape(*, searching: bool) -> GraphRequest:
    how: dict[str, Any] = {"search": _TEXT} if searching else {"orderby": ["displayName"]}
    groups, select = load_sdk().client.groups, list(GROUP_SELECT)
    return _advanced("groups.list", groups, select=select, top=MOST_OPTIONS, **how)


@cache
def list_groups() -> GraphRequest:
    """One group: whether groups may be read at all."""
    return _get("groups.list", load_sdk().client.groups, select=["id"], top=1)


def add_member(group_id: str, link: str) -> GraphRequest:
    return _add_member_shape().filled(key=group_id, link=link)


@cache
def _add_member_shape() -> GraphRequest:
    builder = load_sdk().client.groups.by_group_id(_KEY).members.ref
    return _request("groups.members.add", builder.to_post_request_information(_reference()))


def remove_member(group_id: str, user_id: str) -> GraphRequest:
    """Ends in `/$ref`: without it the request would address, and delete, the user."""
    return _remove_member_shape().filled(key=group_id, text=user_id)


@cache
def _remove_member_shape() -> GraphRequest:
    members = load_sdk().client.groups.by_group_id(_KEY).members
    builder = members.by_directory_object_id(_TEXT).ref
    return _request("groups.members.remove", builder.to_delete_request_information())


@cache
def list_skus() -> GraphRequest:
    """All of them at once: the collection has neither filter nor pages."""
    return _get("subscribedSkus.list", load_sdk().client.subscribed_skus)


@cache
def get_organization() -> GraphRequest:
    builder = load_sdk().client.organization
    return _get("organization.list", builder, select=["id", "displayName", "verifiedDomains"])


def _user(key: str) -> Any:
    return load_sdk().client.users.by_user_id(key)


def _reference() -> Any:
    return load_sdk().reference(odata_id=_LINK)


def _advanced(operation: str, builder: Any, **query: Any) -> GraphRequest:
    """A GET that a few filters, searching and sorting need: it says so twice."""
    return _get(operation, builder, {"ConsistencyLevel": "eventual"}, count=True, **query)


def _get(
    operation: str, builder: Any, headers: Mapping[str, str] | None = None, **query: Any
) -> GraphRequest:
    """A GET; the SDK refuses query options that the operation does not have."""
    sdk = load_sdk()
    parameters = getattr(type(builder), f"{type(builder).__name__}GetQueryParameters")
    configuration = sdk.configuration(query_parameters=parameters(**query))
    for name, value in (headers or {}).items():
        configuration.headers.add(name, value)
    return _request(operation, builder.to_get_request_information(configuration))


def _request(operation: str, described: Any) -> GraphRequest:
    described.path_parameters["baseurl"] = ""
    return GraphRequest(
        operation,
        described.http_method.value,
        _as_documented(described.url),
        dict(described.request_headers),
        described.content,
    )


def _as_documented(address: str) -> str:
    """The SDK's address as Microsoft documents it.

    The SDK writes `//users` below a base address that ends in a slash, and casts with the short name
    of the schema: `graph.user` for `microsoft.graph.user`.
    """
    path, mark, query = address.partition("?")
    while "//" in path:
        path = path.replace("//", "/")
    return path.replace("/graph.", "/microsoft.graph.") + mark + query

"""Every call that this provider makes, built by the vendor's SDK and named after its operation."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from pydantic import SecretStr

from services.shared.providers.microsoft.sdk import load_sdk
from services.shared.providers.microsoft.wire import GROUP_SELECT, MARK_PREFIX, PERSON_SELECT, USER_SELECT

MAX_IN = 15
"""Values that one `in (...)` may hold (learn.microsoft.com/graph/aad-advanced-queries)."""
_MOST = 999
_MANAGER = f"manager($select={','.join(PERSON_SELECT)})"


@dataclass(frozen=True, slots=True)
class GraphRequest:
    """One request: the SDK's description of it, and a name for messages."""

    operation: str
    information: Any


def quoted(value: str) -> str:
    """A string literal of OData: single quotes are doubled."""
    doubled = value.replace("'", "''")
    return f"'{doubled}'"


def get_user(key: str) -> GraphRequest:
    """By id or user principal name, with the manager."""
    return _get("users.get", _user(key), select=list(USER_SELECT), expand=[_MANAGER])


def get_person(key: str) -> GraphRequest:
    """By id or user principal name, as far as a manager needs to be known."""
    return _get("users.get", _user(key), select=list(PERSON_SELECT))


def find_users(condition: str, *, select: Sequence[str] = USER_SELECT) -> GraphRequest:
    return _get("users.list", load_sdk().client.users, filter=condition, select=list(select), top=20)


def search_users(words: str, *, top: int) -> GraphRequest:
    """By the beginning of words in name and addresses. Searching is an advanced query."""
    search = " OR ".join(f'"{name}:{words}"' for name in ("displayName", "mail", "userPrincipalName"))
    return _people(search if words else None, top)


def _people(search: str | None, top: int) -> GraphRequest:
    users = load_sdk().client.users
    query = {"select": [*PERSON_SELECT, "accountEnabled"], "top": top, "count": True}
    if search is None:
        return _get("users.list", users, eventual=True, orderby=["displayName"], **query)
    return _get("users.list", users, eventual=True, search=search, **query)


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
    return GraphRequest("users.create", sdk.client.users.to_post_request_information(body))


def update_user(user_id: str, properties: Mapping[str, Any]) -> GraphRequest:
    body = load_sdk().user(**properties)
    return GraphRequest("users.update", _user(user_id).to_patch_request_information(body))


def delete_user(user_id: str) -> GraphRequest:
    return GraphRequest("users.delete", _user(user_id).to_delete_request_information())


def revoke_sessions(user_id: str) -> GraphRequest:
    builder = _user(user_id).revoke_sign_in_sessions
    return GraphRequest("users.revokeSignInSessions", builder.to_post_request_information())


def set_manager(user_id: str, link: str) -> GraphRequest:
    builder = _user(user_id).manager.ref
    return GraphRequest("users.manager.put", builder.to_put_request_information(_reference(link)))


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
    builder = _user(user_id).assign_license
    return GraphRequest("users.assignLicense", builder.to_post_request_information(body))


def list_member_of(user_id: str) -> GraphRequest:
    """The groups that the user is a direct member of."""
    builder = _user(user_id).member_of.graph_group
    return _get("users.memberOf", builder, select=list(GROUP_SELECT), top=_MOST)


def get_deleted_user(user_id: str) -> GraphRequest:
    builder = load_sdk().client.directory.deleted_items.by_directory_object_id(user_id)
    return _get("deletedItems.get", builder, select=["id", "deletedDateTime"])


def find_deleted_users(address: str) -> GraphRequest:
    """Deleted users whose name ends in the address: deleting puts the object's id before the name.

    `endsWith` is an advanced query (learn.microsoft.com/graph/aad-advanced-queries).
    """
    return _get(
        "deletedItems.list",
        load_sdk().client.directory.deleted_items.graph_user,
        eventual=True,
        filter=f"endsWith(userPrincipalName,{quoted(address)}) or mail eq {quoted(address)}",
        select=["id", "userPrincipalName", "mail", "deletedDateTime"],
        count=True,
        top=20,
    )


def get_group(group_id: str) -> GraphRequest:
    return _get("groups.get", load_sdk().client.groups.by_group_id(group_id), select=list(GROUP_SELECT))


def find_groups(ids: Sequence[str]) -> GraphRequest:
    """At most `MAX_IN` groups by id; those that do not exist are left out."""
    listed = ",".join(quoted(one) for one in ids)
    return _get(
        "groups.list", load_sdk().client.groups, filter=f"id in ({listed})", select=list(GROUP_SELECT)
    )


def search_groups(words: str, *, top: int) -> GraphRequest:
    groups = load_sdk().client.groups
    query = {"select": list(GROUP_SELECT), "top": top, "count": True}
    if not words:
        return _get("groups.list", groups, eventual=True, orderby=["displayName"], **query)
    return _get("groups.list", groups, eventual=True, search=f'"displayName:{words}"', **query)


def list_groups() -> GraphRequest:
    """One group: whether groups may be read at all."""
    return _get("groups.list", load_sdk().client.groups, select=["id"], top=1)


def add_member(group_id: str, link: str) -> GraphRequest:
    builder = load_sdk().client.groups.by_group_id(group_id).members.ref
    return GraphRequest("groups.members.add", builder.to_post_request_information(_reference(link)))


def remove_member(group_id: str, user_id: str) -> GraphRequest:
    """Ends in `/$ref`: without it the request would address, and delete, the user."""
    members = load_sdk().client.groups.by_group_id(group_id).members
    builder = members.by_directory_object_id(user_id).ref
    return GraphRequest("groups.members.remove", builder.to_delete_request_information())


def list_skus() -> GraphRequest:
    """All of them at once: the collection has neither filter nor pages."""
    return _get("subscribedSkus.list", load_sdk().client.subscribed_skus)


def get_organization() -> GraphRequest:
    builder = load_sdk().client.organization
    return _get("organization.list", builder, select=["id", "displayName", "verifiedDomains"])


def _user(key: str) -> Any:
    return load_sdk().client.users.by_user_id(key)


def _reference(link: str) -> Any:
    return load_sdk().reference(odata_id=link)


def _get(operation: str, builder: Any, *, eventual: bool = False, **query: Any) -> GraphRequest:
    """A GET; the SDK refuses query options that the operation does not have.

    `eventual` asks for an advanced query, which a few filters, searching and counting need.
    """
    sdk = load_sdk()
    parameters = getattr(type(builder), f"{type(builder).__name__}GetQueryParameters")
    configuration = sdk.configuration(query_parameters=parameters(**query))
    if eventual:
        configuration.headers.add("ConsistencyLevel", "eventual")
    return GraphRequest(operation, builder.to_get_request_information(configuration))

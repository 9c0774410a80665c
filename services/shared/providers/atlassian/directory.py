"""The SCIM directory: accounts of verified domains, and groups that the organisation maps to products.

Source: the specification of user provisioning (SCIM 2.0). One filter only, `eq`, on userName and externalId of
users and displayName of groups. PATCH is sent with `Operations`, as the RFC has it and Atlassian's examples show.
"""

from collections.abc import AsyncIterator, Mapping
from typing import Any

from services.shared.providers.atlassian.accounts import Account, Group, Home
from services.shared.providers.atlassian.answers import AtlassianAnswer, unreadable
from services.shared.providers.atlassian.client import (
    SCIM,
    SITE,
    Written,
    equals,
    has,
    read_object,
    scim_list,
    scim_path,
    write,
)
from services.shared.providers.atlassian.site import Site

_USER = "urn:ietf:params:scim:schemas:core:2.0:User"
_PATCH = "urn:ietf:params:scim:api:messages:2.0:PatchOp"
_ATLASSIAN = "atlassian-external"
"""Part of the extension's name that holds the account id: its beginning differs between Atlassian's pages."""
_PATHS = {"given_name": "name.givenName", "family_name": "name.familyName", "active": "active"}


def parse_user(operation: str, body: Any) -> Account:
    """Read a user.

    Raises:
        AtlassianAnswer: the object is not one.
    """
    try:
        name = body.get("name") or {}
        return Account(
            id=str(body["id"]),
            account_id=_account_id(body),
            login=str(body["userName"]),
            active=bool(body.get("active", True)),
            mark=str(body.get("externalId") or ""),
            given_name=str(name.get("givenName") or ""),
            family_name=str(name.get("familyName") or ""),
            display_name=str(body.get("displayName") or ""),
            groups={group.id: group for group in map(_membership, body.get("groups") or ())},
        )
    except (KeyError, TypeError, AttributeError, ValueError) as error:
        raise unreadable(SCIM, operation, 200, str(body)) from error


def _membership(item: Mapping[str, Any]) -> Group:
    return Group(id=str(item["value"]), name=str(item.get("display") or item["value"]))


def _account_id(body: Mapping[str, Any]) -> str | None:
    extension = next((body[name] for name in body if _ATLASSIAN in name), None)
    found = extension.get("atlassianAccountId") if isinstance(extension, Mapping) else None
    return str(found) if found else None


def _parse_group(operation: str, body: Any) -> Group:
    try:
        return Group(id=str(body["id"]), name=str(body["displayName"]))
    except (KeyError, TypeError) as error:
        raise unreadable(SCIM, operation, 200, str(body)) from error


class Directory(Home):
    """Accounts by SCIM. Suspending is `active: false`, which Atlassian also does when it is asked to delete."""

    keeps_marks = True
    keeps_names = True
    delete_takes_access = False

    async def find(self, account_id: str) -> Account | None:
        path = scim_path(self.ctx, "Users", account_id)
        try:
            return parse_user("GET Users", await read_object(self.ctx, SCIM, path))
        except AtlassianAnswer as answer:
            if answer.is_missing:
                return None
            raise

    async def find_by_person(self) -> Account | None:
        """By address, else by our mark: a user name may have been changed since."""
        address = self.ctx.person.work_email
        for text in (equals("userName", address), equals("externalId", self.ctx.mark)):
            async for body in scim_list(self.ctx, "Users", filter_text=text, most=10):
                account = parse_user("GET Users", body)
                if account.mark == self.ctx.mark or account.login.lower() == address.lower():
                    return account
        return None

    async def find_unlinked(self) -> Account | None:
        """The directory links a managed account that exists: it is seen on the site alone, where there is one."""
        if not has(self.ctx, SITE):
            return None
        try:
            return await Site(self.ctx, self.app).find_by_person()
        except AtlassianAnswer as answer:
            if answer.is_not_permitted:
                return None
            raise

    async def can_create(self) -> bool:
        return True

    async def create(self, params: Mapping[str, Any]) -> Written:
        address = params["address"]
        body = {
            "schemas": [_USER],
            "userName": address,
            "externalId": self.ctx.mark,
            "emails": [{"value": address, "type": "work", "primary": True}],
            "name": {"givenName": params["given_name"], "familyName": params["family_name"]},
            "displayName": params["display_name"],
            "active": True,
        }
        body |= {name: params[name] for name in ("title", "department") if params.get(name)}
        return await write(self.ctx, SCIM, "POST", scim_path(self.ctx, "Users"), body=body)

    async def update(self, account: Account, values: Mapping[str, Any]) -> Written:
        changes = [
            {"op": "replace", "path": path, "value": values[name]}
            for name, path in _PATHS.items()
            if name in values
        ]
        if {"given_name", "family_name"} & values.keys():
            changes.append(
                {"op": "replace", "path": "displayName", "value": self.ctx.person.full_name.strip()}
            )
        return await self._patch("Users", account.id, changes)

    async def mark(self, account: Account) -> Written:
        change = {"op": "replace", "path": "externalId", "value": self.ctx.mark}
        return await self._patch("Users", account.id, [change])

    async def can_suspend(self, account: Account) -> bool:  # noqa: ARG002  # the other home has to look
        return True

    async def can_delete(self) -> bool:
        return True

    async def delete(self, account_id: str) -> Written:
        return await write(self.ctx, SCIM, "DELETE", scim_path(self.ctx, "Users", account_id))

    async def is_gone(self, account_id: str) -> bool:
        return await self.find(account_id) is None

    async def groups_of(self, account: Account) -> Mapping[str, Group]:
        return account.groups or {}

    async def find_group(self, name: str) -> Group | None:
        text = equals("displayName", name)
        async for body in scim_list(self.ctx, "Groups", filter_text=text, most=10):
            group = _parse_group("GET Groups", body)
            if group.name.lower() == name.lower():
                return group
        return None

    async def list_groups(self) -> AsyncIterator[Group]:
        async for body in scim_list(self.ctx, "Groups"):
            yield _parse_group("GET Groups", body)

    async def join(self, account: Account, group: Group) -> Written:
        change = {"op": "add", "path": "members", "value": [{"value": account.id}]}
        return await self._patch("Groups", group.id, [change])

    async def part(self, account: Account, group: Group) -> Written:
        change = {"op": "remove", "path": f'members[value eq "{account.id}"]'}
        return await self._patch("Groups", group.id, [change])

    async def _patch(self, kind: str, remote_id: str, changes: list[dict[str, Any]]) -> Written:
        body = {"schemas": [_PATCH], "Operations": changes}
        return await write(self.ctx, SCIM, "PATCH", scim_path(self.ctx, kind, remote_id), body=body)

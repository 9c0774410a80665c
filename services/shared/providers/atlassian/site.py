"""The site without a directory: people are invited by Jira's API, and groups are those of the site.

Sources: the specifications of Jira (`/rest/api/3`) and Confluence (`/wiki/rest/api`). Both products of a site have
the same accounts and the same groups. There is no place for a mark. Closing an account needs the organisation's API
key and an account of a verified domain (developer.atlassian.com/cloud/admin/user-management/rest).
"""

from collections.abc import AsyncIterator, Mapping
from typing import Any
from urllib.parse import quote

from services.shared.providers.atlassian.access import read_landscape
from services.shared.providers.atlassian.accounts import Account, Group, Home
from services.shared.providers.atlassian.answers import NOT_FOUND, AtlassianAnswer, unreadable
from services.shared.providers.atlassian.client import (
    ADMIN,
    JIRA,
    SITE,
    Written,
    has,
    read_list,
    read_object,
    site_pages,
    write,
)

_JIRA, _WIKI = "rest/api/3", "wiki/rest/api"
_SHOWN = "20"


class Site(Home):
    """Accounts by the site. Memberships go through the app's own product, accounts through Jira where there is one."""

    keeps_marks = False
    keeps_names = False
    delete_takes_access = True

    async def find(self, account_id: str) -> Account | None:
        """By account id; Jira tells whether it is active, Confluence does not."""
        query = {"accountId": account_id}
        for path in (f"{_JIRA}/user", f"{_WIKI}/user"):
            try:
                return _parse_user(await read_object(self.ctx, SITE, path, query=query))
            except AtlassianAnswer as answer:
                if not answer.is_not_permitted and not answer.says("does not exist"):
                    raise
                refused = answer
        if refused.is_missing or refused.says("does not exist"):
            return None
        raise refused

    async def find_by_person(self) -> Account | None:
        """By address. Somebody who hides theirs is found when they are the only one that Jira names for it."""
        address = self.ctx.person.work_email
        try:
            listed = await read_list(
                self.ctx, f"{_JIRA}/user/search", query={"query": address, "maxResults": _SHOWN}
            )
        except AtlassianAnswer as answer:
            if self.app is JIRA or answer.status != NOT_FOUND:
                raise
            return await self._find_by_name(address)
        people = [_parse_user(one) for one in listed if one.get("accountType", "atlassian") == "atlassian"]
        exact = [one for one in people if one.login.lower() == address.lower()]
        hidden = [one for one in people if not one.login]
        return exact[0] if exact else hidden[0] if len(people) == len(hidden) == 1 else None

    async def _find_by_name(self, address: str) -> Account | None:
        """A site without Jira: Confluence searches by name alone, and the address must be visible."""
        name = self.ctx.person.full_name.strip().replace("\\", " ").replace('"', " ")
        query = {"cql": f'user.fullname ~ "{name}"', "limit": _SHOWN}
        answered = await read_object(self.ctx, SITE, f"{_WIKI}/search/user", query=query)
        for result in answered.get("results") or ():
            user = result.get("user") if isinstance(result, Mapping) else None
            if isinstance(user, Mapping) and str(user.get("email") or "").lower() == address.lower():
                return _parse_user(user)
        return None

    async def can_create(self) -> bool:
        """Jira invites people; Confluence has no call for it."""
        if self.app is JIRA:
            return True
        try:
            await read_object(self.ctx, SITE, f"{_JIRA}/myself")
        except AtlassianAnswer as answer:
            if answer.is_not_permitted:
                return False
            raise
        return True

    async def create(self, params: Mapping[str, Any]) -> Written:
        body = {"emailAddress": params["address"], "products": list(params["products"])}
        return await write(self.ctx, SITE, "POST", f"{_JIRA}/user", body=body)

    async def update(self, account: Account, values: Mapping[str, Any]) -> Written:
        """Open or close the account; names belong to the person here."""
        verb = "enable" if values["active"] else "disable"
        path = f"users/{quote(account.id, safe='')}/manage/lifecycle/{verb}"
        body = {} if values["active"] else {"message": "Suspended by OneClick."}
        return await write(self.ctx, ADMIN, "POST", path, body=body)

    async def mark(self, account: Account) -> Written:
        raise NotImplementedError(f"The site has no place for a mark on {account.id}.")

    async def can_suspend(self, account: Account) -> bool:
        """With the organisation's key, and when the organisation manages the account."""
        if not has(self.ctx, ADMIN):
            return False
        path = f"users/{quote(account.id, safe='')}/manage"
        try:
            may = await read_object(self.ctx, ADMIN, path)
        except AtlassianAnswer as answer:
            if answer.is_not_permitted:
                return False
            raise
        switch = may.get("lifecycle.enablement")
        return isinstance(switch, Mapping) and switch.get("allowed") is True

    async def can_delete(self) -> bool:
        """Jira removes people from itself; of Confluence only groups can be taken."""
        return self.app is JIRA

    async def delete(self, account_id: str) -> Written:
        """Removes from Jira; the Atlassian account itself stays its owner's."""
        return await write(self.ctx, SITE, "DELETE", f"{_JIRA}/user", query={"accountId": account_id})

    async def is_gone(self, account_id: str) -> bool:
        """No longer shown, or no longer in a group that gives Jira: an account that others know goes on being shown."""
        account = await self.find(account_id)
        if account is None:
            return True
        landscape = await read_landscape(self.ctx, self.app)
        member_of = await self.groups_of(account)
        return not any(landscape.gives_mine(group.name) for group in member_of.values())

    async def groups_of(self, account: Account) -> Mapping[str, Group]:
        if self.app is JIRA:
            listed = await read_list(self.ctx, f"{_JIRA}/user/groups", query={"accountId": account.id})
        else:
            listed = [one async for one in self._wiki_pages("user/memberof", {"accountId": account.id})]
        groups = [_parse_group(one) for one in listed]
        return {group.id: group for group in groups}

    async def find_group(self, name: str) -> Group | None:
        if self.app is JIRA:
            query = {"groupName": name}
            answered = await read_object(self.ctx, SITE, f"{_JIRA}/group/bulk", query=query)
            found = [_parse_group(one) for one in answered.get("values") or ()]
            return next((one for one in found if one.name.lower() == name.lower()), None)
        async for one in self._wiki_pages("group/picker", {"query": name}):
            group = _parse_group(one)
            if group.name.lower() == name.lower():
                return group
        return None

    async def list_groups(self) -> AsyncIterator[Group]:
        if self.app is JIRA:
            path = f"{_JIRA}/group/bulk"
            async for one in site_pages(self.ctx, path, start="startAt", size="maxResults", member="values"):
                yield _parse_group(one)
            return
        async for one in self._wiki_pages("group", {}):
            yield _parse_group(one)

    async def join(self, account: Account, group: Group) -> Written:
        body, query = {"accountId": account.id}, {"groupId": group.id}
        path = f"{_JIRA}/group/user" if self.app is JIRA else f"{_WIKI}/group/userByGroupId"
        return await write(self.ctx, SITE, "POST", path, query=query, body=body)

    async def part(self, account: Account, group: Group) -> Written:
        query = {"groupId": group.id, "accountId": account.id}
        path = f"{_JIRA}/group/user" if self.app is JIRA else f"{_WIKI}/group/userByGroupId"
        return await write(self.ctx, SITE, "DELETE", path, query=query)

    def _wiki_pages(self, path: str, query: Mapping[str, str]) -> AsyncIterator[dict[str, Any]]:
        return site_pages(
            self.ctx, f"{_WIKI}/{path}", start="start", size="limit", member="results", query=query
        )


def _parse_user(body: Mapping[str, Any]) -> Account:
    account_id = body.get("accountId")
    if not isinstance(account_id, str):
        raise unreadable(SITE, "GET user", 200, str(body))
    return Account(
        id=account_id,
        account_id=account_id,
        login=str(body.get("emailAddress") or body.get("email") or ""),
        active=bool(body.get("active", True)),
        mark="",
        display_name=str(body.get("displayName") or body.get("publicName") or ""),
    )


def _parse_group(body: Mapping[str, Any]) -> Group:
    group_id = body.get("groupId") or body.get("id")
    if not group_id or not body.get("name"):
        raise unreadable(SITE, "GET group", 200, str(body))
    return Group(id=str(group_id), name=str(body["name"]))

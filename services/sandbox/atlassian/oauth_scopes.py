"""What OAuth 2.0 (3LO) scopes there are, and which an operation of the site needs.

From Jira's and Confluence's OpenAPI files (`x-atlassian-oauth2-scopes`): one classic scope, or all the granular ones.
"""

from __future__ import annotations

OFFLINE, ME = "offline_access", "read:me"

SCOPES = {
    OFFLINE: "Access your data while you are away",
    ME: "View your Atlassian account",
    "read:account": "View your Atlassian account's profile",
    "read:jira-user": "View user information in Jira that you have access to",
    "read:jira-work": "Read Jira project and issue data",
    "write:jira-work": "Create and edit issues in Jira",
    "manage:jira-configuration": "Configure Jira settings that require the Jira administrators permission",
    "read:confluence-user": "View user information in Confluence that you have access to",
    "read:confluence-groups": "Permits retrieval of user groups",
    "write:confluence-groups": "Permits creation, removal and update of user groups",
    "read:user:jira": "View users",
    "write:user:jira": "Create and delete users",
    "read:group:jira": "View groups",
    "write:group:jira": "Create and change groups",
    "read:avatar:jira": "View avatars",
    "read:application-role:jira": "View application roles",
    "read:user.property:jira": "View user properties",
    "read:license:jira": "View licences",
    "read:permission:jira": "View permissions",
    "read:user:confluence": "View user details",
    "read:group:confluence": "View groups",
    "write:group:confluence": "Change groups",
    "read:content-details:confluence": "View content details",
}

Needs = tuple[str, tuple[str, ...]]
_LOOK = ("read:application-role:jira", "read:group:jira", "read:user:jira", "read:avatar:jira")
_CONFIGURE = "manage:jira-configuration"
_BASE, _WIKI = "rest/api/3/", "wiki/rest/api/"
_NEEDS: dict[tuple[str, str], Needs] = {
    ("GET", f"{_BASE}myself"): ("read:jira-user", _LOOK),
    ("GET", f"{_BASE}serverInfo"): ("", ()),
    ("GET", f"{_BASE}mypermissions"): ("read:jira-work", ("read:permission:jira",)),
    ("POST", f"{_BASE}user"): (_CONFIGURE, ("write:user:jira",)),
    ("GET", f"{_BASE}user"): ("read:jira-user", _LOOK),
    ("DELETE", f"{_BASE}user"): (_CONFIGURE, ("write:user:jira",)),
    ("GET", f"{_BASE}user/search"): ("read:jira-user", (*_LOOK, "read:user.property:jira")),
    ("GET", f"{_BASE}users/search"): ("read:jira-user", _LOOK),
    ("GET", f"{_BASE}user/groups"): ("read:jira-user", ("read:group:jira",)),
    ("GET", f"{_BASE}group/bulk"): ("read:jira-user", ("read:group:jira",)),
    ("GET", f"{_BASE}group/member"): (_CONFIGURE, ("read:group:jira", "read:user:jira", "read:avatar:jira")),
    ("GET", f"{_BASE}groups/picker"): ("read:jira-user", ("read:group:jira",)),
    ("POST", f"{_BASE}group/user"): (
        _CONFIGURE,
        ("write:group:jira", "read:avatar:jira", "read:group:jira", "read:user:jira"),
    ),
    ("DELETE", f"{_BASE}group/user"): (_CONFIGURE, ("write:group:jira",)),
    ("GET", f"{_BASE}applicationrole"): (_CONFIGURE, ("read:application-role:jira",)),
    ("GET", f"{_BASE}license"): (_CONFIGURE, ("read:license:jira",)),
    ("GET", f"{_WIKI}user"): ("read:confluence-user", ("read:content-details:confluence",)),
    ("GET", f"{_WIKI}user/current"): ("read:confluence-user", ("read:content-details:confluence",)),
    ("GET", f"{_WIKI}user/memberof"): (
        "read:confluence-user",
        ("read:user:confluence", "read:group:confluence"),
    ),
    ("GET", f"{_WIKI}group"): ("read:confluence-groups", ("read:group:confluence",)),
    ("POST", f"{_WIKI}group/userByGroupId"): ("write:confluence-groups", ("write:group:confluence",)),
    ("DELETE", f"{_WIKI}group/userByGroupId"): ("write:confluence-groups", ("write:group:confluence",)),
    ("GET", f"{_WIKI}search/user"): ("read:content-details:confluence", ("read:content-details:confluence",)),
}
"""Method and path, or how the path begins."""


def is_enough(method: str, path: str, held: frozenset[str]) -> bool:
    """Whether the scopes open this operation; `path` begins behind the site."""
    begins = path
    while (method, begins) not in _NEEDS:
        begins, slash, _ = begins.rpartition("/")
        if not slash:
            return False
    classic, granular = _NEEDS[method, begins]
    return not classic or classic in held or held.issuperset(granular)


def product_scopes(held: tuple[str, ...], product: str) -> list[str]:
    """Those of `jira` or `confluence`."""
    return [name for name in held if f":{product}" in name]

"""What one Workspace (a "team" in ClickUp's paths) holds."""

from __future__ import annotations

import secrets
import time
import uuid
from dataclasses import dataclass, field

OWNER, ADMIN, MEMBER, GUEST = 1, 2, 3, 4
ROLE_NAMES = {OWNER: "owner", ADMIN: "admin", MEMBER: "member", GUEST: "guest"}
READ, LEVELS = "read", ("read", "comment", "edit", "create")

GUEST_FLAGS = (
    "can_edit_tags",
    "can_see_time_spent",
    "can_see_time_estimated",
    "can_create_views",
    "can_see_points_estimated",
)


def make_user_id() -> int:
    return 90_000_000 + secrets.randbelow(9_000_000)


@dataclass(slots=True, eq=False)
class User:
    """A member or a guest. The id belongs to the person, the rest to the membership."""

    email: str
    role: int = MEMBER
    id: int = field(default_factory=make_user_id)
    username: str | None = None
    custom_role: int | None = None
    invited_at: float = field(default_factory=time.time)
    joined_at: float | None = None
    """None: the invitation is out."""
    invited_by: int | None = None
    flags: dict[str, bool] = field(default_factory=dict)
    """What a guest may, by the names of GUEST_FLAGS."""
    shares: dict[str, str] = field(default_factory=dict)
    """`list/123` or `folder/456` to the permission level."""
    removed_at: float | None = None
    origin: str = "seed"

    @property
    def is_guest(self) -> bool:
        return self.role == GUEST

    @property
    def keys(self) -> list[str]:
        return [str(self.id), self.email]


@dataclass(slots=True, eq=False)
class Group:
    name: str
    handle: str = ""
    id: str = field(default_factory=lambda: str(uuid.uuid4()))
    owner: int = 0
    members: dict[int, None] = field(default_factory=dict)
    created_at: float = field(default_factory=time.time)


@dataclass(frozen=True, slots=True)
class CustomRole:
    id: int
    name: str
    inherits: int


@dataclass(slots=True, eq=False)
class Folder:
    id: str
    name: str
    lists: dict[str, str] = field(default_factory=dict)
    """List id to name."""


@dataclass(slots=True, eq=False)
class Space:
    id: str
    name: str
    folders: dict[str, Folder] = field(default_factory=dict)
    lists: dict[str, str] = field(default_factory=dict)
    """Lists outside of any folder."""


@dataclass(slots=True, eq=False)
class Workspace:
    id: str
    name: str
    domain: str
    token: str
    """A personal token, sent plain."""
    oauth_token: str
    """An app's token, sent as a bearer."""
    member_seats: int
    guest_seats: int
    users: dict[int, User] = field(default_factory=dict)
    gone: dict[int, User] = field(default_factory=dict)
    groups: dict[str, Group] = field(default_factory=dict)
    roles: dict[int, CustomRole] = field(default_factory=dict)
    spaces: dict[str, Space] = field(default_factory=dict)
    acting: int = 0
    """Whose token it is."""

    def find_user(self, key: str) -> User | None:
        """By id or address, among those who are in or invited."""
        wanted = key.lower()
        return next(
            (one for one in self.users.values() if wanted in {name.lower() for name in one.keys}), None
        )

    def find_gone(self, email: str) -> User | None:
        return next((one for one in self.gone.values() if one.email.lower() == email.lower()), None)

    def groups_of(self, user: User) -> list[Group]:
        return [group for group in self.groups.values() if user.id in group.members]

    def is_paid(self, guest: User) -> bool:
        """A guest who may more than view, or who is in a group, takes a seat."""
        return any(level != READ for level in guest.shares.values()) or bool(self.groups_of(guest))

    @property
    def filled_members(self) -> int:
        return sum(1 for one in self.users.values() if not one.is_guest)

    @property
    def filled_guests(self) -> int:
        return sum(1 for one in self.users.values() if one.is_guest and self.is_paid(one))

    def remove(self, user: User) -> None:
        del self.users[user.id]
        for group in self.groups.values():
            group.members.pop(user.id, None)
        user.removed_at = time.time()
        self.gone[user.id] = user

    def place_name(self, kind: str, key: str) -> str | None:
        """The name of a `list` or `folder` of this Workspace; None for an unknown one."""
        for space in self.spaces.values():
            if kind == "folder" and key in space.folders:
                return space.folders[key].name
            if kind == "list":
                lists = {**space.lists}
                for folder in space.folders.values():
                    lists |= folder.lists
                if key in lists:
                    return lists[key]
        return None

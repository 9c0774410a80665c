"""What one HubSpot account ("portal") holds."""

from __future__ import annotations

import itertools
import time
from dataclasses import dataclass, field


@dataclass(slots=True, eq=False)
class User:
    id: str
    email: str
    first_name: str = ""
    last_name: str = ""
    role: str | None = None
    primary_team: str | None = None
    secondary_teams: list[str] = field(default_factory=list)
    seats: list[str] = field(default_factory=list)
    super_admin: bool = False
    welcomed: bool = False
    owner_id: str = ""
    created_at: float = field(default_factory=time.time)
    deleted_at: float | None = None
    origin: str = "seed"

    @property
    def keys(self) -> list[str]:
        return [self.id, self.email]

    @property
    def teams(self) -> list[str]:
        return [*([self.primary_team] if self.primary_team else []), *self.secondary_teams]


@dataclass(frozen=True, slots=True)
class Role:
    """A permission set. One that comes with a paid seat names it."""

    id: str
    name: str
    seat: str | None = None


@dataclass(slots=True)
class Seat:
    """`limit` None: as many as one likes (view-only)."""

    name: str
    description: str
    limit: int | None


@dataclass(slots=True, eq=False)
class Portal:
    id: int
    name: str
    domain: str
    users: dict[str, User] = field(default_factory=dict)
    deleted: dict[str, User] = field(default_factory=dict)
    roles: dict[str, Role] = field(default_factory=dict)
    teams: dict[str, str] = field(default_factory=dict)
    """Id to name."""
    seats: dict[str, Seat] = field(default_factory=dict)
    numbers: itertools.count[int] = field(default_factory=lambda: itertools.count(1))

    def next_id(self) -> str:
        return str(self.id * 10 + next(self.numbers))

    def find_user(self, key: str, *, by_email: bool) -> User | None:
        if not by_email:
            return self.users.get(key)
        wanted = key.lower()
        return next((user for user in self.users.values() if user.email.lower() == wanted), None)

    def add_user(self, user: User) -> None:
        user.owner_id = user.owner_id or f"9{user.id}"
        self.users[user.id] = user

    def remove_user(self, user: User) -> None:
        del self.users[user.id]
        user.deleted_at = time.time()
        self.deleted[user.id] = user

    def held(self, user: User) -> list[str]:
        """The seats that this person takes, those that come with the permission set included."""
        role = self.roles.get(user.role or "")
        return sorted({*user.seats, *([role.seat] if role and role.seat else [])})

    def free_seats(self, name: str) -> int | None:
        """Seats left, None where there is no limit."""
        seat = self.seats[name]
        if seat.limit is None:
            return None
        return seat.limit - sum(1 for user in self.users.values() if name in self.held(user))

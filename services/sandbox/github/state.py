"""What GitHub's twin holds: people, who belong to nobody, and organisations, which they join."""

from __future__ import annotations

import itertools
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

INVITATION_SECONDS = 7 * 86_400
"""Invitations lapse after seven days (github/docs issue 4423: "User did not accept this invite for 7 days")."""
EXPIRED = "Invitation expired. User did not accept this invite for 7 days."
NO_SEATS = "No seats available."

_numbers = itertools.count(900_001)


def next_number() -> int:
    """A number that nothing else has in this process."""
    return next(_numbers)


@dataclass(slots=True, eq=False)
class Account:
    """A person's login. `emails` are private; the public profile shows `public_email` alone."""

    login: str
    id: int
    name: str | None = None
    emails: list[str] = field(default_factory=list)
    public_email: str | None = None
    managed_by: str | None = None
    """The enterprise that owns this login, for Enterprise Managed Users."""
    is_suspended: bool = False
    created_at: float = field(default_factory=time.time)

    @property
    def keys(self) -> list[str]:
        return [self.login, str(self.id), *self.emails]


@dataclass(slots=True, eq=False)
class Membership:
    account: Account
    role: str = "member"
    """member or admin"""
    joined_at: float = field(default_factory=time.time)


@dataclass(slots=True, eq=False)
class Invitation:
    role: str
    email: str | None = None
    account: Account | None = None
    teams: dict[str, str] = field(default_factory=dict)
    """Slug of a team → member or maintainer."""
    source: str = "member"
    id: int = field(default_factory=next_number)
    created_at: float = field(default_factory=time.time)
    failed_at: float | None = None
    failed_reason: str | None = None
    scim_id: str | None = None

    @property
    def keys(self) -> list[str]:
        own = [self.email] if self.email else []
        return [*own, *(self.account.keys if self.account else [])]


@dataclass(slots=True, eq=False)
class Team:
    slug: str
    name: str
    id: int
    description: str = ""
    is_synced: bool = False
    """Its members come from an identity provider's group; the API may not change them."""
    external_group: str | None = None
    """The SCIM group of the enterprise that fills it."""
    members: dict[int, str] = field(default_factory=dict)
    """Account id → member or maintainer."""


@dataclass(slots=True, eq=False)
class Credential:
    """A token or key that its owner linked to the organisation's single sign-on."""

    account: Account
    kind: str
    id: int = field(default_factory=next_number)
    authorized_at: float = field(default_factory=time.time)


@dataclass(slots=True, eq=False)
class Identity:
    """A SCIM user: of an organisation (linked on acceptance) or of an enterprise (owns its account)."""

    id: str
    attributes: dict[str, Any]
    account: Account | None = None
    is_active: bool = True
    created_at: float = field(default_factory=time.time)
    changed_at: float = field(default_factory=time.time)

    @property
    def emails(self) -> list[str]:
        return [str(one.get("value", "")).lower() for one in self.attributes.get("emails") or []]

    @property
    def keys(self) -> list[str]:
        names = [self.id, str(self.attributes.get("userName", "")), *self.emails]
        return [*names, *(self.account.keys if self.account else [])]


@dataclass(slots=True, eq=False)
class ScimGroup:
    id: str
    name: str
    external_id: str
    members: list[str] = field(default_factory=list)
    created_at: float = field(default_factory=time.time)


@dataclass(slots=True, eq=False)
class Enterprise:
    slug: str
    shortcode: str
    identities: dict[str, Identity] = field(default_factory=dict)
    groups: dict[str, ScimGroup] = field(default_factory=dict)


@dataclass(slots=True, eq=False)
class Organization:
    login: str
    id: int
    name: str
    domain: str
    """The company's domain, the twin's tenant name."""
    seats: int
    installation_id: int
    """The App's in this organisation; zero where it is not installed."""
    enterprise: Enterprise
    owner: Account
    """Who invites: the person that installed the app."""
    members: dict[int, Membership] = field(default_factory=dict)
    invitations: dict[int, Invitation] = field(default_factory=dict)
    failed: list[Invitation] = field(default_factory=list)
    teams: dict[str, Team] = field(default_factory=dict)
    copilot: dict[int, float] = field(default_factory=dict)
    """Account id → when the seat was given."""
    copilot_ending: set[int] = field(default_factory=set)
    copilot_setting: str = "assign_selected"
    credentials: dict[int, Credential] = field(default_factory=dict)
    identities: dict[str, Identity] = field(default_factory=dict)
    invited_at: list[float] = field(default_factory=list)
    """When invitations were made, for the daily limit."""
    suspended_at: float | None = None
    """When the App's installation was suspended."""

    @property
    def filled_seats(self) -> int:
        """Pending invitations fill a seat as members do."""
        return len(self.members) + len(self.invitations)

    @property
    def free_seats(self) -> int:
        return self.seats - self.filled_seats

    def find_invitation(
        self, *, email: str | None = None, account: Account | None = None
    ) -> Invitation | None:
        for invitation in self.invitations.values():
            if email is not None and (invitation.email or "").lower() == email.lower():
                return invitation
            if account is not None and invitation.account is account:
                return invitation
        return None

    def has_member_with(self, email: str) -> Membership | None:
        for membership in self.members.values():
            if email.lower() in membership.account.emails:
                return membership
        return None

    def teams_of(self, account: Account) -> Iterator[Team]:
        return (team for team in self.teams.values() if account.id in team.members)

    def lapse(self, now: float) -> list[Invitation]:
        """Move what is older than seven days to the failed ones and return it."""
        stale = [one for one in self.invitations.values() if now - one.created_at >= INVITATION_SECONDS]
        for invitation in stale:
            self.fail(invitation, EXPIRED, now)
        return stale

    def fail(self, invitation: Invitation, reason: str, now: float) -> None:
        del self.invitations[invitation.id]
        invitation.failed_at, invitation.failed_reason = now, reason
        self.failed.insert(0, invitation)

    def join(self, account: Account, role: str = "member") -> Membership:
        membership = Membership(account, role)
        self.members[account.id] = membership
        return membership

    def leave(self, account: Account) -> Membership:
        """Take the membership with teams, Copilot seat and linked credentials."""
        for team in self.teams_of(account):
            del team.members[account.id]
        self.copilot.pop(account.id, None)
        self.copilot_ending.discard(account.id)
        self.credentials = {key: one for key, one in self.credentials.items() if one.account is not account}
        return self.members.pop(account.id)


@dataclass(slots=True, eq=False)
class World:
    """Logins are the whole vendor's; organisations and enterprises are strictly apart."""

    accounts: dict[str, Account] = field(default_factory=dict)
    organizations: dict[str, Organization] = field(default_factory=dict)
    enterprises: dict[str, Enterprise] = field(default_factory=dict)

    def add_account(self, account: Account) -> Account:
        self.accounts[account.login.lower()] = account
        return account

    def find_account(self, name: str) -> Account | None:
        """By login, number or any address."""
        found = self.accounts.get(name.lower())
        if found is not None:
            return found
        for account in self.accounts.values():
            if name == str(account.id) or name.lower() in account.emails:
                return account
        return None

    def find_login(self, login: str) -> Account | None:
        return self.accounts.get(login.lower())

    def rename(self, account: Account, login: str) -> None:
        del self.accounts[account.login.lower()]
        account.login = login
        self.accounts[login.lower()] = account

    def free_login(self, wish: str) -> str:
        """The wish, or the wish with the first free number."""
        tries = itertools.chain([wish], (f"{wish}{number}" for number in itertools.count(2)))
        return next(login for login in tries if login.lower() not in self.accounts)

"""An Atlassian account as this provider reads it, whose it is, and the two homes that it may have."""

from abc import ABC, abstractmethod
from collections.abc import AsyncIterator, Mapping
from typing import Any, Literal

from services.shared.providers.atlassian.client import App, AtlassianContext, Written
from services.shared.sdk.contract import Grant, Outcome
from services.shared.sdk.errors import ErrorCode, ProviderError, Refused, Transient
from services.shared.sdk.manifest import Frozen

_SOON = 2.0
_ADMIN_PAGE = "https://admin.atlassian.com/o/"


class Group(Frozen):
    """A group by the id that its home gives it. Names are unique and the same in directory and site."""

    id: str
    name: str

    @property
    def grant(self) -> Grant:
        """The membership as something that OneClick gave."""
        return Grant(kind="group", key=self.id, label=self.name)


class Account(Frozen):
    """The part of an account that matters here."""

    id: str
    """What its home calls it: the directory's id, or the Atlassian account id."""
    account_id: str | None
    """The Atlassian account id, where it is known."""
    login: str
    """The address; empty where the person's privacy settings hide it."""
    active: bool
    mark: str
    """The directory's external id; empty where there is none."""
    given_name: str | None = None
    family_name: str | None = None
    display_name: str | None = None
    groups: Mapping[str, Group] | None = None
    """By id; None when they have to be asked for."""

    def shown(self) -> dict[str, Any]:
        """What a plan says of it, in the words of `update`."""
        return {"given_name": self.given_name, "family_name": self.family_name, "active": self.active}

    def as_outcome(self, ctx: AtlassianContext, **more: Any) -> Outcome:
        """An outcome that tells which account this is."""
        url = None
        if ctx.settings.org_id and self.account_id:
            url = f"{_ADMIN_PAGE}{ctx.settings.org_id}/users/{self.account_id}"
        login = self.login or ctx.known.login or ctx.person.work_email
        return Outcome(remote_id=self.id, login=login, url=url, **more)


class Found(Frozen):
    """What lives at the person's place.

    `ours`: by the id in our books or by our mark, whichever of the two apps put it there. `foreign`: an account with
    the address that carries no mark of ours.
    """

    kind: Literal["none", "ours", "foreign"]
    account: Account | None = None
    linked: bool = False
    """The books of this app know its id."""


class Home(ABC):
    """Where accounts and memberships are kept: the SCIM directory, or the site itself."""

    keeps_marks: bool
    keeps_names: bool
    """Whether names of people can be written."""
    delete_takes_access: bool
    """Whether removing the account takes the memberships by which it has access."""

    def __init__(self, ctx: AtlassianContext, app: App) -> None:
        self.ctx = ctx
        self.app = app

    @abstractmethod
    async def find(self, account_id: str) -> Account | None:
        """By the home's own id."""

    @abstractmethod
    async def find_by_person(self) -> Account | None:
        """By address, and by our mark where there is a place for it."""

    async def find_unlinked(self) -> Account | None:
        """An Atlassian account with the address that this home does not hold and that creating would take over."""
        return None

    @abstractmethod
    async def can_create(self) -> bool:
        """Whether this home can make accounts at all."""

    @abstractmethod
    async def create(self, params: Mapping[str, Any]) -> Written:
        """Send the account; the caller reads back."""

    @abstractmethod
    async def update(self, account: Account, values: Mapping[str, Any]) -> Written:
        """Bring the account to these values, in the words of `Account.shown`; the caller reads back."""

    @abstractmethod
    async def mark(self, account: Account) -> Written:
        """Write our mark."""

    @abstractmethod
    async def can_suspend(self, account: Account) -> bool:
        """Whether this connection may close and open the account."""

    @abstractmethod
    async def can_delete(self) -> bool:
        """Whether this connection may remove the account."""

    @abstractmethod
    async def delete(self, account_id: str) -> Written:
        """Remove the account from its home."""

    @abstractmethod
    async def is_gone(self, account_id: str) -> bool:
        """Whether this home shows that the account was removed."""

    @abstractmethod
    async def groups_of(self, account: Account) -> Mapping[str, Group]:
        """The memberships that this home shows, by the group's id."""

    @abstractmethod
    async def find_group(self, name: str) -> Group | None:
        """By name, in any case."""

    @abstractmethod
    def list_groups(self) -> AsyncIterator[Group]:
        """Every group that memberships can be given in."""

    @abstractmethod
    async def join(self, account: Account, group: Group) -> Written:
        """Add; a member stays one."""

    @abstractmethod
    async def part(self, account: Account, group: Group) -> Written:
        """Remove."""

    async def find_account(self) -> Found:
        """By the stored id of this app or of the other one, else by mark and address.

        Raises:
            Transient: the other app is about to make the account, and there is no place for a mark.
            AtlassianAnswer: as Atlassian answers.
        """
        known = self.ctx.known
        for key in (known.remote_id, *known.siblings):
            if key and (account := await self.find(key)) is not None:
                return Found(kind="ours", account=account, linked=key == known.remote_id)
        if known.sibling_at_work and not self.keeps_marks:
            # Whoever is found now may be whom the other app has just invited: nothing on the account tells.
            raise Transient(
                "The other Atlassian app of this request comes first: both use one account.",
                code=ErrorCode.SETTLING,
                retry_after=_SOON,
            )
        account = await self.find_by_person()
        if account is None:
            return Found(kind="none")
        return Found(kind="ours" if self.is_ours(account) else "foreign", account=account)

    def is_ours(self, account: Account) -> bool:
        """By the books or by our mark, whichever of the two apps put it there."""
        known = self.ctx.known
        return account.id in {known.remote_id, *known.siblings} or account.mark == self.ctx.mark

    async def need_account(self, planned_id: str | None) -> Account:
        """The account that an action is about: by the planned id, the books, or our mark.

        Raises:
            Transient: `settling`, Atlassian does not show it yet.
            Refused: it is gone, or what is there is not ours.
        """
        key = planned_id or self.ctx.known.remote_id
        account = await self.find(key) if key else await self.find_by_person()
        if account is None:
            raise explain_missing(planned_id)
        if not key and not self.is_ours(account):
            raise Refused("The account at this address is not OneClick's.", code=ErrorCode.ALREADY_EXISTS)
        return account


def explain_missing(planned_id: str | None) -> ProviderError:
    """Why there is no such account: gone since the plan, or made by it a moment ago."""
    if planned_id:
        return Refused("The account is no longer there.", code=ErrorCode.NOT_FOUND)
    return Transient("Atlassian does not show the new account yet.", code=ErrorCode.SETTLING)

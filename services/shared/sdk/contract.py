"""The provider contract: all a plugin knows of us, and all we know of a plugin."""

from abc import ABC, abstractmethod
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any, ClassVar, Generic, Literal, TypeVar
from uuid import UUID

from httpx import AsyncClient
from pydantic import SecretStr

from services.shared.sdk.manifest import DESTRUCTIVE, ActionKind, Frozen, Manifest

S = TypeVar("S", bound=Frozen)

Presence = Literal["active", "suspended", "absent"]
ExistingAccount = Literal["ask", "adopt", "fail", "skip"]
GrantKind = Literal["license", "group", "role", "org_unit", "manager", "team", "channel", "manual"]
"""`manual`: what a person did for us, see `sdk.manual`."""


class Person(Frozen):
    """The employee, as a provider may know them. `employee_id` is also our ownership mark."""

    employee_id: UUID
    full_name: str
    work_email: str
    personal_email: str | None = None
    external_id: str | None = None
    department: str | None = None
    job_title: str | None = None
    location: str | None = None
    manager_email: str | None = None

    @property
    def given_name(self) -> str:
        """Everything before the last word; the whole name when there is one word."""
        head, _, _ = self.full_name.strip().rpartition(" ")
        return head or self.full_name.strip()

    @property
    def family_name(self) -> str:
        """The last word; the whole name when there is one word (vendors demand both)."""
        return self.full_name.strip().rpartition(" ")[2]


class Grant(Frozen):
    """Something that OneClick gave an account and may therefore take away again."""

    kind: GrantKind
    key: str
    """The vendor's stable key: a SKU id, a group id, an org unit path."""
    label: str


class Known(Frozen):
    """What our books say about this account: the link, and what we gave."""

    remote_id: str | None = None
    """The vendor's immutable id."""
    login: str | None = None
    adopted: bool = False
    grants: tuple[Grant, ...] = ()
    siblings: tuple[str, ...] = ()
    """Ids of this person's accounts in the vendor's other apps: with some vendors one account serves several."""
    sibling_at_work: bool = False
    """Whether an app of the vendor that comes before this one is being applied, and may make the account now."""

    def gave(self, kind: GrantKind, key: str) -> bool:
        """Whether OneClick itself gave this."""
        return any(grant.kind == kind and grant.key == key for grant in self.grants)


class Desired(Frozen):
    """What the account should be. `fields` have passed the provider's form; parse them with it again."""

    presence: Presence = "active"
    fields: Mapping[str, Any] = {}
    existing_account: ExistingAccount = "ask"
    unmanaged: Literal["keep", "remove"] = "keep"
    """What to do with licences and groups that others gave."""


class PlannedAction(Frozen):
    """The smallest thing that can fail, be retried and be told to a person. Holds no secret."""

    key: str
    """Unique inside the app's plan and the same in every plan of the same wish, e.g. `license:<sku>`."""
    kind: ActionKind
    target: str
    """What a person reads: an address, a licence's or group's name."""
    title: str
    """A short sentence with a verb: "Assign Business Premium"."""
    before: Mapping[str, Any] | None = None
    after: Mapping[str, Any] | None = None
    reversible: bool = True
    depends_on: tuple[str, ...] = ()
    params: Mapping[str, Any] = {}
    """What `apply` needs, for machines."""

    @property
    def destructive(self) -> bool:
        """Whether it takes something away."""
        return self.kind in DESTRUCTIVE


class Notice(Frozen):
    """A warning that the plan shows, e.g. a licence that others gave and that is kept."""

    code: str
    message: str


class ChoiceOption(Frozen):
    value: str
    label: str


class Choice(Frozen):
    """A decision that a person must take before this app can be applied."""

    code: Literal["existing_account", "name_collision"]
    message: str
    options: tuple[ChoiceOption, ...]


class SeatUse(Frozen):
    """Seats that the plan would use. `free` is None where the vendor does not tell."""

    key: str
    name: str
    free: int | None
    needed: int


class Plan(Frozen):
    """The exact list of actions for one app, and the fingerprint of the remote state it was made from.

    A plan with nothing to do holds exactly one `noop` action. A plan with a choice is not applied
    until it has been planned again with the decision taken.
    """

    actions: tuple[PlannedAction, ...]
    notices: tuple[Notice, ...] = ()
    choices: tuple[Choice, ...] = ()
    seats: tuple[SeatUse, ...] = ()
    fingerprint: str


class OutcomeState(StrEnum):
    DONE = "done"
    SETTLING = "settling"
    AWAITING_ACCEPTANCE = "awaiting_acceptance"


class Outcome(Frozen):
    """What became of one action, read back from the vendor.

    `settling`: the write was accepted, the vendor does not show it yet; `confirm` is asked again
    after `retry_after` seconds.
    `awaiting_acceptance`: an invitation is out until `expires_at`. `confirm` is asked when the vendor tells
    of it, and now and then; it answers `awaiting_acceptance` again, `done`, or None when there is neither
    an invitation nor an acceptance any more. What depends on the action begins only once it is `done`, so an
    app that can go on before puts the waiting into an action of its own, at the end.
    An action whose `params` hold `resend_at` (ISO 8601) wants an invitation that is not older than that.
    """

    state: OutcomeState = OutcomeState.DONE
    remote_id: str | None = None
    login: str | None = None
    url: str | None = None
    """The account in the vendor's admin console, for people."""
    adopted: bool = False
    given: tuple[Grant, ...] = ()
    taken: tuple[Grant, ...] = ()
    gone: bool = False
    """The account no longer exists (after a delete)."""
    note: str | None = None
    retry_after: float | None = None
    expires_at: datetime | None = None


class Issue(Frozen):
    """Why a connection is not usable."""

    field: str
    message: str


class OptionPart(Frozen):
    """Something inside a choice that can be left out, such as one service of a licence."""

    value: str
    label: str


class Option(Frozen):
    """One live choice of a form field."""

    value: str
    label: str
    detail: str | None = None
    disabled: bool = False
    free: int | None = None
    total: int | None = None
    parts: tuple[OptionPart, ...] = ()
    """What the form's field marked `x-parts` may name."""


async def _no_password() -> SecretStr:
    raise RuntimeError("First passwords exist while applying only.")


@dataclass(frozen=True, slots=True, kw_only=True)
class Context(Generic[S]):
    """One connection, one action or one plan. The client is already signed in.

    `http` adds the bearer token, refuses writes while planning, records every exchange (redacted)
    and notes that an effect was sent just before the first write of an action. Timeouts and
    resets surface as httpx errors; a provider lets them pass.
    """

    tenant_id: UUID
    settings: S
    http: AsyncClient
    endpoints: Mapping[str, str]
    person: Person
    known: Known = field(default_factory=Known)
    first_password: Callable[[], Awaitable[SecretStr]] = _no_password
    """Create-or-fetch: every call of one action returns the same password."""

    @property
    def mark(self) -> str:
        """Our ownership mark on remote accounts."""
        return str(self.person.employee_id)


class Provider(ABC, Generic[S]):
    """Stateless: one instance serves every tenant; what varies is in the context."""

    manifest: ClassVar[Manifest]

    @abstractmethod
    async def validate(self, ctx: Context[S]) -> Sequence[Issue]:
        """Is the connection usable? Reads only. No issues means yes.

        Raises:
            ConsentLost: the token or a scope is gone.
            Transient: the vendor cannot be reached now.
        """

    @abstractmethod
    async def plan(self, ctx: Context[S], desired: Desired) -> Plan:
        """Compare what is desired with what is remote, given `ctx.known`. Reads only.

        Planning again after the plan was applied yields one `noop`.

        Raises:
            ProviderError: as the vendor answers; `Refused(field=...)` names a wrong form field.
        """

    @abstractmethod
    async def apply(self, ctx: Context[S], action: PlannedAction) -> Outcome:
        """Take one action, then read back. Safe to repeat.

        What exists with our mark or our stored id is taken as done; an account that is not ours
        raises `ActionRequired(code=already_exists)`, never a silent adoption.
        """

    @abstractmethod
    async def confirm(self, ctx: Context[S], action: PlannedAction) -> Outcome | None:
        """Did it happen? Reads only. None means that the vendor shows no trace of it."""

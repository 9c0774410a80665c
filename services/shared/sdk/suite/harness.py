"""What the suite needs to know about a vendor's imitation."""

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from enum import StrEnum
from typing import Any, ClassVar

from pydantic import SecretStr

from services.shared.sdk.contract import Context, Known, Person, PlannedAction, Provider
from services.shared.sdk.manifest import ActionKind, Frozen


class FaultKind(StrEnum):
    """What may go wrong. `commit_then_…`: the effect happens, the reply is lost or a gateway's 5xx."""

    RATE_LIMIT = "rate_limit"
    SERVER_ERROR = "server_error"
    COMMIT_THEN_DROP = "commit_then_drop"
    COMMIT_THEN_STATUS = "commit_then_status"
    EXPIRED_TOKEN = "expired_token"  # noqa: S105  # a fault's name
    FORBIDDEN = "forbidden"
    GARBAGE = "garbage"
    NO_SEATS = "no_seats"


class Fault(Frozen):
    """One failure on order. It hits the next requests that fit, `times` times (None: until cleared)."""

    kind: FaultKind
    method: str | None = None
    path_regex: str | None = None
    times: int | None = 1
    retry_after: float | str | None = None
    """Seconds, or `http-date:+5` for a date five seconds from now; for `rate_limit`."""
    vendor_form: str | None = None
    """Which of the vendor's ways to say it, e.g. Google's `userRateLimitExceeded`."""
    commit: bool = False
    """For `garbage`: whether the effect happens all the same."""


class Throttle(Frozen):
    """One way in which the vendor says "slow down"."""

    vendor_form: str | None = None
    retry_after: float | str | None = None
    seconds: float | None = None
    """What the provider must make of it; None where the vendor names no time. Dates may be a second off."""


class Effect(Frozen):
    """One write that took effect at the vendor, as its ledger tells."""

    kind: str
    object: str


class Harness(ABC):
    """One provider over one freshly reset vendor, for one check.

    Attributes:
        provider: what is tested.
        joiner: a person whom the vendor does not know yet.
        wish: valid form fields that lead to every kind of grant the provider has.
        smaller_wish: the same without one licence or group; None where there is nothing to leave out.
        removed: the kind of action by which the smaller wish is reached.
        password: the first password of every action, found nowhere else.
    """

    provider: Provider[Any]
    joiner: Person
    wish: Mapping[str, Any]
    smaller_wish: Mapping[str, Any] | None = None
    removed: ActionKind | None = None
    password: SecretStr

    throttles: ClassVar[Sequence[Throttle]] = (
        Throttle(),
        Throttle(retry_after=7, seconds=7),
        Throttle(retry_after=2.5, seconds=2.5),
        Throttle(retry_after="http-date:+30", seconds=30),
    )
    repeatable: ClassVar[frozenset[ActionKind]] = frozenset({ActionKind.REVOKE_SESSIONS, ActionKind.NOOP})
    """Kinds that leave no trace to read back and do no harm when they happen twice."""
    marks: ClassVar[bool] = True
    """Whether the vendor has a place for our mark. Without one, only the note that a write was sent tells our
    account from a stranger's, so after a lost reply `confirm` is asked before anything else, as the core does."""
    checks_scopes: ClassVar[bool] = True
    """Whether `validate` can tell a missing scope from its reads."""

    @property
    def kinds(self) -> frozenset[ActionKind]:
        """What this connection can plan: less than the manifest lists where a vendor has several modes."""
        return frozenset(self.provider.manifest.actions)

    @abstractmethod
    def context(self, known: Known, *, reading: bool = False) -> Context[Any]:
        """A context for the joiner whose client is signed in; `reading` wraps it in `ReadOnlyTransport`.

        `first_password` answers `self.password`.
        """

    @abstractmethod
    async def effects(self) -> Sequence[Effect]:
        """Every effect on the joiner's account so far, in order; seeding and gifts are left out."""

    @abstractmethod
    async def count_accounts(self) -> int:
        """How many living accounts carry the joiner's address."""

    @abstractmethod
    async def describe_account(self) -> Mapping[str, Any] | None:
        """The joiner's account as the vendor holds it, without what moves by itself; None without one.

        Members that the suite reads: `active` (bool), `licenses` and `groups` (sorted lists).
        """

    @abstractmethod
    async def inject(self, fault: Fault) -> None:
        """Arm the fault."""

    @abstractmethod
    async def clear_faults(self) -> None:
        """Disarm every fault."""

    @abstractmethod
    async def settle(self, seconds: float) -> None:
        """From now on a new account answers writes with "not ready" for so long."""

    @abstractmethod
    async def add_foreign_account(self) -> None:
        """Somebody else makes an account with the joiner's address."""

    @abstractmethod
    async def give_by_hand(self) -> None:
        """Somebody else gives the joiner's account a licence or group that the wish does not name."""

    async def accept(self) -> None:
        """The joiner accepts the invitation that is out; for vendors that invite."""
        raise NotImplementedError("This vendor sends no invitations.")

    async def lapse(self) -> None:
        """The invitation that is out lapses; for vendors that invite."""
        raise NotImplementedError("This vendor sends no invitations.")

    async def do_by_hand(self, action: PlannedAction) -> None:
        """A person does what a manual task asks for; for providers that plan such tasks."""
        raise NotImplementedError("This provider plans no tasks for people.")

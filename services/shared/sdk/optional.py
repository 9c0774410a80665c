"""What only some vendors offer. The contract suite holds the manifest to it."""

from collections.abc import Mapping, Sequence
from typing import Any, Literal, Protocol, runtime_checkable

from services.shared.sdk.contract import Context, Option
from services.shared.sdk.manifest import Frozen


@runtime_checkable
class OffersOptions(Protocol):
    """Live choices for the form fields that the schema marks `x-options`."""

    async def options(self, ctx: Context[Any], name: str, query: str) -> Sequence[Option]:
        """At most 200 choices of that name matching the query. Reads only.

        Raises:
            KeyError: the manifest does not list this name.
            ProviderError: as the vendor answers.
        """
        ...


@runtime_checkable
class Warms(Protocol):
    """Loads a heavy vendor SDK ahead of the first call. The worker calls it at start, the API never."""

    def warm(self) -> None:
        """Load it now. May block for a second; safe to repeat."""
        ...


class Heard(Frozen):
    """What a vendor's delivery says about one account. At least one of the three names is set."""

    kind: Literal["activated", "declined", "changed", "removed"]
    remote_id: str | None = None
    login: str | None = None
    email: str | None = None


@runtime_checkable
class HearsEvents(Protocol):
    """Understands the vendor's webhook deliveries. Signatures are checked before, by the auth service."""

    def hear(self, headers: Mapping[str, str], body: Mapping[str, Any]) -> Sequence[Heard]:
        """What an authentic delivery is about; header names are lower case. Empty for what does not concern us.

        Nothing is believed: the core only looks again, by `confirm`, at the accounts that are named.
        Raises nothing, whatever the body holds.
        """
        ...

"""What only some vendors offer. The contract suite holds the manifest to it."""

from collections.abc import Sequence
from typing import Any, Protocol, runtime_checkable

from services.shared.sdk.contract import Context, Option


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

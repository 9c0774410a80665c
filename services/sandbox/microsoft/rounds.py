"""Where a delta query stands: what its client knows, and what of the present round it has yet to get."""

from __future__ import annotations

import re
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

_TOKEN = re.compile(r"dT[A-Za-z0-9_\-]{43}")


@dataclass(frozen=True, slots=True)
class Sight:
    """An object as it was seen: what changes with it, and the id by which its client knows it."""

    mark: str
    shown_id: str


@dataclass(frozen=True, slots=True)
class Round:
    """One place to go on from. Links may be used again: nothing here changes."""

    place: str
    """Which collection, e.g. `users` or the ids of a person and a folder."""
    select: str | None
    filter: str | None
    known: Mapping[str, Sight]
    """What the client knows once it has everything that is pending."""
    pending: Sequence[tuple[str, Sight]] = ()
    """Objects of the present round that are yet to be sent."""


@dataclass(slots=True)
class Rounds:
    by_token: dict[str, Round] = field(default_factory=dict)

    def keep(self, one: Round) -> str:
        """Return a token for this place."""
        token = "dT" + secrets.token_urlsafe(32)
        self.by_token[token] = one
        return token

    @staticmethod
    def is_token(text: str) -> bool:
        """Whether it has the form of one, known or not."""
        return _TOKEN.fullmatch(text) is not None

    def forget(self) -> int:
        """Forget every place, as after the tokens' lifetime; how many there were."""
        count = len(self.by_token)
        self.by_token.clear()
        return count


def changes(before: Mapping[str, Sight], now: Mapping[str, Sight]) -> list[tuple[str, Sight]]:
    """What is new, different or gone; of what is gone the last sight."""
    gone = [(key, sight) for key, sight in before.items() if key not in now]
    return [*gone, *((key, sight) for key, sight in now.items() if before.get(key) != sight)]

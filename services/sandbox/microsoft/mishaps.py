"""What goes wrong between Graph and a receiver, on demand: lost, twice, late, in another order."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

KINDS = frozenset({"drop", "duplicate", "delay", "spoil"})
ORDERS = frozenset({"given", "reverse", "shuffle"})


@dataclass(frozen=True, slots=True)
class Post:
    """One notification on its way. Lifecycle events are never held back: they are how a loss becomes known."""

    url: str
    item: dict[str, Any]
    label: str
    tokens: tuple[str, ...] = ()
    """`validationTokens`, beside the notifications of one body."""

    @property
    def is_lifecycle(self) -> bool:
        return self.label.startswith("lifecycle.")


@dataclass(slots=True)
class Mishap:
    """`left` posts are dropped, sent `copies` times, sent after `seconds`, or with `what` of a sealed one spoilt."""

    kind: str
    left: int = 1
    copies: int = 2
    seconds: float = 1.0
    what: str = ""


@dataclass(slots=True)
class Mishaps:
    """`held` is None unless posts are held back; `lost` are those that were dropped."""

    armed: list[Mishap] = field(default_factory=list)
    held: list[Post] | None = None
    lost: list[Post] = field(default_factory=list)

    def clear(self) -> None:
        self.armed.clear()
        self.lost.clear()
        self.held = None

    def next(self) -> Mishap | None:
        """What befalls the next post."""
        for mishap in self.armed:
            mishap.left -= 1
            if not mishap.left:
                self.armed.remove(mishap)
            return mishap
        return None

    def release(self, order: str, lose: Sequence[int], seed: int) -> list[Post]:
        """What was held back, in that order, without those at the positions `lose` (as they came, from 0)."""
        held, self.held = self.held or [], None
        self.lost += [post for place, post in enumerate(held) if place in lose]
        found = [post for place, post in enumerate(held) if place not in lose]
        if order == "reverse":
            found.reverse()
        elif order == "shuffle":
            random.Random(seed).shuffle(found)  # noqa: S311 - an order, not a secret
        return found

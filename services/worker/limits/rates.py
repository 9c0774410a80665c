"""A manifest's limits as the gates need them: evenly spaced calls, a few of which may come at once."""

import hashlib
import math
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from services.shared.sdk.guard import SAFE_METHODS
from services.shared.sdk.manifest import Limits, Manifest

HEADROOM = 0.96
"""The share of a vendor's rate that is used: the way there is not equally long for each call."""
JITTER_SECONDS = 0.3
"""By how much calls may bunch up on their way; a burst is smaller by what that brings."""
_SPANS = {1.0: "a second", 60.0: "a minute", 3600.0: "an hour", 86400.0: "a day"}
_MINUTE = 60.0


@dataclass(frozen=True, slots=True)
class Bucket:
    """One rate by GCRA: a call every `spacing` seconds, and none more than `slack` seconds before its time."""

    key: str
    spacing: float
    slack: float
    words: str
    """The vendor's limit, e.g. `3 calls a second`."""


class Rates:
    """What one app's manifest says, or what the installation says instead."""

    def __init__(self, title: str, limits: Limits) -> None:
        self.title = title
        self.concurrency = limits.concurrency
        self._general = _bucket("all", limits.calls_per_second, 1.0, limits.burst)
        self._budgets = tuple(
            (budget, _bucket(budget.key, budget.calls, budget.per_seconds, budget.burst))
            for budget in limits.budgets
        )
        self._object = re.compile(limits.one_write_per) if limits.one_write_per else None

    @property
    def width(self) -> int:
        """Jobs of one tenant that are worth running at once: each makes one call at a time, and pauses between."""
        return self.concurrency + math.ceil(self.concurrency / 4)

    def buckets(self, method: str, path: str) -> tuple[Bucket, ...]:
        """What a call draws from; the general rate comes first."""
        return (
            self._general,
            *(bucket for budget, bucket in self._budgets if budget.fits(method, path)),
        )

    def object_of(self, method: str, path: str) -> str:
        """What a write changes, where the vendor takes one write at a time; empty for everything else.

        A digest: paths name people.
        """
        if self._object is None or method in SAFE_METHODS:
            return ""
        found = self._object.search(path)
        if found is None:
            return ""
        name = found.group(1) if found.re.groups and found.group(1) else found.group(0)
        return hashlib.blake2b(name.encode(), digest_size=12).hexdigest()


def _bucket(key: str, calls: float, per_seconds: float, burst: float | None) -> Bucket:
    rate = calls / per_seconds
    if burst is None:
        burst = rate
        if per_seconds > 1:
            # The vendor counts calls in a window, so what comes at once must fit beside the even flow.
            burst = min(rate, calls * (1 - HEADROOM) + JITTER_SECONDS * rate)
    spacing = 1 / (rate * HEADROOM)
    at_once = max(1.0, burst - JITTER_SECONDS * rate)
    return Bucket(key, spacing, (at_once - 1) * spacing, _words(calls, per_seconds))


def _words(calls: float, per_seconds: float) -> str:
    if per_seconds == 1 and not float(calls).is_integer():
        calls, per_seconds = calls * _MINUTE, _MINUTE
    number = f"{round(calls, 1):g} {'call' if calls == 1 else 'calls'}"
    return f"{number} {_SPANS.get(per_seconds) or f'in {per_seconds:g} seconds'}"


def overridden(limits: Limits, said: Mapping[str, Any]) -> Limits:
    """A vendor's limits where the installation has others, e.g. a quota that was raised.

    Raises:
        ValidationError: what was said is no limit.
    """
    return Limits.model_validate({**limits.model_dump(), **said})


class Limiting:
    """The rates of every app, by what manifests and the installation's settings say."""

    def __init__(self, overrides: Mapping[str, Mapping[str, Any]] | None = None) -> None:
        self._overrides = overrides or {}
        self._made: dict[str, Rates] = {}

    def rates(self, manifest: Manifest) -> Rates:
        """The rates of one app."""
        made = self._made.get(manifest.key)
        if made is None:
            limits = overridden(manifest.limits, self._overrides.get(manifest.vendor, {}))
            made = self._made[manifest.key] = Rates(manifest.title, limits)
        return made

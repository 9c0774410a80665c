"""Paid things: the licence, webinars and large meetings. Who holds them, and how many seats are left.

Webinars and large meetings are features of `…/users/{id}/settings`; `…/accounts/me/plans/usage` tells what was
bought and used. Bundles (Zoom United, Zoom Workplace) are not given: no API tells which of them a person can be freed of.
"""

import re
from collections.abc import Mapping
from typing import Any

from services.shared.providers.zoom.answers import NO_RIGHT, ZoomAnswer
from services.shared.providers.zoom.client import ZoomContext, path, read
from services.shared.providers.zoom.form import ADD_ON
from services.shared.providers.zoom.people import ZoomUser
from services.shared.sdk.contract import Grant
from services.shared.sdk.manifest import Frozen

LICENSED = "licensed"
_FEATURES = {"webinar": "webinar", "large": "large_meeting"}
_TITLES = {"webinar": "Webinar", "large": "Large Meeting"}
_PLANS = {"webinar": "plan_webinar", "large": "plan_large_meeting"}
_SIZE = re.compile(r"(webinar|large)_?(\d+)")


class Paid(Frozen):
    """`licensed`, or an add-on by kind and size."""

    key: str

    @property
    def is_add_on(self) -> bool:
        return self.key != LICENSED

    @property
    def kind(self) -> str:
        """`webinar` or `large`."""
        match = ADD_ON.fullmatch(self.key)
        return match[1] if match else LICENSED

    @property
    def size(self) -> int:
        match = ADD_ON.fullmatch(self.key)
        return int(match[2]) if match else 0

    @property
    def label(self) -> str:
        return f"{_TITLES[self.kind]} {self.size}" if self.is_add_on else "Licensed"

    @property
    def grant(self) -> Grant:
        return Grant(kind="license", key=self.key, label=self.label)

    def switched(self, *, on: bool) -> dict[str, Any]:
        """The body for `PATCH …/settings` of an add-on."""
        name = _FEATURES[self.kind]
        feature: dict[str, Any] = {name: on}
        if on:
            feature[f"{name}_capacity"] = self.size
        return {"feature": feature}


async def held_add_ons(ctx: ZoomContext, user: ZoomUser) -> dict[str, Paid]:
    """What the person has, by kind. Who is not active holds nothing."""
    if user.status != "active":
        return {}
    feature = (await read(ctx, path("users", user.id, "settings"))).get("feature")
    held: dict[str, Paid] = {}
    for kind, name in _FEATURES.items():
        if isinstance(feature, dict) and feature.get(name) is True:
            held[kind] = Paid(key=f"{kind}{feature.get(f'{name}_capacity') or 0}")
    return held


class Seats(Frozen):
    """What was bought and what of it is used."""

    total: int
    used: int

    @property
    def free(self) -> int:
        return max(self.total - self.used, 0)


async def read_seats(ctx: ZoomContext) -> Mapping[str, Seats]:
    """Seats by `licensed` and the keys of add-ons; empty where Zoom does not tell (free accounts).

    Raises:
        ZoomAnswer: as Zoom answers.
    """
    try:
        body = await read(ctx, "/accounts/me/plans/usage")
    except ZoomAnswer as answer:
        if answer.code == NO_RIGHT:
            return {}
        raise
    found: dict[str, Seats] = {}
    for item in _items(body.get("plan_base")):
        _count(found, LICENSED, item)
    for kind, member in _PLANS.items():
        for item in _items(body.get(member)):
            match = _SIZE.search(str(item.get("type") or ""))
            if match is not None and match[1] == kind:
                _count(found, f"{kind}{match[2]}", item)
    return found


def _items(value: Any) -> list[dict[str, Any]]:
    """The specification has a list here, its own example one object."""
    items = value if isinstance(value, list) else [value]
    return [one for one in items if isinstance(one, dict)]


def _count(found: dict[str, Seats], key: str, item: Mapping[str, Any]) -> None:
    total, used = item.get("hosts"), item.get("usage")
    if isinstance(total, int) and isinstance(used, int):
        before = found.get(key, Seats(total=0, used=0))
        found[key] = Seats(total=before.total + total, used=before.used + used)

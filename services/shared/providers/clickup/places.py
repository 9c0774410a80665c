"""Folders and lists, which are shared with guests one by one."""

from collections.abc import Mapping
from typing import Any

from services.shared.providers.clickup.client import ClickUpContext, call, need, team
from services.shared.sdk.contract import Grant
from services.shared.sdk.errors import ErrorCode, Refused
from services.shared.sdk.manifest import Frozen

_MOST_CALLS = 60


class Place(Frozen):
    """A folder or a list, with its name as people know it: space, folder, list."""

    kind: str
    id: str
    name: str

    @property
    def key(self) -> str:
        return f"{self.kind}:{self.id}"

    @property
    def grant(self) -> Grant:
        """The share as something that OneClick gave."""
        return Grant(kind="group", key=self.key, label=self.name)


def parse_key(key: str, name: str) -> Place:
    """A place by the key of a grant."""
    kind, _, remote_id = key.partition(":")
    return Place(kind=kind, id=remote_id, name=name)


async def list_places(ctx: ClickUpContext) -> dict[str, Place]:
    """The Workspace's folders and lists by their keys, as far as sixty calls tell.

    Raises:
        ClickUpAnswer: as ClickUp answers.
    """
    found: dict[str, Place] = {}
    waiting = [("space", "", one) for one in await _read(ctx, team(ctx, "/space"), "spaces")]
    calls = 1
    while waiting and calls < _MOST_CALLS:
        kind, above, one = waiting.pop(0)
        remote_id, name = str(one.get("id")), f"{above}{one.get('name')}"
        for place in await _read(ctx, f"/{kind}/{remote_id}/list", "lists"):
            _add(found, "list", place, f"{name} / ")
        calls += 1
        if kind == "space":
            for folder in await _read(ctx, f"/space/{remote_id}/folder", "folders"):
                _add(found, "folder", folder, f"{name} / ")
                waiting.append(("folder", f"{name} / ", folder))
            calls += 1
    return found


def _add(found: dict[str, Place], kind: str, one: Mapping[str, Any], above: str) -> None:
    place = Place(kind=kind, id=str(one.get("id")), name=f"{above}{one.get('name')}")
    found[place.key] = place


async def _read(ctx: ClickUpContext, path: str, name: str) -> list[Mapping[str, Any]]:
    listed = need(await call(ctx, "GET", path, query={"archived": "false"}), f"GET {path}", name, list)
    return [one for one in listed if isinstance(one, Mapping) and one.get("id")]


async def wished_places(
    ctx: ClickUpContext, lists: tuple[str, ...], folders: tuple[str, ...]
) -> dict[str, Place]:
    """The places of a wish, by their numbers.

    Raises:
        Refused: the Workspace has no such list or folder.
    """
    if not lists and not folders:
        return {}
    known = await list_places(ctx)
    found = {}
    for kind, field, wished in (("list", "lists", lists), ("folder", "folders", folders)):
        for remote_id in wished:
            place = known.get(f"{kind}:{remote_id}")
            if place is None:
                raise Refused(
                    f"The Workspace has no {kind} {remote_id} that OneClick's token opens.",
                    code=ErrorCode.INVALID_FIELD,
                    field=field,
                )
            found[place.key] = place
    return found

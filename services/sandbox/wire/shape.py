"""What members a JSON body may have, and the first that does not belong. Each vendor says it in its own words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

Shape = Mapping[str, Any]
"""Member to `str`, `bool`, `int`, `dict` (any object), `object` (anything), a nested Shape, or `[kind]` for a list."""


@dataclass(frozen=True, slots=True)
class Misfit:
    """One member that does not belong: `path` as `user_info.type` or `members[0].id`."""

    path: str
    is_unknown: bool
    value: Any = None


def find_misfit(value: Mapping[str, Any], shape: Shape, path: str = "") -> Misfit | None:
    """The first member whose name or type the shape does not have; null fits everywhere."""
    for name, item in value.items():
        where = f"{path}.{name}" if path else name
        if name not in shape:
            return Misfit(where, is_unknown=True, value=item)
        found = _misfit_of(item, shape[name], where)
        if found is not None:
            return found
    return None


def _misfit_of(item: Any, kind: Any, where: str) -> Misfit | None:
    if item is None or kind is object:
        return None
    if isinstance(kind, Mapping):
        return find_misfit(item, kind, where) if isinstance(item, Mapping) else Misfit(where, False, item)
    if isinstance(kind, Sequence):
        return _misfit_in(item, kind[0], where)
    is_wrong = not isinstance(item, kind) or (kind is int and isinstance(item, bool))
    return Misfit(where, is_unknown=False, value=item) if is_wrong else None


def _misfit_in(items: Any, kind: Any, where: str) -> Misfit | None:
    if not isinstance(items, list):
        return Misfit(where, is_unknown=False, value=items)
    found = (_misfit_of(item, kind, f"{where}[{index}]") for index, item in enumerate(items))
    return next((one for one in found if one is not None), None)

"""Partial responses: the `fields` parameter, e.g. `nextPageToken,users(id,name/givenName)`."""

from __future__ import annotations

from typing import Any

from services.sandbox.google.errors import invalid

Mask = dict[str, "Mask | None"]


def apply_mask(body: dict[str, Any], text: str) -> dict[str, Any]:
    """Return the chosen members only; raise 400 for a mask that cannot be read."""
    mask, rest = _parse(text, 0)
    if rest != len(text):
        raise invalid(f"Invalid field selection {text}")
    return (
        {name: _cut(body[name], inner) for name, inner in mask.items() if name in body}
        if "*" not in mask
        else body
    )


def _parse(text: str, at: int) -> tuple[Mask, int]:
    mask: Mask = {}
    while True:
        at = _parse_one(text, at, mask)
        if at >= len(text) or text[at] != ",":
            return mask, at
        at += 1


def _parse_one(text: str, at: int, mask: Mask) -> int:
    start = at
    while at < len(text) and text[at] not in ",()/":
        at += 1
    name = text[start:at].strip()
    if not name:
        raise invalid(f"Invalid field selection {text}")
    if at < len(text) and text[at] == "/":
        inner: Mask = {}
        at = _parse_one(text, at + 1, inner)
        known = mask.get(name)
        mask[name] = {**known, **inner} if known else inner
        return at
    if at < len(text) and text[at] == "(":
        inner, at = _parse(text, at + 1)
        if at >= len(text) or text[at] != ")":
            raise invalid(f"Invalid field selection {text}")
        mask[name] = inner
        return at + 1
    mask[name] = None
    return at


def _cut(value: Any, mask: Mask | None) -> Any:
    if mask is None or "*" in mask:
        return value
    if isinstance(value, list):
        return [_cut(item, mask) for item in value]
    if isinstance(value, dict):
        return {name: _cut(value[name], inner) for name, inner in mask.items() if name in value}
    return value

"""The filters that public clients of Slack's SCIM send: one attribute, `eq`, one quoted value."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping

from services.sandbox.slack.errors import SlackError

_WHOLE = re.compile(r'\s*([A-Za-z.]+)\s+(\w+)\s+"((?:[^"\\]|\\.)*)"\s*')


def read_filter(text: str, known: Mapping[str, str]) -> tuple[str, str]:
    """Return the attribute and the value, both in lower case.

    Raises:
        SlackError: `incomplete_filter` for half a filter, `invalid_query` for what Slack does not know.
    """
    match = _WHOLE.fullmatch(text)
    if match is None:
        words = text.split()
        raise SlackError("incomplete_filter" if len(words) < 3 else "invalid_query")  # noqa: PLR2004 - attribute, operator, value
    name = known.get(match[1].lower())
    if name is None or match[2].lower() != "eq":
        raise SlackError("invalid_query", note="Slack filters userName and email (groups: displayName) by eq")
    return name, match[3].lower()


def chooser(text: str | None, mode: str, known: Mapping[str, str]) -> Callable[[Mapping[str, object]], bool]:
    """What a list leaves in. `mode` is `on`, `off` (a filter is refused) or `ignored` (everything is listed)."""
    if text is None or mode == "ignored":
        return lambda _: True
    if mode == "off":
        raise SlackError("invalid_query", note="filters are switched off")
    name, wanted = read_filter(text, known)

    def fits(item: Mapping[str, object]) -> bool:
        held = item[name]
        values = held if isinstance(held, list) else [held]
        return wanted in {str(value).lower() for value in values}

    return fits

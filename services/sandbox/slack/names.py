"""How Slack makes a user name of what a client sends."""

from __future__ import annotations

import re

NAME_LIMIT = 21
_FOREIGN = re.compile(r"[^a-z0-9._-]")


def convert_name(text: str) -> str:
    """The name that Slack keeps.

    An address loses its domain, what is no letter, digit, `.`, `_` or `-` becomes `_`, and what follows the
    21st character is cut off.
    """
    return full_name_of(text)[:NAME_LIMIT]


def full_name_of(text: str) -> str:
    """The converted name before it is cut."""
    return _FOREIGN.sub("_", text.strip().lower().partition("@")[0])

"""Conditions: for whom a template is suggested."""

from collections.abc import Mapping, Sequence

LOOKED_AT = ("department", "location", "job_title")
ANY = "*"


def matching(conditions: Mapping[str, Sequence[str]], person: Mapping[str, str | None]) -> list[str]:
    """Which conditions this person meets; none unless they meet all that are set.

    Each list is met when one of its patterns fits, without regard to case; `*` stands for any text. A
    template without conditions is never suggested.
    """
    wanted = [name for name in LOOKED_AT if conditions.get(name)]
    met = [
        name for name in wanted if any(fits(pattern, person.get(name) or "") for pattern in conditions[name])
    ]
    return met if met == wanted else []


def fits(pattern: str, text: str) -> bool:
    """Whether a text is what a pattern says, in time that grows with their lengths alone."""
    text = _plain(text)
    if not text:
        return False
    parts = _plain(pattern).split(ANY)
    first, last = parts[0], parts[-1]
    if len(parts) == 1:
        return text == first
    if len(text) < len(first) + len(last) or not text.startswith(first) or not text.endswith(last):
        return False
    return _in_order(parts[1:-1], text[len(first) : len(text) - len(last)])


def _in_order(parts: Sequence[str], text: str) -> bool:
    at = 0
    for part in parts:
        found = text.find(part, at)
        if found < 0:
            return False
        at = found + len(part)
    return True


def _plain(text: str) -> str:
    """Lower case, with single spaces between words."""
    return " ".join(text.casefold().split())


def tidy(conditions: Mapping[str, Sequence[str]]) -> dict[str, list[str]]:
    """Conditions as they are stored: every list there, nothing twice."""
    return {name: list(dict.fromkeys(conditions.get(name, ()))) for name in LOOKED_AT}

"""Attribute paths (RFC 7644 3.10) that an attribute mapping may hold, and how they read and write a resource.

Reading is lenient: names are compared without case (RFC 7643 2.1), and a value that lost its `type` is still found.
"""

import re
from collections.abc import Iterable, Mapping
from functools import cache
from typing import Any

from services.shared.sdk.manifest import Frozen

CORE_USER = "urn:ietf:params:scim:schemas:core:2.0:User"
ENTERPRISE_USER = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"

_PATH = re.compile(
    r"(?:(?P<urn>urn:[^\[\]\s]+):)?(?P<name>[A-Za-z$][\w$-]*)"
    r'(?:\[(?P<key>[A-Za-z]\w*) eq "(?P<value>[^"\\]*)"\])?(?:\.(?P<sub>[A-Za-z$][\w$-]*))?'
)


class PathNotUnderstood(ValueError):
    """The text is no attribute path, or one that a mapping cannot use."""


class ScimPath(Frozen):
    """One place in a resource: an attribute, a sub-attribute, or one of a list's values picked by a member."""

    text: str
    urn: str | None
    """The extension's schema; None for the core schema."""
    name: str
    key: str | None
    value: str | None
    sub: str | None

    def read(self, resource: Mapping[str, Any]) -> Any:
        """The value here; None when there is none."""
        holder = member(resource, self.urn) if self.urn else resource
        found = member(holder, self.name) if isinstance(holder, Mapping) else None
        if isinstance(found, list):
            found = self._pick(found)
        if self.sub is None:
            return found
        if isinstance(found, Mapping):
            return member(found, self.sub)
        # Some answer with the bare value where the standard has an object: Azure-style managers, single addresses.
        return found if self.sub == "value" else None

    def write(self, resource: dict[str, Any], value: Any) -> None:
        """Put the value here; what stands beside it stays."""
        holder = resource.setdefault(self.urn, {}) if self.urn else resource
        if self.key is None:
            if self.sub is None:
                holder[self.name] = value
            else:
                inner = holder.get(self.name)
                holder[self.name] = {**(inner if isinstance(inner, Mapping) else {}), self.sub: value}
            return
        listed = [dict(one) for one in holder.get(self.name) or () if isinstance(one, Mapping)]
        picked = self._pick(listed)
        if picked is None:
            picked = self.new_item()
            listed.append(picked)
        picked[self.sub or "value"] = value
        holder[self.name] = listed

    def new_item(self) -> dict[str, Any]:
        """A fresh value of the list that this path would pick."""
        return {str(self.key): self.value} if self.key != "primary" else {"primary": self.value == "true"}

    def _pick(self, values: Iterable[Any]) -> Any:
        listed = [one for one in values if isinstance(one, Mapping)]
        if self.key is None:
            return next(
                (one for one in listed if member(one, "primary") is True), listed[0] if listed else None
            )
        for one in listed:
            if str(member(one, self.key)).lower() == str(self.value).lower():
                return one
        # An application that forgets what distinguishes the values: then the first one is all there is.
        forgotten = listed and all(member(one, self.key) is None for one in listed)
        return listed[0] if forgotten else None


def member(holder: Mapping[str, Any], name: str) -> Any:
    """A member by its name in any case; None when there is none."""
    if name in holder:
        return holder[name]
    wanted = name.lower()
    return next((value for key, value in holder.items() if key.lower() == wanted), None)


@cache
def parse_path(text: str) -> ScimPath:
    """Read a path such as `name.givenName`, `emails[type eq "work"].value` or `urn:…:User:department`.

    Raises:
        PathNotUnderstood: it is none, or picks values in a way that a mapping cannot.
    """
    match = _PATH.fullmatch(text.strip())
    if match is None:
        raise PathNotUnderstood(f"{text!r} is not a SCIM attribute path that can be mapped.")
    parts = match.groupdict()
    if parts["key"] == "primary" and parts["value"] not in {"true", "false"}:
        raise PathNotUnderstood(f"{text!r}: primary is true or false.")
    if parts["urn"] is not None and parts["urn"].lower() == CORE_USER.lower():
        parts["urn"] = None
    return ScimPath(text=text.strip(), **parts)

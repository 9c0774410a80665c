"""Secrets that are made once and kept in a file that only its owner can read."""

from __future__ import annotations

import json
import os
import secrets
from collections.abc import Callable
from pathlib import Path


def password() -> str:
    """A password that needs no quoting in a URL."""
    return secrets.token_urlsafe(24)


def write_private(path: Path, text: str) -> None:
    """Replace the file in one step; it is never readable by others, not even for a moment."""
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_name(f"{path.name}.{os.getpid()}.partial")
    descriptor = os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w") as stream:
        stream.write(text)
    partial.replace(path)


class SecretFile:
    """A JSON object of names and secrets. Its `repr` names the file and nothing in it."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._values: dict[str, str] = json.loads(path.read_text()) if path.exists() else {}

    def ensure(self, name: str, make: Callable[[], str] = password) -> str:
        """The secret of that name; made and kept at the first call."""
        if name not in self._values:
            self._values[name] = make()
            write_private(self._path, json.dumps(self._values, indent=2, sort_keys=True) + "\n")
        return self._values[name]

    def __repr__(self) -> str:
        return f"SecretFile({self._path})"

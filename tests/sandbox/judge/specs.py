"""Where the vendors' own specification files are. They are third-party data and not part of this repository."""

from __future__ import annotations

import json
import os
from functools import cache
from pathlib import Path
from typing import Any

ABSENT = (
    "THE VENDORS' SPECIFICATIONS ARE ABSENT: no answer of the twins is judged. Put them at ../shared/specs next to the"
    " repository or name their folder in ONECLICK_SPECS."
)


def folder() -> Path | None:
    named = os.environ.get("ONECLICK_SPECS")
    path = Path(named) if named else Path(__file__).resolve().parents[3].parent / "shared" / "specs"
    if named and not path.is_dir():
        raise RuntimeError(f"ONECLICK_SPECS names no folder: {path}")
    return path if path.is_dir() else None


@cache
def load(name: str) -> dict[str, Any]:
    """Load one file by its path inside the folder, e.g. `google/licensing.v1.json`."""
    root = folder()
    if root is None:
        raise RuntimeError(ABSENT)
    content: dict[str, Any] = json.loads((root / name).read_text())
    return content

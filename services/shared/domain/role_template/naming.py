"""Keys made of names."""

import re
import unicodedata
from collections.abc import Collection
from itertools import count

LONGEST = 50


def free_key(name: str, taken: Collection[str]) -> str:
    """A key that reads like the name and that nobody has: `sales-emea`, `sales-emea-2`."""
    ascii_only = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
    words = re.sub(r"[^a-z0-9]+", "-", ascii_only).strip("-")
    wanted = words[:LONGEST].rstrip("-") or "role"
    if wanted not in taken:
        return wanted
    return next(key for number in count(2) if (key := f"{wanted}-{number}") not in taken)

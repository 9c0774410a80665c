"""Tags by their slugs: `to-be-created` is “to be created”."""

import re
import unicodedata
from collections.abc import Iterable


def slug_of(tag: str) -> str:
    """How a tag is looked up: lower case, everything between letters and digits one hyphen."""
    plain = unicodedata.normalize("NFKC", tag).casefold()
    return re.sub(r"[\W_]+", "-", plain).strip("-")


def slugs_of(tags: Iterable[str]) -> list[str]:
    """Each slug once, in order; a tag of nothing but signs has none."""
    return [slug for slug in dict.fromkeys(slug_of(tag) for tag in tags) if slug]

"""A fingerprint of the remote state that a plan was made from."""

import hashlib
import json
from collections.abc import Mapping
from typing import Any


def fingerprint(state: Mapping[str, Any]) -> str:
    """SHA-256 over canonical JSON. Put in what the plan rests on, and nothing that moves by itself."""
    canonical = json.dumps(state, sort_keys=True, separators=(",", ":"), default=str)
    return hashlib.sha256(canonical.encode()).hexdigest()

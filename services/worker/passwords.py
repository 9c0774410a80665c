"""First passwords: made here, sealed in the vault before they are used, shown once to a person."""

import secrets
import string

from pydantic import SecretStr

LENGTH = 20
_CLASSES = (string.ascii_lowercase, string.ascii_uppercase, string.digits, "!#$%*+-=?@_")
_CONFUSING = set("0O1lI")


def make_password() -> SecretStr:
    """Twenty characters with every class that vendors ask for, and none that people confuse."""
    classes = [[char for char in group if char not in _CONFUSING] for group in _CLASSES]
    everything = [char for group in classes for char in group]
    chosen = [secrets.choice(group) for group in classes]
    chosen += [secrets.choice(everything) for _ in range(LENGTH - len(chosen))]
    secrets.SystemRandom().shuffle(chosen)
    return SecretStr("".join(chosen))

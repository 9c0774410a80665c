"""What the vendors' variables have in common."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, Any

from pydantic import BeforeValidator, SecretStr

from services.auth.connection.models import Method, Vendor
from services.auth.vault.secret import Secret


def _none_if_empty(value: Any) -> Any:
    return None if value == "" else value


OptionalText = Annotated[str | None, BeforeValidator(_none_if_empty)]
OptionalSecret = Annotated[SecretStr | None, BeforeValidator(_none_if_empty)]
OptionalPath = Annotated[Path | None, BeforeValidator(_none_if_empty)]


@dataclass(frozen=True, slots=True)
class Seed:
    """A connection as the environment describes it."""

    vendor: Vendor
    method: Method
    display_name: str
    settings: Mapping[str, Any]
    secrets: Mapping[str, Secret] = field(repr=False)


def sealed(value: SecretStr) -> Secret:
    """A variable's secret as the vault takes it."""
    return Secret(value.get_secret_value())


def read_file(path: Path, variable: str) -> str:
    """The text of a file that a variable names.

    Raises:
        ValueError: it cannot be read; the message names the variable.
    """
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise ValueError(f"{variable}: {path} cannot be read ({type(error).__name__})") from None


def require_whole(tenant: str | None, given: Mapping[str, Any]) -> bool:
    """Whether a vendor's variables are there: all of them or none, and then with the tenant they belong to.

    Raises:
        ValueError: some are missing; the message names them.
    """
    if not any(given.values()):
        return False
    missing = [name for name, value in {**given, "CONNECTIONS_TENANT": tenant}.items() if not value]
    if missing:
        raise ValueError(f"{', '.join(missing)}: needed beside the others of this connection")
    return True


def https_or_loopback(url: str, variable: str) -> str:
    """The address without a slash at its end.

    Raises:
        ValueError: it is no http(s) address.
    """
    if not url.startswith(("https://", "http://")):
        raise ValueError(f"{variable} must begin with https://")
    return url.rstrip("/")

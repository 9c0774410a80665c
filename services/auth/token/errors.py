"""Why no token is given out."""

from typing import ClassVar

from services.auth.connection.models import Connection
from services.shared.kit.errors import DomainError, Kind, Unavailable


class NeedsReauth(DomainError):
    """The vendor does not accept the credentials: a person must connect again."""

    kind: ClassVar[Kind] = Kind.CONFLICT
    code: ClassVar[str] = "needs_reauth"


class ConnectionUnusable(DomainError):
    """The vendor refuses the request, or the credentials cannot be read; connecting again is no cure."""

    kind: ClassVar[Kind] = Kind.CONFLICT
    code: ClassVar[str] = "connection_error"


class VendorUnavailable(Unavailable):
    """The vendor's token endpoint is away. The connection is kept."""

    code: ClassVar[str] = "vendor_unavailable"


class VaultUnavailable(Unavailable):
    """The key ring is not whole."""

    code: ClassVar[str] = "vault_unavailable"


def about(connection: Connection) -> dict[str, str | None]:
    """What a problem says about the connection, beside its sentence."""
    return {
        "connection_id": str(connection.id),
        "vendor": connection.vendor,
        "reason_code": connection.reason_code,
    }

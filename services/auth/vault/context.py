"""What a ciphertext is bound to."""

import re
from dataclasses import dataclass
from uuid import UUID

_FIELD = re.compile(r"^[a-z][a-z0-9_.]{0,63}$")


@dataclass(frozen=True, slots=True)
class Context:
    """The place a secret belongs to; it can be read back in this place alone.

    `owner_id` is the connection; for a first password the action, for a signing key the key.
    `tenant_id` is None for what belongs to the installation. `version` counts the values that the field
    has had, so that an old ciphertext put back in a row of a newer version is refused.
    """

    tenant_id: UUID | None
    owner_id: UUID
    field: str
    version: int = 1

    def __post_init__(self) -> None:
        if not _FIELD.match(self.field) or self.version < 1:
            raise ValueError("a context needs a plain field name and a version from 1")

    @property
    def associated_data(self) -> bytes:
        """`v1|tenant_id|connection_id|field|version`; no part can hold the separator."""
        return f"{self._owner}|{self.field}|{self.version}".encode()

    @property
    def key_associated_data(self) -> bytes:
        """What the wrapped data key is bound to: the tenant and the connection, since fields share it."""
        return f"{self._owner}|data-key".encode()

    @property
    def _owner(self) -> str:
        return f"v1|{self.tenant_id or 'installation'}|{self.owner_id}"

"""Vendors that know no short-lived tokens: what was entered is what is sent. Sealed at rest all the same."""

from collections.abc import Mapping

from services.auth.grant.base import GrantLost, Minted
from services.auth.vault.secret import Secret

TOKEN = "token"  # noqa: S105  # a field's name
SCIM, ADMIN, SITE = "scim_key", "admin_key", "site_login"
STATIC_SECONDS = 3600
"""It does not end by itself; after so long it is read anew."""
FIELDS = {"default": TOKEN, "scim": SCIM, "admin": ADMIN, "site": SITE}
"""Which stored field is which credential."""
CREDENTIALS = {field: name for name, field in FIELDS.items()}


def give_token(credential: str, secrets: Mapping[str, Secret]) -> Minted:
    """The credential itself.

    Raises:
        GrantLost: the connection has none of that name.
    """
    secret = secrets.get(FIELDS.get(credential, ""))
    if secret is None:
        raise GrantLost("no_credential", "The connection has no credential for this. Connect it again.")
    return Minted(secret, STATIC_SECONDS)

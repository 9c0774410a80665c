"""Why a sign-in does not succeed."""

from typing import ClassVar

from services.shared.kit.errors import DomainError, Forbidden, Kind, Unavailable


class SignInRefused(DomainError):
    """Begin again: the answer does not belong to a sign-in that this browser began, or is not sound."""

    kind: ClassVar[Kind] = Kind.UNAUTHENTICATED
    code: ClassVar[str] = "sign_in_refused"


class NoRole(Forbidden):
    """A known person whom nobody gave a role."""

    code: ClassVar[str] = "no_role"


class IdentityProviderUnavailable(Unavailable):
    code: ClassVar[str] = "identity_provider_unavailable"

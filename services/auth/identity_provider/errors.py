"""Why the identity provider's answer does not count."""

from typing import ClassVar

from services.shared.kit.errors import DomainError, Kind, Unavailable


class SignInRefused(DomainError):
    """Begin again: the answer does not belong to a sign-in that this browser began, or is not sound."""

    kind: ClassVar[Kind] = Kind.UNAUTHENTICATED
    code: ClassVar[str] = "sign_in_refused"


class IdentityProviderUnavailable(Unavailable):
    code: ClassVar[str] = "identity_provider_unavailable"

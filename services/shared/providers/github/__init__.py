"""GitHub: members of an organisation by invitation, or an enterprise's managed users by SCIM."""

from services.shared.providers.github.provider import GitHub

PROVIDERS = (GitHub,)

"""Any application that speaks SCIM 2.0 (RFC 7643, RFC 7644): accounts, groups, roles and entitlements."""

from services.shared.providers.scim.provider import ScimApplication

PROVIDERS = (ScimApplication,)

"""Microsoft 365: accounts, licences and groups over Microsoft Graph."""

from services.shared.providers.microsoft.provider import Microsoft365

PROVIDERS = (Microsoft365,)

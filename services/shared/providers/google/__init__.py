"""Google Workspace: accounts, licences and groups over the Directory and License Manager APIs."""

from services.shared.providers.google.provider import GoogleWorkspace

PROVIDERS = (GoogleWorkspace,)

"""HubSpot: users, permission sets, teams and seats over the user provisioning API."""

from services.shared.providers.hubspot.provider import HubSpot

PROVIDERS = (HubSpot,)

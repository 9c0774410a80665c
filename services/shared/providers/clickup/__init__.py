"""ClickUp: members, guests, roles, groups and shared lists over API v2."""

from services.shared.providers.clickup.provider import ClickUp

PROVIDERS = (ClickUp,)

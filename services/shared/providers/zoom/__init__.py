"""Zoom by its API v2: a server-to-server OAuth app of the account."""

from services.shared.providers.zoom.provider import Zoom

PROVIDERS = (Zoom,)

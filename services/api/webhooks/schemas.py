"""Webhooks on the wire."""

from uuid import UUID

from services.api.wire import Read


class WebhookRead(Read):
    """Where a vendor posts what happens in one connected account; `path` is below the public address."""

    vendor: str
    connection_id: UUID
    path: str


class WebhookList(Read):
    items: list[WebhookRead]

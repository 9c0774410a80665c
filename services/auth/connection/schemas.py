"""Connections on the wire: derived facts, never a secret."""

from datetime import datetime
from typing import Any
from uuid import UUID

from pydantic import BaseModel

from services.auth.connection.models import Connection, Status, Vendor
from services.auth.connection.vendors import APPS


class ConnectionRead(BaseModel):
    connection_id: UUID
    vendor: Vendor
    providers: list[str]
    display_name: str
    status: Status
    reason_code: str | None
    reason: str | None
    settings: dict[str, Any]
    connected_at: datetime
    last_refreshed_at: datetime | None


def connection_read(row: Connection) -> ConnectionRead:
    """What may be known about a connection."""
    return ConnectionRead(
        connection_id=row.id,
        vendor=Vendor(row.vendor),
        providers=list(APPS[Vendor(row.vendor)]),
        display_name=row.display_name,
        status=Status(row.status),
        reason_code=row.reason_code,
        reason=row.reason,
        settings=row.settings,
        connected_at=row.connected_at,
        last_refreshed_at=row.last_refreshed_at,
    )

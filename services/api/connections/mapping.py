"""From what the auth service tells to what goes out."""

from services.api.connections.at_auth import Held
from services.api.connections.schemas import ConnectionDetail


def connection_read(held: Held) -> ConnectionDetail:
    """A connected account."""
    return ConnectionDetail(**held.model_dump(), last_test=None, testing=False)

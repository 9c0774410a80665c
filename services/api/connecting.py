"""Which apps a tenant can reach now, as the auth service tells."""

from collections.abc import Sequence

from services.api.auth_client import Connection
from services.api.dependencies import Caller
from services.shared.sdk.manifest import Manifest
from services.shared.sdk.registry import manifests

DISCONNECTED = "disconnected"


def connection_of(manifest: Manifest, connections: Sequence[Connection]) -> Connection | None:
    """The connection that an app goes through; one that was disconnected only where there is no other."""
    found = [item for item in connections if manifest.key in item.providers or manifest.vendor == item.vendor]
    return min(found, key=lambda item: item.status == DISCONNECTED) if found else None


def is_connected(manifest: Manifest, connections: Sequence[Connection] | None) -> bool:
    """Whether the app's vendor is connected, or may be (`connections` is None: nobody could be asked)."""
    if connections is None:
        return True
    connection = connection_of(manifest, connections)
    return connection is not None and connection.status != DISCONNECTED


async def connected_apps(caller: Caller) -> frozenset[str]:
    """Keys of the apps whose vendors are connected, or may be."""
    connections = await caller.backends.auth.connections(caller.principal.tenant_id)
    return frozenset(one.key for one in manifests() if is_connected(one, connections))

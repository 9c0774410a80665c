"""From what the auth service tells to what goes out."""

from collections.abc import Iterable

from services.api.connections.at_auth import Held
from services.api.connections.schemas import ConnectionDetail, ConnectionState, ConnectionTestRead
from services.shared.domain.connection.following import Told
from services.shared.domain.connection.models import ConnectionTest
from services.shared.domain.connection.testing import is_underway


def connection_read(held: Held, test: ConnectionTest | None) -> ConnectionDetail:
    """A connected account with its newest test."""
    return ConnectionDetail(
        **held.model_dump(include=set(ConnectionDetail.model_fields)),
        last_test=_test(test),
        testing=test is not None and is_underway(test),
    )


def _test(test: ConnectionTest | None) -> ConnectionTestRead | None:
    if test is None or test.finished_at is None:
        return None
    return ConnectionTestRead(at=test.finished_at, ok=bool(test.ok), message=test.message or "")


def disconnected_last(held: Iterable[Held]) -> list[Held]:
    """In the order of a list: what works or should, by vendor, then what was disconnected."""
    return sorted(held, key=lambda one: (one.state is ConnectionState.DISCONNECTED, one.vendor, one.id))


def told(held: Held) -> Told:
    """For whoever follows connections."""
    return Told(
        connection_id=held.id,
        vendor=held.vendor,
        title=held.title,
        state=held.state.value,
        reason=held.reason,
        remedy=held.remedy,
        generation=held.generation,
        changed_at=held.changed_at,
    )

"""How a connection is, in one word: every status, with a reason and a next step whenever something is wrong."""

from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest

from services.auth.connect.health import State, health_of
from services.auth.connection.models import Connection, Method, Source, Status, Vendor

NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)


def connection(**said: object) -> Connection:
    usual: dict[str, object] = {
        "id": uuid4(),
        "tenant_id": uuid4(),
        "vendor": Vendor.GOOGLE,
        "method": Method.AUTHORIZATION_CODE,
        "source": Source.OPERATOR,
        "display_name": "Google",
        "settings": {},
        "status": Status.ACTIVE,
        "reason": None,
        "grant_expires_at": None,
    }
    return Connection(**{**usual, **said})


@pytest.mark.parametrize("ends_in", [None, timedelta(days=9), timedelta(days=90)])
def test_what_works_and_does_not_end_soon_is_active_and_says_nothing(ends_in: timedelta | None) -> None:
    health = health_of(connection(grant_expires_at=None if ends_in is None else NOW + ends_in), NOW)
    assert (health.state, health.reason, health.remedy) == (State.ACTIVE, None, None)


@pytest.mark.parametrize(
    ("vendor", "words"), [(Vendor.GOOGLE, "Testing"), (Vendor.HUBSPOT, "28 November 2026")]
)
def test_what_ends_within_eight_days_is_expiring_and_says_when(vendor: Vendor, words: str) -> None:
    health = health_of(connection(vendor=vendor, grant_expires_at=NOW + timedelta(days=7)), NOW)
    assert health.state is State.EXPIRING
    assert words in (health.reason or "")
    assert health.remedy


@pytest.mark.parametrize("vendor", list(Vendor))
@pytest.mark.parametrize("method", list(Method))
@pytest.mark.parametrize("source", list(Source))
def test_what_needs_a_person_says_why_and_what_to_do(vendor: Vendor, method: Method, source: Source) -> None:
    for status in (Status.NEEDS_REAUTH, Status.ERROR):
        row = connection(vendor=vendor, method=method, source=source, status=status, reason="It was revoked.")
        # Whether it would have ended soon does not matter any more.
        row.grant_expires_at = NOW + timedelta(days=1)
        health = health_of(row, NOW)
        assert health.state == status.value
        assert health.reason == "It was revoked."
        assert health.remedy
        assert health.remedy.endswith(".")


def test_what_was_disconnected_says_so() -> None:
    health = health_of(connection(status=Status.DISCONNECTED), NOW)
    assert health.state is State.DISCONNECTED
    assert health.reason

"""A manifest's limits become spacings and bursts that stay below what the vendor counts, however it counts."""

import pytest
from pydantic import ValidationError

from services.shared.sdk.manifest import Budget, Limits
from services.shared.sdk.registry import manifests
from services.worker.limits.rates import HEADROOM, JITTER_SECONDS, Bucket, Limiting, Rates, overridden

ALL = ("GET", "/users/1")


def rates(**limits: object) -> Rates:
    said = {"calls_per_second": 10, "concurrency": 4, "source": "test", **limits}
    return Rates("Slack", Limits.model_validate(said))


def at_once(bucket: Bucket) -> float:
    return bucket.slack / bucket.spacing + 1


def in_window(bucket: Bucket, seconds: float) -> float:
    """The most calls that may leave in so long."""
    return at_once(bucket) + seconds / bucket.spacing


def test_a_little_less_than_the_rate_is_used_and_bunching_up_fits_into_the_burst() -> None:
    (bucket,) = rates().buckets(*ALL)
    assert 1 / bucket.spacing == pytest.approx(10 * HEADROOM)
    assert at_once(bucket) == pytest.approx(10 - 10 * JITTER_SECONDS), (
        "one second's worth, when no burst is said"
    )
    (bucket,) = rates(burst=180).buckets(*ALL)
    assert at_once(bucket) == pytest.approx(180 - 10 * JITTER_SECONDS)


@pytest.mark.parametrize(("calls", "per_seconds"), [(100, 60), (100, 10), (1000, 60), (5000, 3600), (3, 60)])
def test_a_vendor_that_counts_in_windows_is_not_passed_either(calls: float, per_seconds: float) -> None:
    made = rates(budgets=(Budget(key="window", calls=calls, per_seconds=per_seconds),))
    bucket = made.buckets(*ALL)[1]
    assert in_window(bucket, per_seconds) <= max(calls, calls * HEADROOM + 1) + 1e-6


@pytest.mark.parametrize("per_second", [0.1, 0.5, 1, 1.5])
def test_slow_vendors_are_called_one_at_a_time(per_second: float) -> None:
    (bucket,) = rates(calls_per_second=per_second).buckets(*ALL)
    assert at_once(bucket) == pytest.approx(1, abs=0.2)


def test_a_call_draws_from_the_general_rate_and_every_budget_that_it_fits() -> None:
    made = rates(
        budgets=(
            Budget(key="writes", calls=5, methods=("POST", "PUT")),
            Budget(key="users", calls=3, path="/users"),
            Budget(key="groups", calls=3, path="/groups"),
        )
    )
    keys = {
        call: tuple(bucket.key for bucket in made.buckets(*call))
        for call in (("POST", "/users"), ("GET", "/users/1"), ("PUT", "/x"), ("GET", "/x"))
    }
    assert keys == {
        ("POST", "/users"): ("all", "writes", "users"),
        ("GET", "/users/1"): ("all", "users"),
        ("PUT", "/x"): ("all", "writes"),
        ("GET", "/x"): ("all",),
    }


def test_writes_of_one_object_are_one_and_its_name_is_not_told() -> None:
    made = rates(one_write_per=r"/(?:Users|Groups)/([^/]+)")
    one = made.object_of("PATCH", "/scim/v2/Groups/jo@acme.example")
    assert one
    assert "jo" not in one
    assert made.object_of("DELETE", "/scim/v2/Groups/jo@acme.example/members/7") == one
    assert made.object_of("PATCH", "/scim/v2/Groups/other") not in {"", one}
    assert made.object_of("GET", "/scim/v2/Groups/jo@acme.example") == "", "reads may come at once"
    assert made.object_of("POST", "/scim/v2/Groups") == "", "what is made has no name yet"
    assert rates().object_of("PATCH", "/scim/v2/Groups/1") == "", "this vendor does not mind"


@pytest.mark.parametrize(
    ("limits", "words"),
    [
        ({"calls_per_second": 3}, "3 calls a second"),
        ({"calls_per_second": 100 / 60}, "100 calls a minute"),
        ({"calls_per_second": 1}, "1 call a second"),
        ({"budgets": (Budget(key="b", calls=600, per_seconds=60),)}, "600 calls a minute"),
        ({"budgets": (Budget(key="b", calls=100, per_seconds=10),)}, "100 calls in 10 seconds"),
        ({"budgets": (Budget(key="b", calls=5000, per_seconds=3600),)}, "5000 calls an hour"),
    ],
)
def test_people_are_told_the_vendors_own_limit(limits: dict[str, object], words: str) -> None:
    assert rates(**limits).buckets(*ALL)[-1].words == words


def test_an_installation_may_say_what_it_was_granted() -> None:
    manifest = manifests()[0]
    limiting = Limiting({manifest.vendor: {"calls_per_second": 500, "budgets": []}})
    (bucket,) = limiting.rates(manifest).buckets(*ALL)
    assert 1 / bucket.spacing == pytest.approx(500 * HEADROOM)
    assert limiting.rates(manifest).concurrency == manifest.limits.concurrency
    with pytest.raises(ValidationError):
        overridden(manifest.limits, {"calls_per_second": 0})
    with pytest.raises(ValidationError):
        overridden(manifest.limits, {"calls_a_second": 5})


def test_apps_of_one_vendor_have_one_set_of_limits() -> None:
    """They share a connection, so they share its buckets."""
    said: dict[str, Limits] = {}
    for manifest in manifests():
        kept = said.setdefault(manifest.vendor, manifest.limits)
        rates = ("calls_per_second", "burst", "concurrency", "budgets", "one_write_per")
        assert [getattr(manifest.limits, name) for name in rates] == [getattr(kept, name) for name in rates]

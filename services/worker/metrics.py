"""The worker's metrics. No tenant is ever a label."""

from collections.abc import Sequence

from prometheus_client import Counter, Gauge, Histogram

from services.shared.kit.jobs.ledger import Depth

JOBS = Counter("oneclick_jobs_total", "Jobs ended, by what became of them", ["kind", "outcome"])
JOB_SECONDS = Histogram("oneclick_job_seconds", "Time a job was worked on", ["kind"])
START_DELAY = Histogram(
    "oneclick_job_start_delay_seconds",
    "From due to claimed",
    ["kind"],
    buckets=(0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2, 5, 15, 60, 300),
)
RUNNING = Gauge("oneclick_jobs_running", "Jobs being worked on by this process")
LEASES_LOST = Counter("oneclick_leases_lost_total", "Jobs that somebody else had claimed meanwhile")
DEPTH = Gauge("oneclick_jobs_waiting", "Jobs in the ledger", ["kind", "state"])
OLDEST = Gauge("oneclick_oldest_due_job_seconds", "Age of the oldest due job", ["kind"])
VENDOR_CALLS = Counter("oneclick_vendor_calls_total", "Calls to vendors", ["vendor", "method", "status"])
VENDOR_SECONDS = Histogram("oneclick_vendor_call_seconds", "Time a vendor took", ["vendor"])
EFFECTS_UNKNOWN = Counter(
    "oneclick_effects_unknown_total", "Writes of which we do not know whether they happened", ["vendor"]
)
LOOKS = Counter(
    "oneclick_looks_total", "Looks at invitations and tasks that wait, by what was seen", ["vendor", "seen"]
)
COOLDOWNS = Counter("oneclick_cooldowns_total", "Times a vendor asked to be left alone", ["vendor"])
PAUSED = Counter(
    "oneclick_apps_paused_total", "Times an app waited for its account to be reconnected", ["vendor"]
)
CONNECTION_TESTS = Counter(
    "oneclick_connection_tests_total", "Tests of connected accounts, by outcome", ["vendor", "outcome"]
)
BELL_UP = Gauge("oneclick_bell_up", "Whether the bell (Redis) is heard")
LIMIT_WAITS = Histogram(
    "oneclick_limit_wait_seconds",
    "Time that calls waited in place for their turn under a vendor's limits",
    ["vendor"],
    buckets=(0.01, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5),
)
LIMIT_PUT_OFF = Counter(
    "oneclick_limit_put_off_total", "Calls not made because their turn was too far off", ["vendor", "why"]
)
LIMITS_IN_DATABASE = Gauge(
    "oneclick_limits_in_database", "Whether vendors' limits are kept in the database, because Redis is away"
)
SUBSCRIPTION_STEPS = Counter(
    "oneclick_subscription_steps_total", "Steps of subscriptions at Microsoft", ["step", "outcome"]
)
"""`done`; `refused`, which a person must mend; `retrying`, which may pass by itself."""
for _step in ("create", "renew", "reauthorize", "delete"):
    for _outcome in ("done", "refused", "retrying"):
        # Prometheus sees no increase in a series that begins with its first refusal.
        SUBSCRIPTION_STEPS.labels(_step, _outcome)
SUBSCRIPTIONS_LAPSED = Counter(
    "oneclick_subscriptions_lapsed_total", "Subscriptions that ended before they were renewed"
)
SUBSCRIPTIONS_MISSING = Counter(
    "oneclick_subscriptions_missing_total", "Subscriptions that were wanted and not at Microsoft any more"
)
NOTIFICATIONS = Counter(
    "oneclick_notifications_processed_total", "Notifications worked on, by what became of them", ["outcome"]
)
RESYNCS = Counter("oneclick_resyncs_total", "Rounds of reading by delta", ["outcome"])
_seen: set[tuple[str, str]] = set()


def set_depth(found: Sequence[Depth]) -> None:
    """What is in the ledger now. What was there before and is not any more is none."""
    now = {(item.kind, item.state): item for item in found}
    _seen.update(now)
    for kind, state in _seen:
        item = now.get((kind, state))
        DEPTH.labels(kind, state).set(item.jobs if item else 0)
        if state == "queued":
            OLDEST.labels(kind).set(item.oldest_seconds if item else 0)

"""What the clock measures: when each tick last did its work, how long it took, how often it failed."""

from prometheus_client import Counter, Gauge, Histogram

LAST_SUCCESS = Gauge(
    "oneclick_scheduler_last_success_timestamp_seconds",
    "When a tick last succeeded, in Unix seconds",
    ["tick"],
)
FAILURES = Counter("oneclick_scheduler_failures", "Ticks that failed, by why", ["tick", "reason"])
SECONDS = Histogram(
    "oneclick_scheduler_tick_seconds",
    "How long a tick took, whatever came of it",
    ["tick"],
    buckets=(0.01, 0.05, 0.1, 0.5, 1, 5, 10, 30, 60),
)

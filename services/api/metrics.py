"""Prometheus metrics of the product's edge. No tenant is ever a label."""

from prometheus_client import Counter, Gauge, Histogram

REQUESTS_CREATED = Counter("oneclick_requests_created_total", "Requests accepted", ["kind", "dry_run"])
WAIT_SECONDS = Histogram(
    "oneclick_api_wait_seconds",
    "Time that calls waited for the worker",
    ["what", "outcome"],
    buckets=(0.05, 0.1, 0.25, 0.5, 1, 2, 5, 10),
)
STREAMS = Gauge("oneclick_api_event_streams", "Event streams that are open now")
EVENTS_SENT = Counter("oneclick_api_events_sent_total", "Events sent to live pages")
DELIVERIES = Counter(
    "oneclick_webhook_deliveries_total", "Vendors' deliveries, by what became of them", ["vendor", "outcome"]
)
HASTENED = Counter(
    "oneclick_webhook_hastened_total", "Waiting apps that were looked at because a vendor told", ["vendor"]
)
OVERDUE = Gauge(
    "oneclick_schedules_overdue_seconds", "How long the oldest schedule is due that was not fired; 0: none is"
)
NOTIFICATIONS_IN = Counter(
    "oneclick_notifications_in_total",
    "Microsoft's notifications that came in, by what became of them",
    ["outcome"],
)
INTAKE_BATCH = Histogram(
    "oneclick_notification_intake_posts",
    "Posts that were stored together",
    buckets=(1, 2, 5, 10, 25, 50, 100),
)
SUBSCRIPTIONS_RENEWED = Counter(
    "oneclick_subscriptions_promised_total", "Subscriptions that the hourly sweep promised to see to"
)
SCHEDULES = Counter(
    "oneclick_schedule_times", "Times of schedules that were taken, by what came of them", ["outcome"]
)
API_KEY_LOOKUPS = Counter(
    "oneclick_api_key_lookups_total", "API keys of calls, by how they were known", ["outcome"]
)
CALLS_REFUSED = Counter(
    "oneclick_api_calls_refused_total", "Calls refused because there were too many, by which limit", ["limit"]
)
CONNECTION_CHANGES = Counter(
    "oneclick_connection_changes_total",
    "Changes of connected accounts that were noticed",
    ["vendor", "change"],
)

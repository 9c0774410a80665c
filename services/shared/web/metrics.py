"""Prometheus metrics of the HTTP edge. No tenant is ever a label."""

from prometheus_client import Histogram

REQUEST_SECONDS = Histogram(
    "oneclick_http_request_seconds",
    "Time to answer, by route template",
    ["method", "route", "status"],
    buckets=(0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10),
)


def observe_request(method: str, route: str, status: int, seconds: float) -> None:
    """Count one answered request. Unknown methods are folded so that clients cannot mint labels."""
    known = method if method in {"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"} else "OTHER"
    REQUEST_SECONDS.labels(known, route, f"{status // 100}xx").observe(seconds)

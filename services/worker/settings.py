"""The worker's settings."""

import os
from collections.abc import Mapping
from typing import Any

from pydantic import Field, Json, field_validator

from services.shared.kit.settings import (
    DatabaseSettings,
    ProcessSettings,
    RedisSettings,
    ServiceTokenSettings,
)
from services.shared.sdk.manifest import Limits
from services.worker.limits.rates import overridden

VENDOR_URLS = {
    "google_api": "https://admin.googleapis.com",
    "google_licensing": "https://licensing.googleapis.com",
    "ms_graph": "https://graph.microsoft.com",
    "slack_scim": "https://api.slack.com/scim/v2",
    "slack_api": "https://slack.com/api",
    "atlassian_scim": "https://api.atlassian.com/scim/directory",
    "atlassian_admin": "https://api.atlassian.com",
    "github_api": "https://api.github.com",
    "clickup_api": "https://api.clickup.com/api/v2",
    "zoom_api": "https://api.zoom.us/v2",
    "hubspot_api": "https://api.hubapi.com",
}
_ANY_LIMITS = Limits(calls_per_second=1, concurrency=1, source="none")


class WorkerSettings(ProcessSettings, DatabaseSettings, RedisSettings, ServiceTokenSettings):
    """Times are in seconds."""

    port: int = Field(default=8103, ge=0, le=65535)
    database_pool_size: int = Field(default=20, ge=2, le=200)
    worker_slots: int = Field(default=50, ge=1, le=1000)
    """Jobs at once in this process."""
    worker_lease_seconds: float = Field(default=30.0, gt=0.5)
    worker_idle_seconds: float = Field(default=10.0, ge=1.0)
    """A transaction of ours that says nothing for this long is ended by the database: a frozen worker
    must not keep its jobs locked for longer than a lease."""
    worker_poll_seconds: float = Field(default=1.0, gt=0.05, le=2.0)
    worker_stop_seconds: float = Field(default=3.0, ge=0)
    """How long running jobs may go on after SIGTERM before they are handed back."""
    worker_max_tries: int = Field(default=8, ge=1)
    """Tries of one action after failures that may pass; rate limits and settling have their own bounds."""
    worker_backoff_seconds: float = Field(default=1.0, gt=0)
    worker_limits: Json[dict[str, dict[str, Any]]] = Field(default={}, validate_default=False)
    """Vendors' limits that differ from their manifests', e.g. `{"google": {"calls_per_second": 100}}` after Google
    raised the quota. The members are those of `Limits`."""
    notifications_url: str | None = Field(default=None, pattern=r"^https?://[^\s?#]+/api/ms365/webhook$")
    """Where Microsoft posts notifications: the public address with `/api/ms365/webhook`. Without it nothing is
    subscribed to, and every subscription says so."""
    http_transport: str = Field(default="aiohttp", pattern="^(aiohttp|httpx)$")

    @field_validator("worker_limits")
    @classmethod
    def _limits(cls, value: dict[str, dict[str, Any]]) -> dict[str, dict[str, Any]]:
        for said in value.values():
            overridden(_ANY_LIMITS, said)
        return value


def read_endpoints(environ: Mapping[str, str] | None = None) -> dict[str, str]:
    """Base URLs by the names that manifests use: `GOOGLE_API_URL` overrides `google_api`'s default."""
    source = os.environ if environ is None else environ
    named = {
        key.removesuffix("_URL").lower(): value.rstrip("/")
        for key, value in source.items()
        if key.endswith("_URL")
    }
    return {**VENDOR_URLS, **named}

"""The api's settings."""

from pydantic import Field

from services.shared.kit.settings import (
    DatabaseSettings,
    ProcessSettings,
    RedisSettings,
    ServiceTokenSettings,
)
from services.shared.web.service_tokens import AcceptedServiceTokens


class ApiSettings(
    ProcessSettings, DatabaseSettings, RedisSettings, ServiceTokenSettings, AcceptedServiceTokens
):
    """Times are in seconds. `SERVICE_TOKENS` names who may call `/api/internal`."""

    port: int = Field(default=8102, ge=0, le=65535)
    database_pool_size: int = Field(default=20, ge=2, le=200)
    wait_seconds: float = Field(default=10.0, ge=0, le=25)
    """How long a call waits for the worker before it answers with what is there."""
    retention_days: int = Field(default=30, ge=1, le=3650)
    """How long finished jobs and events are kept."""
    api_key_cache_seconds: float = Field(default=4.0, ge=0, le=10)
    """How long a call with an API key is let through on what the auth service said before."""
    api_key_calls_per_minute: int = Field(default=600, ge=1, le=60_000)
    """What a new API key may do, unless who makes it says otherwise."""
    refused_deliveries_per_minute: int = Field(default=120, ge=1, le=60_000)
    """From one address, of what no vendor has signed; beyond that the answer is 429 without a look at it."""
    trusted_proxies: int = Field(default=0, ge=0, le=8)
    """How many proxies of ours a call passes, each of which adds to `X-Forwarded-For` whom it saw."""

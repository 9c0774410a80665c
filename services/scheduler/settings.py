"""The scheduler's settings, read once at the entry point."""

from urllib.parse import urlsplit

from pydantic import Field, field_validator

from services.shared.kit.settings import ProcessSettings, ServiceTokenSettings


class SchedulerSettings(ProcessSettings, ServiceTokenSettings):
    """Times in seconds."""

    port: int = Field(default=8104, ge=0, le=65535)
    api_url: str = "http://127.0.0.1:8102"
    scheduler_interval: float = Field(default=60.0, ge=0.05, le=3600)
    """Between two sweeps."""
    scheduler_timeout: float = Field(default=30.0, gt=0, le=300)
    """For one call's whole answer; whoever takes longer is asked again at the next tick."""

    @field_validator("api_url", "auth_url")
    @classmethod
    def _address(cls, value: str) -> str:
        parts = urlsplit(value)
        if parts.scheme not in {"http", "https"} or not parts.hostname:
            raise ValueError("must be an address such as http://api:8000")
        return value.rstrip("/")

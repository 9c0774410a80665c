"""The bff's settings, read once at the entry point."""

from pathlib import Path
from urllib.parse import urlsplit

from pydantic import Field, field_validator, model_validator

from services.shared.kit.settings import Environment, ProcessSettings, ServiceTokenSettings

LOOPBACK = frozenset({"127.0.0.1", "::1", "localhost"})


class BffSettings(ProcessSettings, ServiceTokenSettings):
    """Addresses without a path; times in seconds."""

    port: int = Field(default=8100, ge=0, le=65535)
    api_url: str = "http://127.0.0.1:8102"
    public_url: str
    """What people type: scheme, host and port."""
    webui_dir: Path = Path("webui/dist")

    session_cache_seconds: float = Field(default=5.0, ge=0, le=10)
    """How long a call may be let through on what the auth service said before."""
    stream_check_seconds: float = Field(default=7.0, gt=0, le=10)
    """How often an open stream's session is asked for. Seven, one for an answer that streams share, and two that an
    answer may take make the ten seconds within which an ended session must have lost its streams."""
    streams_per_session: int = Field(default=10, ge=1, le=100)
    stop_seconds: int = Field(default=4, ge=1, le=30)
    """How long calls under way may take to end when the process is stopped; streams are ended at once."""

    @field_validator("public_url", "api_url", "auth_url")
    @classmethod
    def _origin(cls, value: str) -> str:
        parts = urlsplit(value)
        if parts.scheme not in {"http", "https"} or not parts.hostname:
            raise ValueError("must be an address such as https://oneclick.example.com")
        if parts.path.strip("/") or parts.query or parts.fragment or parts.username:
            raise ValueError("must have no path, query or user")
        return f"{parts.scheme}://{parts.netloc}"

    @model_validator(mode="after")
    def _secure(self) -> "BffSettings":
        parts = urlsplit(self.public_url)
        if (
            self.environment is Environment.PRODUCTION
            and parts.scheme != "https"
            and parts.hostname not in LOOPBACK
        ):
            raise ValueError(
                "PUBLIC_URL must begin with https://: browsers keep the session's cookie on no other"
            )
        return self

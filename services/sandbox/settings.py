"""Settings, read once at the start."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

from pydantic import AfterValidator, Field
from pydantic_settings import BaseSettings, SettingsConfigDict

from services.sandbox.behaviour import Behaviour


class SandboxSettings(BaseSettings):
    model_config = SettingsConfigDict(env_prefix="SANDBOX_", extra="ignore", frozen=True)

    host: Annotated[str, Field(validation_alias="HOST")] = "127.0.0.1"
    port: Annotated[int, Field(validation_alias="PORT", ge=0, le=65535)] = 8190
    log_level: Annotated[str, Field(validation_alias="LOG_LEVEL")] = "INFO"

    oidc_client_secret: str = "sandbox-oidc-secret"  # noqa: S105 - the documented default of a stand-in
    ms_client_secret: str = "sandbox-graph-secret"  # noqa: S105 - the documented default of a stand-in
    google_service_account_file: Path | None = None
    """A key file as Google writes it; without one a key pair is made at the start."""
    public_url: Annotated[str | None, AfterValidator(lambda url: url and url.rstrip("/"))] = None
    """The address that browsers use; without one each request's Host header decides."""
    app_url: Annotated[str | None, AfterValidator(lambda url: url and url.rstrip("/"))] = None
    """Where OneClick is served to browsers: its `/auth/oauth/<vendor>/callback` is registered at every vendor."""
    seed: Path | None = None
    """JSON: {"google": [account, …], "microsoft": […]}, accounts as `POST /control/{vendor}/users` takes them."""
    settle_seconds: Annotated[float, Field(ge=0)] = 0
    latency_ms: Annotated[float, Field(ge=0)] = 0

    def behaviour(self, **vendor: Any) -> Behaviour:
        """How a vendor's twin behaves at the start; `vendor` names what is particular to one."""
        return Behaviour(settle_seconds=self.settle_seconds, latency_ms=self.latency_ms, **vendor)

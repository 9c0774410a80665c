"""The auth service's settings, read once at the entry point."""

from urllib.parse import urlsplit

from pydantic import Field, SecretStr, field_validator, model_validator

from services.auth.environment.base import OptionalPath, OptionalSecret, OptionalText, read_file
from services.auth.environment.vendors import VendorSettings
from services.auth.vault.ring import LocalKeyRing, parse_ring
from services.shared.kit.settings import (
    DatabaseSettings,
    Environment,
    ProcessSettings,
    Settings,
    read_settings,
)
from services.shared.web.service_tokens import AcceptedServiceTokens

LOOPBACK = frozenset({"127.0.0.1", "::1", "localhost"})


class VaultSettings(Settings):
    """`VAULT_KEYS`, or the same text in the file `VAULT_KEYS_FILE`. Without a key there is no start."""

    vault_keys: OptionalSecret = None
    vault_keys_file: OptionalPath = None

    @model_validator(mode="after")
    def _has_a_ring(self) -> "VaultSettings":
        self.ring()
        return self

    def ring(self) -> LocalKeyRing:
        """The key-encryption keys.

        Raises:
            ValueError: none is there, or one is not usable; the message names it, never its value.
        """
        if self.vault_keys is not None:
            text, variable = self.vault_keys.get_secret_value(), "VAULT_KEYS"
        elif self.vault_keys_file is not None:
            text, variable = read_file(self.vault_keys_file, "VAULT_KEYS_FILE"), "VAULT_KEYS_FILE"
        else:
            raise ValueError(
                "VAULT_KEYS or VAULT_KEYS_FILE: a key is needed; without one nothing can be stored"
            )
        try:
            return parse_ring(text)
        except ValueError as error:
            raise ValueError(f"{variable} {error}") from None


class OidcSettings(Settings):
    """The identity provider that operators sign in with."""

    oidc_issuer: str = Field(pattern=r"^https?://")
    oidc_client_id: str = Field(min_length=1)
    oidc_client_secret: SecretStr
    oidc_redirect_uri: str = Field(pattern=r"^https?://")
    oidc_scopes: str = "openid profile email"
    oidc_groups_claim: str = "groups"
    oidc_trust_email: bool = False
    """Whether this issuer's addresses count as verified without `email_verified` (it has none, and owns the domain)."""
    oidc_post_sign_out_uri: OptionalText = None

    @property
    def post_sign_out_uri(self) -> str:
        """Where the identity provider sends people after sign-out: by default the product's start page."""
        parts = urlsplit(self.oidc_redirect_uri)
        return self.oidc_post_sign_out_uri or f"{parts.scheme}://{parts.netloc}/"


class BrokerSettings(Settings):
    """How the broker behaves. Seconds."""

    token_vendor_timeout: float = Field(default=8.0, gt=0, le=20)
    """For a vendor's whole answer; below the time that others wait for the row's lock."""
    token_cache_seconds: float = Field(default=10.0, ge=0, le=60)
    """How long a replica hands out a token without looking at the database."""
    token_cool_down: float = Field(default=30.0, gt=0, le=3600)
    first_password_hours: float = Field(default=24.0, gt=0, le=24)
    session_idle_minutes: float = Field(default=30.0, gt=0, le=240)
    session_absolute_hours: float = Field(default=12.0, gt=0, le=12)


class BootstrapSettings(Settings):
    bootstrap_file: OptionalPath = None


class CallerSettings(AcceptedServiceTokens):
    """As everywhere, but at least one caller must be able to get in."""

    @field_validator("service_tokens", mode="after")
    @classmethod
    def _somebody(cls, tokens: dict[str, list[SecretStr]]) -> dict[str, list[SecretStr]]:
        if not tokens:
            raise ValueError("names no caller")
        return tokens

    @model_validator(mode="after")
    def _given(self) -> "CallerSettings":
        if not self.service_tokens:
            raise ValueError("SERVICE_TOKENS or SERVICE_TOKENS_FILE: needed; nobody could call this service")
        return self


class AuthSettings:
    """Every group that this service reads."""

    def __init__(
        self,
        *,
        process: ProcessSettings,
        database: DatabaseSettings,
        vault: VaultSettings,
        callers: CallerSettings,
        oidc: OidcSettings,
        vendors: VendorSettings,
        broker: BrokerSettings,
        bootstrap: BootstrapSettings,
    ) -> None:
        self.process = process
        self.database = database
        self.vault = vault
        self.callers = callers
        self.oidc = oidc
        self.vendors = vendors
        self.broker = broker
        self.bootstrap = bootstrap


def read_auth_settings() -> AuthSettings:
    """From the environment.

    Raises:
        SystemExit: a value is missing or wrong; each is named on stderr.
    """
    settings = AuthSettings(
        process=read_settings(ProcessSettings),
        database=read_settings(DatabaseSettings),
        vault=read_settings(VaultSettings),
        callers=read_settings(CallerSettings),
        oidc=read_settings(OidcSettings),
        vendors=read_settings(VendorSettings),
        broker=read_settings(BrokerSettings),
        bootstrap=read_settings(BootstrapSettings),
    )
    _refuse_plain_http(settings)
    return settings


def _refuse_plain_http(settings: AuthSettings) -> None:
    if settings.process.environment is not Environment.PRODUCTION:
        return
    addresses = {"OIDC_ISSUER": settings.oidc.oidc_issuer, **settings.vendors.addresses()}
    for name, address in addresses.items():
        parts = urlsplit(address or "https://")
        if parts.scheme != "https" and parts.hostname not in LOOPBACK:
            raise SystemExit(
                f"Cannot start: {name}: credentials are sent there, so it must begin with https://"
            )

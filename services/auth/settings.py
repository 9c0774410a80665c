"""The auth service's settings, read once at the entry point."""

import re
from collections.abc import Callable
from urllib.parse import urlsplit

import httpx
from pydantic import Field, SecretStr, field_validator, model_validator

from services.auth.environment.base import (
    OptionalPath,
    OptionalSecret,
    OptionalText,
    https_or_loopback,
    read_file,
    sealed,
)
from services.auth.environment.vendors import VendorSettings
from services.auth.vault.ring import KeyRing, LocalKeyRing, parse_ring
from services.auth.vault.secret import Secret
from services.auth.vault.transit import TransitKey, TransitKeyRing
from services.shared.kit.settings import (
    DatabaseSettings,
    Environment,
    ProcessSettings,
    Settings,
    read_settings,
)
from services.shared.web.service_tokens import AcceptedServiceTokens

_KEY_NAME = re.compile(r"[A-Za-z0-9_-]{1,64}")
LOOPBACK = frozenset({"127.0.0.1", "::1", "localhost"})


class VaultSettings(Settings):
    """Where the keys are. Without a key there is no start.

    `VAULT_KEYS`, or the same text in the file `VAULT_KEYS_FILE`; or `VAULT_TRANSIT_URL` with `VAULT_TRANSIT_KEY` and
    `VAULT_TRANSIT_TOKEN` (or a file that an agent renews), and then keys of before may stand beside, to read alone.
    """

    vault_keys: OptionalSecret = None
    vault_keys_file: OptionalPath = None
    vault_transit_url: OptionalText = None
    vault_transit_key: OptionalText = None
    vault_transit_mount: str = Field(default="transit", pattern=r"^[A-Za-z0-9_/-]{1,64}$")
    vault_transit_namespace: OptionalText = None
    vault_transit_token: OptionalSecret = None
    vault_transit_token_file: OptionalPath = None

    @model_validator(mode="after")
    def _has_a_ring(self) -> "VaultSettings":
        if self._transit() is None and self._local() is None:
            raise ValueError(
                "VAULT_KEYS or VAULT_KEYS_FILE: a key is needed; without one nothing can be stored"
            )
        return self

    def ring(self, client: httpx.AsyncClient) -> KeyRing:
        """The key-encryption keys; `client` is the way to Transit."""
        local, transit = self._local(), self._transit()
        if transit is not None:
            return TransitKeyRing(client, transit, older=local)
        assert local is not None  # noqa: S101  # the validator has seen that there is one
        return local

    def _local(self) -> LocalKeyRing | None:
        if self.vault_keys is not None:
            text, variable = self.vault_keys.get_secret_value(), "VAULT_KEYS"
        elif self.vault_keys_file is not None:
            text, variable = read_file(self.vault_keys_file, "VAULT_KEYS_FILE"), "VAULT_KEYS_FILE"
        else:
            return None
        try:
            return parse_ring(text)
        except ValueError as error:
            raise ValueError(f"{variable} {error}") from None

    def _transit(self) -> TransitKey | None:
        url, key = self.vault_transit_url, self.vault_transit_key
        if url is None:
            return None
        url = https_or_loopback(url, "VAULT_TRANSIT_URL")
        if key is None or not _KEY_NAME.fullmatch(key):
            raise ValueError("VAULT_TRANSIT_KEY: the key's name is needed beside VAULT_TRANSIT_URL")
        return TransitKey(
            url, key, self._transit_token(), self.vault_transit_mount, self.vault_transit_namespace
        )

    def _transit_token(self) -> Callable[[], Secret]:
        if self.vault_transit_token is not None:
            token = sealed(self.vault_transit_token)
            return lambda: token
        if (path := self.vault_transit_token_file) is not None:
            read_file(path, "VAULT_TRANSIT_TOKEN_FILE")
            return lambda: Secret(read_file(path, "VAULT_TRANSIT_TOKEN_FILE").strip())
        raise ValueError("VAULT_TRANSIT_TOKEN or VAULT_TRANSIT_TOKEN_FILE: needed beside VAULT_TRANSIT_URL")


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
    addresses = {
        "OIDC_ISSUER": settings.oidc.oidc_issuer,
        "VAULT_TRANSIT_URL": settings.vault.vault_transit_url,
        **settings.vendors.addresses(),
    }
    for name, address in addresses.items():
        parts = urlsplit(address or "https://")
        if parts.scheme != "https" and parts.hostname not in LOOPBACK:
            raise SystemExit(
                f"Cannot start: {name}: credentials are sent there, so it must begin with https://"
            )

"""The scheduler's settings, read once at the entry point: from the environment, else from `config.yaml`."""

import os
import sys
from pathlib import Path
from typing import NoReturn
from urllib.parse import urlsplit

import yaml
from pydantic import AliasChoices, Field, field_validator
from pydantic_settings import (
    BaseSettings,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
)

from services.shared.kit.recurrence import BadRule, check_cron
from services.shared.kit.settings import ProcessSettings, ServiceTokenSettings
from services.shared.kit.wallclock import UnknownZone, get_zone

CONFIG_FILE = "CONFIG_FILE"
DEFAULT_FILE = "config.yaml"
SECTION = "scheduler"


class SchedulerSettings(ProcessSettings, ServiceTokenSettings):
    """Times in seconds. In the file, names may stand under `scheduler:`, in lower case."""

    model_config = SettingsConfigDict(populate_by_name=True)

    port: int = Field(default=8104, ge=0, le=65535)
    api_url: str = "http://127.0.0.1:8102"
    scheduler_interval: float = Field(default=60.0, ge=0.05, le=3600)
    """Between two sweeps of what has expired."""
    scheduler_timeout: float = Field(default=30.0, gt=0, le=300)
    """For one call's whole answer; whoever takes longer is asked again at the next tick."""
    fire_interval: float = Field(default=1.0, ge=0.05, le=60)
    """Between two looks at what is due; the time of the next schedule is looked at besides."""
    check_interval: str = "* * * * *"
    """When runs that lost their job are looked for: a cron expression on the clocks of `time_zone`."""
    time_zone: str = Field(
        default="UTC", validation_alias=AliasChoices("scheduler_time_zone", "time_zone", "timezone")
    )
    misfire_grace: float = Field(default=3 * 24 * 3600, gt=0, le=366 * 24 * 3600)
    """What was due longer ago than this is marked as missed instead of run."""
    catch_up: int = Field(
        default=10, ge=1, le=100, validation_alias=AliasChoices("schedule_catch_up", "catch_up")
    )
    """Of a repeating schedule whose times passed while nothing ran, so many run, the newest; the others are marked."""
    schedule_retries: int = Field(
        default=3, ge=0, le=100, validation_alias=AliasChoices("schedule_retries", "retries")
    )
    schedule_retry_delay: int = Field(
        default=300, ge=1, le=24 * 3600, validation_alias=AliasChoices("schedule_retry_delay", "retry_delay")
    )
    """Before the first try again; each later one waits twice as long."""
    renew_interval: float = Field(default=3600.0, ge=0.05, le=24 * 3600)
    """Between two sweeps of subscriptions at Microsoft."""
    refresh_interval: float = Field(default=3600.0, ge=0.05, le=24 * 3600)
    """Between two calls that renew what expires within a day."""
    rewrap_interval: float = Field(default=3600.0, ge=0.05, le=24 * 3600)
    """Between two looks at what is still sealed under an older key of the vault."""
    follow_interval: float = Field(default=10.0, ge=0.05, le=3600)
    """Between two looks at how connected accounts are: so long after a reconnect at most, what waited goes on."""
    test_interval: float = Field(default=3600.0, ge=0.05, le=24 * 3600)
    """Between two looks at which accounts were not tested for a week."""

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,  # noqa: ARG003  # the base class's signature
        file_secret_settings: PydanticBaseSettingsSource,  # noqa: ARG003  # the same
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """The environment first, then the file."""
        return init_settings, env_settings, *_files(settings_cls)

    @field_validator("api_url", "auth_url")
    @classmethod
    def _address(cls, value: str) -> str:
        parts = urlsplit(value)
        if parts.scheme not in {"http", "https"} or not parts.hostname:
            raise ValueError("must be an address such as http://api:8000")
        return value.rstrip("/")

    @field_validator("check_interval")
    @classmethod
    def _cron(cls, value: str) -> str:
        try:
            return check_cron(value)
        except BadRule as error:
            raise ValueError(str(error)) from error

    @field_validator("time_zone")
    @classmethod
    def _zone(cls, value: str) -> str:
        try:
            get_zone(value)
        except UnknownZone:
            raise ValueError("is no IANA time zone such as Europe/Berlin") from None
        return value


def _refuse(why: str) -> NoReturn:
    sys.stderr.write(f"Cannot start: {CONFIG_FILE}: {why}\n")
    raise SystemExit(2)


def _files(settings_cls: type[BaseSettings]) -> list[PydanticBaseSettingsSource]:
    named = os.environ.get(CONFIG_FILE)
    path = Path(named or DEFAULT_FILE)
    if not path.is_file():
        if named:
            _refuse(f"{named} is no file")
        return []
    try:
        said = yaml.safe_load(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        _refuse(f"{path} cannot be read ({type(error).__name__})")
    return [_Section(settings_cls, path, said)]


class _Section(PydanticBaseSettingsSource):
    """What a file says of us: under its `scheduler:`, and beside it. What else is beside it is for others."""

    def __init__(self, settings_cls: type[BaseSettings], path: Path, said: object) -> None:
        super().__init__(settings_cls)
        if said is not None and not isinstance(said, dict):
            _refuse(f"{path} holds no names and values")
        top = dict(said or {})
        own = top.pop(SECTION, None) or {}
        if not isinstance(own, dict):
            _refuse(f"{path}: {SECTION} holds no names and values")
        names = _names(settings_cls)
        if unknown := sorted(str(name) for name in own if name not in names):
            _refuse(f"{path}: {SECTION}.{unknown[0]} is not a setting")
        self._said = {names[name]: value for name, value in {**top, **own}.items() if name in names}

    def get_field_value(self, field: object, field_name: str) -> tuple[object, str, bool]:  # noqa: ARG002  # the base class's signature
        """Not asked: the whole is given at once."""
        return None, field_name, False

    def __call__(self) -> dict[str, object]:
        """Every value of the file."""
        return self._said


def _names(settings_cls: type[BaseSettings]) -> dict[str, str]:
    """Every name in a file, and the one that ranks last: the environment may use any of the others."""
    names: dict[str, str] = {}
    for name, info in settings_cls.model_fields.items():
        alias = info.validation_alias
        choices = [str(choice) for choice in alias.choices] if isinstance(alias, AliasChoices) else [name]
        names |= dict.fromkeys([name, *choices], choices[-1])
    return names

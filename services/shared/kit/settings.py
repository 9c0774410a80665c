"""Settings in groups, read once at the entry point; a wrong value stops the start and names itself."""

import sys
from enum import StrEnum
from typing import NoReturn, TypeVar

from pydantic import Field, RedisDsn, SecretStr, ValidationError
from pydantic_settings import BaseSettings, SettingsConfigDict

T = TypeVar("T", bound=BaseSettings)


class Environment(StrEnum):
    PRODUCTION = "production"
    LOCAL = "local"
    TEST = "test"


class Settings(BaseSettings):
    """Base of every group: variables in upper case, unknown ones left alone."""

    model_config = SettingsConfigDict(extra="ignore", frozen=True, hide_input_in_errors=True)


class ProcessSettings(Settings):
    """What every process has."""

    host: str = "127.0.0.1"
    port: int = Field(default=0, ge=0, le=65535)
    environment: Environment = Environment.PRODUCTION
    log_level: str = Field(default="INFO", pattern="^(DEBUG|INFO|WARNING|ERROR)$")
    log_format: str = Field(default="json", pattern="^(json|console)$")
    fault_points: str = ""
    """Test switch: `name=action[:argument]`, comma separated. Refused in production."""


class DatabaseSettings(Settings):
    database_url: SecretStr
    database_pool_size: int = Field(default=10, ge=1, le=200)


class RedisSettings(Settings):
    redis_url: RedisDsn


class ServiceTokenSettings(Settings):
    """How this process calls the others."""

    service_token: SecretStr
    auth_url: str = "http://127.0.0.1:8101"


def read_settings(group: type[T]) -> T:
    """One group from the environment.

    Raises:
        SystemExit: a value is missing or wrong; each is named on stderr.
    """
    try:
        return group()
    except ValidationError as error:
        _refuse(error)


def _refuse(error: ValidationError) -> NoReturn:
    for problem in error.errors(include_input=False, include_url=False):
        name = "_".join(str(part) for part in problem["loc"]).upper()
        sys.stderr.write(f"Cannot start: {name}: {problem['msg']}\n")
    raise SystemExit(2)

"""The entry point: `python -m services.sandbox`."""

from __future__ import annotations

import logging
import sys

import uvicorn
from pydantic import ValidationError

from services.sandbox.app import create_app
from services.sandbox.settings import SandboxSettings
from services.sandbox.wire.reset import ResettableProtocol


def _variable(field: str) -> str:
    """Return the environment variable that a setting is read from."""
    info = SandboxSettings.model_fields.get(field)
    return field.upper() if info is None or info.validation_alias else f"SANDBOX_{field.upper()}"


def main() -> None:
    try:
        settings = SandboxSettings()
        logging.basicConfig(level=settings.log_level.upper())
        app = create_app(settings)
    except (ValidationError, ValueError, OSError) as error:
        first = error.errors()[0] if isinstance(error, ValidationError) else None
        name = _variable(str(first["loc"][0])) if first else "SANDBOX"
        sys.exit(f"{name}: {first['msg'] if first else error}")
    uvicorn.run(
        app,
        host=settings.host,
        port=settings.port,
        log_level=settings.log_level.lower(),
        access_log=False,
        http=ResettableProtocol,
        ws="none",
        timeout_graceful_shutdown=3,
    )


if __name__ == "__main__":
    main()

"""The entry point: `python -m services.auth`, or `python -m services.auth <command>`."""

import asyncio
import sys
from typing import NoReturn

import uvicorn
from sqlalchemy.exc import SQLAlchemyError

from services.auth.app import create_app, prepare
from services.auth.bootstrap.file import BadBootstrapFile
from services.auth.commands import run
from services.auth.environment.seeding import UnknownTenant
from services.auth.settings import AuthSettings, read_auth_settings
from services.auth.vault.errors import RingAway, VaultError
from services.shared.kit import faults
from services.shared.kit.http import KEEP_ALIVE_SECONDS
from services.shared.kit.logging import configure_logging

PORT = 8101
GRACE_SECONDS = 15


def main() -> None:
    """Serve until SIGTERM or SIGINT; calls that have begun are finished."""
    settings = read_auth_settings()
    process = settings.process
    configure_logging("auth", level=process.log_level, fmt=process.log_format)
    faults.arm(process.fault_points, process.environment)
    _prepare(settings)
    server = uvicorn.Server(
        uvicorn.Config(
            create_app(settings),
            host=process.host,
            port=process.port if "port" in process.model_fields_set else PORT,
            access_log=False,
            log_config=None,
            server_header=False,
            ws="none",
            timeout_keep_alive=KEEP_ALIVE_SECONDS,
            timeout_graceful_shutdown=GRACE_SECONDS,
        )
    )
    server.run()
    sys.exit(0 if server.started else 1)


def _prepare(settings: AuthSettings) -> None:
    try:
        asyncio.run(prepare(settings))
    except BadBootstrapFile as error:
        _refuse("BOOTSTRAP_FILE", str(error))
    except UnknownTenant as error:
        _refuse("CONNECTIONS_TENANT", str(error))
    except RingAway as error:
        _refuse("VAULT_TRANSIT_URL", str(error))
    except VaultError as error:
        _refuse("VAULT_KEYS", f"the keys do not open what this database holds: {error}")
    except (SQLAlchemyError, OSError) as error:
        _refuse("DATABASE_URL", f"not reachable, or the migrations have not run ({type(error).__name__})")


def _refuse(variable: str, problem: str) -> NoReturn:
    sys.stderr.write(f"Cannot start: {variable}: {problem}\n")
    raise SystemExit(2)


if __name__ == "__main__":
    if arguments := sys.argv[1:]:
        sys.exit(run(arguments))
    main()

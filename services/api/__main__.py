"""Start the api: `python -m services.api`."""

import uvicorn

from services.api.app import SERVICE, create_app
from services.api.settings import ApiSettings
from services.shared.kit import faults
from services.shared.kit.http import KEEP_ALIVE_SECONDS
from services.shared.kit.logging import configure_logging
from services.shared.kit.settings import read_settings


def main() -> None:
    """Serve until SIGTERM or SIGINT; open streams are ended, other calls have five seconds."""
    settings = read_settings(ApiSettings)
    configure_logging(SERVICE, level=settings.log_level, fmt=settings.log_format)
    faults.arm(settings.fault_points, settings.environment)
    uvicorn.run(
        create_app(settings),
        host=settings.host,
        port=settings.port,
        log_config=None,
        access_log=False,
        server_header=False,
        # Whose word about addresses counts is a setting of ours.
        proxy_headers=False,
        timeout_keep_alive=KEEP_ALIVE_SECONDS,
        timeout_graceful_shutdown=5,
    )


if __name__ == "__main__":
    main()

"""The entry point: `python -m services.scheduler`."""

import uvicorn

from services.scheduler.app import NAME, create_app
from services.scheduler.settings import SchedulerSettings
from services.shared.kit.logging import configure_logging
from services.shared.kit.settings import read_settings

STOP_SECONDS = 3


def main() -> None:
    """Tick until a signal."""
    settings = read_settings(SchedulerSettings)
    configure_logging(NAME, level=settings.log_level, fmt=settings.log_format)
    uvicorn.run(
        create_app(settings),
        host=settings.host,
        port=settings.port,
        log_config=None,
        access_log=False,
        server_header=False,
        ws="none",
        timeout_graceful_shutdown=STOP_SECONDS,
    )


if __name__ == "__main__":
    main()

"""The entry point: `python -m bff`."""

from bff.app import NAME
from bff.server import BffServer
from bff.settings import BffSettings
from services.shared.kit.logging import configure_logging
from services.shared.kit.settings import read_settings


def main() -> None:
    """Serve until a signal."""
    settings = read_settings(BffSettings)
    configure_logging(NAME, level=settings.log_level, fmt=settings.log_format)
    BffServer(settings).run()


if __name__ == "__main__":
    main()

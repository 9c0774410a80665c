"""`python -m services.worker`."""

import asyncio

import uvloop

from services.shared.kit.faults import arm
from services.shared.kit.logging import configure_logging
from services.shared.kit.settings import read_settings
from services.worker.app import work
from services.worker.settings import WorkerSettings, read_endpoints


def main() -> None:
    """Start the worker."""
    settings = read_settings(WorkerSettings)
    configure_logging("worker", level=settings.log_level, fmt=settings.log_format)
    arm(settings.fault_points, settings.environment)
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(work(settings, read_endpoints()))


if __name__ == "__main__":
    main()

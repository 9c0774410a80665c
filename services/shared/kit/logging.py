"""Logs are events with keys. Correlation, tenant and request ids are bound once and travel along."""

import logging
import re
import sys
from collections.abc import MutableMapping
from typing import Any

import structlog
from structlog.contextvars import bind_contextvars, clear_contextvars, merge_contextvars

SECRET_KEYS = re.compile(
    r"password|secret|token|authorization|cookie|assertion|api[-_]?key|private[-_]?key|client_assertion",
    re.IGNORECASE,
)
STARS = "********"


def redact(value: Any) -> Any:
    """A copy in which every value under a secret-looking key is stars."""
    if isinstance(value, dict):
        return {
            key: STARS
            if SECRET_KEYS.search(str(key)) and held not in (None, "", True, False)
            else redact(held)
            for key, held in value.items()
        }
    if isinstance(value, list | tuple):
        return [redact(item) for item in value]
    return value


def _redact_event(_logger: Any, _method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    redacted: dict[str, Any] = redact(dict(event))
    return redacted


def configure_logging(service: str, *, level: str, fmt: str) -> None:
    """Send structlog and the standard library's loggers to stdout, once per process."""
    shared: list[Any] = [
        merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.format_exc_info,
        _redact_event,
    ]
    renderer: Any = (
        structlog.processors.JSONRenderer()
        if fmt == "json"
        else structlog.dev.ConsoleRenderer(colors=sys.stdout.isatty(), pad_event_to=0)
    )
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.make_filtering_bound_logger(logging.getLevelName(level)),
        cache_logger_on_first_use=True,
    )
    handler = logging.StreamHandler(sys.stdout)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, renderer],
        )
    )
    root = logging.getLogger()
    root.handlers = [handler]
    root.setLevel(level)
    for noisy in ("httpx", "httpcore", "uvicorn.access", "arq", "apscheduler", "googleapiclient"):
        logging.getLogger(noisy).setLevel(logging.WARNING)
    bind_contextvars(service=service)


def get_logger(name: str) -> structlog.stdlib.BoundLogger:
    """The logger of a module."""
    logger: structlog.stdlib.BoundLogger = structlog.get_logger(name)
    return logger


def bind(**keys: Any) -> None:
    """Add keys to every event of this task from here on."""
    bind_contextvars(**{key: str(value) for key, value in keys.items() if value is not None})


def unbind_all() -> None:
    """Forget what was bound."""
    clear_contextvars()

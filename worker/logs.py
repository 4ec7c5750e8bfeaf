"""Structured logs on stderr: JSON for machines, text in a terminal; ids, never people."""

from __future__ import annotations

import logging
import sys
import traceback

import structlog
from structlog.typing import EventDict, Processor

from events.errors import Misconfigured, Unavailable

LEVELS = {"debug": logging.DEBUG, "info": logging.INFO, "warning": logging.WARNING, "error": logging.ERROR}


def configure(*, level: str = "info", form: str = "auto") -> None:
    """Sends every line of ours, and warnings of the libraries, to stderr. *form* is `json`, `text` or `auto`."""
    text = sys.stderr.isatty() if form == "auto" else form == "text"
    shared: list[Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.StackInfoRenderer(),
    ]
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        wrapper_class=structlog.make_filtering_bound_logger(LEVELS[level]),
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=False,
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(foreign_pre_chain=[*shared, foreign], processors=[tidy, *renderers(text)])
    )
    root = logging.getLogger()
    root.handlers = [handler]
    root.setLevel(LEVELS[level])
    # A broker that is away is said once by the stage that needs it, not several times a second.
    logging.getLogger("aiokafka").setLevel(logging.CRITICAL)
    for library in ("aiohttp", "asyncio", "asyncpg"):
        logging.getLogger(library).setLevel(max(logging.WARNING, LEVELS[level]))


def renderers(text: bool) -> list[Processor]:
    shown = structlog.dev.ConsoleRenderer(colors=sys.stderr.isatty()) if text else structlog.processors.JSONRenderer()
    return [without_values, shown]


def tidy(_logger: object, _method: str, fields: EventDict) -> EventDict:
    fields.pop("_record", None)
    fields.pop("_from_structlog", None)
    return fields


def foreign(_logger: object, _method: str, fields: EventDict) -> EventDict:
    """A library's line names the library, and is told without the values in it and what follows its first line: they
    may be a request, or what an exception says.
    """
    record = fields.get("_record")
    if not isinstance(record, logging.LogRecord):
        return fields
    return {**fields, "event": str(record.msg).partition("\n")[0], "library": record.name}


def without_values(_logger: object, _method: str, fields: EventDict) -> EventDict:
    """An exception as its type and the lines it passed: its message may carry a value, and so a person."""
    caught = fields.pop("exc_info", None)
    if caught is True:
        caught = sys.exc_info()
    error = caught[1] if isinstance(caught, tuple) else caught
    return {**fields, **where_from(error)} if isinstance(error, BaseException) else fields


def where_from(error: BaseException) -> dict[str, object]:
    frames = traceback.extract_tb(error.__traceback__)[-8:]
    said = {"says": str(error)} if isinstance(error, (Unavailable, Misconfigured)) else {}
    return {
        "error": type(error).__name__,
        **said,
        "at": [f"{frame.filename}:{frame.lineno} {frame.name}" for frame in frames],
    }

"""What the program says of itself: lines to read at a terminal, JSON elsewhere; never a secret, never a person's words."""

from __future__ import annotations

import logging
import re
import sys
import threading
import traceback
from collections.abc import Iterator
from typing import TextIO

import structlog
from structlog.types import EventDict, Processor, WrappedLogger

from bot.ledger.errors import StoreError

SECRET = re.compile(
    r"[0-9]{6,}(?::|%3[aA])[\w-]{30,}"  # a bot token: no word boundary before it, in addresses it follows « bot »
    r"|(?:syt|mat|mct|mcr)_\w{20,}"  # Matrix: Synapse, and its authentication service
    r"|(?:sk|rk|whsec)_\w+"  # Stripe
    r"|\beyJ[\w-]+\.[\w-]+\.[\w-]*"  # what HelloAsso gives to be recognised by
    r"|(?<=://)[^\s/@:]*:[^\s/@]+(?=@)"  # name and password in the address of a database
)
HIDDEN = "[…]"
QUIETER = {
    **dict.fromkeys(("httpx", "httpcore", "aiohttp", "apscheduler", "alembic", "asyncio", "stripe"), logging.WARNING),
    **dict.fromkeys(("telegram", "nio"), logging.CRITICAL),
}
"""Libraries whose everyday records are not for a host: httpx writes whole addresses, tokens included; what
python-telegram-bot says when Telegram is out of order we are told anyway, and say once; matrix-nio names people."""


def redacted(text: str) -> str:
    """Hide what looks like a secret.

    >>> redacted("GET /bot123456:AAH_abcdefghijklmnopqrstuvwxyz-12345/getMe")
    'GET /bot[…]/getMe'
    >>> redacted("Authorization: Bearer eyJhbGciOi.eyJqdGki.c2ln")
    'Authorization: Bearer […]'
    """
    return SECRET.sub(HIDDEN, text)


def set_up(out: TextIO | None = None, *, level: int = logging.INFO) -> None:
    """Send every record of every logger to ``out``, or to standard error."""
    out = out or sys.stderr
    readable = out.isatty()
    stamp = structlog.processors.TimeStamper(fmt="%H:%M:%S" if readable else "iso", utc=not readable)
    shared: list[Processor] = [structlog.stdlib.add_log_level, structlog.stdlib.add_logger_name, stamp, _without_words]
    renderer = structlog.dev.ConsoleRenderer() if readable else structlog.processors.JSONRenderer(ensure_ascii=False)
    handler = logging.StreamHandler(out)
    handler.setFormatter(_Redacting(foreign_pre_chain=shared, processors=[_STRIP, renderer]))
    logging.basicConfig(handlers=[handler], level=level, force=True)
    for name, least in QUIETER.items():
        logging.getLogger(name).setLevel(least)
    structlog.configure(
        processors=[structlog.stdlib.filter_by_level, *shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=False,
    )
    logging.captureWarnings(capture=True)
    threading.excepthook = _thread_ended


_STRIP = structlog.stdlib.ProcessorFormatter.remove_processors_meta


class _Redacting(structlog.stdlib.ProcessorFormatter):
    """The last gate: whatever a record holds, at whatever depth, its finished line is searched for secrets."""

    def format(self, record: logging.LogRecord) -> str:
        return redacted(super().format(record))


def _without_words(_logger: WrappedLogger, _method: str, event: EventDict) -> EventDict:
    """Write a trace as places in the code: what an exception says may quote what somebody typed (B44)."""
    found = event.pop("exc_info", None)
    trouble = _exception(found)
    if trouble is not None:
        event["exception"] = "\n".join(_trace(trouble))
    return event


def _thread_ended(ending: threading.ExceptHookArgs) -> None:
    structlog.get_logger().error("bug", thread=getattr(ending.thread, "name", ""), exc_info=ending.exc_value)


def _exception(found: object) -> BaseException | None:
    if isinstance(found, BaseException):
        return found
    if isinstance(found, tuple):
        return found[1] if isinstance(found[1], BaseException) else None
    return sys.exc_info()[1] if found else None


def _trace(trouble: BaseException) -> Iterator[str]:
    before = trouble.__cause__ or (None if trouble.__suppress_context__ else trouble.__context__)
    if before is not None:
        yield from _trace(before)
        yield "then:"
    for frame in traceback.extract_tb(trouble.__traceback__):
        yield f"  {frame.filename}:{frame.lineno} in {frame.name}: {frame.line}"
    yield f"{type(trouble).__module__}.{type(trouble).__qualname__}{_said(trouble)}"
    for inner in getattr(trouble, "exceptions", ()):
        yield from _trace(inner)


def _said(trouble: BaseException) -> str:
    """Keep what is said of the machine, which quotes nobody."""
    if isinstance(trouble, StoreError):
        return f": {trouble}"
    return f": {trouble.strerror}" if isinstance(trouble, OSError) and trouble.strerror else ""


__all__ = ["redacted", "set_up"]

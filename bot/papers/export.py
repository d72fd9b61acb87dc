"""The shapes in which the journal can be exported."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime

from sqlalchemy import Connection

from bot.papers.beancount import as_beancount
from bot.papers.journal import as_csv, as_json

WRITERS: Mapping[str, Callable[[Connection, Sequence[int], datetime], Iterator[str]]] = {
    "beancount": as_beancount,
    "csv": as_csv,
    "json": as_json,
}

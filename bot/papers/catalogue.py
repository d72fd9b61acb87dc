"""The catalogue of a group as a file, in the shape in which it is imported."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection

from bot.chat import Document
from bot.market import sheet_writing
from bot.market.market import Market
from bot.papers.balances import XLSX


def as_csv(connection: Connection, group: int, now: datetime) -> Document:
    """Write the catalogue as CSV."""
    products = Market(connection, group, now).catalogue.values()
    return Document("", sheet_writing.as_csv(products), "text/csv")


def as_xlsx(connection: Connection, group: int, now: datetime) -> Document:
    """Write the catalogue as an XLSX sheet."""
    products = Market(connection, group, now).catalogue.values()
    return Document("", sheet_writing.as_xlsx(products), XLSX)

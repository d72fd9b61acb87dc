"""The catalogue of a group as a file, in the shape in which it is imported."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection

from bot.chat import Attachment, Document, UndeliverableError
from bot.market import photos, sheet_writing
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


def photo(connection: Connection, attachment: Attachment) -> Document:
    """Give the photo of a product. Raises UndeliverableError where it was taken away meanwhile."""
    found = photos.photo(connection, int(attachment.arguments["group"]), int(attachment.arguments["product"]))
    if found is None:
        raise UndeliverableError("the photo was taken away")
    return Document(attachment.name, found, photos.kind_of(found))

"""Files made from the books, when they are delivered; what makes them is imported only then."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from sqlalchemy import Connection

from bot.chat import Attachment, Document
from bot.groups.chosen import settings
from bot.papers import balances, catalogue, charts, personal, slips, transfers
from bot.words import speaking

MAKERS: dict[str, Callable[[Connection, int, datetime], Document]] = {
    "balances_csv": balances.as_csv,
    "balances_xlsx": balances.as_xlsx,
    "catalogue_csv": catalogue.as_csv,
    "catalogue_xlsx": catalogue.as_xlsx,
}

SLIPS: dict[str, Callable[[Connection, int, int], Document]] = {
    "slip_csv": slips.as_csv,
    "slip_xlsx": slips.as_xlsx,
}


def make(connection: Connection, attachment: Attachment, now: datetime) -> Document:
    """Make a file from its recipe, in the language of who asked for it."""
    if attachment.maker == "product_photo":
        return catalogue.photo(connection, attachment)
    if attachment.maker == "transfer_code":
        return transfers.code(connection, attachment)
    group = int(attachment.arguments["group"])
    with speaking(str(attachment.arguments["language"]), settings(connection, group).zone):
        if attachment.maker == "digest_chart":
            return charts.digest(connection, attachment)
        if attachment.maker == "member_data":
            made = personal.as_zip(connection, group, int(attachment.arguments["member"]), now)
        elif attachment.maker in SLIPS:
            made = SLIPS[attachment.maker](connection, group, int(attachment.arguments["slip"]))
        else:
            made = MAKERS[attachment.maker](connection, group, now)
    return Document(attachment.name, made.content, made.mime)

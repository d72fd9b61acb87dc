"""The code that a bank's app scans to fill in a member's transfer (B23)."""

from __future__ import annotations

from sqlalchemy import Connection

from bot.banking.qr import transfer_code
from bot.banking.reference import reference
from bot.chat import Attachment, Document, UndeliverableError
from bot.groups.chosen import settings
from bot.ledger.money import Cents

PNG = "image/png"


def code(connection: Connection, attachment: Attachment) -> Document:
    """Draw the code of a transfer. Raises UndeliverableError where the group has no account any more."""
    arguments = attachment.arguments
    group = settings(connection, int(arguments["group"]))
    if not group.iban:
        raise UndeliverableError("the group has no account")
    drawn = transfer_code(
        name=group.account_holder or group.name, iban=group.iban, amount=Cents(int(arguments["amount"])),
        text=reference(int(arguments["member"]), group.reference_prefix),
    )  # fmt: skip
    return Document(attachment.name, drawn, PNG)

"""The photo of a product: one, small enough to be sent on, of a kind that every chat shows."""

from __future__ import annotations

from sqlalchemy import Connection, delete, insert, select

from bot.ledger.errors import N_, Refusal
from bot.ledger.journal import Recorded
from bot.market.offer_facts import PhotoChanged
from bot.market.tables import PHOTO

MOST_BYTES = 1_000_000

_KINDS = ((b"\xff\xd8\xff", "image/jpeg"), (b"\x89PNG\r\n\x1a\n", "image/png"))


class NotAPhotoError(Refusal):
    """A file of another kind."""

    sentence = N_("Ce n'est pas une photo que je peux montrer : envoyez une image JPEG ou PNG.")


class PhotoTooLargeError(Refusal):
    """More than a table of the books should hold."""

    sentence = N_("Cette photo est trop grosse : 1 Mo au plus.")


def kind_of(content: bytes) -> str:
    r"""Tell which kind of picture it is, by its first bytes; empty for anything else.

    >>> kind_of(b"\xff\xd8\xff\xe0..."), kind_of(b"produit;prix")
    ('image/jpeg', '')
    """
    return next((mime for start, mime in _KINDS if content.startswith(start)), "")


def checked(content: bytes) -> bytes:
    """Let a photo pass. Raises NotAPhotoError, PhotoTooLargeError."""
    if not kind_of(content):
        raise NotAPhotoError
    if len(content) > MOST_BYTES:
        raise PhotoTooLargeError
    return content


def photo_changed(connection: Connection, recorded: Recorded, fact: PhotoChanged) -> None:
    """Keep the photo of a product in the place of the one before, or take it away. Raises NotAPhotoError, PhotoTooLargeError."""
    here = (PHOTO.c.group_id == recorded.group) & (PHOTO.c.product == fact.product)
    connection.execute(delete(PHOTO).where(here))
    if fact.kept_bytes:
        row = {"group_id": recorded.group, "product": fact.product, "content": checked(fact.content)}
        connection.execute(insert(PHOTO), row)


def photo(connection: Connection, group: int, product: int) -> bytes | None:
    """Give the photo of a product."""
    where = (PHOTO.c.group_id == group) & (PHOTO.c.product == product)
    row = connection.execute(select(PHOTO.c.content).where(where)).first()
    return bytes(row.content) if row else None

"""The code that banks' apps scan to fill in a transfer: EPC069-12, version 2, in whole cents (B23)."""

from __future__ import annotations

import io
import re
import unicodedata
from decimal import Decimal

from segno.helpers import make_epc_qr

from bot.ledger.money import Cents

LONGEST_NAME, LONGEST_TEXT = 70, 140
SCALE, BORDER = 8, 4

_SPELLED = str.maketrans(
    {
        "œ": "oe",
        "Œ": "OE",
        "æ": "ae",
        "Æ": "AE",
        "’": "'",
        "‘": "'",
        "–": "-",
        "—": "-",
        "&": "et",
        "€": "EUR",
        "ß": "ss",
    }
)


def sepa(text: str, most: int) -> str:
    """Reduce a text to the signs that every bank takes: readers garble the others.

    >>> sepa("Groupement d’achat « Échalote & Cœur »", 70)
    "Groupement d'achat Echalote et Coeur"
    """
    spelled = unicodedata.normalize("NFKD", text.translate(_SPELLED))
    bare = "".join(sign for sign in spelled if not unicodedata.combining(sign))
    return " ".join(re.sub(r"[^A-Za-z0-9/?:().,'+ -]", " ", bare).split())[:most].strip()


def transfer_code(*, name: str, iban: str, amount: Cents, text: str) -> bytes:
    """Draw the code of a transfer as a PNG picture; the amount in cents."""
    euros = Decimal(amount) / 100
    code = make_epc_qr(
        name=sepa(name, LONGEST_NAME),
        iban=bare_iban(iban),
        amount=euros,
        text=sepa(text, LONGEST_TEXT),
        encoding="utf-8",
    )
    drawn = io.BytesIO()
    code.save(drawn, kind="png", scale=SCALE, border=BORDER)
    return drawn.getvalue()


def bare_iban(iban: str) -> str:
    """Take an account number's spaces away."""
    return re.sub(r"[^A-Z0-9]", "", iban.upper())


def spaced_iban(iban: str) -> str:
    """Write an account number in fours, as people read it.

    >>> spaced_iban("fr7630006000011234567890189")
    'FR76 3000 6000 0112 3456 7890 189'
    """
    bare = bare_iban(iban)
    return " ".join(bare[start : start + 4] for start in range(0, len(bare), 4))

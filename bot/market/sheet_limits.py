"""What a file of cells may hold at the most, and why one is not read (B48)."""

from __future__ import annotations

from bot.ledger.errors import N_, Refusal
from bot.market.products import MOST_PRODUCTS

MOST_BYTES = 1_000_000
MOST_LINES = MOST_PRODUCTS
"""So that a catalogue that was exported can be imported again."""

MOST_COLUMNS = 40


class UnreadableSheetError(Refusal):
    """The file is no table that can be read."""

    sentence = N_("Je n'arrive pas à lire ce fichier : enregistrez le tableau en CSV ou en XLSX, puis renvoyez-le.")


class OldSheetError(UnreadableSheetError):
    """An XLS file, or a spreadsheet with a password: both begin alike."""

    sentence = N_(
        "Ce tableau est d'un ancien format (XLS) ou protégé : enregistrez-le en XLSX ou en CSV, sans mot de passe."
    )


class OpenDocumentError(UnreadableSheetError):
    """A file of LibreOffice's own format."""

    sentence = N_("Ce tableau est au format de LibreOffice (ODS) : enregistrez-le en XLSX ou en CSV, puis renvoyez-le.")


class EmptySheetError(UnreadableSheetError):
    """There is nothing in it."""

    sentence = N_("Le fichier est vide.")


class SheetTooLargeError(UnreadableSheetError):
    """More bytes than a catalogue has."""

    sentence = N_("Le fichier est trop gros : {most} ko au plus.")


class TooManyLinesError(UnreadableSheetError):
    """More lines than a catalogue has."""

    sentence = N_("Le fichier a {n} lignes, c'est trop : {most} au plus. Retirez aussi les lignes vides à la fin.")


class GarbledLineError(UnreadableSheetError):
    """Accents were lost when the file was written."""

    sentence = N_(
        "Ligne {number} : les accents sont abîmés. Enregistrez le fichier en « CSV UTF-8 », puis renvoyez-le."
    )


class BrokenLineError(UnreadableSheetError):
    """Quotes that do not close, or the like."""

    sentence = N_("Ligne {number} : un guillemet n'est pas fermé, ou la ligne est illisible.")

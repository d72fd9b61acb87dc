"""What can go wrong around the books, in three families.

    Refusal           a person is told why, nothing is recorded; each is defined where it is raised
    StoreError        the database cannot be used: one line for whoever runs the bot
    └── UnavailableError   a passing fault: nothing was kept, try again

A refusal builds its sentence from facts: ``sentence`` is a French template, the gettext message id, and ``facts`` fill
it (``{x:money}`` an amount in cents, ``{x:day}`` a date); :mod:`bot.words` translates and fills.
"""

from __future__ import annotations


def N_(sentence: str) -> str:  # noqa: N802 - gettext's own name for "mark only"
    """Mark a sentence for translation where it cannot be translated yet."""
    return sentence


class Refusal(Exception):  # noqa: N818 - a refusal is not an error; its subclasses are named as sad facts
    """Something asked for cannot be done; ``sentence`` says why and what to do instead (B48)."""

    sentence: str = ""

    def __init__(self, **facts: object) -> None:
        super().__init__(type(self).__name__, facts)
        self.facts = facts


class StoreError(Exception):
    """The database cannot be used; ``sentence`` says it in one line to whoever runs the bot."""

    sentence = ""

    def __init__(self, *details: str) -> None:
        super().__init__(self.sentence.format(*details))


class NoDatabaseError(StoreError):
    """There is no database yet."""

    sentence = "Pas encore de base de données : {0}. Créez-la avec « ardoise group add NOM »."


class StoreLockedError(StoreError):
    """Another process has the file."""

    sentence = "Une autre Ardoise se sert déjà de {0} : arrêtez-la d'abord."


class NewerDatabaseError(StoreError):
    """A newer program has written the database."""

    sentence = "La base {0} vient d'une version plus récente d'Ardoise ({1}) : mettez le programme à jour."


class DatabaseUnusableError(StoreError):
    """The file is read-only or no database, the server does not answer, or the tool for this is another."""

    sentence = "La base {0} n'est pas utilisable : {1}."


class BooksUnsoundError(StoreError):
    """Books are not opened again while something is wrong in them."""

    sentence = "Les comptes du groupe {0} restent fermés : {1}."


class UnavailableError(StoreError):
    """A passing fault: disk full, file locked, connection lost. Nothing was kept; it may be tried again (B48)."""

    sentence = "La base de données n'est pas disponible pour l'instant ({0})."

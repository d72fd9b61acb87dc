"""Why a bank statement is not read: one family of refusals, each with the line where it stops (B23, B48)."""

from __future__ import annotations

from bot.ledger.errors import N_, Refusal


class StatementError(Refusal):
    """A statement that is not read, none of it. ``line`` counts from 1."""

    sentence = N_(
        "Je ne reconnais pas ce relevé (ligne {line}) : il me faut un fichier CSV, OFX, CAMT.053 ou CFONB120 de votre banque. "
        "Rien n'a été enregistré."
    )

    def __init__(self, line: int = 1, **facts: object) -> None:
        super().__init__(line=line, **facts)
        self.line = line


class EmptyStatementError(StatementError):
    """There is nothing in it."""

    sentence = N_("Ce fichier est vide. Rien n'a été enregistré.")


class StatementTooLargeError(StatementError):
    """More than a statement of a group has."""

    sentence = N_(
        "Ce relevé est trop long (ligne {line}) : 2 Mo et {most} opérations au plus. Exportez une période plus courte."
    )


class WrongAmountError(StatementError):
    """A cell or a field that is no amount."""

    sentence = N_("Ligne {line} : « {typed} » n'est pas un montant. Rien n'a été enregistré.")


class WrongDayError(StatementError):
    """A cell or a field that is no date."""

    sentence = N_("Ligne {line} : « {typed} » n'est pas une date. Rien n'a été enregistré.")


class CutOffError(StatementError):
    """The file ends before its end."""

    sentence = N_(
        "Ligne {line} : ce relevé est incomplet ou abîmé. Téléchargez-le de nouveau. Rien n'a été enregistré."
    )


class UnbalancedError(StatementError):
    """The lines do not lead from one balance to the next."""

    sentence = N_(
        "Ligne {line} : les opérations ne mènent pas au solde annoncé, le relevé est incomplet. Rien n'a été enregistré."
    )


class ForbiddenMarkupError(StatementError):
    """Entities and document types have no place in a statement."""

    sentence = N_(
        "Ligne {line} : ce fichier contient une déclaration XML que je refuse de lire. Rien n'a été enregistré."
    )

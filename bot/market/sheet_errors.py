"""What can be wrong with a line of a catalogue's file: sentences that go on after the line's number (B48)."""

from __future__ import annotations

from bot.ledger.errors import N_, Refusal


class WrongCellError(Refusal):
    """A cell that cannot be read: the sentence goes on after the line's number."""


class FormulaCellError(WrongCellError):
    """Formulas are not computed."""

    sentence = N_("la colonne « {column} » contient une formule : collez-y la valeur seule.")


class SpreadsheetErrorCellError(WrongCellError):
    """The spreadsheet itself could not compute it."""

    sentence = N_("la colonne « {column} » contient {typed}, une erreur du tableur.")


class DateCellError(WrongCellError):
    """A spreadsheet took « 2.10 » for a day."""

    sentence = N_("la colonne « {column} » contient une date : le tableur y a changé un nombre. Écrivez-le de nouveau.")


class NoNameError(WrongCellError):
    """No name, or one without a letter."""

    sentence = N_("il manque le nom du produit.")


class TooLongCellError(WrongCellError):
    """A text longer than a button or a line can show."""

    sentence = N_("« {typed}… » est trop long : {most} signes au plus.")


class NoPriceError(WrongCellError):
    """No price."""

    sentence = N_("il manque le prix.")


class WrongPriceError(WrongCellError):
    """A price that is no amount of cents."""

    sentence = N_("« {typed} » n'est pas un prix : écrivez les euros, une virgule, deux chiffres, par exemple 2,10.")


class PriceNotPositiveError(WrongCellError):
    """Zero, or less."""

    sentence = N_("le prix {price:money} n'est pas possible : il faut au moins 0,01.")


class PriceTooHighError(WrongCellError):
    """A slip on the zero."""

    sentence = N_("le prix {price:money} est trop grand : {most:money} au plus.")


class WrongUnitCellError(WrongCellError):
    """A unit that is not known."""

    sentence = N_("je ne connais pas l'unité « {typed} ». Il y a : {units}.")


class WrongStockError(WrongCellError):
    """A stock that is no number."""

    sentence = N_("« {typed} » n'est pas un stock : écrivez un nombre, ou rien s'il n'est pas compté.")


class WrongWeightError(WrongCellError):
    """Neither yes, nor no, nor what a piece weighs."""

    sentence = N_("« {typed} » : dans « {column} », écrivez oui, non, ou le poids d'une pièce, par exemple 0,9.")


class WrongYesError(WrongCellError):
    """Neither yes nor no."""

    sentence = N_("« {typed} » : dans « {column} », écrivez oui ou non.")


class UnitNotWeighedError(WrongCellError):
    """Sold by weight, in a unit that is no weight."""

    sentence = N_("« {product} » se vend au poids : son unité doit être kg, g, L, cL ou mL.")


class PieceTooHeavyError(WrongCellError):
    """What a piece weighs, in another unit than the product's."""

    sentence = N_("une pièce de « {product} » pèserait {quantity} : vérifiez l'unité, ou « au poids ».")


class StockNotWholeError(WrongCellError):
    """A part of a piece in stock."""

    sentence = N_("« {product} » se commande à la pièce : son stock est un nombre entier.")


class ExtraCellError(WrongCellError):
    """More cells than headings: a decimal comma in a file parted by commas."""

    sentence = N_(
        "« {typed} » est de trop, sans colonne. Un prix à virgule demande des points-virgules entre les colonnes."
    )


class CountedOtherwiseError(WrongCellError):
    """The stock or the weight of a piece would mean something else."""

    sentence = N_("« {product} » se compterait autrement : donnez aussi « stock » et « au poids ».")


class SeveralProductsError(WrongCellError):
    """A name without a producer that several products bear."""

    sentence = N_("plusieurs produits s'appellent « {product} » : ajoutez leur producteur.")

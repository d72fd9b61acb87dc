"""Reasons that are offered as buttons: kept as they are written here, read by everybody in their own language (B45)."""

from __future__ import annotations

from collections.abc import Sequence

from bot.ledger.errors import N_
from bot.words import _

LET_GO = (N_("Arrondi"), N_("Geste du groupe"), N_("Sans nouvelles"))
CASH_BOX = (N_("Fond de caisse"), N_("Erreur de monnaie"), N_("Raison inconnue"))
NOT_RECEIVED = N_("Pas reçu")
REFUSALS = (NOT_RECEIVED, N_("Déjà compté"))
LITTLE = N_("Petit écart")
_KNOWN = {*LET_GO, *CASH_BOX, *REFUSALS, LITTLE}


def offered(reasons: Sequence[str]) -> tuple[str, ...]:
    """Give the labels of reasons, in the language being spoken."""
    return tuple(_(reason) for reason in reasons)


def kept(words: str, reasons: Sequence[str]) -> str:
    """Give what is to be kept of a reason: of one that was offered, itself, whatever language it was picked in."""
    return next((reason for reason in reasons if _(reason) == words), words)


def reason_words(reason: str) -> str:
    """Write a reason that was kept, in the language being spoken; what somebody typed stays as it is."""
    return _(reason) if reason in _KNOWN else reason

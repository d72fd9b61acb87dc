"""What people mean who write a sentence instead of a command: it begins a conversation, and does nothing by itself.

« j'ai donné 20 euros en liquide à Camille » is « /payer 20 euros liquide »: the member is still asked to agree (B20).
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from bot.folding import folded
from bot.ledger.facts import Method

_NUMBER = r"[0-9](?:[0-9.,']*[0-9])?"
_SUM = re.compile(
    rf"€ ?{_NUMBER}|{_NUMBER} ?(?:€|euros?\b|eur\b)(?:[0-9]{{2}}\b)?|\b[0-9]+[.,][0-9]{{2}}\b"
    rf"|(?<!le )(?<!du )\b{_NUMBER}(?= (?:en|par|avec|in|by) |$)"
)
"""An amount as it stands in a sentence; whether it is one is for the question to say, which knows what is ambiguous."""

_WAYS: Mapping[Method, str] = {
    Method.CHEQUE: "cheques?|check",
    Method.TRANSFER: "virements?|vire|virer|transfer(?:red)?|rib",
    Method.ONLINE: "carte en ligne|en ligne|online",
    Method.CASH: "liquide|especes?|cash|billets?|pieces",
    Method.TERMINAL: "carte|cb|tpe|terminal|card",
}

_NOT_PAID = re.compile(
    r"\?|\b(?:ne|n'|pas|jamais|pourquoi|quand|si|faut|vais|irai|demain|bientot|prochaine?"
    r"|not|never|why|when|if|will|tomorrow|soon)\b|n't\b|\bplus tard\b"
)
_PAYING = re.compile(
    r"\b(?:paye[rz]?|paie|paiement|regle[rz]?|verse[rz]?|vire[rz]?|virement|depose[rz]?|pay|paid|paying|transferred)\b"
)
_GIVING = re.compile(r"\b(?:donne[rz]?|remis|remets|laisse|envoye|mis|fait|gave|given|sent|left)\b")

_OF = re.compile(r"\b(?:combien (?:(?:nous|il|elle) )?doit|how much does) (?P<who>[^?]+?)(?: owe(?: us)?)? ?\??$")
"""What a coordinator asks of somebody; a member who does reads their own history."""

_MEANT = (
    (r"\b(?:combien|ce que|how much|what)\b.*\b(?:dois|devons|reste|do i owe|do we owe)\b|\bdois\b.*\bcombien\b", "solde"),
    (r"\b(?:quand|when)\b.*\b(?:payer?|regler|pay)\b", "solde"),
    (r"\b(?:mon|notre|nos|my|our) (?:solde|compte|ardoise|avoir|balance|account)\b|\bou (?:j'en|en) suis\b", "solde"),
    (r"\b(?:mes|nos|my|our) (?:dernieres? |derniers? |last )?(?:operations?|paiements?|payments?)\b", "historique"),
    (r"\b(?:iban|rib|coordonnees bancaires|bank details)\b", "coordonnees"),
    (r"\b(?:rembourse\w*|me rendre|refund(?:ed)?|give me back)\b", "remboursement"),
    (r"\b(?:rappels?|rappele[rz]|rappelles?|relances?|reminders?|reminding)\b", "rappels"),
    (r"\b(?:ma|mes|notre|nos|my|our) (?:commandes?|orders?)\b|\bai commande\b|\bi ordered\b", "commandes"),
    (r"\b(?:prochaine? (?:distribution|commande)|next (?:pickup|distribution))\b|\bpasser (?:une )?commande\b", "commander"),
    (r"^(?:(?:mon|voir|my|le|the) )*(?:panier|basket)$", "commander"),
    (r"\b(?:comment|how)\b.*\b(?:marche|fonctionne|faire|works?|do i)\b|\b(?:au secours|perdue?|help me)\b", "aide"),
    (r"^menu$|^aide[sz]?[- ]moi\b", "aide"),
    (r"\b(?:anglais|english)\b", "langue"),
)  # fmt: skip
_READINGS = tuple((re.compile(pattern), line) for pattern, line in _MEANT)


MOST_LETTERS = 160
"""Longer than that it is a story, which means several things."""


def meant(text: str) -> str | None:
    """Give the command that a sentence means, with what it says of an amount and a way to pay; None where it is not clear.

    >>> meant("Bonjour, combien je dois ?"), meant("j'ai donné 20 euros en liquide à Camille"), meant("2 kg de carottes")
    ('solde', 'payer 20 euros liquide', None)
    >>> meant("je n'ai pas encore payé"), meant("payer en espèces 12,50"), meant("J’ai fait un virement de 24€50 hier")
    (None, 'payer 12,50 liquide', 'payer 24€50 virement')
    """
    if len(text) > MOST_LETTERS:
        return None
    said = folded(text)
    if (line := _payment(said)) is not None:
        return line
    if (asked := _OF.search(said)) is not None:
        return f"historique {asked['who']}"
    return next((line for pattern, line in _READINGS if pattern.search(said)), None)


def _payment(said: str) -> str | None:
    sums = [found.group() for found in _SUM.finditer(said)]
    ways = [way for way, pattern in _WAYS.items() if re.search(rf"\b(?:{pattern})\b", said)]
    given = _GIVING.search(said) and (sums or ways)
    if _NOT_PAID.search(said) or not (_PAYING.search(said) or given):
        return None
    amount = sums[0] if len(sums) == 1 else ""
    return " ".join(["payer", *amount.split(), *([_SAID[ways[0]]] if ways and amount else [])])


_SAID = {
    Method.CHEQUE: "chèque", Method.TRANSFER: "virement", Method.ONLINE: "carte en ligne", Method.CASH: "liquide",
    Method.TERMINAL: "carte sur place",
}  # fmt: skip

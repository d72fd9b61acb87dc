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
    r"\?|\b(?:combien|how much|ne|n'|pas|jamais|pourquoi|quand|si|faut|vais|irai|demain|bientot|prochaine?"
    r"|not|never|why|when|if|will|tomorrow|soon)\b|n't\b|\bplus tard\b"
    r"|\b(?:m'(?:a|ont)|nous (?:a|ont)) (?:donne|remis|paye|rendu|verse|vire|envoye|laisse)|\b(?:gave|paid|sent) me\b"
    r"|\b(?:annul|cancel|refus|echou|rate|erreur|mistake|failed)\w*|\b(?:retire[rz]?|enleve[rz]?|de trop|too much)\b"
)
"""What is not paid, not yet, no more, not well, or by others to whoever writes."""
_PAYING = re.compile(
    r"\b(?:paye[rz]?|paie|paiement|regle[rz]?|verse[rz]?|vire[rz]?|virement|depose[rz]?|pay|paid|paying|transferred)\b"
)
_GIVING = re.compile(r"\b(?:donne[rz]?|remis|remets|laisse|envoye|mis|fait|gave|given|sent|left)\b")

_OF = re.compile(r"\b(?:combien (?:(?:nous|il|elle) )?doit|how much does) (?P<who>[^?]+?)(?: owe(?: us)?)? ?\??$")
"""What a coordinator asks of somebody; a member who does reads their own history."""

_UNDO = r"\b(?:annul|retir|enlev|modifi|chang|supprim|cancel|withdraw|remov)\w*"

_MONEY = r"(?:paiements?|cheques?|virements?|argent|payments?|transfers?|money)\b"

_AGAIN = (
    r"^(?!.*(?:\?|\b(?:pas|manqu\w*|erreur|not|missing)\b))"
    r".*\b(?:(?:comme|que) la derniere fois|meme (?:chose|commande|panier)|same as last time)\b"
)
"""The last order again: a complaint about it, or a question, is something else."""

_MEANT = (
    (r"\bdonne[rz]?\b.*\b(?:mon|notre) avoir\b|\bgive\b.*\b(?:my|our) credit(?! card)\b", "donner"),
    (r"\b(?:supprime|ferme|efface|cloture)[rz]?\b.*\b(?:mon|notre) compte\b|\b(?:delete|close) (?:my|our) account\b", "quitter"),
    (r"\b(?:combien|ce que|how much|what)\b.*\b(?:je\b.*\bdois|dois-je|devons|do i owe|do we owe)\b", "solde"),
    (r"\bdois\b.*\bcombien\b|\b(?:me|nous) reste\b|\breste.* a (?:payer|regler)\b", "solde"),
    (r"\b(?:quand|when)\b.*\b(?:payer?|regler|pay)\b", "solde"),
    (r"\b(?:mon|notre|nos|my|our) (?:solde|compte|ardoise|avoir|balance|account)\b|\bou (?:j'en|en) suis\b", "solde"),
    (r"\b(?:mes|nos|my|our) (?:dernieres? |derniers? |last )?(?:operations?|paiements?|payments?)\b", "historique"),
    (rf"\b(?:ou (?:en )?(?:est|sont)|where (?:is|are)|avez[- ]vous|vous avez|did you|have you)\b.*\b{_MONEY}", "historique"),
    (r"\b(?:iban|rib|coordonnees bancaires|bank details)\b", "coordonnees"),
    (r"\b(?:rembourse\w*|me rendre|refund(?:ed)?|give me back)\b", "remboursement"),
    (r"\b(?:rappels?|rappele[rz]|rappelles?|relances?|reminders?|reminding)\b", "rappels"),
    (rf"{_UNDO} .*\b(?:paiement|payment)s?\b", "retirer"),
    (rf"^retire[rz]? (?:le |la |les |l'|un |une |des |du )(?!.*\b{_MONEY})", "demander"),
    (_AGAIN, "commander encore"),
    (rf"{_UNDO} .*\b(?:commandes?|produits?|articles?|orders?|products?)\b", "demander"),
    (r"\b(?:ma|mes|notre|nos|my|our) (?:commandes?|orders?)\b|\bai commande\b|\bi ordered\b", "commandes"),
    (r"\b(?:prochaine? (?:distribution|commande)|next (?:pickup|distribution))\b|\bpasser (?:une )?commande\b", "commander"),
    (r"^(?:(?:mon|voir|my|le|the) )*(?:panier|basket)$", "commander panier"),
    (r"^vide[rz]?(?: (?:mon|le) panier)?$|^empty (?:my|the) basket$", "commander vider"),
    (r"\b(?:comment|how)\b.*\b(?:marche|fonctionne|faire|works?|do i)\b|\b(?:au secours|perdue?|help me)\b", "aide"),
    (r"^menu$|^aide[sz]?[- ]moi\b", "aide"),
    (r"\b(?:anglais|english)\b", "langue"),
    (r"\b(?:quand|quelle heure|quel jour|when|where|what time)\b.*\b(?:distribution|panier|chercher|recupere|pickup|basket)", "commandes"),
    (r"\bou (?:est|a lieu|se|faut-il|aller|chercher|recuperer)\b|^(?:et )?c'est (?:ou|quand|a quelle heure)\b|^where is it\b", "commandes"),
)  # fmt: skip
_READINGS = tuple((re.compile(pattern), line) for pattern, line in _MEANT)


_AVOIR = re.compile(r"\b(?:(?:mon|notre) avoir|(?:my|our) credit(?! card))\b")
"""It is there already: nothing was paid."""

MOST_LETTERS = 160
"""Longer than that it is a story, which means several things."""


def meant(text: str) -> str | None:
    """Give the command that a sentence means, with what it says of an amount and a way to pay; None where it is not clear.

    >>> meant("Bonjour, combien je dois ?"), meant("j'ai donné 20 euros en liquide à Camille"), meant("2 kg de carottes")
    ('solde', 'payer 20 euros liquide', None)
    >>> meant("annuler ma commande"), meant("je retire mon paiement"), meant("comme la dernière fois")
    ('demander', 'retirer', 'commander encore')
    >>> meant("je n'ai pas encore payé"), meant("payer en espèces 12,50"), meant("J’ai fait un virement de 24€50 hier")
    (None, 'payer 12,50 liquide', 'payer 24€50 virement')
    """
    if len(text) > MOST_LETTERS:
        return None
    said = folded(text)
    if (line := _payment(said)) is not None and not _AVOIR.search(said):
        return line
    if (asked := _OF.search(said)) is not None:
        return f"historique {asked['who']}"
    return next((line for pattern, line in _READINGS if pattern.search(said)), None)


def _payment(said: str) -> str | None:
    sums = _sums(said)
    ways = [way for way, pattern in _WAYS.items() if re.search(rf"\b(?:{pattern})\b", said)]
    given = _GIVING.search(said) and (sums or ways)
    if _NOT_PAID.search(said) or not (_PAYING.search(said) or given):
        return None
    amount = sums[0] if len(sums) == 1 else ""
    return " ".join(["payer", *amount.split(), *([_SAID[ways[0]]] if ways and amount else [])])


def _sums(said: str) -> list[str]:
    """List what may be the amount. A bare number is one only where no other number is; « 1 200,50 » could be two.

    >>> _sums("j'ai paye 20 au lieu de 24"), _sums("j'ai paye 1 200,50 euros"), _sums("2 paniers, 20 euros")
    ([], [], ['20 euros'])
    """
    found = list(_SUM.finditer(said))
    bare = all(re.fullmatch(r"[0-9]+", one.group()) for one in found)
    if (bare and len(re.findall(r"[0-9]+", said)) > 1) or any(said[: one.start()].endswith(_SPACED) for one in found):
        return []
    return [one.group() for one in found]


_SPACED = tuple(f"{digit} " for digit in range(10))
_SAID = {
    Method.CHEQUE: "chèque", Method.TRANSFER: "virement", Method.ONLINE: "carte en ligne", Method.CASH: "liquide",
    Method.TERMINAL: "carte sur place",
}  # fmt: skip

"""Names and numbers of the group: its name, the payee of its cheques, its account, the prefix of references (B16, B22, B43)."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from bot.conversation import Answer, MisunderstoodError, Record, Script, ask
from bot.groups import iban
from bot.groups.chosen import Settings
from bot.groups.iban import grouped
from bot.groups.settings import SettingChanged, changed
from bot.handlers.visit import Visit
from bot.ledger.errors import Refusal
from bot.questions import Text, confirm, folded
from bot.words import _, told

MOST_NAME = 80
MOST_PAYEE = 70
"""As many signs as a transfer takes for a name."""

NONE = "-"


@dataclass(frozen=True)
class TextOrNone(Text):
    """Ask for a few words, or for none: an empty text."""

    skippable: bool = True

    @property
    def options(self) -> Sequence[Answer]:
        """Offer to have none."""
        return [Answer(NONE, _("Aucun"))]

    def understand(self, text: str) -> str:
        """Take « aucun », or the words."""
        return NONE if folded(text) in {NONE, folded(_("Aucun"))} else super().understand(text)


@dataclass(frozen=True)
class Iban(TextOrNone):
    """Ask for an IBAN, or for none; mistyped ones are refused with what is wrong (B48)."""

    def _allowed(self, words: str) -> str:
        try:
            return iban.read(words)
        except Refusal as refusal:
            raise MisunderstoodError(told(refusal)) from refusal


@dataclass(frozen=True)
class Prefix(TextOrNone):
    """Ask for a few letters or digits, or for none."""

    def _allowed(self, words: str) -> str:
        if not re.fullmatch("[A-Z0-9]{1,6}", words.upper()):
            raise MisunderstoodError(_("Écrivez de une à six lettres sans accent ou chiffres, par exemple CANAL."))
        return words.upper()


def name(visit: Visit) -> Script:
    """Call the group otherwise."""
    now = visit.group.settings.name
    new = yield from ask(Text("nom", _("Quel nouveau nom pour « {name} » ?", name=now), limit=MOST_NAME))
    return _unchanged() if new == now else Record((changed("name", new, now),))


def payee_words(now: Settings) -> str:
    """Say to whose order cheques are."""
    return now.cheque_payee or _("aucun")


def payee(visit: Visit) -> Script:
    """Say to whose order cheques are made out (B22)."""
    now = visit.group.settings.cheque_payee
    new = yield from ask(TextOrNone("ordre", _("À l'ordre de qui fait-on les chèques ?"), limit=MOST_PAYEE))
    if new == now:
        return _unchanged()
    question = _("Chèques à l'ordre de {payee:*} ?", payee=new) if new else _("Ne plus dire d'ordre pour les chèques ?")
    if not (yield from confirm(question)):
        return _("Rien n'a changé.")
    return Record((changed("payee", new, now),))


def account_words(now: Settings) -> str:
    """Show the account in groups of four, with its holder."""
    if not now.iban:
        return _("aucun")
    return f"{grouped(now.iban)} · {now.account_holder}" if now.account_holder else grouped(now.iban)


def account(visit: Visit) -> Script:
    """Say to which account members send transfers: the IBAN, then its holder (B23)."""
    now = visit.group.settings
    number = yield from ask(Iban("iban", _("Quel est l'IBAN du compte du groupe ?")))
    holder = ""
    if number:
        text = _("À quel nom est ce compte ?")
        suggestions = tuple(dict.fromkeys(known for known in (now.account_holder, now.cheque_payee) if known))
        holder = yield from ask(Text("titulaire", text, suggestions, limit=MOST_PAYEE))
    facts = _account_facts(now, number, holder)
    if not facts:
        return _unchanged()
    question = (
        _("Les virements iront sur {iban:*}, au nom de {holder:*} ?", iban=grouped(number), holder=holder)
        if number else _("Ne plus donner d'IBAN aux adhérents ?")
    )  # fmt: skip
    if not (yield from confirm(question)):
        return _("Rien n'a changé.")
    return Record(facts)


def _account_facts(now: Settings, number: str, holder: str) -> tuple[SettingChanged, ...]:
    wanted = (("iban", number, now.iban), ("holder", holder, now.account_holder))
    return tuple(changed(setting, value, was) for setting, value, was in wanted if value != was)


def prefix_words(now: Settings) -> str:
    """Show how transfer references begin."""
    return now.reference_prefix or _("aucun")


def prefix(visit: Visit) -> Script:
    """Say how transfer references begin."""
    now = visit.group.settings.reference_prefix
    new = yield from ask(Prefix("prefixe", _("Par quelles lettres commencent les références de virement du groupe ?")))
    return _unchanged() if new == now else Record((changed("prefix", new, now),))


def _unchanged() -> str:
    return _("C'est déjà le cas.")

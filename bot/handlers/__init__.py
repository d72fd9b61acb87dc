"""What people can ask for: one row for each command, one function for each conversation.

To change a word, who may say it, or what it begins: here. To change what is asked: the function the row names.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from bot.conversation import Script
from bot.groups.people import Right
from bot.handlers import (
    account,
    adjusting,
    agreeing,
    announcements,
    bank,
    bouncing,
    cashbox,
    catalogue,
    catalogue_arriving,
    cheque_writing,
    cheques,
    confirming,
    correcting,
    deciding,
    devices,
    digest,
    distributions,
    general,
    giving,
    leaving,
    letting_go,
    online,
    online_refunds,
    opening,
    orders,
    overview,
    paying,
    people,
    personal,
    pickup,
    refunds,
    reminders,
    settings,
    shopping,
    takings,
    till,
    transfers,
    unreachable,
    validating,
)
from bot.handlers.meaning import meant
from bot.handlers.visit import Visit
from bot.ledger.errors import N_
from bot.questions import folded
from bot.words import _, language


@dataclass(frozen=True)
class Command:
    """A word people say, in French and in English, what it begins, who may say it.

    ``reads_only``: it answers, and leaves what is under way; ``leaves``: it answers, and drops what is under way, as
    what is said next is for it. ``in_private``: never in a room. ``own_words``: it reads
    the words after it by itself; else they answer its first questions. ``does`` is its line in the help; without it,
    only buttons begin it.
    """

    word: str
    english: str
    conversation: Callable[[Visit], Script]
    does: str = ""
    right: Right = Right.MEMBER
    reads_only: bool = False
    in_private: bool = False
    own_words: bool = False
    leaves: bool = False

    @property
    def said(self) -> str:
        """The word in the language being spoken."""
        return self.english if language() == "en" else self.word

    def prepared(self, words: Sequence[str]) -> Sequence[str]:
        """Give the words that answer questions."""
        kept = [word for word in words if not (word[:1] == "<" and word[1:].isdigit())]
        return () if self.own_words else kept


def _listed(visit: Visit) -> Iterator[tuple[Right, str, str]]:
    english = visit.language == "en"
    for command in COMMANDS.values():
        if command.does and visit.may(command.right):
            yield command.right, (command.english if english else command.word), _(command.does)


PICKUP, COORDINATOR = Right.PICKUP, Right.TREASURY

# fmt: off
_ROWS = (
    # As /aide and the menus list them: a member's, those of the pickup, those of the group; what is done every day first.
    Command("solde", "balance", account.balance, N_("mon solde"), reads_only=True, own_words=True),
    Command("commander", "order", shopping.order, N_("passer commande"), in_private=True, reads_only=True, own_words=True, leaves=True),
    Command("commandes", "orders", orders.orders, N_("mes commandes"), in_private=True, reads_only=True, own_words=True),
    Command("payer", "pay", paying.declare, N_("déclarer un paiement"), in_private=True),
    Command("historique", "history", account.history, N_("mes opérations"), reads_only=True),
    Command("rappels", "reminders", reminders.reminders, N_("mes rappels, ceux du groupe"), own_words=True),
    Command("remboursement", "payback", refunds.ask_refund, N_("demander qu'on me rende un avoir"), in_private=True, own_words=True),
    Command("annonces", "announcements", announcements.announcements, N_("être averti de l'ouverture des commandes")),
    Command("appareils", "devices", devices.devices, N_("mes appareils, où je suis averti"), in_private=True, own_words=True),
    Command("lier", "link", people.link, N_("relier un second appareil, ou un salon"), own_words=True),
    Command("groupe", "group", general.group, N_("changer de groupe"), in_private=True),
    Command("langue", "language", general.language, N_("français ou anglais")),
    Command("mesdonnees", "mydata", personal.my_data, N_("tout ce qui est gardé de moi, en un fichier"), in_private=True, reads_only=True),
    Command("quitter", "leave", leaving.leave, N_("quitter le groupe"), in_private=True),
    Command("aide", "help", general.help_with(_listed), N_("cette liste"), reads_only=True, own_words=True),
    Command("annuler", "cancel", general.start, N_("arrêter ce qui est en cours"), own_words=True),
    Command("accueil", "pickup", pickup.welcome, N_("l'accueil, un adhérent après l'autre"), PICKUP, reads_only=True, own_words=True),
    Command("encaisser", "receive", till.receive, N_("noter un paiement reçu"), PICKUP),
    Command("rembourser", "refund", till.refund, N_("rendre de l'argent"), PICKUP),
    Command("distribution", "distributions", distributions.distributions, N_("les distributions"), PICKUP, reads_only=True, own_words=True),
    Command("valider", "pending", deciding.pending, N_("paiements à valider"), COORDINATOR, own_words=True),
    Command("soldes", "balances", overview.balances, N_("tous les soldes"), COORDINATOR, reads_only=True, own_words=True),
    Command("exporter", "export", overview.export, N_("tous les soldes, en fichier"), COORDINATOR, reads_only=True),
    Command("rappeler", "remind", reminders.remind, N_("rappeler ce qui reste à régler"), COORDINATOR),
    Command("bilan", "digest", digest.digest, N_("l'état des comptes du groupe"), COORDINATOR, reads_only=True, own_words=True),
    Command("encaissements", "takings", takings.takings, N_("ce qui a été encaissé"), COORDINATOR, reads_only=True, own_words=True),
    Command("cheques", "cheques", cheques.cheques, N_("les chèques en main, les remises"), COORDINATOR, reads_only=True, own_words=True),
    Command("caisse", "cashbox", cashbox.count, N_("compter la caisse"), COORDINATOR),
    Command("banque", "bank", bank.bank, N_("rapprocher un relevé bancaire"), COORDINATOR, in_private=True, own_words=True),
    Command("catalogue", "products", catalogue.catalogue, N_("les produits du groupe"), COORDINATOR, reads_only=True, own_words=True),
    Command("inviter", "invite", people.invite, N_("inviter ou ajouter un adhérent"), COORDINATOR, in_private=True),
    Command("membres", "members", people.members, N_("les adhérents et leurs appareils"), COORDINATOR, reads_only=True),
    Command("corriger", "reverse", correcting.reverse, N_("annuler une opération"), COORDINATOR),
    Command("ecart", "writeoff", letting_go.let_go, N_("laisser un petit solde de côté"), COORDINATOR),
    Command("reprise", "opening", opening.opening, N_("reprise de solde, une ou par fichier"), COORDINATOR),
    Command("journal", "journal", correcting.journal, N_("tout ce qui a été fait"), COORDINATOR, reads_only=True, own_words=True),
    Command("reglages", "settings", settings.settings, N_("les réglages du groupe"), COORDINATOR, reads_only=True, own_words=True),
    # What only buttons begin, in the same three parts.
    Command("confirmer", "confirm", confirming.confirm_order, in_private=True, own_words=True),
    Command("demander", "ask", orders.ask_removal, in_private=True, own_words=True),
    Command("fait", "done", paying.declare_planned, in_private=True, own_words=True),
    Command("coordonnees", "details", transfers.transfer_details, in_private=True, reads_only=True, own_words=True),
    Command("carte", "card", online.by_card, in_private=True, own_words=True),
    Command("retirer", "withdraw", paying.withdraw, in_private=True, own_words=True),
    Command("numero", "number", cheque_writing.describe, own_words=True),
    Command("tard", "later", reminders.later, in_private=True),
    Command("question", "question", reminders.question, in_private=True),
    Command("donner", "give", giving.give, in_private=True, own_words=True),
    Command("start", "start", general.start, reads_only=True, own_words=True),
    Command("passage", "visit", pickup.step, right=PICKUP, reads_only=True, own_words=True),
    Command("ajuster", "adjust", adjusting.adjust, right=PICKUP, own_words=True),
    Command("manquant", "missing", adjusting.missing, right=PICKUP, own_words=True),
    Command("autremontant", "otheramount", pickup.other_amount, right=PICKUP, own_words=True),
    Command("vire", "payout", online.paid_out, right=COORDINATOR),
    Command("attribuer", "attribute", online.attribute, right=COORDINATOR, own_words=True),
    Command("fichier", "file", catalogue_arriving.brought, right=COORDINATOR, in_private=True, own_words=True),
    Command("remise", "slip", cheques.deposit, right=COORDINATOR, own_words=True),
    Command("impaye", "bounced", bouncing.bounce, right=COORDINATOR, own_words=True),
    Command("versement", "banking", cashbox.to_bank, right=COORDINATOR),
    Command("cloturer", "close", validating.validate, right=COORDINATOR, own_words=True),
    Command("fond", "float", takings.count_float, right=COORDINATOR, own_words=True),
    Command("prix", "price", distributions.prices, right=COORDINATOR, own_words=True),
    Command("avoir", "credit", adjusting.credit, right=COORDINATOR, own_words=True),
    Command("retrait", "removal", orders.answer_request, right=COORDINATOR, own_words=True),
    Command("droits", "rights", people.rights, right=COORDINATOR),
    Command("renommer", "rename", people.rename, right=COORDINATOR),
    Command("perdu", "lost", people.lost, right=COORDINATOR),
    Command("accord", "agree", agreeing.agree, right=COORDINATOR, own_words=True),
    Command("effacer", "erase", personal.erase, right=COORDINATOR),
    Command("rouvrir", "reopen", leaving.reopen, right=COORDINATOR),
    Command("ecarts", "writeoffs", letting_go.small_ones, right=COORDINATOR, own_words=True),
    Command("rendu", "givenback", refunds.answer_refund, right=COORDINATOR, own_words=True),
    Command("carterendue", "cardrefund", online_refunds.close, right=COORDINATOR, own_words=True),
    Command("injoignables", "unreachable", unreachable.unreachable, right=COORDINATOR, reads_only=True, own_words=True),
    Command("joindre", "reach", unreachable.reach, right=COORDINATOR),
)
# fmt: on

COMMANDS = {command.word: command for command in _ROWS}
BY_WORD = {folded(word): command for command in _ROWS for word in (command.word, command.english)}

_OF_MEMBERS = {
    "soldes": "solde", "valider": "confirmer", "retrait": "demander", "rembourser": "remboursement",
    "distribution": "commander", "catalogue": "commander",
}  # fmt: skip
"""What a member means by a word that is a coordinator's command: a shop says « valider » of its basket."""

CANCEL_WORDS = {"annuler", "annule", "cancel", "stop"}
BACK_WORDS = {"retour", "back"}


def folded_word(text: str) -> str:
    """Fold a word as people type it: case, accents and a leading slash do not count."""
    return folded(text.lstrip("/!"))


def find(word: str) -> Command | None:
    """Find the command of a word, French or English, whatever language is spoken."""
    return BY_WORD.get(folded_word(word).partition("@")[0])


def command_line(text: str) -> str | None:
    """Give the command that somebody says without its slash, or means by a sentence; None where it is neither.

    « payer en liquide 20 € » is a sentence, « payer 20 chèque » a command and its answers.
    """
    word, *words = text.split() or [""]
    command = find(word) if word else None
    in_figures = bool(words) and words[0].lstrip("+-−")[:1].isdecimal()
    line = meant(text) if command is None or command.word in {"payer", "annuler", "retirer"} else None
    if command is not None and in_figures and line in {None, "payer"}:
        return text
    return line or (text if command else None)


def meant_by(visit: Visit, line: str) -> str:
    """Give the line said; where its one word is not for whoever speaks, what they mean by it (B43 is for « /valider »)."""
    command = find(line) if " " not in line else None
    return line if command is None or visit.may(command.right) else _OF_MEMBERS.get(command.word, line)


def not_allowed(command: Command) -> str:
    """Refuse a command that one has no right to (B43)."""
    if command.right is Right.PICKUP:
        return _("/{word} est réservé aux coordinateurs et à l'accueil.", word=command.said)
    return _("/{word} est réservé aux coordinateurs du groupe.", word=command.said)


def menu(right: Right, language: str, *, in_room: bool = False) -> list[tuple[str, str]]:
    """List the words and descriptions of a command menu, in the language being spoken.

    In a room the group's own come first, and nothing that is answered in private only (B40).
    """
    listed = [command for command in _ROWS if command.does and right.covers(command.right)]
    if in_room:
        said = (command for command in listed if not command.in_private)
        listed = sorted(said, key=lambda command: command.right is Right.MEMBER)
    return [(command.english if language == "en" else command.word, _(command.does)) for command in listed]

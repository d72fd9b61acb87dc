"""Phrases that several conversations and notices share: balances in words, methods, orders, buttons; ``facts`` in lines (B4, B5)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from bot.chat import Option
from bot.conversation import Rows
from bot.groups.chosen import Settings
from bot.groups.people import Group
from bot.ledger.books import Standing
from bot.ledger.drawer import Cheque
from bot.ledger.errors import N_
from bot.ledger.facts import Method
from bot.ledger.money import Cents
from bot.market.market import Market, Order
from bot.market.products import Sold
from bot.market.units import quantity_words
from bot.words import _, _n, ago

_NAMES = {
    Method.CHEQUE: N_("Chèque"),
    Method.CASH: N_("Liquide"),
    Method.TRANSFER: N_("Virement"),
    Method.TERMINAL: N_("Carte sur place"),
    Method.KITTY: N_("Cagnotte"),
    Method.ONLINE: N_("Carte en ligne"),
}
_INSIDE = {
    Method.CHEQUE: N_("par chèque"),
    Method.CASH: N_("en liquide"),
    Method.TRANSFER: N_("par virement"),
    Method.TERMINAL: N_("par carte sur place"),
    Method.KITTY: N_("par la cagnotte"),
    Method.ONLINE: N_("par carte en ligne"),
}


def method_name(method: Method | str) -> str:
    """Name a payment method as a button does."""
    return _(_NAMES[Method(method)])


def by_method(method: Method | str) -> str:
    """Name a method inside a sentence: « par chèque », « en liquide »."""
    return _(_INSIDE[Method(method)])


ON_THE_SPOT = {Method.CHEQUE, Method.CASH, Method.TERMINAL}

METHOD_WORDS = {
    Method.CHEQUE.value: ("chèque", "cheque", "chèques", "check"),
    Method.CASH.value: ("liquide", "espèces", "espèce", "cash", "en liquide"),
    Method.TRANSFER.value: ("virement", "transfer", "bank transfer"),
    Method.TERMINAL.value: ("tpe", "carte sur place", "carte sur place (tpe)", "card terminal", "terminal"),
    Method.ONLINE.value: ("carte en ligne", "online", "online card"),
}
_EITHER_CARD = ("carte", "cb", "card")


def method_words(methods: Sequence[Method]) -> dict[str, tuple[str, ...]]:
    """Give the everyday names of methods, by their tokens; « carte » is the only card among them, else it is asked which.

    >>> "carte" in method_words([Method.ONLINE, Method.CASH])["online"]
    True
    """
    cards = {Method.TERMINAL, Method.ONLINE} & set(methods)
    either = _EITHER_CARD if len(cards) == 1 else ()
    return {
        method.value: METHOD_WORDS[method.value] + (either if method in cards else ())
        for method in methods
        if method.value in METHOD_WORDS
    }


def balance_for_member(balance: int) -> str:
    """Say a balance to the member themself: « vous devez 24,50 € au groupe » (B5)."""
    if balance < 0:
        return _("vous devez {amount:money*} au groupe", amount=-balance)
    if balance > 0:
        return _("vous avez un avoir de {amount:money*}", amount=balance)
    return _("vous êtes à l'équilibre")


def balance_to_come(balance: int) -> str:
    """Say to the member what their balance will be: « vous serez à l'équilibre »."""
    if balance < 0:
        return _("vous devrez {amount:money} au groupe", amount=-balance)
    if balance > 0:
        return _("vous aurez un avoir de {amount:money}", amount=balance)
    return _("vous serez à l'équilibre")


def balance_of(name: str, balance: int) -> str:
    """Say a balance to a coordinator: « Léa doit 24,50 € au groupe » (B5)."""
    if balance < 0:
        return _("{name} doit {amount:money*} au groupe", name=name, amount=-balance)
    if balance > 0:
        return _("{name} a un avoir de {amount:money*}", name=name, amount=balance)
    return _("{name} est à l'équilibre", name=name)


def three_figures(standing: Standing) -> str:
    """Show the figures that differ: « Solde : −24,50 € · en attente : 24,50 € · prévisionnel : 0,00 € » (B4)."""
    if not standing.pending:
        return _("Solde : {balance:money*}", balance=standing.balance)
    return _(
        "Solde : {balance:money*} · en attente : {pending:money} · prévisionnel : {projected:money}",
        balance=standing.balance, pending=standing.pending, projected=standing.projected,
    )  # fmt: skip


def sentence(words: str) -> str:
    """Begin with a capital and end with a full stop."""
    start = next((i for i, c in enumerate(words) if c.isprintable()), 0)
    return words[:start] + words[start : start + 1].upper() + words[start + 1 :] + "."


def together(names: Sequence[str]) -> str:
    """List names in a sentence.

    >>> together(["Anne", "Camille", "Sofiane"]), together(["Anne"])
    ('Anne, Camille et Sofiane', 'Anne')
    """
    if len(names) < 2:
        return "".join(names)
    return _("{some} et {last}", some=", ".join(names[:-1]), last=names[-1])


def right_name(right: str) -> str:
    """Name a right in everyday words."""
    names = {"member": _("adhérent"), "pickup": _("accueil aux distributions"), "treasury": _("coordinateur")}
    return names[right]


def since_words(at: datetime, now: datetime) -> str:
    """Say since when something is owed: « depuis le 12 novembre », « depuis le 3 octobre 2025 »."""
    days = (now - at).days
    if ago(at, now) == ago(now, now):
        return _("depuis aujourd'hui")
    return _("depuis le {at:date}", at=at) if days < MOST_OF_A_YEAR else _("depuis le {at:short}", at=at)


MOST_OF_A_YEAR = 300


def slip_count(n: int) -> str:
    """Count cheques."""
    return _n("{n} chèque", "{n} chèques", n)


def cheque_line(cheque: Cheque, group: Group) -> str:
    """Write a cheque in a line: whose, how much, since when, what is written on it."""
    written = group.cheque_note(cheque.payment)
    note = _(" · {written}", written=written) if written else ""
    bounced = _(" · impayé") if cheque.bounced else ""
    return _("{name} · {amount:money} · reçu le {at:short}{note}{bounced}", name=group.name_of(cheque.member),
             amount=cheque.amount, at=cheque.at, note=note, bounced=bounced)  # fmt: skip


def say_option(label: str, command: str) -> Option:
    """Make a button that begins a conversation, answered by a new message."""
    return Option(label, f"c:{command}")


def turn_option(label: str, command: str) -> Option:
    """Make a button whose answer replaces the message that carries it: pages."""
    return Option(label, f"e:{command}")


def act_option(label: str, command: str) -> Option:
    """Make a card's button: it acts, the card redraws itself, a few words answer."""
    return Option(label, f"k:{command}")


def rows(options: Sequence[Option], width: int = 3) -> Rows:
    """Lay buttons out, at most three in a row."""
    return tuple(tuple(options[start : start + width]) for start in range(0, len(options), width))


def plan_words(amount: Cents, method: Method) -> str:
    """Say how something will be paid."""
    how = by_method(method)
    if method in ON_THE_SPOT:
        return _("À payer à la distribution : {amount:money*} {how}.", amount=amount, how=how)
    return _("À payer : {amount:money*} {how}.", amount=amount, how=how)


def payee_lines(settings: Settings, method: Method | None) -> list[str]:
    """Say to whose order a cheque is made out, where the group has said it (B22)."""
    if method is not Method.CHEQUE or not settings.cheque_payee:
        return []
    return [_("Chèque à l'ordre de {payee:*}.", payee=settings.cheque_payee)]


def order_line(quantity: str, name: str, cost: Cents, *, estimated: bool) -> str:
    """Write a line of an order or a basket; ``estimated``: its cost is sure once it is weighed (B13)."""
    if estimated:
        return _("{quantity} {name} : {cost:money} environ, à peser à la distribution",
                 quantity=quantity, name=name, cost=cost)  # fmt: skip
    return _("{quantity} {name} : {cost:money}", quantity=quantity, name=name, cost=cost)


def order_lines(order: Order, *, before_pickup: bool = False) -> list[str]:
    """Write the lines of an order as they are charged now; ``before_pickup``: some are still to be weighed."""
    return [
        order_line(quantity_words(line.quantity, line.unit), line.name, line.cost,
                   estimated=before_pickup and line.sold is Sold.WEIGHED)
        for line in order.lines
    ]  # fmt: skip


def upcoming_lines(market: Market, member: int, balance: int) -> list[str]:
    """Say apart what a member owes for distributions still to come: of a debt, the newest part is theirs (B4)."""
    if balance >= 0:
        return []
    upcoming = market.upcoming(member)
    part = min(-balance, sum(order.total for _distribution, order in upcoming))
    if not part:
        return []
    if len(upcoming) > 1:
        return [_("Pour les distributions à venir : {amount:money}.", amount=part)]
    at = upcoming[0][0].starts_at
    return [_("Pour la distribution du {at:day} : {amount:money}.", at=at, amount=part)]

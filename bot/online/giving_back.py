"""Money that the group gives back on a card: asked of the provider, made or refused, never taken twice meanwhile (B25, B28)."""

from __future__ import annotations

from sqlalchemy import Connection, func, insert, select, update

from bot.ledger.errors import N_, Refusal
from bot.ledger.journal import BooksClosedError, Recorded
from bot.ledger.settling import AccountClosed, AccountClosedError, BalanceWrittenOff, CreditGiven
from bot.ledger.tables import ACCOUNT, BOOK
from bot.online.asking import REFUND, errand
from bot.online.facts import OnlineGivenBack, OnlineRefundAsked, OnlineRefundRefused
from bot.online.reading import NOT_COUNTED, under_way
from bot.online.tables import ONLINE_PAYMENT, ONLINE_REFUND


class NoMoreToReturnError(Refusal):
    """More would go back than was paid, those refunds counted that are under way."""

    sentence = N_("Il ne reste que {left:money} à rendre de ce paiement par carte. Rien n'a changé.")


class RefundOverError(Refusal):
    """The refund is made or refused already."""

    sentence = N_("Ce remboursement est déjà réglé. Rien n'a changé.")


class OnItsWayBackError(Refusal):
    """Money is on its way to a card: the account is not emptied nor closed under it (B25, B44)."""

    sentence = N_("{amount:money} sont en route vers la carte : attendons que ce soit fait. Rien n'a changé.")


def ask_refund(connection: Connection, recorded: Recorded, fact: OnlineRefundAsked) -> None:
    """Have money given back, no more than is left of it; not where it could not be posted: in closed books, on a closed account.

    Raises BooksClosedError, AccountClosedError, NoMoreToReturnError.
    """
    closed = select(BOOK.c.closed).where(BOOK.c.group_id == recorded.group)
    if connection.execute(closed).scalar_one():
        raise BooksClosedError
    account = (ACCOUNT.c.group_id == recorded.group) & (ACCOUNT.c.number == fact.member)
    if connection.execute(select(ACCOUNT.c.closed).where(account)).scalar_one():
        raise AccountClosedError(member=fact.member)
    left = _left(connection, recorded.group, fact)
    if fact.amount > left:
        raise NoMoreToReturnError(left=max(0, left))
    row = {
        "reference": fact.reference, "group_id": recorded.group, "member": fact.member, "cents": fact.amount,
        "provider": fact.provider, "external": fact.external, "state": "asked", "refund": "",
        "asked_by": recorded.author or 0, "fee": 0, "fact": recorded.number, "at": recorded.at,
    }  # fmt: skip
    connection.execute(insert(ONLINE_REFUND), row)
    if not fact.by_hand:
        errand(connection, REFUND, fact.reference)


def _left(connection: Connection, group: int, fact: OnlineRefundAsked) -> int:
    """Give what is left of a payment, in cents; 0 for one that is not this member's."""
    whose = (ONLINE_PAYMENT.c.provider == fact.provider) & (ONLINE_PAYMENT.c.external == fact.external)
    theirs = whose & (ONLINE_PAYMENT.c.group_id == group) & (ONLINE_PAYMENT.c.member == fact.member)
    paid = connection.execute(select(ONLINE_PAYMENT.c.cents).where(theirs)).scalar() or 0
    back = (ONLINE_REFUND.c.provider == fact.provider) & (ONLINE_REFUND.c.external == fact.external)
    query = select(func.coalesce(func.sum(ONLINE_REFUND.c.cents), 0)).where(
        back, ONLINE_REFUND.c.state.not_in(NOT_COUNTED)
    )
    return int(paid) - int(connection.execute(query).scalar_one())


def note_given_back(connection: Connection, recorded: Recorded, fact: OnlineGivenBack) -> None:
    """Note that the provider has given money back. Raises RefundOverError."""
    _end_refund(connection, recorded.group, fact.reference, "done", fact.refund)


def note_refused(connection: Connection, recorded: Recorded, fact: OnlineRefundRefused) -> None:
    """Note that nothing goes back. Raises RefundOverError."""
    _end_refund(connection, recorded.group, fact.reference, "refused", "")


def _end_refund(connection: Connection, group: int, reference: str, state: str, refund: str) -> None:
    ours = (ONLINE_REFUND.c.group_id == group) & (ONLINE_REFUND.c.reference == reference)
    here = update(ONLINE_REFUND).where(ours, ONLINE_REFUND.c.state == "asked")
    if not connection.execute(here.values(state=state, refund=refund)).rowcount:
        raise RefundOverError


def refuse_on_its_way(
    connection: Connection, recorded: Recorded, fact: CreditGiven | BalanceWrittenOff | AccountClosed
) -> None:
    """Keep an avoir where it is until the provider has given back what it was asked for: it would go twice.

    Raises OnItsWayBackError.
    """
    if isinstance(fact, BalanceWrittenOff) and fact.amount > 0:
        return
    amount = under_way(connection, recorded.group, fact.member)
    here = (ACCOUNT.c.group_id == recorded.group) & (ACCOUNT.c.number == fact.member)
    if connection.execute(select(ACCOUNT.c.balance).where(here)).scalar_one() < amount:
        raise OnItsWayBackError(amount=amount)

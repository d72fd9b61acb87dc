"""Accounts brought to zero without money, and closed there: write-offs, gifts of an avoir, the end of an account (B44)."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import Connection, bindparam, exists, select, update

from bot.ledger.errors import N_, Refusal
from bot.ledger.facts import Fact, private, register
from bot.ledger.money import Cents
from bot.ledger.postings import GroupAccount, Posting, add_rule, more_than_nothing, whole
from bot.ledger.tables import ACCOUNT, PAYMENT


@register
@dataclass(frozen=True)
class BalanceWrittenOff(Fact):
    """The group lets go of a small balance. ``amount``, in cents, is added to the account: more than zero forgives a debt."""

    member: int
    amount: Cents
    reason: str = private()


@register
@dataclass(frozen=True)
class CreditGiven(Fact):
    """A member gives an avoir to the group. Amount in cents, > 0 (B44)."""

    member: int
    amount: Cents


@register
@dataclass(frozen=True)
class AccountClosed(Fact):
    """An account at zero, on which nothing waits, takes nothing any more (B44)."""

    member: int


@register
@dataclass(frozen=True)
class AccountReopened(Fact):
    """Somebody opens a closed account again, knowingly (B44)."""

    member: int


class AccountClosedError(Refusal):
    """The account is closed: nothing is written on it before somebody opens it again (B44)."""

    sentence = N_("Ce compte est fermé. Pour y inscrire quelque chose, rouvrez-le d'abord : /rouvrir m{member}")


class AccountNotEvenError(Refusal):
    """An account is closed at zero, and while nothing waits on it (B44)."""

    sentence = N_("Ce compte n'est pas à zéro, ou un paiement y attend encore : il reste ouvert.")


class AccountOpenError(Refusal):
    """The account is open: there is nothing to open again."""

    sentence = N_("Ce compte est déjà ouvert. Rien n'a changé.")


class BalanceMovedError(Refusal):
    """What is let go of is more than what is left: the balance has moved meanwhile."""

    sentence = N_("Le solde a changé entre-temps : il n'y a plus autant à laisser. Rien n'a été enregistré.")


_HERE = (ACCOUNT.c.group_id == bindparam("group")) & (ACCOUNT.c.number == bindparam("member"))
_WAITS = exists().where(
    PAYMENT.c.group_id == ACCOUNT.c.group_id, PAYMENT.c.member == ACCOUNT.c.number, PAYMENT.c.state == "declared"
)
_CLOSE = update(ACCOUNT).where(_HERE, ACCOUNT.c.balance == 0, ~ACCOUNT.c.closed, ~_WAITS).values(closed=True)
_REOPEN = update(ACCOUNT).where(_HERE, ACCOUNT.c.closed).values(closed=False)
_BALANCE = select(ACCOUNT.c.balance).where(_HERE)


def settle(connection: Connection, *, group: int, fact: Fact) -> None:
    """Carry out what a fact does to an account besides posting; a fact about something else changes nothing.

    Raises AccountNotEvenError, AccountOpenError, BalanceMovedError.
    """
    match fact:
        case AccountClosed(member):
            if not connection.execute(_CLOSE, {"group": group, "member": member}).rowcount:
                raise AccountNotEvenError
        case AccountReopened(member):
            if not connection.execute(_REOPEN, {"group": group, "member": member}).rowcount:
                raise AccountOpenError
        case BalanceWrittenOff(member, amount):
            _refuse_beyond_zero(connection, group, member, amount)
        case CreditGiven(member, amount):
            _refuse_beyond_zero(connection, group, member, Cents(-amount))
        case _:
            pass


def _refuse_beyond_zero(connection: Connection, group: int, member: int, added: Cents) -> None:
    """What was added must have brought the balance towards zero, not beyond it."""
    balance = connection.execute(_BALANCE, {"group": group, "member": member}).scalar_one()
    if balance * added > 0:
        raise BalanceMovedError


def _written_off(fact: BalanceWrittenOff) -> tuple[Posting, ...]:
    return (Posting(fact.member, GroupAccount.WRITE_OFF, whole(fact.amount)),)


def _given(fact: CreditGiven) -> tuple[Posting, ...]:
    return (Posting(fact.member, GroupAccount.WRITE_OFF, Cents(-more_than_nothing(fact.amount))),)


add_rule("BalanceWrittenOff", 1, _written_off)
add_rule("CreditGiven", 1, _given)

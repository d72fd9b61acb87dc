"""How far from zero a group is, and what waits for its coordinators: what the digest is written from (B41)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.ledger.books import Books, Payment
from bot.ledger.money import Cents
from bot.ledger.postings import GroupAccount
from bot.market.market import Distribution, Market, Request
from bot.reminders.away import Away
from bot.reminders.dues import Due
from bot.reminders.history import Point
from bot.reminders.refunds import RefundRequest
from bot.reminders.unreachable import Unreachable
from bot.reminders.view import Dues

WAITING_FOR = timedelta(days=3)
"""From when a declared payment is asked about."""


@dataclass(frozen=True)
class InHand:
    """Cheques that wait to be deposited: how many, their total in cents, since when the oldest is there."""

    count: int
    total: Cents
    since: datetime


@dataclass(frozen=True)
class CashBox:
    """What the books say is in the cash box, in cents, and when it was counted last, if it was of late."""

    holds: Cents
    counted_at: datetime | None

    @property
    def uncounted(self) -> bool:
        """Tell whether there is something in it that nobody has counted of late."""
        return bool(self.holds) and self.counted_at is None


@dataclass(frozen=True)
class Digest:
    """What there is to say; amounts in cents. ``before``: what was owed at the last digest, if there was one.

    ``accounts``: those away from zero, since when; ``weeks``: how it was, week after week.
    """

    due: Sequence[Due]
    owed: Cents
    having: Cents
    accounts: Sequence[Away]
    pending: Sequence[Payment]
    cheques: InHand | None
    cash: CashBox
    to_validate: Sequence[Distribution]
    requests: Sequence[Request]
    refunds: Sequence[RefundRequest]
    unreachable: Sequence[Unreachable]
    before: Cents | None
    weeks: Sequence[Point]

    @property
    def away(self) -> int:
        """Count the accounts away from zero."""
        return len(self.accounts)

    @property
    def empty(self) -> bool:
        """Tell whether there is nothing to say."""
        owing = [one for one in self.unreachable if one.balance < 0 or one.lost]
        waiting = self.pending or self.cheques or self.to_validate or self.requests or self.refunds
        return not (self.due or self.away or waiting or owing)


def digest_of(books: Books, market: Market, dues: Dues, before: Cents | None) -> Digest:
    """Read what there is to say of a group now; ``before`` is what was owed at the last digest."""
    accounts = dues.away()
    weeks = dues.weeks()
    return Digest(
        due=dues.everybody(),
        owed=weeks[-1].owed,
        having=weeks[-1].having,
        accounts=accounts,
        pending=[payment for payment in books.pending() if books.now - payment.declared_at > WAITING_FOR],
        cheques=_in_hand(books),
        cash=CashBox(books.held(GroupAccount.CASH), dues.cash_counted_at()),
        to_validate=market.to_validate(),
        requests=market.open_requests(),
        refunds=dues.refunds(),
        unreachable=dues.unreachable(),
        before=before,
        weeks=weeks,
    )


def _in_hand(books: Books) -> InHand | None:
    cheques = books.cheques.in_hand()
    if not cheques:
        return None
    return InHand(len(cheques), Cents(sum(cheque.amount for cheque in cheques)), cheques[0].at)

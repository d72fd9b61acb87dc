"""How far from zero a group is, and what waits for its coordinators: what the digest is written from (B41)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from bot.ledger.books import Books, Payment
from bot.ledger.money import Cents
from bot.market.market import Distribution, Market, Phase, Request
from bot.reminders.dues import Due
from bot.reminders.unreachable import Unreachable
from bot.reminders.view import Dues

WAITING_FOR = timedelta(days=3)
"""From when a declared payment is asked about."""


@dataclass(frozen=True)
class Digest:
    """What there is to say; amounts in cents. ``before``: what was owed at the last digest, if there was one."""

    due: Sequence[Due]
    owed: Cents
    having: Cents
    away: int
    pending: Sequence[Payment]
    to_validate: Sequence[Distribution]
    requests: Sequence[Request]
    unreachable: Sequence[Unreachable]
    before: Cents | None

    @property
    def empty(self) -> bool:
        """Tell whether there is nothing to say."""
        owing = [one for one in self.unreachable if one.balance < 0 or one.lost]
        return not (self.due or self.away or self.pending or self.to_validate or self.requests or owing)


def digest_of(books: Books, market: Market, dues: Dues, before: Cents | None) -> Digest:
    """Read what there is to say of a group now; ``before`` is what was owed at the last digest."""
    balances = [standing.balance for standing in books.standings() if standing.balance]
    pending = [payment for payment in books.pending() if books.now - payment.declared_at > WAITING_FOR]
    return Digest(
        due=dues.everybody(),
        owed=Cents(-sum(balance for balance in balances if balance < 0)),
        having=Cents(sum(balance for balance in balances if balance > 0)),
        away=len(balances),
        pending=pending,
        to_validate=market.in_phase(Phase.OVER),
        requests=market.open_requests(),
        unreachable=dues.unreachable(),
        before=before,
    )

"""What must hold of orders: each debit is the sum of its lines, and nothing else is sold (B8, B10).

Importing this module adds its checks to the audit's list.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

from sqlalchemy import Connection, func, select, text

from bot.ledger.audit import CHECKS, Discrepancy
from bot.ledger.postings import GroupAccount
from bot.ledger.tables import ENTRY
from bot.market.facts import Line
from bot.market.tables import LINE, ORDER, ORDER_FACT


def debits_are_the_lines(connection: Connection) -> Iterator[Discrepancy]:
    """An order's debit is the sum of its lines, nothing once it is cancelled; credits come on top, each its own entry."""
    posted, costs = _posted(connection), _costs(connection)
    for row in connection.execute(select(ORDER)):
        key = (row.group_id, row.distribution, row.member)
        cost = costs.pop(key, 0)
        cost = cost if row.state == "confirmed" else 0
        if posted.pop(key, 0) != -cost:
            yield Discrepancy(row.group_id, "commande", f"n° {row.number} de la distribution {row.distribution}")
    for group, distribution, _member in [*costs, *(key for key, amount in posted.items() if amount)]:
        yield Discrepancy(group, "commande", f"des lignes ou un débit sans commande, distribution {distribution}")


def sales_are_the_orders(connection: Connection) -> Iterator[Discrepancy]:
    """What a group sold is what its orders debited: no entry of the sales is without its order."""
    query = f"""
        SELECT e.group_id, e.fact FROM entry e
        LEFT JOIN order_fact o ON o.group_id = e.group_id AND o.fact = e.fact
        WHERE e.contra = {int(GroupAccount.SALES)} AND o.fact IS NULL"""  # noqa: S608 - a number of ours
    for group, fact in connection.execute(text(query)):
        yield Discrepancy(group, "ventes", f"l'opération n° {fact} n'est d'aucune commande")


def credits_agree(connection: Connection) -> Iterator[Discrepancy]:
    """A credit on an order gave back what its fact says, and all credits of an order no more than it cost (B10)."""
    entry = (ORDER_FACT.c.group_id == ENTRY.c.group_id) & (ORDER_FACT.c.fact == ENTRY.c.fact)
    given = func.coalesce(func.sum(ENTRY.c.amount), 0)
    which = (*_KEY, ORDER_FACT.c.fact, ORDER_FACT.c.amount)
    query = select(*which, given.label("given")).outerjoin(ENTRY, entry).where(ORDER_FACT.c.credit).group_by(*which)
    credited: dict[tuple[int, int, int], int] = defaultdict(int)
    for row in connection.execute(query):
        credited[row.group_id, row.distribution, row.member] += row.amount
        if row.given != row.amount:
            yield Discrepancy(row.group_id, "avoir", f"l'opération n° {row.fact} a rendu une autre somme")
    costs = _costs(connection) if credited else {}
    for key, amount in credited.items():
        if amount > costs.get(key, 0):
            yield Discrepancy(key[0], "avoir", f"plus que la commande n'a coûté, distribution {key[1]}")


_KEY = (ORDER_FACT.c.group_id, ORDER_FACT.c.distribution, ORDER_FACT.c.member)


def _costs(connection: Connection) -> dict[tuple[int, int, int], int]:
    """Sum up what the lines of each order cost, in cents."""
    costs: dict[tuple[int, int, int], int] = defaultdict(int)
    for row in connection.execute(select(LINE)):
        line = Line(row.product, row.ordered, row.quantity, row.price)
        costs[row.group_id, row.distribution, row.member] += line.cost
    return costs


def _posted(connection: Connection) -> dict[tuple[int, int, int], int]:
    of = (ORDER_FACT.c.group_id == ENTRY.c.group_id) & (ORDER_FACT.c.fact == ENTRY.c.fact)
    query = select(*_KEY, func.sum(ENTRY.c.amount).label("posted")).join(ENTRY, of)
    rows = connection.execute(query.where(~ORDER_FACT.c.credit).group_by(*_KEY))
    return {(row.group_id, row.distribution, row.member): int(row.posted) for row in rows}


CHECKS.extend([debits_are_the_lines, sales_are_the_orders, credits_agree])

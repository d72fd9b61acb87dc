"""What must hold of the lines of bank statements: each once, with its fact and its payment (B23, B28).

Importing this module adds its checks to the audit's list.
"""

from __future__ import annotations

import json
from collections.abc import Iterator

from sqlalchemy import Connection, text

from bot.ledger.audit import CHECKS, Discrepancy

_WRONG = """
    SELECT b.group_id, b.fact FROM bank_line b
    LEFT JOIN payment p ON p.group_id = b.group_id AND p.number = b.payment
    WHERE p.number IS NULL OR p.state <> 'validated' OR p.decided <> b.decided
       OR p.member <> b.member OR p.received <> b.amount"""
_UNKNOWN = """
    SELECT b.group_id, b.key, b.day, b.member, b.amount, f.body FROM bank_line b
    LEFT JOIN fact f ON f.group_id = b.group_id AND f.number = b.fact AND f.kind = 'BankLineMatched'"""
_LOST = """
    SELECT f.group_id, f.number FROM fact f
    WHERE f.kind = 'BankLineMatched'
      AND NOT EXISTS (SELECT 1 FROM bank_line b WHERE b.group_id = f.group_id AND b.fact = f.number)
      AND NOT EXISTS (SELECT 1 FROM fact r WHERE r.group_id = f.group_id AND r.number > f.number AND r.reverses < f.number)"""


def lines_are_payments(connection: Connection) -> Iterator[Discrepancy]:
    """A line is a payment that stands, of its member, for its amount."""
    for group, fact in connection.execute(text(_WRONG)):
        yield Discrepancy(group, "relevé", f"la ligne de l'opération n° {fact} n'a pas son paiement")


def lines_have_their_facts(connection: Connection) -> Iterator[Discrepancy]:
    """A line is there because a fact says so, in the same figures."""
    for group, key, day, member, amount, body in connection.execute(text(_UNKNOWN)):
        kept = json.loads(body) if body else {}
        said = [kept.get(name) for name in ("key", "day", "member", "amount")]
        if said != [key, str(day), member, amount]:
            yield Discrepancy(group, "relevé", f"une ligne du {day} n'a pas son opération")


def facts_have_their_lines(connection: Connection) -> Iterator[Discrepancy]:
    """A line that a fact matched is still there, unless a later correction took its payment back."""
    for group, number in connection.execute(text(_LOST)):
        yield Discrepancy(group, "relevé", f"la ligne de l'opération n° {number} a disparu")


CHECKS.extend([lines_are_payments, lines_have_their_facts, facts_have_their_lines])

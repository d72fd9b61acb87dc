"""What must hold of those who left: nobody speaks for them, and of those who were erased nothing is left (B44).

Importing this module adds its checks to the audit's list.
"""

from __future__ import annotations

from collections.abc import Iterator

from sqlalchemy import Connection, text

from bot.ledger.audit import CHECKS, Discrepancy


def those_who_left_speak_no_more(connection: Connection) -> Iterator[Discrepancy]:
    """Who is not in the group has no open address and no right in it; who left has a date; a closed account is of somebody who left."""
    query = """
        SELECT m.group_id, m.number FROM member m
        JOIN account a ON a.group_id = m.group_id AND a.number = m.number
        WHERE (NOT m.active AND (m."right" <> 'member' OR m.left_at IS NULL))
           OR (m.active AND (m.left_at IS NOT NULL OR m.erased OR a.closed))
           OR (NOT m.active AND EXISTS (SELECT 1 FROM address d WHERE d.group_id = m.group_id AND d.member = m.number
                                        AND d.state <> 'revoked'))"""
    for group, number in connection.execute(text(query)):
        yield Discrepancy(group, "départ", f"m{number} : parti et encore là", serious=False)


def nothing_is_left_of_the_erased(connection: Connection) -> Iterator[Discrepancy]:
    """Of somebody erased there is no address, no note on a cheque, no note on a request."""
    query = """
        SELECT m.group_id, m.number FROM member m WHERE m.erased AND (
          EXISTS (SELECT 1 FROM address d WHERE d.group_id = m.group_id AND d.member = m.number)
          OR EXISTS (SELECT 1 FROM cheque_note c JOIN payment p ON p.group_id = c.group_id AND p.number = c.payment
                     WHERE p.group_id = m.group_id AND p.member = m.number)
          OR EXISTS (SELECT 1 FROM removal_request r WHERE r.group_id = m.group_id AND r.member = m.number AND r.note <> ''))"""
    for group, number in connection.execute(text(query)):
        yield Discrepancy(group, "effacement", f"m{number} : il reste des données personnelles", serious=False)


CHECKS.extend([those_who_left_speak_no_more, nothing_is_left_of_the_erased])

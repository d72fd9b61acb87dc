"""The books, checked: a plain list of small checks that must hold, each yielding what it finds wrong."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from sqlalchemy import Connection, select, text

from bot.ledger.postings import GroupAccount
from bot.ledger.rereading import differences, unreadable
from bot.ledger.tables import ACCOUNT, FACT


@dataclass(frozen=True)
class Discrepancy:
    """Something that does not hold, in a group. ``serious``: postings of that group must stop until it is understood."""

    group: int
    check: str
    detail: str
    serious: bool = True

    def __str__(self) -> str:
        return f"groupe {self.group} : {self.check} : {self.detail}"


def audit(connection: Connection, *, replay: bool = True) -> list[Discrepancy]:
    """Run every check; the books are right when nothing is found. ``replay`` computes all facts again, which takes longest.

    Where a fact cannot be read nothing else is looked at: the checks go by what facts say.
    """
    unread = [Discrepancy(group, "journal", f"n° {number} ne se lit pas") for group, number in unreadable(connection)]
    if unread:
        return unread
    checks = CHECKS if replay else [check for check in CHECKS if check is not replay_agrees]
    return [found for check in checks for found in check(connection)]


def groups_sum_to_zero(connection: Connection) -> Iterator[Discrepancy]:
    """What all accounts of a group hold sums to zero (B2)."""
    query = "SELECT group_id, SUM(balance) FROM account GROUP BY group_id HAVING SUM(balance) <> 0"
    for group, total in connection.execute(text(query)):
        yield Discrepancy(group, "somme nulle", f"{total} centimes de trop")


def balances_agree(connection: Connection) -> Iterator[Discrepancy]:
    """A balance is the sum of the account's entries, less those of which it is the other side."""
    query = """
        SELECT a.group_id, a.number, a.balance, COALESCE(own.total, 0) - COALESCE(other.total, 0) AS computed
        FROM account a
        LEFT JOIN (SELECT group_id, account, SUM(amount) AS total FROM entry GROUP BY group_id, account) own
          ON own.group_id = a.group_id AND own.account = a.number
        LEFT JOIN (SELECT group_id, contra, SUM(amount) AS total FROM entry GROUP BY group_id, contra) other
          ON other.group_id = a.group_id AND other.contra = a.number
        WHERE a.balance <> COALESCE(own.total, 0) - COALESCE(other.total, 0)"""
    for group, number, balance, computed in connection.execute(text(query)):
        yield Discrepancy(group, "solde", f"compte {number} : {balance} au lieu de {computed}")


def chains_hold(connection: Connection) -> Iterator[Discrepancy]:
    """Entries of an account are numbered 1 to n; a member's balance after each is that before, plus its amount."""
    counted = """
        SELECT a.group_id, a.number, a.entries, COALESCE(e.n, 0), COALESCE(e.last, 0)
        FROM account a LEFT JOIN
          (SELECT group_id, account, COUNT(*) AS n, MAX(seq) AS last FROM entry GROUP BY group_id, account) e
          ON e.group_id = a.group_id AND e.account = a.number
        WHERE a.entries <> COALESCE(e.n, 0) OR a.entries <> COALESCE(e.last, 0)"""
    for group, number, entries, n, last in connection.execute(text(counted)):
        yield Discrepancy(
            group, "suite", f"compte {number} : {entries} écritures annoncées, {n} trouvées, dernière {last}"
        )
    summed = """
        SELECT group_id, account, seq FROM (
          SELECT group_id, account, seq, balance_after,
                 SUM(amount) OVER (PARTITION BY group_id, account ORDER BY seq) AS running
          FROM entry WHERE account > 0) chained
        WHERE running <> balance_after"""
    for group, account, seq in connection.execute(text(summed)):
        yield Discrepancy(group, "suite", f"compte {account}, écriture {seq} : solde rompu")


def entries_have_their_places(connection: Connection) -> Iterator[Discrepancy]:
    """Both accounts of an entry, and its fact, are of its group: nothing crosses groups (B1)."""
    query = """
        SELECT e.group_id, e.account, e.seq FROM entry e
        WHERE NOT EXISTS (SELECT 1 FROM account a WHERE a.group_id = e.group_id AND a.number = e.account)
           OR NOT EXISTS (SELECT 1 FROM account a WHERE a.group_id = e.group_id AND a.number = e.contra)
           OR NOT EXISTS (SELECT 1 FROM fact f WHERE f.group_id = e.group_id AND f.number = e.fact)"""
    for group, account, seq in connection.execute(text(query)):
        yield Discrepancy(group, "écriture", f"compte {account}, écriture {seq} : compte ou opération introuvable")


def payments_agree(connection: Connection) -> Iterator[Discrepancy]:
    """A payment is validated if, and only if, its entry is there and stands, for what was received (B21)."""
    query = """
        SELECT p.group_id, p.number, p.state, p.received, COALESCE(SUM(e.amount), 0) AS posted
        FROM payment p LEFT JOIN fact f
          ON f.group_id = p.group_id AND f.number = p.decided AND f.kind IN ('PaymentValidated', 'PaymentReceived')
          AND NOT EXISTS (SELECT 1 FROM fact r WHERE r.group_id = f.group_id AND r.reverses = f.number)
        LEFT JOIN entry e ON e.group_id = f.group_id AND e.fact = f.number AND e.account = p.member
        GROUP BY p.group_id, p.number, p.state, p.received
        HAVING COALESCE(SUM(e.amount), 0) <> CASE WHEN p.state IN ('validated', 'bounced') THEN p.received ELSE 0 END"""
    for group, number, state, received, posted in connection.execute(text(query)):
        yield Discrepancy(group, "paiement", f"n° {number} ({state}) : reçu {received}, inscrit {posted}")


def money_has_its_payment(connection: Connection) -> Iterator[Discrepancy]:
    """Money received and not reversed belongs to exactly one payment that says so."""
    query = """
        SELECT f.group_id, f.number FROM fact f
        LEFT JOIN fact r ON r.group_id = f.group_id AND r.reverses = f.number
        WHERE f.kind IN ('PaymentValidated', 'PaymentReceived') AND r.number IS NULL
        EXCEPT SELECT group_id, decided FROM payment WHERE state IN ('validated', 'bounced')"""
    for group, number in connection.execute(text(query)):
        yield Discrepancy(group, "paiement", f"l'opération n° {number} n'est celle d'aucun paiement reçu")


def reversals_mirror(connection: Connection) -> Iterator[Discrepancy]:
    """A reversal names what it reverses and posts its mirror (B3)."""
    named = "SELECT group_id, number FROM fact WHERE (kind = 'FactReversed') <> (reverses IS NOT NULL)"
    for group, number in connection.execute(text(named)):
        yield Discrepancy(group, "annulation", f"n° {number} : ce qui est annulé n'est pas nommé")
    mirrored = """
        SELECT r.group_id, r.number, e.account, e.contra
        FROM fact r JOIN entry e ON e.group_id = r.group_id AND e.fact IN (r.number, r.reverses)
        WHERE r.reverses IS NOT NULL
        GROUP BY r.group_id, r.number, e.account, e.contra HAVING SUM(e.amount) <> 0"""
    for group, number, account, contra in connection.execute(text(mirrored)):
        yield Discrepancy(group, "annulation", f"n° {number} : comptes {account} et {contra}, autre montant")


def facts_are_numbered(connection: Connection) -> Iterator[Discrepancy]:
    """Facts of a group are numbered 1 to n, as its book says: none is missing."""
    query = """
        SELECT b.group_id, b.facts, COUNT(f.number), COALESCE(MAX(f.number), 0) FROM book b
        LEFT JOIN fact f ON f.group_id = b.group_id
        GROUP BY b.group_id, b.facts HAVING COUNT(f.number) <> b.facts OR COALESCE(MAX(f.number), 0) <> b.facts"""
    for group, said, n, last in connection.execute(text(query)):
        yield Discrepancy(group, "journal", f"{said} opérations annoncées, {n} trouvées, dernière {last}")


def accounts_have_their_fact(connection: Connection) -> Iterator[Discrepancy]:
    """Each member's account was opened by one fact (B1)."""
    accounts = connection.execute(select(ACCOUNT.c.group_id, ACCOUNT.c.number).where(ACCOUNT.c.number > 0))
    opened = connection.execute(select(FACT.c.group_id, FACT.c.body).where(FACT.c.kind == "AccountOpened"))
    found = sorted((row.group_id, json.loads(row.body)["member"]) for row in opened)
    have = sorted((row.group_id, row.number) for row in accounts)
    for group, number in sorted(set(found) ^ set(have)):
        yield Discrepancy(group, "compte", f"compte {number} : ouverture et compte ne se répondent pas")


def cheques_in_hand_are_there(connection: Connection) -> Iterator[Discrepancy]:
    """What « cheques in hand » holds is the cheques that are on no slip and have not bounced (B22).

    Refunds by cheque of version 1 took their money from there: they are left out.
    """
    query = f"""
        SELECT a.group_id, -a.balance - COALESCE(old.total, 0) AS held, COALESCE(hand.total, 0) AS there
        FROM account a
        LEFT JOIN (SELECT group_id, SUM(amount) AS total FROM cheque
                   WHERE slip IS NULL AND bounced IS NULL AND returned IS NULL GROUP BY group_id) hand
          ON hand.group_id = a.group_id
        LEFT JOIN (SELECT e.group_id, SUM(e.amount) AS total FROM entry e
                   JOIN fact f ON f.group_id = e.group_id AND f.number = e.fact
                   LEFT JOIN fact o ON o.group_id = f.group_id AND o.number = f.reverses
                   WHERE e.contra = {int(GroupAccount.CHEQUES)} AND COALESCE(o.kind, f.kind) = 'PaymentRefunded'
                   GROUP BY e.group_id) old
          ON old.group_id = a.group_id
        WHERE a.number = {int(GroupAccount.CHEQUES)}
          AND -a.balance - COALESCE(old.total, 0) <> COALESCE(hand.total, 0)"""  # noqa: S608 - numbers of ours
    for group, held, there in connection.execute(text(query)):
        yield Discrepancy(group, "chèques", f"en main : {there}, dans les comptes : {held}")


def slips_are_their_cheques(connection: Connection) -> Iterator[Discrepancy]:
    """A slip that stands moved what its cheques are worth; no cheque is on one that does not stand (B22)."""
    query = f"""
        SELECT s.group_id, s.slip, s.total, COALESCE(SUM(e.amount), 0) FROM (
          SELECT group_id, slip, SUM(amount) AS total FROM cheque WHERE slip IS NOT NULL GROUP BY group_id, slip
          UNION ALL
          SELECT f.group_id, f.number, 0 FROM fact f WHERE f.kind = 'ChequesDeposited'
            AND NOT EXISTS (SELECT 1 FROM cheque c WHERE c.group_id = f.group_id AND c.slip = f.number)) s
        LEFT JOIN fact f ON f.group_id = s.group_id AND f.number = s.slip AND f.kind = 'ChequesDeposited'
          AND NOT EXISTS (SELECT 1 FROM fact r WHERE r.group_id = f.group_id AND r.reverses = f.number)
        LEFT JOIN entry e ON e.group_id = f.group_id AND e.fact = f.number AND e.account = {int(GroupAccount.CHEQUES)}
        GROUP BY s.group_id, s.slip, s.total HAVING COALESCE(SUM(e.amount), 0) <> s.total"""  # noqa: S608 - a number of ours
    for group, slip, total, moved in connection.execute(text(query)):
        yield Discrepancy(group, "remise", f"n° {slip} : {total} de chèques, {moved} remis")


def bounced_payments_have_their_cheque(connection: Connection) -> Iterator[Discrepancy]:
    """A payment is « bounced » if, and only if, its cheque is; one that was validated by cheque has its cheque (B22)."""
    query = f"""
        SELECT p.group_id, p.number, p.state FROM payment p
        LEFT JOIN cheque c ON c.group_id = p.group_id AND c.payment = p.number AND c.returned IS NULL
        LEFT JOIN entry e ON e.group_id = p.group_id AND e.fact = p.decided AND e.account = p.member
          AND e.contra = {int(GroupAccount.CHEQUES)} AND p.state IN ('validated', 'bounced')
        GROUP BY p.group_id, p.number, p.state
        HAVING (p.state = 'bounced') <> (COUNT(c.bounced) > 0) OR COUNT(c.received) <> COUNT(e.fact)"""  # noqa: S608 - ours
    for group, number, state in connection.execute(text(query)):
        yield Discrepancy(group, "chèques", f"paiement n° {number} ({state}) : le chèque dit autre chose")


def closed_accounts_are_at_zero(connection: Connection) -> Iterator[Discrepancy]:
    """An account is closed if, and only if, the last fact about that says so; it is at zero, and nothing waits on it (B44)."""
    ends = select(FACT.c.group_id, FACT.c.kind, FACT.c.body).where(
        FACT.c.kind.in_(("AccountClosed", "AccountReopened"))
    )
    said: dict[tuple[int, int], bool] = {}
    for row in connection.execute(ends.order_by(FACT.c.group_id, FACT.c.number)):
        said[row.group_id, json.loads(row.body)["member"]] = row.kind == "AccountClosed"
    closed = connection.execute(select(ACCOUNT.c.group_id, ACCOUNT.c.number).where(ACCOUNT.c.closed))
    found = {(row.group_id, row.number) for row in closed}
    for group, number in sorted({key for key, ended in said.items() if ended} ^ found):
        yield Discrepancy(group, "compte fermé", f"compte {number} : le journal dit autre chose")
    waits = (
        "SELECT a.group_id, a.number FROM account a JOIN payment p ON p.group_id = a.group_id AND p.member = a.number"
    )
    for group, number in connection.execute(text(waits + " WHERE a.closed AND p.state = 'declared'")):
        yield Discrepancy(group, "compte fermé", f"compte {number} : un paiement y attend")


def replay_agrees(connection: Connection) -> Iterator[Discrepancy]:
    """Every fact, read again, posts what is kept and leaves the payments as they are. A difference is an alarm only."""
    for group, detail in differences(connection):
        yield Discrepancy(group, "relecture", detail, serious=False)


CHECKS: list[Callable[[Connection], Iterator[Discrepancy]]] = [
    groups_sum_to_zero,
    balances_agree,
    chains_hold,
    entries_have_their_places,
    payments_agree,
    money_has_its_payment,
    reversals_mirror,
    facts_are_numbered,
    accounts_have_their_fact,
    cheques_in_hand_are_there,
    slips_are_their_cheques,
    bounced_payments_have_their_cheque,
    closed_accounts_are_at_zero,
    replay_agrees,
]

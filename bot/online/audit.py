"""What must hold of online payments: each of the provider's names once, the account what the provider holds (B25).

Importing this module adds its checks to the audit's list.
"""

from __future__ import annotations

import json
from collections.abc import Iterator

from sqlalchemy import Connection, text

from bot.ledger.audit import CHECKS, Discrepancy
from bot.ledger.postings import GroupAccount

_HELD = f"""
    SELECT a.group_id, -a.balance, COALESCE(p.taken, 0) - COALESCE(r.back, 0) - COALESCE(o.sent, 0) FROM account a
    LEFT JOIN (SELECT group_id, SUM(cents - COALESCE(fee, 0)) AS taken FROM online_payment GROUP BY group_id) p
      ON p.group_id = a.group_id
    LEFT JOIN (SELECT group_id, SUM(fee + CASE WHEN state = 'done' THEN cents ELSE 0 END) AS back FROM online_refund
               GROUP BY group_id) r
      ON r.group_id = a.group_id
    LEFT JOIN (SELECT group_id, SUM(amount) AS sent FROM entry
               WHERE account = {int(GroupAccount.ONLINE)} AND contra = {int(GroupAccount.BANK)} GROUP BY group_id) o
      ON o.group_id = a.group_id
    WHERE a.number = {int(GroupAccount.ONLINE)}
      AND -a.balance <> COALESCE(p.taken, 0) - COALESCE(r.back, 0) - COALESCE(o.sent, 0)"""  # noqa: S608 - a number of ours
_NOT_PAYMENTS = """
    SELECT o.group_id, o.fact FROM online_payment o
    LEFT JOIN payment p ON p.group_id = o.group_id AND p.number = o.payment
    WHERE p.number IS NULL OR p.state <> 'validated' OR p.method <> 'online'
       OR p.member <> o.member OR p.received <> o.cents"""
_CONFIRMED = """
    SELECT f.group_id, f.number, f.kind, f.body FROM fact f
    WHERE f.kind IN ('OnlineConfirmed', 'OnlineUnattributed') ORDER BY f.group_id, f.number"""
_TAKEN = "SELECT group_id, fact, member, cents, provider, external, reference FROM online_payment"
_UNSAID = """
    SELECT o.group_id, o.fact FROM online_payment o
    WHERE NOT EXISTS (SELECT 1 FROM fact f WHERE f.group_id = o.group_id AND f.number = o.fact AND f.kind = 'OnlineConfirmed')"""
_PAID = """
    SELECT c.group_id, c.fact FROM checkout c
    WHERE (c.state = 'paid') <> EXISTS (SELECT 1 FROM online_payment o WHERE o.reference = c.reference)"""
_TOO_MUCH = """
    SELECT o.group_id, o.fact FROM online_payment o
    JOIN online_refund r ON r.provider = o.provider AND r.external = o.external
     AND r.state NOT IN ('refused', 'restored') AND r.asked_by <> 0
    GROUP BY o.group_id, o.fact, o.cents HAVING SUM(r.cents) > o.cents"""
_BACK = """
    SELECT group_id, kind, body FROM fact
    WHERE kind IN ('OnlineGivenBack', 'OnlineRefundRefused', 'OnlineTakenBack', 'OnlineRestored', 'OnlineRefundSeen')
    ORDER BY group_id, number"""
_ENDS = {"OnlineRefundRefused": "refused", "OnlineRestored": "restored"}
_REFUNDS = "SELECT group_id, reference, state, refund FROM online_refund WHERE state <> 'asked'"


def account_is_what_providers_hold(connection: Connection) -> Iterator[Discrepancy]:
    """The online account holds what providers have taken, less fees, what went back and what was sent on to the bank."""
    for group, held, there in connection.execute(text(_HELD)):
        yield Discrepancy(group, "en ligne", f"chez les prestataires : {there}, dans les comptes : {held}")


def online_payments_are_payments(connection: Connection) -> Iterator[Discrepancy]:
    """Money that a provider has taken is one payment that stands, of its member, for its amount (B28)."""
    for group, fact in connection.execute(text(_NOT_PAYMENTS)):
        yield Discrepancy(group, "en ligne", f"le paiement de l'opération n° {fact} n'est pas dans les comptes")


def each_external_name_counts_once(connection: Connection) -> Iterator[Discrepancy]:
    """What a fact confirmed is there, as it said, under the provider's name; what is there, a fact confirmed (B25)."""
    there = {tuple(row[:2]): list(row[2:]) for row in connection.execute(text(_TAKEN))}
    seen: dict[tuple[str, str], tuple[int, int]] = {}
    said: dict[tuple[int, int], list[object]] = {}
    for group, number, kind, body in connection.execute(text(_CONFIRMED)):
        kept = json.loads(body)
        name = (kept["provider"], kept["external"])
        if kind == "OnlineUnattributed":
            said.pop(seen.pop(name, (0, 0)), None)
            continue
        twin = seen.setdefault(name, (group, number))
        if twin != (group, number):
            yield Discrepancy(group, "en ligne", f"les opérations n° {twin[1]} et {number} sont le même paiement")
        said[group, number] = [kept.get(part) for part in ("member", "amount", "provider", "external", "reference")]
    for (group, number), what in said.items():
        if there.get((group, number)) != what:
            yield Discrepancy(group, "en ligne", f"le paiement de l'opération n° {number} a changé ou disparu")
    for group, number in connection.execute(text(_UNSAID)):
        yield Discrepancy(group, "en ligne", f"un paiement n'a pas son opération (n° {number})")


def paid_links_have_their_payment(connection: Connection) -> Iterator[Discrepancy]:
    """A link is paid if, and only if, a payment says so."""
    for group, fact in connection.execute(text(_PAID)):
        yield Discrepancy(group, "en ligne", f"le lien de l'opération n° {fact} : payé, ou non ?")


def no_more_goes_back_than_came(connection: Connection) -> Iterator[Discrepancy]:
    """Of a payment no more is given back by us than was paid; a bank may take back more."""
    for group, fact in connection.execute(text(_TOO_MUCH)):
        yield Discrepancy(group, "en ligne", f"le paiement de l'opération n° {fact} est rendu plus d'une fois")


def refunds_end_as_their_facts_say(connection: Connection) -> Iterator[Discrepancy]:
    """A refund has ended, and its money come again, as the last fact about it said, under the provider's name."""
    said = {}
    named: dict[tuple[str, str], str] = {}
    for group, kind, body in connection.execute(text(_BACK)):
        kept = json.loads(body)
        refund = kept.get("refund", "")
        name = (kept.get("provider", ""), refund)
        reference = kept.get("reference") or named.get(name) or ":".join(name)  # ours may fail, and go back after all
        named[name] = reference
        said[reference] = (group, _ENDS.get(kind, "done"), refund)
    there = {row[1]: (row[0], row[2], row[3]) for row in connection.execute(text(_REFUNDS))}
    for reference in sorted(
        reference for reference in said.keys() | there.keys() if said.get(reference) != there.get(reference)
    ):
        group = (said.get(reference) or there[reference])[0]
        yield Discrepancy(group, "en ligne", f"le remboursement {reference} n'est pas ce que le journal en dit")


CHECKS.extend(
    [
        account_is_what_providers_hold,
        online_payments_are_payments,
        each_external_name_counts_once,
        paid_links_have_their_payment,
        no_more_goes_back_than_came,
        refunds_end_as_their_facts_say,
    ]
)

"""What facts do to the tables of reminders: called in the transaction that records them."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Connection, delete, insert, select, update

from bot.groups.chosen import settings
from bot.ledger.errors import N_, Refusal
from bot.ledger.journal import Recorded
from bot.ledger.tables import BOOK, FACT
from bot.market.calendar import utc
from bot.outbox import RECEIPT, receipt_of
from bot.reminders import contacts, facts, refunds
from bot.reminders.deciding import MOST_PUT_OFF, current, reminded_in
from bot.reminders.reading import due
from bot.reminders.rules import Rules, rules_of
from bot.reminders.tables import REMINDED, RULES


class ListDecidedError(Refusal):
    """Somebody has decided the list already, or another has been shown since."""

    sentence = N_("Cette liste est déjà décidée, ou il y en a une plus récente. Rien n'a changé.")


class PutOffTooOftenError(Refusal):
    """The reminder of this debt has been put off as often as it may be."""

    sentence = N_("C'est déjà remis {most} fois : si cela ne va pas, posez plutôt la question aux coordinateurs.")


class PauseTooLongError(Refusal):
    """The group does not let its members pause reminders for so long."""

    sentence = N_("Dans ce groupe, une pause dure {days} jours au plus. Rien n'a changé.")


class JustRemindedError(Refusal):
    """Somebody else has reminded the member a moment ago."""

    sentence = N_("Un rappel vient de partir aujourd'hui. Rien de plus n'a été envoyé.")


def apply(connection: Connection, recorded: Recorded) -> None:
    """Carry a fact out on reminders. A fact about something else changes nothing here. Raises the refusals above."""
    effect = _EFFECTS.get(type(recorded.fact))
    if effect is not None:
        effect(connection, recorded, recorded.fact)


def begin(connection: Connection, group: int, now: datetime) -> None:
    """Give a group its rules, if it has none yet: what most groups will want."""
    if connection.execute(select(RULES.c.group_id).where(RULES.c.group_id == group)).first() is not None:
        return
    zone, rules = ZoneInfo(settings(connection, group).zone), Rules()
    row = {name: getattr(rules, name) for name in _COLUMNS}
    moments = {"next_at": rules.next_round(now, zone), "digest_at": rules.next_digest(now, zone)}
    connection.execute(insert(RULES), {"group_id": group, **row, **moments})


_COLUMNS = [column.name for column in RULES.c if column.name not in {"group_id", "next_at", "digest_at"}]


def _sent(connection: Connection, recorded: Recorded, fact: facts.ReminderSent) -> None:
    before = reminded_in(connection, recorded.group, [fact.member])[fact.member]
    zone = ZoneInfo(settings(connection, recorded.group).zone)
    if before.at is not None and before.at.astimezone(zone).date() == recorded.at.astimezone(zone).date():
        raise JustRemindedError
    row = _row(connection, recorded.group, fact.member)
    connection.execute(delete(RECEIPT).where(RECEIPT.c.name == receipt_of(recorded.group, row.fact)))
    now_due = due(connection, recorded.at, recorded.group, fact.member)
    kept = current(before, now_due)
    values = {"step": fact.step, "fact": recorded.number, "at": recorded.at, "later_at": None, "handed_at": None}
    _change(connection, recorded.group, fact.member, put_off=kept.put_off, **values)


def _handed_over(connection: Connection, recorded: Recorded, fact: facts.DebtHandedOver) -> None:
    _row(connection, recorded.group, fact.member)
    _change(connection, recorded.group, fact.member, handed_at=recorded.at, later_at=None)


def _list_shown(connection: Connection, recorded: Recorded, _fact: facts.ReminderListShown) -> None:
    _change_rules(connection, recorded, list_fact=recorded.number)


def _list_decided(connection: Connection, recorded: Recorded, fact: facts.ReminderListDecided) -> None:
    """Let the reminders go, at once or, at night, in the morning; or wait for the next round and ask again."""
    waits = (RULES.c.group_id == recorded.group) & (RULES.c.list_fact == fact.shown) & (RULES.c.list_fact > 0)
    values: dict[str, object] = {"list_fact": 0}
    if fact.agreed:
        values |= {"approved": True, "approved_fact": fact.shown, "next_at": recorded.at}
    if not connection.execute(update(RULES).where(waits).values(**values)).rowcount:
        raise ListDecidedError


def _put_off(connection: Connection, recorded: Recorded, fact: facts.ReminderPutOff) -> None:
    """Note the day, at the group's hour, counting how often this debt was put off."""
    rules, zone = rules_of(connection, recorded.group), ZoneInfo(settings(connection, recorded.group).zone)
    row = _row(connection, recorded.group, fact.member)
    before = reminded_in(connection, recorded.group, [fact.member])[fact.member]
    times = current(before, due(connection, recorded.at, recorded.group, fact.member)).put_off
    if times >= MOST_PUT_OFF:
        raise PutOffTooOftenError(most=MOST_PUT_OFF)
    at = utc(
        datetime.combine(date.fromisoformat(fact.day), time(rules.hour if row.own_from is None else row.own_from)), zone
    )
    _change(connection, recorded.group, fact.member, later_at=at, put_off=times + 1)


def _chosen(connection: Connection, recorded: Recorded, fact: facts.RemindersChosen) -> None:
    _row(connection, recorded.group, fact.member)
    _change(connection, recorded.group, fact.member, wanted=fact.wanted)


def _times_chosen(connection: Connection, recorded: Recorded, fact: facts.ReminderTimesChosen) -> None:
    _row(connection, recorded.group, fact.member)
    chosen = (None if value < 0 else value for value in (fact.weekday, fact.starts, fact.ends))
    values = dict(zip(("own_weekday", "own_from", "own_until"), chosen, strict=True))
    _change(connection, recorded.group, fact.member, own_at=None, **values)


def _paused(connection: Connection, recorded: Recorded, fact: facts.RemindersPaused) -> None:
    """Pause until the beginning of a day, by the group's clock, within what the group allows."""
    _row(connection, recorded.group, fact.member)
    until = None
    if fact.until:
        rules, zone = rules_of(connection, recorded.group), ZoneInfo(settings(connection, recorded.group).zone)
        until = utc(datetime.combine(date.fromisoformat(fact.until), time()), zone)
        if until > recorded.at + timedelta(days=rules.most_pause_days):
            raise PauseTooLongError(days=rules.most_pause_days)
    _change(connection, recorded.group, fact.member, paused_until=until)


def _credit_recalled(connection: Connection, recorded: Recorded, fact: facts.CreditRecalled) -> None:
    """Note what was told, and when: it is told again only after as long (B37)."""
    row = _row(connection, recorded.group, fact.member)
    connection.execute(delete(RECEIPT).where(RECEIPT.c.name == receipt_of(recorded.group, row.credit_fact)))
    _change(connection, recorded.group, fact.member, credit_at=recorded.at, credit_fact=recorded.number)


def _rule_chosen(connection: Connection, recorded: Recorded, fact: facts.ReminderRuleChosen) -> None:
    """Change a rule; a round or a digest moves to the day and hour it is at from now on.

    The floor that reminders once had of their own changes nothing any more: the kitty's own setting is the one.
    """
    if fact.rule == ONCE_A_RULE:
        return
    begin(connection, recorded.group, recorded.at)
    _change_rules(connection, recorded, **{fact.rule: _value(fact)})
    zone, rules = ZoneInfo(settings(connection, recorded.group).zone), rules_of(connection, recorded.group)
    if fact.rule in {"weekday", "hour"}:
        _change_rules(connection, recorded, next_at=rules.next_round(recorded.at, zone))
    if fact.rule in {"digest_weekday", "digest_hour"}:
        _change_rules(connection, recorded, digest_at=rules.next_digest(recorded.at, zone))


def _value(fact: facts.ReminderRuleChosen) -> int | bool:
    """Give the value as its column has it. Raises ValueError for a rule there is none of."""
    if fact.rule in {"active", "digest"}:
        return fact.value > 0
    if fact.rule not in NUMBERS or fact.value < 0:
        raise ValueError("no rule of reminders has that name and value")
    return fact.value


NUMBERS = {
    *("threshold", "weekday", "hour", "every_days", "grace_days", "settlement_day"),
    *("digest_weekday", "digest_hour", "credit_months", "credit_threshold", "most_pause_days"),
}
"""The rules that are numbers."""

ONCE_A_RULE = "floor"
"""A rule of earlier facts: the debt at which a kitty was to be settled at once. The kitty's floor is a setting now (B18)."""


def _digest_sent(connection: Connection, recorded: Recorded, fact: facts.DigestSent) -> None:
    _change_rules(connection, recorded, owed=fact.owed, having=fact.having, away=fact.away)


def looked_at(connection: Connection, group: int) -> None:
    """Note that debts made until now have been looked at: only a mass of new opening balances waits for approval again."""
    last = select(BOOK.c.facts).where(BOOK.c.group_id == group).scalar_subquery()
    connection.execute(update(RULES).where(RULES.c.group_id == group).values(approved_fact=last))


def openings_since(connection: Connection, group: int, fact: int) -> int:
    """Count the opening balances entered since a fact (B37)."""
    since = (FACT.c.group_id == group) & (FACT.c.number > fact) & (FACT.c.kind == "OpeningBalanceEntered")
    return len(connection.execute(select(FACT.c.number).where(since).limit(100)).all())


def _row(connection: Connection, group: int, member: int) -> Any:
    query = select(REMINDED).where(REMINDED.c.group_id == group, REMINDED.c.member == member)
    row = connection.execute(query).first()
    if row is None:
        fresh = {"step": 0, "fact": 0, "at": None, "later_at": None, "put_off": 0, "wanted": True, "handed_at": None}
        connection.execute(insert(REMINDED), {"group_id": group, "member": member, **fresh})
        row = connection.execute(query).one()
    return row


def _change(connection: Connection, group: int, member: int, **values: object) -> None:
    this_one = (REMINDED.c.group_id == group) & (REMINDED.c.member == member)
    connection.execute(update(REMINDED).where(this_one).values(**values))


def _change_rules(connection: Connection, recorded: Recorded, **values: object) -> None:
    connection.execute(update(RULES).where(RULES.c.group_id == recorded.group).values(**values))


_EFFECTS: dict[type, Callable[[Connection, Recorded, Any], None]] = {
    facts.ReminderSent: _sent,
    facts.DebtHandedOver: _handed_over,
    facts.ReminderListShown: _list_shown,
    facts.ReminderListDecided: _list_decided,
    facts.ReminderPutOff: _put_off,
    facts.RemindersChosen: _chosen,
    facts.ReminderRuleChosen: _rule_chosen,
    facts.DigestSent: _digest_sent,
    facts.ReminderTimesChosen: _times_chosen,
    facts.RemindersPaused: _paused,
    facts.CreditRecalled: _credit_recalled,
    facts.ContactNoted: contacts.noted,
    **refunds.EFFECTS,
}

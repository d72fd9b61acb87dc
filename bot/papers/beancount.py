"""The journal for beancount, which then checks it by its own arithmetic.

Signs are beancount's: what our books add to an account is taken from beancount's. So an asset is above zero when the
cash box is full, and ``Liabilities:Adherents:M12`` below zero when the group owes member 12 (an « avoir »), above zero
when the member owes. Names are metadata of the accounts only. The last lines state every balance of our books:
``bean-check`` refuses the file where beancount finds another, were it by a cent (its own tolerance is set to none).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import Connection, func, select

from bot.groups.people import Group
from bot.ledger.postings import GroupAccount
from bot.ledger.tables import ACCOUNT, FACT
from bot.papers.journal import Happening, decimal, happening_name, happenings

ACCOUNTS = {
    GroupAccount.CASH: "Assets:{}Caisse",
    GroupAccount.CHEQUES: "Assets:{}Cheques",
    GroupAccount.BANK: "Assets:{}Banque",
    GroupAccount.TERMINAL: "Assets:{}TPE",
    GroupAccount.ONLINE: "Assets:{}EnLigne",
    GroupAccount.SALES: "Income:{}Ventes",
    GroupAccount.OPENING: "Equity:{}Reprises",
    GroupAccount.FEES: "Expenses:{}Frais",
    GroupAccount.WRITE_OFF: "Expenses:{}Pertes",
}


def as_beancount(connection: Connection, groups: Sequence[int], now: datetime) -> Iterator[str]:
    """Write the journal of groups. Of several, each account names its group: ``Assets:G2:Caisse``."""
    yield ";; -*- coding: utf-8; mode: beancount -*-\n"
    yield 'option "title" "Ardoise"\noption "operating_currency" "EUR"\n'
    for number in groups:
        part = f"G{number}:" if len(groups) > 1 else ""
        yield from _group(connection, Group(connection, number), part, now)


def account(number: int, part: str = "") -> str:
    """Name an account as beancount wants it.

    >>> account(12), account(-1, "G2:")
    ('Liabilities:Adherents:M12', 'Assets:G2:Caisse')
    """
    return f"Liabilities:{part}Adherents:M{number}" if number > 0 else ACCOUNTS[GroupAccount(number)].format(part)


def _group(connection: Connection, group: Group, part: str, now: datetime) -> Iterator[str]:
    zone, currency = ZoneInfo(group.settings.zone), group.settings.currency
    first, last = _days(connection, group.number, zone, now)
    query = select(ACCOUNT).where(ACCOUNT.c.group_id == group.number).order_by(ACCOUNT.c.number)
    balances = {row.number: row.balance for row in connection.execute(query)}
    names = group.names()
    yield f"\n;; {group.settings.name.replace(chr(10), ' ')}\n"
    for number in balances:
        yield f"{first} open {account(number, part)} {currency}\n"
        if names.get(number):
            yield f"  nom: {quoted(names[number])}\n"
    for happening in happenings(connection, group.number):
        if happening.entries:
            yield _transaction(happening, group.number, part, zone, currency)
    yield "\n"
    for number, balance in balances.items():
        yield f"{last + timedelta(days=1)} balance {account(number, part)} {decimal(-balance)} ~ 0 {currency}\n"


def _days(connection: Connection, group: int, zone: ZoneInfo, now: datetime) -> tuple[date, date]:
    """Tell the days of the earliest and the latest fact: clocks may have been wrong, facts need not be in their order."""
    query = select(func.min(FACT.c.at), func.max(FACT.c.at)).where(FACT.c.group_id == group)
    first, last = connection.execute(query).one()
    return (first or now).astimezone(zone).date(), (last or now).astimezone(zone).date()


def _transaction(happening: Happening, group: int, part: str, zone: ZoneInfo, currency: str) -> str:
    local = happening.at.astimezone(zone)
    lines = [f"\n{local.date()} * {quoted(happening_name(happening))}{_links(happening, group)}"]
    lines.append(f"  operation: {happening.number}")
    lines.append(f'  fait: "{happening.kind}"')
    lines.append(f'  heure: "{local:%H:%M:%S}"')
    if happening.author is not None:
        lines.append(f'  par: "M{happening.author}"')
    for entry in happening.entries:
        lines.append(f"  {account(entry.account, part)}  {decimal(-entry.amount)} {currency}")
        lines.append(f"  {account(entry.contra, part)}  {decimal(entry.amount)} {currency}")
    return "\n".join(lines) + "\n"


def _links(happening: Happening, group: int) -> str:
    """Tie a reversal to what it reverses, and mark it (B3)."""
    if happening.reverses is not None:
        return f" #annulation ^annule-{group}-{happening.reverses}"
    return f" ^annule-{group}-{happening.number}" if happening.reversed_by is not None else ""


def quoted(text: str) -> str:
    r"""Write a text as beancount's string.

    >>> print(quoted('Léa "la\\grande"'))
    "Léa \"la\\grande\""
    """
    plain = "".join(c if c.isprintable() else " " for c in text)
    return '"' + plain.replace("\\", "\\\\").replace('"', '\\"') + '"'

"""Who would be reminded now, and what each would read, in each of the three tones (B37, B38)."""

from __future__ import annotations

from bot.chat import Option
from bot.conversation import Rows, Say
from bot.handlers import reminder_rules
from bot.handlers.visit import Visit
from bot.market.market import Phase
from bot.notices.credit import credit_recalled
from bot.notices.reminder import listed, reminder
from bot.notices.reminder_times import times_words
from bot.reminders.credits import Credit
from bot.reminders.deciding import STEPS
from bot.reminders.dues import Due
from bot.wording import rows, say_option, turn_option
from bot.words import _, _n

MOST_CREDITS = 10


def to_come(visit: Visit) -> Say:
    """Show coordinators who would be reminded now, whose avoir sleeps, and when the next reminders go."""
    found, dormant = visit.dues.to_remind(), visit.dues.credits()
    rules = visit.dues.rules
    lines = [reminder_rules.in_words(visit), *_debts(visit, [due for due, _step in found]), *_credits(visit, dormant)]
    options = [say_option(_("Voir les messages"), "rappels apercu")] if found or dormant else []
    if rules.list_fact:
        options = [say_option(_("Envoyer"), f"rappels envoyer {rules.list_fact}"), *options]
    options += [say_option(_("Rappeler"), "rappeler"), say_option(_("Réglages"), "reglages rappels")]
    return Say("\n".join(lines), rows([*options, say_option(_("Injoignables"), "injoignables")]))


def _debts(visit: Visit, found: list[Due]) -> list[str]:
    if not found:
        return [_("Personne ne serait rappelé maintenant.")]
    head = _n("{n} personne serait rappelée maintenant :", "{n} personnes seraient rappelées maintenant :", len(found))
    times = {
        member: when for member, when in visit.dues.own_times().items() if not when.suit(visit.now, visit.dues.zone)
    }
    later = [
        _("{name} : plutôt {when}", name=visit.names.get(due.member, "?"), when=times_words(times[due.member]))
        for due in found
        if due.member in times
    ]
    return [head, *listed(found, visit.group, visit.now), *later]


def _credits(visit: Visit, dormant: list[Credit]) -> list[str]:
    if not dormant:
        return []
    head = _n("{n} personne apprendrait aussi que son avoir dort :", "{n} personnes apprendraient aussi que leur avoir dort :",
              len(dormant))  # fmt: skip
    lines = [
        _("{name} : {amount:money}", name=visit.names.get(one.member, "?"), amount=one.unused)
        for one in dormant[:MOST_CREDITS]
    ]
    rest = len(dormant) - MOST_CREDITS
    return [head, *lines, *([_n("… et {n} autre", "… et {n} autres", rest)] if rest > 0 else [])]


def preview(visit: Visit, page: int, tone: int | None = None) -> Say:
    """Show, one at a time, what members would read if reminders went now; ``tone`` shows it as another of the three."""
    debts, dormant = visit.dues.to_remind(), visit.dues.credits()
    count = len(debts) + len(dormant)
    if not count:
        return to_come(visit)
    rank = (page - 1) % count
    if rank < len(debts):
        due, step = debts[rank]
        return _debt(visit, due, step, tone if tone and tone <= STEPS else step, (rank, count))
    return _credit(visit, dormant[rank - len(debts)], (rank, count))


def _debt(visit: Visit, due: Due, step: int, tone: int, at: tuple[int, int]) -> Say:
    name, (rank, count) = visit.names.get(due.member, "?"), at
    head = _("{name:*} lirait ({rank} sur {n}, rappel {step} sur {steps}) :", name=name, rank=rank + 1, n=count, step=step,
             steps=STEPS)  # fmt: skip
    if tone != step:
        head = _("Au rappel {tone}, {name:*} lirait :", tone=tone, name=name)
    text = reminder(name, due, tone, visit.group, visit.now).text
    tones = [
        turn_option(_("Rappel {n}", n=n), f"rappels apercu {rank + 1} {n}") for n in range(1, STEPS + 1) if n != tone
    ]
    send = say_option(_("Rappeler {name}", name=name[:20]), f"rappeler m{due.member}")
    return Say(f"{head}\n\n{text}", (*rows(tones), *_turns(at), (send,)))


def _credit(visit: Visit, credit: Credit, at: tuple[int, int]) -> Say:
    name, (rank, count) = visit.names.get(credit.member, "?"), at
    head = _("{name:*} lirait ({rank} sur {n}, un avoir qui dort) :", name=name, rank=rank + 1, n=count)
    orders_open = bool(visit.market.in_phase(Phase.OPEN))
    return Say(f"{head}\n\n{credit_recalled(name, credit, visit.group, orders_open=orders_open).text}", _turns(at))


def _turns(at: tuple[int, int]) -> Rows:
    rank, count = at
    turns: list[Option] = [
        turn_option("‹", f"rappels apercu {rank or count}"),
        turn_option("›", f"rappels apercu {rank + 2}"),
    ]
    return rows(turns if count > 1 else [])

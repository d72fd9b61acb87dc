"""What coordinators choose of reminders and of the digest: a table of rows, each with its label, its value, its question."""

from __future__ import annotations

from collections.abc import Callable, Generator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from bot.conversation import Answer, Question, Record, Say, Script, ask
from bot.handlers.visit import Visit
from bot.ledger.errors import N_
from bot.questions import Amount, choose
from bot.reminders.facts import ReminderRuleChosen
from bot.reminders.rules import Rules
from bot.wording import rows, say_option
from bot.words import DAYS, _, _n, amount, language

NONE = -1


@dataclass(frozen=True)
class RuleRow:
    """One thing to choose: the name of the rule, what it is called, its value in words, the question that changes it."""

    rule: str
    title: str
    say: Callable[[Rules], str]
    choices: Callable[[], Mapping[int, str]]
    kitty_only: bool = False

    def label(self) -> str:
        """Name it, in the language being spoken."""
        return _(self.title)

    def value(self, visit: Visit) -> str:
        """Say what is chosen now."""
        return self.say(visit.dues.rules)

    def conversation(self, visit: Visit) -> Script:
        """Ask for another value, and record it."""
        question = _("{label} : {value}. Et maintenant ?", label=self.label(), value=self.value(visit))
        things = {Answer(str(value), words): value for value, words in self.choices().items()}
        if self.rule in {"threshold", "floor"}:
            things[Answer("other", _("Autre montant"))] = 0
        value = yield from choose(f"regle-{self.rule}", question, things)
        if value == 0 and self.rule in {"threshold", "floor"} and "other" in {answer.token for answer in things}:
            value = yield from _typed(self.label())
        return Record.one(ReminderRuleChosen(self.rule, value))


def _typed(label: str) -> Generator[Question[Any], Any, int]:
    return (yield from ask(Amount("montant", _("{label} : quel montant ?", label=label))))


def choose_rule(visit: Visit, words: Sequence[str]) -> Script:
    """Show all rows with their present values, or change the one that is named."""
    shown = [row for row in ROWS if not row.kitty_only or "kitty" in visit.group.settings.methods]
    named = next((row for row in shown if words[:1] == (row.rule,)), None)
    if named is not None:
        return (yield from named.conversation(visit))
    lines = [_("{label} : {value:*}", label=row.label(), value=row.value(visit)) for row in shown]
    options = [say_option(row.label(), f"rappels reglages {row.rule}") for row in shown]
    return Say("\n".join([_("Rappels et bilan"), *lines]), (*rows(options, 2), (say_option(_("Rappels"), "rappels"),)))


def in_words(visit: Visit) -> str:
    """Say in a sentence how the group reminds, for coordinators."""
    rules = visit.dues.rules
    if not rules.active:
        return _("Les rappels sont arrêtés : rien ne part tout seul.")
    return _("Rappels : le {day} à {hour} h, au-dessus de {threshold:money}, tous les {days} jours au plus par personne.",
             day=_day(rules.weekday), hour=rules.hour, threshold=rules.threshold, days=rules.every_days)  # fmt: skip


def _day(weekday: int) -> str:
    return DAYS[language()][weekday]


def _days(counts: Sequence[int]) -> Callable[[], Mapping[int, str]]:
    return lambda: {n: _n("{n} jour", "{n} jours", n) for n in counts}


def _weekdays() -> Mapping[int, str]:
    return {n: _day(n).capitalize() for n in range(7)}


def _hours() -> Mapping[int, str]:
    return {n: _("{n} h", n=n) for n in (8, 9, 10, 12, 14, 16, 18, 19, 20)}


def _on_off() -> Mapping[int, str]:
    return {1: _("Oui"), NONE: _("Non")}


def _yes(value: object) -> str:
    return _("oui") if value else _("non")


def _amounts(*, none: bool) -> Mapping[int, str]:
    cents = (2000, 5000, 10000) if none else (100, 500, 1000, 2000)
    found = {n: amount(n) for n in cents}
    return {**found, NONE: _("Aucun")} if none else found


ROWS: tuple[RuleRow, ...] = (
    RuleRow("active", N_("Rappels automatiques"), lambda rules: _yes(rules.active), _on_off),
    RuleRow("threshold", N_("À partir de plus de"), lambda rules: amount(rules.threshold), lambda: _amounts(none=False)),
    RuleRow("weekday", N_("Jour des rappels"), lambda rules: _day(rules.weekday), _weekdays),
    RuleRow("hour", N_("Heure des rappels"), lambda rules: _("{n} h", n=rules.hour), _hours),
    RuleRow("every_days", N_("Entre deux rappels"), lambda r: _n("{n} jour", "{n} jours", r.every_days), _days((7, 14, 21, 28))),
    RuleRow("grace_days", N_("Répit après une distribution"), lambda r: _n("{n} jour", "{n} jours", r.grace_days), _days(range(8))),
    RuleRow("settlement_day", N_("Jour de règlement de la cagnotte"), lambda r: _("le {n} du mois", n=r.settlement_day),
            lambda: {n: str(n) for n in (1, 5, 10, 15, 20, 25)}, kitty_only=True),
    RuleRow("floor", N_("Plancher de la cagnotte"), lambda r: _("aucun") if r.floor is None else amount(r.floor),
            lambda: _amounts(none=True), kitty_only=True),
    RuleRow("digest", N_("Bilan chaque semaine"), lambda rules: _yes(rules.digest), _on_off),
    RuleRow("digest_weekday", N_("Jour du bilan"), lambda rules: _day(rules.digest_weekday), _weekdays),
    RuleRow("digest_hour", N_("Heure du bilan"), lambda rules: _("{n} h", n=rules.digest_hour), _hours),
)  # fmt: skip
"""What /reglages may show as its own rows: each has ``label()``, ``value(visit)``, ``conversation(visit)``."""

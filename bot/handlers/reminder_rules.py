"""What coordinators choose of reminders and of the digest: a part of /reglages, each rule with its present value (B37, B41)."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

from bot.chat import strong
from bot.conversation import Answer, Record, Say, Script, ask
from bot.handlers.visit import Visit
from bot.questions import Amount, choose, folded
from bot.reminders.described import RULES, rule_name, rule_value, weekday
from bot.reminders.facts import ReminderRuleChosen
from bot.reminders.rules import Rules
from bot.wording import rows, say_option, turn_option
from bot.words import _

NONE = -1
OTHER = "other"


@dataclass(frozen=True)
class RuleRow:
    """One thing to choose: the rule's name, the values that are offered, by number; an amount may be typed."""

    rule: str
    choices: Callable[[], Sequence[int]]
    kitty_only: bool = False
    typed: bool = False

    def line(self, rules: Rules) -> str:
        """Say what it is called and what is chosen now."""
        return _(
            "{label} : {value:*}", label=rule_name(self.rule), value=rule_value(self.rule, value_of(rules, self.rule))
        )

    def conversation(self, visit: Visit) -> Script:
        """Ask for another value, record it, and show all of them again."""
        name, now = rule_name(self.rule), value_of(visit.dues.rules, self.rule)
        question = _("{label} : {value}. Et maintenant ?", label=name, value=rule_value(self.rule, now))
        things = {Answer(str(value), rule_value(self.rule, value).capitalize()): value for value in self.choices()}
        if self.typed:
            things[Answer(OTHER, _("Autre montant"))] = NONE
        value = yield from choose(f"regle-{self.rule}", question, things)
        if self.typed and value == NONE:
            value = yield from ask(Amount("montant", _("{label} : quel montant ?", label=name)))
        if value == now:
            return screen(visit, visit.dues.rules, _("C'est déjà le cas."))
        chosen = screen(visit, changed(visit.dues.rules, self.rule, value), _("✅ C'est noté."))
        return Record((ReminderRuleChosen(self.rule, value),), said=chosen)


def value_of(rules: Rules, rule: str) -> int:
    """Give the value of a rule as facts keep it: 1 and −1 for yes and no."""
    value = getattr(rules, rule)
    return (1 if value else NONE) if isinstance(value, bool) else int(value)


def changed(rules: Rules, rule: str, value: int) -> Rules:
    """Give the rules as they are once one has changed."""
    kept: Mapping[str, object] = {rule: value > 0 if isinstance(getattr(rules, rule), bool) else value}
    return replace(rules, **kept)  # type: ignore[arg-type]  # the field's own type, seen above


def choose_rule(visit: Visit, words: Sequence[str]) -> Script:
    """Show all rules with their present values, or change the one that is named."""
    named = next((row for row in shown(visit) if words[:1] == (row.rule,)), None)
    if named is not None:
        return (yield from named.conversation(visit))
    return screen(visit, visit.dues.rules)


def shown(visit: Visit) -> list[RuleRow]:
    """List the rules that mean something to the group."""
    return [row for row in ROWS if not row.kitty_only or visit.group.settings.has_kitty]


def lines(visit: Visit, rules: Rules) -> list[str]:
    """Say each rule with its value, a line for each."""
    return [row.line(rules) for row in shown(visit)]


def screen(visit: Visit, rules: Rules, said: str = "") -> Say:
    """Show every rule with its value, and who would be reminded."""
    head = [*([said, ""] if said else []), strong(_("Rappels et bilan"))]
    options = [turn_option(rule_name(row.rule), f"reglages rappels {row.rule}") for row in shown(visit)]
    last = [say_option(_("Qui serait rappelé ?"), "rappels groupe"), turn_option(_("Réglages"), "reglages")]
    return Say("\n".join([*head, *lines(visit, rules)]), (*rows(options, 2), tuple(last)))


def is_asked_for(word: str) -> bool:
    """Tell whether a word after « reglages » means these rules."""
    return folded(word) in {"rappels", "reminders", "bilan", "digest"}


def in_words(visit: Visit) -> str:
    """Say in a sentence how the group reminds, for coordinators."""
    rules = visit.dues.rules
    if not rules.active:
        return _("Les rappels sont arrêtés : rien ne part tout seul.")
    return _("Rappels : le {day} à {hour} h, au-dessus de {threshold:money}, tous les {days} jours au plus par personne.",
             day=weekday(rules.weekday), hour=rules.hour, threshold=rules.threshold, days=rules.every_days)  # fmt: skip


def _any_of(*values: int) -> Callable[[], Sequence[int]]:
    return lambda: values


_ON_OFF, _WEEKDAYS, _HOURS = _any_of(1, NONE), _any_of(*range(7)), _any_of(8, 9, 10, 12, 14, 16, 18, 19, 20)

ROWS: tuple[RuleRow, ...] = (
    RuleRow("active", _ON_OFF),
    RuleRow("threshold", _any_of(100, 500, 1000, 2000), typed=True),
    RuleRow("weekday", _WEEKDAYS),
    RuleRow("hour", _HOURS),
    RuleRow("every_days", _any_of(7, 14, 21, 28)),
    RuleRow("grace_days", _any_of(*range(8))),
    RuleRow("settlement_day", _any_of(1, 5, 10, 15, 20, 25), kitty_only=True),
    RuleRow("credit_months", _any_of(1, 2, 3, 6, 12, 0)),
    RuleRow("credit_threshold", _any_of(100, 500, 1000, 2000), typed=True),
    RuleRow("most_pause_days", _any_of(0, 14, 30, 60)),
    RuleRow("digest", _ON_OFF),
    RuleRow("digest_weekday", _WEEKDAYS),
    RuleRow("digest_hour", _HOURS),
)
"""What can be chosen, in the order of :data:`bot.reminders.described.RULES`."""

assert [row.rule for row in ROWS] == list(RULES)

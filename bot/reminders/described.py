"""What coordinators choose of reminders, in words: what each rule is called, what it is now."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from bot.ledger.errors import N_
from bot.words import DAYS, _, _n, amount, language


@dataclass(frozen=True)
class Described:
    """A rule in words: its name, how its value (a number as facts keep it) is said."""

    name: str
    say: Callable[[int], str]


def weekday(number: int) -> str:
    """Name a day of the week, Monday first.

    >>> weekday(1)
    'mardi'
    """
    return DAYS[language()][number]


def rule_name(rule: str) -> str:
    """Name a rule, in the language being spoken; one that is no more by its old name."""
    return _(RULES[rule].name) if rule in RULES else _("Plancher de la cagnotte")


def rule_value(rule: str, value: int) -> str:
    """Say the value of a rule: « mardi », « 18 h », « jamais »."""
    if rule not in RULES:
        return _("aucun") if value < 0 else amount(value)
    return RULES[rule].say(value)


def _yes(value: int) -> str:
    return _("oui") if value > 0 else _("non")


def _hour(value: int) -> str:
    return _("{n} h", n=value)


def _days(value: int) -> str:
    return _n("{n} jour", "{n} jours", value)


def _day_of_month(value: int) -> str:
    return _("le 1er du mois") if value == 1 else _("le {n} du mois", n=value)


def _months(value: int) -> str:
    return _n("après {n} mois", "après {n} mois", value) if value else _("jamais")


def _pause(value: int) -> str:
    return _n("{n} jour au plus", "{n} jours au plus", value) if value else _("non")


RULES = {
    "active": Described(N_("Rappels automatiques"), _yes),
    "threshold": Described(N_("À partir de plus de"), amount),
    "weekday": Described(N_("Jour des rappels"), weekday),
    "hour": Described(N_("Heure des rappels"), _hour),
    "every_days": Described(N_("Entre deux rappels"), _days),
    "grace_days": Described(N_("Répit après une distribution"), _days),
    "settlement_day": Described(N_("Jour de règlement de la cagnotte"), _day_of_month),
    "credit_months": Described(N_("Avoir qui dort, rappelé"), _months),
    "credit_threshold": Described(N_("Avoir rappelé au-dessus de"), amount),
    "most_pause_days": Described(N_("Pause qu'un adhérent peut prendre"), _pause),
    "digest": Described(N_("Bilan chaque semaine"), _yes),
    "digest_weekday": Described(N_("Jour du bilan"), weekday),
    "digest_hour": Described(N_("Heure du bilan"), _hour),
}
"""Every rule, in the order in which they are shown."""

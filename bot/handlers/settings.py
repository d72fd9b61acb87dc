"""/reglages: every setting of the group with its value in words, changed in place (B16, B19).

One more setting: a row of ROWS. Its value is said in the list; its conversation begins with a tap on its button, or with
« reglages » and its word, and is given the words after that.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

from bot.chat import strong
from bot.conversation import Say, Script
from bot.groups.chosen import Settings
from bot.groups.described import NAMES
from bot.handlers import reminder_rules
from bot.handlers import settings_kitty as kitty
from bot.handlers import settings_methods as ways
from bot.handlers import settings_texts as texts
from bot.handlers.visit import Visit
from bot.questions import folded
from bot.wording import rows, turn_option
from bot.words import _


def _always(_settings: Settings) -> bool:
    return True


def _never(_settings: Settings) -> bool:
    return False


@dataclass(frozen=True)
class Row:
    """A setting as it is listed: its words in French and English, its name, its value in words, what a tap begins.

    ``shown`` tells whether it means anything to a group that has these settings.
    """

    word: str
    english: str
    label: str
    value: Callable[[Settings], str]
    conversation: Callable[[Visit], Script]
    shown: Callable[[Settings], bool] = _always


ROWS = (
    Row("nom", "name", NAMES["name"], lambda s: s.name, texts.name),
    Row("moyens", "methods", NAMES["methods"], ways.methods_words, ways.methods),
    Row("cagnotte", "kitty", NAMES["methods"], ways.methods_words, kitty.kitty, _never),
    Row("recharge", "topup", NAMES["top_up"], ways.top_up_words, ways.top_up, lambda s: s.has_kitty),
    Row("negatives", "negative", NAMES["kitty_negative"], kitty.negative_words, kitty.negative, lambda s: s.has_kitty),
    Row("plancher", "floor", NAMES["kitty_floor"], kitty.floor_words, kitty.floor,
        lambda s: s.has_kitty and s.kitty_may_go_negative),
    Row("ensemble", "together", NAMES["kitty_with_others"], kitty.together_words, kitty.together),
    Row("cheques", "payee", NAMES["payee"], texts.payee_words, texts.payee),
    Row("iban", "account", NAMES["iban"], texts.account_words, texts.account),
    Row("prefixe", "prefix", NAMES["prefix"], texts.prefix_words, texts.prefix),
)  # fmt: skip


def settings(visit: Visit) -> Script:
    """List the settings, or change one: « reglages moyens »."""
    wanted = folded(visit.words[0]) if visit.words else ""
    row = next((row for row in ROWS if wanted in {row.word, row.english}), None)
    if row is not None:
        return (yield from row.conversation(replace(visit, words=visit.words[1:])))
    if reminder_rules.is_asked_for(wanted):
        return (yield from reminder_rules.choose_rule(visit, visit.words[1:]))
    return listed(visit)


def listed(visit: Visit) -> Say:
    """Show every setting that means something to this group, and its rules of reminders."""
    now = visit.group.settings
    shown = [row for row in ROWS if row.shown(now)]
    lines = [_("{name} : {value:*}", name=_(row.label), value=row.value(now)) for row in shown]
    lines += ["", strong(_("Rappels et bilan")), *reminder_rules.lines(visit, visit.dues.rules)]
    options = [turn_option(_(row.label), f"reglages {row.word}") for row in shown]
    options.append(turn_option(_("Rappels et bilan"), "reglages rappels"))
    return Say("\n".join([strong(_("Réglages du groupe")), *lines]), rows(options, 2))

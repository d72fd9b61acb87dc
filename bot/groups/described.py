"""A group's settings in words: what each is called, what it is now, what changed (B6, B16)."""

from __future__ import annotations

from collections.abc import Callable

from bot.groups.iban import grouped
from bot.groups.settings import FREE_TEXT, SettingChanged, Value
from bot.ledger.errors import N_
from bot.words import _, amount

NAMES = {
    "name": N_("Nom du groupe"),
    "methods": N_("Moyens de paiement"),
    "top_up": N_("Recharger la cagnotte"),
    "kitty_negative": N_("Cagnottes négatives"),
    "kitty_floor": N_("Plancher des cagnottes"),
    "kitty_with_others": N_("Cagnotte avec d'autres moyens"),
    "payee": N_("Ordre des chèques"),
    "iban": N_("IBAN"),
    "holder": N_("Titulaire du compte"),
    "prefix": N_("Préfixe des références"),
}

MethodName = Callable[[str], str]


def value_words(setting: str, value: Value, method_name: MethodName) -> str:
    """Say what a setting is: « Chèque, Liquide », « oui », « FR76 3000 … »."""
    if isinstance(value, bool):
        return _("oui") if value else _("non")
    if isinstance(value, int):
        return amount(value)
    if not value:
        return _("aucun")
    if setting in {"methods", "top_up"}:
        return ", ".join(method_name(method) for method in value.split())
    return grouped(value) if setting == "iban" else value


def change_words(fact: SettingChanged, method_name: MethodName) -> str:
    """Say what changed: « Cagnottes négatives : oui (avant : non) ». Free text is said only while the fact has it."""
    name = _(NAMES.get(fact.setting, fact.setting))
    value, was = (fact.text, fact.was_text) if fact.setting in FREE_TEXT else (fact.value, fact.was)
    if fact.setting in FREE_TEXT and not value and not was:
        return name
    return _("{name} : {value} (avant : {was})", name=name, value=value_words(fact.setting, value, method_name),
             was=value_words(fact.setting, was, method_name))  # fmt: skip

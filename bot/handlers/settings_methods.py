"""Ways of paying, toggled one by one; the kitty goes alone, unless the group lifts that (B16, B19)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from bot.chat import Option, strong
from bot.conversation import Outcome, Record, Rows, Say, Script
from bot.groups.chosen import Settings
from bot.groups.described import value_words
from bot.groups.settings import TOP_UP, changed
from bot.handlers.visit import Visit
from bot.ledger.facts import Method
from bot.questions import folded
from bot.wording import METHOD_WORDS, by_method, method_name, rows, turn_option
from bot.words import _, _n

YES, NO = {"oui", "yes", "on"}, {"non", "no", "off"}

ORDER = tuple(method.value for method in Method)
"""The order in which methods are listed and kept."""


def methods_words(now: Settings) -> str:
    """Say by which methods the group is paid."""
    return value_words("methods", " ".join(now.methods), method_name)


def top_up_words(now: Settings) -> str:
    """Say how a kitty is topped up."""
    return value_words("top_up", " ".join(now.top_up_methods), method_name)


def sign(*, on: bool) -> str:
    """Show whether something is on."""
    return "✅" if on else "❌"


def methods(visit: Visit) -> Script:
    """Show the methods, or toggle one: « moyens cheque non »."""
    yield from ()
    words, now = visit.words, visit.group.settings
    method = _method(words)
    if method is None:
        return screen(now)
    wanted = wanted_on(words[1:], on=method in now.methods)
    return screen(now) if wanted == (method in now.methods) else _toggled(visit, method)


def _method(words: Sequence[str]) -> str | None:
    """Find the method that is named, by its token or as people call it."""
    named = folded(words[0]) if words else ""
    also = {folded(word): token for token, known in METHOD_WORDS.items() for word in known}
    found = named if named in ORDER else also.get(named, "kitty" if named == folded(method_name("kitty")) else "")
    return found or None


def wanted_on(words: Sequence[str], *, on: bool) -> bool:
    """Read from the first word whether something is to be on, in either language; without a word that says so, it stays."""
    said = folded(words[0]) if words else ""
    return said in YES or (on and said not in NO)


def _toggled(visit: Visit, method: str) -> Outcome:
    now = visit.group.settings
    chosen = tuple(known for known in ORDER if known in {*now.methods} ^ {method})
    adding = method in chosen
    if method == "online" and adding and not visit.offers():
        return screen(now, _("La carte en ligne n'est pas branchée sur ce bot : c'est à qui l'héberge de le faire."))
    if adding and "kitty" in chosen and len(chosen) > 1 and not now.kitty_with_others:
        return _kitty_goes_alone(now) if method == "kitty" else _kitty_is_alone(method)
    if not chosen:
        return _kitty_is_alone("") if method == "kitty" else screen(now, _last_one())
    then = "" if adding else _what_becomes_of_payments(visit, method)
    fact = changed("methods", " ".join(chosen), " ".join(now.methods))
    return Record((fact,), said=screen(replace(now, methods=chosen), then))


def _last_one() -> str:
    return _("C'est le dernier moyen de paiement : ajoutez-en d'abord un autre.")


def _what_becomes_of_payments(visit: Visit, method: str) -> str:
    """Say what becomes of payments by a method that is removed; nothing where none waits (B16)."""
    if method == "online":
        return _("Un lien de paiement déjà ouvert peut encore être payé : il sera inscrit.")
    methods_waiting = [payment.method for payment in visit.books.pending()]
    methods_waiting += [plan.method for plan in visit.market.plans()]
    n = methods_waiting.count(Method(method))
    if not n:
        return ""
    return _n(
        "{n} paiement déjà déclaré ou prévu de cette façon reste à valider.",
        "{n} paiements déjà déclarés ou prévus de cette façon restent à valider.",
        n,
    )


def _kitty_goes_alone(now: Settings) -> Say:
    """Say why the kitty cannot be added to other methods, and how to get there (B19)."""
    said = _(
        "La cagnotte ne va pas avec d'autres moyens de paiement : une commande y est prise sur ce que chacun a versé "
        "d'avance, il n'y a plus de moyen à choisir. Rien n'a changé.\n"
        "« Passer à la cagnotte » fait tout en une fois : on la rechargera {ways}. Pour garder les deux côte à côte, "
        "autorisez-le d'abord par « Cagnotte avec d'autres moyens ».",
        ways=", ".join(by_method(method) for method in kept_for_top_up(now)),
    )  # fmt: skip
    return Say(said, rows([_to_kitty(), _to_together(), *back()], 1))


def _kitty_is_alone(method: str) -> Say:
    """Say why a kitty group has no other method, and what to do (B19)."""
    why = _("Votre groupe paie par la cagnotte, qui ne va pas avec d'autres moyens de paiement. Rien n'a changé.")
    if not method:
        why = _("La cagnotte est le seul moyen de paiement du groupe. Rien n'a changé.")
    how = _(
        "« Quitter la cagnotte » rend au groupe ses autres moyens, ceux qui la rechargent aujourd'hui. Pour choisir ces "
        "derniers : « Recharger la cagnotte »."
    )
    top_up = turn_option(_("Recharger la cagnotte"), "reglages recharge")
    return Say(f"{why}\n{how}", rows([_from_kitty(), top_up, *back()], 1))


def kept_for_top_up(now: Settings) -> tuple[str, ...]:
    """Give the methods that will top up a kitty: those of today that can, else those chosen before."""
    return tuple(method for method in now.methods if method in TOP_UP) or now.top_up_methods


def rule(now: Settings) -> str:
    """Say how far a kitty may go (B18)."""
    lowest = now.lowest_kitty
    if lowest is None:
        return _("Une cagnotte peut descendre sous zéro, sans limite.")
    if not lowest:
        return _("Une commande que la cagnotte ne couvre pas est refusée.")
    return _("Une cagnotte peut descendre jusqu'à {floor:money}.", floor=lowest)


def screen(now: Settings, said: str = "") -> Say:
    """Show every method with its sign, and with the kitty what belongs to it."""
    lines = [*([said, ""] if said else []), strong(_("Moyens de paiement")), methods_words(now)]
    if now.has_kitty:
        lines += [rule(now), _("Pour la recharger : {methods}.", methods=top_up_words(now))]
    shown = [
        turn_option(f"{sign(on=method in now.methods)} {method_name(method)}",
                    f"reglages moyens {method} {other_word(on=method in now.methods)}")
        for method in ORDER
    ]  # fmt: skip
    return Say("\n".join(lines), (*rows(shown, 2), *_kitty_rows(now), *rows(back())))


def other_word(*, on: bool) -> str:
    """Give the word of a button that makes something what it is not."""
    return "non" if on else "oui"


def _kitty_rows(now: Settings) -> Rows:
    if not now.has_kitty:
        return rows([_to_kitty()])
    on = now.kitty_may_go_negative
    negative = turn_option(f"{sign(on=on)} {_('Cagnottes négatives')}", f"reglages negatives {other_word(on=on)}")
    floor = [turn_option(_("Plancher"), "reglages plancher")] if on else []
    top_up = turn_option(_("Recharger la cagnotte"), "reglages recharge")
    return rows([negative, *floor, top_up, *([_from_kitty()] if now.kitty_only else [_to_kitty()])], 2)


def _to_kitty() -> Option:
    return turn_option(_("Passer à la cagnotte"), "reglages cagnotte passer")


def _from_kitty() -> Option:
    return turn_option(_("Quitter la cagnotte"), "reglages cagnotte quitter")


def _to_together() -> Option:
    return turn_option(_("Cagnotte avec d'autres moyens"), "reglages ensemble")


def back() -> list[Option]:
    """Offer the list of settings."""
    return [turn_option(_("Réglages"), "reglages")]


def top_up(visit: Visit) -> Script:
    """Show what tops a kitty up, or toggle one: « recharge cheque non »."""
    yield from ()
    now, method = visit.group.settings, _method(visit.words)
    if method not in TOP_UP:
        return _top_up_screen(now)
    on = method in now.top_up_methods
    if wanted_on(visit.words[1:], on=on) == on:
        return _top_up_screen(now)
    chosen = tuple(known for known in ORDER if known in {*now.top_up_methods} ^ {method})
    if not chosen:
        return _top_up_screen(now, _("Il faut pouvoir recharger la cagnotte : ajoutez d'abord un autre moyen."))
    fact = changed("top_up", " ".join(chosen), " ".join(now.top_up_methods))
    then = _what_becomes_of_payments(visit, method) if on else ""
    return Record((fact,), said=_top_up_screen(replace(now, top_up_methods=chosen), then))


def _top_up_screen(now: Settings, said: str = "") -> Say:
    lines = [*([said, ""] if said else []), strong(_("Recharger la cagnotte")), top_up_words(now)]
    shown = [
        turn_option(f"{sign(on=method in now.top_up_methods)} {method_name(method)}",
                    f"reglages recharge {method} {other_word(on=method in now.top_up_methods)}")
        for method in TOP_UP
    ]  # fmt: skip
    return Say("\n".join(lines), (*rows(shown, 3), *rows(back())))

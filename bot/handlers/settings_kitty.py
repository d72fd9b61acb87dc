"""The kitty: entered and left in one step, how far below zero it may go, whether it may go with other methods (B18, B19)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from bot.conversation import Answer, Record, Say, Script, ask
from bot.groups.chosen import Settings
from bot.groups.settings import changed
from bot.handlers.settings_methods import (
    back,
    kept_for_top_up,
    methods_words,
    other_word,
    rule,
    screen,
    sign,
    top_up_words,
    wanted_on,
)
from bot.handlers.visit import Visit
from bot.ledger.money import Cents
from bot.questions import Amount, confirm, folded
from bot.wording import method_name, rows, turn_option
from bot.words import _

LIKELY_DEPTHS = (Cents(2000), Cents(5000), Cents(10000))


def negative_words(now: Settings) -> str:
    """Say whether kitties may go below zero, and how far."""
    if now.kitty_may_go_negative and now.kitty_floor is not None:
        return _("✅ jusqu'à {floor:money}", floor=now.kitty_floor)
    return sign(on=now.kitty_may_go_negative)


def floor_words(now: Settings) -> str:
    """Say how far below zero a kitty may go."""
    return _("{floor:money}", floor=now.kitty_floor) if now.kitty_floor is not None else _("sans plancher")


def together_words(now: Settings) -> str:
    """Say whether the kitty's exclusivity is lifted (B19)."""
    return sign(on=now.kitty_with_others)


def kitty(visit: Visit) -> Script:
    """Pass to the kitty or leave it: « cagnotte passer », « cagnotte quitter » (B19)."""
    now = visit.group.settings
    if visit.words[:1] in {("passer",), ("enter",)}:
        return (yield from _enter_kitty(now))
    if visit.words[:1] in {("quitter",), ("leave",)}:
        return (yield from _leave_kitty(now))
    return screen(now)


def _enter_kitty(now: Settings) -> Script:
    """Pass to the kitty alone; what was paid with until now tops it up (B19)."""
    if now.kitty_only:
        return screen(now)
    top_up = kept_for_top_up(now)
    then = replace(now, methods=("kitty",), top_up_methods=top_up)
    question = "\n".join([
        _("Passer à la cagnotte ?"),
        _("Les commandes seront prises sur la cagnotte de chacun, sans moyen de paiement à choisir."),
        rule(then),
        _("On la rechargera par : {methods:*}.", methods=top_up_words(then)),
        *_no_longer(now, top_up),
        _("Les paiements déjà déclarés ou prévus restent à valider."),
    ])  # fmt: skip
    if not (yield from confirm(question, _("Passer à la cagnotte"))):
        return screen(now, _("Rien n'a changé."))
    facts = [changed("methods", "kitty", " ".join(now.methods))]
    if top_up != now.top_up_methods:
        facts.append(changed("top_up", " ".join(top_up), " ".join(now.top_up_methods)))
    return Record(tuple(facts), said=screen(then, _("✅ Le groupe paie maintenant par la cagnotte.")))


def _no_longer(now: Settings, top_up: Sequence[str]) -> list[str]:
    """Say which methods of today do not top a kitty up: a card on the Internet, the terminal of a distribution (B19)."""
    lost = [method_name(method) for method in now.methods if method not in {*top_up, "kitty"}]
    return [_("Ne serviront plus : {methods}.", methods=", ".join(lost))] if lost else []


def _leave_kitty(now: Settings) -> Script:
    """Go back to paying each order, by what tops the kitty up today (B19)."""
    if not now.kitty_only:
        return screen(now)
    then = replace(now, methods=now.top_up_methods)
    question = "\n".join([
        _("Quitter la cagnotte ?"),
        _("Chaque commande se paiera par : {methods:*}.", methods=methods_words(then)),
        _("Ce que chacun a sur sa cagnotte reste son avoir et servira d'abord ; une cagnotte sous zéro reste à régler."),
    ])  # fmt: skip
    if not (yield from confirm(question, _("Quitter la cagnotte"))):
        return screen(now, _("Rien n'a changé."))
    fact = changed("methods", " ".join(then.methods), " ".join(now.methods))
    return Record((fact,), said=screen(then, _("✅ Le groupe ne paie plus par la cagnotte.")))


def negative(visit: Visit) -> Script:
    """Let kitties go below zero, or not: « negatives oui » (B18)."""
    yield from ()
    now = visit.group.settings
    wanted = wanted_on(visit.words, on=now.kitty_may_go_negative)
    if wanted == now.kitty_may_go_negative:
        return screen(now)
    fact = changed("kitty_negative", wanted, now.kitty_may_go_negative)
    return Record((fact,), said=screen(replace(now, kitty_may_go_negative=wanted)))


@dataclass(frozen=True)
class _Depth(Amount):
    """Ask for an amount, or for no limit: zero stands for none."""

    NONE = "none"

    @property
    def options(self) -> Sequence[Answer]:
        """Offer likely amounts, and no limit."""
        return [*super().options, Answer(self.NONE, _("Sans plancher"))]

    def understand(self, text: str) -> str:
        """Take « sans plancher » or an amount."""
        none = {folded(_("Sans plancher")), folded(_("aucun")), self.NONE}
        return self.NONE if folded(text) in none else super().understand(text.strip().lstrip("-−"))

    def value(self, token: str) -> Cents:
        """Give the amount, zero for no limit."""
        return Cents(0) if token == self.NONE else super().value(token)


def floor(visit: Visit) -> Script:
    """Set how far below zero a kitty may go (B18)."""
    now = visit.group.settings
    if not now.kitty_may_go_negative:
        return screen(now, _("Autorisez d'abord les cagnottes négatives."))
    text = _("Jusqu'à combien sous zéro une cagnotte peut-elle descendre ?")
    depth = yield from ask(_Depth("plancher", text, LIKELY_DEPTHS))
    lowest = Cents(-depth) if depth else None
    if lowest == now.kitty_floor:
        return screen(now, _("C'est déjà le cas."))
    fact = changed("kitty_floor", lowest, now.kitty_floor)
    return Record((fact,), said=screen(replace(now, kitty_floor=lowest)))


def together(visit: Visit) -> Script:
    """Lift the kitty's exclusivity, or restore it: « ensemble oui » (B19)."""
    yield from ()
    now = visit.group.settings
    on = now.kitty_with_others
    wanted = wanted_on(visit.words, on=on)
    if wanted == on:
        return _together_screen(now)
    if on and now.has_kitty and not now.kitty_only:
        return _together_screen(now, _together_in_use())
    fact = changed("kitty_with_others", wanted, on)
    return Record((fact,), said=_together_screen(replace(now, kitty_with_others=wanted)))


def _together_screen(now: Settings, said: str = "") -> Say:
    on = now.kitty_with_others
    explained = _(
        "D'ordinaire un groupe paie par la cagnotte, ou par d'autres moyens, pas les deux : c'est plus clair pour tous. "
        "Avec ce réglage, un adhérent peut laisser une commande sur sa cagnotte ou la payer autrement."
    )
    head = _("{name:*} : {value}", name=_("Cagnotte avec d'autres moyens"), value=sign(on=on))
    lines = [*([said, ""] if said else []), head, explained]
    toggle = turn_option(_("Ne plus autoriser") if on else _("Autoriser"), f"reglages ensemble {other_word(on=on)}")
    ways = turn_option(_("Moyens de paiement"), "reglages moyens")
    return Say("\n".join(lines), rows([toggle, ways, *back()], 2))


def _together_in_use() -> str:
    return _(
        "La cagnotte et d'autres moyens servent ensemble en ce moment : choisissez d'abord, dans « Moyens de paiement ». "
        "Rien n'a changé."
    )

"""/distribution: those to come, open, on now and to validate; one of them and what can be done with it (B31–B35)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

from bot.chat import Option, strong
from bot.conversation import Outcome, Rows, Say, Script
from bot.groups.people import Right
from bot.handlers.distributions_ending import cancel
from bot.handlers.distributions_moving import move
from bot.handlers.distributions_offer import choose_products
from bot.handlers.distributions_planning import plan, repeat
from bot.handlers.distributions_prices import set_price
from bot.handlers.pickup import place
from bot.handlers.validating import validate
from bot.handlers.visit import Visit
from bot.ledger.money import Cents
from bot.market.described import ordered_words, phase_words, when_and_where
from bot.market.market import Distribution, Phase
from bot.questions import whole_number
from bot.wording import rows, say_option, turn_option
from bot.words import _, _n, day

A_PAGE = 8
ENDED = {Phase.VALIDATED, Phase.CANCELLED}
PICKUP_TIME = {Phase.CLOSED, Phase.ON, Phase.OVER}
BEGUN = {Phase.ON, Phase.OVER}


def distributions(visit: Visit) -> Script:
    """List the distributions; show one, « d12 »; do something with it, « d12 deplacer », or make one, « nouvelle »."""
    words = visit.words
    if words[:1] == ("nouvelle",):
        return (yield from _for_coordinators(visit, plan(visit)))
    distribution = named(visit)
    action = _ACTIONS.get(words[1]) if distribution is not None and len(words) > 1 else None
    if distribution is not None and action is not None:
        return (yield from _for_coordinators(visit, action(visit, distribution)))
    return _one(visit, distribution) if distribution is not None else _list(visit)


def named(visit: Visit) -> Distribution | None:
    """Find the distribution that the first word names, « d12 »."""
    word = visit.words[0] if visit.words else ""
    number = whole_number(word[1:]) if word[:1] == "d" else None
    return visit.market.distribution(number) if number is not None else None


def _for_coordinators(visit: Visit, script: Script) -> Script:
    """Let coordinators alone go on: those who help at the pickup only look (B43)."""
    if visit.may(Right.TREASURY):
        return (yield from script)
    script.close()
    return _("C'est réservé aux coordinateurs du groupe.")


def prices(visit: Visit) -> Script:
    """Set a price for one distribution: « prix d12 »; the one that is on, where none is named (B10)."""
    here = place(visit)
    if here is None:
        return _("Aucune distribution n'est en cours.")
    return (yield from set_price(visit, here.distribution))


def _validate(visit: Visit, distribution: Distribution) -> Script:
    return (yield from validate(replace(visit, words=(f"d{distribution.number}",))))


_ACTIONS: dict[str, Callable[[Visit, Distribution], Script]] = {
    "produits": choose_products,
    "prix": set_price,
    "deplacer": move,
    "repeter": repeat,
    "annuler": cancel,
    "valider": _validate,
}


def _list(visit: Visit) -> Outcome:
    """List what is to come or to be done, the earliest first; « passees » those that are over, the latest first."""
    past = visit.words[:1] == ("passees",)
    found = [d for d in visit.market.distributions if (d.phase(visit.now) in ENDED) == past]
    found = found[::-1] if past else found
    page = whole_number(visit.words[-1]) if visit.words else 1
    pages = max(1, -(-len(found) // A_PAGE))
    number = min(max(page or 1, 1), pages)
    shown = found[(number - 1) * A_PAGE : number * A_PAGE]
    head = strong(_("Distributions passées") if past else _("Distributions"))
    lines = [head, *(_line(visit, distribution) for distribution in shown)]
    if not shown:
        lines.append(_("Il n'y en a pas encore.") if past else _("Aucune n'est prévue."))
    return Say(
        "\n".join(lines), (*rows(_buttons(shown), 2), *_turns(number, pages, past=past), *_ways(visit, past=past))
    )


def _line(visit: Visit, distribution: Distribution) -> str:
    return _("– {when} : {phase}", when=when_and_where(distribution), phase=phase_words(distribution, visit.now))


def _buttons(shown: Sequence[Distribution]) -> list[Option]:
    """Make a button for each; two of the same day say their place too."""
    days = [day(distribution.starts_at) for distribution in shown]
    labels = [f"{on}, {d.place}" if days.count(on) > 1 else on for on, d in zip(days, shown, strict=True)]
    return [turn_option(label, f"distribution d{d.number}") for label, d in zip(labels, shown, strict=True)]


def _turns(number: int, pages: int, *, past: bool) -> Rows:
    word = "distribution passees" if past else "distribution page"
    before = [turn_option("‹", f"{word} {number - 1}")] if number > 1 else []
    after = [turn_option("›", f"{word} {number + 1}")] if number < pages else []
    return rows([*before, *after])


def _ways(visit: Visit, *, past: bool) -> Rows:
    new = [say_option(_("Nouvelle"), "distribution nouvelle")] if visit.may(Right.TREASURY) else []
    other = turn_option(_("À venir"), "distribution") if past else turn_option(_("Passées"), "distribution passees")
    return rows([*new, other])


def _one(visit: Visit, distribution: Distribution) -> Say:
    """Show one distribution: how far it is, what was ordered, what people mean to pay."""
    phase = phase_words(distribution, visit.now)
    lines = [strong(when_and_where(distribution)), phase[:1].upper() + phase[1:] + "."]
    if distribution.phase(visit.now) is Phase.TO_COME:
        lines.append(_("Elles fermeront le {closes:moment}.", closes=distribution.closes_at))
    if distribution.phase(visit.now) not in ENDED:
        lines.append(_offered(visit, distribution))
    ordered = ordered_words(visit.market.orders(distribution.number))
    lines.append(ordered[:1].upper() + ordered[1:] + ".")
    return Say("\n".join([*lines, *_planned(visit, distribution)]), _options(visit, distribution))


def _offered(visit: Visit, distribution: Distribution) -> str:
    n = len(visit.market.offered(distribution))
    if distribution.everything:
        return _n("Tout le catalogue est proposé : {n} produit.", "Tout le catalogue est proposé : {n} produits.", n)
    return _n("{n} produit choisi est proposé.", "{n} produits choisis sont proposés.", n)


def _planned(visit: Visit, distribution: Distribution) -> list[str]:
    plans = visit.market.plans(distribution=distribution.number)
    if not plans:
        return []
    total = Cents(sum(plan.amount for plan in plans))
    return [
        _n("Paiements prévus : {n}, {total:money}.", "Paiements prévus : {n}, {total:money}.", len(plans), total=total)
    ]


def _options(visit: Visit, distribution: Distribution) -> Rows:
    """Offer what makes sense for its phase and the person's right."""
    phase, which = distribution.phase(visit.now), f"d{distribution.number}"
    pickup = [say_option(_("Accueil"), f"accueil {which}")] if phase in PICKUP_TIME else []
    back = (turn_option(_("Toutes"), "distribution"),)
    if not visit.may(Right.TREASURY):
        return (*rows(pickup), back)
    here = f"distribution {which}"
    close = [say_option(_("Valider la distribution"), f"{here} valider")] if phase in BEGUN else []
    takings = [say_option(_("Encaissements"), f"encaissements {which}")] if phase in {*BEGUN, Phase.VALIDATED} else []
    takings += [say_option(_("Avoir sur commande"), f"avoir {which}")] if phase is Phase.VALIDATED else []
    products = [say_option(_("Produits"), f"{here} produits")] if phase not in {*ENDED, *BEGUN} else []
    prices = [say_option(_("Prix"), f"{here} prix")] if phase not in ENDED else []
    again = [say_option(_("Répéter"), f"{here} repeter")]
    shift = [say_option(_("Déplacer"), f"{here} deplacer")] if phase not in {*ENDED, *BEGUN} else []
    drop = [say_option(_("Annuler la distribution"), f"{here} annuler")] if phase not in ENDED else []
    return (
        *rows([*pickup, *takings]),
        *rows(close),
        *rows([*products, *prices, *shift]),
        *rows([*again, *drop], 2),
        back,
    )

"""A basket becomes an order: checked again, agreed to, debited; how it will be paid (B8, B9, B12, B17, B18)."""

from __future__ import annotations

from collections.abc import Generator, Iterator
from dataclasses import dataclass
from typing import Any

from bot.conversation import Answer, Question, Record, Rows, Say, Script, ask
from bot.handlers.basket import Basket, basket_line, changes, read_basket
from bot.handlers.online import asked, card_offer
from bot.handlers.paying import choose_method, missing_in_kitty, payable
from bot.handlers.visit import Visit
from bot.ledger.facts import Fact, Method
from bot.ledger.money import Cents
from bot.market.facts import OrderPlaced, PaymentPlanned, PlanEnded, ProductsAdded
from bot.market.market import Distribution, Phase
from bot.questions import Amount, choose, confirm
from bot.wording import by_method, method_name, method_words, payee_lines, plan_words, rows, say_option
from bot.words import _


@dataclass(frozen=True)
class Plan:
    """How a member means to pay, in cents; no method where nothing is said yet."""

    amount: Cents
    method: Method | None


def confirm_order(visit: Visit) -> Script:
    """Confirm a basket, or what is added to an order: « confirmer d12 »."""
    distribution = _distribution(visit)
    if distribution is None:
        return Say(_("Les commandes ne sont plus ouvertes."), rows([say_option(_("Mes commandes"), "commandes")]))
    basket = read_basket(visit, distribution)
    if not basket.lines:
        return Say("\n".join([*changes(basket), _("Votre panier est vide.")]), _back(distribution))
    if basket.changed and not (yield from confirm(_what_changed(basket), _("Continuer"))):
        return _kept(distribution)
    missing = _missing_in_kitty(visit, basket)
    if missing:
        return _kitty_too_low(visit, basket, missing)
    plan = yield from _how_to_pay(visit, basket)
    if not (yield from confirm(_what_is_agreed(visit, basket, plan), _("Confirmer"))):
        return _kept(distribution)
    return Record(tuple(_facts(visit, basket, plan)))


def _distribution(visit: Visit) -> Distribution | None:
    """Find the distribution that is meant, if its orders are open: the one open, when none is named."""
    opened = visit.market.in_phase(Phase.OPEN)
    named = visit.numbered("d")
    if named is not None:
        return next((found for found in opened if found.number == named), None)
    return opened[0] if len(opened) == 1 else None


def _back(distribution: Distribution) -> Rows:
    return rows([say_option(_("Revoir le panier"), f"commander d{distribution.number} panier")])


def _kept(distribution: Distribution) -> Say:
    return Say(_("Rien n'a été commandé. Votre panier est gardé."), _back(distribution))


def _what_changed(basket: Basket) -> str:
    """Say what is no longer as it was chosen, and what can still be had (B11, B12)."""
    still = [basket_line(kept.product, kept.ordered) for kept in basket.kept if kept.ordered > 0]
    total = _("Total : {total:money*}. Continuer avec cela ?", total=basket.total)
    return "\n".join([*changes(basket), "", *still, total])


def _missing_in_kitty(visit: Visit, basket: Basket) -> Cents:
    """Give what a kitty lacks for this order, in cents; payments that wait do not help (B18)."""
    return missing_in_kitty(visit, basket.total) if visit.group.settings.kitty_only else Cents(0)


def _kitty_too_low(visit: Visit, basket: Basket, missing: Cents) -> Say:
    said = _(
        "Il manque {missing:money*} sur votre cagnotte pour cette commande (solde {balance:money}, commande {total:money}). "
        "Vous pouvez alléger le panier ou recharger.",
        missing=missing, balance=visit.books.balance(visit.person.number), total=basket.total,
    )  # fmt: skip
    lowest = visit.group.settings.lowest_kitty
    floor = [_("Une cagnotte ne descend pas au-dessous de {floor:money}.", floor=lowest)] if lowest else []
    how = _("On recharge {ways}.", ways=", ".join(by_method(method) for method in payable(visit)))
    top_up = say_option(_("Recharger"), "payer")
    return Say("\n".join([said, *floor, how]), (*_back(basket.distribution), *rows([top_up])))


def _how_to_pay(visit: Visit, basket: Basket) -> Generator[Question[Any], Any, Plan | None]:
    """Ask how it will be paid: what brings the projected balance to zero, an avoir first (B17)."""
    standing = visit.books.standing(visit.person.number)
    amount = Cents(max(0, basket.total - standing.projected))
    if not amount or visit.group.settings.kitty_only:
        return None
    ways = [*_card(visit, amount), *payable(visit), *_kitty_among_others(visit, basket)]
    things: dict[Answer, Method | str] = {Answer(m.value, method_name(m)): m for m in ways}
    things |= {Answer("other", _("Autre montant")): "other", Answer("later", _("Je verrai")): "later"}
    chosen = yield from choose("moyen", _amount_words(basket, amount), things, method_words(ways))
    if chosen == "later":
        return Plan(amount, None)
    if isinstance(chosen, Method):
        return Plan(amount, chosen)
    typed = yield from ask(Amount("montant", _("Combien paierez-vous ?")))
    return Plan(typed, (yield from choose_method(_("Par quel moyen ?"), [*_card(visit, typed), *payable(visit)])))


def _card(visit: Visit, amount: Cents) -> list[Method]:
    """Offer the online card where somebody takes it in this chat (B16, B25)."""
    return [Method.ONLINE] if card_offer(visit, amount) else []


def _kitty_among_others(visit: Visit, basket: Basket) -> list[Method]:
    """Offer the kitty where a group has it beside other methods, and it may bear the whole order (B18, B19)."""
    able = visit.group.settings.has_kitty and not missing_in_kitty(visit, basket.total)
    return [Method.KITTY] if able else []


def _amount_words(basket: Basket, amount: Cents) -> str:
    """Say what there is to pay, and what it is made of where that is not the order alone."""
    if amount == basket.total:
        return _("À payer : {amount:money*}. Par quel moyen ?", amount=amount)
    if amount < basket.total:
        return _("À payer : {amount:money*} (commande {total:money}, votre avoir déduit). Par quel moyen ?",
                 amount=amount, total=basket.total)  # fmt: skip
    return _("À payer : {amount:money*} (commande {total:money}, et {before:money} d'avant). Par quel moyen ?",
             amount=amount, total=basket.total, before=amount - basket.total)  # fmt: skip


def _what_is_agreed(visit: Visit, basket: Basket, plan: Plan | None) -> str:
    """Word the consent: every line, the total, how it will be paid. Once confirmed it can only be added to (B9)."""
    lines = [basket_line(kept.product, kept.ordered) for kept in basket.kept if kept.ordered > 0]
    said = [_("Confirmer cette commande ?"), *lines, _("Total : {total:money*}.", total=basket.total)]
    if _by_kitty(visit, plan):
        after = visit.books.balance(visit.person.number) - basket.total
        said.append(_("Prise sur votre cagnotte, qui sera à {after:money}.", after=after))
    elif plan is not None and plan.method is not None:
        said += [plan_words(plan.amount, plan.method), *payee_lines(visit.group.settings, plan.method)]
    return "\n".join([*said, _("Une commande confirmée ne se modifie plus, on peut seulement y ajouter.")])


def _by_kitty(visit: Visit, plan: Plan | None) -> bool:
    """Tell whether an order is paid by the kitty: all are in a kitty group, those that say so in another (B18, B19)."""
    return visit.group.settings.kitty_only or (plan is not None and plan.method is Method.KITTY)


def _facts(visit: Visit, basket: Basket, plan: Plan | None) -> Iterator[Fact]:
    """Make the facts: the order or what is added to it, the plan that replaces the one there was."""
    member, distribution = visit.person.number, basket.distribution.number
    there = visit.market.order(member, distribution)
    kind = ProductsAdded if there is not None and there.state == "confirmed" else OrderPlaced
    floor = visit.group.settings.lowest_kitty if _by_kitty(visit, plan) else None
    yield kind(member, distribution, basket.lines, floor=floor)
    for old in visit.market.plans(member=member, distribution=distribution):
        yield PlanEnded(member, old.number, "replaced")
    if plan is not None and plan.method is Method.ONLINE:
        yield from _by_card(visit, basket, plan.amount)
    elif plan is not None and plan.method not in {None, Method.KITTY}:
        yield PaymentPlanned(member, distribution, plan.amount, plan.method)


def _by_card(visit: Visit, basket: Basket, amount: Cents) -> Iterator[Fact]:
    """Have a link made at once: what is paid by card is never planned (B17)."""
    offer = card_offer(visit, amount)
    if offer is not None:
        projected = visit.books.standing(visit.person.number).projected
        due = Cents(max(0, basket.total - projected))
        yield asked(visit, offer, amount, due, basket.distribution.number)

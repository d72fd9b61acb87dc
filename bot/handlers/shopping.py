"""/commander: into the shop of a distribution whose orders are open, one message edited in place (B11–B15)."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from bot.conversation import Outcome, Say, Script
from bot.handlers import choosing, shelves
from bot.handlers.meaning import MOST_LETTERS
from bot.handlers.shop import Shop, enter
from bot.handlers.visit import Visit
from bot.market.market import Distribution, Phase
from bot.market.wanted import readings
from bot.questions import whole_number
from bot.wording import rows, say_option
from bot.words import _


def order(visit: Visit) -> Script:
    """Enter the shop of a distribution whose orders are open, or one of its screens."""
    yield from ()
    words = visit.words
    named = visit.numbered("d")
    if named is not None:
        distribution = visit.market.distribution(named)
        if distribution is None or distribution.phase(visit.now) is not Phase.OPEN:
            return _not_open(visit)
        return _screen(enter(visit, distribution), words[1:])
    opened = visit.market.in_phase(Phase.OPEN)
    if len(opened) == 1:
        shop = enter(visit, opened[0])
        return _screen(shop, words if len(words) < 2 else ("cherche", *words))
    return _which(opened) if opened else _not_open(visit)


def understood(visit: Visit, text: str) -> Outcome | None:
    """Take words said out of the blue for an order, where orders are open and something like it is offered."""
    if not visit.place.private:
        return None
    opened = visit.market.in_phase(Phase.OPEN)
    if len(opened) == 1:
        shop = enter(visit, opened[0])
        wanted = choosing.offers(shop.products, text) or _measured(text)
        return choosing.found(shop, ("cherche", text)) if wanted else None
    if len(text) > MOST_LETTERS or not choosing.offers(visit.market.catalogue.values(), text):
        return None
    return _which(opened) if opened else _not_open(visit)


def _measured(text: str) -> bool:
    """Tell whether something is asked for by weight or volume: « 500 g de tomates » is a product, there or not."""
    return any(reading.quantity and reading.quantity.unit for reading in readings(text))


def _which(opened: Sequence[Distribution]) -> Say:
    options = [say_option(_("{at:day}", at=d.starts_at), f"commander d{d.number}") for d in opened]
    lines = [_("{at:moment}, {place}", at=d.starts_at, place=d.place) for d in opened]
    return Say("\n".join([_("Pour quelle distribution ?"), *lines]), rows(options, 1))


def _not_open(visit: Visit) -> Say:
    coming = visit.market.in_phase(Phase.TO_COME)
    if not coming:
        return Say(
            _("Aucune commande n'est ouverte en ce moment."), rows([say_option(_("Mes commandes"), "commandes")])
        )
    first = min(coming, key=lambda distribution: distribution.opens_at)
    said = _(
        "Les commandes ouvriront {opens:moment}, pour la distribution du {at:day}.",
        opens=first.opens_at,
        at=first.starts_at,
    )
    return Say(said, rows([say_option(_("Mes commandes"), "commandes")]))


def _screen(shop: Shop, words: Sequence[str]) -> Outcome:
    if not words:
        return shelves.home(shop)
    sign, number = words[0][:1], words[0][1:]
    screen = _BY_NAME.get(words[0]) or (_BY_SIGN.get(sign) if whole_number(number) is not None else None)
    return screen(shop, words) if screen else choosing.found(shop, ("cherche", *words))


_BY_SIGN: dict[str, Callable[[Shop, Sequence[str]], Outcome]] = {
    "r": shelves.shelf_screen,
    "p": shelves.one_product,
    "+": choosing.more,
    "-": choosing.less,
    "=": choosing.exactly,
}
_BY_NAME: dict[str, Callable[[Shop, Sequence[str]], Outcome]] = {
    "panier": choosing.basket,
    "vider": choosing.empty,
    "encore": choosing.again,
    "cherche": choosing.found,
}

"""What a tap or a few words do to a basket, and the screen that answers (B11, B14)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from bot.chat import Option
from bot.conversation import Keep, Outcome, Say
from bot.handlers.basket import after, as_it_is_now, emptied, with_quantity
from bot.handlers.shelves import basket_screen, home, product_screen, shelf_screen
from bot.handlers.shop import Shop, latest_order, product_of, room_for, summary, ways, with_basket
from bot.market.apply import BasketKept
from bot.market.matching import MOST_OFFERED, Found, Match, pack_of
from bot.market.products import ONE, Product
from bot.market.search import Index, TooMuchAtOnceError
from bot.market.units import ordered_words
from bot.market.wanted import adds_nothing
from bot.questions import whole_number
from bot.wording import rows, turn_option
from bot.words import _, told


def more(shop: Shop, words: Sequence[str]) -> Outcome:
    """Choose one step more of a product: « +45 », or « +45 r3 1 » to stay on that shelf."""
    product = product_of(shop, words[0])
    return (
        _changed(shop, product, shop.basket.ordered(product.number) + product.step, words[1:])
        if product
        else home(shop)
    )


def less(shop: Shop, words: Sequence[str]) -> Outcome:
    """Choose one step less of a product."""
    product = product_of(shop, words[0])
    return _changed(shop, product, shop.basket.ordered(product.number) - product.step) if product else home(shop)


def exactly(shop: Shop, words: Sequence[str]) -> Outcome:
    """Choose exactly so much, in thousandths: « =45 1500 »."""
    product = product_of(shop, words[0])
    wanted = whole_number(words[1]) if len(words) > 1 else None
    return _changed(shop, product, wanted) if product and wanted is not None else home(shop)


def _changed(shop: Shop, product: Product, wanted: int, screen: Sequence[str] = ()) -> Outcome:
    """Keep the basket with another quantity of a product, never more than is left, and show where one was."""
    if product.by_pieces and wanted % ONE:
        return home(shop)
    draft = with_quantity(shop.visit, shop.basket, product, min(max(0, wanted), room_for(product, 0)))
    changed = with_basket(shop, after(shop.basket, draft, shop.by_number))
    return Keep(draft, _screen(changed, product, screen))


def _screen(shop: Shop, product: Product, screen: Sequence[str]) -> Say:
    if screen and screen[0] == "h":
        return home(shop)
    number = whole_number(screen[0][1:]) if screen and screen[0][:1] == "r" else None
    return product_screen(shop, product) if number is None else shelf_screen(shop, screen)


def basket(shop: Shop, _words: Sequence[str]) -> Outcome:
    """Show the basket; what changed since it was chosen is said (B12)."""
    return basket_screen(shop)


def empty(shop: Shop, _words: Sequence[str]) -> Outcome:
    """Take everything out of the basket."""
    draft = emptied(shop.visit, shop.basket)
    return Keep(draft, home(with_basket(shop, after(shop.basket, draft, shop.by_number))))


def again(shop: Shop, _words: Sequence[str]) -> Outcome:
    """Put the last order into the basket; what is no longer to be had is listed (B14)."""
    latest = latest_order(shop)
    if latest is None:
        return home(shop)
    basket, missing = shop.basket, []
    draft = as_it_is_now(shop.visit, basket)
    for line in latest.lines:
        product = shop.by_number.get(line.product)
        if product is None or product.stock == 0:
            missing.append(line.name)
            continue
        ordered = line.ordered if product.stock is None else min(line.ordered, product.stock)
        draft = with_quantity(shop.visit, basket, product, basket.ordered(product.number) + ordered)
        basket = after(basket, draft, shop.by_number)
    said = _("Plus disponible : {names}.", names=", ".join(missing)) if missing else ""
    return Keep(draft, basket_screen(with_basket(shop, basket), said))


def found(shop: Shop, words: Sequence[str]) -> Outcome:
    """Take what was typed, « 2 kg carottes, 6 œufs »: what is certain is added, what is not is offered, never guessed."""
    try:
        lines = Index(shop.products).find_all(" ".join(words[1:]))
    except TooMuchAtOnceError as refusal:
        return Say(told(refusal), ways(shop))
    if not lines:
        return home(shop)
    meant = {match.product.number: match.product for line in lines for match in line.matches}
    if meant and adds_nothing(" ".join(words[1:])):
        return _to_look_at(shop, list(meant.values()))
    draft, said = as_it_is_now(shop.visit, shop.basket), []
    changed = shop
    for line in lines:
        if line.certain and line.matches[0].trouble is None:
            draft, changed, words_ = _added(changed, line.matches[0])
            said.append(words_)
        else:
            said.append(_what_of(line))
    offered = [_offer(changed, match) for line in lines if not line.certain for match in line.matches]
    answer = Say("\n".join([*said, "", *summary(changed)]), (*rows(offered, 2), *ways(changed)))
    return answer if changed is shop else Keep(draft, answer)


def _to_look_at(shop: Shop, products: Sequence[Product]) -> Say:
    """Show what was asked about, or is not wanted: one product with its « − » and « + », or those that may be meant."""
    if len(products) == 1:
        return product_screen(shop, products[0])
    options = [turn_option(product.name, shop.to(f"p{product.number}")) for product in products[:MOST_OFFERED]]
    return Say("\n".join([_("Lequel de ces produits ?"), "", *summary(shop)]), (*rows(options, 2), *ways(shop)))


def _added(shop: Shop, match: Match) -> tuple[BasketKept, Shop, str]:
    """Add what is certain, as far as there is any left; give the basket to keep, the shop with it, and what to say."""
    product = match.product
    chosen, asked = shop.basket.ordered(product.number), match.ordered or product.step
    got = _at_most(product, chosen + asked) - chosen
    draft = with_quantity(shop.visit, shop.basket, product, chosen + max(0, got))
    if got <= 0:
        return draft, shop, _("{name} : il n'y en a plus.", name=product.name)
    quantity, pack = ordered_words(product, got), pack_of(product)
    said = _("Ajouté : {quantity} {name}.", quantity=quantity, name=product.name)
    if pack and got > ONE:
        said = _("Ajouté : {quantity} {name} ({n} en tout).", quantity=quantity, name=product.name, n=pack * got // ONE)
    less = " " + _("Il n'en reste pas plus.") if got < asked else ""
    return draft, with_basket(shop, after(shop.basket, draft, shop.by_number)), said + less


def offers(products: Iterable[Product], text: str) -> bool:
    """Tell whether words name one of these products."""
    try:
        return any(line.matches for line in Index(tuple(products)).find_all(text))
    except TooMuchAtOnceError:
        return True


def _what_of(line: Found) -> str:
    """Say what is not certain of a line: a quantity that does not fit, several products, or none."""
    if line.certain:
        trouble = line.matches[0].trouble
        assert trouble is not None, "a certain line is added unless its quantity does not fit"
        return _("{name} : {trouble}", name=line.matches[0].product.name, trouble=told(trouble))
    if not line.matches:
        return _("« {typed} » : je ne trouve pas ce produit.", typed=line.text[:40])
    return _("« {typed} » : est-ce l'un de ceux-ci ?", typed=line.text[:40])


def _offer(shop: Shop, match: Match) -> Option:
    product = match.product
    if match.ordered is None:
        return turn_option(product.name, shop.to(f"p{product.number}"))
    wanted = _at_most(product, shop.basket.ordered(product.number) + match.ordered)
    label = f"{ordered_words(product, match.ordered)} {product.name}"
    return turn_option(label, shop.to(f"={product.number}", wanted))


def _at_most(product: Product, wanted: int) -> int:
    return min(wanted, room_for(product, 0))

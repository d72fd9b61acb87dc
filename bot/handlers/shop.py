"""One distribution as a member stands in it: what is offered, what they have chosen, the pieces its screens are made of."""

from __future__ import annotations

from dataclasses import dataclass, replace

from bot.chat import Option
from bot.conversation import Rows
from bot.folding import folded
from bot.handlers.basket import Basket, read_basket
from bot.handlers.paying import missing_in_kitty
from bot.handlers.visit import Visit
from bot.ledger.books import Standing
from bot.ledger.money import Cents
from bot.market.market import Distribution, Order
from bot.market.products import Product
from bot.market.quantities import most_of
from bot.market.units import ordered_words, price_words
from bot.wording import balance_to_come, rows, say_option, turn_option
from bot.words import _, _n


@dataclass(frozen=True)
class Shop:
    """One distribution as a member stands in it: what is offered, what they have chosen."""

    visit: Visit
    distribution: Distribution
    products: tuple[Product, ...]
    basket: Basket

    @property
    def by_number(self) -> dict[int, Product]:
        """The products offered, by number."""
        return {product.number: product for product in self.products}

    @property
    def shelves(self) -> list[str]:
        """The names of the shelves, in the order of the alphabet: categories, or producers where nothing has a category."""
        return sorted({self.shelf_of(product) for product in self.products}, key=folded)

    def shelf_of(self, product: Product) -> str:
        """Tell on which shelf a product stands."""
        by_category = any(found.category for found in self.products)
        return (product.category if by_category else product.producer) or _("Divers")

    def to(self, *words: object) -> str:
        """Make the command of a button of this shop."""
        return " ".join(["commander", f"d{self.distribution.number}", *map(str, words)])


def enter(visit: Visit, distribution: Distribution) -> Shop:
    """Enter the shop of a distribution."""
    products = tuple(visit.market.offered(distribution))
    return Shop(visit, distribution, products, read_basket(visit, distribution, products))


def with_basket(shop: Shop, basket: Basket) -> Shop:
    """Give the shop with another basket in hand."""
    return replace(shop, basket=basket)


def summary(shop: Shop) -> list[str]:
    """Say the total, the balance after this order, and what will have to be paid (B15)."""
    basket = shop.basket
    if not basket.kept:
        return [_("Votre panier est vide.")]
    standing = shop.visit.books.standing(shop.visit.person.number)
    count = _n("{n} produit", "{n} produits", len(basket.kept))
    return [
        _("Panier : {count}, {total:money*}.", count=count, total=basket.total),
        _("Après cette commande, {balance}.", balance=balance_to_come(standing.balance - basket.total)),
        _how_it_is_paid(shop, standing),
    ]


def _how_it_is_paid(shop: Shop, standing: Standing) -> str:
    """Say what will have to be paid; a kitty group pays nothing now, but may lack something: what waits does not help (B15, B18)."""
    total, kitty = shop.basket.total, shop.visit.group.settings.kitty_only
    missing = missing_in_kitty(shop.visit, total) if kitty else Cents(0)
    if missing:
        return _("Il manque {missing:money*} sur votre cagnotte.", missing=missing)
    if standing.balance >= total:
        return _("Rien à payer : votre avoir suffit.")
    if kitty:
        return _("Rien à payer maintenant : la commande est prise sur votre cagnotte.")
    if standing.projected >= total:
        return _("Rien de plus à payer : ce que vous avez déclaré suffit.")
    return _("À payer : {to_pay:money*}.", to_pay=Cents(total - standing.projected))


def ways(shop: Shop, *, at_home: bool = False, at_basket: bool = False) -> Rows:
    """Offer what comes after: the basket, the confirmation, the way back."""
    basket: list[Option] = []
    if shop.basket.kept:
        basket = [] if at_basket else [turn_option(_("Panier"), shop.to("panier"))]
        basket.append(say_option(_("Confirmer"), f"confirmer d{shop.distribution.number}"))
    elif at_home and latest_order(shop):
        basket = [turn_option(_("Comme la dernière fois"), shop.to("encore"))]
    back = [] if at_home else [turn_option(_("Rayons"), shop.to())]
    return rows([*back, *basket])


def product_line(product: Product) -> str:
    """Write a product as a line of a list."""
    parts = [f"{product.name} – {price_words(product)}"]
    if product.organic:
        parts.append(_("bio"))
    if product.stock is not None:
        parts.append(_left(product))
    return ", ".join(parts)


def _left(product: Product) -> str:
    if product.stock == 0:
        return _("il n'y en a plus")
    return _("il en reste {left}", left=ordered_words(product, product.stock or 0))


def product_button(shop: Shop, product: Product) -> Option:
    """Make the button that opens a product; it says what is chosen of it."""
    chosen = shop.basket.ordered(product.number)
    label = f"{product.name} · {ordered_words(product, chosen)}" if chosen else product.name
    return turn_option(label, shop.to(f"p{product.number}"))


def room_for(product: Product, chosen: int) -> int:
    """Give how much more of a product can be chosen, in thousandths: what is left of it, within what one line takes."""
    most = most_of(product)
    return max(0, (most if product.stock is None else min(product.stock, most)) - chosen)


def latest_order(shop: Shop) -> Order | None:
    """Find the last order of the member elsewhere, to be repeated (B14)."""
    orders = shop.visit.market.orders_of(shop.visit.person.number)
    return next((order for order in orders if order.distribution != shop.distribution.number and order.lines), None)


def product_of(shop: Shop, word: str) -> Product | None:
    """Find the product a word like « p45 » names."""
    return shop.by_number.get(int(word[1:]))

"""The catalogue as a file: what a file that was sent would change, all or nothing, before anything is changed.

A product is the same one by its name and producer, however they are written. A file never renames nor removes: what it
does not name, a product, a column, an empty unit or producer, stays as it is. Renaming is done in the chat.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from bot.folding import folded
from bot.market.products import MOST_PRODUCTS, Product, Sold
from bot.market.sheet_cells import rows
from bot.market.sheet_errors import SeveralProductsError, WrongCellError
from bot.market.sheet_fields import column_name
from bot.market.sheet_limits import UnreadableSheetError
from bot.market.sheet_lines import Line, headings, identity, line, wrong
from bot.market.units import ordered_unit, quantity_words, short_quantity, unit_name
from bot.words import _, _n, amount, told

MOST_TROUBLES = 10


@dataclass(frozen=True)
class Change:
    """A product of the catalogue that the file changes."""

    before: Product
    after: Product

    @property
    def words(self) -> tuple[str, ...]:
        """Say what changes, in the language being spoken: « prix 2,10 € → 2,30 € »."""
        return tuple(differences(self.before, self.after))


@dataclass(frozen=True)
class Comparison:
    """What a file would do to a catalogue. With ``troubles``, sentences to show, it does nothing at all.

    ``new`` products have the number 0; ``unnamed`` are those that the file does not name, which stay as they are.
    """

    new: tuple[Product, ...] = ()
    changed: tuple[Change, ...] = ()
    unchanged: tuple[Product, ...] = ()
    unnamed: tuple[Product, ...] = ()
    troubles: tuple[str, ...] = ()

    @property
    def changes_nothing(self) -> bool:
        """Tell whether the file says what the catalogue says already."""
        return not (self.new or self.changed or self.troubles)


def preview(content: bytes, catalogue: Sequence[Product]) -> Comparison:
    r"""Compare a file with the catalogue, whatever the file is: what is wrong comes back as sentences.

    >>> preview("produit;prix\nPain;3,20\n".encode(), []).new[0].name
    'Pain'
    >>> preview("produit;prix\nPain;-1\n".encode(), []).troubles
    ("Ligne 2 : le prix −1,00\xa0€ n'est pas possible : il faut au moins 0,01.",)
    """
    try:
        lines, troubles = read(content)
    except UnreadableSheetError as refusal:
        return Comparison(troubles=(told(refusal),))
    compared = compare(lines, catalogue) if not troubles else Comparison(troubles=tuple(troubles))
    return Comparison(troubles=_few(compared.troubles)) if compared.troubles else compared


def read(content: bytes) -> tuple[list[Line], list[str]]:
    """Read a file; give its lines, and a sentence for everything that is wrong. Raises UnreadableSheetError."""
    first, *rest = rows(content)
    columns, troubles = headings(first)
    if troubles:
        return [], troubles
    if not rest:
        return [], [_("Le fichier ne contient aucun produit.")]
    lines: list[Line] = []
    for row in rest:
        try:
            lines.append(line(row, columns))
        except WrongCellError as refusal:
            troubles.append(wrong(row.number, refusal))
    return lines, troubles + _twice(lines)


def compare(lines: Sequence[Line], catalogue: Sequence[Product]) -> Comparison:
    """Find what lines would change. Each product is found by its name and producer, or by a name that only it has."""
    found = _Catalogue(catalogue, lines)
    pairs: list[tuple[Product | None, Product]] = []
    troubles: list[str] = []
    for one in lines:
        try:
            present = found.present(one)
            pairs.append((present, one.product(present)))
        except WrongCellError as refusal:
            troubles.append(wrong(one.number, refusal))
    return _compared(pairs, catalogue, troubles)


def _compared(
    pairs: Sequence[tuple[Product | None, Product]], catalogue: Sequence[Product], troubles: list[str]
) -> Comparison:
    new = tuple(after for present, after in pairs if present is None)
    changes = tuple(Change(present, after) for present, after in pairs if present and present != after)
    touched = {change.before.number for change in changes}
    named = {present.number for present, _after in pairs if present}
    if new and len(new) + len(catalogue) > MOST_PRODUCTS:
        total = len(new) + len(catalogue)
        troubles.append(
            _("Le catalogue aurait {n} produits, c'est trop : {most} au plus.", n=total, most=MOST_PRODUCTS)
        )
    return Comparison(
        new, changes,
        unchanged=tuple(product for product in catalogue if product.number in named - touched),
        unnamed=tuple(product for product in catalogue if product.number not in named),
        troubles=tuple(troubles),
    )  # fmt: skip


def differences(before: Product, after: Product) -> list[str]:
    r"""Say what distinguishes a product from what it was, apart from its name.

    >>> from dataclasses import replace
    >>> from bot.ledger.money import Cents
    >>> bread = Product(1, "Pain", Cents(210), stock=3000)
    >>> differences(bread, replace(bread, price=Cents(230), stock=None))
    ['prix 2,10\xa0€ → 2,30\xa0€', 'stock 3 → non compté']
    """
    if before == after:
        return []
    said = ((what(), words(before), words(after)) for what, words in _SAID)
    return [f"{what} {was} → {now}" for what, was, now in said if was != now]


def sold_words(product: Product) -> str:
    r"""Say how a product is sold: « au poids ».

    >>> from bot.ledger.money import Cents
    >>> sold_words(Product(3, "Poulet", Cents(1400), "kg", Sold.WEIGHED, piece_quantity=900))
    'à la pièce, pesé ensuite (environ 0,900\xa0kg)'
    """
    if product.sold is Sold.WEIGHED:
        estimate = quantity_words(product.piece_quantity, product.unit)
        return _("à la pièce, pesé ensuite (environ {estimate})", estimate=estimate)
    return _("au poids") if product.sold is Sold.WEIGHT else _("à la pièce")


def stock_words(product: Product) -> str:
    """Say what is left of a product: « 12 », « non compté »."""
    return _("non compté") if product.stock is None else short_quantity(product.stock, ordered_unit(product))


def _yes_words(yes: bool) -> str:  # noqa: FBT001 - it is the only argument, and what is said
    return _("oui") if yes else _("non")


_SAID: tuple[tuple[Callable[[], str], Callable[[Product], str]], ...] = (
    (lambda: column_name("price"), lambda product: amount(product.price)),
    (lambda: column_name("unit"), lambda product: unit_name(product.unit)),
    (lambda: _("vendu"), sold_words),
    (lambda: column_name("stock"), stock_words),
    (lambda: column_name("producer"), lambda product: product.producer or "–"),
    (lambda: column_name("category"), lambda product: product.category or "–"),
    (lambda: column_name("organic"), lambda product: _yes_words(product.organic)),
    (lambda: column_name("active"), lambda product: _yes_words(product.active)),
)
"""What can change of a product: its name, and how to say it."""


class _Catalogue:
    """The products there are, as the lines of a file find them."""

    def __init__(self, catalogue: Sequence[Product], lines: Sequence[Line]) -> None:
        self._exact = {identity(product.name, product.producer): product for product in catalogue}
        self._by_name: dict[str, list[Product]] = {}
        for product in catalogue:
            self._by_name.setdefault(folded(product.name), []).append(product)
        self._lines = Counter(folded(one.name) for one in lines)

    def present(self, one: Line) -> Product | None:
        """Find a line's product; by its name alone only where file or catalogue do not know the producer.

        Raises SeveralProductsError.
        """
        exact = self._exact.get(identity(one.name, one.producer))
        same = self._by_name.get(folded(one.name), [])
        if exact is None and not one.producer and len(same) > 1:
            raise SeveralProductsError(product=one.name)
        if exact is not None or len(same) != 1 or self._lines[folded(one.name)] != 1:
            return exact
        return same[0] if not one.producer or not same[0].producer else None


def _twice(lines: Sequence[Line]) -> list[str]:
    seen: dict[tuple[str, str], int] = {}
    troubles = []
    for one in lines:
        first = seen.setdefault(identity(one.name, one.producer), one.number)
        if first != one.number:
            troubles.append(
                _(
                    "Lignes {first} et {number} : « {name} » y est deux fois.",
                    first=first,
                    number=one.number,
                    name=one.name,
                )
            )
    return troubles


def _few(troubles: Sequence[str]) -> tuple[str, ...]:
    more = len(troubles) - MOST_TROUBLES
    if more <= 0:
        return tuple(troubles)
    return (*troubles[:MOST_TROUBLES], _n("… et {n} autre ligne à revoir.", "… et {n} autres lignes à revoir.", more))

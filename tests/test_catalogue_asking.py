"""What is asked about a product takes nothing that cannot be, typed or forged (B48); what facts refuse, they refuse whole."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from bot.conversation import MisunderstoodError, Question
from bot.handlers.catalogue_asking import Naming, Price, Stock
from bot.handlers.catalogue_selling import WAYS, Estimate, How, Sale
from bot.ledger.errors import Refusal
from bot.ledger.money import Cents
from bot.ledger.store import Store
from bot.market.catalogue import added, as_it_was, changed, described
from bot.market.errors import ProductOvertakenError, SameProductError, TooManyProductsError
from bot.market.market import Market
from bot.market.offer_facts import PhotoChanged, PriceSet, ProductChanged
from bot.market.photos import photo
from bot.market.products import MOST_PRODUCTS, Product, Sold
from bot.market.sheet_fields import MOST_PRICE, MOST_STOCK
from bot.words import speaking
from tests.market_stall import CARROTS, CATALOGUE, EGGS, THURSDAY, record, set_up
from tests.test_questions import FORGED
from tests.transcripts import Scene

BREAD = Product(1, "Pain", Cents(450))
POTATOES = Product(2, "Pommes de terre", Cents(120), "kg", Sold.WEIGHT)
CHICKEN = Product(3, "Poulet", Cents(1400), "kg", Sold.WEIGHED, piece_quantity=900)
LONG = "Ferme " + "é" * 70
PRODUCER = Naming("p", "Qui ?", ("Ferme du Pré", LONG), skippable=True)
PRICE, SALE = Price("p", "Combien ?", "kg"), Sale("v", "Comment ?")
PIECES, KILOS, ESTIMATE = Stock("s", "?", BREAD), Stock("s", "?", POTATOES), Estimate("e", "?", CHICKEN)
EVERY: list[Question[Any]] = [PRODUCER, Naming("n", "?"), PRICE, SALE, PIECES, KILOS, ESTIMATE]


@pytest.mark.parametrize(
    ("question", "typed", "value"),
    [
        (PRICE, "2,10", 210),
        (PRICE, "2,10 €/kg", 210),
        (PRICE, "2,10 le kilo", 210),
        (PIECES, "12", 12_000),
        (PIECES, "12 pièces", 12_000),
        (PIECES, "0", 0),
        (PIECES, "non compté", None),
        (PIECES, "illimité", None),
        (PIECES, "1", 1_000),
        (KILOS, "12,5", 12_500),
        (KILOS, "1 200", 1_200_000),
        (KILOS, "500 g", 500),
        (ESTIMATE, "0,9", 900),
        (ESTIMATE, "900 g", 900),
        (SALE, "kg", How(Sold.WEIGHT, "kg")),
        (SALE, "au litre", How(Sold.WEIGHT, "L")),
        (SALE, "à la botte", How(Sold.PIECE, "bunch")),
        (SALE, "pièce", How(Sold.PIECE, "piece")),
        (SALE, "3", How(Sold.WEIGHED, "kg")),
        (PRODUCER, "FERME DU PRE", "Ferme du Pré"),
        (PRODUCER, "Le  Rucher", "Le Rucher"),
        (PRODUCER, "passer", ""),
    ],
)
def test_answers_are_read_as_people_type_them(question: Question[Any], typed: str, value: object) -> None:
    assert question.value(question.understand(typed)) == value


@pytest.mark.parametrize(
    ("question", "typed"),
    [
        *(
            (PRICE, typed)
            for typed in ("0", "-1", "1.234", "2,105", "10000,01", "2,10 la botte", "cher", "", "²", "1e3")
        ),
        *((PIECES, typed) for typed in ("-1", "1,5", "1,000", "3 kg", "1000001", "", "1/2", "x" * 99)),
        *((KILOS, typed) for typed in ("-1", "3 bottes", "2 L", "1.000", "0,0001")),
        *((ESTIMATE, typed) for typed in ("0", "-1", "101 kg", "900", "2 L", "lourd")),
        *((SALE, typed) for typed in ("coudée", "", "100 g", "99")),
        *((PRODUCER, typed) for typed in ("x" * 81, "---", "\u202e")),
    ],
)
def test_what_cannot_be_is_refused_with_a_sentence(question: Question[Any], typed: str) -> None:
    with pytest.raises(MisunderstoodError) as found:
        question.understand(typed)
    assert found.value.sentence[:1] == found.value.sentence[:1].upper()
    assert found.value.sentence.endswith((".", "au plus."))


@pytest.mark.parametrize("token", [*FORGED, "none", "piece:kilo", "weight:piece", "k" * 17, "=" + "x" * 81, "=\x0eX"])
def test_a_forged_token_is_refused_or_worth_what_could_have_been_typed(token: str) -> None:
    for question in EVERY:
        try:
            value = question.value(token)
        except MisunderstoodError:
            continue
        match value:
            case None:
                assert token == "-"
            case How():
                assert value in WAYS.values()
            case str():
                assert len(value) <= 80
                assert value.isprintable()
            case int():
                assert 0 <= value <= (MOST_PRICE if question is PRICE else MOST_STOCK)
            case _:
                raise AssertionError((question, value))


@pytest.mark.parametrize("language", ["fr", "en"])
def test_every_option_is_taken_typed_or_tapped_and_fits_a_button(language: str) -> None:
    with speaking(language):
        for question in EVERY:
            for option in question.options:
                assert question.value(question.understand(option.label)) == question.value(option.token)
                assert len(f"a:123456.12345678:{option.token}".encode()) <= 64


def test_a_producer_tapped_stays_the_one_that_was_shown() -> None:
    """The list may be in another order when the answer is read again."""
    token = PRODUCER.options[0].token
    assert Naming("p", "Qui ?", ("Nouveau", LONG, "Ferme du Pré"), skippable=True).value(token) == "Ferme du Pré"
    with pytest.raises(MisunderstoodError):
        Naming("p", "Qui ?", ("Nouveau",)).value(token)


def test_a_fact_says_what_it_changes_and_from_what() -> None:
    after = replace(CHICKEN, name="Poularde", stock=4000)
    fact = changed(CHICKEN, after)
    assert fact is not None
    assert fact.was == (("name", "Poulet"), ("stock", None))
    assert as_it_was(fact) == CHICKEN
    assert changed(after, after) is None
    with speaking("fr"):
        shown = described(replace(after, active=False))
    assert shown.endswith("(14,00\u00a0€/kg), stock 4, retiré du catalogue")


@pytest.fixture
def scene(store: Store) -> Scene:
    """Play on both databases."""
    return Scene(store)


def test_every_field_is_changed_and_changed_back_on_both_databases(scene: Scene) -> None:
    """Undone by changing back, and the books say both."""
    set_up(scene)
    carrots = goods(scene)[CARROTS]
    other = Product(
        CARROTS,
        "Radis",
        Cents(150),
        "bunch",
        Sold.PIECE,
        "Ailleurs",
        "Racines",
        3000,
        1000,
        organic=False,
        active=False,
    )
    for before, after in ((carrots, other), (other, carrots)):
        record(scene, must(changed(before, after)))
        assert goods(scene)[CARROTS] == after
    record(scene, PhotoChanged(CARROTS, "Carottes", 10, b"\xff\xd8\xff 1234567"))
    with scene.store.read() as connection:
        assert photo(connection, 1, CARROTS) == b"\xff\xd8\xff 1234567"


def test_a_file_is_imported_on_both_databases(scene: Scene) -> None:
    set_up(scene)
    scene.sends("camille", "c.csv", b"produit;prix\nCarottes;2,50\nMiel;6,50\n")
    scene.taps("camille", "Importer")
    assert scene.said("camille") == "✅ Le catalogue est à jour : 1 nouveau, 1 changé."
    assert (goods(scene)[CARROTS].price, goods(scene)[5].name) == (250, "Miel")


def refusal(scene: Scene, fact: ProductChanged | None) -> Refusal:
    """Give what a fact is refused with."""
    assert fact is not None
    with pytest.raises(Refusal) as found:
        record(scene, fact)
    return found.value


def goods(scene: Scene) -> dict[int, Product]:
    """Read the catalogue."""
    with scene.store.read() as connection:
        return Market(connection, 1, scene.now).catalogue


def test_facts_refuse_what_another_phone_has_overtaken(scene: Scene) -> None:
    """Two coordinators at once: the second one looks again."""
    set_up(scene)
    eggs = goods(scene)[EGGS]
    record(scene, must(changed(eggs, replace(eggs, price=Cents(310)))))
    stale = changed(eggs, replace(eggs, price=Cents(290)))
    assert isinstance(refusal(scene, stale), ProductOvertakenError)
    assert isinstance(refusal(scene, added(replace(BREAD, number=EGGS))), ProductOvertakenError)
    assert goods(scene)[EGGS].price == 310


def must(fact: ProductChanged | None) -> ProductChanged:
    """Take a fact that there is."""
    assert fact is not None
    return fact


def test_what_orders_reserve_meanwhile_stays_reserved(scene: Scene) -> None:
    """B11: a change of the price does not write the stock."""
    set_up(scene)
    eggs = goods(scene)[EGGS]
    dearer = must(changed(eggs, replace(eggs, price=Cents(310))))
    record(scene, must(changed(eggs, replace(eggs, stock=2000))))
    record(scene, dearer)
    assert (goods(scene)[EGGS].stock, goods(scene)[EGGS].price) == (2000, 310)


def test_a_price_for_one_distribution_is_forgotten_with_the_unit_it_was_for(scene: Scene) -> None:
    """B10: 1.80 a kilo is not 1.80 a bunch. What has ended keeps it."""
    set_up(scene)
    record(scene, PriceSet(THURSDAY, CARROTS, Cents(180)))
    assert offered_price(scene) == 180
    carrots = goods(scene)[CARROTS]
    record(scene, must(changed(carrots, replace(carrots, name="Carotte"))))
    assert offered_price(scene) == 180
    carrots = goods(scene)[CARROTS]
    record(scene, must(changed(carrots, replace(carrots, unit="bunch", sold=Sold.PIECE, price=Cents(250)))))
    assert offered_price(scene) == 250


def offered_price(scene: Scene) -> int:
    """Give the price of carrots in the open distribution."""
    with scene.store.read() as connection:
        market = Market(connection, 1, scene.now)
        distribution = market.distribution(THURSDAY)
        assert distribution is not None
        return next(product.price for product in market.offered(distribution) if product.number == CARROTS)


def test_facts_refuse_a_second_product_of_one_name_and_producer(scene: Scene) -> None:
    set_up(scene)
    carrots = goods(scene)[CARROTS]
    assert isinstance(refusal(scene, added(replace(carrots, number=9, name="CAROTTES"))), SameProductError)
    assert isinstance(refusal(scene, changed(carrots, replace(carrots, name="oeufs x6"))), SameProductError)
    record(scene, added(replace(carrots, number=9, producer="Ailleurs")))
    assert len(goods(scene)) == len(CATALOGUE) + 1


def test_facts_refuse_more_products_than_a_catalogue_holds(scene: Scene) -> None:
    assert isinstance(refusal(scene, added(replace(BREAD, number=MOST_PRODUCTS + 1))), TooManyProductsError)

"""Searching a catalogue by what people type: what is certain, what is offered, what is not found."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.ledger.money import Cents
from bot.market.products import ONE, Product, Sold
from bot.market.quantities import NotWholeError, WrongUnitError
from bot.market.search import MOST_LINES, Index, TooMuchAtOnceError
from bot.words import told

KILO, PIECE = ("kg", Sold.WEIGHT), ("piece", Sold.PIECE)


def catalogue(*products: str | Product) -> Index:
    """Index products by the piece; « … /kg » is sold by weight."""
    made = []
    for number, one in enumerate(products, start=1):
        if isinstance(one, str):
            unit, sold = KILO if one.endswith(" /kg") else PIECE
            made.append(Product(number, one.removesuffix(" /kg"), Cents(200), unit, sold))
        else:
            made.append(one)
    return Index(made)


SHOP = catalogue(
    *(
        "Pommes de terre Charlotte (5 kg)",
        "Pommes Gala /kg",
        "Pain de campagne 1 kg",
        "Carottes /kg",
        "Œufs plein air x6",
    ),
    *(
        "Œufs bio x12",
        "Fromage de chèvre frais",
        "Crème fraîche 50 cl",
        "Lait cru 1 L",
        "Salade batavia",
        "Sel et poivre",
    ),
    *(
        "Huile d'olive 75 cl",
        "Courge butternut /kg",
        "Botte de radis",
        "Fromage blanc 500 g",
        "Tomates /kg",
        "Tomates cerises",
    ),
)


def said(index: Index, text: str) -> list[tuple[bool, list[tuple[str, int | None]]]]:
    """Tell what was found, line by line: whether it is certain, and names with what is ordered."""
    return [(one.certain, [(m.product.name, m.ordered) for m in one.matches]) for one in index.find_all(text)]


@pytest.mark.parametrize(
    ("typed", "name", "ordered"),
    [
        ("carottes", "Carottes", None),
        ("CAROTTE", "Carottes", None),
        ("2 kg carottes", "Carottes", 2000),
        ("2kg de carottes", "Carottes", 2000),
        ("carottes 500g", "Carottes", 500),
        ("1,5 kg de carottes", "Carottes", 1500),
        ("1 kg 200 carottes", "Carottes", 1200),
        ("je voudrais 2 kg de carottes svp", "Carottes", 2000),
        ("pdt", "Pommes de terre Charlotte (5 kg)", None),
        ("2 patates", "Pommes de terre Charlotte (5 kg)", 2000),
        ("oeufs x12", "Œufs bio x12", None),
        ("12 œufs", "Œufs bio x12", None),
        ("3 oeufs x6", "Œufs plein air x6", 3000),
        ("2 x oeufs x6", "Œufs plein air x6", 2000),
        ("3 salades", "Salade batavia", 3000),
        ("3salades", "Salade batavia", 3000),
        ("une salade", "Salade batavia", 1000),
        ("salade × 2", "Salade batavia", 2000),
        ("lait 1 L", "Lait cru 1 L", None),
        ("2 lait 1l", "Lait cru 1 L", 2000),
        ("lait 1000 ml", "Lait cru 1 L", None),
        ("tomates", "Tomates", None),
        ("tomates cerise", "Tomates cerises", None),
        ("2 bottes de radis", "Botte de radis", 2000),
        ("sel et poivre", "Sel et poivre", None),
        ("huile olive", "Huile d'olive 75 cl", None),
        ("2 crèmes fraiches", "Crème fraîche 50 cl", 2000),
    ],
)
def test_what_can_only_be_one_product_is_certain(typed: str, name: str, ordered: int | None) -> None:
    assert said(SHOP, typed) == [(True, [(name, ordered)])]


@pytest.mark.parametrize(
    ("typed", "names"),
    [
        ("carotes", ["Carottes"]),
        ("carrottes", ["Carottes"]),
        ("carot", ["Carottes"]),
        ("butternut", ["Courge butternut"]),
        ("pain", ["Pain de campagne 1 kg"]),
        ("chevre", ["Fromage de chèvre frais"]),
        ("pomme de tere", ["Pommes de terre Charlotte (5 kg)"]),
        ("pommes", ["Pommes Gala", "Pommes de terre Charlotte (5 kg)"]),
        ("oeufs", ["Œufs bio x12", "Œufs plein air x6"]),
        ("fromaje", ["Fromage blanc 500 g", "Fromage de chèvre frais"]),
        ("salade verte", ["Salade batavia"]),
    ],
)
def test_what_is_close_is_offered_and_never_guessed(typed: str, names: list[str]) -> None:
    assert [(one.certain, [m.product.name for m in one.matches]) for one in SHOP.find_all(typed)] == [(False, names)]


@pytest.mark.parametrize("typed", ["potiron", "xyz", "2 kg", "12", "poireaux", "œuf x30", "3 kg de rien"])
def test_what_is_not_there_is_not_found(typed: str) -> None:
    if typed == "œuf x30":  # no name says 30: eggs are offered, but how many boxes is not guessed
        assert [(m.product.name, m.ordered) for m in SHOP.find_all(typed)[0].matches] == [
            ("Œufs bio x12", None),
            ("Œufs plein air x6", None),
        ]
    else:
        assert [one.matches for one in SHOP.find_all(typed)] == [()]


@pytest.mark.parametrize("typed", ["", "  ", "merci", "bonjour, merci ;", "de"])
def test_what_says_nothing_is_left_out(typed: str) -> None:
    assert SHOP.find_all(typed) == []


def test_only_one_word_in_common_through_little_words_finds_nothing() -> None:
    """The little words of « pomme de tere » must not find « Pain de campagne »."""
    names = [m.product.name for m in SHOP.find("pomme de tere").matches]
    assert "Pain de campagne 1 kg" not in names
    assert "Fromage de chèvre frais" not in names


def test_several_lines_come_in_one_message() -> None:
    assert said(SHOP, "2 kg carotes\noeufs x12, 3 salades; du pain et 1,5 kg de tomates. Merci") == [
        (False, [("Carottes", 2000)]),
        (True, [("Œufs bio x12", None)]),
        (True, [("Salade batavia", 3000)]),
        (False, [("Pain de campagne 1 kg", None)]),
        (True, [("Tomates", 1500)]),
    ]


@pytest.mark.parametrize(
    "typed",
    [
        "3 salades 2 kg tomates",
        "3 salades et 2 kg de tomates",
        "3 salades,2 kg de tomates",
        "- 3 salades\n- 2 kg tomates",
    ],
)
def test_lines_are_parted_however_people_write_them(typed: str) -> None:
    assert said(SHOP, typed) == [(True, [("Salade batavia", 3000)]), (True, [("Tomates", 2000)])]


def test_one_and_a_half_is_one_quantity() -> None:
    assert said(SHOP, "1 kg et demi de carottes") == [(True, [("Carottes", 1500)])]


def test_a_number_in_the_name_comes_first_and_the_piece_is_offered_beside_it() -> None:
    """« oeufs x12 » is one of « Œufs x12 »; where « Œufs » are sold by the piece it may be twelve of them."""
    both = catalogue("Œufs", "Œufs x12", "Œufs x6")
    assert said(both, "oeufs x12") == [(False, [("Œufs x12", None), ("Œufs", 12000)])]
    assert said(catalogue("Œufs x12", "Œufs x6"), "oeufs x12") == [(True, [("Œufs x12", None)])]
    assert said(catalogue("Œufs"), "oeufs x12") == [(True, [("Œufs", 12000)])]


def test_a_number_that_may_count_what_is_in_the_pack_gives_no_quantity() -> None:
    boxes = catalogue("Œufs x6")
    assert said(boxes, "12 oeufs") == [(False, [("Œufs x6", 2000)])]
    assert said(boxes, "une demi-douzaine d'oeufs") == [(False, [("Œufs x6", 1000)])]
    assert said(boxes, "8 oeufs") == [(False, [("Œufs x6", None)])]
    assert said(boxes, "2 oeufs") == [(True, [("Œufs x6", 2000)])]


def test_a_size_may_be_in_the_name_or_be_the_quantity() -> None:
    assert said(catalogue("Fromage blanc 500 g", "Fromage /kg"), "500 g fromage") == [
        (False, [("Fromage blanc 500 g", None), ("Fromage", 500)])
    ]
    assert said(catalogue("Farine 0,5 kg", "Farine 1 kg"), "2 farines 500 g") == [(True, [("Farine 0,5 kg", 2000)])]


def test_a_quantity_that_does_not_fit_says_why() -> None:
    (half,) = SHOP.find_all("1,5 salade")
    assert half.certain
    assert half.matches[0].ordered is None
    assert isinstance(half.matches[0].trouble, NotWholeError)
    assert "Salade batavia" in told(half.matches[0].trouble)
    assert isinstance(SHOP.find("2 kg de salade").matches[0].trouble, WrongUnitError)
    assert SHOP.find("0 salade").matches[0].trouble is not None
    assert SHOP.find("9999 salades").matches[0].trouble is not None


def test_the_same_name_from_two_producers_is_a_choice_unless_the_producer_is_typed() -> None:
    two = catalogue(
        Product(1, "Carottes", Cents(200), producer="Ferme du Pré"),
        Product(2, "Carottes", Cents(210), producer="Dupont"),
    )
    assert not two.find("carottes").certain
    assert len(two.find("carottes").matches) == 2
    assert said(two, "2 carottes dupont") == [(True, [("Carottes", 2000)])]
    assert two.find("carottes dupont").matches[0].product.number == 2


def test_a_category_or_a_producer_alone_is_offered() -> None:
    cheese = catalogue(Product(1, "Tomme", Cents(900), category="Fromages", producer="Dupont"))
    assert said(cheese, "fromage") == [(False, [("Tomme", None)])]
    assert said(cheese, "dupont") == [(False, [("Tomme", None)])]


def test_organic_products_are_found_by_the_word() -> None:
    shop = catalogue(Product(1, "Carottes", Cents(200)), Product(2, "Carottes", Cents(300), organic=True))
    (found,) = shop.find_all("carottes bio")
    assert [m.product.number for m in found.matches] == [2]


def test_a_part_of_a_name_that_is_another_thing_is_only_offered() -> None:
    assert not catalogue("Pommes de terre").find("pommes").certain
    assert not catalogue("Jus de pomme").find("2 pommes").certain
    assert not catalogue("Chou-fleur").find("chou").certain
    assert not catalogue("Patates douces").find("patates").certain
    assert catalogue("Pommes de terre").find("pommes de terre").certain


def test_at_most_six_are_offered_of_many() -> None:
    found = catalogue(*(f"Miel n{n}" for n in "abcdefgh")).find("miel")
    assert len(found.matches) == 6


def test_too_much_at_once_is_refused_with_the_limit() -> None:
    with pytest.raises(TooMuchAtOnceError) as raised:
        SHOP.find_all("carottes," * (MOST_LINES + 1))
    assert "30 lignes" in told(raised.value)
    with pytest.raises(TooMuchAtOnceError):
        SHOP.find_all("carottes et tomates et " * 20)
    with pytest.raises(TooMuchAtOnceError):
        SHOP.find_all("x" * 2000)


def test_an_empty_catalogue_finds_nothing() -> None:
    assert said(Index([]), "2 kg carottes") == [(False, [])]


@given(st.text(alphabet="abceiosx12 ,;./'-½éœ\nkg", max_size=60))
def test_any_text_is_taken(text: str) -> None:
    for found in SHOP.find_all(text):
        assert len(found.matches) <= 6
        assert not found.certain or len(found.matches) == 1
        assert all(m.ordered is None or 0 < m.ordered <= 500 * ONE for m in found.matches)


@given(
    st.sampled_from(["Carottes", "Salade batavia", "Huile d'olive 75 cl", "Œufs bio x12", "Tomates"]),
    st.integers(1, 40),
)
def test_a_whole_name_with_a_number_before_it_is_certain(name: str, n: int) -> None:
    """However many: a product's own name is never a guess."""
    (found,) = SHOP.find_all(f"{n} x {name}")
    assert found.certain
    assert [m.product.name for m in found.matches] == [name]
    assert found.matches[0].ordered == n * ONE

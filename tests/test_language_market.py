"""The catalogue kept, photos sent, an order and what is asked of it, in English: B6, B8, B9."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from bot.ledger.store import Store
from tests.english import english_scene
from tests.market_stall import set_up
from tests.transcripts import Scene

Play = Callable[[], Scene]
SHEET = b"product;producer;unit;price;stock;organic\nHoney;Beehive;jar;6.50;12;yes\nCarottes;;kg;21.00;;yes\n"


@pytest.fixture
def scene(sqlite_store: Store) -> Scene:
    """Begin with the demo's group, in English, whose orders are open."""
    scene = english_scene(sqlite_store)
    set_up(scene)
    scene.unheard()
    return scene


def test_a_product_is_added_and_changed(play: Play) -> None:
    """
    B6

    camille: /products
    bot: 4 products /  / Ferme du Pré / Carottes – €2.10/kg, organic / Œufs x6 – €3.00 each, stock 5 / Poulet fermier – about €12.60 each (€14.00/kg) / … [… | New | File]
    camille: [New]
    bot: Which product shall we add? Write its name. [Cancel]
    camille: Tomatoes
    bot: Tomatoes: how is it sold? [By the kilo | By the piece | Piece, weighed later | Bunch | …]
    camille: by the cubit
    bot: Choose, or write a unit: piece, bunch, bag, tray, crate, jar, bottle, pack, dozen, kg, g, L, cL, mL. / Tomatoes: how is it sold? […]
    camille: [Piece, weighed later]
    bot: Tomatoes: about how much does a piece weigh? For example 0.9 (kg). […]
    camille: 0.2
    bot: Tomatoes: what price per kg? For example 2.10. […]
    camille: 2.50
    bot: Tomatoes: which producer? Choose, or write another name. [Ferme du Pré | Fournil d'Élise | None | …]
    camille: none
    bot: Tomatoes: which category? Choose, or write another. […]
    camille: none
    bot: Tomatoes: how much is there? [Not counted | …]
    camille: not counted
    bot: Add to the catalogue: Tomatoes, about €0.50 each (€2.50/kg), stock not counted? [Add | No | Back]
    camille: [Add]
    bot: ✅ It is in the catalogue. /  / Tomatoes / about €0.50 each (€2.50/kg) · by the piece, weighed later (about 0.200 kg) / Stock: not counted [Price | Stock | Name | How it is sold | Producer | Category | Photo | Organic ❌ | Remove from catalogue | Catalogue]
    camille: [Price]
    bot: Tomatoes: what is the new price per kg? Now: €2.50/kg. [Cancel]
    camille: 25
    bot: ⚠️ Tomatoes: €2.50 → €25.00. Is that right? […]
    camille: no
    bot: Nothing has changed. / …
    camille: [Remove from catalogue]
    bot: ✅ Removed from the catalogue. / … / ⚠️ Removed from the catalogue: no longer offered. […Put back | Catalogue]
    camille: [Catalogue]
    bot: 5 products / … / No producer / Tomatoes – about €0.50 each (€2.50/kg) · removed […]
    """
    play()


def test_the_catalogue_comes_by_file(scene: Scene) -> None:
    """B6, B30's way: what would change is shown; then the same file changes nothing."""
    scene.sends("camille", "catalogue.csv", SHEET)
    assert scene.said("camille") == (
        "This file: 1 new, 1 changed. / 3 products of the catalogue are not in it: they stay as they are. /  / "
        "➕ Honey, €6.50 a jar, Beehive, organic, stock 12 jars / ⚠️ Carottes: price €2.10 → €21.00 /  / Import?"
    )
    scene.taps("camille", "Import")
    assert scene.said("camille") == "✅ The catalogue is up to date: 1 new, 1 changed."
    scene.sends("camille", "catalogue.csv", SHEET)
    assert scene.said("camille") == "This file says the same as the catalogue. Nothing has changed."


def test_what_is_written_in_english_is_read_in_english(scene: Scene) -> None:
    scene.says("camille", "/products file csv")
    document = scene.shown[-1].document
    assert document is not None
    assert document.name == "catalogue.csv"
    scene.sends("camille", "catalogue.csv", document.content)
    assert scene.said("camille") == "This file says the same as the catalogue. Nothing has changed."


def test_a_photo_is_sent(scene: Scene) -> None:
    scene.sends("camille", "photo.jpg", b"\xff\xd8\xff\xe0" + bytes(500))
    assert scene.said("camille") == "Which product is this a photo of?"
    scene.says("camille", "carottes")
    assert scene.said("camille").startswith("✅ The photo is saved: Carottes. /")
    scene.says("camille", "/journal")
    assert "Photo · Carottes: new photo" in scene.said("camille")


def test_something_is_asked_off_an_order(play: Play) -> None:
    """
    B9, B43

    awa: 2 kg carottes
    bot: Added: 2 kg Carottes. / …
    awa: [Confirm]
    bot: To pay: €4.20. Which payment method? …
    awa: cash
    bot: Confirm this order? …
    awa: [Confirm]
    bot: ✅ Order no. 1 confirmed …
    awa: orders
    bot: Order no. 1 · … [Add | Ask to take off]
    awa: [Ask to take off]
    bot: Take off 2 kg Carottes: a word for the coordinators? …
    awa: I shall be away
    bot: Once confirmed, an order can no longer be changed, only added to. Would you like to ask the coordinators to take off 2 kg Carottes? [Ask | Leave it | …]
    awa: [Ask]
    bot: I have asked. A coordinator will answer you; …
    bot→salon: Requests to take off · 1 of 1 / Awa · 2 kg Carottes, €4.20 / asked today / “I shall be away” [Take off | Leave it]
    awa@salon: [Take off]
    (hint) /removal is for the group's coordinators only.
    camille@salon: [Take off]
    (hint) ✅ Awa · 0 kg Carottes: €0.00…
    bot→salon: No requests to take anything off.
    bot→awa: ✅ Camille has taken this off your order: Carottes. You are settled up. …
    """
    play()

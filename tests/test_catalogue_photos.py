"""A photo for each product: sent by a coordinator, one of each, shown to members who ask for it."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from sqlalchemy import func, select

from bot.chat import Attachment, UndeliverableError
from bot.ledger.audit import audit
from bot.ledger.tables import FACT
from bot.market.photos import MOST_BYTES, NotAPhotoError, PhotoTooLargeError, checked, kind_of
from bot.market.tables import PHOTO
from bot.papers import make
from tests.market_stall import set_up
from tests.transcripts import Scene

Play = Callable[[], Scene]
JPEG, PNG = b"\xff\xd8\xff\xe0" + b"a" * 500, b"\x89PNG\r\n\x1a\n" + b"b" * 500


@pytest.fixture(autouse=True)
def market(scene: Scene) -> None:
    """Open a small market whose orders are open."""
    set_up(scene)
    scene.unheard()


def photos(scene: Scene) -> int:
    """Count the photos that are kept."""
    with scene.store.read() as connection:
        return int(connection.execute(select(func.count()).select_from(PHOTO)).scalar_one())


def send(scene: Scene, content: bytes, who: str = "camille") -> str:
    """Send a photo; give what is said of it."""
    scene.sends(who, "photo.jpg", content)
    return scene.said(who)


def test_a_photo_is_sent_shown_replaced_and_taken_away(scene: Scene) -> None:
    scene.says("camille", "/catalogue p1")
    scene.taps("camille", "Photo")
    assert scene.said("camille") == "Envoyez la photo : Carottes."
    assert send(scene, JPEG).startswith("✅ La photo est notée : Carottes. /  / Carottes / 2,10 €/kg")
    scene.taps("camille", "Photo")
    document = scene.shown[-1].document
    assert document is not None
    assert (document.name, document.content, document.mime) == ("p1.jpg", JPEG, "image/jpeg")
    scene.taps("camille", "Remplacer")
    send(scene, PNG)
    assert photos(scene) == 1
    scene.taps("camille", "Photo")
    assert scene.shown[-1].document is not None
    assert scene.shown[-1].document.mime == "image/png"
    scene.taps("camille", "Retirer la photo")
    assert scene.said("camille").startswith("✅ La photo est retirée.")
    assert photos(scene) == 0
    scene.says("camille", "/journal")
    assert "Photo · Carottes : photo retirée" in scene.said("camille")
    with scene.store.read() as connection:
        assert audit(connection) == []


def test_members_see_the_photo_where_there_is_one(scene: Scene) -> None:
    """It comes once, when it is asked for, in a message of its own: a text cannot be edited into a photo."""
    scene.says("camille", "/catalogue p1 photo")
    send(scene, JPEG)
    scene.says("lea", "/commander d1 p2")
    with pytest.raises(AssertionError, match="sees no button 'Photo'"):
        scene.taps("lea", "Photo")
    scene.says("lea", "/commander d1 p1")
    scene.taps("lea", "Photo")
    shown = scene.shown[-1]
    assert shown.document is not None
    assert (shown.document.content, shown.edited) == (JPEG, False)
    assert shown.message.text.startswith("Carottes – 2,10")
    scene.taps("lea", "Choisir")
    assert scene.said("lea").startswith("Carottes – 2,10 €/kg")


def test_a_photo_that_comes_unasked_is_asked_about(play: Play, scene: Scene) -> None:
    """
    camille: ferme
    bot: Lequel ? [Carottes | Œufs x6 | Poulet fermier | Retour | Annuler]
    camille: baleine
    bot: « baleine » : je ne trouve pas ce produit. / De quel produit est cette photo ? [Retour | Annuler]
    camille: pain
    bot: ✅ La photo est notée : Pain de campagne. /  / Pain de campagne / … [… | Photo | …]
    """
    assert send(scene, JPEG) == "De quel produit est cette photo ?"
    play()
    assert photos(scene) == 1


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"produit;prix\nSel;1\n", "Ce n'est pas une photo que je peux montrer : envoyez une image JPEG ou PNG."),
        (b"GIF89a" + b"x" * 50, "Ce n'est pas une photo que je peux montrer"),
        (b"", "Ce n'est pas une photo que je peux montrer"),
        (JPEG + b"x" * MOST_BYTES, "Cette photo est trop grosse : 1 Mo au plus."),
    ],
)
def test_what_is_no_photo_is_refused(scene: Scene, content: bytes, says: str) -> None:
    scene.says("camille", "/catalogue p1 photo")
    assert send(scene, content).startswith(says)
    assert photos(scene) == 0


def test_what_is_no_photo_is_refused_under_the_lock_too() -> None:
    assert kind_of(checked(PNG)) == "image/png"
    with pytest.raises(NotAPhotoError):
        checked(b"<svg/>")
    with pytest.raises(PhotoTooLargeError):
        checked(JPEG + b"x" * MOST_BYTES)


def test_the_journal_keeps_no_picture(scene: Scene) -> None:
    scene.says("camille", "/catalogue p1 photo")
    send(scene, JPEG)
    with scene.store.read() as connection:
        body = connection.execute(select(FACT.c.body).where(FACT.c.kind == "PhotoChanged")).scalar_one()
    assert body == '{"kept_bytes":504,"name":"Carottes","product":1}'


def test_a_photo_taken_away_before_it_is_delivered_is_set_aside(scene: Scene) -> None:
    recipe = Attachment("product_photo", "p1.jpg", {"group": 1, "language": "fr", "product": 1})
    with scene.store.read() as connection, pytest.raises(UndeliverableError):
        make(connection, recipe, scene.now)


@pytest.mark.parametrize(
    "data",
    [
        "catalogue p1 photo non",
        "catalogue p1 photo ²",
        "catalogue p9 photo",
        "commander d1 p1 photo",
        "commander d1 p² photo",
    ],
)
def test_forged_words_show_and_change_nothing(scene: Scene, data: str) -> None:
    """B48."""
    scene.taps_data("camille", f"c1:{data}")
    assert scene.shown[-1].document is None
    assert photos(scene) == 0


def test_members_bring_no_photos(scene: Scene) -> None:
    """B43."""
    assert send(scene, JPEG, "lea") == "Je ne sais pas quoi faire d'un fichier ici."
    scene.says("lea", "/catalogue p1 photo non")
    assert scene.said("lea") == "/catalogue est réservé aux coordinateurs du groupe."

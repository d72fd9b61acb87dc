"""The coordinators' digest: one message with its picture, pages behind it, buttons that act (B41)."""

from __future__ import annotations

import io
import itertools
from datetime import timedelta

import pytest
from PIL import Image

from bot.chat import plain
from bot.groups.people import Group
from bot.ledger.books import Books
from bot.ledger.facts import Method, OpeningBalanceEntered, PaymentDeclared, PaymentReceived
from bot.ledger.money import Cents
from bot.market.facts import Line, OrderPlaced, RemovalAsked
from bot.market.market import Market
from bot.notices.digest import CAPTION_CHARACTERS
from bot.notices.digest import written as digest_words
from bot.papers import charts
from bot.reminders.bilan import digest_of
from bot.reminders.facts import RefundAsked
from bot.reminders.history import history
from bot.reminders.view import Dues
from bot.words import speaking
from tests.contrast import ratio
from tests.market_stall import BREAD, record, set_up
from tests.reminded import heard, tell, tell_begin, tick, wall
from tests.transcripts import Scene, act, words, written

LEA, BRUNO, AWA = 1, 2, 3
MONDAY = wall("2026-12-07", "09:00")


def digests(scene: Scene) -> list[str]:
    """Give the digests that the room was shown since this was asked last."""
    return [
        written(one) for one in scene.unheard() if one.message.text and "Paniers du Canal" in words(one.message.text)
    ]


@pytest.fixture
def busy(scene: Scene) -> Scene:
    """Let everything be there that a digest can speak of."""
    tell_begin(scene)
    set_up(scene)
    record(scene, OrderPlaced(BRUNO, 1, (Line(BREAD, 1000, 1000, 450),)))
    record(scene, RemovalAsked(BRUNO, 1, 1))
    tell(scene, RefundAsked(BRUNO, Cents(200), Method.CASH))
    record(scene, PaymentDeclared(LEA, Cents(1000), Method.CHEQUE))
    act(scene, """
        camille: /encaisser Awa 12 chèque
        bot: …
        camille: [Oui]
        bot: …
        bot→awa: …
        camille: /encaisser Awa 5 liquide
        bot: …
        camille: [Oui]
        bot: …
        bot→awa: …
        camille: /caisse 5
        bot: …
    """)  # fmt: skip
    scene.unheard()
    return scene


def test_one_message_says_everything_that_waits(busy: Scene) -> None:
    """B41: accounts and since when, the trend, what waits since when, cheques, cash, distributions, requests; one message."""
    tick(busy, MONDAY)
    assert digests(busy) == [
        (
            "Les Paniers du Canal : 3 comptes ne sont pas à zéro. / Dû au groupe : 24,50 € · avoirs : 19,50 € / "
            "Depuis le 9 novembre : dû 0,00 € → 24,50 €, avoirs 0,00 € → 19,50 €. /  / "
            "À régler maintenant : 24,50 € / Léa : 24,50 €, il y a 25 jours /  / "
            "⏳ 1 paiement annoncé attend depuis plus de 3 jours : / Léa : 10,00 € par chèque, il y a 12 jours /  / "
            "À déposer : 1 chèque, 12,00 €, le plus ancien reçu il y a 12 jours / "
            "Dans la caisse : 5,00 €, comptée il y a 12 jours / "
            "À valider : la distribution du jeudi 26 novembre, finie il y a 11 jours / "
            "1 demande de retrait sans réponse (il y a 12 jours) / 1 remboursement demandé, sans réponse (il y a 12 jours) "
            "[Reçu : Léa, 10,00 € | Autre chose | Comptes | Soldes | Rappels | Distribution du 26 novembre | Chèques | Retraits "
            "| Remboursements]"
        )
    ]


def test_its_buttons_lead_to_what_they_name(busy: Scene) -> None:
    tick(busy, MONDAY)
    act(busy, """
        camille@salon: [Reçu : Léa, 10,00 €]
        bot→lea: ✅ Camille a reçu 10,00 € par chèque. Vous devez 14,50 € au groupe. […]
        bot: …
        camille@salon: [Reçu : Léa, 10,00 €]
        bot: C'est déjà validé par Camille, … Rien n'a changé.
        camille@salon: [Comptes]
        bot: … / Léa doit 14,50 €, depuis le 12 novembre / Awa a un avoir de 17,00 €, depuis le 25 novembre / Bruno a un avoir de 2,50 €, depuis le 12 novembre [Bilan]
        camille@salon: [Bilan]
        bot: Les Paniers du Canal : 3 comptes ne sont pas à zéro. / … [Comptes | Soldes | Rappels | …]
        camille@salon: [Remboursements]
        bot: Remboursements demandés · 1 sur 1 / Bruno · 2,00 € en liquide / … [Rendu | Pas maintenant]
        camille@salon: [Chèques]
        bot: …
    """)  # fmt: skip


def test_many_payments_that_wait_are_on_pages_with_their_buttons(scene: Scene) -> None:
    tell_begin(scene)
    for number in range(7):
        record(scene, PaymentDeclared(LEA, Cents(1000 + number), Method.CASH))
    scene.later(days=5)
    act(scene, """
        camille: /bilan
        bot: … ⏳ 7 paiements annoncés attendent depuis plus de 3 jours : / … [Reçu : Léa, 10,00 € | Reçu : Léa, 10,01 € | Reçu : Léa, 10,02 € | Autre chose | Comptes | Soldes | Rappels | À valider]
        camille: [À valider]
        bot: ⏳ 7 paiements attendent depuis plus de 3 jours : / … / page 1 sur 2 [Reçu : Léa, 10,00 € | … | Reçu : Léa, 10,04 € | Autre chose | › | Bilan]
        camille: [›]
        bot: … / Léa : 10,05 € en liquide, il y a 5 jours / Léa : 10,06 € en liquide, il y a 5 jours / page 2 sur 2 [Reçu : Léa, 10,05 € | Reçu : Léa, 10,06 € | Autre chose | ‹ | Bilan]
    """)  # fmt: skip


def test_however_much_there_is_it_fits_under_its_picture(busy: Scene) -> None:
    """One message, not ten: long lists grow shorter, the rest is a tap away."""
    for number in range(60):
        add_member(busy, f"Foyer au nom vraiment très long numéro {number}", Cents(-1000 - number))
    for _again in range(12):
        record(busy, PaymentDeclared(LEA, Cents(1000), Method.CHEQUE))
    tick(busy, MONDAY)
    (shown,) = [one for one in busy.unheard() if "Paniers du Canal" in words(one.message.text)]
    assert len(plain(shown.message.text)) <= CAPTION_CHARACTERS
    assert shown.document is not None
    assert "… et 5" in words(shown.message.text)
    act(busy, """
        camille@salon: [Comptes]
        bot: … 63 comptes ne sont pas à zéro. / … / Foyer au nom vraiment très long numéro 59 doit 10,59 €, depuis le 25 novembre / … / page 1 sur 4 [› | Bilan]
        camille@salon: [›]
        bot: … page 2 sur 4 [‹ | › | Bilan]
        camille@salon: /bilan comptes 99
        bot: … page 4 sur 4 [‹ | Bilan]
    """)  # fmt: skip


def add_member(scene: Scene, name: str, balance: Cents) -> None:
    from bot.groups import registry

    person = scene.store.write(lambda connection: registry.add_member(connection, 1, name, scene.now)).result()
    record(scene, OpeningBalanceEntered(person.number, balance))


def test_the_picture_shows_what_the_words_say(scene: Scene) -> None:
    """Drawn when delivered, of the moment at which it was said: what came meanwhile is not in it."""
    tell_begin(scene)
    for weeks in range(1, 9):
        scene.now = wall("2026-11-30", "09:00") + timedelta(weeks=weeks)
        amount = 1000 if weeks < 6 else -1500
        record(scene, OpeningBalanceEntered(AWA, Cents(amount)))
    tick(scene, wall("2027-01-25", "09:00") + timedelta(weeks=1))
    said = digests(scene)[-1]
    assert "Depuis le 9 novembre : dû 0,00 € → 24,50 €, avoirs 0,00 € → 12,00 €." in said
    with scene.store.read() as connection:
        points = history(connection, 1, scene.now)
        assert (points[0].owed, points[0].having, points[-1].owed, points[-1].having) == (0, 0, 2450, 1200)
        assert max(point.having for point in points) == 5700
        assert len({(b.at - a.at) for a, b in itertools.pairwise(points)}) == 1, "one a week"


def test_what_was_most_is_said(scene: Scene) -> None:
    tell_begin(scene)
    scene.now = wall("2026-12-10")
    record(scene, OpeningBalanceEntered(AWA, Cents(-9000)))
    scene.now = wall("2026-12-20")
    record(scene, PaymentReceived(AWA, Cents(9000), Method.CASH))
    scene.unheard()
    tick(scene, wall("2026-12-21", "09:00"))
    assert "Au plus haut, 114,50 € dus le 14 décembre." in digests(scene)[-1]


def test_the_picture_comes_with_the_message(busy: Scene) -> None:
    tick(busy, MONDAY)
    (shown,) = [one for one in busy.unheard() if one.document is not None]
    assert shown.document is not None
    assert (shown.document.name, shown.document.mime) == ("bilan.png", "image/png")
    picture = Image.open(io.BytesIO(shown.document.content))
    assert picture.size == (charts.WIDTH, charts.HEIGHT)
    assert len(shown.document.content) < 60_000


def test_it_is_easy_to_read_on_any_ground() -> None:
    """It brings its own ground; words and lines stand out from it (4.5 to 1)."""
    for colour in (charts.INK, charts.OWED, charts.HAVING):
        assert ratio(colour, charts.GROUND) >= 4.5, colour


def test_both_lines_are_there_and_named(busy: Scene) -> None:
    with busy.store.read() as connection, speaking("fr", "Europe/Paris"):
        drawn = charts.drawn(history(connection, 1, MONDAY))
    colours = {colour for _count, colour in Image.open(io.BytesIO(drawn)).convert("RGB").getcolors(1 << 20) or ()}
    wanted = {tuple(int(name[start : start + 2], 16) for start in (1, 3, 5)) for name in (charts.OWED, charts.HAVING)}
    assert wanted <= colours


def test_every_sign_of_the_picture_is_in_its_font() -> None:
    """Accents, the euro, narrow spaces: none is a box."""
    from PIL import ImageFont

    font = ImageFont.truetype(str(charts.FONT), 40)
    box = font.getmask("\U0010fffe").getbbox()
    for sign in "éûàçœÉ€−’€0,9août":
        assert font.getmask(sign).getbbox() != box, sign
    assert font.getlength("\u202f") < font.getlength(" "), "the narrow space is narrow"


def test_a_group_that_has_just_begun_has_no_picture(scene: Scene) -> None:
    """Two points are no line: the day after its first balances, words are enough."""
    with scene.store.read() as connection, speaking("fr", "Europe/Paris"):
        for day, pictured in (("2026-11-13", False), ("2026-11-25", True)):
            now, group = wall(day), Group(connection, 1)
            found = digest_of(Books(connection, 1, now), Market(connection, 1, now), Dues(connection, group, now), None)
            said = digest_words(found, group, now)
            assert (said.attachment is not None, "Depuis le" in said.text) == (pictured, pictured)


def test_members_cannot_ask_for_it(scene: Scene) -> None:
    """B40."""
    act(scene, """
        lea: /bilan comptes
        bot: /bilan est réservé aux coordinateurs du groupe.
    """)  # fmt: skip
    assert heard(scene) == []

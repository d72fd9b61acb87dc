"""/reglages: the group's settings in words, methods toggled in place, what may be typed wrong or forged (B16, B43, B48)."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from sqlalchemy import Connection, select

from bot.groups.apply import apply
from bot.groups.chosen import settings
from bot.groups.settings import (
    COLUMNS,
    KittyAloneError,
    NoMethodLeftError,
    SettingChanged,
    SettingOvertakenError,
    changed,
)
from bot.groups.tables import BuyingGroup, Note
from bot.handlers.settings import ROWS, Row
from bot.ledger import journal
from bot.ledger.errors import Refusal
from bot.ledger.tables import FACT
from tests.market_stall import set_up
from tests.transcripts import Scene, played, words

Play = Callable[[], Scene]


def changes(scene: Scene) -> list[str]:
    """List the bodies of the facts about settings, in order."""
    with scene.store.read() as connection:
        query = select(FACT.c.body).where(FACT.c.kind == "SettingChanged").order_by(FACT.c.number)
        return list(connection.execute(query).scalars())


def late(scene: Scene, fact: SettingChanged) -> None:
    """Record a fact that another process made from what it had read."""

    def job(connection: Connection) -> None:
        apply(connection, journal.record(connection, group=1, fact=fact, author=4, at=scene.now, key="late"))

    scene.store.write(job).result()


def test_methods_are_toggled_in_place_and_back(play: Play) -> None:
    """
    B16, one tap each; the coordinators' room is told what it was before, and a tap back undoes it.

    camille: /reglages
    bot: Réglages du groupe / Nom du groupe : Les Paniers du Canal / Moyens de paiement : Chèque, Liquide, Virement / Cagnotte avec d'autres moyens : ❌ / Ordre des chèques : aucun / IBAN : aucun / Préfixe des références : aucun /  / Rappels et bilan / Rappels automatiques : oui / … [Nom du groupe | Moyens de paiement | Cagnotte avec d'autres moyens | Ordre des chèques | IBAN | Préfixe des références | Rappels et bilan]
    camille: [Moyens de paiement]
    bot: Moyens de paiement / Chèque, Liquide, Virement [✅ Chèque | ✅ Liquide | ✅ Virement | ❌ Carte sur place | ❌ Cagnotte | ❌ Carte en ligne | Passer à la cagnotte | Réglages]
    camille: [❌ Carte sur place]
    bot: Moyens de paiement / Chèque, Liquide, Virement, Carte sur place [✅ Chèque | ✅ Liquide | ✅ Virement | ✅ Carte sur place | …
    bot→salon: Camille a changé un réglage du groupe. Moyens de paiement : Chèque, Liquide, Virement, Carte sur place (avant : Chèque, Liquide, Virement) [Réglages]
    camille: [✅ Carte sur place]
    bot: Moyens de paiement / Chèque, Liquide, Virement [✅ Chèque | ✅ Liquide | ✅ Virement | ❌ Carte sur place | …
    bot→salon: Camille a changé un réglage du groupe. Moyens de paiement : Chèque, Liquide, Virement (avant : Chèque, Liquide, Virement, Carte sur place) [Réglages]
    camille: [❌ Carte en ligne]
    bot: La carte en ligne n'est pas branchée sur ce bot : c'est à qui l'héberge de le faire. /  / Moyens de paiement / Chèque, Liquide, Virement […
    camille: [Réglages]
    bot: Réglages du groupe / … Moyens de paiement : Chèque, Liquide, Virement / …
    camille: /journal
    bot: Journal / … Camille : Réglage · Moyens de paiement : Chèque, Liquide, Virement (avant : Chèque, Liquide, Virement, Carte sur place) / … Camille : Réglage · Moyens de paiement : Chèque, Liquide, Virement, Carte sur place (avant : Chèque, Liquide, Virement) …
    """
    scene = play()
    assert len(changes(scene)) == 2
    edited = [shown for shown in scene.shown if shown.place.chat == "camille" and shown.edited]
    assert len(edited) >= 5, "the screens replace one another"


def test_a_button_tapped_twice_changes_once(scene: Scene) -> None:
    """A tap says what it makes, so that a second one, or an old one, changes nothing more."""
    scene.says("camille", "/reglages moyens")
    button = scene.button("camille", "✅ Chèque")
    scene.tap_again("camille", button)
    scene.tap_again("camille", button)
    scene.tap_again("sofiane", button)
    assert len(changes(scene)) == 1
    assert "Moyens de paiement / Liquide, Virement" in scene.said("camille")


def test_the_last_method_stays(play: Play) -> None:
    """
    B16, a group keeps one way of being paid.

    camille@salon: /settings methods cheque non
    bot→salon: Moyens de paiement / Liquide, Virement […
    camille@salon: [✅ Liquide]
    bot→salon: Moyens de paiement / Virement […
    camille@salon: [✅ Virement]
    bot→salon: C'est le dernier moyen de paiement : ajoutez-en d'abord un autre. /  / Moyens de paiement / Virement […
    """
    play()


def test_a_payment_declared_before_its_method_went_is_validated(play: Play) -> None:
    """
    B16, what was declared by a method keeps working; what is declared afterwards does not offer it.

    lea: /payer 24,50 chèque
    bot: Déclarer 24,50 € par chèque ? [Déclarer | Non | Retour]
    lea: [Déclarer]
    bot: …
    bot→salon: … Léa · 24,50 € par chèque … [Reçu | Autre montant | Refuser | Banque et n°]
    camille: /reglages moyens cheque non
    bot: 1 paiement déjà déclaré ou prévu de cette façon reste à valider. …
    bot→salon: Camille a changé un réglage du groupe. …
    bruno: /payer 5
    bot: Par quel moyen ? [Liquide | Virement | Retour | Annuler]
    bruno: chèque
    bot: Choisissez une des réponses proposées : Liquide, Virement. / Par quel moyen ? …
    bruno: /annuler
    bot: C'est annulé. Rien n'a été enregistré.
    camille@salon: [Reçu]
    bot→salon: …
    bot→lea: ✅ … 24,50 € … Vous êtes à l'équilibre. …
    """
    play()


def test_a_payment_planned_before_its_method_went_is_declared_and_received(scene: Scene) -> None:
    """B16, B17: the plan made at checkout stays; « fait » declares it."""
    set_up(scene)
    played(
        scene,
        """
        awa: 1 pain de campagne
        bot: …
        awa: confirmer
        bot: À payer : 4,50 €. Par quel moyen ? [Chèque | Liquide | Virement | Autre montant | Je verrai | Annuler]
        awa: virement
        bot: …
        awa: [Confirmer]
        bot: … À payer : 4,50 € par virement. …
        camille: /reglages moyens virement non
        bot: 1 paiement déjà déclaré ou prévu de cette façon reste à valider. …
        bot→salon: …
        awa: [C'est fait]
        bot: Déclarer 4,50 € par virement ? [Déclarer | Non]
        awa: [Déclarer]
        bot: …
        bot→salon: … Awa · 4,50 € par virement … [Reçu | Autre montant | Refuser]
        camille@salon: [Reçu]
        bot→salon: …
        bot→awa: … 4,50 € … Vous êtes à l'équilibre. …
        """,
    )


def test_an_answer_under_way_by_a_method_that_went_is_asked_again(scene: Scene) -> None:
    """B12, B48: what was chosen is no longer one of the choices."""
    scene.says("bruno", "/payer 5 chèque")
    scene.says("camille", "/reglages moyens cheque non")
    scene.taps("bruno", "Déclarer")
    assert scene.said("bruno") == "Ce choix n'est plus possible. / Par quel moyen ?"


def test_the_terminal_is_declared_only_when_a_distribution_has_begun(scene: Scene) -> None:
    """B17, B24: nobody can have paid by the card terminal before."""
    set_up(scene)
    scene.says("camille", "/reglages moyens tpe oui")
    scene.says("bruno", "/payer 5")
    assert [words(o.label) for row in scene.shown[-1].message.options for o in row][:3] == [
        "Chèque",
        "Liquide",
        "Virement",
    ]
    scene.says("bruno", "/annuler")
    scene.later(days=2, hours=1)
    scene.says("bruno", "/payer 5 tpe")
    assert scene.said("bruno") == "Déclarer 5,00 € par carte sur place ?"


def test_where_the_terminal_is_the_only_way_it_is_said(scene: Scene) -> None:
    """B17: a question without an answer is not asked."""
    for method in ("terminal oui", "cheque non", "cash non", "transfer non"):
        scene.says("camille", f"/reglages moyens {method}")
    scene.says("bruno", "/payer 5")
    assert scene.said("bruno") == "Dans ce groupe on paie par carte sur place : c'est à la distribution."


def test_the_group_is_called_otherwise_and_back(play: Play) -> None:
    """
    The name is a text: the journal shows it from the notes, the fact itself keeps none of it (B44).

    camille: /reglages nom
    bot: Quel nouveau nom pour « Les Paniers du Canal » ? [Annuler]
    camille: Les  Paniers de l'Ourcq
    bot: ✅ Nom du groupe : Les Paniers de l'Ourcq (avant : Les Paniers du Canal) [Réglages]
    bot→salon: Camille a changé un réglage du groupe. Nom du groupe : Les Paniers de l'Ourcq (avant : Les Paniers du Canal) [Réglages]
    camille: [Réglages]
    bot: Réglages du groupe / Nom du groupe : Les Paniers de l'Ourcq / …
    camille: /reglages nom
    bot: …
    camille: Les Paniers de l'Ourcq
    bot: C'est déjà le cas.
    camille: /journal
    bot: … Camille : Réglage · Nom du groupe « Les Paniers du Canal → Les Paniers de l'Ourcq » / …
    """
    scene = play()
    assert changes(scene) == ['{"setting":"name","value":null,"was":null}']


@pytest.mark.parametrize(
    ("setting", "typed", "said"),
    [
        ("nom", "x" * 81, "C'est trop long : 80 signes au plus."),
        ("cheques", "x" * 71, "C'est trop long : 70 signes au plus."),
        ("prefixe", "CANAL-1", "Écrivez de une à six lettres sans accent ou chiffres, par exemple CANAL."),
        ("prefixe", "ÉTÉ", "Écrivez de une à six lettres"),
        ("prefixe", "CANALSUD", "Écrivez de une à six lettres"),
    ],
)
def test_what_is_typed_wrong_is_asked_again_with_the_reason(scene: Scene, setting: str, typed: str, said: str) -> None:
    scene.says("camille", f"/reglages {setting}")
    scene.says("camille", typed)
    assert said in scene.said("camille")
    assert changes(scene) == []


def test_the_prefix_of_references_is_kept_in_capitals_and_taken_away(play: Play) -> None:
    """
    A few letters, « aucun » for none.

    camille: /settings prefix
    bot: Par quelles lettres commencent les références de virement du groupe ? [Aucun | Annuler]
    camille: canal
    bot: ✅ Préfixe des références : CANAL (avant : aucun) [Réglages]
    bot→salon: …
    camille: /reglages prefixe
    bot: …
    camille: aucun
    bot: ✅ Préfixe des références : aucun (avant : CANAL) [Réglages]
    bot→salon: …
    """
    play()


@pytest.mark.parametrize(
    ("typed", "setting", "value"),
    [
        ("/settings methods terminal yes", "methods", "cheque cash transfer terminal"),
        ("/settings methods transfer no", "methods", "cheque cash"),
        ("/settings methods Chèque NON", "methods", "cash transfer"),
        ("/settings together yes", "kitty_with_others", True),
        ("/réglages ensemble on", "kitty_with_others", True),
    ],
)
def test_what_is_typed_after_a_setting_is_understood_in_either_language(
    scene: Scene, typed: str, setting: str, value: object
) -> None:
    """B16, B48: « yes » is a yes, whatever the language of who types it."""
    scene.says("camille", typed)
    with scene.store.read() as connection:
        assert getattr(connection.execute(select(BuyingGroup)).one(), setting) == value


@pytest.mark.parametrize("words_", ["/reglages", "/réglages", "/settings", "Réglages", "settings", "!reglages"])
def test_both_words_of_the_command(scene: Scene, words_: str) -> None:
    scene.says("sofiane", words_)
    assert scene.said("sofiane").startswith("Réglages du groupe")


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.word)
def test_every_setting_is_found_by_its_word_in_both_languages(scene: Scene, row: Row) -> None:
    said = []
    for word in (row.word, row.english):
        scene.says("camille", f"/reglages {word}")
        said.append(scene.said("camille"))
        scene.says("camille", "/annuler")
        scene.unheard()
    assert said[0] == said[1]
    assert not said[0].startswith("Réglages du groupe")


def test_no_word_names_two_settings() -> None:
    known = [word for row in ROWS for word in (row.word, row.english)]
    assert len({*known}) == len(known)


def test_members_and_volunteers_are_refused(scene: Scene) -> None:
    """B43: checked at the moment of acting, on a button seen earlier too."""
    scene.says("lea", "/reglages")
    assert scene.said("lea") == "/reglages est réservé aux coordinateurs du groupe."
    scene.says("camille", "/reglages moyens")
    shown, option = scene.button("camille", "✅ Chèque")
    scene.taps_data("lea", option.data, message=shown.id)
    assert scene.said("lea") == "/reglages est réservé aux coordinateurs du groupe."
    assert changes(scene) == []


@pytest.mark.parametrize(
    "forged",
    [
        "e:reglages xyz", "e:reglages moyens bitcoin oui", "e:reglages moyens cheque", "e:reglages moyens cheque peut-être",
        "e:reglages moyens cheque oui", "e:reglages recharge kitty oui", "e:reglages recharge online oui",
        "e:reglages negatives 1", "e:reglages ensemble x", "e:reglages cagnotte", "e:reglages cagnotte x", "c:reglages moyens ² oui",
        "e:reglages cagnotte quitter", "e:reglages plancher -5", "e:reglages moyens online oui", "e:reglages moyens kitty oui",
    ],
)  # fmt: skip
def test_forged_words_show_a_screen_and_change_nothing(scene: Scene, forged: str) -> None:
    scene.taps_data("camille", forged)
    assert "ce n'est pas de votre fait" not in scene.said("camille")
    assert changes(scene) == []


def test_two_coordinators_change_one_setting_at_once(scene: Scene) -> None:
    """What somebody else has just changed is not changed unseen."""
    scene.says("camille", "/reglages nom")
    scene.says("sofiane", "/reglages nom")
    scene.says("camille", "Nom de Camille")
    scene.says("sofiane", "Nom de Sofiane")
    assert "Quelque chose a changé entre-temps" in scene.said("sofiane")
    scene.says("sofiane", "Nom de Sofiane")
    with scene.store.read() as connection:
        assert settings(connection, 1).name == "Nom de Sofiane"


def test_a_change_of_what_is_no_longer_so_is_refused(scene: Scene) -> None:
    """Under the lock that records: two processes may have read the same."""

    for fact in (
        changed("methods", "cash", "cheque"), changed("iban", "", "FR76"), changed("kitty_floor", -5, -10),
        SettingChanged("created_at", "2026"),
    ):  # fmt: skip
        with pytest.raises(SettingOvertakenError):
            late(scene, fact)
    assert changes(scene) == []


@pytest.mark.parametrize(
    ("fact", "refusal"),
    [
        (changed("methods", "", "cheque cash transfer"), NoMethodLeftError),
        (changed("top_up", "", "cheque cash transfer"), NoMethodLeftError),
        (changed("methods", "cheque kitty", "cheque cash transfer"), KittyAloneError),
    ],
)
def test_no_fact_takes_away_the_last_method_or_mixes_the_kitty(
    scene: Scene, fact: SettingChanged, refusal: type[Refusal]
) -> None:
    """B16, B19: whichever conversation made it."""
    with pytest.raises(refusal):
        late(scene, fact)
    assert changes(scene) == []


def test_every_setting_has_its_column_and_is_read() -> None:
    assert set(COLUMNS.values()) <= set(BuyingGroup.__table__.columns.keys())  # type: ignore[attr-defined]


def test_a_note_says_what_a_text_was_and_is(scene: Scene) -> None:
    """B44: it can be erased, with the note."""
    scene.says("camille", "/reglages nom")
    scene.says("camille", "Les Voisins")
    assert scene.row(Note).text == "Les Paniers du Canal → Les Voisins"

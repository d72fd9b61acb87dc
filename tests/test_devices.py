"""A household on several devices: told once, where it wrote last, or as it chose (B42)."""

from __future__ import annotations

import json
import re
from collections.abc import Callable

import pytest
from sqlalchemy import Executable, update
from sqlmodel import col

from bot.groups.tables import LinkedAddress, Member
from bot.groups.voices import invited
from bot.ledger.audit import audit
from bot.ledger.facts import decode
from bot.ledger.store import Store
from tests.transcripts import Scene

Play = Callable[[], Scene]


@pytest.fixture(autouse=True)
def second(request: pytest.FixtureRequest) -> None:
    """Léa has a second device, ``tablette``, in the tests that have a scene."""
    if "scene" in request.fixturenames:
        scene = request.getfixturevalue("scene")
        link(scene, "tablette")
        scene.unheard()


def link(scene: Scene, device: str, who: str = "lea") -> None:
    """Link another device of somebody's: B42, confirmed from the first."""
    scene.says(who, "/lier")
    code = re.search(r"code-\d+", scene.said(who))
    assert code
    scene.says(device, f"/start {code[0]}")
    scene.taps(who, "C'est moi")


def test_one_is_told_where_one_wrote_last(play: Play) -> None:
    """
    tablette: /payer 10 chèque
    bot: … [Déclarer | Non…]
    tablette: oui
    bot: ⏳ C'est noté…
    bot→salon: À valider… [Reçu | Autre montant | Refuser | Banque et n°]
    camille@salon: [Reçu]
    bot→tablette: ✅ Camille a reçu 10,00 €…
    bot→salon: ✅ Léa… [↩️ Corriger]
    lea: /payer 5 chèque
    bot: … [Déclarer | Non…]
    lea: oui
    bot: ⏳ C'est noté…
    bot→salon: ✅ Léa… [Reçu | Autre montant | Refuser | Banque et n° | ↩️ Corriger]
    camille@salon: [Reçu]
    bot→lea: ✅ Camille a reçu 5,00 €…
    bot→salon: ✅ Léa… [↩️ Corriger]
    """
    play()


def test_one_chooses_where_one_is_told(play: Play) -> None:
    """
    lea: /appareils
    bot: Vous me parlez depuis : / – Demo (1) – celui-ci / – Demo (2) / Je vous écris là où vous m'avez parlé en dernier. [Partout | Demo (1) | Demo (2) | Relier un autre]
    lea: [Demo (2)]
    bot: Je vous écris toujours sur Demo (2).
    camille: /encaisser Léa 5 liquide
    bot: … [Oui | Non…]
    camille: oui
    bot: ✅ …
    bot→tablette: …5,00 €…
    lea: [Partout]
    bot: Je vous écris sur tous vos appareils.
    camille: /encaisser Léa 6 liquide
    bot: … [Oui | Non…]
    camille: oui
    bot: ✅ …
    bot→lea: …6,00 €…
    bot→tablette: …6,00 €…
    tablette: appareils dernier
    bot: Je vous écris là où vous m'avez parlé en dernier.
    camille: /encaisser Léa 7 liquide
    bot: … [Oui | Non…]
    camille: oui
    bot: ✅ …
    bot→tablette: …7,00 €…
    """
    play()


def test_who_has_one_device_is_offered_another(play: Play) -> None:
    """
    bruno: /appareils partout
    bot: Vous me parlez depuis un seul appareil… [Relier un autre]
    """
    play()


def test_a_device_chosen_and_lost_is_as_none_chosen(scene: Scene) -> None:
    """B39: what is to be told goes where somebody reads it."""
    scene.says("lea", "/appareils 2")
    scene.change(update(LinkedAddress).where(col(LinkedAddress.user) == "tablette").values(state="unreachable"))
    scene.unheard()
    scene.says("camille", "/encaisser Léa 5 liquide")
    scene.says("camille", "oui")
    assert sorted(shown.place.chat for shown in scene.unheard()) == ["camille", "camille", "lea"]


def test_a_third_device_is_confirmed_from_any_of_the_others(scene: Scene) -> None:
    """B42: who asks to speak in one's name is told on every device one has, whatever one chose."""
    scene.says("lea", "/appareils 2")
    scene.says("lea", "/lier")
    code = re.search(r"code-\d+", scene.said("lea"))
    assert code
    scene.says("montre", f"/start {code[0]}")
    assert {shown.place.chat for shown in scene.unheard()} == {"lea", "tablette", "montre"}


def test_a_reminder_goes_where_one_wrote_last(scene: Scene) -> None:
    """B37: a household with several addresses is reminded once."""
    scene.says("tablette", "/solde")
    scene.unheard()
    scene.says("camille", "/rappeler Léa")
    scene.says("camille", "oui")
    assert sorted(shown.place.chat for shown in scene.unheard()) == ["camille", "camille", "tablette"]


def test_what_was_kept_once_still_means_the_same() -> None:
    kept = '{"address":-1,"member":3}'
    assert (
        json.dumps(decode("WhereToldChosen", json.loads(kept), 1).kept(), separators=(",", ":"), sort_keys=True) == kept
    )


@pytest.mark.parametrize(
    "damage",
    [
        update(Member).where(col(Member.number) == 1).values(told_at=0),
        update(LinkedAddress).where(col(LinkedAddress.member) == 1).values(latest=True),
    ],
    ids=["a choice lost", "two wrote last"],
)
def test_a_household_told_otherwise_than_it_chose_is_found(unaudited_store: Store, damage: Executable) -> None:
    scene = Scene(unaudited_store)
    link(scene, "tablette")
    scene.says("lea", "/appareils 2")
    with scene.store.read() as connection:
        assert audit(connection) == []
    scene.change(damage)
    with scene.store.read() as connection:
        assert [found.check for found in audit(connection)] == ["appareils"]


def code_of(scene: Scene, who: str, typed: str) -> str:
    """Have an invitation made; give its code."""
    scene.says(who, typed)
    found = re.search(r"code-\d+", scene.said(who))
    assert found
    return found[0]


def test_an_invitation_lets_in_once_whoever_opens_it_again(scene: Scene) -> None:
    """B42: the one it was for, from the same device or another; somebody else; after a refusal too."""
    code = code_of(scene, "camille", "/inviter Léa")
    scene.says("montre", f"/start {code}")
    scene.taps("lea", "Refuser")
    for who in ("montre", "lea", "eve"):
        scene.says(who, f"/start {code}")
        assert scene.said(who) == "Cette invitation n'est plus valable. Demandez-en une autre à un coordinateur."


def test_invitations_on_a_lost_phone_let_nobody_in(scene: Scene) -> None:
    """B42: they were shown there; a request that is refused takes none of them back."""
    kept, asked = code_of(scene, "lea", "/lier"), code_of(scene, "lea", "/lier")
    scene.says("montre", f"/start {asked}")
    scene.taps("lea", "Refuser")
    with scene.store.read() as connection:
        assert invited(connection, kept, scene.now) is not None
    for answers in (["1"], []):
        scene.says("camille", " ".join(["/perdu Léa", *answers]))
        scene.taps("camille", "Oui")
    scene.says("eve", f"/start {kept}")
    assert scene.said("eve").startswith("Cette invitation n'est plus valable.")
    again = code_of(scene, "camille", "/inviter Léa")
    scene.says("eve", f"/start {again}")
    assert scene.said("eve").startswith("Bienvenue")

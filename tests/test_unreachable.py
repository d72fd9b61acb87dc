"""Members who cannot be written to: who saw them last, another way to reach them, a way back (B39)."""

from __future__ import annotations

from sqlalchemy import Connection, insert, select, update

from bot.groups.tables import LinkedAddress, Note
from bot.ledger import journal
from bot.ledger.tables import FACT
from bot.market import apply as market_apply
from bot.market.facts import Line, OrderPlaced, VisitEnded
from bot.reminders.tables import CONTACT
from tests.market_stall import BREAD, record, set_up
from tests.reminded import lose, tell_begin, wall
from tests.transcripts import Scene, act

LEA, BRUNO, AWA, SOFIANE = 1, 2, 3, 5


def silence(scene: Scene) -> None:
    """Lose Léa's chat; Awa was never there."""
    lose(scene, "lea")
    scene.change(update(LinkedAddress).where(LinkedAddress.member == AWA).values(state="revoked"))  # type: ignore[arg-type]


def test_they_are_listed_with_a_way_back(scene: Scene) -> None:
    tell_begin(scene)
    silence(scene)
    scene.later(days=3)
    act(scene, """
        camille: membres
        bot: … [Inviter | Injoignables]
        camille: [Injoignables]
        bot: 2 personnes à qui je ne peux pas écrire : / Léa : ne répond plus, il y a 3 jours · doit 24,50 € / Awa : aucun appareil relié, dans le groupe depuis le … / Une invitation leur rend l'accès : … [Inviter Léa | Inviter Awa | Noter un téléphone]
        camille: [Inviter Léa]
        bot: Invitation pour Léa, …
        lea: solde
        bot: …
        camille: injoignables
        bot: 1 personne à qui je ne peux pas écrire : / Awa : …
    """)  # fmt: skip


def test_who_saw_them_last_is_said(scene: Scene) -> None:
    """Their last order and who handed it over, who took their money, when they last wrote here."""
    tell_begin(scene)
    set_up(scene)
    record(scene, OrderPlaced(AWA, 1, (Line(BREAD, 1000, 1000, 450),)))
    act(scene, """
        lea: 1 pain de campagne
        bot: …
        lea: [Confirmer]
        bot: …
        lea: chèque
        bot: …
        lea: [Confirmer]
        bot: …
    """)  # fmt: skip
    scene.now = wall("2026-11-26", "18:30")
    act(scene, """
        sofiane: /encaisser léa 20 liquide
        bot: …
        sofiane: [Oui]
        bot→lea: …
        bot: …
    """)  # fmt: skip
    silence(scene)
    scene.now = wall("2026-12-10")
    scene.unheard()
    scene.says("camille", "injoignables")
    said = scene.said("camille")
    assert (
        "Léa : ne répond plus, il y a 14 jours · doit 9,00 € / Dernier signe : commande à la distribution du 26 novembre"
        in said
    )
    assert "paiement reçu le 26 novembre par Sofiane · dernier message le 25 novembre" in said
    assert (
        "Awa : aucun appareil relié, dans le groupe depuis le 12 novembre · doit 4,50 € / Dernier signe : commande à la distribution du 26"
        in said
    )


def test_who_handed_the_order_over_is_named(scene: Scene) -> None:
    """The volunteer who ended the visit."""
    tell_begin(scene)
    set_up(scene)
    record(scene, OrderPlaced(AWA, 1, (Line(BREAD, 1000, 1000, 450),)))
    scene.now = wall("2026-11-26", "18:30")
    scene.store.write(lambda connection: end_visit(connection, scene)).result()
    silence(scene)
    scene.says("camille", "injoignables")
    assert "Dernier signe : à la distribution du 26 novembre, avec Sofiane / Une" in scene.said("camille")


def end_visit(connection: Connection, scene: Scene) -> None:
    """End Awa's visit, as Sofiane."""
    done = journal.record(connection, group=1, fact=VisitEnded(AWA, 1), author=SOFIANE, at=scene.now, key="visit")
    market_apply.apply(connection, done)


def test_another_way_is_noted_shown_and_forgotten(scene: Scene) -> None:
    """Only coordinators read it; nothing of it is in the journal (B44)."""
    tell_begin(scene)
    silence(scene)
    act(scene, """
        camille: injoignables
        bot: …
        camille: [Noter un téléphone]
        bot: Pour joindre qui ? …
        camille: Léa
        bot: Léa : quel téléphone, quelle adresse, quel voisin ? Seuls les coordinateurs le liront. [Retour | Annuler]
        camille: 06 12 34 56 78, ou sa voisine Jeanne
        bot: ✅ C'est noté. Pour joindre Léa : 06 12 34 56 78, ou sa voisine Jeanne [Injoignables]
        camille: [Injoignables]
        bot: … / Léa : … / Autrement : 06 12 34 56 78, ou sa voisine Jeanne / Awa : … […]
        camille: membres Léa
        bot: … Pour la joindre autrement : 06 12 34 56 78, ou sa voisine Jeanne […]
        bruno: joindre Léa
        bot: /joindre est réservé aux coordinateurs du groupe.
        camille: joindre Léa
        bot: Léa (noté : 06 12 34 56 78, ou sa voisine Jeanne) : quel téléphone, … [Oublier | Retour | Annuler]
        camille: [Oublier]
        bot: ✅ C'est oublié : plus rien n'est noté pour joindre Léa. [Injoignables]
    """)  # fmt: skip
    with scene.store.read() as connection:
        assert connection.execute(select(CONTACT)).all() == []
        kept = connection.execute(select(FACT.c.body).where(FACT.c.kind == "ContactNoted")).scalars().all()
        assert kept == ['{"member":1}', '{"member":1}']
        assert connection.execute(select(Note)).all() == []


def test_a_device_that_waits_to_be_confirmed_is_a_way(scene: Scene) -> None:
    tell_begin(scene)
    silence(scene)
    row = {"platform": "matrix", "user": "@lea", "group_id": 1, "member": LEA, "number": 2, "chat": "!lea"}
    more = {"state": "waiting", "current": True, "language": "fr", "linked_at": scene.now}
    scene.change(insert(LinkedAddress).values(**row, **more))
    scene.says("camille", "injoignables")
    assert "Autrement : un appareil à confirmer (Matrix)" in scene.said("camille")

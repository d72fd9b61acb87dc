"""Leaving: what is settled first, what stays on the books, accounts that close by themselves, nothing opened silently (B44)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from sqlalchemy import Connection, insert, select

from bot import areas
from bot.departures.facts import MemberLeft
from bot.groups import apply as people_apply
from bot.groups.apply import LastCoordinatorError
from bot.groups.facts import RightGiven
from bot.groups.people import Group
from bot.groups.tables import BuyingGroup, LinkedAddress, Member
from bot.ledger import journal
from bot.ledger.books import Books
from bot.ledger.facts import Method, PaymentDeclared
from bot.ledger.money import Cents
from bot.ledger.settling import AccountClosedError
from bot.ledger.store import Store
from bot.market import apply as market_apply
from bot.market.apply import BasketKept
from bot.market.facts import Line, OrderPlaced
from bot.market.market import Market, Phase
from bot.market.products import Sold
from bot.market.tables import BASKET
from bot.reminders.facts import ReminderPutOff
from bot.reminders.tables import REMINDED
from tests.bookkeeping import open_group
from tests.departed import is_closed, leaves
from tests.market_stall import BREAD, THURSDAY, record, set_up
from tests.reminded import tell, tick
from tests.transcripts import Scene, act

Play = Callable[[], Scene]
LEA, BRUNO, AWA, CAMILLE = 1, 2, 3, 4


def test_a_member_at_zero_leaves_and_the_account_closes(play: Play) -> None:
    """
    B44

    awa: /quitter
    bot: Une fois votre compte à zéro, faut-il effacer votre nom et vos adresses ? … [Les garder | Effacer | Annuler]
    awa: [Les garder]
    bot: Quitter « Les Paniers du Canal » ? Vos appareils n'y donneront plus accès. [Quitter | Non | Retour]
    awa: [Quitter]
    bot: Au revoir, et merci ! Vous n'êtes plus dans « Les Paniers du Canal ». / Votre compte est à zéro.
    bot→salon: Awa a quitté le groupe. [Historique]
    awa: /solde
    bot: Vous n'êtes plus dans « Les Paniers du Canal ». Pour y revenir, demandez une invitation à un coordinateur. Pour que votre nom et vos adresses y soient effacés : /effacer
    camille: /historique Awa
    bot: Awa est à l'équilibre. …
    """
    assert is_closed(play(), AWA)


def test_who_left_is_answered_in_the_language_they_had(scene: Scene) -> None:
    """B44: their phone says nothing of it; who was never here reads French, or what the phone says."""
    scene.says("awa", "/language en")
    assert scene.said("awa").startswith("Noted")
    leaves(scene, "awa", "Keep them", farewell="Leave")
    scene.says("awa", "/erase")
    assert scene.said("awa").startswith("Erase your name")
    leaves(scene, "lea")
    scene.says("lea", "/erase")
    assert scene.said("lea").startswith("Effacer votre nom")
    scene.says("passant", "/erase")
    assert scene.said("passant").startswith("Bonjour ! Je suis Ardoise")


def test_who_left_several_groups_reads_all_their_names(scene: Scene) -> None:
    """B44: in one sentence, with the quotes of the language."""
    with scene.store.read() as connection:
        group = dict(connection.execute(select(BuyingGroup)).one()._mapping)
    person = {"group_id": 2, "number": 1, "name": "Awa", "folded": "awa", "right": "member", "active": True}
    address = {
        "platform": "demo",
        "user": "awa",
        "group_id": 2,
        "member": 1,
        "number": 1,
        "chat": "awa",
        "state": "revoked",
    }

    def job(connection: Connection) -> None:
        open_group(connection, 2, 1)
        connection.execute(insert(BuyingGroup), {**group, "id": 2, "name": "Ailleurs"})
        connection.execute(insert(Member), {**person, "created_at": scene.now})
        connection.execute(insert(LinkedAddress), {**address, "linked_at": scene.now, "current": False})
        areas.record(connection, group=2, fact=MemberLeft(1, (1,)), author=None, at=scene.now, key="left")

    scene.store.write(job).result()
    leaves(scene, "awa")
    scene.says("awa", "/solde")
    assert scene.said("awa").startswith(
        "Vous n'êtes plus dans « Les Paniers du Canal » et « Ailleurs ». Pour y revenir, "
    )


def test_a_debt_stays_on_the_books_until_it_is_paid(play: Play) -> None:
    """
    B44

    lea: /quitter
    bot: Une fois votre compte à zéro, … [Les garder | Effacer | Annuler]
    lea: [Les garder]
    bot: Quitter « Les Paniers du Canal » ? … / Vous devez 24,50 € au groupe : cela reste à régler, les coordinateurs verront avec vous. [Quitter | Non | Retour]
    lea: [Quitter]
    bot: Au revoir, et merci ! … / Il reste 24,50 € à régler : les coordinateurs verront avec vous.
    bot→salon: Léa a quitté le groupe. / Il reste 24,50 € à régler : cela reste dans /soldes. [Encaisser | Laisser de côté | Historique]
    camille: /soldes
    bot: …Léa (a quitté) : 24,50 €…
    camille: /rappeler Léa
    bot: Je ne trouve personne du nom de « Léa ». … […]
    camille: /encaisser Léa 24,50 liquide
    bot: Léa a payé 24,50 € en liquide ? […]
    camille: [Oui]
    bot: ✅ Léa : 24,50 € en liquide, reçu. Léa est à l'équilibre. / Le compte de Léa est à zéro : il est fermé. [↩️ Corriger]
    """
    assert is_closed(play(), LEA)


def test_an_avoir_is_given_to_the_group_as_the_member_chooses(play: Play) -> None:
    """
    B44

    bruno: /quitter le groupe
    bot: Vous avez un avoir de 7,00 €. Qu'en faisons-nous ? [Me le rendre | Le donner au groupe | Annuler]
    bruno: [Le donner au groupe]
    bot: Une fois votre compte à zéro, … [Les garder | Effacer | Retour | Annuler]
    bruno: [Les garder]
    bot: Quitter « … » ? … / Vous donnez 7,00 € au groupe. [Quitter | Non | Retour]
    bruno: [Quitter]
    bot: Au revoir, et merci ! … / Vous avez donné 7,00 € au groupe : votre compte est à zéro.
    bot→salon: Bruno donne 7,00 € au groupe. [↩️ Corriger]
    bot→salon: Bruno a quitté le groupe. [Historique]
    """
    assert is_closed(play(), BRUNO)


def test_an_avoir_is_given_back_by_the_coordinators_and_then_the_account_closes(play: Play) -> None:
    """
    B44

    bruno: /quitter
    bot: Vous avez un avoir de 7,00 €. … [Me le rendre | …]
    bruno: [Me le rendre]
    bot: … [Les garder | …]
    bruno: [Les garder]
    bot: … / Les coordinateurs vous rendront 7,00 €. [Quitter | Non | Retour]
    bruno: [Quitter]
    bot: … / Les coordinateurs vous rendront 7,00 €.
    bot→salon: Bruno a quitté le groupe. / Son avoir de 7,00 € est à lui rendre. [Rembourser | Historique]
    camille@salon: [Rembourser]
    bot: Bruno a un avoir de 7,00 €. Combien rendez-vous ? [7,00 € | Autre montant | Retour | Annuler]
    camille@salon: [7,00 €]
    bot: Par quel moyen ? …
    camille@salon: liquide
    bot: Rendre 7,00 € à Bruno en liquide ? …
    camille@salon: [Oui]
    bot: ✅ Rendu à Bruno : 7,00 € en liquide. Bruno est à l'équilibre. / Le compte de Bruno est à zéro : il est fermé. [↩️ Corriger]
    """
    assert is_closed(play(), BRUNO)


def test_a_coordinator_notes_that_a_member_has_left_and_gives_the_avoir_back(play: Play) -> None:
    """
    B44, the device is told, and closed.

    camille: /quitter Bruno
    bot: Bruno a un avoir de 7,00 €. Que souhaite cette personne ? [Le lui rendre | Le donner | Voir plus tard | Retour | Annuler]
    camille: [Le lui rendre]
    bot: Par quel moyen ? …
    camille: [Liquide]
    bot: Bruno quitte le groupe ? Ses appareils n'y donneront plus accès. / Vous lui rendez 7,00 € en liquide. [Oui | Non | Retour]
    camille: [Oui]
    bot: ✅ Rendu à Bruno : 7,00 € en liquide. Bruno est à l'équilibre. / ✅ Bruno n'est plus dans le groupe, et ses appareils n'y donnent plus accès. / Le compte de Bruno est à zéro : il est fermé.
    bot→bruno: Camille a noté votre départ de « Les Paniers du Canal » : cet appareil n'y parle plus pour vous. …
    bot→salon: Camille a noté le départ de Bruno. [Historique]
    camille: /encaisser Bruno 5 liquide
    bot: Je ne trouve personne du nom de « Bruno ». …
    """
    play()


def test_an_order_to_come_is_handled_first(scene: Scene) -> None:
    """B44: refused with the reason; asked again under the lock."""
    set_up(scene)
    with scene.store.read() as connection:
        market = Market(connection, 1, scene.now)
        offered = market.in_phase(Phase.OPEN)[0]
        product = next(one for one in market.offered(offered) if one.sold is Sold.PIECE)
    record(scene, OrderPlaced(AWA, offered.number, (Line(product.number, 1000, 1000, product.price),)))
    act(scene, """
        awa: /quitter
        bot: Une commande attend la distribution du …. On part une fois qu'elle est passée, ou retirée par un coordinateur. [Mes commandes]
        camille: /quitter Awa
        bot: Une commande attend la distribution du …. … [Ajuster la commande]
        camille: [Ajuster la commande]
        bot: Quelle ligne ajuster ? …
    """)  # fmt: skip


def test_the_last_coordinator_stays(play: Play) -> None:
    """
    B43, B44

    camille: /quitter
    bot: … [Les garder | Effacer | Annuler]
    camille: [Les garder]
    bot: … [Quitter | Non | Retour]
    camille: [Quitter]
    bot: Au revoir, et merci ! …
    bot→salon: Camille a quitté le groupe. [Historique]
    sofiane: /quitter
    bot: Il faut au moins un coordinateur : nommez-en d'abord un autre. [Membres]
    camille@salon: /soldes
    """
    play()


def test_a_coordinators_gift_is_the_others_to_agree_to(scene: Scene) -> None:
    """B43, B44: nobody acts alone on their own account."""
    act(scene, """
        sofiane: /encaisser Camille 5 liquide
        bot: …
        sofiane: [Oui]
        bot: …
        bot→camille: …
        camille: /quitter
        bot: Vous avez un avoir de 5,00 €. …
        camille: [Le donner au groupe]
        bot: …
        camille: [Les garder]
        bot: …
        camille: [Quitter]
        bot: C'est votre propre compte : un autre coordinateur doit donner son accord. Je le lui demande.
        bot→salon: ⚠️ Camille propose, sur son propre compte : / – Don au groupe · Camille · 5,00 € / – Départ · Camille / … [D'accord | Refuser]
        sofiane@salon: [D'accord]
        bot: ✅ Camille donne 5,00 € au groupe. / ✅ Camille n'est plus dans le groupe, … / Le compte de Camille est à zéro : il est fermé.
        bot→camille: …
    """)  # fmt: skip
    assert is_closed(scene, CAMILLE)


def test_a_payment_that_waits_keeps_the_account_open(scene: Scene) -> None:
    """B44: decided, it closes."""
    scene.says("awa", "/payer 5 liquide")
    scene.taps("awa", "Déclarer")
    act(scene, """
        awa: /quitter
        bot: …
        awa: [Les garder]
        bot: … / ⏳ 5,00 € que vous avez annoncés restent à confirmer. [Quitter | Non | Retour]
        awa: [Quitter]
        bot: …
        bot→salon: Awa a quitté le groupe. / ⏳ 5,00 € annoncés restent à valider. [Historique]
        bot→salon: À valider · 1 sur 1 / Awa · …
    """)  # fmt: skip
    assert not is_closed(scene, AWA)
    scene.taps("camille", "Refuser", "salon")
    scene.taps("camille", "Passer", "salon")
    assert is_closed(scene, AWA)


def test_a_closed_account_takes_nothing_before_somebody_opens_it_again(scene: Scene) -> None:
    """B44: nothing re-opens it silently; what is undone then needs it open."""
    leaves(scene, "bruno", "Le donner au groupe")
    act(scene, """
        camille@salon: [↩️ Corriger]
        bot: Annuler « Don au groupe · Bruno · 7,00 € », n° … [Oui | Non]
        camille@salon: [Oui]
        bot: Ce compte est fermé. Pour y inscrire quelque chose, rouvrez-le d'abord : /rouvrir m2
        camille@salon: /rouvrir m2
        bot: Le compte de Bruno est fermé (départ le mardi 24 novembre). Le rouvrir, pour y inscrire quelque chose ? … [Rouvrir | Non | Retour]
        camille@salon: [Rouvrir]
        bot: ✅ Le compte de Bruno est rouvert. Il se fermera de lui-même à zéro.
        camille@salon: [↩️ Corriger]
        bot: …
        camille@salon: [Oui]
        bot: ↩️ Annulé pour Bruno : Don au groupe, 7,00 €. Bruno a un avoir de 7,00 €.
    """)  # fmt: skip
    assert not is_closed(scene, BRUNO)


def test_an_invitation_does_not_bring_somebody_back_silently(scene: Scene) -> None:
    """B44: asked explicitly; the account is the same, its history too."""
    leaves(scene, "bruno", "Le donner au groupe")
    act(scene, """
        camille: /inviter Bruno
        bot: Bruno a quitté le groupe le mardi 24 novembre. Est-ce la même personne, qui revient ? [C'est elle | Quelqu'un d'autre | Retour | Annuler]
        camille: [C'est elle]
        bot: Bruno revient : son compte est rouvert, avec son histoire. L'inviter ? [Oui | Non | Retour]
        camille: [Oui]
        bot: ✅ Le compte de Bruno est rouvert. … / ✅ Bruno est de nouveau dans le groupe. / Invitation pour Bruno, …
        bot→salon: …
        bot→salon: …
    """)  # fmt: skip
    code = (
        next(shown.message.text for shown in reversed(scene.shown) if "/start" in shown.message.text)
        .split("/start ")[1]
        .split()[0]
    )
    scene.says("bruno", f"/start {code}")
    assert "Bienvenue" in scene.said("bruno")
    scene.says("bruno", "/historique")
    assert "Don au groupe" in scene.said("bruno")


def test_somebody_else_of_the_same_name_gets_an_account_of_their_own(scene: Scene) -> None:
    leaves(scene, "awa")
    act(scene, """
        camille: /inviter Awa
        bot: Awa a quitté le groupe … [C'est elle | Quelqu'un d'autre | Retour | Annuler]
        camille: [Quelqu'un d'autre]
        bot: Ajouter Awa au groupe et l'inviter ? [Oui | Non | Retour]
        camille: [Oui]
        bot: …
    """)  # fmt: skip
    with scene.store.read() as connection:
        assert [person.number for person in Group(connection, 1).search("Awa", departed=True)] == [6, AWA]


def test_an_old_invitation_is_no_way_back(scene: Scene) -> None:
    """B42, B44: what was handed out before is worth nothing any more."""
    scene.says("camille", "/inviter Awa")
    code = scene.said("camille").split("/start ")[1].split()[0]
    leaves(scene, "awa")
    scene.says("awa", f"/start {code}")
    assert scene.said("awa").startswith("Cette invitation n'est plus valable.")
    with scene.store.read() as connection:
        state = connection.execute(select(LinkedAddress.state).where(LinkedAddress.member == AWA)).scalar_one()  # type: ignore[call-overload]
        assert state == "revoked"
        assert Books(connection, 1, scene.now).balance(AWA) == 0


def test_nothing_is_declared_on_a_closed_account(scene: Scene) -> None:
    """B44: were a payment declared at the very moment, the books refuse it."""
    leaves(scene, "awa")
    with pytest.raises(AccountClosedError):
        scene.record(PaymentDeclared(AWA, Cents(500), Method.CASH))


def test_those_who_left_are_listed_with_what_can_be_done(scene: Scene) -> None:
    leaves(scene, "awa")
    leaves(scene, "lea")
    act(scene, """
        camille: /membres
        bot: 3 adhérents … [Inviter | Départs]
        camille: [Départs]
        bot: 2 personnes ont quitté le groupe : / m1 · Léa, le 24/11/2026 · solde −24,50 € / m3 · Awa, le 24/11/2026, compte fermé [Léa | Awa]
        camille: [Awa]
        bot: m3 · Awa, a quitté le groupe le mardi 24 novembre / Compte à zéro, fermé. [Historique | Données | Rouvrir | Effacer | Est de retour]
        camille: [Effacer]
        bot: Effacer le nom, les adresses et les notes d'Awa ? … [Effacer | Non | Retour]
        camille: [Effacer]
        bot: ✅ Nom, adresses et notes effacés. Les écritures restent, sous le numéro m3.
        bot→salon: …
        camille: /inviter m3
        bot: Les données de m3 sont effacées : invitez cette personne par son nom.
        camille: /membres m1
        bot: m1 · Léa, a quitté le groupe le mardi 24 novembre / Léa doit 24,50 € au groupe. [Historique | Données | Effacer | Est de retour]
        camille: [Est de retour]
        bot: Léa a quitté le groupe le mardi 24 novembre. Est-ce la même personne, qui revient ? …
        camille: [C'est elle]
        bot: Léa revient : …
        camille: [Oui]
        bot: ✅ Léa est de nouveau dans le groupe. / Invitation pour Léa, …
        bot→salon: Camille a repris Léa dans le groupe.
    """)  # fmt: skip


def test_leaving_returning_and_being_erased_on_both_databases(store: Store) -> None:
    """B44: the same on SQLite and PostgreSQL, audited at the end."""
    scene = Scene(store)
    leaves(scene, "bruno", "Le donner au groupe")
    scene.says("camille", "/inviter m2")
    scene.taps("camille", "C'est elle")
    scene.taps("camille", "Oui")
    scene.says("camille", "/quitter m2")
    scene.taps("camille", "Oui")
    assert is_closed(scene, BRUNO)
    scene.says("camille", "/effacer m2")
    scene.taps("camille", "Effacer")
    leaves(scene, "awa", "Effacer")
    leaves(scene, "lea")
    scene.says("camille", "/ecart m1")
    scene.says("camille", "Passer")
    scene.taps("camille", "Laisser de côté")
    scene.taps("sofiane", "D'accord", "salon")
    assert is_closed(scene, LEA)
    with store.read() as connection:
        names = Group(connection, 1).names()
    assert (names[BRUNO], names[AWA], names[LEA]) == ("m2", "m3", "Léa")


def test_two_coordinators_who_take_each_others_right_leave_one(scene: Scene) -> None:
    """B43: each proposes it, each agrees; the second one is no coordinator any more, and under the lock there is one left."""
    for who, other in (("camille", "Sofiane"), ("sofiane", "Camille")):
        scene.says(who, f"/droits {other} Adhérent")
        scene.taps(who, "Oui")
    asked = scene.button("camille", "D'accord")
    scene.taps("sofiane", "D'accord")
    scene.tap_again("camille", asked)
    assert scene.said("camille") == "Il faut au moins un coordinateur : nommez-en d'abord un autre."
    with scene.store.read() as connection:
        assert [person.name for person in Group(connection, 1).coordinators()] == ["Camille"]
    record_right = RightGiven(CAMILLE, "member")

    def job(connection: Connection) -> None:
        done = journal.record(connection, group=1, fact=record_right, author=CAMILLE, at=scene.now, key="right")
        people_apply.apply(connection, done)

    with pytest.raises(LastCoordinatorError):
        scene.store.write(job).result()


def test_what_was_being_chosen_is_dropped_and_what_was_put_off_too(scene: Scene) -> None:
    """B12, B44: no basket, no reminder waits for somebody who is gone."""
    set_up(scene)
    scene.store.write(
        lambda c: market_apply.keep(c, BasketKept(1, THURSDAY, LEA, ((BREAD, 1000, 450),), scene.now))
    ).result()
    tell(scene, ReminderPutOff(LEA, "2026-11-27"))
    leaves(scene, "lea")
    with scene.store.read() as connection:
        assert connection.execute(select(BASKET)).all() == []
        assert connection.execute(select(REMINDED.c.later_at)).scalars().all() == [None]
    for _day in range(40):
        tick(scene, scene.now + timedelta(days=1))
    assert [one for one in scene.unheard() if one.place.chat == "lea"] == []

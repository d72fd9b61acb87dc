"""An avoir that sleeps is recalled kindly, once; it is given back where that is asked for (B37, B43)."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import insert, select, update

from bot.groups.tables import BuyingGroup, LinkedAddress
from bot.ledger.facts import Method, OpeningBalanceEntered, PaymentReceived, PaymentRefunded
from bot.ledger.money import Cents
from bot.ledger.store import Store
from bot.ledger.tables import FACT
from bot.market.facts import Line, OrderPlaced
from bot.market.offer_facts import DistributionPlanned
from bot.outbox import Waiting
from bot.reminders.facts import ReminderRuleChosen, RemindersChosen, RemindersPaused, ReminderTimesChosen
from bot.reminders.tables import REFUND, REMINDED, RULES
from bot.reminding import hold_round
from tests.market_stall import CARROTS, CATALOGUE, record
from tests.reminded import days_until_heard, heard, lose, tell, tell_begin, tick, wall
from tests.transcripts import Scene, act

LEA, BRUNO, AWA, CAMILLE = 1, 2, 3, 4
RECALL = wall("2027-02-16")
"""The first Tuesday three months after Bruno's avoir of 7,00 € was brought along, on the 12th of November."""

WORDS = (
    "Bonjour Bruno, le groupe a 7,00 € à vous, qui n'ont pas servi depuis plus de 3 mois. Ils serviront d'eux-mêmes à votre "
    "prochaine commande ; si vous préférez, on vous les rend, ou vous les donnez au groupe. Rien ne presse. "
    "[Me les rendre | Donner au groupe | Historique]"
)


@pytest.fixture
def sleeping(scene: Scene) -> Scene:
    """Come to the week in which Bruno's avoir has slept for three months; Léa has paid."""
    tell_begin(scene)
    record(scene, PaymentReceived(LEA, Cents(2450), Method.CASH))
    scene.change(update(RULES).values(digest=False))
    tick(scene, RECALL - timedelta(days=7))
    assert heard(scene, "bruno") == []
    return scene


def days_until(scene: Scene, who: str = "bruno", most: int = 120) -> tuple[int, str]:
    return days_until_heard(scene, who, most)


def test_an_avoir_unused_for_months_is_recalled_once(sleeping: Scene) -> None:
    """B37: at the group's day and hour, in one message; again only after as long; never at night."""
    tick(sleeping, RECALL - timedelta(minutes=1))
    assert heard(sleeping, "bruno") == []
    for _again in range(2):
        tick(sleeping, RECALL)
    assert heard(sleeping, "bruno") == [WORDS]
    assert days_until(sleeping)[0] == 91, "the first Tuesday three months later"


def test_late_after_a_downtime_it_is_told_once_in_the_morning(sleeping: Scene) -> None:
    for moment in (wall("2027-02-18", "23:30"), wall("2027-02-19", "07:59")):
        tick(sleeping, moment)
        assert heard(sleeping, "bruno") == []
    tick(sleeping, wall("2027-02-19", "08:00"))
    assert heard(sleeping, "bruno") == [WORDS]


def test_two_processes_recall_it_once(sleeping: Scene) -> None:
    """B46."""
    done = [sleeping.store.write(lambda c: hold_round(c, 1, RECALL)).result() for _process in range(2)]
    assert done == [True, False]


def test_what_never_arrived_is_told_again_the_week_after(sleeping: Scene) -> None:
    """B38's rule, for avoirs too: what was not delivered reminded of nothing."""
    sleeping.store.write(lambda c: hold_round(c, 1, RECALL)).result()
    sleeping.change(Waiting.__table__.delete())  # type: ignore[attr-defined]
    sleeping.now = RECALL
    assert days_until(sleeping) == (7, WORDS)


@pytest.mark.parametrize(
    ("rule", "value", "weeks"), [("credit_months", 0, 0), ("credit_threshold", 700, 0), ("credit_months", 1, 2)]
)
def test_the_group_chooses_from_when_and_from_how_much(scene: Scene, rule: str, value: int, weeks: int) -> None:
    tell_begin(scene)
    scene.change(update(RULES).values(digest=False))
    tell(scene, ReminderRuleChosen(rule, value))
    scene.unheard()
    for day in ("2026-12-15", "2027-02-16"):
        tick(scene, wall(day))
    told = heard(scene, "bruno")
    assert len(told) == weeks
    assert all("depuis plus d'un mois." in text for text in told)


def test_what_was_used_or_came_meanwhile_does_not_count(sleeping: Scene) -> None:
    """What sleeps is the least that was there all along."""
    sleeping.now = RECALL - timedelta(days=6)
    record(sleeping, PaymentReceived(BRUNO, Cents(1000), Method.CASH))
    record(sleeping, OpeningBalanceEntered(AWA, Cents(5000)))
    sleeping.unheard()
    tick(sleeping, RECALL)
    assert (heard(sleeping, "bruno"), heard(sleeping, "awa")) == ([WORDS], [])


def test_an_avoir_that_went_down_meanwhile_counts_for_what_stayed(sleeping: Scene) -> None:
    sleeping.now = RECALL - timedelta(days=30)
    record(sleeping, PaymentRefunded(BRUNO, Cents(100), Method.CASH))
    record(sleeping, PaymentReceived(BRUNO, Cents(400), Method.CASH))
    sleeping.unheard()
    tick(sleeping, RECALL)
    assert "le groupe a 6,00 € à vous" in heard(sleeping, "bruno")[0]


def orders_open(scene: Scene) -> None:
    """Plan a distribution two days after the recall; its orders are open until the evening before."""
    for product in CATALOGUE:
        record(scene, product)
    day = RECALL + timedelta(days=2)
    times = {
        "starts_at": day,
        "ends_at": day + timedelta(hours=2),
        "opens_at": scene.now,
        "closes_at": day - timedelta(days=1),
    }
    record(scene, DistributionPlanned(1, **{name: at.isoformat() for name, at in times.items()}, place="Salle"))


def test_who_has_an_order_under_way_is_left_in_peace(sleeping: Scene) -> None:
    """It will use the avoir: nothing is said until a week after, then of what it left."""
    sleeping.now = RECALL - timedelta(days=3)
    orders_open(sleeping)
    record(sleeping, OrderPlaced(BRUNO, 1, (Line(CARROTS, 500, 500, 210),)))
    sleeping.unheard()
    for days in (0, 7):
        tick(sleeping, RECALL + timedelta(days=days))
        assert heard(sleeping, "bruno") == []
    tick(sleeping, RECALL + timedelta(days=14))
    assert "le groupe a 5,95 € à vous" in heard(sleeping, "bruno")[0]


def test_a_basket_counts_as_an_order_until_orders_close(sleeping: Scene) -> None:
    sleeping.now = RECALL - timedelta(days=3)
    orders_open(sleeping)
    act(sleeping, """
        bruno: 1 pain de campagne
        bot: …
    """)  # fmt: skip
    tick(sleeping, RECALL)
    assert heard(sleeping, "bruno") == []
    tick(sleeping, RECALL + timedelta(days=7))
    assert heard(sleeping, "bruno") == [WORDS]


def test_where_orders_are_open_ordering_comes_first(sleeping: Scene) -> None:
    sleeping.now = RECALL - timedelta(days=3)
    orders_open(sleeping)
    tick(sleeping, RECALL)
    assert heard(sleeping, "bruno")[0].endswith("[Commander | Me les rendre | Donner au groupe | Historique]")


def test_a_kitty_that_serves_is_not_an_avoir_that_sleeps(sleeping: Scene) -> None:
    """B18: only a kitty from which nothing was taken; the words say kitty."""
    sleeping.change(update(BuyingGroup).values(methods="kitty"))
    sleeping.now = RECALL - timedelta(days=20)
    record(sleeping, PaymentReceived(AWA, Cents(3000), Method.CASH))
    sleeping.unheard()
    tick(sleeping, RECALL)
    (said,) = heard(sleeping, "bruno")
    assert said.startswith(
        "Bonjour Bruno, il y a 7,00 € sur votre cagnotte, et rien n'en a été pris depuis plus de 3 mois."
    )
    sleeping.now += timedelta(days=60)
    record(sleeping, PaymentRefunded(BRUNO, Cents(100), Method.CASH))
    sleeping.unheard()
    assert days_until(sleeping, most=60) == (60, "")


@pytest.mark.parametrize("fact", [RemindersChosen(BRUNO, wanted=False), RemindersPaused(BRUNO, "2027-03-01")])
def test_who_wants_no_reminders_is_told_nothing(sleeping: Scene, fact: RemindersChosen | RemindersPaused) -> None:
    tell(sleeping, fact)
    tick(sleeping, RECALL)
    assert heard(sleeping, "bruno") == []


def test_it_comes_at_the_members_own_time(sleeping: Scene) -> None:
    tell(sleeping, ReminderTimesChosen(BRUNO, 5, 8, 12))
    tick(sleeping, RECALL)
    assert heard(sleeping, "bruno") == []
    tick(sleeping, wall("2027-02-20", "07:59"))
    assert heard(sleeping, "bruno") == []
    for clock in ("08:00", "08:01"):
        tick(sleeping, wall("2027-02-20", clock))
    assert heard(sleeping, "bruno") == [WORDS]


def test_coordinators_see_it_coming(sleeping: Scene) -> None:
    sleeping.now = RECALL
    act(sleeping, """
        camille@salon: /rappels
        bot: … / Personne ne serait rappelé maintenant. / 1 personne apprendrait aussi que son avoir dort : / Bruno : 7,00 € [Voir les messages | Rappeler | Réglages | Injoignables]
        camille@salon: [Voir les messages]
        bot: Bruno lirait (1 sur 1, un avoir qui dort) : /  / Bonjour Bruno, le groupe a 7,00 € à vous, …
    """)  # fmt: skip


@pytest.fixture
def told(sleeping: Scene) -> Scene:
    tick(sleeping, RECALL)
    sleeping.unheard()
    return sleeping


def test_an_avoir_is_asked_for_and_given_back(told: Scene) -> None:
    """The card comes to the coordinators' room like a removal; one tap says it is given back, and can be undone (B45)."""
    act(told, """
        bruno: [Me les rendre]
        bot: Vous avez un avoir de 7,00 €. Combien voulez-vous qu'on vous rende ? [Tout, 7,00 € | Une partie | Le donner au groupe | Annuler]
        bruno: [Tout, 7,00 €]
        bot: Comment préférez-vous le recevoir ? [Liquide | Virement | Chèque | …]
        bruno: [Virement]
        bot: Sur quel compte ? Écrivez l'IBAN ; seuls les coordinateurs le liront, et il sera oublié ensuite. [Passer | Retour | Annuler]
        bruno: FR76 3000 6000
        bot: Demander aux coordinateurs de vous rendre 7,00 € par virement ? [Demander | Non | …]
        bruno: [Demander]
        bot→salon: Remboursements demandés · 1 sur 1 / Bruno · 7,00 € par virement / demandé aujourd'hui / « FR76 3000 6000 » [Rendu | Pas maintenant]
        bot: C'est demandé aux coordinateurs : 7,00 € par virement. D'ici là, cet avoir reste à vous et peut servir. [Ne plus demander]
        bruno: /remboursement
        bot: Vous avez déjà demandé 7,00 € par virement : les coordinateurs vont vous répondre. [Ne plus demander | Donner au groupe]
        camille@salon: [Rendu]
        bot→bruno: Camille vous a rendu 7,00 € par virement. Vous êtes à l'équilibre. [Historique]
        bot: ✅ Bruno · 7,00 € par virement : rendu par Camille, 18 h / Aucun remboursement n'est demandé. [↩️ Corriger]
        bruno: /solde
        bot: Dans « Les Paniers du Canal », vous êtes à l'équilibre. […]
        bruno: /remboursement
        bot: Vous n'avez pas d'avoir en ce moment. [Solde]
    """)  # fmt: skip
    with told.store.read() as connection:
        assert connection.execute(select(REFUND.c.state, REFUND.c.note)).one() == ("granted", "")


def test_who_asked_is_not_told_of_it_again(sleeping: Scene) -> None:
    sleeping.now = RECALL - timedelta(hours=1)
    ask(sleeping)
    tick(sleeping, RECALL)
    assert heard(sleeping, "bruno") == []


def ask(scene: Scene, part: str = "Tout, 7,00 €") -> None:
    """Have Bruno ask for it, in cash."""
    scene.says("bruno", "/remboursement")
    scene.taps("bruno", part)
    if part == "Une partie":
        scene.says("bruno", "5")
    scene.taps("bruno", "Liquide")
    scene.taps("bruno", "Demander")
    scene.unheard()


def test_a_request_is_declined_with_a_reason_or_taken_back(told: Scene) -> None:
    ask(told, "Une partie")
    act(told, """
        sofiane@salon: [Pas maintenant]
        bot: Bruno : pourquoi pas maintenant ? La raison lui sera dite. [Passer | Annuler]
        sofiane@salon: La caisse est vide
        bot→bruno: Sofiane ne peut pas vous rendre votre avoir pour l'instant. Il reste à vous, pour vos prochaines commandes. / « La caisse est vide » [Commander | Une question]
        bot: C'est dit à Bruno. Son avoir reste sur son compte.
        bot: Aucun remboursement n'est demandé.
    """)  # fmt: skip
    ask(told, "Une partie")
    old = told.button("camille", "Rendu", "salon")
    act(told, """
        bruno: /remboursement
        bot: Vous avez déjà demandé 5,00 € en liquide : …
        bruno: [Ne plus demander]
        bot→salon: Aucun remboursement n'est demandé.
        bot: C'est noté : votre avoir reste là, pour vos prochaines commandes.
    """)  # fmt: skip
    told.tap_again("camille", old, "salon")
    assert "déjà réglée" in told.toast, "B21: whoever is second is told"


def test_money_given_back_by_hand_settles_the_request(told: Scene) -> None:
    ask(told)
    act(told, """
        camille: /rembourser bruno 7 liquide
        bot: … [Oui | Non | …]
        camille: [Oui]
        bot→salon: ✅ Bruno · 7,00 € en liquide : rendu par Camille, 18 h / Aucun remboursement n'est demandé. [↩️ Corriger]
        bot→bruno: …
        bot: …
    """)  # fmt: skip


def test_a_little_change_given_back_leaves_the_request_open(told: Scene) -> None:
    """Two euros in change at the table are not the seven that were asked for; the card says what is left."""
    ask(told)
    act(told, """
        camille: /rembourser bruno 2 liquide
        bot: …
        camille: [Oui]
        bot→salon: ✅ Bruno · 2,00 € en liquide : rendu par Camille, 18 h /  / Remboursements demandés · 1 sur 1 / Bruno · 7,00 € en liquide / demandé aujourd'hui / ⚠️ Son avoir n'est plus que de 5,00 €. [Rendu | Pas maintenant | ↩️ Corriger]
        bot→bruno: …
        bot: …
    """)  # fmt: skip


def test_two_coordinators_give_it_back_once(told: Scene) -> None:
    """B21, B46: the second tap, and the same tap again, find it settled; one refund is recorded."""
    ask(told)
    button = told.button("camille", "Rendu", "salon")
    told.tap_again("camille", button, "salon")
    for who in ("sofiane", "camille"):
        told.tap_again(who, button, "salon")
        assert "déjà réglée" in told.toast
    with told.store.read() as connection:
        assert connection.execute(select(FACT.c.kind).where(FACT.c.kind == "PaymentRefunded")).scalars().all() == [
            "PaymentRefunded"
        ]


def test_an_avoir_that_served_meanwhile_is_not_given_back_twice(told: Scene) -> None:
    """B4: never more than what is there; the amount is asked then."""
    ask(told)
    record(told, OpeningBalanceEntered(BRUNO, Cents(-400)))
    act(told, """
        camille@salon: [Rendu]
        bot: L'avoir de Bruno n'est plus que de 3,00 €. Combien avez-vous rendu ? [3,00 € | Autre montant | Annuler]
        camille@salon: [3,00 €]
        bot: Rendre 3,00 € à Bruno en liquide ? [Oui | Non | Retour]
        camille@salon: [Oui]
        bot→bruno: …
        bot: ✅ Rendu à Bruno : 3,00 € en liquide. Bruno est à l'équilibre. [↩️ Corriger]
        bot: ✅ Bruno · 3,00 € en liquide : rendu par Camille, 18 h / Aucun remboursement n'est demandé. [↩️ Corriger]
        camille@salon: [↩️ Corriger]
        bot: Annuler « Remboursement en liquide · Bruno · 3,00 € », … [Oui | Non]
        camille@salon: [Oui]
        bot→bruno: …
        bot: …
        bot: Aucun remboursement n'est demandé.
    """)  # fmt: skip


def test_a_coordinators_own_avoir_is_given_back_by_another(told: Scene) -> None:
    """B43."""
    record(told, OpeningBalanceEntered(CAMILLE, Cents(900)))
    told.says("camille", "/remboursement")
    for label in ("Tout, 9,00 €", "Liquide", "Demander"):
        told.taps("camille", label)
    told.taps("camille", "Rendu", "salon")
    assert "un autre coordinateur" in told.toast
    told.unheard()
    told.taps("sofiane", "Rendu", "salon")
    assert any("Camille" in text or "9,00 €" in text for text in told.told("camille"))


def test_only_members_concerned_can_withdraw_or_answer(told: Scene) -> None:
    ask(told)
    act(told, """
        awa: /remboursement retirer 1
        bot: Cette demande est déjà réglée. Rien n'a changé.
        awa: /rendu oui 1
        bot: /rendu est réservé aux coordinateurs du groupe.
        camille: /rendu oui 1
        bot: Cette demande est déjà réglée. Rien n'a changé.
    """)  # fmt: skip


def test_it_speaks_to_one_address_of_the_household(sleeping: Scene) -> None:
    row = {"platform": "demo", "user": "bruno-2", "group_id": 1, "member": BRUNO, "number": 2, "chat": "bruno-2"}
    more = {"state": "linked", "current": True, "language": "fr", "linked_at": sleeping.now}
    sleeping.change(insert(LinkedAddress).values(**row, **more))
    tick(sleeping, RECALL)
    assert [one.place.chat for one in sleeping.unheard() if "bruno" in one.place.chat] == ["bruno"]
    with sleeping.store.read() as connection:
        assert connection.execute(select(REMINDED.c.credit_at)).scalar_one() == RECALL


def test_both_databases_read_the_same(store: Store) -> None:
    """Avoirs, the digest and who saw whom last are the same questions to SQLite and to PostgreSQL."""
    scene = Scene(store)
    tell_begin(scene)
    tick(scene, RECALL)
    assert heard(scene, "bruno") == [WORDS]
    ask(scene)
    lose(scene, "lea")
    act(scene, """
        camille@salon: /bilan
        bot: Les Paniers du Canal : 2 comptes ne sont pas à zéro. / Dû au groupe : 24,50 € · avoirs : 7,00 € / … / 1 remboursement demandé, sans réponse (aujourd'hui) / 1 personne injoignable […]
        camille@salon: [Comptes]
        bot: … / Léa doit 24,50 €, depuis le 12 novembre / Bruno a un avoir de 7,00 €, depuis le 12 novembre [Bilan]
        camille@salon: [Rendu]
        bot→bruno: …
        bot: ✅ Bruno · 7,00 € en liquide : rendu par Camille, 18 h / Aucun remboursement n'est demandé. [↩️ Corriger]
        camille@salon: /injoignables
        bot: 1 personne à qui je ne peux pas écrire : / Léa : ne répond plus, aujourd'hui · doit 24,50 € / …
    """)  # fmt: skip


def test_a_year_of_an_avoir_that_sleeps(sleeping: Scene) -> None:
    """Both clock changes, a week of downtime when it was due, a second process: four times, in the evening on the wall."""
    begins, told = sleeping.now, []
    down = (wall("2027-05-17", "03:00"), wall("2027-05-24", "03:00"))
    for hours in range(24 * 365):
        now = begins + timedelta(hours=hours)
        looks = now.hour in ({2, 15, 16, 17, 18} if now.weekday() == 1 else {2, 6, 12})
        if looks and not down[0] <= now < down[1]:
            for _process in range(2):
                tick(sleeping, now)
            told += [now for _one in heard(sleeping, "bruno")]
    assert told == [RECALL, wall("2027-05-24", "08:00"), wall("2027-08-24"), wall("2027-11-30")]

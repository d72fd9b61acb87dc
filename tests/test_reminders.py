"""Members are reminded as a kind neighbour would: three tones, what can be done, what coordinators see (B37–B41)."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Generator
from contextlib import contextmanager
from datetime import date, datetime, timedelta

import pytest
from sqlalchemy import Connection, delete, insert, select, update
from sqlmodel import col

from bot.groups.tables import BuyingGroup, LinkedAddress, Room
from bot.ledger.facts import Method, OpeningBalanceEntered, PaymentDeclared, PaymentReceived
from bot.ledger.money import Cents
from bot.ledger.store import Store
from bot.ledger.tables import FACT
from bot.market.facts import Line, OrderPlaced, PaymentPlanned
from bot.outbox import Waiting
from bot.reminders.facts import ReminderListDecided, ReminderPutOff, ReminderRuleChosen
from bot.reminders.tables import REMINDED, RULES
from bot.reminding import hold_round, recall, remind, send_digest
from tests.databases import audited
from tests.market_stall import BREAD, THURSDAY, record, set_up
from tests.reminded import DAY, TUESDAY, days_until_heard, heard, lose, tell, tell_begin, tick, wall
from tests.transcripts import Scene, act, written

LEA, BRUNO, AWA, CAMILLE = 1, 2, 3, 4


@pytest.fixture
def approved(scene: Scene) -> Scene:
    """Come to the first round, and let its list go."""
    tick(scene, wall("2026-11-25"))
    tick(scene, TUESDAY)
    scene.taps("camille", "Envoyer", "salon")
    scene.unheard()
    tick(scene)
    return scene


def test_the_first_list_waits_for_a_coordinator(scene: Scene) -> None:
    """B37: shown in the room, previewed, declined, asked again a week later, let go."""
    tick(scene, wall("2026-11-25"))
    tick(scene, TUESDAY)
    assert heard(scene, "salon") == [
        (
            "Un rappel est prêt à partir, pour 1 personne : / Léa : 24,50 €, il y a 19 jours / Rien ne part sans votre accord. "
            "Ensuite, je m'en occupe seul, chaque semaine. [Envoyer | Pas maintenant | Voir les messages]"
        )
    ]
    act(scene, """
        camille@salon: [Voir les messages]
        bot: Léa lirait (1 sur 1, rappel 1 sur 3) : /  / Bonjour Léa, votre solde d'avant (24,50 €) n'est pas encore réglé. … [Rappel 2 | Rappel 3 | Rappeler Léa]
        camille@salon: [Rappel 3]
        bot: Au rappel 3, Léa lirait : /  / Léa, cela fait 2 semaines pour ces 24,50 € (votre solde d'avant). Je vais en parler à Camille et Sofiane, … [Rappel 1 | Rappel 2 | Rappeler Léa]
        camille@salon: [Pas maintenant]
        bot: C'est noté : rien ne part. Je vous le redemanderai la semaine prochaine.
    """)  # fmt: skip
    tick(scene, TUESDAY + 6 * DAY)
    assert heard(scene) == []
    old = scene.button("camille", "Envoyer", "salon")
    tick(scene, TUESDAY + 7 * DAY)
    assert "Un rappel est prêt" in heard(scene, "salon")[0]
    scene.tap_again("camille", old, "salon")
    assert scene.told("salon") == ["Cette liste est déjà décidée, ou il y en a une plus récente. Rien n'a changé."]
    scene.taps("camille", "Envoyer", "salon")
    tick(scene)
    assert "Bonjour Léa" in heard(scene)[0]


def test_three_tones_then_the_coordinators(approved: Scene) -> None:
    """B38, the sentences as a member reads them, two weeks apart."""
    scene = approved
    assert heard(scene) == [
        (
            "Bonjour Léa, votre solde d'avant (24,50 €) n'est pas encore réglé. Quand cela vous arrange : "
            "[Chèque | Liquide | Virement | Déjà payé | Plus tard | Une question]"
        )
    ]
    assert days_until_heard(scene) == (
        14, ("Bonjour Léa, il reste 24,50 € de votre solde d'avant. Un virement, un chèque à la prochaine distribution ? "
        "Si quelque chose coince, dites-le-nous. [Chèque | Liquide | Virement | Déjà payé | Plus tard | Une question]"),
    )  # fmt: skip
    assert days_until_heard(scene) == (
        14, ("Léa, cela fait 6 semaines pour ces 24,50 € (votre solde d'avant). Je vais en parler à Camille et Sofiane, pour voir ensemble ce qui "
        "est possible. [Chèque | Liquide | Virement | Déjà payé | Plus tard | Une question]"),
    )  # fmt: skip
    assert days_until_heard(scene, "salon") == (
        14, ("Léa doit 24,50 € depuis 8 semaines. Trois rappels sont arrivés sans suite : je m'arrête là. Un mot de vive voix "
        "sera plus utile. [Historique | Encaisser]"),
    )  # fmt: skip
    assert days_until_heard(scene) == (60, ""), "nothing more to the member"


def test_the_english_speak_english_dates(approved: Scene) -> None:
    """The language of the person: dates and amounts as they write them."""
    scene = approved
    scene.change(update(LinkedAddress).where(LinkedAddress.member == LEA).values(language="en"))  # type: ignore[arg-type]
    scene.unheard()
    assert "€24.50" in days_until_heard(scene)[1]


def test_it_stops_by_itself_and_begins_gently_for_another_debt(approved: Scene) -> None:
    """B37: paid, nothing more; what is owed later begins with the first tone again."""
    scene = approved
    record(scene, PaymentReceived(LEA, Cents(2450), Method.CASH))
    scene.unheard()
    assert days_until_heard(scene, most=40) == (40, "")
    record(scene, OpeningBalanceEntered(LEA, Cents(-900)))
    assert days_until_heard(scene)[1].startswith("Bonjour Léa, votre solde d'avant (9,00 €) n'est pas encore réglé.")


def test_small_amounts_and_what_is_declared_are_left_in_peace(scene: Scene) -> None:
    """B37: the threshold, and a declaration covers for a week; then what is ours is said to be ours."""
    tell_begin(scene)
    record(scene, OpeningBalanceEntered(AWA, Cents(-500)))
    scene.now = TUESDAY - 3 * DAY
    record(scene, PaymentDeclared(LEA, Cents(2450), Method.CASH))
    tick(scene, TUESDAY)
    assert heard(scene, "lea") == []
    tick(scene, TUESDAY + 7 * DAY)
    shown = [written(one) for one in scene.unheard()]
    assert shown[0] == (
        "Bonjour Léa, vous avez annoncé 24,50 € il y a plus d'une semaine, et personne ne l'a encore confirmé. Si c'est bien "
        "parti, vous n'avez rien à faire : je le redemande aux coordinateurs. Sinon, dites-le-moi simplement. "
        "[Pas encore payé | Une question]"
    )
    assert "⏳ Léa a annoncé 24,50 € il y a plus d'une semaine : est-ce arrivé ? [À valider]" in shown
    with scene.store.read() as connection:
        assert connection.execute(select(REMINDED.c.member)).scalars().all() == [LEA]


def test_what_one_is_reminded_of_is_named(scene: Scene) -> None:
    """B38: the orders that make it up; what is declared is taken off."""
    tell_begin(scene)
    set_up(scene)
    act(scene, """
        lea: 2 pain de campagne
        bot: …
        lea: [Confirmer]
        bot: …
        lea: chèque
        bot: …
        lea: [Confirmer]
        bot: …
    """)  # fmt: skip
    tick(scene, TUESDAY)
    said = heard(scene)[-1]
    parts = "– votre solde d'avant : 24,50 € / – votre panier du 26 novembre : 9,00 €"
    assert days_until_heard(scene) == (
        14, (f"Bonjour Léa, il reste 33,50 € à régler : / {parts} / Un virement, un chèque à la prochaine distribution ? Si quelque "
        "chose coince, dites-le-nous. [Chèque | Liquide | Virement | Déjà payé | Plus tard | Une question]"),
    )  # fmt: skip
    assert days_until_heard(scene) == (
        14, (f"Léa, cela fait 6 semaines pour ces 33,50 € : / {parts} / Je vais en parler à Camille et Sofiane, pour voir ensemble "
        "ce qui est possible. [Chèque | Liquide | Virement | Déjà payé | Plus tard | Une question]"),
    )  # fmt: skip
    assert (
        "il reste 33,50 € à régler : / – votre solde d'avant : 24,50 € / – votre panier du 26 novembre : 9,00 €" in said
    )


def test_the_balance_message_says_the_same(scene: Scene) -> None:
    """B36: one computation: what is due now, and of what it is made."""
    tell_begin(scene)
    set_up(scene)
    record(scene, OrderPlaced(BRUNO, 1, (Line(BREAD, 3000, 3000, 450),)))
    act(scene, """
        bruno: solde
        bot: Dans « Les Paniers du Canal », vous devez 6,50 € au groupe. / Pour la distribution du jeudi 26 novembre : 6,50 €. […]
    """)  # fmt: skip
    scene.now = wall("2026-11-26", "18:05")
    act(scene, """
        bruno: solde
        bot: Dans « Les Paniers du Canal », vous devez 6,50 € au groupe. / À régler maintenant : 6,50 € / – votre panier du 26 novembre : 6,50 € […]
        bruno: payer
        bot: Combien avez-vous payé ? [6,50 € | Autre montant | …]
    """)  # fmt: skip


def test_a_kitty_group_is_reminded_after_its_settlement_day(scene: Scene) -> None:
    """B37: nothing after each distribution; on the first Tuesday after the day of the month."""
    scene.change(update(BuyingGroup).values(methods="kitty"))
    tell_begin(scene)
    scene.unheard()
    tell(scene, ReminderRuleChosen("settlement_day", 10))
    for tuesday in ("2026-12-01", "2026-12-08"):
        tick(scene, wall(tuesday))
        assert heard(scene) == []
    tick(scene, wall("2026-12-15"))
    assert len(heard(scene)) == 1


def test_a_month_of_kindness_after_later(approved: Scene) -> None:
    """B38: another day, within three weeks, three times at most; that day's reminder presses no harder."""
    scene = approved
    act(scene, """
        lea: [Plus tard]
        bot: Quel jour voulez-vous que je vous en reparle ? [vendredi 4 décembre | mardi 8 décembre | mardi 15 décembre | Annuler]
        lea: hier
        bot: Écrivez un jour entre demain et le mardi 22 décembre, par exemple « vendredi ». …
        lea: [vendredi 4 décembre]
        bot: Entendu : je vous en reparle vendredi 4 décembre.
    """)  # fmt: skip
    days, said = days_until_heard(scene)
    assert (days, said[:54]) == (3, "Bonjour Léa, votre solde d'avant (24,50 €) n'est pas e")
    for day in ("jeudi", "dimanche"):
        scene.says("lea", f"tard {day}")
        assert "Entendu" in heard(scene)[-1]
    act(scene, """
        lea: tard
        bot: C'est déjà remis 3 fois. Si payer est difficile, dites-le : les coordinateurs chercheront avec vous. [Une question | Payer]
        lea: [Une question]
        bot: Écrivez votre question : je la transmets aux coordinateurs. [Annuler]
        lea: Je n'ai plus de chéquier, que faire ?
        bot→salon: Léa demande : / « Je n'ai plus de chéquier, que faire ? » / À régler : 24,50 € / – le solde d'avant : 24,50 € [Historique | Encaisser]
        bot: C'est transmis aux coordinateurs, avec vos mots. Ils vous répondront.
    """)  # fmt: skip


def test_the_buttons_of_a_reminder_ask_before_anything_is_recorded(approved: Scene) -> None:
    act(approved, """
        lea: [Virement]
        bot: Déclarer 24,50 € par virement ? [Déclarer | Non | Retour]
        lea: [Non]
        bot: Rien n'a été déclaré.
        lea: [Déjà payé]
        bot: Par quel moyen ? …
        lea: [Chèque]
        bot: Déclarer 24,50 € par chèque ? …
        lea: [Déclarer]
        bot: ⏳ C'est noté : 24,50 € par chèque. …
        bot→salon: …
    """)  # fmt: skip


IBAN = {"iban": "FR7630006000011234567890189", "account_holder": "Asso des Paniers", "reference_prefix": "PAN"}


def test_a_transfer_begins_with_where_to_send_it(scene: Scene) -> None:
    """B23, B38: account, payee, amount and reference to copy, the code to scan; then one tap says it is sent."""
    scene.change(update(BuyingGroup).values(**IBAN))
    tell_begin(scene)
    tick(scene, TUESDAY)
    scene.taps("lea", "Virement")
    shown = scene.unheard()[-1]
    text = written(shown)
    assert text.startswith(
        "IBAN : FR76 3000 6000 0112 3456 7890 189 / Bénéficiaire : Asso des Paniers / Montant : 24,50 € / Réf"
    )
    assert text.endswith("[📋 IBAN | 📋 Bénéficiaire | 📋 Référence | 📋 Montant | C'est viré]")
    assert {option.copies for row in shown.message.options for option in row} >= {
        IBAN["iban"],
        "Asso des Paniers",
        "24,50",
    }
    assert shown.document is not None
    assert shown.document.mime == "image/png"
    act(scene, """
        lea: [C'est viré]
        bot: Déclarer 24,50 € par virement ? [Déclarer | Non | Retour]
        lea: [Déclarer]
        bot: ⏳ C'est noté : 24,50 € par virement. …
        bot→salon: …
        lea: /coordonnees
        bot: IBAN : … [📋 IBAN | 📋 Bénéficiaire | 📋 Référence | 📋 Montant]
    """)  # fmt: skip


def test_a_card_is_not_offered_away_from_the_distribution(scene: Scene) -> None:
    """B17: who pays by card on the spot does it there; the reminder says so, and has no button that leads nowhere."""
    scene.change(update(BuyingGroup).values(methods="cheque terminal"))
    tell_begin(scene)
    tick(scene, TUESDAY)
    assert heard(scene)[0].endswith("[Chèque | Déjà payé | Plus tard | Une question]")
    assert "une carte à la prochaine distribution" in days_until_heard(scene)[1]


def test_a_cheque_says_to_whom_it_is_made_out(scene: Scene) -> None:
    """B22."""
    scene.change(update(BuyingGroup).values(cheque_payee="Asso des Paniers"))
    tell_begin(scene)
    tick(scene, TUESDAY)
    act(scene, """
        lea: [Chèque]
        bot: Chèque à l'ordre d'Asso des Paniers. / Déclarer 24,50 € par chèque ? [Déclarer | Non | Retour]
    """)  # fmt: skip


def test_members_choose_to_be_left_alone(approved: Scene) -> None:
    act(approved, """
        lea: /rappels
        bot: À régler : 24,50 € / – votre solde d'avant : 24,50 € [Payer | Plus tard | Une question | Mon moment | Pause | Ne plus me rappeler]
        lea: [Ne plus me rappeler]
        bot: C'est noté : plus de rappels. Votre solde reste à portée de /solde, et les coordinateurs continuent de le voir.
    """)  # fmt: skip
    assert days_until_heard(approved) == (60, "")
    act(approved, """
        lea: rappels
        bot: … Vous avez choisi de ne pas recevoir de rappels. [Payer | Plus tard | Une question | Me rappeler]
        lea: [Me rappeler]
        bot: C'est noté : je vous rappellerai ce qui reste à régler.
    """)  # fmt: skip
    assert days_until_heard(approved)[0] < 8


def test_reminded_by_hand(scene: Scene) -> None:
    """B36: one, or all shown, from /soldes; never twice on one day, nobody who owes nothing, nobody at night."""
    tell_begin(scene)
    record(scene, OpeningBalanceEntered(AWA, Cents(-900)))
    act(scene, """
        camille: soldes
        bot: … [… | Tous les rappeler | Encaisser | Fichier | CSV]
        camille: rappeler bruno
        bot: Bruno n'a rien à régler pour l'instant. Rien n'a été envoyé.
        camille: rappeler m1
        bot→lea: Bonjour Léa, votre solde d'avant (24,50 €) n'est pas encore réglé. … […]
        bot: ✅ Rappel envoyé à Léa : 24,50 €.
        sofiane: rappeler léa
        bot: Un rappel vient de partir aujourd'hui. Rien de plus n'a été envoyé.
        sofiane: rappeler tous
        bot: Envoyer un rappel à 1 personne ? / Awa : 9,00 €, aujourd'hui [Envoyer | Non]
        sofiane: [Envoyer]
        bot→awa: Bonjour Awa, …
        bot: ✅ 1 rappel envoyé.
        bruno: rappeler léa
        bot: /rappeler est réservé aux coordinateurs du groupe.
    """)  # fmt: skip
    scene.now = wall("2026-11-26", "22:10")
    act(scene, """
        camille: rappeler tous
        bot: Il est tard : je n'écris à personne entre 22 h et 8 h. Demandez-le-moi demain.
    """)  # fmt: skip


def test_a_household_is_reminded_once(scene: Scene) -> None:
    """B37: at one of its addresses; where that one no longer answers, at the other."""
    tell_begin(scene)
    with_second_phone(scene)
    tick(scene, TUESDAY)
    assert (len(heard(scene, "lea")), heard(scene, "lea-2")) == (1, [])
    lose(scene, "lea")
    tick(scene, TUESDAY + 14 * DAY)
    assert [
        (one.place.chat, "Bonjour Léa" in one.message.text) for one in scene.unheard() if "lea" in one.place.chat
    ] == [("lea-2", True)]


def with_second_phone(scene: Scene) -> None:
    row = {"platform": "demo", "user": "lea-2", "group_id": 1, "member": LEA, "number": 2, "chat": "lea-2"}
    more = {"state": "linked", "current": True, "language": "fr", "linked_at": scene.now}
    scene.store.write(lambda c: c.execute(insert(LinkedAddress), {**row, **more})).result()


def test_the_tone_rises_only_when_a_reminder_has_arrived(approved: Scene) -> None:
    """B38: what never arrived reminded of nothing; it is not worth sending the next day either (B47)."""
    scene = approved
    scene.unheard()
    scene.now = TUESDAY + 14 * DAY
    remind(scene.store, scene.now)
    with scene.store.read() as connection:
        row = connection.execute(select(Waiting).where(col(Waiting.receipt) != "")).one()
    assert row.useful_until == wall("2026-12-15", "22:00")
    scene.change(delete(Waiting))
    days, said = days_until_heard(scene)
    assert (days, said[:33]) == (7, "Bonjour Léa, il reste 24,50 € de ")
    assert days_until_heard(scene)[1].startswith("Léa, cela fait")


def test_a_mass_of_opening_balances_is_looked_at_first(approved: Scene) -> None:
    """B37."""
    scene = approved
    for member in (AWA, BRUNO, AWA, BRUNO, AWA):
        record(scene, OpeningBalanceEntered(member, Cents(-1000)))
    tick(scene, TUESDAY + 14 * DAY)
    assert any("Des rappels sont prêts à partir, pour 3 personnes" in said for said in heard(scene, "salon"))


def test_it_is_never_sent_at_night(scene: Scene) -> None:
    """B37: back at midnight after days of downtime, reminders wait for the morning."""
    tell_begin(scene)
    for clock in ("22:00", "23:30"):
        tick(scene, wall("2026-12-03", clock))
    tick(scene, wall("2026-12-04", "07:59"))
    assert heard(scene) == []
    tick(scene, wall("2026-12-04", "08:00"))
    assert len(heard(scene)) == 1


def test_agreed_at_night_it_leaves_in_the_morning(scene: Scene) -> None:
    tick(scene, wall("2026-11-25"))
    tick(scene, TUESDAY)
    scene.now = wall("2026-12-01", "23:00")
    scene.unheard()
    scene.taps("camille", "Envoyer", "salon")
    assert scene.told("salon") == ["✅ Les rappels partiront demain matin : je n'écris à personne la nuit."]
    tick(scene)
    assert heard(scene) == []
    tick(scene, wall("2026-12-02", "08:00"))
    assert len(heard(scene)) == 1


@pytest.mark.parametrize("sunday", ["2027-03-28", "2027-10-31"])
def test_both_clock_changes_remind_once(scene: Scene, sunday: str) -> None:
    """The day and hour on the wall, whatever the clocks do: no round is missed, none is doubled."""
    tell_begin(scene)
    for rule, value in (("weekday", 6), ("hour", 8), ("every_days", 7)):
        tell(scene, ReminderRuleChosen(rule, value))
    before = (date.fromisoformat(sunday) - 7 * DAY).isoformat()
    start = wall(before, "00:00")
    scene.change(update(RULES).values(next_at=start, digest=False))
    scene.unheard()
    told = []
    for minutes in range(0, 8 * 24 * 60, 20):
        tick(scene, start + timedelta(minutes=minutes))
        told += [scene.now for _one in heard(scene)]
    assert told == [wall(before, "08:00"), wall(sunday, "08:00")]


@contextmanager
def another_process(store: Store, url: str) -> Generator[Store]:
    """Open the same database as another process would, where it can be: SQLite's file is one process's."""
    if "postgresql" not in url:
        yield store
        return
    with audited(url) as other:
        yield other


async def test_two_processes_remind_once(store: Store, database_url: str) -> None:
    """B46: on both databases, whoever comes first; lists, reminders and digests."""
    scene = Scene(store)
    tell_begin(scene)
    moments = [wall("2026-11-30", "09:00"), TUESDAY, TUESDAY + 14 * DAY, TUESDAY + 28 * DAY]
    with another_process(store, database_url) as other:
        for now in moments:
            await asyncio.gather(*(asyncio.to_thread(remind, process, now) for process in (store, other)))
    with store.read() as connection:
        kinds = connection.execute(select(FACT.c.kind).order_by(FACT.c.number)).scalars().all()
        sent = [row for row in connection.execute(select(Waiting)) if '"Bonjour' in row.body]
    assert kinds.count("ReminderSent") == 3 == len(sent), "undelivered, so the tone stays"
    assert kinds.count("DigestSent") >= 1


def test_what_another_process_has_just_done_is_not_done_again(store: Store) -> None:
    """B46, on both databases: seen as due by both, claimed by the first: a list, a round, a put-off reminder, a digest."""
    scene = Scene(store)
    tick(scene, wall("2026-11-25"))

    def twice(work: Callable[[Connection, int, datetime], bool], now: datetime) -> list[bool]:
        return [store.write(lambda connection: work(connection, 1, now)).result() for _process in range(2)]

    assert twice(send_digest, wall("2026-11-30", "09:00")) == [True, False]
    assert twice(hold_round, TUESDAY) == [True, False]
    with store.read() as connection:
        (shown,) = connection.execute(select(RULES.c.list_fact)).scalars()
        assert len(connection.execute(select(Waiting)).all()) == 2
    tell(scene, ReminderListDecided(shown, agreed=True))
    assert twice(hold_round, TUESDAY) == [True, False]
    tell(scene, ReminderPutOff(LEA, "2026-12-04"))
    assert twice(recall, wall("2026-12-04")) == [True, False]


def test_a_group_is_told_in_its_own_zone(scene: Scene) -> None:
    """Quiet hours are the group's: in Réunion the evening comes three hours earlier than in Paris."""
    scene.change(update(BuyingGroup).values(timezone="Indian/Reunion"))
    tell_begin(scene)
    scene.unheard()
    tick(scene, wall("2026-12-01", "14:59"))
    assert heard(scene) == []
    tick(scene, wall("2026-12-01", "15:00"))
    assert len(heard(scene)) == 1


def test_coordinators_see_and_change_the_rules(scene: Scene) -> None:
    tell_begin(scene)
    act(scene, """
        camille@salon: /rappels
        bot: Rappels : le mardi à 18 h, au-dessus de 5,00 €, tous les 14 jours au plus par personne. / 1 personne serait rappelée maintenant : / Léa : 24,50 €, … [Voir les messages | Rappeler | Réglages | Injoignables]
        camille@salon: [Réglages]
        bot: Rappels et bilan / Rappels automatiques : oui / À partir de plus de : 5,00 € / Jour des rappels : mardi / … [Rappels automatiques | … | Qui serait rappelé ? | Réglages]
        camille@salon: [Jour des rappels]
        bot: Jour des rappels : mardi. Et maintenant ? [Lundi | …]
        camille@salon: [Jeudi]
        bot: ✅ C'est noté. /  / Rappels et bilan / … Jour des rappels : jeudi / … [Rappels automatiques | …]
        camille: /reglages
        bot: Réglages du groupe / … /  / Rappels et bilan / … Jour des rappels : jeudi / … Jour du bilan : lundi / Heure du bilan : 9 h [… | Rappels et bilan]
        camille: [Rappels et bilan]
        bot: Rappels et bilan / …
        camille: [À partir de plus de]
        bot: À partir de plus de : 5,00 €. Et maintenant ? …
        camille: [Autre montant]
        bot: À partir de plus de : quel montant ? …
        camille: 30
        bot: ✅ C'est noté. /  / Rappels et bilan / … À partir de plus de : 30,00 € / …
        bot→salon: Camille a changé un réglage des rappels. À partir de plus de : 30,00 € [Rappels et bilan]
        camille: [Réglages]
        bot: Réglages du groupe / …
        camille@salon: /rappels
        bot: Rappels : le jeudi à 18 h, au-dessus de 30,00 €, … / Personne ne serait rappelé maintenant. […]
        camille@salon: /rappels reglages active
        bot: Rappels automatiques : oui. Et maintenant ? [Oui | Non | …]
        camille@salon: [Oui]
        bot: C'est déjà le cas. /  / …
        camille@salon: /reglages rappels active
        bot: Rappels automatiques : oui. Et maintenant ? [Oui | Non | …]
        camille@salon: [Non]
        bot: ✅ C'est noté. …
        camille@salon: /journal
        bot: Journal / … Réglage des rappels · Rappels automatiques : non / … Jour des rappels : jeudi …
        lea: rappels reglages
        bot: À régler : 24,50 € …
    """)  # fmt: skip
    assert days_until_heard(scene, most=20) == (20, "")


def test_the_digest_says_how_far_from_zero_and_what_waits(scene: Scene) -> None:
    """B41: one message, with the trend in words; not sent when there is nothing to say."""
    tell_begin(scene)
    set_up(scene)
    record(scene, PaymentPlanned(BRUNO, THURSDAY, Cents(500), Method.CASH))  # or there would be nothing to validate
    record(scene, PaymentDeclared(LEA, Cents(1000), Method.CHEQUE))
    scene.unheard()
    tick(scene, wall("2026-11-30", "09:00"))
    (said,) = [written(one) for one in scene.unheard() if one.place.chat == "coordination"]
    assert said == (
        "Les Paniers du Canal : 2 comptes ne sont pas à zéro. / Dû au groupe : 24,50 € · avoirs : 7,00 € / "
        "Depuis le 9 novembre : dû 0,00 € → 24,50 €, avoirs 0,00 € → 7,00 €. /  / "
        "À régler maintenant : 24,50 € / Léa : 24,50 €, il y a 18 jours /  / ⏳ 1 paiement annoncé attend depuis plus de 3 jours : / "
        "Léa : 10,00 € par chèque, il y a 5 jours /  / À valider : la distribution du jeudi 26 novembre, finie il y a 4 jours "
        "[Reçu : Léa, 10,00 € | Autre chose | Comptes | Soldes | Rappels | Distribution du 26 novembre]"
    )
    record(scene, PaymentReceived(LEA, Cents(1450), Method.CASH))
    tick(scene, wall("2026-12-07", "09:00"))
    assert any(
        "C'est 14,50 € de moins que la dernière fois : on se rapproche de zéro." in text for text in scene.told("salon")
    )


def test_no_digest_without_anything_to_say(scene: Scene) -> None:
    tell_begin(scene)
    record(scene, PaymentReceived(LEA, Cents(2450), Method.CASH))
    record(scene, OpeningBalanceEntered(BRUNO, Cents(-700)))
    scene.unheard()
    tick(scene, wall("2026-11-30", "09:00"))
    assert scene.unheard() == []


def test_nothing_of_an_individual_reaches_a_members_room(approved: Scene) -> None:
    """B40: two months of reminders, questions, lists and digests: privately, or in the coordinators' room only."""
    scene = approved
    room = {"platform": "demo", "chat": "tous", "group_id": 1, "topic": "", "active": False, "language": "fr"}
    scene.change(insert(Room).values(**room))
    scene.says("lea", "question Et si je paie jeudi ?")
    for _day in range(60):
        tick(scene, scene.now + DAY)
    lost_room = scene.incoming("camille", "tous")
    scene.receive(lost_room)
    places = {(one.place.chat, one.place.private) for one in scene.shown}
    assert {chat for chat, private in places if not private} <= {"coordination"}
    whose = {one.place.chat for one in scene.shown if "Léa" in one.message.text and "24,50" in one.message.text}
    assert whose <= {"lea", "coordination"}

"""Money that went back on a card by other hands: the books learn of it once, and whoever is concerned (B25, B28, B40, B44)."""

from __future__ import annotations

from collections.abc import Generator
from dataclasses import replace

import pytest

from bot.ledger.books import Books
from bot.ledger.closing import close_books, reopen_books
from bot.online.answers import WentBack, brought
from bot.online.tables import ONLINE_REFUND
from bot.online.watching import WATCHED_FOR
from bot.providers import Cause, Notification, Refusal, Withdrawal
from bot.providers.accounts import Accounts
from tests.counter import AWA, LEA, balance, must_be_right, notify, rows_of, tick, with_cards
from tests.departed import leaves
from tests.fake_provider import LOOK, REFUND, FakeProvider
from tests.test_online_refunds import gives_back, pay
from tests.transcripts import Scene, words

ONLINE, FEES, WRITE_OFF = -5, -8, -9


@pytest.fixture
def provider() -> FakeProvider:
    return FakeProvider()


@pytest.fixture
def paid(scene: Scene, provider: FakeProvider) -> Generator[Scene]:
    """Léa owed 24,50 € and has paid 30,00 € by card (pi_1)."""
    with_cards(scene, provider)
    pay(scene, provider, "lea", "30")
    yield scene
    must_be_right(scene)


def goes_back(provider: FakeProvider, cents: int, *, name: str = "re_9", key: str = "") -> None:
    """Have somebody give money back on the dashboard."""
    provider.gone.setdefault("pi_1", []).append(Withdrawal(name, cents, Cause.REFUND, key))


def disputes(provider: FakeProvider, *, ended: bool = False, fee: int = 2000) -> None:
    """Have the payer's bank take the payment back, or give it again."""
    provider.gone["pi_1"] = [Withdrawal("du_1", 3000, Cause.DISPUTE, fee_cents=fee, ended=ended)]


def told(scene: Scene, payment: str = "pi_1", account: str = "") -> None:
    """Have the provider call: something happened to a payment."""
    notify(scene, Notification("", payment=payment, withdrawn=True), account=account)


def heard(scene: Scene) -> dict[str, list[str]]:
    """Give what was said in each chat since last looked; the coordinators' room is « coordination »."""
    said: dict[str, list[str]] = {}
    for shown in scene.unheard():
        said.setdefault(shown.place.chat, []).append(words(shown.message.text))
    return said


def buttons(scene: Scene, who: str) -> list[str]:
    """List what somebody may tap on the newest message."""
    shown = next(shown for shown in reversed(scene.shown) if shown.place.chat == who)
    return [option.label for row in shown.message.options for option in row]


def test_a_refund_made_on_the_dashboard_is_counted_and_said(paid: Scene, provider: FakeProvider) -> None:
    goes_back(provider, 550)
    told(paid)
    assert (balance(paid, LEA), balance(paid, ONLINE)) == (0, 3000 - 62 - 550)
    said = heard(paid)
    assert said["lea"] == [
        (
            "↩️ 5,50 € vous ont été rendus sur votre carte, depuis le site de Stripe ; la banque met quelques jours à le montrer. "
            "Vous êtes à l'équilibre."
        )
    ]
    assert said["coordination"] == [
        "↩️ 5,50 € rendus à Léa sur sa carte depuis le site de Stripe : inscrit. / Léa est à l'équilibre."
    ]


def test_the_same_word_twice_and_the_look_after_it_count_once(paid: Scene, provider: FakeProvider) -> None:
    goes_back(provider, 550)
    told(paid)
    told(paid)
    tick(paid, days=2)
    assert balance(paid, LEA) == 0
    assert len(rows_of(paid, ONLINE_REFUND)) == 1


def test_without_a_public_address_it_is_found_by_asking(paid: Scene, provider: FakeProvider) -> None:
    """After an hour, then every day, ever more rarely; in the end no more."""
    goes_back(provider, 550)
    tick(paid, hours=1)
    assert balance(paid, LEA) == 0
    for _day in range(10):
        tick(paid, days=1)
    asked = [verb for verb, _what in provider.asked].count(LOOK)
    assert 9 <= asked <= 11
    for _months in range(20):
        tick(paid, days=30)
    last = [verb for verb, _what in provider.asked].count(LOOK)
    tick(paid, days=WATCHED_FOR.days)
    tick(paid, days=30)
    assert [verb for verb, _what in provider.asked].count(LOOK) == last < 40


def test_a_dispute_takes_the_money_from_the_member_and_its_fee_from_the_group(
    paid: Scene, provider: FakeProvider
) -> None:
    disputes(provider)
    told(paid)
    assert (balance(paid, LEA), balance(paid, ONLINE), balance(paid, FEES)) == (-2450, -62 - 2000, 2062)
    assert buttons(paid, "lea") == ["Payer", "Historique", "Une question"]
    said = heard(paid)
    (text,) = said["lea"]
    assert text.startswith("Votre banque a repris 30,00 € que vous aviez payés au groupe par carte")
    assert "dites-le-nous" in text
    assert text.endswith("Vous devez 24,50 € au groupe.")
    assert said["coordination"] == [
        (
            "⚠️ La banque de Léa a repris 30,00 € payés par carte (n° pi_1) : le paiement est contesté. On répond à la "
            "contestation sur le site de Stripe, avant la date qui y est dite ; si elle est gagnée, l'argent revient et je "
            "l'inscris. / Stripe garde 20,00 € de frais pour cela. / Léa doit 24,50 € au groupe."
        )
    ]


def test_a_dispute_that_is_won_brings_the_money_and_the_fee_again(paid: Scene, provider: FakeProvider) -> None:
    disputes(provider)
    told(paid)
    paid.unheard()
    disputes(provider, ended=True, fee=0)
    told(paid)
    told(paid)
    assert (balance(paid, LEA), balance(paid, ONLINE), balance(paid, FEES)) == (550, 3000 - 62, 62)
    said = heard(paid)
    assert said["lea"] == [
        (
            "Les 30,00 € repartis vers votre carte sont revenus au groupe : ils sont de nouveau sur votre compte. Vous avez un "
            "avoir de 5,50 €."
        )
    ]
    assert "sont revenus chez Stripe" in said["coordination"][0]
    disputes(provider)
    told(paid)
    assert balance(paid, LEA) == -2450


def test_a_fee_that_is_told_later_of_the_same_dispute_is_counted(paid: Scene, provider: FakeProvider) -> None:
    """Stripe asks for a second fee where a dispute is answered; if it is lost, nothing else is ever told of it (B2)."""
    disputes(provider)
    told(paid)
    disputes(provider, fee=4000)
    told(paid)
    assert balance(paid, FEES) == 62 + 4000
    assert "garde 20,00 € de frais de plus" in paid.told("salon")[-1]
    told(paid)
    disputes(provider, fee=0)
    told(paid)
    assert balance(paid, FEES) == 62 + 4000, "what says nothing of a fee gives none back"


def test_what_ended_before_we_heard_of_it_changes_nothing(paid: Scene, provider: FakeProvider) -> None:
    disputes(provider, ended=True, fee=0)
    told(paid)
    assert balance(paid, LEA) == 550
    assert paid.unheard() == []


def test_a_refund_of_ours_seen_again_counts_once(paid: Scene, provider: FakeProvider) -> None:
    gives_back(paid)
    told(paid)
    tick(paid, days=1)
    assert (balance(paid, LEA), balance(paid, ONLINE)) == (0, 3000 - 62 - 550)
    assert [row.state for row in rows_of(paid, ONLINE_REFUND)] == ["done"]


def test_a_refund_of_ours_whose_answer_was_lost_is_ours_when_it_is_seen(paid: Scene, provider: FakeProvider) -> None:
    """The notification is quicker than the errand's next try: it carries our key."""
    provider.down = True
    gives_back(paid)
    reference = rows_of(paid, ONLINE_REFUND)[0].reference
    provider.refunds[reference] = "re_7"
    goes_back(provider, 550, name="re_7", key=reference)
    paid.receive(brought(WentBack("stripe", "pi_1", tuple(provider.gone["pi_1"])), "seen"))
    assert balance(paid, LEA) == 0
    provider.down = False
    tick(paid, hours=1)
    assert balance(paid, LEA) == 0
    assert [(row.state, row.refund) for row in rows_of(paid, ONLINE_REFUND)] == [("done", "re_7")]


def test_a_refund_of_ours_that_fails_later_comes_again(paid: Scene, provider: FakeProvider) -> None:
    """The payer's card is closed: their bank sends the money back days later."""
    gives_back(paid)
    made = provider.gone["pi_1"][0]
    provider.gone["pi_1"] = [Withdrawal(made.name, made.cents, made.cause, made.key, ended=True)]
    told(paid)
    assert (balance(paid, LEA), balance(paid, ONLINE)) == (550, 3000 - 62)
    gives_back(paid)
    assert balance(paid, LEA) == 0


def test_a_refund_of_ours_that_fails_may_be_made_after_all(paid: Scene, provider: FakeProvider) -> None:
    """Under its name; the books and their audit take it for the same refund."""
    gives_back(paid)
    made = provider.gone["pi_1"][0]
    for ended, left in ((True, 3000 - 62), (False, 3000 - 62 - 550), (True, 3000 - 62)):
        provider.gone["pi_1"] = [replace(made, ended=ended)]
        told(paid)
        assert balance(paid, ONLINE) == left
        must_be_right(paid)


def test_what_somebody_noted_by_hand_is_not_counted_again(scene: Scene, provider: FakeProvider) -> None:
    """The keys were away; a coordinator gave the money back on Stripe's own site and said so; the keys came again."""
    with_cards(scene, provider)
    pay(scene, provider, "lea", "30")
    scene.delivery.accounts = Accounts()
    scene.says("camille", "/rembourser léa 5,50 carte en ligne")
    scene.taps("camille", "C'est rendu")
    assert balance(scene, LEA) == 0
    with_cards(scene, provider)
    goes_back(provider, 550)
    tick(scene, days=1)
    told(scene)
    assert balance(scene, LEA) == 0
    assert [(row.state, row.refund) for row in rows_of(scene, ONLINE_REFUND)] == [("done", "re_9")]
    must_be_right(scene)


def test_what_was_noted_by_hand_does_not_take_the_name_of_a_refund_of_ours(
    scene: Scene, provider: FakeProvider
) -> None:
    """As much was noted by hand before; ours carries our key, and is there once (B25, B28)."""
    with_cards(scene, provider)
    pay(scene, provider, "lea", "30")
    scene.delivery.accounts = Accounts()
    scene.says("camille", "/rembourser léa 5,50 carte en ligne")
    scene.taps("camille", "C'est rendu")
    with_cards(scene, provider)
    scene.later(hours=1)
    provider.down = True
    gives_back(scene)
    reference = next(row.reference for row in rows_of(scene, ONLINE_REFUND) if row.state == "asked")
    provider.refunds[reference] = "re_7"
    goes_back(provider, 550, name="re_7", key=reference)
    scene.receive(brought(WentBack("stripe", "pi_1", tuple(provider.gone["pi_1"])), "seen"))
    provider.down = False
    tick(scene, hours=1)
    rows = {row.reference == reference: row.refund for row in rows_of(scene, ONLINE_REFUND)}
    assert rows[True] == "re_7"
    assert rows[False].startswith("main-")
    assert balance(scene, LEA) == 550 - 2 * 550
    must_be_right(scene)


def test_two_refunds_seen_in_one_look_are_both_counted(paid: Scene, provider: FakeProvider) -> None:
    """Without a public address that is an ordinary day: what was found in one answer is recorded one by one (B25, B46)."""
    goes_back(provider, 100, name="re_1a")
    goes_back(provider, 200, name="re_1b")
    tick(paid, hours=1)
    assert balance(paid, LEA) == 250
    told(paid)
    assert balance(paid, LEA) == 250
    assert len(rows_of(paid, ONLINE_REFUND)) == 2


@pytest.mark.parametrize("asked", [True, False])
def test_a_refund_that_is_named_otherwise_later_is_the_same(
    scene: Scene, provider: FakeProvider, *, asked: bool
) -> None:
    """HelloAsso tells of it by the payment's state first, then by an operation: nobody hears that money came and went again."""
    with_cards(scene, provider)
    pay(scene, provider, "lea", "30")
    if asked:
        provider.down = True
        gives_back(scene, "30")
        provider.down = False
    state, operation = (Withdrawal(name, 3000, Cause.REFUND) for name in ("refunded-7", "77"))
    scene.receive(brought(WentBack("stripe", "pi_1", (state,)), "first"))
    assert balance(scene, LEA) == -2450
    scene.delivery.deliver(scene.receive)
    scene.unheard()
    scene.receive(brought(WentBack("stripe", "pi_1", (operation, replace(state, ended=True))), "second"))
    scene.receive(brought(WentBack("stripe", "pi_1", (operation, replace(state, ended=True))), "third"))
    scene.delivery.deliver(scene.receive)
    assert scene.unheard() == []
    assert balance(scene, LEA) == -2450
    assert [(row.state, row.refund) for row in rows_of(scene, ONLINE_REFUND)] == [("done", "77")]
    must_be_right(scene)
    failed = (replace(operation, ended=True), replace(state, ended=True))
    scene.receive(brought(WentBack("stripe", "pi_1", failed), "fourth"))
    assert balance(scene, LEA) == 550
    must_be_right(scene)


def test_what_a_bank_takes_is_not_the_refund_of_as_much_that_waits(paid: Scene, provider: FakeProvider) -> None:
    """The dispute has its fee; the refund, which the provider then refuses, is over (B25)."""
    provider.down = True
    gives_back(paid, "30")
    disputes(provider)
    paid.receive(brought(WentBack("stripe", "pi_1", tuple(provider.gone["pi_1"])), "seen"))
    assert (balance(paid, LEA), balance(paid, FEES)) == (-2450, 2062)
    provider.down = False
    provider.refuses[REFUND] = Refusal.OTHER
    tick(paid, hours=1)
    assert (balance(paid, LEA), balance(paid, FEES)) == (-2450, 2062)
    assert {row.refund: row.state for row in rows_of(paid, ONLINE_REFUND)} == {"": "refused", "du_1": "done"}


def test_what_a_bank_takes_is_not_what_somebody_noted_by_hand(scene: Scene, provider: FakeProvider) -> None:
    """Given back on the provider's site, and taken by the bank too: the group has lost it twice, until it answers (B25)."""
    with_cards(scene, provider)
    pay(scene, provider, "lea", "30")
    scene.delivery.accounts = Accounts()
    scene.says("camille", "/rembourser léa 30 carte en ligne")
    scene.taps("camille", "C'est rendu")
    with_cards(scene, provider)
    disputes(provider)
    told(scene)
    assert (balance(scene, LEA), balance(scene, FEES)) == (-2450 - 3000, 2062)
    must_be_right(scene)


def test_payments_of_others_are_nobodys_business(paid: Scene, provider: FakeProvider) -> None:
    """Another program's charge, another account's word: nothing is asked, nothing kept."""
    asked = len(provider.asked)
    told(paid, "pi_of_another_shop")
    told(paid, "pi_1", account="another-group")
    assert len(provider.asked) == asked
    assert paid.unheard() == []


def test_a_word_while_the_provider_is_down_is_asked_about_again(paid: Scene, provider: FakeProvider) -> None:
    goes_back(provider, 550)
    provider.down = True
    told(paid)
    assert balance(paid, LEA) == 550
    provider.down = False
    tick(paid, seconds=31)
    assert balance(paid, LEA) == 0


def test_closed_books_learn_of_it_when_somebody_has_looked(paid: Scene, provider: FakeProvider) -> None:
    paid.store.write(lambda connection: close_books(connection, [1])).result()
    goes_back(provider, 550)
    told(paid)
    assert balance(paid, LEA) == 550
    paid.store.write(lambda connection: reopen_books(connection, 1)).result()
    tick(paid, hours=1, minutes=1)
    assert balance(paid, LEA) == 0


def test_of_somebody_who_has_left_the_group_bears_it_and_reads_so(scene: Scene, provider: FakeProvider) -> None:
    """B44: their account is not opened by anybody's bank."""
    with_cards(scene, provider)
    pay(scene, provider, "awa", "10")
    leaves(scene, "awa", "Le donner au groupe")
    provider.gone["pi_1"] = [Withdrawal("du_1", 1000, Cause.DISPUTE)]
    told(scene)
    assert (balance(scene, AWA), balance(scene, ONLINE), balance(scene, WRITE_OFF)) == (0, -62, 0)
    said = heard(scene)
    assert list(said) == ["coordination"]
    assert "Le compte d'Awa est fermé : c'est le groupe qui le perd." in said["coordination"][0]
    provider.gone["pi_1"] = [Withdrawal("du_1", 1000, Cause.DISPUTE, ended=True)]
    told(scene)
    assert (balance(scene, ONLINE), balance(scene, WRITE_OFF)) == (1000 - 62, -1000)
    must_be_right(scene)


def test_what_the_group_has_borne_comes_again_to_the_group(scene: Scene, provider: FakeProvider) -> None:
    """B44: Awa is in the group again meanwhile; they lost nothing by the dispute, and gain nothing by its end."""
    with_cards(scene, provider)
    pay(scene, provider, "awa", "10")
    leaves(scene, "awa", "Le donner au groupe")
    provider.gone["pi_1"] = [Withdrawal("du_1", 1000, Cause.DISPUTE)]
    told(scene)
    scene.says("camille", "/inviter Awa")
    scene.taps("camille", "C'est elle")
    scene.taps("camille", "Oui")
    scene.unheard()
    provider.gone["pi_1"] = [Withdrawal("du_1", 1000, Cause.DISPUTE, ended=True)]
    told(scene)
    assert (balance(scene, AWA), balance(scene, WRITE_OFF)) == (0, -1000)
    said = heard(scene)
    assert list(said) == ["coordination"]
    assert said["coordination"][0].endswith(
        "C'est le groupe qui les avait perdus, c'est lui qui les retrouve. Si vous les aviez demandés à Awa par une reprise de "
        "solde, annulez-la."
    )
    provider.gone["pi_1"] = [Withdrawal("du_1", 1000, Cause.DISPUTE)]
    told(scene)
    assert balance(scene, AWA) == -1000
    provider.gone["pi_1"] = [Withdrawal("du_1", 1000, Cause.DISPUTE, ended=True)]
    told(scene)
    assert balance(scene, AWA) == 0
    must_be_right(scene)


def test_the_members_room_reads_nothing_of_it(paid: Scene, provider: FakeProvider) -> None:
    """B40."""
    disputes(provider)
    told(paid)
    assert {shown.place.chat for shown in paid.unheard()} == {"lea", "coordination"}


def test_the_history_says_it_in_words(paid: Scene, provider: FakeProvider) -> None:
    disputes(provider)
    told(paid)
    paid.says("lea", "/historique")
    assert "Paiement par carte rendu ou contesté : −30,00 €" in paid.said("lea")


def test_it_is_not_undone_here(paid: Scene, provider: FakeProvider) -> None:
    """B3: the money is gone."""
    disputes(provider)
    told(paid)
    paid.says("camille", "/corriger léa")
    assert "contesté" not in paid.said("camille")
    with paid.store.read() as connection:
        newest = Books(connection, 1, paid.now).journal(limit=1)[0].number
    paid.says("camille", f"/corriger {newest}")
    assert "ne peut pas être annulé ainsi" in paid.said("camille")


# A refund of which nobody tells the end


@pytest.fixture
def unanswered(paid: Scene, provider: FakeProvider) -> Scene:
    """Camille has had 5,50 € given back to Léa; for more than three days Stripe has not answered."""
    provider.down = True
    gives_back(paid)
    for _quarter in range(18):
        tick(paid, hours=6)
    return paid


ASKED = "⚠️ 5,50 € à rendre à Léa sur sa carte, demandés le mardi 24 novembre : Stripe ne m'a toujours pas dit si c'est fait."


def asked_about(scene: Scene) -> list[str]:
    """List what the coordinators were asked about it since last looked."""
    return [text for text in scene.told("salon") if "ne m'a toujours pas dit" in text]


def test_after_some_days_the_coordinators_are_asked_once_a_week(unanswered: Scene) -> None:
    (text,) = asked_about(unanswered)
    assert text.startswith(ASKED)
    for _quarter in range(4 * 5):
        tick(unanswered, hours=6)
    assert asked_about(unanswered) == []
    for _quarter in range(4 * 3):
        tick(unanswered, hours=6)
    assert len(asked_about(unanswered)) == 1


def test_a_coordinator_who_has_looked_says_that_it_is_done(unanswered: Scene, provider: FakeProvider) -> None:
    unanswered.taps("camille", "C'est rendu", "salon")
    assert "Vous avez vu sur le site de Stripe que 5,50 € ont été rendus à Léa ?" in unanswered.told("salon")[-1]
    unanswered.taps("camille", "Oui", "salon")
    assert balance(unanswered, LEA) == 0
    provider.down = False
    tick(unanswered, days=1)
    assert REFUND not in [verb for verb, _what in provider.asked]
    goes_back(provider, 550)
    told(unanswered)
    assert balance(unanswered, LEA) == 0


def test_a_coordinator_who_has_looked_says_that_it_is_not_done(unanswered: Scene, provider: FakeProvider) -> None:
    unanswered.taps("camille", "Ce n'est pas rendu", "salon")
    unanswered.taps("camille", "Oui", "salon")
    assert balance(unanswered, LEA) == 550
    provider.down = False
    tick(unanswered, days=1)
    assert REFUND not in [verb for verb, _what in provider.asked]
    assert [row.state for row in rows_of(unanswered, ONLINE_REFUND)] == ["refused"]
    reference = rows_of(unanswered, ONLINE_REFUND)[0].reference
    goes_back(provider, 550, key=reference)
    told(unanswered)
    assert balance(unanswered, LEA) == 0


def test_what_was_made_by_hand_meanwhile_and_counted_is_not_counted_again(
    unanswered: Scene, provider: FakeProvider
) -> None:
    """B28: the coordinator saw that it was not done, did it on Stripe's own site, and says that it is done."""
    goes_back(provider, 550)
    unanswered.receive(brought(WentBack("stripe", "pi_1", tuple(provider.gone["pi_1"])), "seen"))
    assert balance(unanswered, LEA) == 0
    unanswered.taps("camille", "C'est rendu", "salon")
    assert unanswered.told("salon")[-1] == (
        "5,50 € rendus à Léa depuis le site de Stripe sont déjà inscrits. Est-ce ce remboursement-là ?"
    )
    unanswered.taps("camille", "Oui", "salon")
    assert unanswered.told("salon")[-1] == "C'est noté : je ne le demande plus."
    provider.down = False
    tick(unanswered, days=1)
    assert balance(unanswered, LEA) == 0
    assert REFUND not in [verb for verb, _what in provider.asked]


def test_another_refund_made_meanwhile_is_another(unanswered: Scene, provider: FakeProvider) -> None:
    goes_back(provider, 550)
    unanswered.receive(brought(WentBack("stripe", "pi_1", tuple(provider.gone["pi_1"])), "seen"))
    unanswered.taps("camille", "C'est rendu", "salon")
    unanswered.taps("camille", "Non", "salon")
    unanswered.taps("camille", "Oui", "salon")
    assert balance(unanswered, LEA) == -550


def test_a_button_of_a_refund_that_is_over_says_so(unanswered: Scene, provider: FakeProvider) -> None:
    provider.down = False
    tick(unanswered, hours=6)
    assert balance(unanswered, LEA) == 0
    unanswered.taps("camille", "C'est rendu", "salon")
    assert unanswered.told("salon")[-1].endswith("Ce remboursement est déjà réglé. Rien n'a changé.")


def test_a_coordinators_own_is_closed_by_another(paid: Scene, provider: FakeProvider) -> None:
    """B43."""
    pay(paid, provider, "camille", "10")
    provider.down = True
    gives_back(paid, "10", to="camille")
    paid.taps("sofiane", "D'accord", "salon")
    for _quarter in range(18):
        tick(paid, hours=6)
    for label in ("C'est rendu", "Ce n'est pas rendu"):
        paid.taps("camille", label, "salon")
        assert "C'est votre propre avoir" in paid.told("salon")[-1]
    paid.taps("sofiane", "C'est rendu", "salon")
    paid.taps("sofiane", "Oui", "salon")
    assert balance(paid, 4) == 0


def test_it_is_never_asked_of_what_is_answered_in_time(paid: Scene, provider: FakeProvider) -> None:
    provider.down = True
    gives_back(paid)
    tick(paid, hours=6)
    provider.down = False
    tick(paid, hours=6)
    paid.later(days=10)
    tick(paid, hours=6)
    assert asked_about(paid) == []

"""Paying by card on the Internet: links, confirmations, ends, in transcripts (B16, B17, B25, B28)."""

from __future__ import annotations

from collections.abc import Callable, Generator
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import update

from bot.groups.registry import Beginnings, add_group
from bot.groups.tables import BuyingGroup
from bot.ledger.books import Books
from bot.ledger.closing import close_books, reopen_books
from bot.nights import prune
from bot.online.facts import OnlineStray
from bot.online.tables import CHECKOUT
from bot.providers import Notification, Refusal, Report, State
from bot.providers.accounts import Account, Accounts
from tests.counter import (
    AWA,
    BRUNO,
    CAMILLE,
    LEA,
    balance,
    link,
    must_be_right,
    notify,
    rows_of,
    states,
    tick,
    with_cards,
)
from tests.fake_provider import ASK, CREATE, EXPIRE, FakeProvider
from tests.market_stall import set_up
from tests.transcripts import Scene

Play = Callable[[], Scene]
BANK, ONLINE, FEES = -3, -5, -8


@pytest.fixture
def provider() -> FakeProvider:
    return FakeProvider()


@pytest.fixture
def paying(scene: Scene, provider: FakeProvider) -> Generator[Scene]:
    """Have Stripe take cards for the group."""
    yield with_cards(scene, provider)
    must_be_right(scene)


def test_a_member_pays_by_card_and_is_credited_with_no_coordinator(
    paying: Scene, provider: FakeProvider, play: Play
) -> None:
    """
    lea: /payer
    bot: Combien payez-vous ? [24,50 € | Autre montant | Annuler]
    lea: [24,50 €]
    bot: Par quel moyen ? [Carte en ligne | Chèque | Liquide | Virement | Retour | Annuler]
    lea: [Carte en ligne]
    bot: Je prépare le paiement de 24,50 € par carte…
    bot: Pour payer 24,50 € par carte, ouvrez ce lien ; il est valable jusqu'à 19 h. Votre numéro de carte n'est demandé que là-bas : ne l'écrivez jamais ici. [Payer 24,50 € | J'ai payé | Payer autrement]
    """
    play()
    assert link(paying, "lea").opens == "https://pay.example/1-code0001"
    provider.pay("1-code0001")
    tick(paying, seconds=31)
    assert paying.told("lea") == ["✅ Votre paiement de 24,50 € par carte est arrivé. Vous êtes à l'équilibre."]
    assert paying.told("salon") == []
    assert (balance(paying, LEA), balance(paying, ONLINE), balance(paying, FEES)) == (0, 2450 - 62, 62)
    assert states(paying) == {"1-code0001": "paid"}


def pays(scene: Scene, who: str = "lea", amount: str = "24,50") -> None:
    """Ask for a link."""
    scene.says(who, f"/payer {amount} carte en ligne")
    scene.unheard()


def test_the_same_confirmation_twice_late_and_notified_credits_once(paying: Scene, provider: FakeProvider) -> None:
    """B25: whichever way it comes, how often, and however late."""
    pays(paying)
    name = provider.pay("1-code0001")
    told = Notification("1-code0001", "cs_1-code0001", name, 2450)
    notify(paying, told, key="evt_1")
    assert paying.told("lea") == ["✅ Votre paiement de 24,50 € par carte est arrivé. Vous êtes à l'équilibre."]
    notify(paying, told, key="evt_1")
    notify(paying, told, key="evt_2")
    tick(paying, seconds=40)
    tick(paying, hours=30)
    assert paying.told("lea") == []
    assert balance(paying, LEA) == 0


def test_a_member_who_says_they_have_paid_has_the_provider_asked_at_once(paying: Scene, provider: FakeProvider) -> None:
    pays(paying)
    paying.taps("lea", "J'ai payé")
    assert paying.told("lea") == ["Je demande au prestataire. Dès qu'il confirme, je vous le dis ici."]
    provider.pay("1-code0001")
    paying.taps("lea", "J'ai payé")
    assert paying.told("lea")[-1].startswith("✅ Votre paiement de 24,50 € par carte est arrivé.")
    paying.taps("lea", "J'ai payé")
    assert paying.told("lea") == ["C'est payé : 24,50 € par carte, déjà sur votre compte."]
    paying.taps_data("bruno", "c1:carte vu 1-code0001")
    assert paying.told("bruno") == ["Je ne trouve pas ce paiement parmi les vôtres."]


def test_what_was_charged_is_credited_even_if_it_is_not_what_was_asked(paying: Scene, provider: FakeProvider) -> None:
    """B25: an outdated amount, where the provider does not let us refuse it."""
    pays(paying)
    provider.pay("1-code0001", 2000)
    tick(paying, seconds=31)
    assert "20,00 € par carte est arrivé. Vous devez 4,50 € au groupe." in paying.said("lea")


def test_an_older_link_ends_when_a_newer_is_asked_for_and_counts_if_it_is_paid_all_the_same(
    paying: Scene, provider: FakeProvider
) -> None:
    pays(paying)
    pays(paying, amount="10")
    assert states(paying) == {"1-code0001": "superseded", "1-code0002": "open"}
    assert (EXPIRE, "1-code0001") in provider.asked
    provider.pay("1-code0001")
    tick(paying, seconds=31)
    assert "24,50 € par carte est arrivé" in paying.said("lea")
    assert states(paying)["1-code0001"] == "paid"


def test_a_link_that_is_over_is_said_kindly_with_a_button_for_a_new_one(paying: Scene, provider: FakeProvider) -> None:
    pays(paying)
    tick(paying, minutes=61)
    assert paying.told("lea") == []
    tick(paying, minutes=2)
    assert paying.said("lea") == "Le lien pour payer 24,50 € par carte n'est plus valable. Rien n'a été débité."
    paying.taps("lea", "Nouveau lien")
    assert states(paying) == {"1-code0001": "expired", "1-code0002": "open"}
    provider.pay("1-code0001")
    tick(paying, hours=3)
    assert any("24,50 € par carte est arrivé. Vous êtes à l'équilibre." in said for said in paying.told("lea"))


def test_nobody_is_told_of_the_end_of_a_link_when_nothing_is_owed_any_more(
    paying: Scene, provider: FakeProvider
) -> None:
    pays(paying)
    paying.says("camille", "/encaisser léa 30 liquide")
    paying.taps("camille", "Oui")
    paying.unheard()
    provider.reports["1-code0001"] = Report(State.EXPIRED)
    tick(paying, seconds=31)
    assert paying.told("lea") == []
    assert states(paying) == {"1-code0001": "expired"}


def test_a_payment_that_failed_is_said(paying: Scene, provider: FakeProvider) -> None:
    pays(paying)
    provider.reports["1-code0001"] = Report(State.FAILED)
    tick(paying, seconds=31)
    assert paying.said("lea") == "Le paiement de 24,50 € par carte n'a pas abouti. Rien n'a été débité."


def test_money_received_by_hand_ends_the_link_of_the_same_amount(paying: Scene, provider: FakeProvider) -> None:
    """B28: paid in cash in front of a coordinator, the link must not be paid as well."""
    pays(paying)
    paying.says("camille", "/encaisser léa 24,50 liquide")
    paying.taps("camille", "Oui")
    assert states(paying) == {"1-code0001": "superseded"}
    assert (EXPIRE, "1-code0001") in provider.asked


def test_a_payment_declared_before_is_offered_to_be_taken_back(paying: Scene, provider: FakeProvider) -> None:
    """B28: one payment is credited once, whichever door it comes by."""
    paying.says("lea", "/payer 24,50 chèque")
    paying.taps("lea", "Déclarer")
    pays(paying)
    provider.pay("1-code0001")
    tick(paying, seconds=31)
    said = paying.said("lea")
    assert "Vous aviez aussi déclaré 24,50 € par chèque : si c'est ce même paiement, retirez la déclaration." in said
    paying.taps("lea", "Retirer la déclaration")
    paying.taps("lea", "Oui")
    assert "est retiré" in paying.said("lea")
    assert balance(paying, LEA) == 0


def test_a_coordinator_is_asked_before_the_same_amount_is_received_again(paying: Scene, provider: FakeProvider) -> None:
    """B28: the same member and amount within minutes is a question first."""
    pays(paying)
    provider.pay("1-code0001")
    tick(paying, seconds=31)
    paying.says("camille", "/encaisser léa 24,50 chèque")
    assert "déjà 24,50 € de reçus il y a moins d'une demi-heure" in paying.said("camille")


def test_an_order_is_paid_at_once_and_its_takings_show_gross_fees_and_net(scene: Scene, provider: FakeProvider) -> None:
    """B17, B34: nothing is planned; an earlier debt is settled with it."""
    set_up(scene)
    with_cards(scene, provider)
    scene.says("lea", "2 carottes")
    scene.taps("lea", "Confirmer")
    assert "Par quel moyen ?" in scene.said("lea")
    scene.taps("lea", "Carte en ligne")
    assert "par carte en ligne" in scene.said("lea")
    scene.taps("lea", "Confirmer")
    said = scene.told("lea")
    assert len(said) == 2
    assert said[1].startswith("Pour payer ")
    cents = provider.wanted["1-code0001"].cents
    provider.pay("1-code0001")
    tick(scene, seconds=31)
    assert balance(scene, LEA) == 0
    scene.now = datetime(2026, 11, 26, 18, tzinfo=UTC)
    scene.says("camille", "/encaissements")
    euros = f"{cents // 100},{cents % 100:02} €"
    assert f"Carte en ligne : {euros} (frais 0,62 €, net" in scene.said("camille")
    must_be_right(scene)


def test_a_planned_payment_of_the_same_amount_is_the_one_that_came(scene: Scene, provider: FakeProvider) -> None:
    """B28: planned by cheque, paid by card: it is no longer expected at the distribution."""
    set_up(scene)
    with_cards(scene, provider)
    scene.says("awa", "2 carottes")
    scene.taps("awa", "Confirmer")
    scene.taps("awa", "Chèque")
    scene.taps("awa", "Confirmer")
    owed = -balance(scene, AWA)
    scene.says("awa", f"/carte {owed}")
    provider.pay("1-code0001")
    tick(scene, seconds=31)
    assert balance(scene, AWA) == 0
    scene.says("awa", "/payer")
    assert "À payer à la distribution" not in scene.said("awa")


def test_money_for_nobody_we_know_is_never_lost(paying: Scene, provider: FakeProvider) -> None:
    """B25: told to the coordinators once, attributed by one of them, once."""
    notify(paying, Notification("", "cs_9", "pi_unknown", 1500))
    notify(paying, Notification("", "cs_9", "pi_unknown", 1500))
    assert paying.told("salon") == [
        "⚠️ Stripe a reçu 15,00 € pour un paiement que je ne connais pas (n° pi_unknown) : reçu en ligne, non attribué. Si vous savez de qui, attribuez-le."
    ]
    button = paying.button("camille", "Attribuer", "salon")
    paying.taps("camille", "Attribuer", "salon")
    paying.says("camille", "Awa", "salon")
    assert paying.told("salon")[-1] == "15,00 € reçus en ligne par Stripe : pour Awa ?"
    paying.taps("camille", "Oui", "salon")
    assert "Votre paiement de 15,00 € par carte est arrivé. Vous avez un avoir de 15,00 €." in paying.said("awa")
    paying.tap_again("sofiane", button, "salon")
    paying.says("sofiane", "Bruno", "salon")
    paying.taps("sofiane", "Oui", "salon")
    assert "Ce paiement en ligne est déjà compté. Rien n'a changé." in paying.told("salon")[-1]
    assert (balance(paying, AWA), balance(paying, ONLINE)) == (1500, 1500)


def test_a_payment_that_the_provider_says_was_for_another_reference_is_nobodys(
    paying: Scene, provider: FakeProvider
) -> None:
    pays(paying)
    provider.reports["1-code0001"] = Report(State.PAID, "pi_other", 2450, None, "2-otherone")
    tick(paying, seconds=31)
    assert balance(paying, LEA) == -2450
    assert "(n° pi_other) : reçu en ligne, non attribué" in paying.told("salon")[-1]


def test_a_notification_of_another_groups_account_credits_nobody_here(paying: Scene, provider: FakeProvider) -> None:
    """The account of another group cannot pay for this one's members, whatever reference it speaks of."""
    pays(paying)
    name = provider.pay("1-code0001")
    notify(paying, Notification("1-code0001", "cs", name, 2450), account="autre-groupe")
    assert paying.told("salon") == []
    assert balance(paying, LEA) == -2450


def test_a_provider_that_is_down_when_a_link_is_made_is_tried_again_and_said(
    paying: Scene, provider: FakeProvider
) -> None:
    provider.down = True
    paying.says("lea", "/payer 24,50 carte en ligne")
    said = paying.told("lea")
    assert said[0] == "Je prépare le paiement de 24,50 € par carte…"
    assert said[1].startswith("Le prestataire des cartes ne répond pas encore. Je réessaie")
    provider.down = False
    tick(paying, seconds=10)
    assert paying.said("lea").startswith("Pour payer 24,50 € par carte, ouvrez ce lien")


def test_after_ten_minutes_of_silence_nobody_waits_for_a_link_any_more(paying: Scene, provider: FakeProvider) -> None:
    provider.down = True
    paying.says("lea", "/payer 24,50 carte en ligne")
    for _try in range(9):
        tick(paying, minutes=5)
    said = paying.told("lea")
    assert len(said) == 3  # it is prepared, it takes its time, it is not made
    assert said[-1] == (
        "Le paiement de 24,50 € par carte n'a pas pu être préparé : le prestataire ne répond pas. Rien n'a été débité."
    )
    assert states(paying) == {"1-code0001": "failed"}


def test_a_provider_that_is_down_when_asked_is_asked_again(paying: Scene, provider: FakeProvider) -> None:
    pays(paying)
    provider.pay("1-code0001")
    provider.down = True
    tick(paying, seconds=31)
    tick(paying, minutes=10)
    assert paying.told("lea") == []
    provider.down = False
    tick(paying, minutes=3)
    assert "24,50 € par carte est arrivé" in paying.said("lea")


def test_a_provider_that_refuses_to_make_a_link_is_said(paying: Scene, provider: FakeProvider) -> None:
    provider.refuses[CREATE] = Refusal.CREDENTIALS
    paying.says("lea", "/payer 24,50 carte en ligne")
    assert paying.said("lea") == (
        "Le paiement de 24,50 € par carte n'a pas pu être préparé : les clés que connaît le bot ne sont plus "
        "acceptées : voyez avec la personne qui l'héberge. Rien n'a été débité."
    )


def test_amounts_that_no_provider_takes_are_refused_with_its_limits(paying: Scene) -> None:
    """Not 0.00, not a cent, not a million."""
    paying.says("lea", "/payer 0 carte en ligne")
    assert "Zéro" in paying.said("lea")
    for typed in ("0,01", "5000,01"):
        paying.says("lea", f"/payer {typed} carte en ligne")
        assert paying.said("lea") == "Par carte en ligne, on paie de 0,50 € à 5 000,00 €.", typed
    paying.says("lea", "/payer 1000000 carte en ligne")
    assert "c'est trop" in paying.said("lea")
    assert states(paying) == {}


def test_a_group_that_removes_the_card_while_a_link_is_open_still_counts_its_payment(
    paying: Scene, provider: FakeProvider
) -> None:
    """B16: no new link, but what is paid is credited."""
    pays(paying)
    paying.says("camille", "/reglages moyens online non")
    assert "Un lien de paiement déjà ouvert peut encore être payé : il sera inscrit." in paying.said("camille")
    provider.pay("1-code0001")
    tick(paying, seconds=31)
    assert "24,50 € par carte est arrivé" in paying.said("lea")
    paying.says("lea", "/carte 1000")
    assert paying.said("lea") == "La carte en ligne n'est pas proposée ici."


def test_the_card_is_offered_only_where_somebody_takes_it(scene: Scene, provider: FakeProvider) -> None:
    """B16: off until it is configured by the host, and chosen by the group."""
    scene.says("camille", "/reglages moyens online oui")
    assert "n'est pas branchée sur ce bot" in scene.said("camille")
    with_cards(scene)
    scene.says("lea", "/payer 10")
    assert "Carte en ligne" not in [option.label for row in scene.shown[-1].message.options for option in row]
    with_cards(scene, FakeProvider(platform="telegram"))
    scene.says("lea", "/payer 10")
    assert "Carte en ligne" not in [option.label for row in scene.shown[-1].message.options for option in row]
    with_cards(scene, provider, group="les-paniers-du-canal")
    scene.says("lea", "/payer 10")
    assert "Carte en ligne" in [option.label for row in scene.shown[-1].message.options for option in row]


def test_a_card_means_the_only_one_there_is_else_it_is_asked_which(scene: Scene, provider: FakeProvider) -> None:
    """B16: « carte » could be the terminal's or the online one."""
    set_up(scene)
    with_cards(scene, provider)
    scene.says("lea", "/payer 10 carte")
    assert "Je prépare le paiement de 10,00 € par carte…" in scene.told("lea")
    scene.says("camille", "/reglages moyens terminal oui")
    scene.later(days=2, hours=0.5)
    scene.says("bruno", "/payer 10 carte")
    assert scene.said("bruno").endswith("Par quel moyen ?")
    scene.says("bruno", "carte sur place")
    assert "par carte sur place" in scene.said("bruno")


def test_a_fee_that_is_known_later_is_posted_then(paying: Scene, provider: FakeProvider) -> None:
    provider.fee = None
    pays(paying)
    name = provider.pay("1-code0001")
    tick(paying, seconds=31)
    assert (balance(paying, ONLINE), balance(paying, FEES)) == (2450, 0)
    provider.reports["1-code0001"] = Report(State.PAID, name, 2450, 62, "1-code0001")
    tick(paying, minutes=10)
    assert (balance(paying, ONLINE), balance(paying, FEES)) == (2388, 62)
    asked = [verb for verb, _what in provider.asked].count(ASK)
    tick(paying, hours=50)
    assert [verb for verb, _what in provider.asked].count(ASK) == asked


def test_what_a_provider_holds_cannot_be_undone_here(paying: Scene, provider: FakeProvider) -> None:
    """B3: it goes back by a refund, or not at all."""
    pays(paying)
    provider.pay("1-code0001")
    tick(paying, seconds=31)
    paying.says("camille", "/historique léa")
    paying.says("camille", "/corriger léa")
    paying.says("camille", "1")
    paying.taps("camille", "Oui")
    assert "il ne s'annule pas ici : pour rendre l'argent, /rembourser" in paying.said("camille")
    assert balance(paying, LEA) == 0


def test_money_is_credited_while_the_books_are_closed(paying: Scene, provider: FakeProvider) -> None:
    pays(paying)
    paying.store.write(lambda connection: close_books(connection, {1})).result()
    provider.pay("1-code0001")
    tick(paying, seconds=31)
    assert balance(paying, LEA) == 0
    paying.store.write(lambda connection: reopen_books(connection, 1)).result()


def test_what_the_provider_sends_on_is_noted_and_can_be_corrected(paying: Scene, provider: FakeProvider) -> None:
    """B2, B45: offered under the takings while providers hold something."""
    pays(paying)
    provider.pay("1-code0001")
    tick(paying, seconds=31)
    paying.says("camille", "/vire")
    assert paying.said("camille") == (
        "Les prestataires gardent 23,88 € pour le groupe. Combien ont-ils viré sur son compte ?"
    )
    paying.says("camille", "23,88")
    paying.taps("camille", "Oui")
    assert paying.said("camille") == (
        "✅ 23,88 € virés sur le compte du groupe. Les prestataires gardent encore 0,00 €."
    )
    assert (balance(paying, ONLINE), balance(paying, BANK)) == (0, 2388)
    paying.taps("camille", "↩️ Corriger")
    paying.taps("camille", "Oui")
    assert balance(paying, ONLINE) == 2388
    paying.says("camille", "/vire 30")
    paying.taps("camille", "Oui")
    assert "les prestataires ne gardent que 23,88 €" in paying.said("camille")


def test_a_group_that_takes_nothing_but_cards_says_where_it_does_not(paying: Scene) -> None:
    """With a provider of another chat only, nobody is sent to a card terminal that is not there."""
    paying.change(update(BuyingGroup).values(methods="online"))
    with_cards_elsewhere(paying)
    paying.says("lea", "/payer 10")
    assert paying.said("lea") == "La carte en ligne n'est pas proposée ici."


def with_cards_elsewhere(scene: Scene) -> None:
    """Have the card taken in Telegram only."""
    scene.delivery.accounts = Accounts([Account(FakeProvider(platform="telegram"))])


def test_a_link_forgets_where_it_was_asked_for(paying: Scene, provider: FakeProvider) -> None:
    """B44: after two months, the books keep what was paid and nothing of the chat."""
    pays(paying)
    provider.pay("1-code0001")
    tick(paying, seconds=31)
    paying.store.write(lambda connection: prune(connection, paying.now + timedelta(days=59))).result()
    assert [row.chat for row in rows_of(paying, CHECKOUT)] == ["lea"]
    paying.store.write(lambda connection: prune(connection, paying.now + timedelta(days=61))).result()
    assert [(row.platform, row.chat, row.state) for row in rows_of(paying, CHECKOUT)] == [("", "", "paid")]


def test_a_stray_on_a_coordinators_own_account_needs_another_tap(paying: Scene, provider: FakeProvider) -> None:
    """B43."""
    notify(paying, Notification("", "cs_9", "pi_unknown", 1500))
    paying.taps("camille", "Attribuer", "salon")
    paying.says("camille", "Camille", "salon")
    paying.taps("camille", "Oui", "salon")
    assert balance(paying, CAMILLE) == 0
    paying.taps("sofiane", "D'accord", "salon")
    assert balance(paying, CAMILLE) == 1500


def test_a_notification_of_another_group_is_told_to_that_group_only(paying: Scene, provider: FakeProvider) -> None:
    """Its account has the money, whatever reference it speaks of: its coordinators are told, this one's are not."""
    paying.store.write(lambda c: add_group(c, "Autre groupe", Beginnings(), paying.now)).result()
    ours, theirs = Account(provider, "les-paniers-du-canal"), Account(FakeProvider(), "autre-groupe")
    paying.delivery.accounts = Accounts([ours, theirs])
    pays(paying)
    notify(paying, Notification("1-code0001", "cs", "pi_7", 2450), account="autre-groupe")
    with paying.store.read() as connection:
        told = {group: Books(connection, group, paying.now).journal(limit=1)[0].fact for group in (1, 2)}
    assert isinstance(told[2], OnlineStray)
    assert not isinstance(told[1], OnlineStray)
    assert balance(paying, LEA) == -2450


def test_a_payment_of_nothing_or_without_a_name_is_not_lost(paying: Scene, provider: FakeProvider) -> None:
    """What an adapter may one day make of an answer that nobody has seen yet."""
    pays(paying)
    provider.reports["1-code0001"] = Report(State.PAID, "pi_0", 0, None, "1-code0001")
    tick(paying, seconds=31)
    assert paying.told("salon")[-1].startswith("⚠️ Stripe a reçu une somme pour un paiement que je ne connais pas")
    for who, amount in (("lea", "24,50"), ("bruno", "10")):
        pays(paying, who, amount)
        reference = next(reversed(provider.wanted))
        provider.reports[reference] = Report(State.PAID, "", provider.wanted[reference].cents, None, reference)
    tick(paying, seconds=31)
    assert balance(paying, LEA) == 0
    assert balance(paying, BRUNO) == 1700


def test_a_kitty_is_not_topped_up_by_card_unless_its_exclusivity_is_lifted(
    paying: Scene, provider: FakeProvider
) -> None:
    """B19: a kitty is topped up by cheque, cash or transfer; where other methods may go with it, by card too (B25)."""
    paying.change(update(BuyingGroup).values(methods="kitty"))
    paying.says("lea", "/payer 24,50")
    assert "Carte en ligne" not in [option.label for row in paying.shown[-1].message.options for option in row]
    paying.says("lea", "/carte")
    assert paying.said("lea") == "La carte en ligne n'est pas proposée ici."
    paying.change(update(BuyingGroup).values(methods="kitty online", kitty_with_others=True))
    paying.says("lea", "/payer 50 carte en ligne")
    provider.pay("1-code0001")
    tick(paying, seconds=31)
    assert balance(paying, LEA) == 5000 - 2450

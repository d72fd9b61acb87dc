"""People looked after, greeted, helped and served in English; each listener in their own language: B8, B42, B43."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from sqlalchemy import update
from sqlmodel import col

from bot.groups.tables import LinkedAddress
from bot.ledger.store import Store
from tests.english import english_scene
from tests.market_stall import set_up
from tests.transcripts import Scene, words

Play = Callable[[], Scene]


@pytest.fixture
def scene(sqlite_store: Store) -> Scene:
    """Begin with the demo's group, in English."""
    return english_scene(sqlite_store)


def test_people_are_looked_after(play: Play) -> None:
    """
    B42, B43

    camille: /members
    bot: 5 members / m3 · Awa / m2 · Bruno / m4 · Camille · coordinator / m1 · Léa / m5 · Sofiane · coordinator / To see one of them: /members and a name. [Invite]
    camille: /members Léa
    bot: m1 · Léa · member / Device 1: Demo, linked [History | Invite | Rights | Rename | Lost phone | Departure | Data]
    camille: [Rights]
    bot: Léa: member. Which right from now on? [Member | Pickup volunteer | Coordinator | Back | Cancel]
    camille: pickup volunteer
    bot: Léa: pickup volunteer? […]
    camille: yes
    bot: ✅ Léa: pickup volunteer.
    bot→lea: Camille has changed your rights: pickup volunteer. [Help]
    bot→salon: Camille has changed the rights: Léa, pickup volunteer.
    camille: /invite Nadia
    bot: Add Nadia to the group and invite them? [Yes | No | Back]
    camille: yes
    bot: ✅ Nadia is in the group. / Invitation for Nadia, to be sent to them: / write to the bot: /start code-0001 / This invitation works once, for 7 days.
    """
    play()


def test_a_stranger_is_greeted_in_the_language_of_their_phone(scene: Scene) -> None:
    """B42: the language the platform tells is theirs from the first word on."""
    scene.says("camille", "/invite Nadia")
    scene.says("camille", "yes")
    scene.unheard()
    for text in ("hello", "/start code-0001", "balance"):
        scene.receive(scene.incoming("nadia", text=text, language="en-GB"))
        scene.delivery.deliver(scene.receive)
    hello, welcome, balance = scene.told("nadia")
    assert hello.startswith("Hello! I am Ardoise, I keep the accounts of food-buying groups.")
    assert welcome == "Welcome to “Les Paniers du Canal”, Nadia! You are settled up."
    assert balance == "In “Les Paniers du Canal”, you are settled up."


def test_help_cancel_and_the_way_back_to_french(play: Play) -> None:
    """
    lea: hello
    bot: Hello! What can I do for you? [Balance | Pay | Help]
    lea: help
    bot: Here is what I can do. One word is enough; “cancel” stops everything, at any time. /  / /balance – my balance / … / /pay – declare a payment / … / /cancel – stop what is under way [Balance | Pay]
    lea: thanks
    bot: You are welcome.
    lea: /pay
    bot: How much did you pay? […]
    lea: 1,234
    bot: “1,234” could mean several amounts. Write the euros, a point, two digits: 12.50. / How much did you pay? […]
    lea: tuesday
    bot: “tuesday” is not an amount I understand. Write for example 12.50. / How much did you pay? […]
    lea: [Other amount]
    bot: Write the amount, for example 12.50. [Cancel]
    lea: /cancel
    bot: Cancelled. Nothing was recorded.
    lea: cancel
    bot: There is nothing to cancel.
    lea: /language
    bot: Which language should I speak with you? [Français | English | Cancel]
    lea: français
    bot: C'est noté : je vous parle français. [Aide]
    lea: /balance
    bot: Dans « Les Paniers du Canal », vous devez 24,50 € au groupe. [Payer | Historique]
    lea: /langue
    bot: En quelle langue dois-je vous parler ? [Français | English | Annuler]
    lea: [English]
    bot: Noted: I speak English with you now. [Help]
    lea: solde
    bot: In “Les Paniers du Canal”, you owe the group €24.50. [Pay | History]
    """
    play()


@pytest.mark.parametrize(
    ("typed", "answer"), [("/language en", "Noted"), ("/langue EN", "Noted"), ("/language fr", "C'est")]
)
def test_a_language_is_chosen_by_its_two_letters_too(sqlite_store: Store, typed: str, answer: str) -> None:
    scene = Scene(sqlite_store)
    scene.says("lea", typed)
    assert scene.said("lea").startswith(answer)


def test_each_reads_their_own_language(scene: Scene) -> None:
    """The member, the coordinator and the room are told in the language of each."""
    scene.change(update(LinkedAddress).where(col(LinkedAddress.user) == "camille").values(language="fr"))
    scene.says("lea", "/pay 24.50 cheque")
    scene.taps("lea", "Declare")
    assert scene.told("salon")[-1].startswith("To confirm · 1 of 1 / Léa · €24.50 by cheque")
    scene.taps("camille", "Received", "salon")
    assert words(scene.toast) == "✅ Léa : 24,50 € par chèque, reçu. Léa est à l'équilibre."
    assert scene.said("lea") == "✅ Camille has received €24.50 by cheque. You are settled up."


def test_an_order_is_chosen_and_confirmed(scene: Scene, play: Play) -> None:
    """
    B8, B15, B17: what is for sale keeps its name, whatever the language.

    lea: 2 kg carottes
    bot: Added: 2 kg Carottes. /  / Basket: 1 product, €4.20. / After this order, you will owe the group €28.70. / To pay: €28.70. […Confirm]
    lea: [Confirm]
    bot: To pay: €28.70 (order €4.20, and €24.50 from before). Which payment method? [Cheque | Cash | Bank transfer | Other amount | I'll see | Cancel]
    lea: cheque
    bot: Confirm this order? / 2 kg Carottes: €4.20 / Total: €4.20. / To pay at the distribution: €28.70 by cheque. / Once confirmed, an order can no longer be changed, only added to. [Confirm | No | Back]
    lea: [Confirm]
    bot: ✅ Order no. 1 confirmed for Thursday 26 November at 18:00, Salle des fêtes: / 2 kg Carottes: €4.20 / …
    """
    set_up(scene)
    play()

"""Conversations about money in English, typed in English: B4, B5, B20, B21, B26–B30, B36."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from bot.ledger.store import Store
from tests.english import english_scene
from tests.transcripts import Scene

Play = Callable[[], Scene]


@pytest.fixture
def scene(sqlite_store: Store) -> Scene:
    """Begin with the demo's group, in English."""
    return english_scene(sqlite_store)


def test_balances_are_said_in_words(play: Play) -> None:
    """
    B4, B5: the English word works, and so does the French one.

    lea: /balance
    bot: In “Les Paniers du Canal”, you owe the group €24.50. [Pay | History]
    bruno: balance
    bot: In “Les Paniers du Canal”, you have a credit of €7.00. [History | Pay]
    awa: !solde
    bot: In “Les Paniers du Canal”, you are settled up. [History | Pay]
    """
    play()


def test_a_cheque_is_declared_and_received(play: Play) -> None:
    """
    B20, B21

    lea: /pay
    bot: How much did you pay? [€24.50 | Other amount | Cancel]
    lea: 24.5
    bot: Which payment method? [Cheque | Cash | Bank transfer | Back | Cancel]
    lea: cheque
    bot: Declare €24.50 by cheque? [Declare | No | Back]
    lea: [Declare]
    bot: ⏳ Noted: €24.50 by cheque. A coordinator will confirm that it has arrived. / Balance: −€24.50 · pending: €24.50 · projected: €0.00 [Withdraw | Balance | …]
    bot→salon: To confirm · 1 of 1 / Léa · €24.50 by cheque / declared today (no. …) [Received | Other amount | Refuse | …]
    lea: balance
    bot: In “Les Paniers du Canal”, you owe the group €24.50. / ⏳ €24.50 waiting to be confirmed; after that, you will be settled up. / Balance: −€24.50 · pending: €24.50 · projected: €0.00 [History | Pay]
    camille@salon: [Received]
    (hint) ✅ Léa: €24.50 by cheque, received. Léa is settled up.
    bot→lea: ✅ Camille has received €24.50 by cheque. You are settled up. [History]
    bot→salon: ✅ Léa · €24.50 by cheque: confirmed by Camille, 18:00 / Nothing to confirm. [↩️ Undo]
    """
    play()


def test_another_amount_is_what_was_really_received(play: Play) -> None:
    """
    B21

    awa: /pay 23 check
    bot: Declare €23.00 by cheque? […]
    awa: yes
    bot: ⏳ Noted: …
    bot→salon: To confirm · 1 of 1 / …
    camille@salon: [Other amount]
    bot: Awa declared €23.00 by cheque. How much did you receive? [Cancel]
    camille@salon: 20
    bot: ✅ Awa: €20.00 by cheque, received. Declared: €23.00. Awa has a credit of €20.00. [↩️ Undo]
    bot→awa: ✅ Camille has received €20.00 by cheque. You had declared €23.00. You have a credit of €20.00. [History]
    bot→salon: ✅ Awa · €20.00 by cheque: confirmed by Camille, 18:00 / Nothing to confirm. [↩️ Undo]
    """
    play()


def test_a_refusal_is_told_with_its_reason(play: Play) -> None:
    """
    B21

    lea: /pay 24.50 bank transfer
    bot: Declare €24.50 by bank transfer? […]
    lea: yes
    bot: ⏳ Noted: …
    bot→salon: To confirm · 1 of 1 / …
    sofiane@salon: [Refuse]
    bot: Léa: why refuse €24.50? They will be told the reason. [Not received | Already counted | Skip | Cancel]
    sofiane@salon: Not on the statement.
    bot: Léa: €24.50 by bank transfer, not received. Reason: Not on the statement. Léa owes the group €24.50. [↩️ Undo]
    bot→lea: Sofiane has not received your payment of €24.50 by bank transfer. Reason: Not on the statement. You owe the group €24.50. / If this is a mistake, talk to a coordinator or declare it again. [Pay | History]
    bot→salon: Léa · €24.50: refused by Sofiane, 18:00 / Nothing to confirm. [↩️ Undo]
    """
    play()


def test_a_declared_payment_is_taken_back(play: Play) -> None:
    """
    B27

    lea: /pay 10 cash
    bot: Declare €10.00 in cash? […]
    lea: yes
    bot: ⏳ Noted: … [Withdraw | Balance]
    bot→salon: …
    lea: [Withdraw]
    bot: Withdraw the payment of €10.00 in cash that you declared? [Yes | No]
    lea: yes
    bot: ↩️ The payment of €10.00 that you declared is withdrawn. You owe the group €24.50. [Pay | History]
    bot→salon: Nothing to confirm.
    """
    play()


def test_money_is_received_undone_and_given_back(play: Play) -> None:
    """
    B26, B45

    camille: /receive
    bot: Who has paid you? [Awa | Bruno | Camille | Léa | Sofiane | Cancel]
    camille: lea
    bot: Léa owes the group €24.50. How much did you receive? [€24.50 | Other amount | Back | Cancel]
    camille: 20
    bot: Which payment method? [Cheque | Cash | Bank transfer | Back | Cancel]
    camille: cash
    bot: Has Léa paid €20.00 in cash? [Yes | No | Back]
    camille: yes
    bot: ✅ Léa: €20.00 in cash, received. Léa owes the group €4.50. [↩️ Undo]
    bot→lea: ✅ Camille has received €20.00 in cash. You owe the group €4.50. [Pay | History]
    camille: /receive Léa 20 cash
    bot: ⚠️ Léa: €20.00 was already received less than half an hour ago. Is this a second payment, in cash? […]
    camille: no
    bot: Nothing was recorded.
    camille: [↩️ Undo]
    bot: Undo “Payment in cash · Léa · €20.00”, no. … of 24/11/2026? [Yes | No]
    camille: yes
    bot: ↩️ Undone for Léa: Payment in cash, €20.00. Léa owes the group €24.50.
    bot→lea: ↩️ Camille has put a mistake on your account right: Payment in cash, €20.00. You owe the group €24.50. [Pay | History]
    camille: /refund Bruno 10 cash
    bot: ⚠️ Give €10.00 back to Bruno in cash? After that: Bruno owes the group €3.00. […]
    camille: no
    bot: Nothing was recorded.
    camille: /refund Bruno 7 bank transfer
    bot: Give €7.00 back to Bruno by bank transfer? […]
    camille: yes
    bot: ✅ €7.00 given back to Bruno by bank transfer. Bruno is settled up. [↩️ Undo]
    bot→bruno: Camille has given you €7.00 back by bank transfer. You are settled up. [History]
    """
    play()


def test_a_declared_payment_is_not_counted_twice(play: Play) -> None:
    """
    B28

    lea: /pay 24.50 cheque
    bot: …
    lea: yes
    bot: …
    bot→salon: …
    camille: /receive lea 24.50 cheque
    bot: Léa announced: / ⏳ €24.50 by cheque, declared today / The €24.50 received by cheque: is it this payment? [Yes, this one | No, another | Back | Cancel]
    camille: [Yes, this one]
    bot: ✅ Léa: €24.50 by cheque, received. Léa is settled up. [↩️ Undo]
    bot→lea: ✅ Camille has received €24.50 by cheque. You are settled up. [History]
    bot→salon: ✅ Léa · €24.50 by cheque: confirmed by Camille, 18:00 / Nothing to confirm. [↩️ Undo]
    """
    play()


def test_an_opening_balance_is_repeated_in_words(play: Play) -> None:
    """
    B29, B43

    camille: /opening Awa
    bot: Awa is settled up. What is the opening balance? With a minus sign if Awa owes the group: -8.20. [Back | Cancel]
    camille: -5
    bot: Opening balance: Awa owes the group €5.00. Is that right? [Yes | No | Back]
    camille: yes
    bot: ✅ Opening balance: Awa owes the group €5.00. [↩️ Undo]
    bot→awa: Camille has carried over your earlier balance: you owe the group €5.00. [Pay | History]
    camille: /opening Awa 12
    bot: ⚠️ Awa already has an opening balance: −€5.00 on 24/11/2026. Add €12.00? After that: Awa has a credit of €7.00. […]
    camille: no
    bot: Nothing was recorded.
    camille: /opening Camille 50
    bot: Opening balance: Camille has a credit of €50.00. Is that right? […]
    camille: yes
    bot: This is your own account: another coordinator must agree. I am asking them.
    bot→salon: ⚠️ Camille proposes, on their own account: / – Opening balance · Camille · €50.00 / Another coordinator must agree. [Agreed | Refuse]
    sofiane@salon: [Agreed]
    bot: ✅ Opening balance: Camille has a credit of €50.00. [↩️ Undo]
    bot→camille: Sofiane has carried over your earlier balance: you have a credit of €50.00. [History]
    """
    play()


def test_opening_balances_from_a_file_are_shown_before_they_are_recorded(scene: Scene) -> None:
    """B30"""
    scene.sends("camille", "balances.csv", "name;amount\nLéa;-8.20\nNobody;3\nBruno;1.234\n".encode())
    said = scene.said("camille")
    assert said.startswith("This file cannot be used as it is; nothing was recorded: / Line 3: I do not know “Nobody”.")
    assert "Line 4: “1.234” could mean several amounts." in said
    scene.sends("camille", "balances.csv", "Léa;-8.20\nm2;3\n".encode())
    assert scene.said("camille") == (
        "1. Léa owes the group €8.20. ⚠️ adds to −€24.50 / 2. Bruno has a credit of €3.00. ⚠️ adds to €7.00"
        " / 2 opening balances, −€5.20 in all. Import them?"
    )
    scene.taps("camille", "Import")
    assert "you owe the group €8.20. With the rest of your account, you owe the group €32.70." in scene.said("lea")


def test_coordinators_see_all_balances_and_everybodys_history(play: Play) -> None:
    """
    B3, B6, B36

    camille: /balances
    bot: Les Paniers du Canal: 2 accounts are not at zero. /  / Owes · 1 · €24.50 / Léa: €24.50, since 12 November /  / Credit · 1 · €7.00 / Bruno: €7.00 /  / Settled up · 3 / Awa / Camille / Sofiane [Léa | Bruno | Oldest first | By name | Remind all | Receive | File | CSV]
    camille: [File]
    bot: The balances of “Les Paniers du Canal”.
    lea: /history
    bot: You owe the group €24.50. / 12/11/2026 · Opening balance: −€24.50
    camille: /history Léa
    bot: Léa owes the group €24.50. / 12/11/2026 · Opening balance: −€24.50 → −€24.50 (no. …, Ardoise) [Receive | Opening balance | Undo | Write off | ‹ Balances]
    camille: /journal
    bot: Journal / no. … · 12/11/2026 18:00 · Ardoise: Device linked · Sofiane / … [Earlier | Undo]
    """
    scene = play()
    file = next(shown.document for shown in scene.shown if shown.document)
    assert file.name == "balances.xlsx"

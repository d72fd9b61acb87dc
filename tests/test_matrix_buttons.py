"""Buttons on Matrix: reactions, numbers, labels; cards; what anybody may forge, repeat, correct or take away (B46, B48)."""

from __future__ import annotations

import json
from collections.abc import Generator
from typing import Any

import pytest
from sqlalchemy import select
from sqlmodel import col
from structlog.testing import capture_logs

from bot import outbox
from bot.chat import Message, Option, Place, RetryLaterError, UndeliverableError
from bot.chats.matrix import turns
from bot.chats.matrix.shown import SHOWN
from bot.ledger.errors import UnavailableError
from bot.ledger.store import Store
from bot.ledger.tables import PaymentRow
from bot.outbox import Letter
from tests.matrix_hall import BOT
from tests.matrix_scene import SALON, MatrixScene, scene_on, user_of

LEA, CAMILLE, SOFIANE = user_of("lea"), user_of("camille"), user_of("sofiane")


@pytest.fixture
def scene(sqlite_store: Store) -> Generator[MatrixScene]:
    with scene_on(sqlite_store, goes_on=True) as made:
        yield made


def payments(scene: MatrixScene) -> list[str]:
    """List the states of all payments."""
    with scene.store.read() as connection:
        return list(connection.execute(select(col(PaymentRow.state)).order_by(col(PaymentRow.number))).scalars())


def declared(scene: MatrixScene, typed: str = "/payer 24,50 chèque", who: str = "lea") -> None:
    """Have somebody declare a payment."""
    scene.says(who, typed)
    scene.says(who, "oui")


def test_a_question_that_is_answered_below_is_closed_to_the_eye(scene: MatrixScene) -> None:
    """Its answers and the bot's emojis go; only the newest question can be answered."""
    scene.says("lea", "/payer")
    room = scene.room("lea")
    question = scene.hall.last(room)
    assert question.signs() == ["1️⃣", "2️⃣", "✖️"]
    scene.says("lea", "1")
    assert question.body == "Combien avez-vous payé ?\n(question close)"
    assert question.signs() == []
    assert scene.hall.last(room).body.startswith("Par quel moyen ?")


def test_a_cards_number_is_taken_away(scene: MatrixScene) -> None:
    """B25: in a room of the bot's own it is redacted; where the bot has no such power, its author is told to do it."""
    scene.says("lea", "/solde")
    room = scene.room("lea")
    for power, gone in ((100, True), (0, False)):
        scene.hall.rooms[room].power = power
        scene.says("lea", "4242 4242 4242 4242")
        assert any(said.body.startswith("4242") for said in scene.hall.screen(room)) is not gone
        assert "On dirait le numéro d'une carte" in scene.hall.last(room).body


def test_a_question_tapped_becomes_the_next_one_in_place(scene: MatrixScene) -> None:
    """Its numbers change their style; what was set under it by its reader is taken away, so that it can be set again."""
    scene.says("lea", "/payer")
    room = scene.room("lea")
    question = scene.hall.last(room)
    scene.hall.reacts(LEA, room, question.id, "1️⃣")
    scene.run()
    assert question.body.startswith("Par quel moyen ?\n\n① Chèque")
    assert set(question.signs()) == {"①", "②", "③", "⬅️", "✖️"}
    assert question.signs(LEA) == []
    scene.hall.reacts(LEA, room, question.id, "⬅️")
    scene.run()
    assert question.body.startswith("Combien avez-vous payé ?\n\n❶ 24,50")


def test_where_the_bot_may_not_take_reactions_away_they_stay_and_nothing_else_suffers(scene: MatrixScene) -> None:
    scene.hall.rooms[SALON].power = 0
    declared(scene)
    declared(scene, who="bruno")
    card = scene.hall.last(SALON)
    for _time in range(2):
        scene.hall.reacts(CAMILLE, SALON, card.id, card.signs()[0])
        scene.run()
    assert card.signs(CAMILLE) == ["①", "❶"]
    assert payments(scene) == ["validated", "validated"]


def test_a_number_of_the_card_as_it_was_decides_nothing(scene: MatrixScene) -> None:
    """B46: Sofiane's « 1 » was meant for the payment he read, which Camille has just decided: it is not Bruno's."""
    declared(scene)
    declared(scene, who="bruno")
    card = scene.hall.last(SALON)
    read_by_both = card.signs()[0]
    scene.hall.reacts(CAMILLE, SALON, card.id, read_by_both)
    scene.run()
    scene.hall.reacts(SOFIANE, SALON, card.id, read_by_both)
    scene.run()
    assert payments(scene) == ["validated", "declared"]
    assert scene.hall.notices(SALON)[-1].startswith("Sofiane : Cela a changé entre-temps")


@pytest.mark.parametrize("typed", ["1", "Reçu"])
def test_what_is_typed_before_a_card_changes_is_not_for_what_it_shows_now(scene: MatrixScene, typed: str) -> None:
    """B46: Sofiane was typing for Léa's payment while Camille decided it; it is not Bruno's that he has received."""
    declared(scene)
    declared(scene, who="bruno")
    card = scene.hall.last(SALON)
    scene.hall.reacts(CAMILLE, SALON, card.id, card.signs()[0])
    scene.run()
    answer = {"msgtype": "m.text", "body": typed, "m.relates_to": {"m.in_reply_to": {"event_id": card.id}}}
    changed_ms = int(scene.now.timestamp() * 1000)
    for after_ms in (-500, 2_500):
        scene.hall.puts(SOFIANE, SALON, "m.room.message", answer, at_ms=changed_ms + after_ms)
        scene.run()
        assert payments(scene) == ["validated", "declared"]
        assert scene.hall.notices(SALON)[-1].startswith("Sofiane : Cela a changé entre-temps")
    scene.hall.puts(SOFIANE, SALON, "m.room.message", answer, at_ms=changed_ms + 10_000)
    scene.run()
    assert payments(scene) == ["validated", "validated"]


def test_two_coordinators_at_once_are_told_who_was_first(scene: MatrixScene) -> None:
    """B21: both reactions arrive before the card is drawn again."""
    declared(scene)
    card = scene.hall.last(SALON)
    scene.hall.reacts(CAMILLE, SALON, card.id, "1️⃣")
    scene.hall.reacts(SOFIANE, SALON, card.id, "1️⃣")
    scene.run()
    assert payments(scene) == ["validated"]
    assert "validé par Camille" in card.body


def test_a_member_in_the_room_cannot_use_the_card(scene: MatrixScene) -> None:
    """B43: the right is checked at every tap, and the refusal is said to who tapped."""
    scene.hall.enters(LEA, SALON)
    declared(scene)
    scene.hall.reacts(LEA, SALON, scene.hall.last(SALON).id, "1️⃣")
    scene.run()
    assert payments(scene) == ["declared"]
    assert scene.hall.notices(SALON) == ["Lea : !valider est réservé aux coordinateurs du groupe."]


def test_somebody_elses_question_is_not_answered(scene: MatrixScene) -> None:
    scene.says("camille", "/encaisser Léa 5", "salon")
    question = scene.hall.last(SALON)
    scene.hall.reacts(SOFIANE, SALON, question.id, "1️⃣")
    scene.run()
    assert "pas pour vous" in scene.hall.notices(SALON)[-1]
    assert "Par quel moyen ?" in scene.hall.last(SALON).body  # and it is still open


def test_what_people_say_to_one_another_in_the_room_is_no_answer(scene: MatrixScene) -> None:
    """« 1 » decides nothing there, unless it replies to the card, or to what its author is being asked."""
    declared(scene)
    card = scene.hall.last(SALON)
    before = len(scene.hall.screen(SALON))
    for said in ("1", "Reçu", "bonjour", "merci"):
        scene.hall.says(CAMILLE, SALON, said)
    scene.run()
    assert payments(scene) == ["declared"]
    assert len(scene.hall.screen(SALON)) == before + 4
    scene.hall.replies(CAMILLE, SALON, card.id, "1")
    scene.run()
    assert payments(scene) == ["validated"]


def test_what_one_is_asked_in_the_room_is_answered_without_replying(scene: MatrixScene) -> None:
    scene.says("camille", "/encaisser Léa 5 liquide", "salon")
    scene.hall.says(SOFIANE, SALON, "1")
    scene.run()
    assert payments(scene) == []
    scene.hall.says(CAMILLE, SALON, "1")
    scene.run()
    assert payments(scene) == ["validated"]


def test_a_reaction_that_names_a_message_of_another_room_does_nothing(scene: MatrixScene) -> None:
    """Relations can be forged: Bruno, in his own room, names Léa's question; Camille in private, the room's card."""
    scene.says("lea", "/payer 12 chèque")
    question = scene.hall.last(scene.room("lea"))
    scene.hall.reacts(user_of("bruno"), scene.room("bruno"), question.id, "1️⃣")
    declared(scene, who="bruno")
    scene.hall.reacts(CAMILLE, scene.room("camille"), scene.hall.last(SALON).id, "1️⃣")
    scene.hall.replies(CAMILLE, scene.room("camille"), scene.hall.last(SALON).id, "1")
    scene.run()
    assert payments(scene) == ["declared"]


def test_an_edit_that_is_not_its_authors_and_a_reply_to_nothing_have_no_effect(scene: MatrixScene) -> None:
    """Relations can be forged: a « correction » of the bot's question or of Camille's words, a reply to what is not there."""
    scene.says("lea", "/payer 12 chèque")
    question, room = scene.hall.last(scene.room("lea")), scene.room("lea")
    declared(scene, who="bruno")
    card = scene.hall.last(SALON)
    yes = {"m.new_content": {"msgtype": "m.text", "body": "oui"}}
    for user, where, of in ((LEA, room, question.id), (SOFIANE, SALON, card.id)):
        scene.hall.says(user, where, "* oui", **yes, **{"m.relates_to": {"rel_type": "m.replace", "event_id": of}})
    for event in ("$nowhere", question.id, room):
        scene.hall.replies(SOFIANE, SALON, event, "1")
        scene.hall.reacts(SOFIANE, SALON, event, "1️⃣")
    scene.run()
    assert payments(scene) == ["declared"]
    assert card.body.startswith("À valider · 1 sur 1")
    assert scene.hall.last(room).body.startswith("Corriger un message")
    scene.says("lea", "oui")  # the question still waits for her own word
    assert payments(scene) == ["declared", "declared"]


@pytest.mark.parametrize("key", ["🎉", "👍", "x" * 30, "9️⃣", "❶"])
def test_other_emojis_under_a_question_are_no_answers(scene: MatrixScene, key: str) -> None:
    scene.says("lea", "/payer 12 chèque")
    question = scene.hall.last(scene.room("lea"))
    scene.hall.reacts(LEA, scene.room("lea"), question.id, key)
    scene.run()
    assert payments(scene) == []
    assert question.body.startswith("Déclarer 12,00")


def test_the_same_event_twice_has_its_effect_once(scene: MatrixScene) -> None:
    """B46: a batch that comes again, after a crash before its token was kept."""
    scene.says("lea", "/payer 12 chèque")
    scene.hall.says(LEA, scene.room("lea"), "oui")
    batch = scene.hall.batch()
    for _time in range(2):
        scene.again(batch)
    assert payments(scene) == ["declared"]


def test_a_batch_is_not_acknowledged_before_it_is_on_disk(scene: MatrixScene) -> None:
    """B46: the database is away for its second event; the whole batch comes again, each event has its effect once."""
    scene.hall.says(LEA, scene.room("lea"), "!solde")
    scene.hall.says(user_of("bruno"), scene.room("bruno"), "!solde")
    batch, received = scene.hall.batch(), scene._received
    heard: list[str] = []

    async def away(incoming: Any) -> Any:
        heard.append(incoming.address.user)
        if len(heard) == 2:
            raise UnavailableError("disk full")
        return await received(incoming)

    scene.restart(away)
    with pytest.raises(UnavailableError):
        scene.again(batch)
    scene.again(batch)
    assert heard == [LEA, user_of("bruno"), LEA, user_of("bruno")]
    for who in ("lea", "bruno"):
        assert [said.sender for said in scene.hall.screen(scene.room(who))].count(BOT) == 1


def test_an_event_that_meets_a_bug_does_not_hold_up_the_others(
    scene: MatrixScene, monkeypatch: pytest.MonkeyPatch
) -> None:
    """B48: it is said in the log, without a word of what was written."""
    turn = turns.turn

    def broken(connection: Any, found: Any, *rest: Any) -> Any:
        if found.sender == LEA:
            raise ZeroDivisionError
        return turn(connection, found, *rest)

    monkeypatch.setattr(turns, "turn", broken)
    scene.hall.says(LEA, scene.room("lea"), "mon secret")
    scene.hall.says(user_of("bruno"), scene.room("bruno"), "!solde")
    with capture_logs() as logs:
        scene.run()
    assert [line["event"] for line in logs] == ["bug"]
    assert "secret" not in json.dumps([{k: str(v) for k, v in line.items()} for line in logs if "exc_info" not in line])
    assert "Dans «" in scene.hall.last(scene.room("bruno")).body


def test_correcting_a_command_changes_nothing_and_is_said_once(scene: MatrixScene) -> None:
    """B48: who changes « 12 » to « 15 » in a message that was read must know that it stays 12."""
    room = scene.room("lea")
    event = scene.hall.says(LEA, room, "!payer 12 chèque")
    scene.run()
    new = {"m.new_content": {"msgtype": "m.text", "body": "!payer 15 chèque"},
           "m.relates_to": {"rel_type": "m.replace", "event_id": event}}  # fmt: skip
    scene.hall.says(LEA, room, "* !payer 15 chèque", **new)
    batch = scene.hall.batch()
    for _time in range(2):
        scene.again(batch)
    assert scene.hall.last(room).body.startswith("Corriger un message")
    assert sum("Corriger" in said.body for said in scene.hall.screen(room)) == 1
    scene.says("lea", "oui")
    assert "12,00" in scene.hall.last(room).body


def test_a_message_without_its_key_is_said_once_a_day(scene: MatrixScene) -> None:
    room = scene.room("lea")
    for days in (0, 0, 2):
        scene.later(days=days)
        scene.hall.puts(LEA, room, "m.room.encrypted", {"algorithm": "m.megolm.v1.aes-sha2"})
        scene.run()
    assert [said.body.split(",")[0] for said in scene.hall.screen(room)] == [
        "Je n'arrive pas à lire un message : il est chiffré"
    ] * 2


def test_taking_a_command_back_changes_nothing(scene: MatrixScene) -> None:
    room = scene.room("lea")
    event = scene.hall.says(LEA, room, "!payer 12 chèque")
    scene.run()
    scene.says("lea", "oui")
    scene.hall.deletes(LEA, room, event)
    scene.run()
    assert payments(scene) == ["declared"]


def test_unknown_events_other_bots_and_ones_own_echo_are_left_alone(scene: MatrixScene) -> None:
    room = scene.room("lea")
    for kind, content in (
        ("fr.inconnu", {"body": "!solde"}), ("m.room.message", {"msgtype": "m.notice", "body": "!solde"}),
        ("m.room.message", {}), ("m.reaction", {"m.relates_to": {}}), ("m.call.invite", {"call_id": "1"}),
    ):  # fmt: skip
        scene.hall.puts(LEA, room, kind, content)
    scene.hall.puts(LEA, room, "m.room.topic", {"topic": "!solde"}, state_key="")
    scene.hall.puts(BOT, room, "m.room.message", {"msgtype": "m.text", "body": "!solde"})
    before = len([said for said in scene.hall.screen(room) if said.sender == BOT])
    scene.run()
    assert len([said for said in scene.hall.screen(room) if said.sender == BOT]) == before


def test_a_huge_message_gets_an_answer_like_any_other(scene: MatrixScene) -> None:
    scene.says("lea", "x" * 60_000)
    assert "Je n'ai pas compris" in scene.hall.last(scene.room("lea")).body
    scene.says("lea", "!payer " + "9 " * 10_000)
    assert "trop long" in scene.hall.last(scene.room("lea")).body


def test_what_is_neither_text_nor_file_is_answered_in_private_only(scene: MatrixScene) -> None:
    place = {"msgtype": "m.location", "body": "ici", "geo_uri": "geo:1,2"}
    scene.hall.puts(LEA, scene.room("lea"), "m.room.message", place)
    scene.hall.puts(CAMILLE, SALON, "m.room.message", place)
    before = len(scene.hall.screen(SALON))
    scene.run()
    assert "du texte et des fichiers" in scene.hall.last(scene.room("lea")).body
    assert len(scene.hall.screen(SALON)) == before


@pytest.mark.parametrize("encrypted", [False, True])
def test_files_are_sent_and_received(scene: MatrixScene, *, encrypted: bool) -> None:
    """A coordinator's file of opening balances comes; their list of balances goes out as a file."""
    room = scene.room("camille")
    scene.hall.rooms[room].encrypted = encrypted
    scene.sends("camille", "soldes.csv", b"nom;montant\nAwa;-8,00\n")
    assert "Awa" in scene.hall.last(room).body
    scene.says("camille", "/soldes")
    scene.taps("camille", "Fichier")
    files = [
        said.content
        for said in scene.hall.screen(room)
        if said.content["msgtype"] == "m.file" and "filename" in said.content
    ]
    assert files
    assert ("file" in files[-1]) is encrypted


def test_a_file_too_large_or_gone_is_said(scene: MatrixScene) -> None:
    content = {"msgtype": "m.file", "body": "x.csv", "url": "mxc://localhost/gone", "info": {"size": 10}}
    scene.hall.puts(CAMILLE, scene.room("camille"), "m.room.message", content)
    scene.run()
    assert "Je n'ai pas pu lire ce fichier" in scene.hall.last(scene.room("camille")).body


def test_a_long_message_comes_in_pieces_and_the_last_has_the_buttons(scene: MatrixScene) -> None:
    room, lines = scene.room("lea"), "\n".join(f"ligne {n} — é" for n in range(1_500))
    letter = Letter(Place("matrix", LEA), Message(lines, ((Option("Solde", "c1:solde"),),)))
    scene.store.write(lambda connection: outbox.post(connection, [letter])).result()
    scene.run()
    shown = [said for said in scene.hall.screen(room) if said.sender == BOT]
    assert len(shown) > 1
    assert [bool(said.signs()) for said in shown] == [False] * (len(shown) - 1) + [True]
    assert "\n".join(said.body for said in shown).replace("\n\n1️⃣ Solde", "") == lines


def test_a_homeserver_that_asks_for_patience_is_obeyed_and_nothing_is_said_twice(scene: MatrixScene) -> None:
    """B47: a send refused for now comes later; reactions refused are done without: the number can be typed."""
    scene.hall.refuse("send", RetryLaterError("busy", after_seconds=5))
    scene.says("lea", "/payer 12 chèque")
    room = scene.room("lea")
    assert [said.sender for said in scene.hall.screen(room)] == [LEA]
    scene.hall.refuse("react", UndeliverableError("400"))
    scene.later(seconds=6)
    scene.run()
    question = scene.hall.last(room)
    assert question.signs() == ["2️⃣", "⬅️"]
    scene.says("lea", "1")
    assert payments(scene) == ["declared"]


def test_a_send_that_is_tried_again_is_one_message(scene: MatrixScene) -> None:
    """B47: it was sent, and the note of it lost: the row's token makes it the same message."""
    lost = Message("Bonjour", ((Option("Solde", "c1:solde"),),))
    sender, place = scene.sender(), Place("matrix", LEA)
    first = scene.loop.run_until_complete(sender.send(place, lost, None, "token"))
    again = scene.loop.run_until_complete(sender.send(place, lost, None, "token"))
    assert first == again
    shown = scene.hall.screen(scene.room("lea"))
    assert len(shown) == 1
    assert shown[0].signs() == ["1️⃣"]


def test_reading_and_writing_are_shown(scene: MatrixScene, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bot.chats.matrix.manners.SLOW_SECONDS", 0.0)
    event = scene.hall.says(LEA, scene.room("lea"), "!solde")
    scene.run()
    assert scene.hall.read == [(scene.room("lea"), event)]
    assert scene.hall.typing == [scene.room("lea")]


def test_what_is_remembered_of_messages_is_forgotten_in_time(scene: MatrixScene) -> None:
    scene.says("lea", "/solde")
    scene.later(days=100)
    scene.says("bruno", "/solde")
    with scene.store.read() as connection:
        assert {row.chat for row in connection.execute(select(SHOWN))} == {user_of("bruno")}


def test_a_small_amount_is_typed_with_its_cents_where_answers_are_numbered(scene: MatrixScene) -> None:
    """B48: « 1 » is the first answer, « 1 € » and « 1,00 » are amounts; what is agreed to shows which it was."""
    for typed, amount in (("1", "24,50"), ("1 €", "1,00"), ("2,00", "2,00")):
        scene.says("lea", "/payer")
        scene.says("lea", typed)
        scene.says("lea", "chèque")
        assert f"Déclarer {amount}" in scene.hall.last(scene.room("lea")).body


def test_a_bare_number_is_an_answer_where_there_is_one_and_an_amount_where_there_is_not(scene: MatrixScene) -> None:
    """B48: « 2 » of two answers is « Autre montant », « 3 » is 3,00 €; each is read back before anything is declared."""
    room = scene.room("lea")
    for typed, read_back in (("2", "Écrivez le montant"), ("3", "Par quel moyen"), ("24", "Par quel moyen")):
        scene.says("lea", "/payer")
        scene.says("lea", typed)
        assert scene.hall.last(room).body.startswith(read_back)
    scene.says("lea", "2")  # of the methods: not 2,00 €
    assert scene.hall.last(room).body.startswith("Déclarer 24,00\xa0€ en liquide")
    scene.says("lea", "3")  # neither of Oui and Non
    assert payments(scene) == []
    scene.says("lea", "2")
    assert payments(scene) == []


def test_a_bare_number_in_answer_to_how_much_is_read_back_before_money_moves(scene: MatrixScene) -> None:
    """B48: Bruno's avoir is less than he asked for; « 1 » is all of it, and Camille sees so before she agrees."""
    scene.says("bruno", "/remboursement")
    for label in ("Tout, 7,00 €", "Liquide", "Demander"):
        scene.taps("bruno", label)
    scene.says("camille", "/rembourser bruno 4 liquide")
    scene.says("camille", "oui")
    scene.taps("camille", "Rendu", "salon")
    scene.says("camille", "1", "salon")
    assert scene.hall.last(SALON).body.startswith("Rendre 3,00\xa0€ à Bruno en liquide ?")
    scene.says("camille", "non", "salon")
    scene.taps("camille", "Rendu", "salon")
    scene.says("camille", "1 €", "salon")
    assert scene.hall.last(SALON).body.startswith("Rendre 1,00\xa0€ à Bruno en liquide ?")


def test_a_number_answers_the_question_that_waits_whatever_was_told_meanwhile(scene: MatrixScene) -> None:
    """Camille receives 5 € from Léa while she chooses how to pay 12 €: « 1 » is still « Chèque », « Solde » the new button."""
    scene.says("lea", "/payer 12")
    scene.says("camille", "/encaisser Léa 5 liquide")
    scene.says("camille", "oui")
    room = scene.room("lea")
    assert "5,00" in scene.hall.last(room).body
    scene.says("lea", "1")
    assert scene.hall.last(room).body.startswith("Déclarer 12,00\xa0€ par chèque")
    scene.says("lea", "non")
    scene.says("lea", "/payer")
    scene.says("camille", "/encaisser Léa 6 liquide")
    scene.says("camille", "oui")
    scene.says("lea", "Historique")
    assert "6,00" in scene.hall.last(room).body


@pytest.mark.parametrize("said", ["oui", "1", "Déclarer"])
def test_words_that_arrive_late_agree_to_nothing_that_was_asked_since(scene: MatrixScene, said: str) -> None:
    """B48: their key came an hour later; a command that arrives late is served, an answer to what is asked now it is not."""
    since = int(scene.now.timestamp() * 1000)
    scene.later(hours=1)
    scene.says("lea", "/payer 12 chèque")
    room = scene.room("lea")
    for text in (said, "!historique"):
        content = {"msgtype": "m.text", "body": text}
        scene.hall.puts(LEA, room, "m.room.message", content, waited_since_ms=since)
    scene.run()
    assert payments(scene) == []
    bodies = [one.body for one in scene.hall.screen(room) if one.sender == BOT]
    assert any("n'a pu m'arriver que maintenant" in body for body in bodies)
    assert any("Reprise de solde" in body for body in bodies)


def test_words_that_arrive_a_moment_late_answer_what_was_asked_before_them(scene: MatrixScene) -> None:
    scene.says("lea", "/payer 12 chèque")
    since = int((scene.now.timestamp() + 1) * 1000)
    scene.later(seconds=5)
    scene.hall.puts(
        LEA, scene.room("lea"), "m.room.message", {"msgtype": "m.text", "body": "oui"}, waited_since_ms=since
    )
    scene.run()
    assert payments(scene) == ["declared"]


def test_where_the_homeserver_counts_messages_come_before_reactions(scene: MatrixScene) -> None:
    """B47: limits that the host has not lifted are for what is said; numbers are typed meanwhile."""
    scene.hall.refuse("react", RetryLaterError("too many requests", after_seconds=5))
    with capture_logs() as logs:
        scene.says("lea", "/payer 12")
        scene.says("lea", "1")
        scene.says("lea", "1")
    assert payments(scene) == ["declared"]
    assert not any(said.signs() for said in scene.hall.screen(scene.room("lea")))
    assert [line["event"] for line in logs if line["log_level"] == "warning"] == ["no reactions are set for a while"]


def test_on_either_database(store: Store) -> None:
    """What is remembered of messages, rooms and people is written and found on SQLite and PostgreSQL alike."""
    with scene_on(store, goes_on=True) as scene:
        declared(scene)
        card = scene.hall.last(SALON)
        scene.hall.reacts(CAMILLE, SALON, card.id, card.signs()[0])
        scene.run()
        assert payments(scene) == ["validated"]
        for _time in range(2):
            scene.hall.puts(LEA, scene.room("lea"), "m.room.encrypted", {})
            scene.run()
        scene.hall.enters(SOFIANE, scene.room("lea"))
        scene.hall.says(LEA, scene.room("lea"), "!solde")
        scene.run()
        assert scene.hall.last(scene.room("lea")).body.startswith("Nous ne sommes plus seuls ici")
        since = int(scene.now.timestamp() * 1000) - 1_000
        scene.hall.puts(CAMILLE, scene.room("camille"), "m.room.message", {"msgtype": "m.text", "body": "oui"},
                        waited_since_ms=since)  # fmt: skip
        scene.run()
        assert payments(scene) == ["validated"]


def test_a_question_left_in_the_room_does_not_answer_everything_its_author_says_there(scene: MatrixScene) -> None:
    """Camille was asked how much she received, and went on talking with Sofiane; a reply answers even then."""
    declared(scene)
    scene.hall.reacts(CAMILLE, SALON, scene.hall.last(SALON).id, "2️⃣")
    scene.run()
    question = scene.hall.last(SALON)
    assert "Combien" in question.body
    scene.later(minutes=11)
    before = len(scene.hall.screen(SALON))
    for text in ("c'était combien ?", "20", "1", "annuler"):
        scene.hall.says(CAMILLE, SALON, text)
    scene.run()
    assert len(scene.hall.screen(SALON)) == before + 4
    scene.hall.replies(CAMILLE, SALON, question.id, "20")
    scene.run()
    assert payments(scene) == ["validated"]

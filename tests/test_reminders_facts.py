"""The facts of reminders: kept as they are for ever, without a word of anybody's; checked by the audit, each check by its damage."""

from __future__ import annotations

import json
from dataclasses import fields

import pytest
from sqlalchemy import insert, update

from bot.ledger.audit import audit
from bot.ledger.facts import Method, decode, kinds
from bot.ledger.money import Cents
from bot.ledger.postings import postings
from bot.ledger.store import Store
from bot.reminders import apply as reminders_apply
from bot.reminders.facts import (
    ContactNoted,
    CreditRecalled,
    QuestionAsked,
    RefundAsked,
    ReminderRuleChosen,
    ReminderSent,
)
from bot.reminders.tables import REFUND, REMINDED, RULES
from tests.reminded import tell
from tests.transcripts import Scene

GOLDEN = [
    ("ReminderSent", 1, '{"address":1,"amount":2450,"member":3,"step":1}'),
    ("DebtHandedOver", 1, '{"amount":2450,"member":3}'),
    ("ReminderListShown", 1, '{"members":[3,5]}'),
    ("ReminderListDecided", 1, '{"agreed":true,"shown":12}'),
    ("ReminderPutOff", 1, '{"day":"2026-12-04","member":3}'),
    ("RemindersChosen", 1, '{"member":3,"wanted":false}'),
    ("QuestionAsked", 1, '{"member":3}'),
    ("ReminderRuleChosen", 1, '{"rule":"floor","value":-1}'),
    ("DigestSent", 1, '{"away":2,"before":null,"having":700,"owed":2450}'),
    ("ReminderTimesChosen", 1, '{"ends":12,"member":3,"starts":8,"weekday":5}'),
    ("RemindersPaused", 1, '{"member":3,"until":"2026-12-31"}'),
    ("CreditRecalled", 1, '{"address":1,"amount":700,"member":2,"months":3}'),
    ("RefundAsked", 1, '{"amount":700,"member":2,"method":"transfer"}'),
    ("RefundWithdrawn", 1, '{"asked":31,"member":2}'),
    ("RefundDecided", 1, '{"asked":31,"granted":false,"member":2}'),
    ("ContactNoted", 1, '{"member":3}'),
]


@pytest.mark.parametrize(("kind", "version", "kept"), GOLDEN)
def test_what_was_kept_once_still_means_the_same(kind: str, version: int, kept: str) -> None:
    fact = decode(kind, json.loads(kept), version)
    assert postings(fact) == (), "reminding moves no money"
    assert json.dumps(fact.kept(), separators=(",", ":"), sort_keys=True) == kept


def test_every_kind_has_its_example() -> None:
    ours = {name for name, kind in kinds().items() if kind.__module__ == "bot.reminders.facts"}
    assert {kind for kind, _version, _kept in GOLDEN} == ours


def test_no_words_of_a_member_are_kept() -> None:
    """B44: a question is passed on, and not kept."""
    assert QuestionAsked(1, "Je suis au chômage").kept() == {"member": 1}
    assert "note" not in RefundAsked(1, Cents(700), Method.TRANSFER, "FR76 3000").kept()
    assert ContactNoted(1, "06 12 34 56 78").kept() == {"member": 1}
    for name, kind in kinds().items():
        if kind.__module__ == "bot.reminders.facts":
            texts = {f.name for f in fields(kind) if f.type == "str" and not f.metadata.get("private")}
            assert texts <= {"day", "rule", "until"}, name


@pytest.mark.parametrize(
    ("rule", "value"), [("group_id", 2), ("approved", 1), ("hour", -1), ("next_at", 0), ("credit_months", -1)]
)
def test_only_rules_can_be_chosen(scene: Scene, rule: str, value: int) -> None:
    with pytest.raises(ValueError, match="no rule of reminders"):
        tell(scene, ReminderRuleChosen(rule, value))


def test_the_journal_still_names_the_floor_that_reminders_had(scene: Scene) -> None:
    """A fact of then is read, and said in the words of then; it changes no rule."""
    for value in (5000, -1):
        tell(scene, ReminderRuleChosen("floor", value))
    scene.says("camille", "/journal")
    said = scene.said("camille")
    assert "Réglage des rappels · Plancher de la cagnotte : 50,00 €" in said
    assert "Réglage des rappels · Plancher de la cagnotte : aucun" in said


def test_a_reminder_that_no_fact_sent_is_found(unaudited_store: Store) -> None:
    scene = Scene(unaudited_store)
    tell(scene, ReminderSent(1, 1, Cents(2450), 1))
    with scene.store.read() as connection:
        assert audit(connection) == []
    scene.change(update(REMINDED).values(step=3))
    with scene.store.read() as connection:
        assert [found.check for found in audit(connection)] == ["rappel"]


def test_a_list_that_nobody_was_shown_is_found(unaudited_store: Store) -> None:
    scene = Scene(unaudited_store)
    scene.store.write(lambda connection: reminders_apply.begin(connection, 1, scene.now)).result()
    scene.change(update(RULES).values(list_fact=1))
    with scene.store.read() as connection:
        assert [found.check for found in audit(connection)] == ["rappel"]


def test_an_avoir_that_no_fact_recalled_is_found(unaudited_store: Store) -> None:
    scene = Scene(unaudited_store)
    tell(scene, CreditRecalled(2, Cents(700), 3, 1))
    assert found(scene) == []
    scene.change(update(REMINDED).values(member=1))
    assert found(scene) == ["rappel"]


@pytest.mark.parametrize("damage", [{"amount": 900}, {"member": 1}, {"method": "cheque"}, {"number": 1}])
def test_a_refund_that_nobody_asked_for_is_found(unaudited_store: Store, damage: dict[str, object]) -> None:
    scene = Scene(unaudited_store)
    tell(scene, RefundAsked(2, Cents(700), Method.CASH, "sous enveloppe"))
    assert found(scene) == []
    scene.change(update(REFUND).values(**damage))
    assert found(scene) == ["rappel"]


def found(scene: Scene) -> list[str]:
    """Name the checks that find something wrong."""
    with scene.store.read() as connection:
        return [wrong.check for wrong in audit(connection)]


def test_a_row_of_a_member_never_reminded_is_nothing_wrong(scene: Scene) -> None:
    row = {
        "group_id": 1,
        "member": 1,
        "step": 0,
        "fact": 0,
        "at": None,
        "later_at": None,
        "put_off": 0,
        "wanted": False,
    }
    scene.change(insert(REMINDED).values(**row, handed_at=None))

"""Conversations are replayed: what fits is kept, what no longer fits is asked again saying why: B12, B48."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import pytest

from bot.conversation import (
    Answers,
    Asking,
    Ended,
    MisunderstoodError,
    Question,
    Script,
    answered_ahead,
    ask,
    mark_of,
    replay,
)
from bot.ledger.money import Cents
from bot.questions import Amount, Choice, Consent, Text, choose, confirm
from bot.words import speaking
from tests.shop import THINGS, shopping


def pay(suggested: int = 2450) -> Script:
    """Ask for an amount, a method and consent."""
    amount = yield from ask(Amount("montant", "Combien ?", (Cents(suggested),)))
    method = yield from choose("moyen", "Par quel moyen ?", THINGS)
    if not (yield from confirm(f"Déclarer {amount} par {method}, de {suggested} dus ?")):
        return "rien"
    return f"{amount} {method}"


def asking(state: Asking | Ended) -> Asking:
    assert isinstance(state, Asking)
    return state


def consent(state: Asking | Ended) -> str:
    return asking(state).question.name


ANSWERS: Answers = (("montant", "1200"), ("moyen", "cash"))


def test_the_first_question_without_an_answer_is_asked() -> None:
    assert asking(replay(pay(), ())).question.name == "montant"
    assert asking(replay(pay(), ANSWERS[:1])).question.name == "moyen"
    assert asking(replay(pay(), ANSWERS)).question.text == "Déclarer 1200 par liquide, de 2450 dus ?"


def test_with_all_answers_it_ends_in_its_outcome() -> None:
    agreed = (*ANSWERS, (consent(replay(pay(), ANSWERS)), "yes"))
    assert replay(pay(), agreed) == Ended("1200 liquide", agreed)
    assert replay(pay(), (*agreed[:2], (agreed[2][0], "no"))) == Ended("rien", (*agreed[:2], (agreed[2][0], "no")))


def test_an_answer_that_no_longer_fits_is_dropped_with_those_after_it_and_the_question_says_why() -> None:
    state = asking(replay(pay(), (("montant", "1200"), ("moyen", "kitty"), ("consent-0", "yes"))))
    assert (state.question.name, state.answers) == ("moyen", ANSWERS[:1])
    assert state.trouble is not None
    assert state.trouble.sentence == "Ce choix n'est plus possible."


def test_a_question_that_comes_instead_of_another_drops_its_answer_and_says_so() -> None:
    state = asking(replay(pay(), (("montant", "1200"), ("somme", "x"), ("moyen", "cash"))))
    assert (state.question.name, state.answers) == ("moyen", ANSWERS[:1])
    assert state.trouble is not None
    assert state.trouble.sentence == "Quelque chose a changé entre-temps."


def test_consent_to_one_text_is_none_to_another() -> None:
    """B12: the amount due changes between the question and the answer."""
    agreed = (*ANSWERS, (consent(replay(pay(), ANSWERS)), "yes"))
    state = asking(replay(pay(suggested=900), agreed))
    assert state.question.text == "Déclarer 1200 par liquide, de 900 dus ?"
    assert state.answers == ANSWERS
    assert state.trouble is not None


def test_replay_closes_what_it_has_begun() -> None:
    closed = []

    def script() -> Script:
        try:
            yield from ask(Text("nom", "?"))
        finally:
            closed.append(True)
        return "fini"

    replay(script(), ())
    assert closed == [True]


def test_a_mark_changes_with_anything_that_is_shown() -> None:
    shown: list[Question[Any]] = [
        Amount("montant", "Combien ?", (Cents(100),)),
        Amount("montant", "Combien ?", (Cents(200),)),
        Amount("montant", "Combien donc ?", (Cents(100),)),
        Amount("recu", "Combien ?", (Cents(100),)),
        Consent("Payer ?"),
        Consent("Payer ?", "Payer"),
    ]
    marks = {mark_of(question) for question in shown}
    assert len(marks) == len(shown)
    assert all(len(mark) == 8 for mark in marks)
    assert mark_of(shown[0]) == mark_of(Amount("montant", "Combien ?", (Cents(100),)))


def test_the_same_question_in_another_language_has_another_mark() -> None:
    question = Amount("montant", "Combien ?", (Cents(100),))
    with speaking("en"):
        english = mark_of(question)
    assert english != mark_of(question)


@pytest.mark.parametrize(
    ("typed", "answers"),
    [
        ("", ()),
        ("12,50", (("montant", "1250"),)),
        ("1 234,56 liquide", (("montant", "123456"), ("moyen", "cash"))),
        ("12€ chèque", (("montant", "1200"), ("moyen", "cheque"))),
        ("chèque", ()),
        ("12 carte bleue", (("montant", "1200"),)),
        ("12 liquide oui", (("montant", "1200"), ("moyen", "cash"))),
    ],
)
def test_words_typed_ahead_answer_the_first_questions_the_longest_reading_first(typed: str, answers: Answers) -> None:
    assert asking(answered_ahead(pay(), typed.split())).answers == answers


@pytest.mark.parametrize("typed", ["12 50", "12 50 chèque", "1.234 liquide", "12,505"])
def test_ambiguous_words_typed_ahead_are_never_read_in_part(typed: str) -> None:
    state = asking(answered_ahead(pay(), typed.split()))
    assert state.answers == ()
    assert state.trouble is not None
    assert "plusieurs montants" in state.trouble.sentence


def test_words_that_answer_nothing_say_why() -> None:
    state = asking(answered_ahead(pay(), ["12", "bitcoin"]))
    assert state.trouble is not None
    assert state.trouble.sentence.startswith("Choisissez une des réponses proposées")


def test_consent_is_never_typed_ahead() -> None:
    def script() -> Script:
        agreed = yield from confirm("Tout effacer ?")
        return "effacé" if agreed else "gardé"

    assert isinstance(answered_ahead(script(), ["oui"]), Asking)


def test_a_conversation_may_call_another() -> None:
    def outer() -> Script:
        said = yield from pay()
        again = yield from confirm(f"{said} : d'accord ?")
        return f"{said} {again}"

    inner = (*ANSWERS, (consent(replay(pay(), ANSWERS)), "yes"))
    state = asking(replay(outer(), inner))
    assert state.question.text == "1200 liquide : d'accord ?"


@pytest.mark.parametrize("count", [150, 500])
def test_long_conversations_replay_whole(count: int) -> None:
    answers = tuple((f"ligne{rank}", str(rank % 7 + 1)) for rank in range(count))
    assert asking(replay(shopping(), answers)).question.name == f"ligne{count}"
    ended = replay(shopping(), (*answers, (f"ligne{count}", "done")))
    assert ended == Ended(f"{count} lignes, {sum(rank % 7 + 1 for rank in range(count))}", ended.answers)


@dataclass(frozen=True)
class Withdrawn:
    """A choice of products, one of which is withdrawn meanwhile."""

    left: tuple[str, ...]

    def script(self) -> Script:
        chosen: list[str] = []
        for rank in itertools.count():
            things = {answer: answer.token for answer in THINGS if answer.token in self.left}
            picked: str = yield from ask(Choice(f"produit{rank}", "Quoi ?", things))
            chosen.append(picked)
            if len(chosen) == 3:
                return " ".join(chosen)
        raise AssertionError


def test_of_many_answers_those_before_the_one_that_no_longer_fits_are_kept() -> None:
    answers = (("produit0", "cash"), ("produit1", "cheque"), ("produit2", "cash"))
    assert replay(Withdrawn(("cash", "cheque")).script(), answers) == Ended("cash cheque cash", answers)
    state = asking(replay(Withdrawn(("cash",)).script(), answers))
    assert (state.question.name, state.answers) == ("produit1", answers[:1])


class Grumpy:
    """A question that never understands."""

    name = "grumpy"
    text = "?"
    options: Sequence[Any] = ()
    typed_ahead = True

    def understand(self, text: str) -> str:
        raise MisunderstoodError(f"non à {text}")

    def value(self, token: str) -> str:
        raise MisunderstoodError(f"jamais {token}")


class TooLate(Grumpy):
    """A question that understands a word, of which the first is no longer an answer."""

    def understand(self, text: str) -> str:
        if " " in text:
            raise MisunderstoodError("un mot")
        return text

    def value(self, token: str) -> str:
        if token == "a":
            raise MisunderstoodError("plus a")
        return token


def test_a_word_that_is_no_longer_an_answer_is_not_passed_over_for_the_next() -> None:
    def script() -> Script:
        return (yield from ask(TooLate()))

    state = asking(answered_ahead(script(), ["a", "b"]))
    assert state.answers == ()
    assert state.trouble is not None
    assert state.trouble.sentence == "plus a"


def test_the_trouble_told_is_that_of_the_shortest_reading() -> None:
    def script() -> Script:
        yield from ask(Grumpy())
        return "fini"

    state = asking(answered_ahead(script(), ["a", "b"]))
    assert state.trouble is not None
    assert state.trouble.sentence == "non à a"

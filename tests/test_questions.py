"""Every question answers bad input with a sentence and takes nothing; no token is trusted: B48."""

from __future__ import annotations

import re
from collections.abc import Generator
from datetime import date
from typing import Any

import pytest

from bot.conversation import Answer, FileQuestion, MisunderstoodError, Question
from bot.demo_group import seed
from bot.desk.text import tidy
from bot.groups.people import Group
from bot.handlers.opening import Reach
from bot.handlers.people import NewOrKnown
from bot.handlers.who import WhichMember
from bot.ledger.money import Cents
from bot.ledger.store import Store
from bot.questions import MAX_AMOUNT, Amount, Choice, Consent, Day, SentFile, Text, folded
from bot.words import speaking
from tests.transcripts import BEGINNING

TODAY = date(2026, 11, 24)
AMOUNT = Amount("montant", "Combien ?", (Cents(2450),))
SIGNED = Amount("montant", "Combien ?", signed=True)
METHOD = Choice(
    "moyen", "Comment ?", {Answer("cheque", "Chèque"): 1, Answer("cash", "Liquide"): 2}, {"cash": ["espèces"]}
)
CONSENT = Consent("Déclarer 24,50 € ?", "Déclarer")
REASON = Text("raison", "Pourquoi ?", ("Pas reçu",), skippable=True)
NAME = Text("nom", "Quel nom ?", limit=60)
DAY = Day("jour", "Quand ?", TODAY)
FILE = SentFile("fichier", "Envoyez-le.", lambda number: b"%d" % number)
REACH = Reach("montant", "Combien ?")

HOSTILE = [
    "",
    " ",
    "x" * 5_000,
    "1" * 5_000,
    "\x00",
    "\x0e12\x0f",
    "\u202e05,21",
    "<b>12</b>",
    "١٢",
    "１２,５０€€",
    "1e3",
    "12 50",
    "1.234",
    "12,505",
    "NaN",
    "0x10",
    "1_000",
    "--5",
    "²",
    "!back",
    "m1;drop table",
    "😀",
]


def refused(question: Question[Any], typed: str) -> str:
    """Give the sentence with which what was typed is refused."""
    with pytest.raises(MisunderstoodError) as found:
        question.value(question.understand(typed))
    sentence = found.value.sentence
    assert sentence
    assert not re.search(r"[{}\x00-\x08\x0b-\x1f\u202a-\u202e]", sentence)
    return sentence


@pytest.mark.parametrize(
    ("typed", "says"),
    [
        ("1.234", "plusieurs montants"),
        ("12,505", "plusieurs montants"),
        ("12 50", "plusieurs montants"),
        ("1e3", "n'est pas un montant"),
        ("", "n'est pas un montant"),
        ("deux cents", "n'est pas un montant"),
        ("vingt euros cinquante", "n'est pas un montant"),
        ("un", "n'est pas un montant"),
        ("١٢", "n'est pas un montant"),
        ("<b>12</b>", "« <b>12</b> » n'est pas un montant"),
        ("\u202e05,21", "n'est pas un montant"),
        ("1" * 5_000, "n'est pas un montant"),
        ("0", "Zéro ne change rien"),
        ("0,00 €", "Zéro ne change rien"),
        ("-12", "sans signe moins"),
        ("10000,01", "Le plus grand montant possible est 10\u202f000,00\u00a0€"),
        ("99999999999", "c'est trop"),
        ("Autre montant", "Écrivez le montant, par exemple 12,50."),
    ],
)
def test_amounts_that_are_refused_say_what_is_wrong(typed: str, says: str) -> None:
    assert says in refused(AMOUNT, typed)


@pytest.mark.parametrize(
    ("typed", "cents"),
    [
        *[("12,5", 1250), ("24,50 €", 2450), ("€3", 300), ("10 000", MAX_AMOUNT), ("0,01", 1)],
        *[("douze", 1200), ("Vingt-cinq euros", 2500), ("soixante et onze", 7100), ("cent", 10000)],
    ],
)
def test_amounts_are_read_as_people_type_them(typed: str, cents: int) -> None:
    assert AMOUNT.value(AMOUNT.understand(typed)) == cents


def test_a_label_is_read_as_its_amount_in_the_language_it_is_shown_in() -> None:
    assert AMOUNT.understand("24,50\u00a0€") == "2450"
    with speaking("en"):
        assert AMOUNT.options[0].label == "€24.50"
        assert AMOUNT.understand("€24.50") == "2450"


def test_a_signed_amount_may_be_below_zero_but_not_zero() -> None:
    assert SIGNED.value(SIGNED.understand("−8,20")) == -820
    assert "Zéro" in refused(SIGNED, "-0")
    assert "c'est trop" in refused(SIGNED, "-10000,01")


@pytest.mark.parametrize(
    ("typed", "token"),
    [
        ("chèque", "cheque"),
        ("CHEQUE", "cheque"),
        ("2", "cash"),
        (" liquide ", "cash"),
        ("Espèces", "cash"),
        ("un chèque", "cheque"),
        ("en espèces", "cash"),
        ("par liquide.", "cash"),
    ],
)
def test_a_choice_takes_a_label_a_rank_or_another_word(typed: str, token: str) -> None:
    assert METHOD.understand(typed) == token


def test_the_first_words_of_one_label_choose_it_those_of_two_do_not() -> None:
    """« oui » for « Oui, c'est lui »; « par » alone, or a figure, is no word of a label (B48)."""
    question = Choice("c", "?", {Answer("yes", "Oui, c'est lui"): 1, Answer("a", "Non, un autre"): 2, Answer("b", "Non, rien"): 3,
                                 Answer("d", "12 · Léa"): 4})  # fmt: skip
    assert question.understand("oui") == "yes"
    assert question.understand("non, un autre") == "a"
    for typed in ("non", "oui mais pas lui", "-12", "par"):
        with pytest.raises(MisunderstoodError):
            question.understand(typed)


@pytest.mark.parametrize("typed", [*HOSTILE, "3", "0", "-1", "bitcoin"])
def test_a_choice_offers_its_answers_for_anything_else(typed: str) -> None:
    if folded(typed) not in {"1", "2"}:
        assert refused(METHOD, typed) == "Choisissez une des réponses proposées : Chèque, Liquide."


@pytest.mark.parametrize("typed", ["oui", "Déclarer", "O", "d’accord", "yes", "1"])
def test_consent_is_given_in_several_words(typed: str) -> None:
    assert CONSENT.value(CONSENT.understand(typed)) is True


@pytest.mark.parametrize("typed", ["peut-être", "", "oui mais non", "ouais"])
def test_consent_is_never_guessed(typed: str) -> None:
    assert "Déclarer, Non" in refused(CONSENT, typed)


def test_consent_is_named_by_its_own_text() -> None:
    assert CONSENT.name != Consent("Déclarer 24,51 € ?", "Déclarer").name
    assert not CONSENT.typed_ahead


def test_words_are_taken_as_they_are_on_one_line() -> None:
    assert NAME.value(NAME.understand("  Élodie\u00a0 d'<b>Arc</b> ")) == "Élodie d'<b>Arc</b>"
    assert REASON.value(REASON.understand("Pas reçu")) == "Pas reçu"


@pytest.mark.parametrize("typed", ["-", "passer", " Passer "])
def test_a_question_that_may_be_passed_over_gives_no_words(typed: str) -> None:
    assert REASON.value(REASON.understand(typed)) == ""


def test_the_button_to_pass_gives_no_words() -> None:
    skip = next(option for option in REASON.options if option.label == "Passer")
    assert REASON.value(skip.token) == ""
    assert NAME.value("-") == "-"


@pytest.mark.parametrize(
    ("typed", "says"),
    [("", "Écrivez quelques mots."), (" \n ", "Écrivez quelques mots."), ("x" * 61, "C'est trop long : 60 signes")],
)
def test_words_that_are_none_or_too_many_are_refused(typed: str, says: str) -> None:
    assert refused(NAME, typed).startswith(says)


@pytest.mark.parametrize(
    ("typed", "day"),
    [
        ("aujourd'hui", date(2026, 11, 24)),
        ("2", date(2026, 11, 25)),
        ("vendredi", date(2026, 11, 27)),
        ("mardi", date(2026, 12, 1)),
        ("Friday", date(2026, 11, 27)),
        ("12 décembre", date(2026, 12, 12)),
        ("1er déc", date(2026, 12, 1)),
        ("12/12", date(2026, 12, 12)),
        ("3/1", date(2027, 1, 3)),
        ("29.02.2028", date(2028, 2, 29)),
        ("29/2", date(2028, 2, 29)),
        ("dans 2 semaines", date(2026, 12, 8)),
    ],
)
def test_days_are_read_as_people_say_them(typed: str, day: date) -> None:
    assert DAY.value(DAY.understand(typed)) == day


NO_DAYS = ["31/02", "0/0", "12/12/9999", "23/11/2026", "29/2/2027", "12 jui", "13/13", "jeu", "1/1/1"]


@pytest.mark.parametrize("typed", [*(typed for typed in HOSTILE if folded(typed) != "2"), *NO_DAYS])
def test_days_that_are_none_or_past_or_too_far_are_refused(typed: str) -> None:
    assert refused(DAY, typed).startswith("Écrivez un jour à venir")


def test_a_weekday_and_a_date_that_do_not_agree_are_not_guessed() -> None:
    assert refused(DAY, "vendredi 26/11").startswith("Le jour et la date ne vont pas ensemble : c'est un jeudi")


def test_a_day_that_has_passed_since_it_was_chosen_no_longer_fits() -> None:
    token = DAY.understand("aujourd'hui")
    with pytest.raises(MisunderstoodError):
        Day("jour", "Quand ?", date(2026, 11, 25)).value(token)


def test_a_file_is_wanted_whatever_is_typed() -> None:
    assert isinstance(FILE, FileQuestion)
    assert not isinstance(NAME, FileQuestion)
    assert FILE.value(FILE.understand_file(7)) == b"7"
    for typed in HOSTILE:
        assert refused(FILE, typed) == "Envoyez un fichier, comme une pièce jointe."


def test_an_opening_balance_may_say_the_figure_to_reach() -> None:
    reach, owed, zero = (REACH.value(REACH.understand(typed)) for typed in ("=12,00", "-8,20", "=0"))
    assert (reach.cents, reach.to_reach, owed.cents, owed.to_reach) == (1200, True, -820, False)
    assert (zero.cents, zero.to_reach) == (0, True)
    for typed in HOSTILE:
        refused(REACH, typed)


@pytest.fixture
def group(sqlite_store: Store) -> Generator[Group]:
    number = sqlite_store.write(lambda connection: seed(connection, BEGINNING)).result()
    with sqlite_store.read() as connection:
        yield Group(connection, number)


@pytest.mark.parametrize("typed", ["Léa", "lea", "LÉA ", "m1", "lé"])
def test_a_member_is_found_as_people_type_names(group: Group, typed: str) -> None:
    which = WhichMember("adherent", "Qui ?", group)
    assert which.value(which.understand(typed)).name == "Léa"


def test_of_several_members_none_is_guessed(group: Group) -> None:
    with pytest.raises(MisunderstoodError) as found:
        WhichMember("adherent", "Qui ?", group).understand("e")
    assert found.value.instead
    assert [option.label for option in found.value.options] == ["Camille", "Léa", "Sofiane"]


@pytest.mark.parametrize("typed", HOSTILE)
def test_a_member_nobody_is_called_is_not_found(group: Group, typed: str) -> None:
    refused(WhichMember("adherent", "Qui ?", group), tidy(typed))


def _all(group: Group) -> list[Question[Any]]:
    people: list[Question[Any]] = [WhichMember("a", "Qui ?", group), NewOrKnown("a", "Qui ?", group)]
    return [AMOUNT, SIGNED, METHOD, CONSENT, REASON, NAME, DAY, FILE, REACH, *people]


FORGED = [
    *HOSTILE,
    *("other", "+", "=", "=other", "1_0", " 1", "+1", "9" * 30, "-" * 3, "2026-W48-2", "20261124"),
    *("0001-01-01", "9999-12-31", "m0", "m-1", "m²", "m" + "9" * 30, "yes ", "YES", "+\x0eX", "+" + "x" * 500),
]


@pytest.mark.parametrize("token", FORGED)
def test_a_forged_token_is_refused_or_worth_what_could_have_been_typed(group: Group, token: str) -> None:
    for question in _all(group):
        try:
            value = question.value(token)
        except MisunderstoodError:
            continue
        match value:
            case str():
                assert len(value) <= 300, question
                assert not value or value.isprintable(), question
            case int():
                assert abs(value) <= MAX_AMOUNT, question
            case date():
                assert TODAY <= value <= date(2028, 12, 31), question
            case bytes():
                assert token.isascii(), question
                assert token.isdigit(), question
            case _ if hasattr(value, "name"):
                assert value.name.isprintable(), question
                assert 0 < len(value.name) <= 60, question
            case _ if hasattr(value, "cents"):
                assert abs(value.cents) <= MAX_AMOUNT, question
            case _:
                raise AssertionError((question, value))


def test_every_option_offered_is_taken(group: Group) -> None:
    for question in _all(group):
        for option in question.options:
            if option.token != Amount.OTHER:
                question.value(option.token)
            assert len(f"a:123456.12345678:{option.token}".encode()) <= 64

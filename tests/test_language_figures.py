"""Amounts, days, times and counts as each language writes them."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest

from bot.chat import strong
from bot.words import _, _n, ago, amount, day, filled, language, moment, short_day, speaking, time

EVENING = datetime(2026, 11, 24, 17, 30, tzinfo=UTC)
JUST_AFTER_MIDNIGHT_IN_PARIS = datetime(2026, 11, 30, 23, 5, tzinfo=UTC)


def plain_spaces(words: str) -> str:
    """Write no-break spaces as they look."""
    return words.replace("\u00a0", " ").replace("\u202f", " ")


@pytest.mark.parametrize(
    ("cents", "french", "english"),
    [
        (0, "0,00\u00a0€", "€0.00"),
        (2450, "24,50\u00a0€", "€24.50"),
        (-5, "−0,05\u00a0€", "−€0.05"),
        (123456, "1\u202f234,56\u00a0€", "€1,234.56"),
        (-100000000, "−1\u202f000\u202f000,00\u00a0€", "−€1,000,000.00"),
    ],
)
def test_an_amount_is_written_as_the_language_does(cents: int, french: str, english: str) -> None:
    with speaking("fr"):
        assert amount(cents) == french
    with speaking("en"):
        assert amount(cents) == english


def test_a_day_and_a_time_are_said_in_words_of_the_groups_time_zone() -> None:
    with speaking("fr"):
        assert plain_spaces(moment(EVENING)) == "mardi 24 novembre à 18 h 30"
        assert plain_spaces(moment(JUST_AFTER_MIDNIGHT_IN_PARIS)) == "mardi 1er décembre à 0 h 05"
        assert plain_spaces(time(EVENING + timedelta(minutes=30))) == "19 h"
    with speaking("en"):
        assert moment(EVENING) == "Tuesday 24 November at 18:30"
        assert moment(JUST_AFTER_MIDNIGHT_IN_PARIS) == "Tuesday 1 December at 00:05"
    with speaking("en", "America/Cayenne"):
        assert moment(EVENING) == "Tuesday 24 November at 14:30"


@pytest.mark.parametrize("spoken", ["fr", "en"])
def test_every_day_and_month_has_its_name(spoken: str) -> None:
    with speaking(spoken):
        names = [day(date(2026, 1, 1) + timedelta(days=number)).split() for number in range(365)]
    assert len({name[0] for name in names}) == 7
    assert len({name[2] for name in names}) == 12
    assert short_day(EVENING) == "24/11/2026"


@pytest.mark.parametrize(
    ("days", "french", "english"),
    [
        (-1, "aujourd'hui", "today"),
        (0, "aujourd'hui", "today"),
        (1, "hier", "yesterday"),
        (2, "il y a 2 jours", "2 days ago"),
        (40, "il y a 40 jours", "40 days ago"),
    ],
)
def test_how_long_ago_is_said_in_days(days: int, french: str, english: str) -> None:
    with speaking("fr"):
        assert ago(EVENING - timedelta(days=days), EVENING) == french
    with speaking("en"):
        assert ago(EVENING - timedelta(days=days), EVENING) == english


def test_yesterday_is_the_day_before_even_minutes_ago() -> None:
    """Days are those of the group's calendar, not 24 hours."""
    with speaking("en", "Europe/Paris"):
        assert ago(JUST_AFTER_MIDNIGHT_IN_PARIS - timedelta(minutes=10), JUST_AFTER_MIDNIGHT_IN_PARIS) == "yesterday"
    with speaking("en", "UTC"):
        assert ago(JUST_AFTER_MIDNIGHT_IN_PARIS - timedelta(minutes=10), JUST_AFTER_MIDNIGHT_IN_PARIS) == "today"


@pytest.mark.parametrize(
    ("spoken", "count", "expected"),
    [
        ("fr", 0, "0 adhérent"),
        ("fr", 1, "1 adhérent"),
        ("fr", 2, "2 adhérents"),
        ("en", 0, "0 members"),
        ("en", 1, "1 member"),
        ("en", 2, "2 members"),
    ],
)
def test_a_count_has_the_form_its_language_wants(spoken: str, count: int, expected: str) -> None:
    with speaking(spoken):
        assert _n("{n} adhérent", "{n} adhérents", count) == expected


def test_facts_are_written_in_the_language_being_spoken() -> None:
    said = "{name} doit {amount:money*} au groupe"
    with speaking("en"):
        assert _(said, name="Léa", amount=2450) == f"Léa owes the group {strong('€24.50')}"
        with speaking("fr"):
            assert _(said, name="Léa", amount=2450) == "Léa doit " + strong("24,50\u00a0€") + " au groupe"
        assert language() == "en"
    assert language() == "fr"


def test_a_language_nobody_speaks_is_french() -> None:
    with speaking("de"):
        assert (language(), _("Payer")) == ("fr", "Payer")


def test_a_name_with_braces_in_it_is_only_a_name() -> None:
    """What people type fills sentences; it is never read as one."""
    with speaking("en"):
        assert _("Bonjour {name} !", name="{amount:money}") == "Hello {amount:money}!"
    assert filled("{name:*}", name="Léa") == strong("Léa")

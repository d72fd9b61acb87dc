"""When distributions are: repeats across daylight saving, moments as people type them (B31, B48)."""

from __future__ import annotations

import contextlib
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from bot.ledger.errors import Refusal
from bot.market.calendar import (
    MOST_DATES,
    ClosingAfterStartError,
    EndBeforeStartError,
    Moments,
    OpeningAfterClosingError,
    Repeat,
    TooManyDatesError,
    possible,
    preview,
    repeat_words,
    repeated,
    skipped,
    span_words,
    utc,
)
from bot.market.moments import (
    FarMomentError,
    NotAMomentError,
    NoTimeError,
    PastMomentError,
    SkippedTimeError,
    WrongWeekdayError,
    read_day,
    read_moment,
)
from bot.words import speaking, told

PARIS = ZoneInfo("Europe/Paris")
NOW = datetime(2026, 11, 24, 9, tzinfo=UTC)  # a Tuesday, 10:00 in Paris


def paris(year: int, month: int, on: int, hour: int, minute: int = 0) -> datetime:
    return datetime(year, month, on, hour, minute, tzinfo=PARIS).astimezone(UTC)


def walls(occurrences: list[Moments]) -> list[str]:
    """Give the starts as clocks in Paris show them."""
    return [one.starts.astimezone(PARIS).strftime("%Y-%m-%d %H:%M") for one in occurrences]


def plan(starts: datetime, **but: datetime) -> Moments:
    """A distribution of an hour; orders open a week before, and close two days before."""
    moments = {
        "opens": starts - timedelta(days=7), "closes": starts - timedelta(days=2), "starts": starts,
        "ends": starts + timedelta(hours=1),
    }  # fmt: skip
    return Moments(**(moments | but))


def test_every_week_is_at_the_same_time_of_day_across_both_changes() -> None:
    """B31: the group's time zone, daylight saving included."""
    autumn = repeated(plan(paris(2026, 10, 22, 18, 30)), Repeat.WEEKLY, 3, "Europe/Paris")
    assert walls(autumn) == ["2026-10-22 18:30", "2026-10-29 18:30", "2026-11-05 18:30"]
    assert [one.starts.hour for one in autumn] == [16, 17, 17]
    spring = repeated(plan(paris(2027, 3, 25, 18, 30)), Repeat.WEEKLY, 2, "Europe/Paris")
    assert walls(spring) == ["2027-03-25 18:30", "2027-04-01 18:30"]
    assert [one.starts.hour for one in spring] == [17, 16]


def test_orders_open_and_close_at_the_same_time_of_day_too() -> None:
    """The closing is on the other side of the change than the distribution: both keep their clock time."""
    first = plan(paris(2026, 10, 20, 18), opens=paris(2026, 10, 13, 8), closes=paris(2026, 10, 18, 20))
    second = repeated(first, Repeat.WEEKLY, 2, "Europe/Paris")[1]
    assert second == Moments(
        paris(2026, 10, 20, 8), paris(2026, 10, 25, 20), paris(2026, 10, 27, 18), paris(2026, 10, 27, 19)
    )
    assert second.closes.hour == 19
    assert second.opens.hour == 6


def test_every_two_weeks() -> None:
    assert walls(repeated(plan(paris(2026, 11, 26, 18)), Repeat.FORTNIGHTLY, 3, "Europe/Paris")) == [
        "2026-11-26 18:00", "2026-12-10 18:00", "2026-12-24 18:00",
    ]  # fmt: skip


def test_the_second_tuesday_of_each_month() -> None:
    assert walls(repeated(plan(paris(2026, 11, 10, 18)), Repeat.NTH, 4, "Europe/Paris")) == [
        "2026-11-10 18:00", "2026-12-08 18:00", "2027-01-12 18:00", "2027-02-09 18:00",
    ]  # fmt: skip


def test_the_last_thursday_of_each_month_whether_it_has_four_or_five() -> None:
    assert walls(repeated(plan(paris(2026, 11, 26, 18)), Repeat.LAST, 4, "Europe/Paris")) == [
        "2026-11-26 18:00", "2026-12-31 18:00", "2027-01-28 18:00", "2027-02-25 18:00",
    ]  # fmt: skip


def test_what_can_be_repeated_depends_on_the_day() -> None:
    assert possible(date(2026, 11, 10)) == [Repeat.WEEKLY, Repeat.FORTNIGHTLY, Repeat.NTH]
    assert possible(date(2026, 11, 24)) == [Repeat.WEEKLY, Repeat.FORTNIGHTLY, Repeat.NTH, Repeat.LAST]
    assert possible(date(2026, 11, 30)) == [Repeat.WEEKLY, Repeat.FORTNIGHTLY, Repeat.LAST]


@pytest.mark.parametrize(
    ("repeat", "on", "words"),
    [
        (Repeat.WEEKLY, date(2026, 11, 24), "tous les mardis"),
        (Repeat.FORTNIGHTLY, date(2026, 11, 24), "un mardi sur deux"),
        (Repeat.NTH, date(2026, 11, 1), "le premier dimanche du mois"),
        (Repeat.NTH, date(2026, 11, 12), "le deuxième jeudi du mois"),
        (Repeat.NTH, date(2026, 11, 21), "le troisième samedi du mois"),
        (Repeat.NTH, date(2026, 11, 24), "le quatrième mardi du mois"),
        (Repeat.LAST, date(2026, 11, 24), "le dernier mardi du mois"),
    ],
)
def test_a_repeat_is_said_in_words(repeat: Repeat, on: date, words: str) -> None:
    assert repeat_words(repeat, on) == words


def test_a_repeat_that_the_first_day_does_not_have_is_a_bug() -> None:
    with pytest.raises(AssertionError):
        repeated(plan(paris(2026, 11, 10, 18)), Repeat.LAST, 2, "Europe/Paris")


def test_a_hundred_dates_at_most() -> None:
    first = plan(paris(2026, 11, 26, 18))
    assert len(repeated(first, Repeat.WEEKLY, MOST_DATES, "Europe/Paris")) == MOST_DATES
    with pytest.raises(TooManyDatesError) as raised:
        repeated(first, Repeat.WEEKLY, MOST_DATES + 1, "Europe/Paris")
    assert told(raised.value) == "101 dates d'un coup, c'est trop : 100 au plus."


@pytest.mark.parametrize(
    ("moments", "refusal"),
    [
        (plan(NOW, ends=NOW), EndBeforeStartError),
        (plan(NOW, ends=NOW - timedelta(hours=1)), EndBeforeStartError),
        (plan(NOW, closes=NOW + timedelta(minutes=1)), ClosingAfterStartError),
        (plan(NOW, opens=NOW - timedelta(days=2)), OpeningAfterClosingError),
        (plan(NOW, opens=NOW), OpeningAfterClosingError),
    ],
)
def test_moments_out_of_order_are_refused_with_both(moments: Moments, refusal: type[Refusal]) -> None:
    with pytest.raises(refusal) as raised:
        moments.checked()
    assert "novembre" in told(raised.value)
    with pytest.raises(refusal):
        repeated(moments, Repeat.WEEKLY, 1, "Europe/Paris")


def test_orders_may_close_when_the_distribution_starts() -> None:
    assert plan(NOW, closes=NOW).checked().closes == NOW


def test_a_closing_in_the_hour_that_is_skipped_is_when_the_clocks_are_put_forward() -> None:
    """Sunday 28 March 2027, 02:30 does not exist: orders close at 03:00, which is 01:00 UTC."""
    first = plan(paris(2027, 3, 23, 18), closes=paris(2027, 3, 21, 2, 30), opens=paris(2027, 3, 14, 8))
    second = repeated(first, Repeat.WEEKLY, 2, "Europe/Paris")[1]
    assert second.closes == datetime(2027, 3, 28, 1, tzinfo=UTC)


def test_an_opening_in_the_hour_that_comes_twice_is_the_first() -> None:
    """Sunday 25 October 2026, 02:30 comes at 00:30 UTC and at 01:30 UTC."""
    first = plan(paris(2026, 10, 23, 18), opens=paris(2026, 10, 18, 2, 30))
    second = repeated(first, Repeat.WEEKLY, 2, "Europe/Paris")[1]
    assert second.opens == datetime(2026, 10, 25, 0, 30, tzinfo=UTC)


def test_what_comes_later_never_comes_earlier_on_the_night_of_the_change() -> None:
    before = datetime(2027, 3, 28, 1, 30)  # noqa: DTZ001 - times on the wall
    found = [utc(before + timedelta(minutes=minutes), PARIS) for minutes in range(0, 181, 5)]
    assert found == sorted(found)
    assert utc(datetime(2027, 3, 28, 2, 0), PARIS) == utc(datetime(2027, 3, 28, 3, 0), PARIS)  # noqa: DTZ001 - as above


def test_two_moments_that_the_change_makes_one_are_refused() -> None:
    """02:10 to 02:50 does not exist on the night of the change: a distribution of no length is no distribution."""
    first = plan(paris(2027, 3, 21, 2, 10), ends=paris(2027, 3, 21, 2, 50))
    with pytest.raises(EndBeforeStartError):
        repeated(first, Repeat.WEEKLY, 2, "Europe/Paris")


@given(
    st.datetimes(datetime(2026, 1, 1), datetime(2030, 1, 1)),  # noqa: DTZ001 - times on the wall
    st.sampled_from(
        ["Europe/Paris", "America/Martinique", "Indian/Reunion", "America/New_York", "Australia/Lord_Howe"]
    ),
)
def test_every_time_on_the_wall_has_one_moment(local: datetime, zone: str) -> None:
    place, local = ZoneInfo(zone), local.replace(microsecond=0)
    shown = utc(local, place).astimezone(place).replace(tzinfo=None, fold=0)
    if skipped(local, place):
        assert timedelta(0) < shown - local <= timedelta(hours=1)
        assert not skipped(shown, place)
        assert skipped(shown - timedelta(seconds=1), place)
    else:
        assert shown == local


@given(st.datetimes(datetime(2026, 1, 1), datetime(2030, 1, 1)), st.sampled_from(Repeat))  # noqa: DTZ001 - times on the wall
def test_repeats_keep_weekday_time_and_pace(local: datetime, repeat: Repeat) -> None:
    assume(repeat in possible(local.date()))
    starts = utc(local.replace(hour=18, minute=30, second=0, microsecond=0), PARIS)
    days = [one.starts.astimezone(PARIS) for one in repeated(plan(starts), repeat, 30, "Europe/Paris")]
    assert {(on.weekday(), on.hour, on.minute) for on in days} == {(days[0].weekday(), 18, 30)}
    gaps = {(b.date() - a.date()).days for a, b in pairwise(days)}
    assert gaps <= {Repeat.WEEKLY: {7}, Repeat.FORTNIGHTLY: {14}}.get(repeat, {28, 35})


def test_a_preview_says_each_date_and_the_year_when_it_changes() -> None:
    dates = repeated(plan(paris(2026, 12, 24, 18, 30)), Repeat.FORTNIGHTLY, 2, "Europe/Paris")
    assert [line.replace("\u00a0", " ") for line in preview(dates)] == [
        "jeudi 24 décembre de 18 h 30 à 19 h 30 (commandes jusqu'au mardi 22 décembre à 18 h 30)",
        "jeudi 7 janvier 2027 de 18 h 30 à 19 h 30 (commandes jusqu'au mardi 5 janvier à 18 h 30)",
    ]


def test_a_span_over_midnight_says_both_days() -> None:
    words = span_words(paris(2026, 11, 26, 23), paris(2026, 11, 27, 1)).replace("\u00a0", " ")
    assert words == "jeudi 26 novembre à 23 h – vendredi 27 novembre à 1 h"
    with speaking("fr", "Pacific/Noumea"):
        assert "vendredi 27 novembre de" in span_words(paris(2026, 11, 26, 18), paris(2026, 11, 26, 19))


@pytest.mark.parametrize(
    ("typed", "moment"),
    [
        ("jeudi 18h30", paris(2026, 11, 26, 18, 30)),
        ("Jeudi à 18 h 30", paris(2026, 11, 26, 18, 30)),
        ("jeudi, 18:30", paris(2026, 11, 26, 18, 30)),
        ("jeudi prochain 18h", paris(2026, 11, 26, 18)),
        ("next Thursday 18:00", paris(2026, 11, 26, 18)),
        ("thursday at 18:00", paris(2026, 11, 26, 18)),
        ("26/11 18:30", paris(2026, 11, 26, 18, 30)),
        ("le 26/11 à 18h30", paris(2026, 11, 26, 18, 30)),
        ("26/11/2026 18:30", paris(2026, 11, 26, 18, 30)),
        ("26.11.26 18:30", paris(2026, 11, 26, 18, 30)),
        ("2026-11-26 18:30", paris(2026, 11, 26, 18, 30)),
        ("26 novembre 18h", paris(2026, 11, 26, 18)),
        ("jeudi 26 nov. 18h", paris(2026, 11, 26, 18)),
        ("jeudi le 26/11 18h", paris(2026, 11, 26, 18)),
        ("1er décembre à midi", paris(2026, 12, 1, 12)),
        ("12/1 9h", paris(2027, 1, 12, 9)),
        ("demain 19 h", paris(2026, 11, 25, 19)),
        ("après-demain à 8 heures 15", paris(2026, 11, 26, 8, 15)),
        ("aujourd’hui 18h", paris(2026, 11, 24, 18)),
        ("dans 2 jours 18h", paris(2026, 11, 26, 18)),
        ("dans une semaine à 18h", paris(2026, 12, 1, 18)),
        ("in 3 days 18:00", paris(2026, 11, 27, 18)),
        ("mardi 18h", paris(2026, 12, 1, 18)),
        ("29 février 2028 10h", paris(2028, 2, 29, 10)),
    ],
)
def test_a_moment_is_read_as_people_type_it(typed: str, moment: datetime) -> None:
    assert read_moment(typed, NOW, "Europe/Paris") == moment


@pytest.mark.parametrize(
    ("typed", "refusal"),
    [
        ("", NotAMomentError),
        ("bientôt", NotAMomentError),
        ("18h30", NotAMomentError),
        ("jeudi 18", NotAMomentError),
        ("jeudi 25h", NotAMomentError),
        ("jeudi 18h75", NotAMomentError),
        ("31/2 18h", NotAMomentError),
        ("12/13 18h", NotAMomentError),
        ("3 jui 18h", NotAMomentError),
        ("2026-13-01 18:30", NotAMomentError),
        ("hier 18h", NotAMomentError),
        ("٣/11 18h", NotAMomentError),
        ("jeudi 18h " + "x" * 60, NotAMomentError),
        (" " * 60 + "jeudi 18h30 jeudi 18h30", NotAMomentError),
        ("jeudi", NoTimeError),
        ("26/11", NoTimeError),
        ("demain", NoTimeError),
        ("aujourd'hui 9h", PastMomentError),
        ("1/11/2026 18h", PastMomentError),
        ("26/11/2036 18h", FarMomentError),
        ("mardi 26/11 18h", WrongWeekdayError),
        ("28/3 2h30", SkippedTimeError),
    ],
)
def test_what_is_no_clear_moment_to_come_is_refused(typed: str, refusal: type[NotAMomentError]) -> None:
    with pytest.raises(NotAMomentError) as raised:
        read_moment(typed, NOW, "Europe/Paris")
    assert type(raised.value) is refusal
    assert "{" not in told(raised.value)


def test_a_moment_is_in_the_zone_of_the_group() -> None:
    assert read_moment("26/11 18:30", NOW, "Indian/Reunion") == datetime(2026, 11, 26, 14, 30, tzinfo=UTC)
    late = datetime(2026, 11, 24, 23, 30, tzinfo=UTC)  # the 25th in Paris already
    assert read_moment("demain 8h", late, "Europe/Paris") == paris(2026, 11, 26, 8)


def test_a_time_alone_is_on_the_day_that_is_given() -> None:
    assert read_moment("19h30", NOW, "Europe/Paris", on=date(2026, 11, 26)) == paris(2026, 11, 26, 19, 30)


def test_the_next_29th_of_february_is_found() -> None:
    assert read_day("29/2", date(2027, 12, 1)) == date(2028, 2, 29)
    assert read_day("29/2", date(2026, 1, 1)) == date(2028, 2, 29)
    assert read_day("30/2", date(2026, 1, 1)) is None


@given(st.text(alphabet="jeudimar 0123456789/:h-.àé", max_size=40))
def test_any_text_is_a_moment_to_come_or_refused(text: str) -> None:
    with contextlib.suppress(NotAMomentError):
        assert NOW < read_moment(text, NOW, "Europe/Paris") < NOW + timedelta(days=733)

"""Members choose their own day, hours and pause, within what the group allows (B37)."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select

from bot.ledger.errors import Refusal
from bot.ledger.facts import OpeningBalanceEntered
from bot.ledger.money import Cents
from bot.reminders.facts import ReminderPutOff, ReminderRuleChosen, RemindersPaused, ReminderTimesChosen
from bot.reminders.tables import REMINDED
from bot.reminding import at_their_times
from tests.market_stall import record
from tests.reminded import DAY, TUESDAY, days_until_heard, heard, tell, tell_begin, tick, wall
from tests.transcripts import Scene, act

LEA, AWA = 1, 3


def test_a_member_chooses_a_day_and_hours(scene: Scene) -> None:
    """Reminded on Saturday mornings only, whatever the group's day; fourteen days apart all the same."""
    tell_begin(scene)
    act(scene, """
        lea: /rappels
        bot: … [Payer | Plus tard | Une question | Mon moment | Pause | Ne plus me rappeler]
        lea: [Mon moment]
        bot: Quel jour puis-je vous écrire pour vous rappeler quelque chose ? [N'importe quel jour | Lundi | Mardi | … | Dimanche | Annuler]
        lea: [Samedi]
        bot: À quel moment de la journée ? [N'importe quand | Le matin (8 h – 12 h) | À midi (12 h – 14 h) | L'après-midi (14 h – 18 h) | Le soir (18 h – 22 h) | …]
        lea: [Le matin (8 h – 12 h)]
        bot: Entendu : pour vous rappeler quelque chose, je n'écris que le samedi, entre 8 h et 12 h. [Rappels]
        lea: [Rappels]
        bot: … / Je ne vous écris que le samedi, entre 8 h et 12 h. […]
    """)  # fmt: skip
    told = []
    for hours in range(24 * 26):
        tick(scene, TUESDAY + timedelta(hours=hours))
        told += [scene.now for _one in heard(scene)]
    assert told == [wall("2026-12-05", "08:00"), wall("2026-12-19", "08:00")]


def test_hours_without_a_day_wait_for_the_next_morning(scene: Scene) -> None:
    tell_begin(scene)
    tell(scene, ReminderTimesChosen(LEA, -1, 8, 12))
    tick(scene, TUESDAY)
    assert heard(scene) == []
    tick(scene, wall("2026-12-02", "08:00"))
    assert len(heard(scene)) == 1


def test_back_to_the_groups_own_moment(scene: Scene) -> None:
    tell_begin(scene)
    tell(scene, ReminderTimesChosen(LEA, 5, 8, 12))
    act(scene, """
        lea: rappels moment
        bot: …
        lea: [N'importe quel jour]
        bot: …
        lea: [N'importe quand]
        bot: Entendu : vos rappels viennent au jour et à l'heure du groupe. [Rappels]
    """)  # fmt: skip
    tick(scene, TUESDAY)
    assert len(heard(scene)) == 1


def test_own_hours_missed_by_a_downtime_come_again(scene: Scene) -> None:
    """Back on Saturday afternoon, Saturday mornings wait a week: they are never written to outside of their hours."""
    tell_begin(scene)
    tell(scene, ReminderTimesChosen(LEA, 5, 8, 12))
    tick(scene, TUESDAY)
    tick(scene, wall("2026-12-05", "15:00"))
    assert heard(scene) == []
    tick(scene, wall("2026-12-12", "08:30"))
    assert len(heard(scene)) == 1


def test_their_own_time_is_claimed_once(scene: Scene) -> None:
    """B46: a second process that saw it due does nothing."""
    tell_begin(scene)
    tell(scene, ReminderTimesChosen(LEA, 5, 8, 12))
    tick(scene, TUESDAY)
    saturday = wall("2026-12-05", "08:00")
    done = [scene.store.write(lambda c: at_their_times(c, 1, saturday)).result() for _process in range(2)]
    assert done == [True, False]


def test_nobodys_time_comes_before_the_first_list_is_approved(scene: Scene) -> None:
    tick(scene, wall("2026-11-25"))
    tell(scene, ReminderTimesChosen(LEA, 5, 8, 12))
    tick(scene, TUESDAY)
    assert "Un rappel est prêt" in heard(scene, "salon")[0]
    tick(scene, wall("2026-12-05", "08:00"))
    assert heard(scene) == []
    scene.taps("camille", "Envoyer", "salon")
    scene.unheard()
    tick(scene)
    assert len(heard(scene)) == 1


def test_what_is_put_off_comes_on_its_day_at_their_hour(scene: Scene) -> None:
    tell_begin(scene)
    tell(scene, ReminderTimesChosen(LEA, -1, 12, 14))
    tell(scene, ReminderPutOff(LEA, "2026-12-03"))
    tick(scene, wall("2026-12-03", "11:59"))
    assert heard(scene) == []
    tick(scene, wall("2026-12-03", "12:00"))
    assert len(heard(scene)) == 1
    tell(scene, ReminderPutOff(LEA, "2026-12-10"))
    tick(scene, wall("2026-12-10", "15:00"))
    assert heard(scene) == [], "after a downtime, not outside of their hours"
    tick(scene, wall("2026-12-11", "12:00"))
    assert len(heard(scene)) == 1


def test_by_hand_too_they_are_written_to_in_their_hours(scene: Scene) -> None:
    tell_begin(scene)
    record(scene, OpeningBalanceEntered(AWA, Cents(-900)))
    tell(scene, ReminderTimesChosen(LEA, 5, 8, 12))
    tell(scene, RemindersPaused(AWA, "2026-12-10"))
    act(scene, """
        camille: rappeler léa
        bot: Léa préfère que je lui écrive le samedi, entre 8 h et 12 h. Rien n'a été envoyé.
        camille: rappeler awa
        bot: Awa a demandé une pause jusqu'au 10 décembre. Rien n'a été envoyé.
        camille: rappeler tous
        bot: Il n'y a personne à rappeler aujourd'hui.
    """)  # fmt: skip
    scene.now = TUESDAY
    act(scene, """
        camille: /rappels groupe
        bot: … 1 personne serait rappelée maintenant : / Léa : 24,50 €, … / Léa : plutôt le samedi, entre 8 h et 12 h […]
    """)  # fmt: skip


def test_a_pause_ends_by_itself(scene: Scene) -> None:
    tell_begin(scene)
    act(scene, """
        lea: rappels
        bot: …
        lea: [Pause]
        bot: Pendant combien de temps ne rien vous rappeler ? [7 jours | 14 jours | 30 jours | Annuler]
        lea: [14 jours]
        bot: Entendu : aucun rappel avant mercredi 9 décembre. [Rappels]
        lea: [Rappels]
        bot: … / Vous avez demandé une pause : aucun rappel avant mercredi 9 décembre. [… | Mon moment | Fin de la pause | Ne plus me rappeler]
    """)  # fmt: skip
    scene.now = TUESDAY
    assert days_until_heard(scene)[0] == 14, "the first of the group's Tuesdays after it"


def test_a_pause_is_ended_early(scene: Scene) -> None:
    tell_begin(scene)
    tell(scene, RemindersPaused(LEA, "2026-12-20"))
    act(scene, """
        lea: rappels
        bot: …
        lea: [Fin de la pause]
        bot: Entendu : la pause est finie. [Rappels]
    """)  # fmt: skip
    tick(scene, TUESDAY)
    assert len(heard(scene)) == 1


def test_the_group_limits_pauses(scene: Scene) -> None:
    tell_begin(scene)
    for most, shown in (
        (14, "[7 jours | 14 jours | Annuler]"),
        (60, "[7 jours | 14 jours | 30 jours | 60 jours | Annuler]"),
    ):
        tell(scene, ReminderRuleChosen("most_pause_days", most))
        act(
            scene,
            f"""
            lea: rappels pause
            bot: Pendant combien de temps ne rien vous rappeler ? {shown}
            lea: annuler
            bot: …
        """,
        )
    tell(scene, ReminderRuleChosen("most_pause_days", 0))
    act(scene, """
        lea: rappels
        bot: … [Payer | Plus tard | Une question | Mon moment | Ne plus me rappeler]
        lea: rappels pause
        bot: Dans ce groupe, on ne met pas les rappels en pause. …
    """)  # fmt: skip
    with pytest.raises(Refusal):
        tell(scene, RemindersPaused(LEA, "2026-12-20"))


@pytest.mark.parametrize(("saturday", "before"), [("2027-03-27", "2027-03-23"), ("2027-10-30", "2027-10-26")])
def test_their_hours_are_those_on_the_wall(scene: Scene, saturday: str, before: str) -> None:
    """Both clock changes: once, on Sunday at eight on the wall."""
    tell_begin(scene)
    scene.now = wall(before, "17:00")
    tell(scene, ReminderTimesChosen(LEA, 6, 8, 12))
    sunday = wall(saturday, "12:00") + DAY
    told = []
    scene.unheard()
    for minutes in range(0, 6 * 24 * 60, 30):
        tick(scene, wall(before, "18:00") + timedelta(minutes=minutes))
        told += [scene.now for _one in heard(scene)]
    assert [at.date() for at in told] == [sunday.date()]
    assert told == [wall(told[0].date().isoformat(), "08:00")]


def test_nothing_is_left_over_once_it_is_told(scene: Scene) -> None:
    tell_begin(scene)
    tell(scene, ReminderTimesChosen(LEA, 5, 8, 12))
    tick(scene, TUESDAY)
    tick(scene, wall("2026-12-05", "08:00"))
    with scene.store.read() as connection:
        assert connection.execute(select(REMINDED.c.own_at)).scalar_one() is None

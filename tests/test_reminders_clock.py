"""A clock that is changed, a program that was down: reminders and digests do the right thing, once (B37, B41, B46)."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import event, insert, select, text

from bot.reminders.facts import ReminderRuleChosen
from bot.reminders.tables import REMINDED, RULES
from bot.reminding import remind
from tests.reminded import TUESDAY, heard, tell, tell_begin, tick, wall
from tests.transcripts import Scene, words

DAY = timedelta(days=1)
MONDAY = wall("2026-12-07", "09:00")


def digests(scene: Scene) -> int:
    """Count the digests shown since anything was asked last."""
    return sum("Paniers du Canal" in words(one.message.text) for one in scene.unheard())


@pytest.mark.parametrize("back", [timedelta(minutes=3), timedelta(hours=2), timedelta(days=2)])
def test_a_clock_set_back_doubles_nothing(scene: Scene, back: timedelta) -> None:
    """The same hour comes again: what was told then is not told again."""
    tell_begin(scene)
    tick(scene, TUESDAY)
    assert len(heard(scene)) == 1
    moments = [
        TUESDAY - back + timedelta(minutes=minutes) for minutes in range(0, int(back / timedelta(minutes=1)) + 61, 30)
    ]
    for moment in [*moments, TUESDAY, TUESDAY + timedelta(minutes=1)]:
        tick(scene, moment)
    assert heard(scene) == []
    tick(scene, MONDAY)
    assert digests(scene) == 1
    for moment in (MONDAY - timedelta(hours=1), MONDAY, MONDAY + timedelta(minutes=1)):
        tick(scene, moment)
    assert digests(scene) == 0


def test_a_clock_that_jumps_forward_is_a_downtime(scene: Scene) -> None:
    """Five weeks at once: one reminder, one digest, not five."""
    tell_begin(scene)
    tick(scene, TUESDAY)
    scene.unheard()
    for minutes in (0, 1, 30):
        tick(scene, TUESDAY + 35 * DAY + timedelta(minutes=minutes))
    shown = scene.unheard()
    assert [one.place.chat for one in shown] == ["lea", "coordination"]


def test_a_clock_that_was_ahead_and_comes_back_loses_nobody(scene: Scene) -> None:
    """Two months ahead for an hour: the next round and digest are in the week that follows, not in two months."""
    tell_begin(scene)
    ahead = TUESDAY + 60 * DAY
    tick(scene, ahead)
    assert len(heard(scene)) == 1, "it could not know"
    tick(scene, TUESDAY + timedelta(hours=1))
    with scene.store.read() as connection:
        rules = connection.execute(select(RULES)).one()
    assert (rules.next_at, rules.digest_at) == (TUESDAY + 7 * DAY, MONDAY)
    told = []
    for hours in range(2, 24 * 22):
        tick(scene, TUESDAY + timedelta(hours=hours))
        told += [scene.now for _one in heard(scene)]
    assert told == [TUESDAY + 7 * DAY, TUESDAY + 21 * DAY]


def test_a_digest_missed_by_a_downtime_is_sent_once_in_the_morning(scene: Scene) -> None:
    tell_begin(scene)
    scene.unheard()
    for moment in (wall("2026-12-16", "23:00"), wall("2026-12-17", "07:59")):
        tick(scene, moment)
        assert digests(scene) == 0
    for clock in ("08:00", "08:01"):
        tick(scene, wall("2026-12-17", clock))
    assert digests(scene) == 1
    tick(scene, wall("2026-12-21", "09:00"))
    assert digests(scene) == 1, "then at its own day and hour again"


@pytest.mark.parametrize("sunday", ["2027-03-28", "2027-10-31"])
def test_the_digest_keeps_its_hour_over_both_clock_changes(scene: Scene, sunday: str) -> None:
    tell_begin(scene)
    scene.now = wall(sunday, "00:00") - 2 * DAY
    for rule, value in (("digest_weekday", 6), ("digest_hour", 8), ("active", -1)):
        tell(scene, ReminderRuleChosen(rule, value))
    told = []
    begins = scene.now
    for minutes in range(0, 10 * 24 * 60, 60):
        tick(scene, begins + timedelta(minutes=minutes))
        told += [scene.now] * digests(scene)
    following = (wall(sunday, "12:00") + 7 * DAY).date().isoformat()
    assert told == [wall(sunday, "08:00"), wall(following, "08:00")]


def test_a_tick_looks_nobody_over_whose_moment_has_not_come(scene: Scene) -> None:
    """Speed: once everybody has been reminded there is a row for each; a tick with nothing due reads none of them."""
    tell_begin(scene)
    rows = [
        {"group_id": 1, "member": number, "step": 0, "fact": 0, "put_off": 0, "wanted": True}
        for number in range(10, 400)
    ]
    scene.store.write(lambda c: c.execute(insert(REMINDED), rows)).result()
    scene.store.write(lambda c: c.execute(text("ANALYZE"))).result()
    asked: list[tuple[str, Any]] = []
    with scene.store.read() as connection:
        event.listen(
            connection.engine, "before_cursor_execute", lambda _c, _cursor, said, given, *_: asked.append((said, given))
        )
        remind(scene.store, scene.now)
        plans = [connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {said}", given).all() for said, given in asked[:]]
    lines = [str(line[3]) for plan in plans for line in plan]
    assert [line for line in lines if "reminded USING INDEX ix_reminded_" in line], lines
    assert not [line for line in lines if line.startswith("SCAN reminded")], lines

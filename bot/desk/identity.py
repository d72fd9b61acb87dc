"""For which member of which group a person speaks: the room's group; in private, the button's, the conversation's, the last chosen."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from sqlalchemy import Connection

from bot.chat import Incoming, Place
from bot.desk.taps import read
from bot.desk.threads import Threads
from bot.groups.voices import SPEAKS, Speaker, room_at


def identified(
    connection: Connection, incoming: Incoming, known: Sequence[Speaker], threads: Threads
) -> tuple[Speaker | None, Place]:
    """Find who speaks, and the place with the topic in which the group's room was linked."""
    place = incoming.place
    linked = [speaker for speaker in known if speaker.state in SPEAKS]
    if place.private:
        return _in_private(incoming, linked, threads), place
    room = room_at(connection, place)
    if room is None:
        return None, place
    group, topic, _language = room
    return _of(linked, group), replace(place, topic=topic or place.topic)


def undecided(incoming: Incoming, known: Sequence[Speaker], threads: Threads) -> bool:
    """Tell whether somebody of several groups has never said which one they mean, and nothing else says it."""
    linked = [speaker for speaker in known if speaker.state in SPEAKS]
    if len(linked) <= 1 or any(speaker.current for speaker in linked) or not incoming.place.private:
        return False
    return threads.open() is None


def _in_private(incoming: Incoming, linked: Sequence[Speaker], threads: Threads) -> Speaker | None:
    """Of several groups the tapped button names its own, and an open conversation stays in the one it began in."""
    if len(linked) <= 1:
        return linked[0] if linked else None
    thread = threads.open()
    meant = [read(incoming.tapped).group, thread.group if thread else 0]
    meant += [speaker.group for speaker in linked if speaker.current]
    return next((speaker for speaker in (_of(linked, group) for group in meant) if speaker), linked[0])


def _of(linked: Sequence[Speaker], group: int) -> Speaker | None:
    return next((speaker for speaker in linked if speaker.group == group), None)

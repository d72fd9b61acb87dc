"""Of several groups, which one somebody means: asked once, remembered from then on, switched by /groupe."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import Connection

from bot import handlers
from bot.chat import Incoming, Message, Option
from bot.desk.taps import COMMAND, read
from bot.groups.chosen import settings
from bot.groups.voices import SPEAKS, Speaker
from bot.outbox import Letter
from bot.words import _, speaking

MOST_BYTES = 50
"""Of the words that a button takes along: what was asked for goes on where the group is chosen."""


def says(incoming: Incoming) -> bool:
    """Tell whether a tapped button says which group is meant, or the person is about to: /groupe."""
    word = incoming.text.split()[:1]
    command = handlers.find(word[0]) if word else None
    return read(incoming.tapped).group > 0 or (command is not None and command.word == "groupe")


def asked(connection: Connection, incoming: Incoming, known: Sequence[Speaker]) -> list[Letter]:
    """Ask which group is meant; a tap on its name goes on with what was said."""
    linked = [speaker for speaker in known if speaker.state in SPEAKS]
    then = _going_on(incoming.text)
    options = tuple(
        (Option(settings(connection, s.group).name[:40], f"{COMMAND}{s.group}:{then}"),) for s in linked
    )  # fmt: skip
    with speaking(linked[0].language):
        said = _("Vous êtes dans plusieurs groupes. De quel groupe parlons-nous ? (/groupe en change à tout moment.)")
    return [Letter(incoming.place, Message(said, options))]


def _going_on(text: str) -> str:
    """Give the command to go on with: what was said, if it was one; else a greeting."""
    words = text.lstrip("/!").split()
    known = bool(words) and handlers.find(words[0]) is not None
    line = " ".join(words)
    return line if known and len(line.encode()) <= MOST_BYTES else "start"

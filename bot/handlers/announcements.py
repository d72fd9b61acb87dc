"""Whether a member is told when orders open and close (B31)."""

from __future__ import annotations

from bot.conversation import Answer, Record, Script
from bot.groups.facts import AnnouncementsChosen
from bot.handlers.visit import Visit
from bot.questions import choose
from bot.words import _


def announcements(visit: Visit) -> Script:
    """Choose to be told of orders that open and close, or not: « annonces oui », « annonces non »."""
    text = _("Vous dire quand les commandes ouvrent, et la veille de leur fermeture ?")
    wanted = {Answer("oui", _("Oui")): True, Answer("non", _("Non")): False}
    return Record.one(AnnouncementsChosen(visit.person.number, (yield from choose("annonces", text, wanted))))

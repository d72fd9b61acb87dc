"""What is answered when another way to reach a member is noted (B39)."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from bot.ledger.facts import Fact
from bot.notices.telling import Notice, Telling, Written
from bot.reminders.facts import ContactNoted
from bot.wording import rows, say_option
from bot.words import _


def _noted(told: Telling) -> list[Notice]:
    text = told.fact.text

    def to_author() -> Written:
        options = rows([say_option(_("Injoignables"), "injoignables")])
        if not text:
            return Written(_("✅ C'est oublié : plus rien n'est noté pour joindre {name}.", name=told.name), options)
        return Written(_("✅ C'est noté. Pour joindre {name} : {text:*}", name=told.name, text=text), options)

    return [Notice("author", to_author)]


NOTICES: dict[type[Fact], Callable[[Telling], Sequence[Notice]]] = {ContactNoted: _noted}

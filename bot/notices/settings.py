"""What is said of a setting that has changed: to who did it, and to the coordinators (B6, B45)."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from bot.groups.described import change_words
from bot.groups.settings import SettingChanged
from bot.ledger.facts import Fact
from bot.notices.telling import Notice, Telling, Written
from bot.wording import method_name, rows, say_option
from bot.words import _


def _setting_changed(told: Telling) -> list[Notice]:
    def to_author() -> Written:
        what = change_words(told.fact, method_name)
        return Written(_("✅ {what}", what=what), rows([say_option(_("Réglages"), "reglages")]))

    def to_room() -> Written:
        what = change_words(told.fact, method_name)
        said = _("{author} a changé un réglage du groupe. {what}", author=told.author, what=what)
        return Written(said, rows([say_option(_("Réglages"), "reglages")]))

    return [Notice("author", to_author), Notice("coordinators", to_room)]


NOTICES: dict[type[Fact], Callable[[Telling], Sequence[Notice]]] = {SettingChanged: _setting_changed}

"""A household's own devices: which there are, at which of them it is told things."""

from __future__ import annotations

from bot.conversation import Record, Say, Script
from bot.groups.facts import WhereToldChosen
from bot.groups.reach import EVERYWHERE, WHERE_WRITTEN_LAST, Reach
from bot.handlers.visit import Visit
from bot.notices.people import device_words, where_told_words
from bot.questions import folded, whole_number
from bot.wording import rows, say_option
from bot.words import _

_CHOICES = {"partout": EVERYWHERE, "everywhere": EVERYWHERE, "dernier": WHERE_WRITTEN_LAST, "last": WHERE_WRITTEN_LAST}


def devices(visit: Visit) -> Script:
    """Show one's devices; « partout », « dernier » or a device's number choose where one is told things."""
    yield from ()
    linked = [reach for reach in visit.group.reaches(visit.person.number) if reach.state == "linked"]
    if not visit.words or len(linked) < 2:
        return _shown(visit, linked)
    word = folded(visit.words[0])
    choice = _CHOICES.get(word, whole_number(word))
    if choice is None or choice not in {*_CHOICES.values(), *(reach.number for reach in linked)}:
        return _shown(visit, linked)
    return Record.one(WhereToldChosen(visit.person.number, choice))


def _shown(visit: Visit, linked: list[Reach]) -> Say:
    another = say_option(_("Relier un autre"), "lier")
    if len(linked) < 2:
        return Say(
            _("Vous me parlez depuis un seul appareil. Pour en relier un autre, sur Telegram ou Matrix :"),
            rows([another]),
        )
    here = _(" – celui-ci")
    lines = [_("Vous me parlez depuis :")]
    lines += [f"– {device_words(r)}{here if r.address == visit.address else ''}" for r in linked]
    choice = visit.group.told_choice(visit.person.number)
    lines.append(where_told_words(visit.group, visit.person.number, choice))
    offered = [(WHERE_WRITTEN_LAST, _("Là où j'écris"), "dernier"), (EVERYWHERE, _("Partout"), "partout")]
    offered += [(r.number, device_words(r), str(r.number)) for r in linked]
    options = [say_option(label, f"appareils {word}") for number, label, word in offered if number != choice]
    return Say("\n".join(lines), (*rows(options), (another,)))


def told_apart(reach: Reach) -> str:
    """Tell a device from the others of its household, so that the right one is cut off."""
    last = _(", écrit en dernier") if reach.latest else ""
    return _("{number} · {platform}, relié le {at:short}{last}", number=reach.number,
             platform=reach.address.platform.capitalize(), at=reach.linked_at, last=last)  # fmt: skip

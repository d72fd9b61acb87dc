"""Beginning, help, language, group: what everybody can ask for."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from bot.chat import Option
from bot.conversation import Answer, Keep, Record, Say, Script
from bot.groups.apply import GroupChosen
from bot.groups.facts import LanguageChosen
from bot.groups.people import Right
from bot.handlers.account import balance
from bot.handlers.visit import Visit
from bot.ledger.errors import N_
from bot.questions import choose
from bot.wording import rows, say_option
from bot.words import LANGUAGES, _


def start(visit: Visit) -> Script:
    """Greet somebody who is in the group already."""
    said = yield from balance(visit)
    assert isinstance(said, Say)
    hello = _("Bonjour {name} !", name=visit.person.name)
    return Say(f"{hello} {said.text}", (*said.options, (say_option(_("Aide"), "aide"),)))


def language(visit: Visit) -> Script:
    """Choose the language one reads."""
    things = {Answer(code, name): code for code, name in LANGUAGES.items()}
    also = {"fr": ("fr", "français", "french"), "en": ("en", "anglais", "english")}
    chosen = yield from choose("langue", _("En quelle langue dois-je vous parler ?"), things, also)
    address = visit.address
    return Record.one(LanguageChosen(visit.person.number, chosen, platform=address.platform, user=address.user))


def group(visit: Visit) -> Script:
    """Choose which of one's groups is meant when one writes in private."""
    groups = visit.groups()
    if len(groups) < 2:
        return _("Vous êtes dans un seul groupe : « {group} ».", group=visit.group.settings.name)
    things = {Answer(f"g{number}", name): (number, name) for number, name in groups}
    number, name = yield from choose("groupe", _("De quel groupe parlons-nous ?"), things)
    said = _("C'est noté : nous parlons de « {group} ».", group=name)
    there = Option(_("Solde"), f"c{number}:solde")  # a button of the group just chosen, not of this turn's
    return Keep(GroupChosen(visit.address, number), Say(said, rows([there])))


def help_with(commands: Callable[[Visit], Iterable[tuple[Right, str, str]]]) -> Callable[[Visit], Script]:
    """Make the conversation that lists what one may ask for."""

    def help_(visit: Visit) -> Script:
        """List what one may ask for, by one's rights: a member's own first, then what is done for the group."""
        yield from ()
        lines: dict[Right, list[str]] = {right: [] for right in _HEADINGS}
        for right, word, does in commands(visit):
            lines[right].append(f"/{word} – {does}")
        parts = [[*_heading(right, many=len(lines[Right.PICKUP]) > 0), *some] for right, some in lines.items() if some]
        head = _("Voici ce que je sais faire. Un mot suffit ; « annuler » arrête tout, à tout moment.")
        text = "\n\n".join([head, *("\n".join(part) for part in parts)])
        return Say(text, rows([say_option(_("Solde"), "solde"), say_option(_("Payer"), "payer")]))

    return help_


_HEADINGS = {
    Right.MEMBER: N_("Pour vous"), Right.PICKUP: N_("À la distribution"), Right.TREASURY: N_("Pour le groupe"),
}  # fmt: skip


def _heading(right: Right, *, many: bool) -> list[str]:
    """Head a part of the list, where there are several."""
    return [_(_HEADINGS[right])] if many else []

"""Beginning, help, language, group: what everybody can ask for."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from bot.chat import Option
from bot.conversation import Answer, Keep, Record, Say, Script
from bot.groups.apply import GroupChosen
from bot.groups.facts import LanguageChosen
from bot.handlers.account import balance
from bot.handlers.visit import Visit
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


def help_with(commands: Callable[[Visit], Iterable[tuple[str, str]]]) -> Callable[[Visit], Script]:
    """Make the conversation that lists what one may ask for."""

    def help_(visit: Visit) -> Script:
        """List what one may ask for, by one's rights."""
        yield from ()
        lines = [f"/{word} – {does}" for word, does in commands(visit)]
        head = _("Voici ce que je sais faire. Un mot suffit ; « annuler » arrête tout, à tout moment.")
        return Say("\n".join([head, *lines]), rows([say_option(_("Solde"), "solde"), say_option(_("Payer"), "payer")]))

    return help_

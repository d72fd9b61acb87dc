"""What is said to words that are no command and answer no question: products, a name at a pickup, politeness, a mistyped word."""

from __future__ import annotations

from difflib import get_close_matches

from bot.conversation import Outcome, Say
from bot.handlers import BY_WORD, folded_word, pickup_typed, shopping
from bot.handlers.courtesy import answers_nothing, greets, is_content
from bot.handlers.visit import Visit
from bot.wording import rows, say_option
from bot.words import _


def unknown(visit: Visit, word: str) -> Say:
    """Answer a command that does not exist with those that look like it; a slash alone is no word."""
    if not word:
        return Say(_("Je n'ai pas compris. Que voulez-vous faire ?"), rows([say_option(_("Aide"), "aide")]))
    options = [say_option("/" + found, found) for found in _near(visit, word, cutoff=0.6)]
    options = options or [say_option(_("Aide"), "aide")]
    return Say(_("Je ne connais pas « {word} ».", word=word[:30]), rows(options))


def _near(visit: Visit, word: str, cutoff: float) -> list[str]:
    """List the commands that look like a word, as they are said."""
    known = {key: command for key, command in BY_WORD.items() if command.does and visit.may(command.right)}
    close = get_close_matches(folded_word(word), known, n=3, cutoff=cutoff)
    return list(dict.fromkeys(known[key].said for key in close))


def lost(visit: Visit, text: str) -> Outcome:
    """Answer words that are no command and answer no question: a name at a pickup, products where orders are open."""
    if not text:
        return Say(_("Je ne sais lire que du texte et des fichiers."), rows([say_option(_("Aide"), "aide")]))
    options = [say_option(_("Solde"), "solde"), say_option(_("Payer"), "payer"), say_option(_("Aide"), "aide")]
    polite = greets(text) or is_content(text) or answers_nothing(text)
    understood = (None if polite else pickup_typed.typed(visit, text)) or shopping.understood(visit, text)
    if understood is not None:
        return understood
    if greets(text):
        return Say(_("Bonjour ! Que puis-je faire pour vous ?"), rows(options))
    if is_content(text):
        return Say(_("Avec plaisir."))
    if answers_nothing(text):
        return Say(_("Je ne vous ai rien demandé en ce moment. Que voulez-vous faire ?"), rows(options))
    near = _near(visit, text, cutoff=0.8) if " " not in text else []
    if near:
        guesses = [say_option(found.capitalize(), found) for found in near]
        return Say(_("Je ne connais pas « {word} ». Vouliez-vous dire :", word=text[:30]), rows(guesses))
    options.append(say_option(_("Demander aux coordinateurs"), "question"))
    return Say(_("Je n'ai pas compris. Que voulez-vous faire ?"), rows(options))

"""What people say to be polite, and what is answered: it begins nothing, and answers no question (B48)."""

from __future__ import annotations

import re

from bot.folding import folded
from bot.words import _

_GREETINGS = {"bonjour", "bonsoir", "salut", "coucou", "hello", "hi"}
_THANKS = {"merci", "thanks", "thank"}
_CONTENT = {"ok", "super", "parfait", "d'accord", "entendu", "tres bien", *"👍👌🙏🙂😀😊😉❤🎉"}
_AGREED = {"oui", "non", "yes", "no", "o", "n"}
_MOST_WORDS = 4
"""Words of a greeting, « bonjour à tous » or « merci beaucoup Camille »: with more of them, something is said."""

_FIGURE = re.compile("[0-9]")


def pleasantry(text: str) -> str:
    """Give what is said to a greeting or to thanks that are nothing else; nothing to other words."""
    return _("Bonjour !") if greets(text) else _("Avec plaisir.") if _begins(text, _THANKS) else ""


def after_greeting(text: str) -> str:
    """Give what is said after a greeting or thanks, perhaps nothing.

    >>> after_greeting("Bonjour, 24,50"), after_greeting("merci"), after_greeting("un chèque")
    ('24,50', '', 'un chèque')
    """
    first, *rest = text.split(maxsplit=1) or [""]
    return " ".join(rest) if _begins(first, _GREETINGS | _THANKS) else text


def greets(text: str) -> bool:
    """Tell whether words are a greeting, and no more.

    >>> greets("Bonjour à tous !"), greets("bonjour, il me manque deux pains et du lait")
    (True, False)
    """
    return _begins(text, _GREETINGS)


def is_content(text: str) -> bool:
    """Tell whether words, or a smiley, say that all is well.

    >>> is_content("Merci beaucoup !"), is_content("👍"), is_content("merci de me rappeler ce que je dois")
    (True, True, False)
    """
    return _bare(text) in _CONTENT or _begins(text, _THANKS)


def answers_nothing(text: str) -> bool:
    """Tell whether it is a yes or a no, where nothing was asked."""
    return _bare(text) in _AGREED


def _begins(text: str, words: set[str]) -> bool:
    said = _bare(text).split()
    return 0 < len(said) <= _MOST_WORDS and said[0] in words and not _FIGURE.search(text)


def _bare(text: str) -> str:
    return folded(text.replace("\ufe0f", "").replace(",", " ")).strip(" !.;…")

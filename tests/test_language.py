"""English is complete: each sentence of the source has its translation, with the same facts in it; none is left over."""

from __future__ import annotations

import importlib
import pkgutil
import re
from collections.abc import Iterator
from string import Formatter

import pytest

import bot
from bot.handlers import COMMANDS
from bot.ledger.errors import Refusal
from tests.sentences import extracted, path_of, sentences_of, translated, written

SOURCE = {message.id: message for message in extracted() if message.id}
ENGLISH = {message.id: message for message in translated("en") if message.id}
SAME_IN_BOTH = {
    "CSV",
    "Catalogue",
    "Correction",
    "Distributions",
    "IBAN",
    "Invitation",
    "Journal",
    "Pause",
    "Photo",
    "Stock",
    "Total",
    "catalogue",
    "date",
    "journal",
    "invitations",
    "note",
    "section",
    "stock",
    "total",
    "📋 IBAN",
}
_NAMED_COMMAND = re.compile(r"(?<!\S)/([a-z]+)")
_FRENCH_MARKS = re.compile(r"[«»\u00a0\u202f]|[ \u00a0\u202f][:;?!]")


def forms(said: object) -> tuple[str, ...]:
    """Give the forms of a sentence: one, or the singular and the plural."""
    return (said,) if isinstance(said, str) else tuple(said)  # type: ignore[arg-type]


def fields(sentence: str) -> set[tuple[str, str]]:
    """Give the facts a sentence is filled with, and how each is written."""
    return {(name, spec or "") for _before, name, spec, _conversion in Formatter().parse(sentence) if name is not None}


def bare(sentence: str) -> str:
    """Give the words of a sentence, without its facts."""
    return "".join(before for before, _name, _spec, _conversion in Formatter().parse(sentence))


def complaint(french: object, english: object) -> str:
    """Say what is wrong with a translation, or nothing."""
    if len(forms(french)) != len(forms(english)) or not all(forms(english)):
        return "not translated"
    for source, target in zip(forms(french), forms(english), strict=True):
        if fields(source) != fields(target):
            return f"other facts: {fields(source) ^ fields(target)}"
        if [source[:1].isspace(), source.count("\n")] != [target[:1].isspace(), target.count("\n")]:
            return "other lines, or another beginning"
        if _FRENCH_MARKS.search(target):
            return "French marks"
        if source == target and re.search(r"[^\W\d_]{2}", bare(source)) and bare(source).strip() not in SAME_IN_BOTH:
            return "left in French"
    return ""


def test_every_sentence_has_its_english() -> None:
    """A new sentence, or one that was changed, must be translated: ``python -m tests.sentences`` adds it to the file."""
    missing = [sentence for sentence in SOURCE if sentence not in ENGLISH]
    assert not missing, f"run python -m tests.sentences, then translate {missing}"
    assert not {sentence: words for sentence in SOURCE if (words := complaint(sentence, ENGLISH[sentence].string))}


@pytest.mark.parametrize(
    ("source", "sentences"),
    [
        ('_("Payer")', ["Payer"]),
        ('_("Rien "\n  "à valider.", amount=1)', ["Rien à valider."]),
        ('_n("{n} jour", "{n} jours", days)', [("{n} jour", "{n} jours")]),
        ("f\"{name or _('Sans nom')}\"", ["Sans nom"]),
        ('sentence = N_("Trop tard.")', ["Trop tard."]),
        ("_(command.does)", []),
    ],
)
def test_every_sentence_of_a_file_is_found(source: str, sentences: list[object]) -> None:
    assert [sentence for sentence, _line in sentences_of(source)] == sentences


def test_the_file_holds_nothing_else() -> None:
    catalog = translated("en")
    assert not [message.id for message in catalog if message.fuzzy and message.id]
    assert not catalog.obsolete
    assert not set(ENGLISH) - set(SOURCE)


def test_the_file_is_as_the_tool_writes_it() -> None:
    """So that bringing it up to date changes what is new, and nothing else."""
    assert path_of("en").read_bytes() == written("en", translated("en"))


@pytest.mark.parametrize(
    ("french", "english", "expected"),
    [
        ("Payer", "", "not translated"),
        (("{n} jour", "{n} jours"), "{n} days", "not translated"),
        ("{name} doit {amount:money*}", "{name} owes {amount:money}", "other facts"),
        (("{n} jour", "{n} jours"), ("{n} day", "days"), "other facts"),
        (" Raison : {reason}.", "Reason: {reason}.", "another beginning"),
        ("Reçu", "Reçu", "left in French"),
        ("Le montant ?", "The amount ?", "French marks"),
        ("{name} : {amount:money}", "{name}: {amount:money}", ""),
    ],
)
def test_what_is_wrong_with_a_translation_is_seen(french: object, english: object, expected: str) -> None:
    said = complaint(french, english)
    assert (expected in said) if expected else not said


def test_every_refusal_is_translated() -> None:
    """B48: a refusal's sentence is marked where it is defined; only a family of refusals has none of its own."""
    refusals = list(_refusals())
    assert len(refusals) > 10
    said = [refusal for refusal in refusals if refusal.sentence or not refusal.__subclasses__()]
    assert not [refusal.__name__ for refusal in said if refusal.sentence not in ENGLISH]


def _refusals() -> Iterator[type[Refusal]]:
    for module in pkgutil.walk_packages(bot.__path__, "bot."):
        if not module.name.rpartition(".")[2].startswith(("__", "env")) and ".versions" not in module.name:
            importlib.import_module(module.name)
    waiting = list(Refusal.__subclasses__())
    while waiting:
        found = waiting.pop()
        waiting += found.__subclasses__()
        if found.__module__.startswith("bot."):
            yield found


def test_sentences_name_commands_by_the_words_of_their_language() -> None:
    french = {command.word for command in COMMANDS.values()}
    english = {command.english for command in COMMANDS.values()}
    assert not _named(message.id for message in SOURCE.values()) - french
    assert not _named(message.string for message in ENGLISH.values()) - english
    assert _named(message.id for message in SOURCE.values())


def _named(said: Iterator[object]) -> set[str]:
    return {word for sentence in said for form in forms(sentence) for word in _NAMED_COMMAND.findall(form)}

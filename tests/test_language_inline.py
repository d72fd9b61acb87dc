"""No sentence reaches people without its translation: words in the source stand inside ``_()``, ``_n()`` or ``N_()``."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from itertools import chain
from pathlib import Path

import pytest

from bot.handlers import COMMANDS

BOT = Path(__file__).parent.parent / "bot"
SPOKEN = (
    *(
        "handlers",
        "notices",
        "cards",
        "desk",
        "questions",
        "groups",
        "market",
        "reminders",
        "banking",
        "online",
        "departures",
    ),
    *("wording", "conversation.py", "nights.py", "demo_group", "papers/slips.py"),
)
"""Where sentences are made; what speaks to whoever hosts the bot is French only, and elsewhere."""

SILENT = {"tables.py", "audit.py"}
"""Files there whose words are the database's, or for whoever hosts the bot."""

TRANSLATED = {"_", "_n", "N_"}
UNHEARD = {"exec_driver_sql", "error", "warning", "info", "_apologise"}
"""Calls whose words are for the database and the log."""

LABELLED = {"say_option", "turn_option", "act_option"}
"""Calls that show their first argument; the second is a command, which nobody sees."""

SHOWN = {"Say": 0, "Message": 0, "Written": 0, "Option": 0, "MisunderstoodError": 0, "Answer": 1, "confirm": 0}
"""Calls that show one argument: a single plain word is too much there."""

_SENTENCE = re.compile(
    r"[^\W\d_]{2}[ '’](?![a-z]$)[^\W\d_]|[^\W\d_][ '’][^\W\d_]{2}"  # two words, not « commander d{number} »
    r"|[^\W\d_](?=[^\x00-\x7f])[^\W\d_]|(?=[^\x00-\x7f])[^\W\d_]{2}"  # a word with an accent
    r"|[«»]|\s[:;?!](?:\s|$)"  # the marks that French writes otherwise, whatever they stand between
)
_WORD = re.compile(r"[^\W\d_]{2,}")


def untranslated(source: str) -> Iterator[tuple[int, str]]:
    """Find words that people would read as they stand: the line and the words."""
    for literal, words in _literals(ast.parse(source), _SENTENCE):
        said = str(literal.value)
        if words.search(said) and not _is_command(said):
            yield literal.lineno, said


def _is_command(said: str) -> bool:
    """Tell whether it is what a button says to us: « distribution page »."""
    return bool(re.fullmatch(r"[a-z]+(?: [a-z0-9]+)+", said)) and said.split(maxsplit=1)[0] in COMMANDS


def _literals(node: ast.AST, words: re.Pattern[str]) -> Iterator[tuple[ast.Constant, re.Pattern[str]]]:
    """List the texts below a node, each with what would make it a sentence."""
    if isinstance(node, ast.Constant):
        if isinstance(node.value, str):
            yield node, words
    elif isinstance(node, ast.Call):
        yield from _in_call(node, words)
    elif not _unheard(node):
        yield from chain.from_iterable(_literals(child, words) for child in ast.iter_child_nodes(node))


def _in_call(call: ast.Call, words: re.Pattern[str]) -> Iterator[tuple[ast.Constant, re.Pattern[str]]]:
    name = _name(call.func)
    if name in UNHEARD:
        return
    if name in LABELLED:
        yield from _literals(call.args[0], _WORD)
        return
    arguments = () if name in TRANSLATED else call.args
    for place, argument in enumerate(arguments):
        yield from _literals(argument, _WORD if SHOWN.get(name) == place else words)
    yield from chain.from_iterable(_literals(keyword.value, words) for keyword in call.keywords)


def _unheard(node: ast.AST) -> bool:
    """Tell whether nobody hears it: what a bug says, what a docstring explains, words that people type."""
    if isinstance(node, ast.Raise):
        return not (isinstance(node.exc, ast.Call) and _name(node.exc.func) == "MisunderstoodError")
    if isinstance(node, ast.Assign | ast.AnnAssign):
        targets = node.targets if isinstance(node, ast.Assign) else [node.target]
        return all(name.id.isupper() for target in targets for name in ast.walk(target) if isinstance(name, ast.Name))
    if isinstance(node, ast.Dict):
        return all(isinstance(value, ast.Tuple) for value in node.values)
    return isinstance(node, ast.Assert) or (isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant))


def _name(function: ast.expr) -> str:
    if isinstance(function, ast.Attribute):
        return function.attr
    return function.id if isinstance(function, ast.Name) else ""


def _files() -> list[Path]:
    found = [file for name in SPOKEN for file in [*(BOT / name).rglob("*.py"), BOT / name]]
    return [file for file in found if file.is_file() and file.name not in SILENT]


def test_no_sentence_stands_in_the_source_without_its_translation() -> None:
    files = _files()
    assert {file.name for file in files} >= {"paying.py", "money.py", "dialogue.py", "amounts.py"}
    found = [
        f"{file.relative_to(BOT)}:{line}: {said}" for file in files for line, said in untranslated(file.read_text())
    ]
    assert not found


@pytest.mark.parametrize(
    "source",
    [
        'return "Rien à valider."',
        'return f"Bonjour {name} et merci"',
        'Say("Bonjour")',
        'say_option("Payer", "payer")',
        'Option("Payer", data)',
        'Answer("new", "Autre")',
        'raise MisunderstoodError("Comment")',
        'Say("\\n".join(["Vos commandes", *lines]))',
        'text = "Déjà"',
        'return f"{name} : {changes}"',
        'return f"« {typed} »"',
        '_("Bonjour {name}", name="une personne")',
    ],
)
def test_a_sentence_without_its_translation_is_seen(source: str) -> None:
    assert list(untranslated(source))


@pytest.mark.parametrize(
    "source",
    [
        'return _("Rien à valider.")',
        'say_option(_("Payer"), f"payer {number}")',
        'Answer("new", _("Autre"))',
        'say_option("‹", "membres 2")',
        'which = f"commander d{number}"',
        'word = "membres page"',
        'raise TypeError("a conversation ended badly")',
        'log.error("no apology could be made")',
        'THANKS = {"merci beaucoup"}',
        'RECEIVED, LEFT = "not here", "left there"',
        '{"yes": ("oui", "d\'accord")}',
        'def f() -> None:\n    """Ask for a day."""',
        'return f"m{person.number} · {person.name}"',
        'return f"c{number}:{command}"',
    ],
)
def test_what_nobody_reads_is_left_alone(source: str) -> None:
    assert not list(untranslated(source))

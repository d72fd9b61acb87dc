"""The command line speaks French: typer's own words in its help, what is misspelt, what is wrong, each in a line."""

from __future__ import annotations

import re
import traceback
from pathlib import Path
from typing import Any

from typer.core import TyperCommand, TyperGroup

from bot.complaints import HostError
from bot.ledger.errors import StoreError

_HELP = {
    "Usage: ": "Usage : ", "\nOptions:": "\nOptions :", "\nCommands:": "\nCommandes :", "\nArguments:": "\nArguments :",
    "Show this message and exit.": "Montrer cette aide.", "[default:": "[sinon :", "[required]": "[obligatoire]",
    "COMMAND [ARGS]...": "COMMANDE …",
}  # fmt: skip
_NO_COMMAND = re.compile(r"No such command '(.*?)'\.(?: Did you mean (.*)\?)?")
_VALUES = {
    r"Input should be less than or equal to (\S+)": r"\1 au plus",
    r"Input should be greater than or equal to (\S+)": r"\1 au moins",
    r"Input should be a valid integer.*": "il faut un nombre entier",
}
_TOO_MUCH = re.compile(r"Got unexpected extra argument\(s\) \((.*)\)")


class FrenchCommand(TyperCommand):
    """A command whose help is in French throughout."""

    def get_help(self, ctx: Any) -> str:
        """Give the help as it is shown."""
        return _in_french(super().get_help(ctx))


class FrenchGroup(TyperGroup):
    """A group of commands whose help is in French throughout."""

    def get_help(self, ctx: Any) -> str:
        """Give the help as it is shown."""
        return _in_french(super().get_help(ctx))


def usage_in_french(error: Any) -> str:
    """Say in a line what is wrong with what was typed; ``error`` is one of typer's usage errors."""
    context = getattr(error, "ctx", None)
    command = context.command_path if context is not None else "ardoise"
    return f"{_wrong(error)} « {command} --help » montre comment."


def in_one_line(trouble: Exception) -> str:
    """Say in one line what is wrong."""
    if isinstance(trouble, HostError | StoreError):
        return str(trouble)
    if isinstance(trouble, OSError):
        return f"{trouble.filename or 'Ce système'} : {trouble.strerror or type(trouble).__name__}."
    frame = traceback.extract_tb(trouble.__traceback__)[-1]
    place = f"{Path(frame.filename).name}, ligne {frame.lineno}"
    return f"C'est une faute du programme, pas la vôtre ({type(trouble).__name__}, {place})."


def _wrong(error: Any) -> str:
    kind, said = type(error).__name__, error.format_message()
    if kind == "NoSuchOption":
        near = f" (peut-être {', '.join(error.possibilities)} ?)" if error.possibilities else ""
        return f"Il n'y a pas d'option {error.option_name}{near}."
    if kind == "MissingParameter":
        return f"Il manque {_hint(error)}."
    if kind == "BadOptionUsage":
        return f"Il manque une valeur après {error.option_name}."
    if kind == "BadParameter":
        return f"{_hint(error)} : {_value(error.message).rstrip('.')}."
    unknown, extra = _NO_COMMAND.match(said), _TOO_MUCH.match(said)
    if unknown:
        near = f" (peut-être {unknown[2]} ?)" if unknown[2] else ""
        return f"Il n'y a pas de commande « {unknown[1]} »{near}."
    return f"« {extra[1]} » est de trop." if extra else said


def _value(said: str) -> str:
    """Say what is wrong with a value; as it is where we have no words of our own for it."""
    for english, french in _VALUES.items():
        found = re.fullmatch(english, said)
        if found:
            return found.expand(french)
    return said


def _hint(error: Any) -> str:
    found = error.param_hint or (error.param.get_error_hint() if error.param is not None else "une valeur")
    return (found if isinstance(found, str) else " / ".join(found)).replace("'", "")


def _in_french(text: str) -> str:
    for english, french in _HELP.items():
        text = text.replace(english, french)
    return text

"""A new installation: a few questions, then the configuration and the secret file, for their owner only (« ardoise init »)."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Callable, Generator, Iterator
from dataclasses import dataclass
from pathlib import Path
from zoneinfo import available_timezones

from bot.archive import SESSION
from bot.commands import CommandError, matrix_account, people
from bot.commands.matrix_account import MOST_TRIES, Ask, AskSecret, Login
from bot.config import Config
from bot.sources import SECRETS_BESIDE, load

TOKEN_FILE = "telegram__token"  # noqa: S105 - the name of the file, not a token
WRITTEN = """\
# Les réglages d'Ardoise. Toutes les clés et ce qu'elles font : config.example.toml.

[database]
url = "sqlite:///ardoise.db"

[telegram]
# Le jeton est à part, dans le fichier secrets/telegram__token.
base_url = "https://api.telegram.org"
{matrix}
[group]
timezone = "{zone}"
"""
ON_MATRIX = """
[matrix]
# La session du bot et ses clés sont dans le dossier matrix : pour vous seul. Il n'a plus besoin du mot de passe.
homeserver = {homeserver}
user_id = {user}
"""


@dataclass(frozen=True)
class _Answers:
    """What the host has said. ``token``: "" for later; ``login``: None where the bot is not on Matrix."""

    group: str
    zone: str
    token: str
    coordinator: str
    login: Login | None


def set_up(config_file: Path, ask: Ask, ask_secret: AskSecret) -> Iterator[str]:
    """Ask, write, make the database; say what to do next. Nothing that is there is replaced. Raises CommandError.

    Everything is beside ``config_file``. ``ask`` takes a question and what no answer means: None where there must be one.
    """
    folder = config_file.parent
    token_file, keys = folder / SECRETS_BESIDE / TOKEN_FILE, folder / "matrix"
    for there in (config_file, token_file, keys / SESSION):
        if there.exists():
            raise CommandError(f"{there} existe déjà : rien n'est remplacé.")
    answers = yield from _asked(ask, ask_secret)
    try:
        _write_down(answers, config_file, token_file)
    except OSError as trouble:
        raise CommandError(f"{folder} : {trouble.strerror}.") from None
    yield f"Écrit : {config_file} et {token_file}"
    yield from _begun(load(config_file), keys, answers)
    given = "" if config_file == Path("config.toml") else f" --config {config_file}"
    yield f"Pour vérifier : ardoise check{given} · pour démarrer : ardoise run{given}"


def _asked(ask: Ask, ask_secret: AskSecret) -> Generator[str, None, _Answers]:
    """Put the questions; on Matrix the account is let in before anything is written."""
    name = ask("Comment s'appelle le groupe ?", None)
    zone = yield from _until(
        lambda: ask("Son fuseau horaire", "Europe/Paris").strip(), available_timezones().__contains__,
        "« {typed} » n'est pas un fuseau horaire connu (par exemple Europe/Paris).",
    )  # fmt: skip
    token = yield from _until(
        lambda: ask_secret("Le jeton que @BotFather vous a donné (il ne s'affiche pas ; vide : plus tard)").strip(),
        lambda typed: not typed or re.fullmatch("[0-9]+:[A-Za-z0-9_-]+", typed) is not None,
        "Ce n'est pas un jeton de @BotFather : des chiffres, deux-points, puis des lettres, sans espace.",
    )
    first = ask("La première coordinatrice ou le premier coordinateur (prénom et nom)", None)
    login = yield from matrix_account.asked_for(ask, ask_secret)
    return _Answers(name, zone, token, first, login)


def _until(asked: Callable[[], str], right: Callable[[str], bool], wrong: str) -> Generator[str, None, str]:
    """Ask until the answer is one, and say what was wrong. Raises CommandError once that was often enough."""
    for tries_left in reversed(range(MOST_TRIES)):
        typed = asked()
        if right(typed):
            return typed
        if tries_left:
            yield wrong.format(typed=typed)
    raise CommandError(f"{wrong.format(typed=typed)} Rien n'est écrit.")


def _write_down(answers: _Answers, config_file: Path, token_file: Path) -> None:
    token_file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    matrix = _on_matrix(answers.login) if answers.login else ""
    _write(config_file, WRITTEN.format(zone=answers.zone, matrix=matrix))
    _write(token_file, answers.token + "\n")


def _begun(config: Config, keys: Path, answers: _Answers) -> Iterator[str]:
    """Make the group, keep the session on Matrix, invite the first coordinator."""
    yield from list(people.add_group(config, answers.group))[:1]
    if answers.login is not None:
        yield from matrix_account.settled(answers.login, keys)
        people.note_handle(config, "matrix", answers.login.session.user)
    yield from people.invite(config, None, answers.coordinator, coordinator=True)


def _on_matrix(login: Login) -> str:
    """Write the section; a string of JSON is one of TOML too."""
    homeserver, user = json.dumps(login.account.homeserver), json.dumps(login.session.user)
    return ON_MATRIX.format(homeserver=homeserver, user=user)


def _write(path: Path, text: str) -> None:
    with os.fdopen(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600), "w", encoding="utf-8") as file:
        file.write(text)

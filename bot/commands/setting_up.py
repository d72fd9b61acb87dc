"""A new installation: a few questions, then the configuration and the secret file, for their owner only (« ardoise init »)."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Callable, Generator, Iterator
from pathlib import Path
from zoneinfo import available_timezones

from bot.archive import SESSION
from bot.commands import CommandError, matrix_account, people
from bot.commands.matrix_account import MOST_TRIES, Ask, AskSecret, Login
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


def set_up(config_file: Path, ask: Ask, ask_secret: AskSecret) -> Iterator[str]:
    """Ask, write, make the database; say what to do next. Nothing that is there is replaced. Raises CommandError.

    Everything is beside ``config_file``. ``ask`` takes a question and what no answer means: None where there must be one.
    """
    folder = config_file.parent
    secrets, keys = folder / SECRETS_BESIDE, folder / "matrix"
    for there in (config_file, secrets / TOKEN_FILE, keys / SESSION):
        if there.exists():
            raise CommandError(f"{there} existe déjà : rien n'est remplacé.")
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
    try:
        secrets.mkdir(parents=True, exist_ok=True, mode=0o700)
        _write(config_file, WRITTEN.format(zone=zone, matrix=_on_matrix(login) if login else ""))
        _write(secrets / TOKEN_FILE, token + "\n")
    except OSError as trouble:
        raise CommandError(f"{folder} : {trouble.strerror}.") from None
    yield f"Écrit : {config_file} et {secrets / TOKEN_FILE}"
    config = load(config_file)
    yield from list(people.add_group(config, name))[:1]
    if login is not None:
        yield from matrix_account.settled(login, keys)
        people.note_handle(config, "matrix", login.session.user)
    yield from people.invite(config, None, first, coordinator=True)
    given = "" if config_file == Path("config.toml") else f" --config {config_file}"
    yield f"Pour vérifier : ardoise check{given} · pour démarrer : ardoise run{given}"


def _until(asked: Callable[[], str], right: Callable[[str], bool], wrong: str) -> Generator[str, None, str]:
    """Ask until the answer is one, and say what was wrong. Raises CommandError once that was often enough."""
    for _try in range(MOST_TRIES - 1):
        typed = asked()
        if right(typed):
            return typed
        yield wrong.format(typed=typed)
    typed = asked()
    if not right(typed):
        raise CommandError(f"{wrong.format(typed=typed)} Rien n'est écrit.")
    return typed


def _on_matrix(login: Login) -> str:
    """Write the section; a string of JSON is one of TOML too."""
    homeserver, user = json.dumps(login.account.homeserver), json.dumps(login.session.user)
    return ON_MATRIX.format(homeserver=homeserver, user=user)


def _write(path: Path, text: str) -> None:
    with os.fdopen(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600), "w", encoding="utf-8") as file:
        file.write(text)

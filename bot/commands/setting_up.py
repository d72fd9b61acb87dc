"""A new installation: a few questions, then the configuration and the secret file, for their owner only (« ardoise init »)."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from pathlib import Path
from zoneinfo import available_timezones

from bot.archive import SESSION
from bot.commands import CommandError, matrix_account, people
from bot.commands.matrix_account import Ask, AskSecret, Login
from bot.sources import load

TOKEN_FILE = "telegram__token"  # noqa: S105 - the name of the file, not a token
WRITTEN = """\
# Les réglages d'Ardoise. Toutes les clés et ce qu'elles font : config.example.toml.

[database]
url = "sqlite:///ardoise.db"

[telegram]
# Le jeton est dans le fichier secrets/telegram__token (ARDOISE_SECRETS_DIR).
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


def set_up(folder: Path, ask: Ask, ask_secret: AskSecret) -> Iterator[str]:
    """Ask, write, make the database; say what to do next. Nothing that is there is replaced. Raises CommandError.

    ``ask`` takes a question and what no answer means: None where there must be one.
    """
    config_file, secrets, keys = folder / "config.toml", folder / "secrets", folder / "matrix"
    for there in (config_file, secrets / TOKEN_FILE, keys / SESSION):
        if there.exists():
            raise CommandError(f"{there} existe déjà : rien n'est remplacé.")
    name = ask("Comment s'appelle le groupe", None)
    zone = ask("Son fuseau horaire", "Europe/Paris")
    if zone not in available_timezones():
        raise CommandError(f"« {zone} » n'est pas un fuseau horaire connu (par exemple Europe/Paris).")
    token = ask_secret("Le jeton que @BotFather vous a donné (il ne s'affiche pas ; vide : plus tard)")
    first = ask("La première coordinatrice ou le premier coordinateur (prénom et nom)", None)
    login = yield from matrix_account.asked_for(ask, ask_secret)
    try:
        secrets.mkdir(parents=True, exist_ok=True, mode=0o700)
        _write(config_file, WRITTEN.format(zone=zone, matrix=_on_matrix(login) if login else ""))
        _write(secrets / TOKEN_FILE, token.strip() + "\n")
    except OSError as trouble:
        raise CommandError(f"{folder} : {trouble.strerror}.") from None
    yield f"Écrit : {config_file} et {secrets / TOKEN_FILE}"
    config = load(config_file)
    yield from list(people.add_group(config, name))[:1]
    if login is not None:
        yield from matrix_account.settled(login, keys)
        people.note_handle(config, "matrix", login.session.user)
    yield from people.invite(config, None, first, coordinator=True)
    yield f"Pour démarrer : ARDOISE_SECRETS_DIR={secrets} ardoise run --config {config_file}"


def _on_matrix(login: Login) -> str:
    """Write the section; a string of JSON is one of TOML too."""
    homeserver, user = json.dumps(login.account.homeserver), json.dumps(login.session.user)
    return ON_MATRIX.format(homeserver=homeserver, user=user)


def _write(path: Path, text: str) -> None:
    with os.fdopen(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600), "w", encoding="utf-8") as file:
        file.write(text)

"""The bot's account on Matrix, asked for by « ardoise init »: looked for, logged in, and no password kept (B48)."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Generator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from bot.commands import CommandError
from bot.complaints import HostError

if TYPE_CHECKING:
    from bot.chats.matrix.wire.session import Account, Session

T = TypeVar("T")
Ask = Callable[[str, str | None], str]
AskSecret = Callable[[str], str]

MOST_TRIES = 3
LATER = "Rien n'est écrit. Laissez Matrix de côté (vide) pour l'instant, ou recommencez « ardoise init »."


@dataclass(frozen=True)
class Login:
    """An account that was let in: what is written of it, and what is kept for its owner only."""

    account: Account
    session: Session


def asked_for(ask: Ask, ask_secret: AskSecret) -> Generator[str, None, Login | None]:
    """Ask for the account and log in; None where there is to be none. A wrong answer is asked again, a few times.

    Raises CommandError.
    """
    address = ask("Un serveur Matrix aussi ? Son adresse, comme https://matrix.exemple.org (vide : non)", "")
    tries = 1
    while address.strip():
        try:
            homeserver = _found(address)
        except CommandError as trouble:
            address, tries = yield from _again(
                trouble, tries, lambda: ask("L'adresse du serveur (vide : plus tard)", "")
            )
        else:
            return (yield from _let_in(homeserver, ask, ask_secret))
    return None


def settled(login: Login, folder: Path) -> Generator[str]:
    """Keep the session and sign its device; say what has become of it."""
    from bot.chats.matrix.wire.calls import SessionRefusedError  # noqa: PLC0415 - heavy, for those who have it
    from bot.chats.matrix.wire.settling import settle  # noqa: PLC0415 - as above

    try:
        signed = asyncio.run(settle(login.account, login.session, folder))
    except (ConnectionError, SessionRefusedError, HostError):
        signed = False
    yield (f"Matrix : {login.session.user} est connectée. Sa session et ses clés sont dans {folder} ; son mot de passe n'est "
           "gardé nulle part.")  # fmt: skip
    if not signed:
        yield ("⚠️ Son appareil n'a pas pu être signé : sans cela, Element ne lui donne pas les clés des salons chiffrés. Mettez le "
               "mot de passe dans [matrix] password pour le premier démarrage, puis retirez-le.")  # fmt: skip


def _found(address: str) -> str:
    from bot.chats.matrix.wire.settling import homeserver_at  # noqa: PLC0415 - as above

    try:
        return asyncio.run(homeserver_at(address))
    except ConnectionError as trouble:
        raise CommandError(f"{trouble} ne répond pas comme un serveur Matrix.") from None


def _let_in(homeserver: str, ask: Ask, ask_secret: AskSecret) -> Generator[str, None, Login | None]:
    tries, typed = 1, _typed(homeserver, ask, ask_secret)
    while True:
        try:
            return _logged_in(typed)
        except CommandError as trouble:
            typed, tries = yield from _again(trouble, tries, lambda: _typed(homeserver, ask, ask_secret))


def _typed(homeserver: str, ask: Ask, ask_secret: AskSecret) -> Account:
    from bot.chats.matrix.wire.session import Account  # noqa: PLC0415 - as above

    user = ask("Le compte du bot sur ce serveur, comme @ardoise:exemple.org", None).strip()
    password = ask_secret("Son mot de passe (il ne s'affiche pas et n'est pas gardé ; vide : par un jeton d'accès)")
    token = (
        "" if password else ask_secret("Le jeton d'accès d'une session faite pour le bot (il ne s'affiche pas)").strip()
    )
    return Account(homeserver, user, password, token)


def _logged_in(account: Account) -> Login:
    from bot.chats.matrix.wire.calls import SessionRefusedError  # noqa: PLC0415 - as above
    from bot.chats.matrix.wire.settling import logged_in_at  # noqa: PLC0415 - as above

    if not (account.password or account.token):
        raise CommandError("Il faut le mot de passe du compte, ou un jeton d'accès.")
    try:
        session = asyncio.run(logged_in_at(account))
    except SessionRefusedError:
        what = "ce mot de passe" if account.password else "ce jeton"
        raise CommandError(f"Le serveur ne connaît pas {account.user}, ou refuse {what}.") from None
    except ConnectionError:
        raise CommandError("Le serveur Matrix ne répond plus, ou demande d'attendre un peu.") from None
    if account.user.startswith("@") and account.user != session.user:
        raise CommandError(f"Ce jeton est celui de {session.user}, pas de {account.user}.")
    return Login(account, session)


def _again(trouble: CommandError, tries: int, question: Callable[[], T]) -> Generator[str, None, tuple[T, int]]:
    """Say what was wrong, and ask again. Raises CommandError once that was often enough."""
    if tries == MOST_TRIES:
        raise CommandError(f"{trouble} {LATER}")
    yield str(trouble)
    return question(), tries + 1

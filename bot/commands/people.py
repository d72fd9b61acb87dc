"""Groups and their first coordinators, made by whoever hosts the bot (B43)."""

from __future__ import annotations

from collections.abc import Iterator

from sqlalchemy import Connection

from bot.commands import CommandError, opened
from bot.config import Config
from bot.desk import new_code, utc_now
from bot.groups import registry
from bot.groups.joining import INVITATION_LASTS
from bot.groups.people import Group
from bot.groups.registry import Beginnings, find_group, list_groups

LONGEST_NAME = 80


def add_group(config: Config, name: str) -> Iterator[str]:
    """Add a group with its books; the first one makes the database."""
    called, new = _name(name), config.group
    beginnings = Beginnings(
        new.currency, new.timezone, new.language, new.methods, new.top_up_methods, new.kitty_may_go_negative
    )

    def add(connection: Connection) -> int:
        if any(called.casefold() == known.casefold() for _number, known in list_groups(connection)):
            raise CommandError(f"Un groupe s'appelle déjà « {called} ».")
        return registry.add_group(connection, called, beginnings, utc_now())

    with opened(config, create=True) as store:
        number = store.write(add).result()
    yield f"Groupe n° {number} : {called}"
    yield f'Sa première coordinatrice : ardoise invite --group {number} --coordinator "Prénom Nom"'


def note_handle(config: Config, platform: str, name: str) -> None:
    """Note how the bot is called on a platform before it has been there, so that invitations say where to write."""
    with opened(config) as store:
        store.write(lambda connection: registry.set_handle(connection, platform, name)).result()


def groups(config: Config) -> Iterator[str]:
    """List the groups."""
    with opened(config) as store, store.read() as connection:
        for number, name in list_groups(connection):
            people = len(Group(connection, number).members())
            yield f"{number}\t{name}\t{people} adhérent{'s' if people > 1 else ''}"


def invite(config: Config, wanted: str | None, name: str, *, coordinator: bool) -> Iterator[str]:
    """Invite a person by name, a member of the group or not yet; say how to hand the invitation over (B42, B43)."""
    called, code = _name(name), new_code()
    with opened(config) as store:
        with store.read() as connection:
            group = chosen_group(connection, wanted)
        person = store.write(
            lambda connection: registry.invite(connection, group, called, code, utc_now(), coordinator=coordinator)
        ).result()
        with store.read() as connection:
            ways = registry.links(connection, code)
    yield f"Invitation de {person.name}, pour une fois et {INVITATION_LASTS.days} jours : {code}"
    yield from ways


def chosen_group(connection: Connection, wanted: str | None) -> int:
    """Find the group meant by its number or name; without a word, the only one there is. Raises CommandError."""
    known = list_groups(connection)
    if wanted is None and len(known) == 1:
        return known[0][0]
    found = find_group(connection, wanted) if wanted is not None else None
    if found is None:
        names = ", ".join(f"{number} « {name} »" for number, name in known) or "aucun encore"
        raise CommandError(f"Quel groupe ? Dites --group et son numéro ou son nom ({names}).")
    return found


def _name(typed: str) -> str:
    name = " ".join(typed.split())
    if not name or len(name) > LONGEST_NAME or not name.isprintable():
        raise CommandError(f"Il faut un nom, de {LONGEST_NAME} lettres au plus.")
    return name

"""The books, looked after by whoever hosts the bot: checked, exported, saved, brought back."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

from sqlalchemy import Connection

from bot import archive
from bot.commands import CommandError, opened
from bot.commands.people import chosen_group
from bot.config import Config
from bot.desk import utc_now
from bot.groups.registry import list_groups
from bot.ledger.audit import Discrepancy, audit
from bot.ledger.closing import closed_books, reopen_books
from bot.ledger.errors import Refusal
from bot.ledger.replay import NotReplayedError
from bot.ledger.store import Store
from bot.rebuilding import differences, follow_all

FORMATS = ("beancount", "csv", "json")


def audited(config: Config, *, rebuild: bool = False) -> tuple[list[Discrepancy], str]:
    """Check the books; give what is wrong, and a line on what was looked at. ``rebuild``: sound books are made again beside."""
    with opened(config) as store, store.read() as connection:
        found, groups, closed = audit(connection), len(list_groups(connection)), closed_books(connection)
        if rebuild and not found:
            found = list(_unlike_rebuilt(connection))
    said = f"{groups} groupe{'s' if groups > 1 else ''}, {utc_now():%d/%m/%Y %H:%M} UTC"
    if closed:
        numbers = ", ".join(map(str, closed))
        said += f" ; comptes fermés à tout sauf aux paiements reçus : groupe {numbers} (ardoise audit --reopen N)"
    return found, said


def _unlike_rebuilt(connection: Connection) -> Iterator[Discrepancy]:
    """Make everything that facts make again, in a file of its own, and compare; nothing of it is kept."""
    with TemporaryDirectory(prefix="ardoise-") as folder:
        other = Store.open(f"sqlite:///{Path(folder) / 'rebuilt.db'}", create=True)
        try:
            other.write(lambda target: follow_all(connection, target)).result()
            with other.read() as target:
                for group, detail in differences(connection, target):
                    yield Discrepancy(group, "refait depuis le journal", detail, serious=False)
        except (Refusal, NotReplayedError) as trouble:
            yield Discrepancy(0, "refait depuis le journal", type(trouble).__name__, serious=False)
        finally:
            other.close()


def reopened(config: Config, wanted: str) -> Iterator[str]:
    """Open again the books of a group that add up again. Raises BooksUnsoundError while they do not."""
    with opened(config) as store:
        with store.read() as connection:
            group = chosen_group(connection, wanted)
        store.write(lambda connection: reopen_books(connection, group)).result()
    yield f"Les comptes du groupe {group} sont ouverts."


def exported(config: Config, kind: str, wanted: str | None) -> Iterator[str]:
    """Write the journal, of one group or of all, piece by piece. Raises CommandError."""
    from bot.papers.export import WRITERS  # noqa: PLC0415 - only an export needs them

    with opened(config) as store, store.read() as connection:
        known = [number for number, _name in list_groups(connection)]
        groups = known if wanted is None else [chosen_group(connection, wanted)]
        yield from WRITERS[kind](connection, groups, utc_now())


def back_up(config: Config, target: Path | None) -> Iterator[str]:
    """Write an archive of the database. Raises ArchiveError and DatabaseUnusableError."""
    made = target or config.backups / f"ardoise-{utc_now():%Y-%m-%d-%H%M%S}.zip"
    with opened(config) as store:
        archive.make(store, made, config.matrix_folder)
    yield f"Sauvegarde : {made} ({size(made)})"


def restored(config: Config, source: Path) -> Iterator[str]:
    """Bring a database back where there is none. Raises ArchiveError, StoreError."""
    if not source.is_file():
        raise CommandError(f"{source} n'existe pas.")
    target = archive.restore(source, config.database.url, config.matrix_folder)
    store = Store.open(config.database.url)
    try:
        with store.read() as connection:
            found, groups = audit(connection), list_groups(connection)
    finally:
        store.close()
    yield f"Restauré : {target}, {len(groups)} groupe{'s' if len(groups) > 1 else ''}."
    for wrong in found:
        yield f"✗ {wrong}"


def size(path: Path) -> str:
    """Say how large a file is.

    >>> size(Path(__file__))[-2:]
    'ko'
    """
    kilobytes = max(1, round(path.stat().st_size / 1024))
    return f"{kilobytes} ko" if kilobytes < 10_000 else f"{kilobytes // 1024} Mo"

"""The command line: what whoever hosts the bot types. Errors are one clear line, and exit status 1."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Iterable
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from bot import __version__
from bot.commands.usage import FrenchCommand, FrenchGroup, in_one_line, usage_in_french

if TYPE_CHECKING:
    from bot.config import Config

app = typer.Typer(
    cls=FrenchGroup,
    help="Ardoise tient les comptes d'un groupe d'achat, dans une discussion.",
    epilog="Pour essayer sans aucun compte : ardoise demo",
    no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False, rich_markup_mode=None,
    context_settings={"help_option_names": ["--help", "-h"]},
)  # fmt: skip
group_commands = typer.Typer(
    cls=FrenchGroup, no_args_is_help=True, rich_markup_mode=None, help="Les groupes : en ajouter, les lister."
)
app.add_typer(group_commands, name="group")

ConfigFile = Annotated[
    Path, typer.Option("--config", "-c", metavar="FICHIER", help="Le fichier de configuration.", show_default=True)
]
GroupName = Annotated[
    str | None, typer.Option("--group", "-g", metavar="GROUPE", help="Le groupe, par son numéro ou son nom.")
]
DEFAULT = Path("config.toml")


def _version(asked: bool) -> None:
    if asked:
        print(f"ardoise {__version__}")
        raise typer.Exit


@app.callback()
def _ardoise(
    _asked: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Dire la version, rien de plus.")
    ] = False,
) -> None:
    """Ardoise tient les comptes d'un groupe d'achat, dans une discussion."""


@app.command(cls=FrenchCommand)
def demo(
    web: Annotated[bool, typer.Option("--web", help="Une page locale plutôt que le terminal.")] = False,
    port: Annotated[int, typer.Option(min=0, max=65535, help="Le port de la page ; 0 : n'importe lequel.")] = 0,
    data: Annotated[Path | None, typer.Option(metavar="FICHIER", help="Garder le groupe dans ce fichier.")] = None,
    date: Annotated[str | None, typer.Option(metavar="DATE", help="L'heure qu'il est : 2026-11-24T18:00.")] = None,
    _config: ConfigFile = DEFAULT,
) -> None:
    """Essayer, avec un groupe inventé et sans aucun compte."""
    from bot.demo import play

    play(web=web, port=port, data=data, date=_moment(date) if date else None)


@app.command(cls=FrenchCommand)
def init(
    folder: Annotated[Path, typer.Argument(metavar="DOSSIER", help="Où tout mettre.")] = Path(),
    config: Annotated[
        Path | None, typer.Option("--config", "-c", metavar="FICHIER", help="Le fichier à écrire, s'il a un autre nom.")
    ] = None,
) -> None:
    """Préparer une installation en quelques questions."""
    from bot.commands.setting_up import set_up

    def ask(question: str, default: str | None) -> str:
        try:
            return str(typer.prompt(question, default, show_default=bool(default), prompt_suffix=_after(question)))
        except typer.Abort:
            if default is None or sys.stdin.isatty():
                raise
            return default  # a script written before this question was asked has said all it has to say

    def ask_secret(question: str) -> str:
        hidden = sys.stdin.isatty()
        return str(typer.prompt(question, "", hidden, show_default=False, prompt_suffix=_after(question)))

    _say(set_up(config or folder / DEFAULT, ask, ask_secret))


@app.command(cls=FrenchCommand)
def run(config: ConfigFile = DEFAULT) -> None:
    """Faire tourner le bot, jusqu'à ce qu'on l'arrête."""
    signal.signal(signal.SIGTERM, lambda *_told: sys.exit(0))  # until there is something to stop more gently
    from bot import logs
    from bot.app import run as run_bot

    settings = _settings(config)
    logs.set_up()
    run_bot(settings)


@app.command(cls=FrenchCommand)
def check(config: ConfigFile = DEFAULT) -> None:
    """Vérifier l'installation, une ligne par point."""
    from bot.commands.check import check as look

    wrong = False
    for finding in look(config):
        print(finding)
        wrong = wrong or not finding.right
    raise typer.Exit(1 if wrong else 0)


@group_commands.command("add", cls=FrenchCommand)
def group_add(
    name: Annotated[str, typer.Argument(metavar="NOM", help="Le nom du groupe.")], config: ConfigFile = DEFAULT
) -> None:
    """Ajouter un groupe ; le premier crée la base."""
    from bot.commands.people import add_group

    _say(add_group(_settings(config), name))


@group_commands.command("list", cls=FrenchCommand)
def group_list(config: ConfigFile = DEFAULT) -> None:
    """Lister les groupes."""
    from bot.commands.people import groups

    _say(groups(_settings(config)))


@app.command(cls=FrenchCommand)
def invite(
    name: Annotated[str, typer.Argument(metavar="NOM", help="Prénom et nom, comme le groupe les connaît.")],
    group: GroupName = None,
    coordinator: Annotated[bool, typer.Option("--coordinator", help="Lui confier aussi la trésorerie.")] = False,
    config: ConfigFile = DEFAULT,
) -> None:
    """Inviter quelqu'un : le code, et le lien à envoyer."""
    from bot.commands.people import invite as invitation

    _say(invitation(_settings(config), group, name, coordinator=coordinator))


@app.command(cls=FrenchCommand)
def audit(
    reopen: Annotated[
        str | None, typer.Option(metavar="GROUPE", help="Rouvrir les comptes d'un groupe, s'ils tombent juste.")
    ] = None,
    rebuild: Annotated[
        bool, typer.Option("--rebuild", help="Tout refaire depuis le journal, à côté, et comparer.")
    ] = False,
    config: ConfigFile = DEFAULT,
) -> None:
    """Vérifier les comptes, une ligne par anomalie."""
    from bot.commands.books import audited, reopened

    settings = _settings(config)
    if reopen is not None:
        return _say(reopened(settings, reopen))
    found, looked_at = audited(settings, rebuild=rebuild)
    _say([*map(str, found), f"{'✗' if found else '✓'} {looked_at}"])
    raise typer.Exit(1 if found else 0)


@app.command(cls=FrenchCommand)
def export(
    kind: Annotated[str, typer.Option("--format", metavar="beancount|csv|json", help="La forme voulue.")],
    group: GroupName = None,
    config: ConfigFile = DEFAULT,
) -> None:
    """Écrire le journal des comptes (sur la sortie standard)."""
    from bot.commands.books import FORMATS, exported

    if kind not in FORMATS:
        raise typer.BadParameter(f"{kind} : il faut {', '.join(FORMATS)}", param_hint="--format")
    for piece in exported(_settings(config), kind, group):
        sys.stdout.write(piece)


@app.command(cls=FrenchCommand)
def backup(
    file: Annotated[Path | None, typer.Argument(metavar="[FICHIER]", help="L'archive à écrire.")] = None,
    config: ConfigFile = DEFAULT,
) -> None:
    """Sauvegarder, même pendant que le bot tourne."""
    from bot.commands.books import back_up

    _say(back_up(_settings(config), file))


@app.command(cls=FrenchCommand)
def restore(
    file: Annotated[Path, typer.Argument(metavar="FICHIER", help="L'archive.")], config: ConfigFile = DEFAULT
) -> None:
    """Remettre une sauvegarde là où il n'y a pas de base."""
    from bot.commands.books import restored

    _say(restored(_settings(config), file))


def _settings(path: Path) -> Config:
    from bot.sources import load

    return load(path)


def _after(question: str) -> str:
    return " " if question.endswith("?") else " : "


def _say(lines: Iterable[str]) -> None:
    for line in lines:
        print(line)


def _moment(typed: str) -> datetime:
    from zoneinfo import ZoneInfo

    try:
        found = datetime.fromisoformat(typed)
    except ValueError:
        raise typer.BadParameter(f"« {typed} » n'est pas une date (2026-11-24T18:00)", param_hint="--date") from None
    return found if found.tzinfo else found.replace(tzinfo=ZoneInfo("Europe/Paris"))


def main() -> None:
    """Run the command typed, and end with its status."""
    os.umask(0o077)  # what is written here is for its owner only
    sys.exit(status(sys.argv[1:]))


def status(arguments: list[str]) -> int:
    """Carry out a command; give its exit status: 1 when something is wrong, 2 when it is not well written."""
    try:
        return _carried_out(arguments)
    except (KeyboardInterrupt, typer.Abort):
        print("\nInterrompu : rien de plus n'est fait.", file=sys.stderr)
        return 130
    except BrokenPipeError:  # whoever read us has gone, and wants to hear no more of it
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1
    except Exception as trouble:  # noqa: BLE001 - the outer edge: never a traceback
        print(in_one_line(trouble), file=sys.stderr)
        return 1


def _carried_out(arguments: list[str]) -> int:
    try:
        ended = app(arguments, prog_name="ardoise", standalone_mode=False)
        sys.stdout.flush()
    except typer.TyperException as error:
        help_asked = type(error).__name__ == "NoArgsIsHelpError"
        print(error.format_message() if help_asked else usage_in_french(error), file=sys.stderr)
        return error.exit_code
    return int(ended or 0)


if __name__ == "__main__":
    main()

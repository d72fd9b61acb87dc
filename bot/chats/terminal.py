"""The demo in the terminal: one line in is one thing said; a script can play it (SURFACES)."""

from __future__ import annotations

import asyncio
import sys
import tempfile
from collections.abc import AsyncIterator, Callable
from datetime import datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from bot.chat import STRONG_OFF, STRONG_ON, Document, Option, Receipt, plain
from bot.chats.keyboard import typed_lines
from bot.chats.phones import Demo, Shown
from bot.folding import folded

PARIS = ZoneInfo("Europe/Paris")
FURTHEST = timedelta(days=366)
HELP = (
    "@lea, @bruno, @awa, @camille, @sofiane : qui parle (@camille room : dans le salon). Un numéro choisit une réponse.\n"
    ":day 3 ou :date 2026-12-01T18:00 avance le temps, :send FICHIER envoie un fichier, :quit termine."
)
BOLD, NORMAL = "\x1b[1m", "\x1b[0m"


class Terminal:
    """Plays the demo: who speaks, where, and what they see."""

    def __init__(self, demo: Demo, *, colours: bool) -> None:
        self._demo = demo
        self._colours = colours
        self._who = next(iter(demo.people))
        self._in_room = False
        self._printed = 0
        self._ranks: dict[str, int] = {}
        self._folder: Path | None = None
        demo.phones.watchers.append(self._show)

    async def play(self, lines: AsyncIterator[str]) -> None:
        """Take lines until there are no more, or « :quit »."""
        async for line in lines:
            if line.strip() == ":quit":
                return
            if line.strip():
                await self.take(line.strip())

    async def begin(self) -> None:
        """Show something to begin with: what the first person is told when opening the chat."""
        await self._demo.say(self._who, "/start")

    @property
    def prompt(self) -> str:
        """Say who speaks."""
        return f"{self._who}{' (salon)' if self._in_room else ''}> "

    async def take(self, line: str) -> None:
        """Take one line."""
        if line.startswith("@"):
            await self._speaker(line[1:])
        elif line.startswith(":"):
            await self._order(line[1:])
        else:
            await self._said(line)

    async def _speaker(self, line: str) -> None:
        typed, _space, rest = line.partition(" ")
        name = folded(typed)
        first, _space, more = rest.strip().partition(" ")
        in_room = folded(first) == "room"
        heard = self._demo.coordinators if in_room else tuple(self._demo.people)
        if name not in heard:
            there = "Dans le salon, il y a" if name in self._demo.people else f"Je ne connais pas @{typed}. Il y a"
            self._print(f"{there} : {', '.join('@' + who for who in heard)}.")
            return
        self._who, self._in_room = name, in_room
        said = more.strip() if self._in_room else rest.strip()
        if said:
            await self.take(said)

    async def _order(self, line: str) -> None:
        word, _space, rest = line.partition(" ")
        if word == "day":
            await self._advance(rest, lambda: self._demo.now() + timedelta(days=int(rest or "1")))
        elif word == "date":
            await self._advance(rest, lambda: _moment(rest))
        elif word == "send":
            await self._send(rest.strip())
        else:
            self._print(f"Je ne connais pas « :{word} ».\n{HELP}")

    async def _advance(self, typed: str, to: Callable[[], datetime]) -> None:
        try:
            moment = to()
        except (ValueError, OverflowError):
            self._print(f"« {typed} » n'est ni un nombre de jours ni une date (2026-12-01T18:00).")
            return
        if moment < self._demo.now():
            self._print("Le temps n'avance que vers demain.")
            return
        if moment - self._demo.now() > FURTHEST:
            self._print("C'est trop loin : un an au plus à la fois.")
            return
        await self._demo.advance(moment)

    async def _send(self, path: str) -> None:
        try:
            document = await asyncio.to_thread(_document, path)
        except OSError as trouble:
            self._print(f"Je ne peux pas lire « {path} » : {trouble.strerror}.")
            return
        before = self._printed
        receipt = await self._demo.send_file(self._who, document, in_room=self._in_room or self._asked_in_room())
        self._answered(receipt, before)

    async def _said(self, line: str) -> None:
        picked = self._picked(line)
        before = self._printed
        if picked is not None:
            shown, option = picked
            receipt = await self._demo.tap(self._who, shown, option, in_room=shown.chat == self._demo.room.chat)
        else:
            in_room = self._in_room or (not line.startswith(("/", "!")) and self._asked_in_room())
            receipt = await self._demo.say(self._who, line, in_room=in_room)
        self._answered(receipt, before)

    def _asked_in_room(self) -> bool:
        """Tell whether the newest question this person sees was asked in the room: the answer goes there."""
        seen = self._last_with_options()
        return bool(seen) and seen[0].chat == self._demo.room.chat and seen[0].message.asks

    def _answered(self, receipt: Receipt, before: int) -> None:
        """Print the words beside a tapped button, if nothing else was printed."""
        if receipt.toast and self._printed == before:
            self._print(f"→ {self._who}: {_spaced(receipt.toast)}")

    def _picked(self, line: str) -> tuple[Shown, Option] | None:
        """Find the option meant by a number, on the last message with options that this person sees, or by its label."""
        seen = self._last_with_options()
        if line.isdigit() and seen and 1 <= int(line) <= len(_options(seen[0])):
            return seen[0], _options(seen[0])[int(line) - 1]
        for shown in seen:
            for read in (folded, _bare):  # « Cagnotte » is « ❌ Cagnotte » to who types it
                found = next((option for option in _options(shown) if read(option.label) == folded(line)), None)
                if found is not None:
                    return shown, found
        return None

    def _last_with_options(self) -> list[Shown]:
        """Give the last message with options of each chat this person sees, the newest first: the room, for coordinators.

        Who speaks in the room looks at the room first.
        """
        chats = [self._who, *([self._demo.room.chat] if self._who in self._demo.coordinators else [])]
        found = [shown for shown in (self._newest(chat) for chat in chats) if shown is not None]
        return sorted(
            found, key=lambda shown: (shown.chat != self._demo.room.chat and self._in_room, -self._ranks[shown.id])
        )

    def _newest(self, chat: str) -> Shown | None:
        shown = [shown for shown in self._demo.phones.chats[chat] if shown.id in self._ranks and _options(shown)]
        return max(shown, key=lambda shown: self._ranks[shown.id], default=None)

    def _show(self, shown: Shown) -> None:
        """Print a message when it appears or changes."""
        if shown.said_by:
            return
        self._ranks[shown.id] = self._printed
        listener = "coordination" if shown.chat == self._demo.room.chat else shown.chat
        first, *others = self._styled(shown.message.text).split("\n")
        lines = [f"→ {listener}: {first}", *(f"  {line}" for line in others)]
        if shown.document is not None:
            lines.append(self._filed(shown.document))
        labels = [f"[{rank}] {_spaced(option.label)}" for rank, option in enumerate(_options(shown), start=1)]
        self._print("\n".join([*lines, *(["  " + "  ".join(labels)] if labels else [])]))

    def _styled(self, text: str) -> str:
        if self._colours:
            return _spaced(text).replace(STRONG_ON, BOLD).replace(STRONG_OFF, NORMAL)
        return _spaced(plain(text))

    def _filed(self, document: Document) -> str:
        self._folder = self._folder or Path(tempfile.mkdtemp(prefix="ardoise-demo-"))
        path = self._folder / f"{self._printed}-{Path(document.name).name}"
        path.write_bytes(document.content)
        return f"  (fichier: {document.name}, {max(1, round(len(document.content) / 1024))} ko, {path})"

    def _print(self, text: str) -> None:
        self._printed += 1
        print(text, flush=True)


def _options(shown: Shown) -> list[Option]:
    return [option for row in shown.message.options for option in row if option.data or option.opens]


def _document(typed: str) -> Document:
    path = Path(typed).expanduser()
    return Document(path.name, path.read_bytes())


def _moment(typed: str) -> datetime:
    found = datetime.fromisoformat(typed.strip())
    return found if found.tzinfo else found.replace(tzinfo=PARIS)


def _spaced(text: str) -> str:
    return text.replace("\u00a0", " ").replace("\u202f", " ")


def _bare(label: str) -> str:
    return folded(label).lstrip("✅❌☐☑⏳📋↩\ufe0f ")


async def run(demo: Demo) -> None:
    """Play the demo at this terminal, or from the script on standard input: then nothing but the answers is printed."""
    keyboard = sys.stdin.isatty()
    terminal = Terminal(demo, colours=sys.stdout.isatty())
    print(HELP, file=sys.stdout if keyboard else sys.stderr)
    if keyboard:
        await terminal.begin()
    await terminal.play(typed_lines(lambda: terminal.prompt))

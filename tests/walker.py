"""People who say anything that comes to mind, and what must hold after each step: no bug, nobody else's figures (B40, B48)."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from random import Random

from sqlalchemy import update
from sqlmodel import col
from structlog.testing import capture_logs

from bot.chat import Option
from bot.demo_group import PEOPLE, ROOM
from bot.desk.text import tidy
from bot.groups.people import Person, Right
from bot.groups.tables import LinkedAddress, Member
from bot.groups.voices import speakers
from bot.handlers import COMMANDS
from bot.ledger import money
from bot.ledger.books import Books
from bot.questions import MAX_AMOUNT
from tests.instant import Shown
from tests.transcripts import Scene

MOST_UNITS, MOST_BUTTONS, MOST_DATA_BYTES = 4096, 100, 64
FIGURE = re.compile(r"−?[0-9]{1,3}(?:\u202f[0-9]{3})*,[0-9]{2}\u00a0€|−?€[0-9]{1,3}(?:,[0-9]{3})*\.[0-9]{2}")

WAYS_OUT = (":!cancel", ":!back", ":no")


@dataclass(frozen=True)
class Repertoire:
    """What a walker says: ``arguments`` after a command; ``typed`` at any moment; ``fitting`` where it mostly answers; files."""

    arguments: Sequence[str]
    typed: Sequence[str]
    fitting: Sequence[str]
    files: Sequence[bytes]


TYPED = [
    *("oui", "non", "yes", "no", "1", "2", "3", "12,50", "7", "24,50 €", "-8,20", "=12", "=0", "0", "1.234", "12 50"),
    *("99999999", "chèque", "espèces", "virement", "carte", "Léa", "Bruno", "awa", "m3", "m999", "e", "Nadia Ben Ali"),
    *("retour", "annuler", "back", "passer", "-", "bonjour", "merci", "aide", "solde", "", "²", "١٢", "😀", "<b>x</b>"),
    *(
        "x" * 400,
        "x " * 90,
        "\u202e12",
        "\x0egras\x0f",
        "français",
        "english",
        "coordinateur",
        "code-0001",
        "n'importe",
    ),
]
FITTING = ["12,50", "7", "3,20", "oui", "Léa", "Bruno", "chèque", "Pas reçu"]
ARGUMENTS = [
    "",
    "",
    "",
    " Léa",
    " Bruno 12,50 chèque",
    " 20",
    " 8,20 espèces",
    " oui 1",
    " non 8",
    " 9",
    " fichier",
    " Zoé",
]
FILES = [b"nom;montant\nL\xc3\xa9a;-8,20\nBruno;3", b"Awa;1.234\nInconnu;2", b"\x00\xff", b"", b"m1;1\nm2;2\nm3;-3"]
ANYTHING = Repertoire(ARGUMENTS, TYPED, FITTING, FILES)


class Walker:
    """Somebody who says anything that comes to mind; ``who`` is their user, ``chance`` decides."""

    def __init__(self, scene: Scene, who: str, chance: Random, says: Repertoire) -> None:
        self.scene = scene
        self.who = who
        self.chance = chance
        self.says = says
        self.typed: set[int] = set()

    def begin(self, word: str) -> None:
        """Begin a command, in private or in the room."""
        command = self.chance.choice([COMMANDS[word].word, COMMANDS[word].english])
        self._say(
            self.chance.choice(["/", "!", ""]) + command + self.chance.choice(self.says.arguments), self._place(0.1)
        )

    def step(self) -> None:
        """Do one thing more, most often what the last message invites to."""
        place = self._place(0.15)
        options = self._options(place)
        kind = self.chance.random()
        if kind < 0.5:
            self._go_on(place, options)
        elif kind < 0.62 and options:
            self._tap(self.chance.choice(options), place)
        elif kind < 0.7 and options:
            self._say(self.chance.choice(options[-6:])[1].label, place)
        elif kind < 0.9:
            self._say(self.chance.choice(self.says.typed), place)
        elif kind < 0.95:
            self.scene.sends(self.who, "fichier.csv", self.chance.choice(self.says.files), place)
        else:
            self.begin(self.chance.choice(list(COMMANDS)))

    def _go_on(self, place: str, options: list[tuple[Shown, Option]]) -> None:
        """Do what the last message invites to: one of its options but the ways out, or words that mostly fit."""
        last = options[-1][0] if options else None
        forward = [found for found in options if found[0] is last and not found[1].data.endswith(WAYS_OUT)]
        if forward and self.chance.random() < 0.8:
            self._tap(self.chance.choice(forward), place)
        else:
            self._say(self.chance.choice(self.says.fitting), place)

    def _place(self, room: float) -> str:
        return "salon" if self.chance.random() < room else ""

    def _options(self, place: str) -> list[tuple[Shown, Option]]:
        chat = ROOM.chat if place else self.who
        seen = [shown for shown in self.scene.shown[-60:] if shown.place.chat == chat]
        return [(shown, option) for shown in seen for row in shown.message.options for option in row]

    def _say(self, text: str, place: str) -> None:
        self.typed |= {abs(cents) for word in tidy(text).split() if (cents := _cents(word)) is not None}
        self.scene.says(self.who, text, place)

    def _tap(self, button: tuple[Shown, Option], place: str) -> None:
        self.scene.tap_again(self.who, button, place)


def _cents(word: str) -> int | None:
    try:
        return money.parse(word.lstrip("="))
    except money.NotAnAmountError:
        return None


def checked(shown: Shown) -> None:
    """A message can be shown, is filled, and can be left."""
    message = shown.message
    options = [option for row in message.options for option in row]
    assert 0 < len(message.text.strip().encode("utf-16-le")) // 2 <= MOST_UNITS
    assert len(options) <= MOST_BUTTONS
    for option in options:
        assert option.label.strip()
        assert option.copies or 0 < len(option.data.encode()) <= MOST_DATA_BYTES, option
    assert not re.search(r"[{}]", message.text + "".join(option.label for option in options)), message.text
    assert message.text.count("\x0e") == message.text.count("\x0f"), message.text
    ways_out = [option for option in options if option.data.endswith((":!cancel", ":no"))]
    assert ways_out or not message.asks, f"no way out of {message.text!r}"


def figures(text: str) -> set[int]:
    """Find the amounts in a text, as our own sentences write them, without their signs."""
    return {abs(_read(found)) for found in FIGURE.findall(text)}


def _read(found: str) -> int:
    return int(re.sub("[^0-9]", "", found))


def own_figures(scene: Scene, person: Person) -> set[int]:
    """List every figure of a member's own account, without signs."""
    with scene.store.read() as connection:
        books = Books(connection, 1, scene.now)
        standing = books.standing(person.number)
        found: set[int] = {standing.balance, standing.pending, standing.projected, standing.due, MAX_AMOUNT}
        for operation in books.history(person.number, limit=10_000, net=False):
            found |= {operation.amount, operation.balance_after}
        for recorded in books.journal(limit=10_000):
            if getattr(recorded.fact, "member", 0) == person.number:
                found.add(getattr(recorded.fact, "amount", 0))
        pending = books.pending(person.number)
        found |= {payment.amount for payment in pending} | {sum(p.amount for p in pending)}
    return {abs(cents) for cents in found}


def person_of(scene: Scene, who: str) -> Person | None:
    """Find who somebody is now; None for a stranger."""
    with scene.store.read() as connection:
        address = scene.incoming(who).address
        found = [speaker for speaker in speakers(connection, address) if speaker.state != "waiting"]
        return found[0].person if found else None


class Party:
    """Several walkers in one group, and what must hold after each step."""

    def __init__(self, scene: Scene, chance: Random, *extra: str, says: Repertoire = ANYTHING) -> None:
        self.scene = scene
        self.chance = chance
        self.walkers = {who: Walker(scene, who, chance, says) for who in (*PEOPLE, *extra)}
        self.known = {who: self._figures(who) for who in self.walkers}

    def step(self, who: str, word: str = "") -> None:
        """Let somebody do something; look at everything that is shown to anybody."""
        before = {name: person_of(self.scene, name) for name in self.walkers}
        with capture_logs() as logs:
            self.walkers[who].begin(word) if word else self.walkers[who].step()
        bugs = [line for line in logs if line["log_level"] == "error"]
        assert not bugs, f"{bugs[0]['exc_info']!r} at {self.scene.last}"
        fresh = self.scene.unheard()
        for shown in fresh:
            checked(shown)
        for name in {shown.place.chat for shown in fresh} & self.walkers.keys():
            self._only_ones_own(name, before[name], [s.message.text for s in fresh if s.place.chat == name])

    def _only_ones_own(self, who: str, before: Person | None, texts: list[str]) -> None:
        """B40: in the private chat of a member, the member's own figures, those typed there, and no others."""
        now = person_of(self.scene, who)
        if any(person is not None and person.right is Right.TREASURY for person in (before, now)):
            return
        self.known[who] |= self._figures(who)
        for text in texts:
            strange = figures(text) - self.known[who] - self.walkers[who].typed
            assert not strange, f"{who} reads {strange} in {text!r}"

    def _figures(self, who: str) -> set[int]:
        person = person_of(self.scene, who)
        return own_figures(self.scene, person) if person else set()


def set_right(scene: Scene, right: Right, language: str) -> None:
    """Give Léa a right and a language."""
    scene.change(update(Member).where(col(Member.name) == "Léa").values(right=right.value))
    scene.change(update(LinkedAddress).where(col(LinkedAddress.user) == "lea").values(language=language))

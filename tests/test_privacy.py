"""Individual balances are told in private and in the coordinators' room, nowhere else: a walk over all there is to say (B40).

What is walked is found in the registries (commands, notices, cards): what is new is walked too, or the walk says what it lacks.
Leaks are planted to see that it finds them.
"""

from __future__ import annotations

import itertools
import pkgutil
import re
from collections.abc import Callable, Iterator
from dataclasses import MISSING, dataclass, fields
from datetime import datetime, timedelta
from importlib import import_module
from typing import Any

import pytest
from sqlalchemy import Connection, select

from bot import announcing, cards, handlers, notices, reminding
from bot.chat import Address, Incoming, Place, plain
from bot.delivery import showing
from bot.delivery.showing import drawn
from bot.demo_group import ROOM, furnish
from bot.desk import Desk, identity
from bot.groups import apply as people_apply
from bot.groups import proposals
from bot.groups.facts import Proposed
from bot.groups.people import Group, Right
from bot.ledger import facts as ledger_facts
from bot.ledger import journal
from bot.ledger.books import Books
from bot.ledger.facts import Fact, Method, PaymentReceived
from bot.ledger.journal import Recorded
from bot.ledger.money import Cents
from bot.ledger.settling import BalanceWrittenOff
from bot.ledger.store import Store
from bot.ledger.tables import FACT, PAYMENT
from bot.market import apply as market_apply
from bot.market.facts import Change, Line, RemovalAsked
from bot.market.market import Market
from bot.market.offer_facts import OrdersClosed
from bot.market.tables import PLAN
from bot.notices import Notice, Telling, Written
from bot.notices.letters import NOBODY, Answered, letters
from bot.outbox import CardPlace, Waiting, unpacked
from bot.reminders.view import Dues
from tests.transcripts import BEGINNING

NEIGHBOURS = Place("demo", "voisins", private=False)
"""A room of the group's members, to which the bot was added."""

LEA, BRUNO, AWA, CAMILLE = 1, 2, 3, 4
CAMILLES = Address("demo", "camille")
FIGURE = re.compile(r"\d,\d{2}\s*€")


class LeakError(AssertionError):
    """Somebody's figure is told where others read."""


class House:
    """The demo's group as it begins, and who may read what where."""

    def __init__(self, store: Store) -> None:
        self.store = store
        self.now = BEGINNING
        store.write(lambda connection: furnish(connection, self.now)).result()
        store.write(self._more).result()
        self._keys = itertools.count(1)

    def _more(self, connection: Connection) -> None:
        """Have one of each thing that a fact may be about."""
        later = [
            RemovalAsked(LEA, 1, 1, "plus besoin"),
            PaymentReceived(LEA, Cents(1111), Method.CHEQUE),
            Proposed(CAMILLE, proposals.written([BalanceWrittenOff(CAMILLE, Cents(5))])),
        ]
        for number, fact in enumerate(later):
            done = journal.record(connection, group=1, fact=fact, author=CAMILLE, at=self.now, key=f"more:{number}")
            people_apply.apply(connection, done)
            market_apply.apply(connection, done)

    def refuse_leak(self, place: Place, text: str, about: set[int], what: object) -> None:
        """Raise LeakError for a figure where somebody reads whom it does not concern."""
        said = plain(text).replace("\u00a0", " ").replace("\u202f", " ")
        if not FIGURE.search(said):
            return
        with self.store.read() as connection:
            group = Group(connection, 1)
            if not place.private:
                if (place.platform, place.chat) != (ROOM.platform, ROOM.chat):
                    raise LeakError(f"{what} in {place.chat}: {said}")
                return
            readers = [
                p for p in group.members() for reach in group.reaches(p.number) if reach.place.chat == place.chat
            ]
            others = {p.name for p in group.members() if p.right is Right.MEMBER} - {p.name for p in readers}
        if any(person.right is Right.TREASURY for person in readers):
            return
        if not any(person.number in about for person in readers) or any(name in said for name in others):
            raise LeakError(f"{what} to {place.chat}: {said}")


@pytest.fixture
def house(sqlite_store: Store) -> House:
    return House(sqlite_store)


def samples(house: House) -> Iterator[Fact]:
    """Make a fact of every kind of which somebody is told, about things that are there."""
    with house.store.read() as connection:
        numbers = {
            "payment": connection.execute(select(PAYMENT.c.number)).scalars().first(),
            "plan": connection.execute(select(PLAN.c.number)).scalars().first(),
            "asked": _last(connection, "RemovalAsked"),
            "proposal": _last(connection, "Proposed"),
            "reversed": _last(connection, "PaymentReceived"),
        }
        line = Market(connection, 1, house.now).orders(1)[0].lines[0]
    change = Change(line.line, line.product, line.quantity, line.price, line.quantity + 500, line.price)
    moment = house.now + timedelta(days=2)
    values: dict[str, Any] = {
        **numbers, "member": LEA, "members": (LEA, BRUNO), "distribution": 1, "amount": Cents(777), "method": Method.CASH,
        "number": 1, "address": 1, "addresses": (1,), "product": line.product, "line": 1, "price": Cents(450), "unit": "kg",
        "sold": "weight", "stock": None, "piece_quantity": 1000, "organic": True, "active": True, "name": "Carottes",
        "starts_at": moment.isoformat(), "ends_at": (moment + timedelta(hours=2)).isoformat(),
        "opens_at": house.now.isoformat(), "closes_at": (moment - timedelta(hours=3)).isoformat(), "place": "Quai",
        "lines": (Line(line.product, 1000, 1000, 450),), "changes": (change,), "how": "received", "granted": True,
        "accepted": True, "agreed": True, "shown": 3, "step": 2, "wanted": True, "day": "2026-12-04", "rule": "threshold",
        "value": 500, "right": "pickup", "platform": "demo", "language": "fr", "expected": Cents(500), "counted": Cents(400),
        "cheques": ((numbers["reversed"], Cents(1111)),), "fee": Cents(850), "owed": Cents(2450), "having": Cents(700),
        "away": 2, "months": 3, "reference": "1-code1", "provider": "stripe", "external": "pi_1", "refund": "re_1", "asked_by": CAMILLE, "why": "other", "reason": "dispute", "stray": 1, "before": Cents(300),
        "cents": Cents(777), "setting": "kitty_floor", "facts": proposals.written([BalanceWrittenOff(LEA, Cents(5))]),
    }  # fmt: skip
    for kind in notices._NOTICES:
        needed = [f.name for f in fields(kind) if f.default is MISSING]
        lacking = [name for name in needed if name not in values]
        assert not lacking, f"say what {lacking} of {kind.__name__} may be, so that it is walked too"
        given = {
            f.name: values[f.name]
            for f in fields(kind)
            if f.default is MISSING or f.name in {"facts", "amount", "payment"}
        }
        yield kind(**given)


def _last(connection: Connection, kind: str) -> int:
    query = select(FACT.c.number).where(FACT.c.kind == kind).order_by(FACT.c.number.desc())
    return int(connection.execute(query).scalars().first() or 0)


def walk_notices(house: House) -> int:
    """Write every notice of every fact and see where it would go, whichever way it is told; give how many were written."""
    written = 0
    for fact in samples(house):
        with house.store.read() as connection:
            group = Group(connection, 1)
            recorded = Recorded(1, 99_999, fact, CAMILLE, house.now, "walk")
            telling = Telling(
                recorded, Books(connection, 1, house.now), group, Market(connection, 1, house.now), lambda code: [code],
                Dues(connection, group, house.now),
            )  # fmt: skip
            for place, text, notice in _letters(group, telling, house.now):
                about = {getattr(fact, "member", 0), notice.member} - {0}
                house.refuse_leak(place, text, about, type(fact).__name__)
                written += 1
    return written


def _letters(group: Group, telling: Telling, now: datetime) -> Iterator[tuple[Place, str, Notice]]:
    """Write letters of what nobody did by hand, and of what Camille did in each of three places."""
    speaking_in = [Answered(CAMILLE, CAMILLES, place) for place in (Place("demo", "camille"), ROOM, NEIGHBOURS)]
    for notice in notices.notices(telling):
        for answered in (NOBODY, *speaking_in):
            for letter in letters(group, notice, now, answered):
                yield letter.place, letter.message.text, notice


def walk_cards(house: House) -> int:
    """Draw every card where a bug might have put it; give how often one is drawn."""
    shown = 0
    places = [NEIGHBOURS, ROOM, *(Place("demo", who) for who in ("lea", "camille", "inconnu"))]
    for name, place, at in itertools.product(cards.NEEDS, places, (0, LEA)):
        row = CardPlace(group_id=1, name=name, platform=place.platform, chat=place.chat, private=place.private, at=at)
        with house.store.read() as connection:
            message = drawn(connection, row, house.now)
        if message is not None:
            shown += 1
            text = message.text + " 1,00 €"  # a card is always about somebody's money
            house.refuse_leak(place, text, set(), name)
    return shown


def walk_commands(house: House) -> int:
    """Have everybody say everything, and tap everything, in the members' room; give how much was tried."""
    codes, keys = (f"code-{number}" for number in itertools.count(1)), itertools.count(1)
    desk = Desk(house.store, lambda: house.now, draw_code=lambda: next(codes))
    tried = 0
    for word, who in itertools.product(handlers.COMMANDS, ("lea", "camille")):
        said = [{"text": f"/{word}"}, {"text": f"/{word} m1"}, {"text": f"{word} oui 1"}]
        for parts in (*said, {"tapped": f"c1:{word} m1"}, {"tapped": f"k:{word} 1"}):
            key, address = f"walk-{next(keys)}", Address("demo", who)
            incoming = Incoming(bot="demo", key=key, address=address, place=NEIGHBOURS, **parts)  # type: ignore[arg-type]
            house.refuse_leak(NEIGHBOURS, desk.receive(incoming).result().toast, set(), parts)
            tried += 1
    for place, text in waiting(house):
        house.refuse_leak(place, text, {LEA, BRUNO, AWA, CAMILLE}, "what commands say")
    return tried


def waiting(house: House) -> list[tuple[Place, str]]:
    with house.store.read() as connection:
        rows = connection.execute(select(Waiting)).all()
        recipes = [(row, unpacked(row.body)) for row in rows]
    return [
        (Place(row.platform, row.chat, private=row.private), message.text + (" 1,00 €" if message.attachment else ""))
        for row, message in recipes
    ]


def walk_the_schedule(house: House, days: int = 21) -> int:
    """Let the schedule tell what it tells, day after day; give how many messages it posted."""
    for hour in range(0, 24 * days, 6):
        house.now = BEGINNING + timedelta(hours=hour)
        announcing.announce(house.store, house.now)
        reminding.remind(house.store, house.now)
    for place, text in waiting(house):
        house.refuse_leak(place, text, {LEA, BRUNO, AWA, CAMILLE}, "what the schedule tells")
    return len(waiting(house))


def test_no_notice_tells_a_figure_where_others_read(house: House) -> None:
    assert walk_notices(house) > 100


def test_no_card_is_drawn_where_others_read(house: House) -> None:
    assert walk_cards(house) > 4


def test_nothing_said_or_tapped_in_a_members_room_is_answered_with_a_figure(house: House) -> None:
    assert walk_commands(house) > 500
    assert [text for place, text in waiting(house) if place.chat == NEIGHBOURS.chat and "code-" not in text] == []


def test_what_is_told_by_itself_stays_with_those_it_concerns(house: House) -> None:
    assert walk_the_schedule(house) > 5


def test_every_module_of_notices_is_walked() -> None:
    modules = [import_module(f"bot.notices.{found.name}") for found in pkgutil.iter_modules(notices.__path__)]
    with_notices = {module.__name__ for module in modules if hasattr(module, "NOTICES")}
    assert with_notices == {area.__name__ for area in notices._AREAS}
    assert set(notices._NOTICES) <= set(ledger_facts.kinds().values())


def with_neighbours(patch: pytest.MonkeyPatch) -> None:
    """A room is taken for the coordinators' that is not."""
    rooms = Group.rooms
    patch.setattr(Group, "rooms", lambda self: [*rooms(self), (NEIGHBOURS, "fr")])


def told_to_a_neighbour(patch: pytest.MonkeyPatch) -> None:
    """Bruno is told of Léa's debt."""
    told = [Notice("member", lambda: Written("Léa doit 24,50 €"), member=BRUNO)]
    patch.setitem(notices._NOTICES, OrdersClosed, lambda _told: told)


def cards_for_all(patch: pytest.MonkeyPatch) -> None:
    """A card may be read by every member."""
    for name in cards.NEEDS:
        patch.setitem(cards.NEEDS, name, Right.MEMBER)


def any_room_is_ours(patch: pytest.MonkeyPatch) -> None:
    """A command is answered in whatever room it is said."""
    patch.setattr(identity, "room_at", lambda *_: (1, "", "fr"))


PLANTED: list[tuple[Callable[[pytest.MonkeyPatch], None], Callable[[House], int]]] = [
    (with_neighbours, walk_notices),
    (with_neighbours, walk_the_schedule),
    (told_to_a_neighbour, walk_notices),
    (cards_for_all, walk_cards),
    (any_room_is_ours, walk_commands),
]


@pytest.mark.parametrize(("plant", "walk"), PLANTED, ids=lambda one: one.__name__)
def test_the_walk_finds_a_leak_that_is_planted(
    house: House,
    monkeypatch: pytest.MonkeyPatch,
    plant: Callable[[pytest.MonkeyPatch], None],
    walk: Callable[[House], int],
) -> None:
    plant(monkeypatch)
    with pytest.raises(LeakError):
        walk(house)


def test_a_card_in_a_members_room_would_be_found(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(showing, "right_at", lambda *_: Right.TREASURY)
    with pytest.raises(LeakError):
        walk_cards(house)


def test_a_kind_of_fact_that_nobody_described_stops_the_walk(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    @dataclass(frozen=True)
    class CowSold(Fact):
        cow: int

    monkeypatch.setitem(notices._NOTICES, CowSold, lambda _told: [])
    with pytest.raises(AssertionError, match="cow"):
        walk_notices(house)

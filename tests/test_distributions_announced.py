"""What is told of distributions by itself: once, at its time on the wall, never at night, never about yesterday (B31, B33, B47)."""

from __future__ import annotations

import asyncio
from collections.abc import Generator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import Connection, select, update
from sqlmodel import col

from bot.announcing import Due, announce, closing_call, due, tell
from bot.groups.tables import BuyingGroup, LinkedAddress, Room
from bot.ledger import journal
from bot.ledger.books import Books
from bot.ledger.money import Cents
from bot.ledger.store import Store
from bot.ledger.tables import FACT
from bot.market import apply as market_apply
from bot.market.apply import BasketKept, keep
from bot.market.errors import AlreadyStartedError, AlreadyToldError, FrozenError, SamePlaceError, UndecidedError
from bot.market.facts import Change, Line, OrderAdjusted, OrderCancelled, OrderPlaced
from bot.market.market import Distribution, Market, Phase
from bot.market.offer_facts import (
    DistributionCancelled,
    DistributionMoved,
    DistributionPlanned,
    DistributionValidated,
    OfferChosen,
    OrdersOpened,
    PriceSet,
    WindowMoved,
)
from bot.outbox import Waiting, unpacked
from bot.schedule import Schedule
from tests.databases import audited
from tests.market_stall import BREAD, CATALOGUE, record
from tests.transcripts import Scene, words

PARIS = ZoneInfo("Europe/Paris")
LEA, BRUNO, AWA, CAMILLE = 1, 2, 3, 4


def wall(day: str, time: str = "12:00") -> datetime:
    """Give the UTC moment of a time on the wall in Paris."""
    return datetime.fromisoformat(f"{day}T{time}").replace(tzinfo=PARIS).astimezone(UTC)


def plan(scene: Scene, opens: datetime, closes: datetime, starts: datetime, number: int = 1) -> None:
    """Plan a distribution of two hours."""
    span = (starts.isoformat(), (starts + timedelta(hours=2)).isoformat())
    record(scene, DistributionPlanned(number, *span, opens.isoformat(), closes.isoformat(), "Salle des fêtes"))


@pytest.fixture
def stall(scene: Scene) -> Scene:
    """Plan a distribution on Thursday 3 December, of which orders open on the 25th at 9:00 and close on the 2nd at 20:00."""
    stocked(scene)
    plan(scene, wall("2026-11-25", "09:00"), wall("2026-12-02", "20:00"), wall("2026-12-03", "18:00"))
    return scene


def stocked(scene: Scene) -> None:
    for product in CATALOGUE:
        record(scene, product)


def ordered(scene: Scene, moment: datetime, number: int = 1) -> None:
    """Have somebody order, so that there is something to validate."""
    scene.now = moment
    record(scene, OrderPlaced(LEA, number, (Line(BREAD, 1000, 1000, 450),)))


def at(scene: Scene, moment: datetime) -> list[tuple[str, str]]:
    """Let the bot look for what is due at a moment; give who is told what."""
    scene.now = moment
    announce(scene.store, moment)
    scene.delivery.deliver(scene.receive)
    return [(shown.place.chat, words(shown.message.text)) for shown in scene.unheard()]


def test_members_are_told_once_when_orders_open(stall: Scene) -> None:
    """B31: everybody who wants it, in private; nothing before, nothing after."""
    assert at(stall, wall("2026-11-25", "08:59")) == []
    told = at(stall, wall("2026-11-25", "09:00"))
    assert [chat for chat, _words in told] == ["awa", "bruno", "camille", "lea", "sofiane"]
    assert told[0][1] == (
        "Les commandes sont ouvertes pour la distribution : jeudi 3 décembre de 18 h à 20 h, Salle des fêtes. "
        "À faire avant le mercredi 2 décembre à 20 h."
    )
    assert at(stall, wall("2026-11-25", "09:01")) == []


def test_one_tap_orders_another_is_told_no_more(stall: Scene) -> None:
    """B31: each member's own choice, changed back as easily."""
    at(stall, wall("2026-11-25", "10:00"))
    stall.taps("lea", "Ne plus m'avertir")
    assert stall.said("lea") == "C'est noté : je ne vous dirai plus quand les commandes ouvrent et ferment."
    stall.taps("bruno", "Commander")
    assert "Commande du jeudi 3 décembre" in stall.said("bruno")
    told = at(stall, wall("2026-12-01", "18:00"))
    assert "lea" not in [chat for chat, _words in told]
    stall.taps("lea", "M'avertir")
    assert stall.said("lea").startswith("✅ Je vous dirai quand les commandes ouvrent")
    stall.says("lea", "/annonces")
    assert stall.said("lea") == "Vous dire quand les commandes ouvrent, et la veille de leur fermeture ?"


def test_the_closing_is_announced_on_its_eve_to_those_who_have_not_ordered(stall: Scene) -> None:
    """B12, B31: a basket that waits is worth a word."""
    at(stall, wall("2026-11-25", "10:00"))
    record(stall, OrderPlaced(BRUNO, 1, (Line(BREAD, 1000, 1000, 450),)))
    draft = BasketKept(1, 1, LEA, ((BREAD, 1000, 450),), stall.now)
    stall.store.write(lambda connection: keep(connection, draft)).result()
    assert at(stall, wall("2026-12-01", "17:59")) == []
    told = dict(at(stall, wall("2026-12-01", "18:00")))
    assert sorted(told) == ["awa", "camille", "lea", "sofiane"]
    start = "Les commandes pour le jeudi 3 décembre ferment demain à 20 h."
    assert told["awa"] == f"{start} Vous n'avez pas encore commandé."
    assert told["lea"] == f"{start} Votre panier attend d'être confirmé."
    stall.taps("lea", "Revoir le panier")
    assert "Pain de campagne" in stall.said("lea")
    assert at(stall, wall("2026-12-01", "18:30")) == []


def test_coordinators_read_what_was_ordered_when_orders_close_and_no_names(stall: Scene) -> None:
    """B31, B40."""
    at(stall, wall("2026-12-01", "19:00"))
    record(stall, OrderPlaced(BRUNO, 1, (Line(BREAD, 1000, 1000, 450),)))
    record(stall, OrderPlaced(LEA, 1, (Line(BREAD, 2000, 2000, 450),)))
    assert at(stall, wall("2026-12-02", "20:00")) == [
        (
            "coordination",
            "Les commandes sont closes pour le jeudi 3 décembre à 18 h, Salle des fêtes : 2 commandes, 13,50 €.",
        )
    ]
    assert at(stall, wall("2026-12-02", "20:01")) == []
    stall.taps("camille", "Voir", "salon")
    assert "2 commandes, 13,50 €." in stall.told("salon")[-1]


def test_coordinators_are_asked_to_validate_at_the_end_a_day_and_three_days_later(stall: Scene) -> None:
    """B33."""
    ordered(stall, wall("2026-12-01"))
    at(stall, wall("2026-12-02", "21:00"))
    heard = {
        moment: at(stall, wall(*moment.split()))
        for moment in (
            *("2026-12-03 19:59", "2026-12-03 20:00", "2026-12-04 19:59", "2026-12-04 20:00"),
            *("2026-12-05 20:00", "2026-12-06 20:00", "2026-12-09 20:00"),
        )
    }
    first = [("coordination", "La distribution du jeudi 3 décembre est finie : il reste à la valider.")]
    again = [("coordination", "⏳ La distribution du jeudi 3 décembre n'est toujours pas validée.")]
    assert list(heard.values()) == [[], first, [], again, [], again, []]
    stall.taps("sofiane", "Valider la distribution", "salon")
    assert "alider" in stall.told("salon")[-1]


def test_nobody_is_asked_to_validate_a_distribution_for_which_nobody_has_ordered(stall: Scene) -> None:
    """B33, B41: there is nothing to decide, at the end nor in the digest."""
    at(stall, wall("2026-12-02", "21:00"))
    assert at(stall, wall("2026-12-03", "20:00")) == []
    stall.now = wall("2026-12-04")
    with stall.store.read() as connection:
        market = Market(connection, 1, stall.now)
        assert ([d.number for d in market.in_phase(Phase.OVER)], market.to_validate()) == ([1], [])
    ordered(stall, wall("2026-12-02", "19:00"))
    assert at(stall, wall("2026-12-04", "13:00")) == [
        ("coordination", "La distribution du jeudi 3 décembre est finie : il reste à la valider.")
    ]


def test_nobody_is_asked_to_validate_what_is_validated(stall: Scene) -> None:
    """B33."""
    ordered(stall, wall("2026-12-01"))
    at(stall, wall("2026-12-02", "21:00"))
    stall.now = wall("2026-12-03", "19:00")
    record(stall, DistributionValidated(1))
    assert at(stall, wall("2026-12-03", "21:00")) == []


def test_nothing_is_told_at_night(stall: Scene) -> None:
    """B47: what comes due at night is told at eight, on the wall."""
    plan(stall, wall("2026-11-26", "00:00"), wall("2026-11-29", "07:00"), wall("2026-11-29", "21:00"), number=2)
    at(stall, wall("2026-11-25", "09:00"))
    for night in ("2026-11-25 22:00", "2026-11-26 00:00", "2026-11-26 07:59"):
        assert at(stall, wall(*night.split())) == []
    assert len(at(stall, wall("2026-11-26", "08:00"))) == 5
    assert len(at(stall, wall("2026-11-28", "18:00"))) == 5
    ordered(stall, wall("2026-11-28", "19:00"), number=2)
    assert at(stall, wall("2026-11-29", "07:30")) == []
    assert at(stall, wall("2026-11-29", "08:00")) != []
    assert at(stall, wall("2026-11-29", "23:00")) == []
    assert "finie" in at(stall, wall("2026-11-30", "08:00"))[0][1]


def test_after_downtime_nobody_is_told_about_yesterday(stall: Scene) -> None:
    """B47: down from before the opening until after the end: orders that are over are not announced."""
    ordered(stall, wall("2026-12-01"))
    told = at(stall, wall("2026-12-07", "10:00"))
    assert told == [("coordination", "⏳ La distribution du jeudi 3 décembre n'est toujours pas validée.")]
    assert at(stall, wall("2026-12-07", "10:01")) == []


def test_after_downtime_the_opening_and_the_closing_are_told_at_once(stall: Scene) -> None:
    """B31: « ouvertes » on the last day is not followed by « ferment aujourd'hui »."""
    assert len(at(stall, wall("2026-12-02", "09:00"))) == 5
    assert at(stall, wall("2026-12-02", "09:01")) == []


def test_after_a_short_downtime_the_words_are_those_of_today(stall: Scene) -> None:
    """B47: « ferme demain » said on the day itself would be wrong."""
    at(stall, wall("2026-11-25", "09:00"))
    told = dict(at(stall, wall("2026-12-02", "08:30")))
    assert told["awa"].startswith("Les commandes pour le jeudi 3 décembre ferment aujourd'hui à 20 h.")


def test_a_letter_about_a_closing_is_worth_nothing_the_day_after(stall: Scene) -> None:
    """B47: what waits in the outbox until the night is dropped."""
    at(stall, wall("2026-11-25", "09:00"))
    moment = wall("2026-12-01", "18:00")
    announce(stall.store, moment)
    with stall.store.read() as connection:
        waiting = connection.execute(select(Waiting)).all()
    assert {row.useful_until for row in waiting} == {wall("2026-12-01", "22:00")}
    assert all("demain" in unpacked(row.body).text for row in waiting)


@pytest.mark.parametrize(
    ("opens", "closes", "called"),
    [
        ("2026-10-20", "2026-10-25", "2026-10-24T16:00:00+00:00"),  # summer's clock on the eve, winter's on the day
        ("2026-10-20", "2026-10-26", "2026-10-25T17:00:00+00:00"),
        ("2027-03-22", "2027-03-28", "2027-03-27T17:00:00+00:00"),
        ("2027-03-22", "2027-03-29", "2027-03-28T16:00:00+00:00"),
    ],
)
def test_across_a_change_of_clocks_the_wall_counts(scene: Scene, opens: str, closes: str, called: str) -> None:
    """B31: 9:00 opens, 20:00 closes and 18:00 announces by the clock people look at."""
    scene.now = wall("2026-10-01")
    stocked(scene)
    plan(scene, wall(opens, "09:00"), wall(closes, "20:00"), wall("2027-04-05", "18:00"))
    assert closing_call(wall(closes, "20:00"), PARIS).isoformat() == called
    moment, changes = wall(opens, "08:00"), []
    while moment <= wall(closes, "21:00"):
        if at(scene, moment):
            changes.append(moment)
        moment += timedelta(minutes=30)
    assert changes == [wall(opens, "09:00"), datetime.fromisoformat(called), wall(closes, "20:00")]


def test_orders_are_taken_or_not_by_the_window_whatever_was_told(stall: Scene) -> None:
    """B12, B31: correctness never waits for a tick."""
    stall.now = wall("2026-11-25", "08:59")
    stall.says("lea", "commander")
    assert "Les commandes ouvriront mercredi 25 novembre à 9 h" in stall.said("lea")
    stall.now = wall("2026-11-25", "09:00")
    stall.says("lea", "commander")
    assert "Commande du jeudi 3 décembre" in stall.said("lea")
    stall.says("lea", "2 oeufs")
    stall.taps("lea", "Confirmer")
    stall.now = wall("2026-12-02", "20:00")
    stall.says("lea", "chèque")
    assert stall.said("lea").startswith("Les commandes ne sont plus ouvertes.")


def test_the_zone_is_the_groups_own(stall: Scene) -> None:
    """B31: eight in the morning in Réunion is five in Paris."""
    stall.change(update(BuyingGroup).values(timezone="Indian/Reunion"))
    plan(stall, wall("2026-11-26", "01:00"), wall("2026-11-29", "17:00"), wall("2026-11-29", "18:00"), number=2)
    at(stall, wall("2026-11-25", "12:00"))
    assert at(stall, wall("2026-11-26", "04:59")) == []
    told = at(stall, wall("2026-11-26", "05:00"))
    assert "à 20 h." in told[0][1]


def test_each_reads_it_in_their_language_and_without_a_room_in_private(stall: Scene) -> None:
    """B40: without a room each coordinator is told apart; a member who cannot be reached is left out."""
    stall.change(update(Room).values(active=False))
    stall.change(update(LinkedAddress).where(col(LinkedAddress.user) == "awa").values(state="unreachable"))
    told = at(stall, wall("2026-11-25", "09:00"))
    assert [chat for chat, _words in told] == ["bruno", "camille", "lea", "sofiane"]
    assert [chat for chat, _words in at(stall, wall("2026-12-02", "20:00"))] == ["camille", "sofiane"]


def test_cancelled_nothing_more_is_told(stall: Scene) -> None:
    """B35."""
    record(stall, DistributionCancelled(1))
    assert at(stall, wall("2026-11-25", "09:00")) == []
    with stall.store.read() as connection:
        assert due(connection, wall("2026-12-09")) == []


def test_the_schedule_tells_it(stall: Scene) -> None:
    """B31: the demo's clock and the real bot's go through the same tick."""
    woken: list[bool] = []
    stall.now = wall("2026-11-25", "09:30")
    schedule = Schedule(stall.store, lambda: stall.now, zone=PARIS, backups=None, wake=lambda: woken.append(True))
    schedule.tick()
    stall.delivery.deliver(stall.receive)
    assert "Les commandes sont ouvertes" in stall.said("lea")
    assert woken == [True]
    schedule.tick()
    assert woken == [True]


def balance(store: Store, member: int) -> int:
    """Read a member's balance, in cents."""
    with store.read() as connection:
        return Books(connection, 1, wall("2026-11-24")).balance(member)


@contextmanager
def another_process(store: Store, database_url: str) -> Generator[Store]:
    """Open the same database once more, where it may be: SQLite has one writer."""
    if "postgresql" not in database_url:
        yield store
        return
    with audited(database_url) as other:
        yield other


async def test_two_processes_tell_it_once(store: Store, database_url: str) -> None:
    """B46: on both databases, whoever comes first."""
    scene = Scene(store)
    stocked(scene)
    plan(scene, wall("2026-11-25", "09:00"), wall("2026-12-02", "20:00"), wall("2026-12-03", "18:00"))
    with another_process(store, database_url) as other:
        moments = ("2026-11-25 09:00", "2026-12-01 18:00", "2026-12-02 20:00", "2026-12-03 20:00", "2026-12-04 20:00")
        for moment in moments:
            now = wall(*moment.split())
            if moment == "2026-12-02 20:00":
                ordered(scene, now - timedelta(minutes=1))
            await asyncio.gather(*(asyncio.to_thread(announce, process, now) for process in (store, other)))
    with store.read() as connection:
        kinds = connection.execute(select(FACT.c.kind).order_by(FACT.c.number)).scalars().all()
        posted = connection.execute(select(Waiting)).all()
    told = [kind for kind in kinds if kind.endswith(("Opened", "Closed", "Recalled")) and kind != "AccountOpened"]
    assert told == ["OrdersOpened", "ClosingRecalled", "OrdersClosed", "ValidationRecalled", "ValidationRecalled"]
    assert len(posted) == 5 + 5 + 1 + 1 + 1


def test_what_another_process_has_just_told_posts_nothing(store: Store) -> None:
    """B46: read as due by both, recorded by the first; the second is refused whole, a moment later or at the same."""
    scene = Scene(store)
    stocked(scene)
    plan(scene, wall("2026-11-25", "09:00"), wall("2026-12-02", "20:00"), wall("2026-12-03", "18:00"))
    now = wall("2026-11-25", "09:00")
    one = Due(1, OrdersOpened(1))
    store.write(lambda connection: tell(connection, one, now)).result()
    for later in (now, now + timedelta(seconds=1)):
        with pytest.raises(AlreadyToldError):
            store.write(lambda connection, at=later: tell(connection, one, at)).result()  # type: ignore[misc]
    with store.read() as connection:
        assert len(connection.execute(select(Waiting)).all()) == 5


def test_an_order_between_the_reading_and_the_lock_undoes_all_of_it(store: Store) -> None:
    """B35, B47: on both databases the facts agreed to are refused together, and an order after them too."""
    scene = Scene(store)
    stocked(scene)
    plan(scene, wall("2026-11-24", "09:00"), wall("2026-12-02", "20:00"), wall("2026-12-03", "18:00"))
    record(scene, OrderPlaced(LEA, 1, (Line(BREAD, 1000, 1000, 450),)))
    agreed = [OrderCancelled(LEA, 1, Cents(450)), DistributionCancelled(1)]
    record(scene, OrderPlaced(AWA, 1, (Line(BREAD, 1000, 1000, 450),)))

    def cancel(connection: Connection) -> None:
        for rank, fact in enumerate(agreed):
            done = journal.record(connection, group=1, fact=fact, author=CAMILLE, at=scene.now, key=f"cancel/{rank}")
            market_apply.apply(connection, done)

    with pytest.raises(UndecidedError):
        store.write(cancel).result()
    assert balance(store, LEA) == -2450 - 450
    agreed.insert(0, OrderCancelled(AWA, 1, Cents(450)))
    store.write(cancel).result()
    with pytest.raises(FrozenError):
        record(scene, OrderPlaced(BRUNO, 1, (Line(BREAD, 1000, 1000, 450),)))
    assert balance(store, LEA) == -2450


def held(store: Store, number: int = 1) -> Distribution:
    """Read a distribution."""
    with store.read() as connection:
        found = Market(connection, 1, wall("2026-11-24")).distribution(number)
    assert found is not None
    return found


def test_prices_offers_and_moves_on_both_databases(store: Store) -> None:
    """B10, B31, B35: what the facts do to the tables, and which orders a price tells of."""
    scene = Scene(store)
    stocked(scene)
    opens, closes, starts = wall("2026-11-24", "09:00"), wall("2026-12-02", "20:00"), wall("2026-12-03", "18:00")
    plan(scene, opens, closes, starts)
    record(scene, OrderPlaced(LEA, 1, (Line(BREAD, 1000, 1000, 450),)))
    record(scene, OrderPlaced(AWA, 1, (Line(BREAD, 1000, 1000, 450),)))
    record(scene, OrderAdjusted(LEA, 1, (Change(1, BREAD, 1000, 450, 1000, 400),)))
    record(scene, PriceSet(1, BREAD, Cents(400)))
    with store.read() as connection:
        market = Market(connection, 1, scene.now)
        told = {order.member: order.told_fact for order in market.orders(1)}
        assert told[LEA] > told[AWA]
        assert [product.price for product in market.offered(held(store)) if product.number == BREAD] == [400]
    record(scene, OfferChosen(1, (BREAD,)))
    with store.read() as connection:
        assert [product.number for product in Market(connection, 1, scene.now).offered(held(store))] == [BREAD]
    record(scene, WindowMoved(1, opens.isoformat(), starts.isoformat()))
    assert held(store).closes_at == starts
    span = (wall("2026-12-04", "18:00").isoformat(), wall("2026-12-04", "20:00").isoformat())
    record(scene, DistributionMoved(1, *span, opens.isoformat(), closes.isoformat(), "Gymnase"))
    assert (held(store).place, held(store).closes_at) == ("Gymnase", closes)
    assert balance(store, LEA) == -2450 - 400


def test_the_books_refuse_what_came_too_late(store: Store) -> None:
    """B31, B35: a number taken meanwhile, a place taken meanwhile, a distribution that has begun."""
    scene = Scene(store)
    stocked(scene)
    opens, closes, starts = wall("2026-11-24", "09:00"), wall("2026-12-02", "20:00"), wall("2026-12-03", "18:00")
    plan(scene, opens, closes, starts)
    with pytest.raises(UndecidedError):
        plan(scene, opens, closes, starts + timedelta(days=1))
    with pytest.raises(SamePlaceError):
        plan(scene, opens, closes, starts + timedelta(hours=1), number=2)
    plan(scene, opens, closes, starts + timedelta(hours=2), number=2)
    scene.now = starts
    with pytest.raises(AlreadyStartedError):
        record(scene, WindowMoved(1, opens.isoformat(), starts.isoformat()))

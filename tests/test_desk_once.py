"""Every update has its whole effect once, whatever happens to the disk, the process or the program: B46, B48."""

from __future__ import annotations

import threading
from concurrent.futures import Future

import pytest
from sqlalchemy import Connection, func, select
from structlog.testing import capture_logs

from bot.chat import Incoming, Receipt
from bot.conversation import Script
from bot.desk import CAREFUL_TURNS, MOST_ATTEMPTS, Desk
from bot.desk.seen import KEPT, Seen, prune
from bot.handlers.visit import Visit
from bot.ledger.errors import UnavailableError
from bot.ledger.store import Store
from bot.ledger.tables import FACT
from bot.outbox import Waiting
from bot.questions import Text, confirm
from tests.transcripts import Scene


@pytest.fixture
def both(store: Store) -> Scene:
    """Begin with the demo's group, on both databases."""
    return Scene(store)


def count(scene: Scene, table: type) -> int:
    with scene.store.read() as connection:
        return connection.execute(select(func.count()).select_from(table)).scalar_one()


def facts(scene: Scene) -> int:
    with scene.store.read() as connection:
        return connection.execute(select(func.count()).select_from(FACT)).scalar_one()


def broken(_visit: Visit) -> Script:
    """Ask for consent, then meet a bug."""
    yield from confirm("Continuer ?")
    raise ZeroDivisionError("secret words")


def test_the_same_update_twice_has_its_effect_once(both: Scene) -> None:
    both.says("lea", "/payer 20 chèque")
    consent = both.button("lea", "Déclarer")
    update = both.incoming("lea", tapped=consent[1].data, message=consent[0].id)
    before = facts(both)
    first, *again = [both.receive(update) for _time in range(3)]
    assert (facts(both), count(both, Waiting), again) == (before + 1, 1, [Receipt()] * 2)
    assert first == Receipt()


def test_the_same_update_of_another_bot_is_another(both: Scene) -> None:
    update = both.incoming("lea", text="solde")
    other = Incoming("another bot", update.key, update.address, update.place, text="solde")
    for one in (update, other, update, other):
        both.receive(one)
    assert count(both, Waiting) == 2


def test_updates_seen_long_ago_are_forgotten(both: Scene) -> None:
    """Telegram's ids begin anew somewhere else after a week of silence."""
    update = both.incoming("lea", text="solde")
    both.receive(update)
    both.store.write(lambda connection: prune(connection, both.now + KEPT)).result()
    both.receive(update)
    assert count(both, Waiting) == 1
    both.later(days=15)
    both.store.write(lambda connection: prune(connection, both.now)).result()
    assert count(both, Seen) == 0
    both.receive(update)
    assert count(both, Waiting) == 2


def test_a_bug_is_apologised_for_once_with_a_reference_that_the_log_shows(both: Scene) -> None:
    """B48"""
    with both.command("panne", broken), capture_logs() as logs:
        both.says("lea", "/panne")
        before, update = facts(both), both.incoming("lea", text="oui")
        both.unheard()
        assert both.receive(update) == Receipt()
        both.receive(update)
        both.delivery.deliver(both.receive)
        [apology] = both.told("lea")
        both.says("lea", "oui")
        assert both.said("lea").startswith("Je ne vous ai rien demandé")
    [line] = [line for line in logs if line["log_level"] == "error"]
    assert (
        apology
        == f"Je n'ai pas réussi, ce n'est pas de votre fait (réf. {line['reference']}). Rien n'a été enregistré."
    )
    assert isinstance(line["exc_info"], ZeroDivisionError)
    assert (line["event"], line["update"], facts(both)) == ("bug", update.key, before)


def test_a_bug_in_a_room_is_apologised_for_there_but_not_in_a_strangers(scene: Scene) -> None:
    with scene.command("panne", broken), capture_logs():
        scene.says("camille", "/panne", "salon")
        scene.says("camille", "oui", "salon")
    assert scene.told("salon")[-1].startswith("Je n'ai pas réussi")


def test_an_apology_that_cannot_be_made_is_given_up_and_the_update_with_it(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    """B48: it is not retried for ever."""

    def no_apology(*_args: object) -> None:
        raise KeyError("no words")

    monkeypatch.setattr("bot.desk.apologise", no_apology)
    with scene.command("panne", broken), capture_logs() as logs:
        scene.says("lea", "/panne")
        update = scene.incoming("lea", text="oui")
        assert [scene.receive(update) for _time in range(2)] == [Receipt()] * 2
    assert [line["event"] for line in logs] == ["bug", "no apology could be made"]
    assert logs[0]["reference"] == logs[1]["reference"]
    scene.says("lea", "solde")
    assert "vous devez 24,50 €" in scene.said("lea")


class Killed(Desk):
    """A desk whose process ends each time before the turn is committed."""

    def _serve(self, incoming: Incoming, answer: Future[Receipt]) -> None:  # noqa: ARG002 - it gets no further
        answer.set_exception(SystemExit())


def test_an_update_that_kills_the_process_is_set_aside_after_a_few_attempts(both: Scene) -> None:
    """B46"""
    update = both.incoming("lea", text="solde")
    for _attempt in range(MOST_ATTEMPTS):
        with pytest.raises(SystemExit):
            Killed(both.store, lambda: both.now).receive(update).result()
    with capture_logs() as logs:
        Killed(both.store, lambda: both.now).receive(update).result()
    both.delivery.deliver(both.receive)
    assert both.said("lea").startswith(f"Je n'ai pas réussi, ce n'est pas de votre fait (réf. {logs[0]['reference']})")
    both.receive(update)
    assert count(both, Waiting) == 0


def test_an_update_that_was_interrupted_a_few_times_is_served_all_the_same(both: Scene) -> None:
    update = both.incoming("lea", text="solde")
    for _attempt in range(MOST_ATTEMPTS - 1):
        with pytest.raises(SystemExit):
            Killed(both.store, lambda: both.now).receive(update).result()
    both.receive(update)
    both.delivery.deliver(both.receive)
    assert "vous devez 24,50 €" in both.said("lea")


class Faulty:
    """A store whose jobs fail as when the disk is full, while ``faults`` last, the notes of attempts excepted."""

    def __init__(self, store: Store, faults: int) -> None:
        self.store = store
        self.faults = faults
        self.jobs = 0

    def write(self, job: object) -> Future[object]:
        self.jobs += 1
        if self.jobs % 2 == 0 and self.faults:
            self.faults -= 1
            self.jobs = 1  # the same update comes again, its attempt is not noted again
            answer: Future[object] = Future()
            answer.set_exception(UnavailableError("disk full"))
            return answer
        return self.store.write(job)  # type: ignore[arg-type]  # any job


def test_an_update_that_kills_the_process_takes_no_other_with_it(both: Scene) -> None:
    """B46: those that came before it are served, and those behind it are not counted as tried."""
    before, deadly, after = [both.incoming(who, text="solde") for who in ("lea", "bruno", "awa")]

    class Deadly(Desk):
        def _serve(self, incoming: Incoming, answer: Future[Receipt]) -> None:
            if incoming is not deadly:
                super()._serve(incoming, answer)

    for _attempt in range(MOST_ATTEMPTS):
        desk = Deadly(both.store, lambda: both.now)
        with held(both.store):
            served = [desk.receive(update) for update in (before, deadly, after)]
        served[0].result()
        both.store.write(lambda _connection: None).result()
        assert not served[2].done()
    with capture_logs() as logs:
        last = both.desk()
        for answer in [last.receive(update) for update in (before, deadly, after)]:
            answer.result()
    both.delivery.deliver(both.receive)
    told = {shown.place.chat: shown.message.text[:12] for shown in both.unheard()}
    assert told == {"lea": "Dans « Les P", "awa": "Dans « Les P", "bruno": "Je n'ai pas "}
    assert [line["update"] for line in logs] == [deadly.key]


def test_behind_an_update_that_cannot_be_written_all_wait_in_their_order(scene: Scene) -> None:
    """B46: the question and its consent come again together, and the consent never comes first."""
    update, behind = scene.incoming("lea", text="/payer 20 chèque"), scene.incoming("lea", text="oui")
    faulty = Faulty(scene.store, faults=1)
    desk = Desk(faulty, lambda: scene.now)  # type: ignore[arg-type]  # as much of a store as a desk needs
    before = facts(scene)
    with held(scene.store):
        answers = [desk.receive(update), desk.receive(behind)]
    for answer in answers:
        with pytest.raises(UnavailableError):
            answer.result()
    for again in (update, behind):
        desk.receive(again).result()
    assert facts(scene) == before + 1


def test_a_passing_fault_passes_through_and_is_no_attempt_that_killed_the_process(scene: Scene) -> None:
    """B48: it is retried as often as it takes."""
    update, faulty = scene.incoming("lea", text="solde"), Faulty(scene.store, faults=4 * MOST_ATTEMPTS)
    desk = Desk(faulty, lambda: scene.now)  # type: ignore[arg-type]  # as much of a store as a desk needs
    for _time in range(4 * MOST_ATTEMPTS):
        with pytest.raises(UnavailableError):
            desk.receive(update).result()
    assert count(scene, Waiting) == 0
    desk.receive(update).result()
    scene.delivery.deliver(scene.receive)
    assert "vous devez 24,50 €" in scene.said("lea")


def test_when_nothing_can_be_written_nothing_is_kept(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    scene.says("lea", "/payer 20 chèque")
    before = facts(scene)

    def unavailable(_job: object) -> Future[object]:
        answer: Future[object] = Future()
        answer.set_exception(UnavailableError("read only"))
        return answer

    update = scene.incoming("lea", text="oui")
    monkeypatch.setattr(scene.store, "write", unavailable)
    with pytest.raises(UnavailableError):
        scene.receive(update)
    monkeypatch.undo()
    assert facts(scene) == before
    scene.receive(update)
    assert facts(scene) == before + 1


def test_an_update_that_comes_again_while_it_is_served_is_no_second_attempt(scene: Scene) -> None:
    """B46: a platform that is impatient sends it again and again."""
    desk, update = scene.desk(), scene.incoming("lea", text="solde")
    with held(scene.store), capture_logs() as logs:
        answers = [desk.receive(update) for _time in range(MOST_ATTEMPTS + 2)]
    assert {answer.result() for answer in answers} == {Receipt()}
    assert desk.receive(update).result() == Receipt()
    assert (logs, count(scene, Waiting), desk._serving) == ([], 1, {})


def test_careful_turns_end_and_service_goes_on(scene: Scene) -> None:
    desk = Desk(scene.store, lambda: scene.now)
    for _turn in range(CAREFUL_TURNS + 2):
        desk.receive(scene.incoming("lea", text="solde")).result()
    assert count(scene, Waiting) == CAREFUL_TURNS + 2


def test_the_end_of_care_does_not_let_a_later_update_overtake(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    """A consent is served after the question it answers, though it needs no attempt noted first any more (B46)."""
    monkeypatch.setattr("bot.desk.CAREFUL_TURNS", 1)
    desk = Desk(scene.store, lambda: scene.now)
    asked, agreed = scene.incoming("lea", text="/payer 20 chèque"), scene.incoming("lea", text="oui")
    before = facts(scene)
    with held(scene.store):
        waited = [desk.receive(asked), desk.receive(agreed)]
    for answer in waited:
        answer.result()
    assert facts(scene) == before + 1


def test_who_stops_waiting_for_an_answer_stops_nothing(scene: Scene) -> None:
    desk = scene.desk()
    with held(scene.store):
        answer = desk.receive(scene.incoming("lea", text="solde"))
        assert not answer.cancel()
    assert answer.result() == Receipt()
    assert count(scene, Waiting) == 1


class held:  # noqa: N801 - it reads as a word of English
    """While this lasts the writer waits, and what is asked of it meanwhile is committed together."""

    def __init__(self, store: Store) -> None:
        self._go = threading.Event()
        self._store = store

    def __enter__(self) -> None:
        begun = threading.Event()

        def wait(_connection: Connection) -> None:
            begun.set()
            self._go.wait()

        self._store.write(wait)
        begun.wait()

    def __exit__(self, *_trouble: object) -> None:
        self._go.set()


def pages(scene: Scene, spare: int | None) -> None:
    """Let the file grow by so many pages and no more; None: as much as it likes."""

    def job(connection: Connection) -> None:
        now = connection.exec_driver_sql("PRAGMA page_count").scalar_one()
        most = 1_073_741_823 if spare is None else now + spare
        connection.exec_driver_sql(f"PRAGMA max_page_count = {most}")

    scene.store.write(job).result()


def long_name(_visit: Visit) -> Script:
    """Ask for words that take much room on the disk."""
    asked = Text("mots", "Quoi ? " + "x" * 60_000)
    said: str = yield asked
    return said


def test_a_disk_full_inside_a_group_commit_has_every_update_served_exactly_once_later(scene: Scene) -> None:
    """B46, B48: SQLite then rolls back the whole transaction, of other people's updates too."""
    people = ("lea", "bruno", "awa", "camille")
    with scene.command("long", long_name):
        for who in people:
            scene.says(who, "/payer 20 chèque")
        before = facts(scene)
        updates = [scene.incoming(who, text="oui") for who in people]
        updates.insert(2, scene.incoming("sofiane", text="/long"))
        desk = scene.desk()
        desk._careful = 0
        pages(scene, spare=4)
        with held(scene.store):
            answers = [desk.receive(update) for update in updates]
        troubles = [answer.exception() for answer in answers]
        assert isinstance(troubles[2], UnavailableError)
        assert {type(trouble) for trouble in troubles} <= {UnavailableError, type(None)}
        served = sum(trouble is None for trouble in troubles)
        assert facts(scene) == before + served
        pages(scene, spare=None)
        for _time in range(2):
            for update in reversed(updates):
                desk.receive(update).result()
    assert facts(scene) == before + len(people)
    scene.delivery.deliver(scene.receive)
    told = [shown.place.chat for shown in scene.unheard() if "C'est noté" in shown.message.text]
    assert sorted(told) == sorted(people)


def test_updates_committed_together_are_each_answered(scene: Scene) -> None:
    """B46: one bug among them takes nobody else's turn away."""
    desk = scene.desk()
    desk._careful = 0
    with scene.command("panne", broken), capture_logs():
        scene.says("bruno", "/panne")
        updates = [scene.incoming(who, text="solde") for who in ("lea", "awa", "camille")]
        updates.insert(1, scene.incoming("bruno", text="oui"))
        scene.unheard()
        with held(scene.store):
            answers = [desk.receive(update) for update in updates]
        assert [answer.result() for answer in answers] == [Receipt()] * 4
    scene.delivery.deliver(scene.receive)
    told = {shown.place.chat: shown.message.text[:12] for shown in scene.unheard()}
    assert told == {"lea": "Dans « Les P", "awa": "Dans « Les P", "camille": "Dans « Les P", "bruno": "Je n'ai pas "}

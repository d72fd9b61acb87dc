"""The desk takes one message in, in one transaction: it runs the conversation, records its facts, posts what is to be sent.

Whatever happens to the process, an update has its whole effect once, or none yet (B46).
"""

from __future__ import annotations

import secrets
import threading
from collections import deque
from collections.abc import Callable
from concurrent.futures import Future
from datetime import UTC, datetime

import structlog
from sqlalchemy import Connection

from bot.chat import Incoming, Receipt
from bot.desk.seen import note, note_attempt
from bot.desk.turn import Turn, apologise
from bot.ledger.errors import UnavailableError
from bot.ledger.store import Store
from bot.providers.accounts import Accounts

log = structlog.get_logger()

CAREFUL_TURNS = 100
"""What a platform hands over at most in one batch: an update that ended the process is among them when it comes again."""

MOST_ATTEMPTS = 5
CODE_LETTERS = "abcdefghjkmnpqrstuvwxyz23456789"


def new_code() -> str:
    """Draw a code that people can type: twelve letters that are not mistaken for one another, some 59 bits."""
    drawn = [secrets.choice(CODE_LETTERS) for _position in range(12)]
    return "-".join("".join(drawn[start : start + 4]) for start in (0, 4, 8))


def utc_now() -> datetime:
    """Tell the present moment."""
    return datetime.now(UTC)


class Desk:
    """Where everybody is served."""

    def __init__(
        self,
        store: Store,
        clock: Callable[[], datetime] = utc_now,
        *,
        draw_code: Callable[[], str] = new_code,
        wake: Callable[[], None] = lambda: None,
        accounts: Accounts | None = None,
    ) -> None:
        self._store = store
        self._clock = clock
        self._draw_code = draw_code
        self._wake = wake
        self._accounts = accounts
        self._careful = CAREFUL_TURNS
        self._line: deque[tuple[Incoming, Future[Receipt]]] = deque()
        self._lining = threading.RLock()
        self._survived: set[tuple[str, ...]] = set()
        self._serving: dict[tuple[str, ...], Future[Receipt]] = {}

    def receive(self, incoming: Incoming) -> Future[Receipt]:
        """Serve one update; the future is done once everything is on disk, and only then may it be acknowledged.

        The future raises UnavailableError when the database cannot be written now: nothing was done, try again.
        """
        answer: Future[Receipt] = Future()
        answer.set_running_or_notify_cancel()  # who waits for it may give up; the turn goes on
        served = self._serving.setdefault(_key(incoming), answer)
        if served is not answer:  # it came again while it is being served: that is no second attempt
            return served
        answer.add_done_callback(lambda _done: self._serving.pop(_key(incoming), None))
        with self._lining:
            if self._careful > 0 or self._line:
                self._line_up(incoming, answer)
            else:
                self._serve(incoming, answer)
        return answer

    def _line_up(self, incoming: Incoming, answer: Future[Receipt]) -> None:
        """After a start updates are served one by one, so that one that kills the process takes no other with it."""
        self._line.append((incoming, answer))
        if len(self._line) == 1:
            self._next()

    def _next(self) -> None:
        """Serve the first in the line, its attempt noted; once care is over, all of them, in order."""
        with self._lining:
            if self._careful <= 0:
                while self._line:
                    self._serve(*self._line.popleft())
                return
            self._careful -= 1
            incoming, answer = self._line[0]
        answer.add_done_callback(self._went)
        if _key(incoming) in self._survived:
            self._serve(incoming, answer)
            return
        attempt = self._store.write(lambda connection: note_attempt(connection, incoming, self._clock()))
        attempt.add_done_callback(lambda done: self._attempted(done, incoming, answer))

    def _went(self, done: Future[Receipt]) -> None:
        """Go on with the line; while the database cannot be written, all in it come again, in their order."""
        trouble = done.exception()
        with self._lining:
            self._line.popleft()
            sent_away = list(self._line) if isinstance(trouble, UnavailableError) else []
            if sent_away:
                self._line.clear()
            more = bool(self._line)
        for _incoming, answer in sent_away:
            answer.set_exception(trouble)
        if more:
            self._next()

    def _attempted(self, done: Future[int], incoming: Incoming, answer: Future[Receipt]) -> None:
        """Count the attempts: an update that kills the process is set aside after a few (B46)."""
        trouble = done.exception()
        if trouble is not None:
            answer.set_exception(trouble)
        elif done.result() > MOST_ATTEMPTS:
            self._apologise(incoming, answer, "it ended the process each time it was served", None)
        else:
            self._serve(incoming, answer)

    def _serve(self, incoming: Incoming, answer: Future[Receipt]) -> None:
        turn = self._store.write(lambda connection: self._turn(connection, incoming))
        turn.add_done_callback(lambda done: self._served(done, incoming, answer))

    def _turn(self, connection: Connection, incoming: Incoming) -> Receipt:
        now = self._clock()
        if not note(connection, incoming, now):
            return Receipt()
        return Turn(connection, incoming, now, self._draw_code, self._accounts).serve()

    def _served(self, done: Future[Receipt], incoming: Incoming, answer: Future[Receipt]) -> None:
        trouble = done.exception()
        if trouble is None:
            self._pass_on(done, answer)
        elif isinstance(trouble, UnavailableError):
            self._survive(incoming)
            self._pass_on(done, answer)
        else:
            self._apologise(incoming, answer, "bug", trouble)

    def _survive(self, incoming: Incoming) -> None:
        """Remember an update that met a passing fault: it comes again, and that is no sign that it kills the process."""
        if len(self._survived) < CAREFUL_TURNS:
            self._survived.add(_key(incoming))

    def _apologise(
        self, incoming: Incoming, answer: Future[Receipt], event: str, trouble: BaseException | None
    ) -> None:
        """Say sorry once, with a reference that the log shows; the update is not tried again (B48)."""
        reference = secrets.token_hex(2).upper()
        log.error(event, reference=reference, update=incoming.key, exc_info=trouble)

        def sorry(connection: Connection) -> Receipt:
            now = self._clock()
            if note(connection, incoming, now):
                apologise(connection, incoming, reference, now)
            return Receipt()

        said = self._store.write(sorry)
        said.add_done_callback(lambda done: self._sorry_said(done, incoming, answer, reference))

    def _sorry_said(self, done: Future[Receipt], incoming: Incoming, answer: Future[Receipt], reference: str) -> None:
        """Even the apology may fail: then the update is only noted, so that it does not come again for ever."""
        trouble = done.exception()
        if trouble is None or isinstance(trouble, UnavailableError):
            self._pass_on(done, answer)
            return
        log.error("no apology could be made", reference=reference, update=incoming.key, exc_info=trouble)
        noted = self._store.write(lambda connection: self._noted(connection, incoming))
        noted.add_done_callback(lambda done: self._pass_on(done, answer))

    def _noted(self, connection: Connection, incoming: Incoming) -> Receipt:
        note(connection, incoming, self._clock())
        return Receipt()

    def _pass_on(self, done: Future[Receipt], answer: Future[Receipt]) -> None:
        trouble = done.exception()
        if trouble is not None:
            answer.set_exception(trouble)
        else:
            answer.set_result(done.result())
            self._wake()


def _key(incoming: Incoming) -> tuple[str, ...]:
    return (incoming.address.platform, incoming.bot, incoming.key)

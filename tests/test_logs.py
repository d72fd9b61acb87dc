"""Logs hide secrets wherever they are, and never quote what people wrote (B44)."""

from __future__ import annotations

import io
import json
import logging
import threading
from collections.abc import Iterator

import pytest
import structlog
from sqlalchemy import create_engine, text

from bot import logs
from bot.ledger.engines import reading_engine, writing_engine
from bot.ledger.errors import UnavailableError

TELEGRAM = "123456789:AAHdqTcvCH1vGWJxfSeofSAs0K5PALDsaw_-x"
SECRETS = [
    TELEGRAM,
    TELEGRAM.replace(":", "%3A"),
    "syt_YXJkb2lzZQ_QWERTYUIOPASDFGHJKL_0aBcDe",
    "sk_live_51H8abcdefghijklmnop",
    "sk_test_51H8abcdefghijklmnop",
    "rk_live_51H8abcdefghijklmnop",
    "whsec_abcdefghijklmnop",
]


class Screen(io.StringIO):
    """Something to write to that is, or is not, a terminal."""

    def __init__(self, *, tty: bool) -> None:
        super().__init__()
        self._tty = tty

    def isatty(self) -> bool:
        return self._tty


@pytest.fixture(autouse=True)
def logging_as_before() -> Iterator[None]:
    """Give the logging of the test run back."""
    root, hook = logging.getLogger(), threading.excepthook
    handlers, level = root.handlers[:], root.level
    levels = {name: logging.getLogger(name).level for name in logs.QUIETER}
    yield
    root.handlers[:] = handlers
    root.setLevel(level)
    for name, before in levels.items():
        logging.getLogger(name).setLevel(before)
    logging.captureWarnings(capture=False)
    threading.excepthook = hook
    structlog.reset_defaults()


@pytest.fixture(params=[True, False], ids=["terminal", "file"])
def written(request: pytest.FixtureRequest) -> Screen:
    screen = Screen(tty=request.param)
    logs.set_up(screen)
    return screen


@pytest.mark.parametrize("secret", SECRETS)
def test_a_secret_is_hidden_wherever_it_is_thrown(written: Screen, secret: str) -> None:
    log, other = structlog.get_logger("ours"), logging.getLogger("theirs")
    told = f"told {secret}"
    log.info(told, value=secret, deep={"a": [secret]}, **{secret: 1})
    log.info("as bytes", value=secret.encode())
    other.warning("https://api.telegram.org/bot%s/getMe", secret)
    other.error("an object %r", {"token": secret})
    try:
        raise RuntimeError(secret)  # noqa: TRY301 - it is there to be caught
    except RuntimeError:
        log.exception("a bug")
        other.exception("another bug")
    assert written.getvalue().count("[…]") >= 6
    assert secret not in written.getvalue()
    assert secret[12:] not in written.getvalue()


def test_the_password_of_a_database_is_hidden(written: Screen) -> None:
    logging.getLogger("x").error("postgresql+psycopg://ardoise:s3cret@localhost/ardoise")
    assert "s3cret" not in written.getvalue()
    assert "localhost/ardoise" in written.getvalue()


def test_httpx_which_logs_whole_addresses_is_silent(written: Screen) -> None:
    for name in ("httpx", "telegram.ext", "aiohttp.access", "apscheduler.scheduler"):
        logging.getLogger(name).info("GET https://api.telegram.org/bot%s/getMe", TELEGRAM)
    assert written.getvalue() == ""


def test_a_trace_says_where_and_never_what_people_wrote(written: Screen) -> None:
    """B44: an exception's own words may quote a message or a name."""
    typed = "Léa Dupont, 12 rue des Lilas"
    try:
        try:
            int(typed)
        except ValueError as trouble:
            raise UnavailableError("disk I/O error") from trouble
    except UnavailableError:
        structlog.get_logger().exception("bug", reference="7F3A")
    said = written.getvalue()
    assert "Léa" not in said
    assert "Lilas" not in said
    assert "ValueError" in said
    assert "test_logs.py" in said
    assert "disk I/O error" in said
    assert "7F3A" in said


def test_a_statement_that_fails_does_not_quote_its_values() -> None:
    """B44: SQLAlchemy would write the parameters of the statement into its error."""
    for url in ("sqlite://", "sqlite:///:memory:"):
        for make in (writing_engine, reading_engine):
            engine = make(url)
            assert engine.hide_parameters
            engine.dispose()
    shows = create_engine("sqlite://")
    with shows.connect() as connection, pytest.raises(Exception, match="Dupont"):
        connection.execute(text("SELECT nothing WHERE 1 = :name"), {"name": "Dupont"})
    shows.dispose()


def test_a_file_gets_json_lines_and_a_terminal_gets_words() -> None:
    file, terminal = Screen(tty=False), Screen(tty=True)
    for screen in (file, terminal):
        logs.set_up(screen)
        structlog.get_logger("bot.app").info("started", version="1")
        logging.getLogger("elsewhere").warning("à %s", "surveiller")
    ours, theirs = map(json.loads, file.getvalue().splitlines())
    assert (ours["event"], ours["version"], ours["level"], ours["logger"]) == ("started", "1", "info", "bot.app")
    assert ours["timestamp"].endswith("Z")
    assert (theirs["event"], theirs["level"]) == ("à surveiller", "warning")
    assert "started" in terminal.getvalue()
    assert not terminal.getvalue().startswith("{")


def test_a_thread_that_dies_is_logged_like_anything_else(written: Screen) -> None:
    def die() -> None:
        raise RuntimeError(TELEGRAM)

    thread = threading.Thread(target=die, name="writer")
    thread.start()
    thread.join()
    assert "RuntimeError" in written.getvalue()
    assert TELEGRAM not in written.getvalue()

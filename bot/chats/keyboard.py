"""What is typed at a terminal or comes through a pipe, line by line, without holding anything up."""

from __future__ import annotations

import asyncio
import codecs
import contextlib
import os
import sys
import termios
import threading
from collections.abc import AsyncIterator, Callable, Generator, Iterator

BLOCK_BYTES = 65_536


async def typed_lines(prompt: Callable[[], str]) -> AsyncIterator[str]:
    """Read standard input until it ends; ``prompt`` says what stands before each line at a keyboard.

    A thread of its own waits for the keyboard, one that may be left waiting: Ctrl-C ends the demo at once.
    """
    ready, lines = threading.Semaphore(0), asyncio.Queue[str | None]()
    loop = asyncio.get_running_loop()
    keyboard = sys.stdin.isatty()
    source = _asked(prompt, ready) if keyboard else _piped()

    def read() -> None:
        with contextlib.suppress(RuntimeError):  # the loop has ended: nobody reads any more
            for line in source:
                loop.call_soon_threadsafe(lines.put_nowait, line)
            loop.call_soon_threadsafe(lines.put_nowait, None)

    with _terminal_restored() if keyboard else contextlib.nullcontext():
        threading.Thread(target=read, daemon=True, name="keyboard").start()
        ready.release()
        while (line := await lines.get()) is not None:
            yield line
            ready.release()


def _asked(prompt: Callable[[], str], ready: threading.Semaphore) -> Iterator[str]:
    """Ask at the keyboard, each time the answer to the line before is shown."""
    import readline  # noqa: F401, PLC0415 - gives the keyboard its history

    while ready.acquire():
        try:
            yield input(prompt())
        except EOFError:
            return


def _piped() -> Iterator[str]:
    """Read a script. Not through ``sys.stdin``: a thread left waiting in it would disturb the end of the program."""
    decoder, left = codecs.getincrementaldecoder("utf-8")("replace"), ""
    while block := os.read(0, BLOCK_BYTES):
        *whole, left = (left + decoder.decode(block)).split("\n")
        yield from whole
    left += decoder.decode(b"", final=True)
    if left:
        yield left


@contextlib.contextmanager
def _terminal_restored() -> Generator[None]:
    """Leave the terminal as it was: the line editor changes it while it waits."""
    before = termios.tcgetattr(0)
    try:
        yield
    finally:
        termios.tcsetattr(0, termios.TCSADRAIN, before)

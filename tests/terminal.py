"""The demo's terminal played as a real process through a pipe, one line after another.

with terminal("--date", "2026-11-24T18:00") as demo:
    demo.play("lea", "/solde")        says a line as somebody, gives what is printed
    demo.follow(script)               plays a script, and compares: lines that begin with @ or : are said, others are printed

In a script « … » stands for anything, over several lines too.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from inspect import cleandoc
from pathlib import Path

ROOT = Path(__file__).parent.parent
DATE = "2026-11-24T18:00"
PATIENCE_SECONDS = 60
MARK = ":?"
MARK_LINES = 3


@dataclass
class Terminal:
    """A demo that is being played."""

    process: subprocess.Popen[str]

    def say(self, line: str) -> str:
        """Say a line, and give what is printed: until the answer to an order that nobody knows."""
        assert self.process.stdin is not None
        self.process.stdin.write(f"{line}\n{MARK}\n")
        self.process.stdin.flush()
        lines = []
        while not (read := self._line()).startswith(f"Je ne connais pas « {MARK} »"):
            lines.append(read)
        for _more in range(MARK_LINES - 1):
            self._line()
        return "".join(lines).strip("\n")

    def play(self, who: str, *lines: str) -> str:
        """Say lines as somebody (« camille room »), and give what is printed after the last."""
        return [self.say(line) for line in (f"@{who}", *lines)][-1]

    def follow(self, script: str) -> None:
        """Play a script: everything printed must be expected, word for word."""
        for said, expected in _scenes(cleandoc(script)):
            printed = self.say(said)
            assert matches(expected, printed), f"\n{said}\nexpected:\n{expected}\nprinted:\n{printed}"

    def _line(self) -> str:
        assert self.process.stdout is not None
        line = self.process.stdout.readline()
        assert line, "the demo has ended"
        return line


def _scenes(script: str) -> Iterator[tuple[str, str]]:
    """Give each line that is said, with what is to be printed after it."""
    for scene in re.split(r"^(?=[@:])", script, flags=re.MULTILINE)[1:]:
        said, _end, expected = scene.partition("\n")
        yield said, "\n".join(line.rstrip() for line in expected.strip("\n").splitlines())


def matches(expected: str, printed: str) -> bool:
    """Compare what is expected, in which « … » stands for anything, with what is printed."""
    pattern = ".*".join(re.escape(part) for part in expected.split("…"))
    return re.fullmatch(pattern, "\n".join(line.rstrip() for line in printed.splitlines()), re.DOTALL) is not None


def command(*arguments: str) -> list[str]:
    """Write the command line of a demo whose clock stands still."""
    dated = [] if "--date" in arguments else ["--date", DATE]
    return [sys.executable, "-m", "bot", "demo", *dated, *arguments]


def script(text: str, *arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """Play a whole script."""
    return subprocess.run(
        command(*arguments), cwd=ROOT, env={**os.environ, **environment}, input=text, text=True, capture_output=True,
        timeout=PATIENCE_SECONDS, check=False,
    )  # fmt: skip


@contextmanager
def terminal(*arguments: str) -> Generator[Terminal]:
    """Start a demo, and end it by « :quit »; it must end well."""
    environment = {**os.environ, "PYTHONUNBUFFERED": "1"}
    process = subprocess.Popen(
        command(*arguments), cwd=ROOT, env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    with process:
        try:
            yield Terminal(process)
            out, _err = process.communicate(":quit\n", timeout=PATIENCE_SECONDS)
            assert (out, process.returncode) == ("", 0)
        finally:
            process.kill()

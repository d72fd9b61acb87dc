"""What the README says is so: its transcript plays, its commands are there, its files exist."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

from bot import handlers
from tests.terminal import ROOT, script

README = (ROOT / "README.md").read_text(encoding="utf-8")
COMMANDS = ("demo", "init", "run", "check", "group", "invite", "audit", "backup", "restore", "export")


def _block(kind: str) -> str:
    found = re.search(rf"```{kind}\n(.*?)```", README, re.DOTALL)
    assert found is not None, f"the README has no block {kind!r}"
    return found[1]


def test_the_transcript_plays() -> None:
    played = script(_block("demo"))
    assert played.returncode == 0, played.stderr
    assert played.stdout.startswith(_block("shown"))


def test_every_command_is_documented_and_there() -> None:
    asked = subprocess.run(
        [sys.executable, "-m", "bot", "--help"], cwd=ROOT, text=True, capture_output=True, check=True
    )
    there = re.findall(r"^  ([a-z]+)  ", asked.stdout, re.MULTILINE)
    assert set(there) == set(COMMANDS)
    for command in COMMANDS:
        assert f"`ardoise {command}" in README, command


def test_every_file_it_points_to_exists() -> None:
    for target in re.findall(r"\]\(([^)#]+)\)", README):
        assert (ROOT / target).exists(), target


def test_the_guides_name_commands_that_exist() -> None:
    """A guide that names a word the bot does not know would send people astray."""
    for guide in ("membres.md", "coordinateurs.md"):
        text = (ROOT / Path("docs") / guide).read_text(encoding="utf-8")
        for word in re.findall(r"`/([a-zé]+)", text):
            assert handlers.find(word) is not None, (guide, word)

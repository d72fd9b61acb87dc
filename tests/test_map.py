"""The map of the program and the table « where to change what » are true."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import bot

ROOT = Path(bot.__file__).parents[1]


def test_the_map_names_every_room_from_top_to_bottom() -> None:
    """It follows the layers that the build enforces, but for those of one layer, whose order means nothing."""
    contracts = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]["contracts"]
    layers = [layer.split(" | ") for layer in contracts[0]["layers"]]
    named = [name for name in re.findall("``([a-z_]+)``", bot.__doc__ or "") if name != "locale"]
    assert sorted(named) == sorted(name for layer in layers for name in layer)
    height = {name: rank for rank, layer in enumerate(layers) for name in layer}
    assert [height[name] for name in named] == sorted(height[name] for name in named)


def test_what_contributors_are_sent_to_is_there() -> None:
    table = (ROOT / "CONTRIBUTING.md").read_text()
    places = re.findall(r"`((?:bot|docs|tests)/[\w./]*|config[\w.]+)`", table)
    assert len(places) > 10
    assert [place for place in places if not (ROOT / place).exists()] == []

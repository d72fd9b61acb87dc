"""What is said of the catalogue: to who changes it; members see it in the shop."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from bot.ledger.facts import Fact
from bot.market import catalogue
from bot.market.offer_facts import PhotoChanged, ProductChanged
from bot.notices.telling import Notice, Telling, Written
from bot.words import _


def _product_changed(told: Telling) -> list[Notice]:
    return [Notice("author", lambda: Written(_("✅ {what}", what=catalogue.words(told.fact))))]


def _photo_changed(told: Telling) -> list[Notice]:
    return [Notice("author", lambda: Written(_("✅ {what}", what=catalogue.photo_words(told.fact))))]


NOTICES: dict[type[Fact], Callable[[Telling], Sequence[Notice]]] = {
    ProductChanged: _product_changed,
    PhotoChanged: _photo_changed,
}

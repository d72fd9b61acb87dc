"""The audit sees settings that make no sense together, or that the journal does not say (B6, B16, B19)."""

from __future__ import annotations

from collections.abc import Generator
from pathlib import Path

import pytest
from sqlalchemy import update

from bot.groups.audit import settings_are_the_journals, settings_make_sense
from bot.groups.tables import BuyingGroup
from bot.ledger.audit import CHECKS, audit
from bot.ledger.store import Store
from tests.transcripts import Scene


@pytest.fixture
def spoilt(tmp_path: Path) -> Generator[Scene]:
    """Begin with the demo's group in a database whose settings may be spoilt."""
    store = Store.open(f"sqlite:///{tmp_path / 'ardoise.db'}", create=True)
    yield Scene(store)
    store.close()


def found(scene: Scene) -> list[str]:
    with scene.store.read() as connection:
        return [str(trouble) for trouble in audit(connection)]


@pytest.mark.parametrize(
    ("values", "trouble"),
    [
        ({"methods": ""}, "moyens de paiement"),
        ({"methods": "bitcoin"}, "moyens de paiement"),
        ({"top_up_methods": ""}, "moyens de paiement"),
        ({"top_up_methods": "terminal"}, "moyens de paiement"),
        ({"methods": "cheque kitty"}, "la cagnotte avec d'autres moyens"),
        ({"kitty_floor": 1}, "plancher des cagnottes"),
        ({"iban": "FR1520041010050500013M02606"}, "IBAN"),
        ({"iban": "fr1420041010050500013m02606"}, "IBAN"),
    ],
)
def test_settings_that_make_no_sense_are_found(spoilt: Scene, values: dict[str, object], trouble: str) -> None:
    assert found(spoilt) == []
    spoilt.change(update(BuyingGroup).values(**values))
    assert found(spoilt) == [f"groupe 1 : réglages : {trouble}"]


def test_a_setting_that_the_journal_does_not_say_is_found(spoilt: Scene) -> None:
    spoilt.says("camille", "/reglages moyens cheque non")
    assert found(spoilt) == []
    spoilt.change(update(BuyingGroup).values(methods="cash transfer terminal"))
    assert found(spoilt) == ["groupe 1 : réglages : methods n'est pas ce que dit le journal"]


def test_both_checks_are_among_the_audits() -> None:
    assert {settings_make_sense, settings_are_the_journals} <= {*CHECKS}

"""Errands to providers: whatever ends the process between asking and noting, it happens once at both ends (B25, B46)."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Generator

import pytest
from sqlalchemy import Connection, select
from structlog.testing import capture_logs

from bot.chat import Document, FileRef, Incoming, Message, Place, Receipt, UndeliverableError
from bot.delivery.asking_providers import Nowhere, run
from bot.delivery.notes import Notes
from bot.delivery.showing import Means
from bot.errands import Errand
from bot.groups.people import Group
from bot.ledger.errors import UnavailableError
from bot.online.asking import EXPIRE, errand
from bot.online.tables import ONLINE_REFUND
from bot.providers import Refusal
from bot.providers.accounts import Account, Accounts, slug
from bot.providers.telegram import TelegramPayments
from tests.counter import LEA, balance, must_be_right, rows_of, states, tick, with_cards
from tests.fake_provider import ASK, CREATE, FakeProvider
from tests.fake_provider import EXPIRE as ENDED
from tests.transcripts import Scene

Receive = Callable[[Incoming], Receipt]


@pytest.fixture
def provider() -> FakeProvider:
    return FakeProvider()


@pytest.fixture
def paying(scene: Scene, provider: FakeProvider) -> Generator[Scene]:
    """Have Stripe take cards for the group."""
    yield with_cards(scene, provider)
    must_be_right(scene)


class KilledError(Exception):
    """Stands for the end of the process."""


class Forgetful(Notes):
    """Notes of a process that ends before they are on disk."""

    async def insist(self, _job: Callable[[Connection], object]) -> object:  # type: ignore[override]  # it never ends well
        raise KilledError


def says(scene: Scene, who: str, text: str) -> None:
    """Have somebody served, with nothing delivered yet."""
    scene.receive(scene.incoming(who, text=text))


def errands(scene: Scene) -> list[Errand]:
    """List the errands that wait."""
    with scene.store.read() as connection:
        return [Errand(**row._mapping) for row in connection.execute(select(Errand).order_by("id"))]


def runs(scene: Scene, receive: Receive, *, forgetful: bool = False) -> None:
    """Run the errand that waits, in a process of its own."""

    async def one() -> None:
        async def heard(incoming: Incoming) -> Receipt:
            return receive(incoming)

        notes = (Forgetful if forgetful else Notes)(scene.store, asyncio.sleep)
        ending = asyncio.Event()
        means = Means(
            scene.store, Nowhere(), heard, lambda: scene.now, notes, lambda: 1.0, ending, scene.delivery.accounts
        )
        await run(means, errands(scene)[0])

    asyncio.run(one())


def killed(_incoming: Incoming) -> Receipt:
    """End the process before the desk has heard."""
    raise KilledError


def test_killed_between_the_provider_and_the_desk_a_link_is_made_and_shown_once(
    paying: Scene, provider: FakeProvider
) -> None:
    """The reference is the key: asked for again, the provider gives the same page."""
    says(paying, "lea", "/payer 24,50 carte en ligne")
    with pytest.raises(KilledError):
        runs(paying, killed)
    assert states(paying) == {"1-code0001": "asked"}
    with pytest.raises(KilledError):
        runs(paying, paying.receive, forgetful=True)
    assert states(paying) == {"1-code0001": "open"}
    runs(paying, paying.receive)
    assert errands(paying) == []
    paying.delivery.deliver(paying.receive)
    links = [shown for shown in paying.shown if any(o.opens for row in shown.message.options for o in row)]
    assert len(links) == 1
    assert [verb for verb, _what in provider.asked] == [CREATE, CREATE]
    assert len(provider.wanted) == 1


def test_killed_at_any_point_of_a_refund_the_money_goes_back_once(paying: Scene, provider: FakeProvider) -> None:
    paying.says("lea", "/payer 30 carte en ligne")
    provider.pay("1-code0001")
    tick(paying, seconds=31)
    says(paying, "camille", "/rembourser léa 5,50 carte en ligne")
    paying.delivery.deliver(paying.receive)
    button = paying.button("camille", "Rendre")
    paying.receive(paying.incoming("camille", tapped=button[1].data, message=button[0].id))
    with pytest.raises(KilledError):
        runs(paying, killed)
    assert balance(paying, LEA) == 550
    with pytest.raises(KilledError):
        runs(paying, paying.receive, forgetful=True)
    runs(paying, paying.receive)
    assert balance(paying, LEA) == 0
    assert len(provider.refunds) == 1
    assert [row.state for row in rows_of(paying, ONLINE_REFUND)] == ["done"]


def test_a_desk_that_cannot_write_now_leaves_the_errand_for_later(paying: Scene) -> None:
    def away(_incoming: Incoming) -> Receipt:
        raise UnavailableError("disk full")

    says(paying, "lea", "/payer 24,50 carte en ligne")
    with pytest.raises(UnavailableError):
        runs(paying, away)
    assert len(errands(paying)) == 1


def test_a_bug_in_an_adapter_is_said_as_a_refusal(paying: Scene, provider: FakeProvider) -> None:
    """B48: nobody waits for ever; the log has the trace."""
    provider.breaks.add(CREATE)
    with capture_logs() as written:
        paying.says("lea", "/payer 24,50 carte en ligne")
    assert "n'a pas pu être préparé" in paying.said("lea")
    assert states(paying) == {"1-code0001": "failed"}
    assert any(record["event"] == "bug" for record in written)


def test_a_provider_that_is_down_when_a_link_is_to_be_ended_is_asked_again(
    paying: Scene, provider: FakeProvider
) -> None:
    paying.says("lea", "/payer 24,50 carte en ligne")
    provider.down = True
    paying.says("camille", "/encaisser léa 24,50 liquide")
    paying.taps("camille", "Oui")
    assert states(paying) == {"1-code0001": "superseded"}
    provider.down = False
    tick(paying, minutes=5)
    assert (ENDED, "1-code0001") in provider.asked
    assert errands(paying) == []


def test_a_link_that_was_replaced_while_it_was_made_is_ended_and_never_shown(
    paying: Scene, provider: FakeProvider
) -> None:
    provider.down = True
    paying.says("lea", "/payer 24,50 carte en ligne")
    says(paying, "lea", "/payer 10 carte en ligne")
    provider.down = False
    tick(paying, minutes=1)
    shown = [o.opens for s in paying.shown for row in s.message.options for o in row if o.opens]
    assert shown == ["https://pay.example/1-code0002"]
    assert states(paying) == {"1-code0001": "superseded", "1-code0002": "open"}


def test_a_question_that_the_provider_refuses_is_asked_at_the_next_moment(
    paying: Scene, provider: FakeProvider
) -> None:
    paying.says("lea", "/payer 24,50 carte en ligne")
    provider.refuses[ASK] = Refusal.CREDENTIALS
    tick(paying, seconds=31)
    assert errands(paying) == []
    provider.refuses.clear()
    provider.pay("1-code0001")
    tick(paying, seconds=31)
    assert balance(paying, LEA) == 0


def test_a_provider_that_the_host_has_taken_away_is_said(paying: Scene, provider: FakeProvider) -> None:
    says(paying, "lea", "/payer 24,50 carte en ligne")
    paying.delivery.accounts = Accounts()
    paying.delivery.deliver(paying.receive)
    assert "ce prestataire n'est plus branché sur le bot" in paying.said("lea")


def test_no_link_is_shown_to_a_telephone_that_is_no_longer_the_members(paying: Scene, provider: FakeProvider) -> None:
    """B42: lost and revoked while the page was being made."""
    says(paying, "lea", "/payer 24,50 carte en ligne")
    says(paying, "camille", "/perdu léa")
    says(paying, "camille", "oui")
    with paying.store.read() as connection:
        assert [reach.state for reach in Group(connection, 1).reaches(LEA, revoked=True)] == ["revoked"]
    paying.delivery.deliver(paying.receive)
    assert not [o for s in paying.shown for row in s.message.options for o in row if o.opens]


def test_an_errand_about_nothing_is_dropped(paying: Scene) -> None:
    paying.store.write(lambda connection: errand(connection, EXPIRE, "1-unknown")).result()
    paying.delivery.deliver(paying.receive)
    assert errands(paying) == []


async def test_nothing_is_shown_nowhere() -> None:
    nowhere, place = Nowhere(), Place("online", "")
    for doing in (nowhere.send(place, Message(""), Document("", b"")), nowhere.edit(place, "", Message(""))):
        with pytest.raises(UndeliverableError):
            await doing
    with pytest.raises(UndeliverableError):
        await nowhere.fetch(FileRef("", ""), 1)


def test_a_groups_own_account_comes_before_the_one_of_every_group() -> None:
    shared, own = FakeProvider(label="tous"), FakeProvider(label="à nous")
    accounts = Accounts([Account(shared), Account(own, "les-paniers"), Account(TelegramPayments(), "7")])
    assert [offer.label for offer in accounts.offers(1, "Les Paniers")] == ["à nous"]
    assert [offer.label for offer in accounts.offers(2, "Autre")] == ["tous"]
    assert [offer.label for offer in accounts.offers(7, "Autre")] == ["Telegram", "tous"]
    assert slug("Épicerie n° 2") == "epicerie-n-2"

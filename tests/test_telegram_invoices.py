"""Telegram Payments: an invoice in the chat, looked at before it is paid, credited once it is (B25)."""

from __future__ import annotations

import asyncio
import contextlib
import signal
from collections.abc import AsyncGenerator
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import update

from bot.chat import Incoming, Invoice, Message, Place, Receipt, UndeliverableError
from bot.chats.telegram import intake
from bot.desk import utc_now
from bot.groups.tables import BuyingGroup
from bot.ledger.audit import audit
from bot.ledger.books import Books
from bot.ledger.errors import UnavailableError
from bot.ledger.store import Store
from bot.online.tables import OnlinePaymentRow
from tests.emulator import BotApi, Drop
from tests.emulator.house import House, opened
from tests.emulator.invoices import PROVIDER_TOKEN
from tests.neighbourhood import Neighbourhood, program

LEA = 1


@contextlib.asynccontextmanager
async def paying(folder: Path) -> AsyncGenerator[House]:
    """Open the house with the card switched on; its books add up in the end."""
    async with opened(folder) as house:
        house.store.write(
            lambda c: c.execute(update(BuyingGroup).values(methods="cheque cash transfer online"))
        ).result()
        yield house
        with house.store.read() as connection:
            assert audit(connection) == []


async def asks(house: House, amount: str = "24,50") -> None:
    """Have Léa ask for an invoice."""
    await house.says(house.lea, f"/payer {amount} carte en ligne")


def balance(house: House) -> int:
    with house.store.read() as connection:
        return Books(connection, house.group, house.now).balance(LEA)


async def test_an_invoice_is_shown_looked_at_and_credited_once(tmp_path: Path) -> None:
    async with paying(tmp_path) as house:
        await asks(house)
        invoice = house.lea.last.invoice
        assert invoice is not None
        assert (invoice["total_amount"], invoice["currency"]) == (2450, "EUR")
        assert invoice["title"] == "Les Paniers du Canal"
        assert "Léa" not in str(invoice)
        asked = house.lea.opens_invoice()
        await house.settle()
        assert asked.ok
        house.lea.pays(asked)
        await house.settle()
        assert house.lea.texts[-1] == "✅ Votre paiement de 24,50\xa0€ par carte est arrivé. Vous êtes à l'équilibre."
        assert balance(house) == 0
        assert [row.external[:3] for row in house.read(OnlinePaymentRow)] == ["ch_"]


async def test_a_successful_payment_that_comes_again_credits_once(tmp_path: Path) -> None:
    """Redelivered as the same update, or as another of the same charge."""
    async with paying(tmp_path) as house:
        await asks(house)
        asked = house.lea.opens_invoice()
        await house.settle()
        paid = house.lea.pays(asked)
        assert paid is not None
        house.api.updates.put(paid)
        house.api.updates.put({**paid, "update_id": paid["update_id"] + 7})
        await house.settle()
        await house.crash()
        house.api.updates.put({**paid, "update_id": paid["update_id"] + 9})
        await house.settle()
        assert balance(house) == 0
        assert house.rows(OnlinePaymentRow) == 1


async def test_a_stale_amount_is_refused_and_the_right_one_offered(tmp_path: Path) -> None:
    """B25: something was paid since in cash."""
    async with paying(tmp_path) as house:
        await asks(house)
        await house.says(house.camille, "/encaisser léa 10 liquide")
        await house.taps(house.camille, "Oui")
        asked = house.lea.opens_invoice()
        await house.settle()
        assert asked.ok is False
        assert asked.why == "Le montant a changé depuis : le bot vous dit ce qu'il reste à payer. Rien n'a été débité."
        assert house.lea.texts[-1] == "Ce qui reste à payer a changé : 14,50\xa0€ maintenant. Rien n'a été débité."
        await house.taps(house.lea, "Payer 14,50\xa0€")
        again = house.lea.opens_invoice()
        await house.settle()
        assert again.ok
        assert again.invoice["total_amount"] == 1450


async def test_what_is_paid_already_or_superseded_is_refused(tmp_path: Path) -> None:
    async with paying(tmp_path) as house:
        await asks(house)
        first = house.lea.last
        await asks(house, "24,50")
        second = house.lea.last
        superseded = house.lea.opens_invoice(first)
        await house.settle()
        assert superseded.why == "Cette facture n'est plus valable. Demandez-en une autre au bot : /payer."
        good = house.lea.opens_invoice(second)
        await house.settle()
        house.lea.pays(good)
        await house.settle()
        again = house.lea.opens_invoice(second)
        await house.settle()
        assert again.why == "C'est déjà payé. Rien n'a été débité."


async def test_two_that_were_agreed_to_and_are_both_charged_are_both_credited(tmp_path: Path) -> None:
    """What was charged is credited: two phones at the same moment."""
    async with paying(tmp_path) as house:
        await asks(house)
        first, second = house.lea.opens_invoice(), house.lea.opens_invoice()
        await house.settle()
        house.lea.pays(first)
        house.lea.pays(second)
        await house.settle()
        assert balance(house) == 2450
        assert house.rows(OnlinePaymentRow) == 2


async def test_somebody_elses_invoice_and_one_of_yesterday_are_refused(tmp_path: Path) -> None:
    async with paying(tmp_path) as house:
        await asks(house)
        theirs = house.bruno.opens_invoice(house.lea.last)
        await house.settle()
        assert theirs.why == "Cette facture n'est pas à votre nom. Demandez la vôtre au bot : /payer."
        house.now += timedelta(hours=25)
        old = house.lea.opens_invoice()
        await house.settle()
        assert old.why == "Cette facture n'est plus valable. Demandez-en une autre au bot : /payer."


async def test_a_topping_up_is_the_members_own_choice(tmp_path: Path) -> None:
    """More than is owed: it stays good whatever is owed meanwhile."""
    async with paying(tmp_path) as house:
        await asks(house, "50")
        await house.says(house.camille, "/encaisser léa 10 liquide")
        await house.taps(house.camille, "Oui")
        asked = house.lea.opens_invoice()
        await house.settle()
        assert asked.ok


async def test_amounts_that_telegram_does_not_take_are_refused_before(tmp_path: Path) -> None:
    async with paying(tmp_path) as house:
        await asks(house, "0,99")
        assert house.lea.texts[-1] == "Par carte en ligne, on paie de 1,00\xa0€ à 10\u202f000,00\xa0€."
        assert house.api.called("sendInvoice") == []


async def test_a_payment_with_an_unknown_payload_is_told_to_the_coordinators(tmp_path: Path) -> None:
    """Never lost: the database was put back to an older day, say."""
    async with paying(tmp_path) as house:
        await asks(house)
        asked = house.lea.opens_invoice()
        await house.settle()
        asked.invoice = {**asked.invoice, "invoice_payload": "1-unknown"}
        house.lea.pays(asked)
        await house.settle()
        assert "reçu en ligne, non attribué" in house.camille.texts[-1]
        assert "24,50" in house.camille.texts[-1]


@pytest.mark.parametrize("tokens", [{"": "wrong"}, {}], ids=["wrong", "none"])
async def test_an_invoice_that_telegram_does_not_take_is_said(tmp_path: Path, tokens: dict[str, str]) -> None:
    """The host's token is no longer good: nothing was charged, the chat goes on."""
    async with paying(tmp_path) as house:
        house.telegram._tokens = tokens
        await asks(house)
        assert "n'a pas pu être préparé : les clés que connaît le bot ne sont plus acceptées" in house.lea.texts[-1]
        await house.says(house.lea, "/solde")
        assert "24,50" in house.lea.last.text


async def test_an_invoice_without_a_token_is_undeliverable(tmp_path: Path) -> None:
    async with opened(tmp_path) as house:
        lea = Place("telegram", str(house.lea.user.id))
        invoice = Invoice("1-x", "Paniers", "Paiement", 1000, "EUR", "autre")
        with pytest.raises(UndeliverableError):
            await house.telegram.send(lea, Message("Voici", invoice=invoice), None)


async def test_where_nothing_can_be_decided_in_time_the_answer_is_no(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Well within Telegram's ten seconds, whatever the database does; later updates are not held up."""
    monkeypatch.setattr(intake, "DECIDE_SECONDS", 0.05)
    async with paying(tmp_path) as house:
        await asks(house)
        held = asyncio.Event()
        receive = house.desk.receive

        async def slow(incoming: Incoming) -> Receipt:
            if incoming.paying is not None:
                await held.wait()
            return await asyncio.wrap_future(receive(incoming))

        house.polling.cancel()
        await asyncio.gather(house.polling, return_exceptions=True)
        house.polling = asyncio.ensure_future(house.telegram.poll(slow, house.stop))
        asked = house.lea.opens_invoice()
        await house.settle()
        assert asked.ok is False
        assert "réessayez dans un instant" in asked.why
        await house.says(house.lea, "/solde")


async def test_while_the_database_is_away_the_answer_is_no_and_nothing_comes_back(tmp_path: Path) -> None:
    async with paying(tmp_path) as house:
        await asks(house)

        async def away(_incoming: Incoming) -> Receipt:
            raise UnavailableError("disk full")

        asked = house.lea.opens_invoice()
        raw = house.api.updates.waiting[-1]
        taking = intake.Intake(house.telegram._bot, away)
        await taking.take(raw)
        await taking.settled()
        assert asked.ok is False


async def test_the_real_program_killed_after_the_charge_credits_it_once(tmp_path: Path) -> None:
    """B46: killed at the worst moments, with the money charged: it is there once, and told."""
    people = Neighbourhood(tmp_path, people=1, payments=0)
    async with BotApi() as api:
        people.settle(api, f'[online]\ntelegram_provider_token = "{PROVIDER_TOKEN}"\n')
        _switch_on(people)
        neighbour = people.living[1]
        async with program(tmp_path) as process:
            neighbour.says("/payer 12 carte en ligne")
            await api.until(lambda: bool(api.called("sendInvoice")))
            asked = neighbour.opens_invoice()
            await api.until(lambda: asked.ok is True)
            neighbour.pays(asked)
            process.kill()
            await process.wait()
        async with program(tmp_path) as process:
            api.fail("getUpdates", *[Drop.AFTER] * 2)
            await api.until(lambda: _told(api))
            process.kill()
            await process.wait()
        fetches = api.updates.fetches
        async with program(tmp_path) as process:
            await api.until(lambda: api.updates.fetches > fetches and not api.updates.waiting)
            process.send_signal(signal.SIGTERM)
            _out, said = await process.communicate()
            assert process.returncode == 0, said
    store = Store.open(f"sqlite:///{people.database}")
    with store.read() as connection:
        assert audit(connection) == []
        assert Books(connection, 1, utc_now()).balance(1) == 1200
    store.close()


def _told(api: BotApi) -> bool:
    return any(call.method == "sendMessage" and "arrivé" in call.text("text") for call in api.calls)


def _switch_on(people: Neighbourhood) -> None:
    store = Store.open(f"sqlite:///{people.database}")
    store.write(lambda c: c.execute(update(BuyingGroup).values(methods="cheque online"))).result()
    store.close()

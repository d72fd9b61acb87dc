"""Ways to pay over Telegram: buttons that copy, codes to scan, statements by file, the kitty, cheques and their slips (B16 to B28)."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import update

from bot.banking.tables import BankLineRow
from bot.groups.tables import BuyingGroup
from bot.ledger import journal
from bot.ledger.audit import audit
from bot.ledger.books import Books
from bot.ledger.facts import Fact
from bot.ledger.tables import PaymentRow
from bot.market import apply as market_apply
from tests.emulator import Person
from tests.emulator.house import House, opened
from tests.emulator.world import Shown
from tests.market_stall import CATALOGUE, thursday
from tests.test_transfer_codes import decoded

SAMPLES = Path(__file__).parent / "statements"
IBAN = "FR7630006000011234567890189"
LEA, BRUNO, AWA = 1, 2, 3
EURO = "\xa0€"


def change(house: House, **values: Any) -> None:
    """Change the group's settings behind everybody's back."""
    house.store.write(lambda connection: connection.execute(update(BuyingGroup).values(**values))).result()


def stall(house: House) -> None:
    """Give the group a catalogue, and a distribution on Thursday."""
    for rank, fact in enumerate([*CATALOGUE, thursday()]):
        _record(house, fact, f"stall/{rank}")


def _record(house: House, fact: Fact, key: str) -> None:
    def job(connection: Any) -> None:
        recorded = journal.record(connection, group=house.group, fact=fact, author=None, at=house.now, key=key)
        market_apply.apply(connection, recorded)

    house.store.write(job).result()


def balance(house: House, member: int) -> int:
    """Read a balance; the books must be right."""
    with house.store.read() as connection:
        assert audit(connection) == []
        return Books(connection, house.group, house.now).balance(member)


def copied(shown: Shown) -> dict[str, str]:
    """List what the buttons of a message copy, by their labels."""
    found = [button for row in (shown.markup or {}).get("inline_keyboard", []) for button in row]
    return {str(button["text"]): str(button["copy_text"]["text"]) for button in found if "copy_text" in button}


async def sends(house: House, who: Person, name: str, content: bytes) -> str:
    """Send a file, and give the answer."""
    who.sends(name, content)
    await house.settle()
    return who.last.text


async def test_a_transfer_is_copied_or_scanned(tmp_path: Path) -> None:
    """B23: each part by a button that copies it, and all of it by the picture under them."""
    async with opened(tmp_path) as house:
        change(house, iban=IBAN, account_holder="Paniers du Canal")
        await house.says(house.lea, "/payer 24,50 virement")
        await house.taps(house.lea, "Déclarer")
        shown = house.lea.last
        assert copied(shown) == {
            "📋 IBAN": IBAN, "📋 Bénéficiaire": "Paniers du Canal", "📋 Référence": "ARD0000179", "📋 Montant": "24,50",
        }  # fmt: skip
        assert "FR76 3000 6000 0112 3456 7890 189" in shown.text
        assert shown.photo is not None
        payload = f"BCD\n002\n1\nSCT\n\nPaniers du Canal\n{IBAN}\nEUR24.5\n\n\nARD0000179"
        assert decoded(shown.photo.content).rstrip("\n") == payload
        await house.taps(house.lea, "Retirer")
        await house.taps(house.lea, "Oui")
        assert house.read(PaymentRow)[-1].state == "withdrawn"


@pytest.mark.parametrize("name", ["ca.csv", "ofx1.ofx", "ofx2.ofx", "camt08.xml", "cfonb.txt"])
async def test_a_statement_is_sent_and_agreed_to(tmp_path: Path, name: str) -> None:
    """B23, B28: one of each form, in private; the member is told; the same file again posts nothing."""
    content = (SAMPLES / name).read_bytes()
    async with opened(tmp_path) as house:
        change(house, iban=IBAN, account_holder="Paniers du Canal")
        await house.says(house.lea, "/payer 24,50 virement")
        await house.taps(house.lea, "Déclarer")
        await house.says(house.camille, "/banque")
        said = await sends(house, house.camille, name, content)
        assert "Léa, déclaré" in said
        await house.taps(house.camille, "Tout valider (1)")
        assert "1 ligne du relevé est enregistrée" in house.camille.last.text
        assert "Vous êtes à l'équilibre" in house.lea.last.text
        said = await sends(house, house.camille, name, content)
        assert "Déjà enregistrée" in said
        assert (balance(house, LEA), house.rows(BankLineRow)) == (0, 1)


async def test_a_crash_between_the_file_and_the_tap_loses_nothing(tmp_path: Path) -> None:
    """B46: the preview survives; the tap counts once though it comes twice."""
    async with opened(tmp_path) as house:
        await house.says(house.lea, "/payer 24,50 virement")
        await house.taps(house.lea, "Déclarer")
        await sends(house, house.camille, "releve.ofx", (SAMPLES / "ofx1.ofx").read_bytes())
        await house.crash()
        house.camille.taps("Tout valider (1)")
        house.camille.taps("Tout valider (1)")
        await house.settle()
        assert (balance(house, LEA), house.rows(BankLineRow)) == (0, 1)


async def test_cheques_go_to_the_bank_and_one_comes_back(tmp_path: Path) -> None:
    """B22: declared, its number noted by a tap, received in the room, on a slip that comes as a file, bounced with a fee."""
    async with opened(tmp_path) as house:
        change(house, cheque_payee="Paniers du Canal")
        room = await house.room()
        await house.says(house.lea, "/payer")
        await house.taps(house.lea, f"24,50{EURO}")
        await house.taps(house.lea, "Chèque")
        assert "Chèque à l'ordre de Paniers du Canal" in house.lea.last.text
        await house.taps(house.lea, "Déclarer")
        await house.taps(house.lea, "Banque et n°")
        await house.says(house.lea, "La Banque Postale 4410")
        assert "La Banque Postale 4410" in room.last.text
        await house.taps(house.sofiane, "Reçu", room)
        await house.says(house.camille, "/remise")
        assert "La Banque Postale 4410" in house.camille.last.text
        await house.taps(house.camille, "Remettre")
        await house.taps(house.camille, "Fichier")
        slip = house.camille.last.document
        assert slip is not None
        assert slip.name.endswith(".xlsx")
        await house.says(house.camille, "/impaye Léa")
        await house.taps(house.camille, "Avec frais")
        await house.says(house.camille, "8,50")
        await house.taps(house.camille, "Noter impayé")
        assert "n'a pas pu encaisser votre chèque" in house.lea.last.text
        assert balance(house, LEA) == -3300


async def test_a_number_is_noted_in_the_room_by_a_reply(tmp_path: Path) -> None:
    """B22: where the bot's privacy hides plain words, what is typed answers the bot's question."""
    async with opened(tmp_path) as house:
        room = await house.room()
        await house.says(house.lea, "/payer 24,50 chèque")
        await house.taps(house.lea, "Déclarer")
        await house.taps(house.camille, "Banque et n°", room)
        asked = room.last
        assert "quelle banque, quel numéro ?" in asked.text
        house.camille.replies(asked, "LCL 77")
        await house.settle()
        assert any("Léa" in text and "LCL 77" in text and "À valider" in text for text in room.texts)


async def test_cash_is_counted_and_money_is_given_back(tmp_path: Path) -> None:
    """B2, B26: received by hand, given back by a negative payment and by « rembourser », the box counted with its difference."""
    async with opened(tmp_path) as house:
        for said in ("/encaisser Bruno 10 liquide", "/encaisser Bruno -2 liquide", "/rembourser Bruno 3 virement"):
            await house.says(house.camille, said)
            await house.taps(house.camille, "Oui")
        assert "vous a rendu" in house.bruno.last.text
        await house.says(house.camille, "/caisse")
        assert f"doit contenir 8,00{EURO}" in house.camille.last.text
        await house.says(house.camille, "7,50")
        await house.taps(house.camille, "Erreur de monnaie")
        await house.taps(house.camille, "Noter l'écart")
        assert "Écart de caisse noté" in house.camille.last.text
        assert balance(house, BRUNO) == 1200


async def test_the_card_terminal_is_planned_and_received_at_the_pickup(tmp_path: Path) -> None:
    """B17, B24: chosen at checkout, validated at the distribution with the right amount."""
    async with opened(tmp_path) as house:
        change(house, methods="cash terminal")
        stall(house)
        for said in ("2 pain de campagne", "confirmer"):
            await house.says(house.bruno, said)
        assert f"À payer : 2,00{EURO}" in house.bruno.last.text
        await house.taps(house.bruno, "Carte sur place")
        await house.taps(house.bruno, "Confirmer")
        house.now = datetime.fromisoformat(thursday().starts_at) + timedelta(minutes=30)
        await house.says(house.camille, "/accueil")
        await house.taps(house.camille, "1 · Bruno")
        await house.taps(house.camille, "Autre montant")
        await house.says(house.camille, "2,50")
        assert "par carte sur place" in house.bruno.last.text
        assert balance(house, BRUNO) == 50


async def test_the_kittys_rules(tmp_path: Path) -> None:
    """B18, B19: entered in one step, too low whatever waits, topped up, left again; what is on it is an avoir."""
    async with opened(tmp_path) as house:
        stall(house)
        await house.says(house.camille, "/reglages moyens")
        await house.taps(house.camille, "❌ Cagnotte")
        await house.taps(house.camille, "Passer à la cagnotte")
        await house.taps(house.camille, "Passer à la cagnotte")
        for said in ("1 pain de campagne", "confirmer"):
            await house.says(house.awa, said)
        assert f"Il manque 4,50{EURO} sur votre cagnotte" in house.awa.last.text
        await house.taps(house.awa, "Recharger")
        await house.says(house.awa, "20")
        await house.taps(house.awa, "Liquide")
        await house.taps(house.awa, "Déclarer")
        await house.says(house.awa, "/confirmer")
        assert f"Il manque 4,50{EURO} sur votre cagnotte" in house.awa.last.text
        await house.says(house.camille, "/valider")
        await house.taps(house.camille, "Reçu")
        await house.says(house.awa, "/confirmer")
        await house.taps(house.awa, "Confirmer")
        assert balance(house, AWA) == 1550
        await house.says(house.camille, "/reglages cagnotte quitter")
        await house.taps(house.camille, "Quitter la cagnotte")
        await house.says(house.awa, "/solde")
        assert f"un avoir de 15,50{EURO}" in house.awa.last.text

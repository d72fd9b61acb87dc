"""What is kept of a person: handed over whole to them alone, erased everywhere when they have left (B44)."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Iterator
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import Connection, insert, select, update
from sqlmodel import SQLModel, col

from bot.demo_group import ROOM
from bot.groups.tables import BuyingGroup, LinkedAddress, Member, Note, Proposal
from bot.ledger.audit import audit
from bot.ledger.replay import replay
from bot.ledger.store import Store
from bot.market.facts import Line, OrderPlaced
from bot.market.tables import REQUEST
from bot.outbox import Waiting
from bot.schedule import Schedule
from tests.bookkeeping import everything, open_group
from tests.databases import audited
from tests.departed import leaves
from tests.market_stall import BREAD, THURSDAY, record, set_up
from tests.transcripts import Scene, run

LEA, BRUNO, AWA, CAMILLE = 1, 2, 3, 4
NAME, CHAT = "Zébulon Martin-Œuvrard", "zebulon-chat-77"


def act(scene: Scene, script: str) -> None:
    """Play a few lines of a transcript."""
    scene.unheard()
    run(scene, [line.strip() for line in script.strip().splitlines()])


def archive(scene: Scene, who: str) -> dict[str, bytes]:
    """Open the file that somebody was sent last."""
    document = next(s.document for s in reversed(scene.shown) if s.place.chat == who and s.document)
    with zipfile.ZipFile(io.BytesIO(document.content)) as packed:
        return {name: packed.read(name) for name in packed.namelist()}


def test_a_member_gets_everything_in_one_file(scene: Scene) -> None:
    scene.says("lea", "/payer 20 chèque")
    scene.says("lea", "oui")
    act(scene, """
        lea: /mesdonnees
        bot: Voici tout ce que « Les Paniers du Canal » garde de vous : nom, adresses, opérations, commandes, paiements, réglages.
        lea@salon: /mesdonnees
        bot: Écrivez-le-moi en privé, pas dans ce salon.
    """)  # fmt: skip
    found = archive(scene, "lea")
    data = json.loads(found["donnees.json"])
    assert (data["person"]["name"], data["person"]["balance"]) == ("Léa", -2450)
    assert [one["user"] for one in data["addresses"]] == ["lea"]
    assert [one["amount"] for one in data["operations"]] == [-2450]
    assert [(one["amount"], one["state"]) for one in data["payments"]] == [(2000, "declared")]
    assert data["messages"]["reminders"] is True
    assert "-24,50" in found["operations.csv"].decode("utf-8-sig")
    assert found["operations.csv"].decode("utf-8-sig").startswith("n°;date;opération;montant;solde après;annule le n°;")
    assert "12/11/2026" in found["operations.csv"].decode()
    assert "Léa doit 24,50" in found["LISEZ-MOI.txt"].decode().replace("\u00a0", " ")
    assert not [name for name in ("Bruno", "Awa") if name.encode() in b"".join(found.values())]


def test_a_coordinator_asks_for_a_member_a_member_for_nobody_else(scene: Scene) -> None:
    act(scene, """
        camille: /mesdonnees Bruno
        bot: Voici tout ce que « Les Paniers du Canal » garde de Bruno. À ne remettre qu'à cette personne.
        lea: /mesdonnees Bruno
        bot: Voici tout ce que « Les Paniers du Canal » garde de vous : …
    """)  # fmt: skip
    assert json.loads(archive(scene, "camille")["donnees.json"])["person"]["name"] == "Bruno"
    assert json.loads(archive(scene, "lea")["donnees.json"])["person"]["name"] == "Léa"


def test_an_order_is_in_it_line_by_line(scene: Scene) -> None:
    set_up(scene)
    record(scene, OrderPlaced(AWA, THURSDAY, (Line(BREAD, 2000, 2000, 450),)))
    scene.says("awa", "/mesdonnees")
    found = archive(scene, "awa")
    assert [(o["cost"], o["place"]) for o in json.loads(found["donnees.json"])["orders"]] == [(900, "Salle des fêtes")]
    assert ";9,00" in found["commandes.csv"].decode("utf-8-sig")


def test_who_is_in_the_group_or_owes_is_not_erased(scene: Scene) -> None:
    act(scene, """
        lea: /effacer Bruno
        bot: /effacer est réservé aux coordinateurs du groupe.
        camille: /effacer Léa
        bot: Léa est dans le groupe : notez d'abord son départ. [Départ]
    """)  # fmt: skip
    leaves(scene, "lea")
    act(scene, """
        camille: /effacer Léa
        bot: Léa doit 24,50 € au groupe. Le nom sert encore à savoir à qui est ce compte. L'effacer dès qu'il sera fermé ? [Effacer ensuite | Non | Retour]
        camille: [Effacer ensuite]
        bot: Les données de Léa seront effacées dès que le compte sera à zéro.
        camille: /encaisser Léa 24,50 liquide
        bot: …
        camille: [Oui]
        bot: ✅ Léa : 24,50 € en liquide, reçu. Léa est à l'équilibre. / Le compte de m1 est à zéro : il est fermé. / ✅ Nom, adresses et notes effacés. Les écritures restent, sous le numéro m1.
        bot→salon: Les données personnelles de m1 ont été effacées ; les écritures restent, sous ce numéro.
        camille: /historique m1
        bot: M1 est à l'équilibre. / … Paiement en liquide : 24,50 € …
    """)  # fmt: skip


def test_from_the_device_that_was_theirs_those_who_left_ask_to_be_forgotten(scene: Scene) -> None:
    leaves(scene, "awa")
    act(scene, """
        awa: /effacer
        bot: Effacer votre nom, vos adresses et vos notes de « Les Paniers du Canal » ? Les écritures restent, sans nom. Cela ne se défait pas. Pour le demander : /effacer oui
        awa: /effacer oui
        bot: Votre nom, vos adresses et vos notes sont effacés.
        bot→salon: Les données personnelles de m3 ont été effacées ; les écritures restent, sous ce numéro.
        awa: /effacer oui
        bot: Bonjour ! Je suis Ardoise, …
    """)  # fmt: skip
    leaves(scene, "lea")
    act(scene, """
        lea: effacer oui
        bot: Votre nom et vos adresses seront effacés dès que le compte sera à zéro.
        inconnu: /effacer oui
        bot: Bonjour ! Je suis Ardoise, …
    """)  # fmt: skip


def test_a_device_that_was_cut_off_forgets_nobody(scene: Scene) -> None:
    """B42, B44: whoever found the phone asks in vain."""
    scene.says("camille", "/perdu Awa")
    scene.taps("camille", "Oui")
    scene.says("camille", "/quitter Awa")
    scene.taps("camille", "Oui")
    act(scene, """
        awa: /effacer oui
        bot: Bonjour ! Je suis Ardoise, …
    """)  # fmt: skip


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "ardoise.db"


@pytest.fixture
def kept(file: Path) -> Iterator[Scene]:
    with audited(f"sqlite:///{file}") as store:
        yield Scene(store)


def lived(scene: Scene) -> None:
    """Somebody lives in the group for a while, and leaves traces wherever one can."""
    scene.says("camille", f"/inviter {NAME}")
    scene.says("camille", "oui")
    code = scene.said("camille").split("/start ")[1].split()[0]
    scene.says(CHAT, f"/start {code}")
    scene.says(CHAT, f"/payer 12 chèque {NAME} 0042")
    scene.says(CHAT, "oui")
    scene.says("camille", f"/encaisser {NAME} 5 liquide")
    scene.says("camille", "oui")
    scene.taps("camille", "Refuser", "salon")
    scene.says("camille", f"pas de {NAME} ici", "salon")
    scene.says("camille", "/caisse 3")
    scene.says("camille", f"voir {NAME}")
    scene.says("camille", "oui")
    scene.says(CHAT, "/question")
    scene.says(CHAT, f"C'est {NAME}, où est ma facture ?")
    scene.says("sofiane", f"/inviter +{NAME} junior")
    scene.says("camille", f"/rembourser {NAME} 5 liquide")
    scene.says("camille", "oui")
    scene.says(CHAT, "/payer")
    asked = {
        "group_id": 1,
        "number": 20,
        "distribution": 1,
        "member": 6,
        "line": 1,
        "note": f"{NAME} préfère",
        "asked_at": scene.now,
    }
    scene.change(insert(REQUEST).values(**asked))
    facts = json.dumps([["BalanceWrittenOff", {"member": 4, "amount": 5, "reason": f"d'après {NAME}"}]])
    scene.change(insert(Proposal).values(group_id=1, number=19, facts=facts, author=5, made_at=scene.now, state="open"))
    row = {
        "platform": "demo",
        "chat": ROOM.chat,
        "body": json.dumps(
            {"text": f"Bonjour {NAME}", "options": [], "attachment": None, "asks": False}, ensure_ascii=False
        ),
    }
    scene.store.write(lambda c: c.execute(Waiting.__table__.insert(), {**row, "token": "t", "state": "aside"})).result()  # type: ignore[attr-defined]


def traces(file: Path) -> list[str]:
    """Grep everything that lies on the disk for the name, however it may be written, and for the address."""
    content = b"".join(path.read_bytes() for path in sorted(file.parent.iterdir()) if path.name.startswith(file.name))
    wanted = [NAME, NAME.lower(), json.dumps(NAME)[1:-1], "zebulon martin oeuvrard", CHAT, *NAME.split()]
    return [word for word in wanted if word.encode() in content]


def places(connection: Connection) -> set[str]:
    """Name the tables in which the name or the address is written."""
    found = set()
    for table in SQLModel.metadata.sorted_tables:
        for row in connection.execute(table.select()):
            text = json.dumps([str(value) for value in row], ensure_ascii=False)
            found |= {table.name for word in (NAME, json.dumps(json.dumps(NAME)[1:-1])[1:-1], CHAT) if word in text}
    return found


def test_nothing_is_left_of_the_erased_in_the_whole_file_and_the_books_are_the_same(kept: Scene, file: Path) -> None:
    """B3, B44: names, addresses, notes, what waits, what was being said: gone; entries stay, and replay as before."""
    lived(kept)
    assert len(traces(file)) >= 6, "there is something to be erased"
    with kept.store.read() as connection:
        assert places(connection) == {
            "address",
            "cheque_note",
            "member",
            "note",
            "outbox",
            "proposal",
            "removal_request",
            "thread",
        }
    kept.says("camille", f"/quitter {NAME}")
    kept.taps("camille", "Oui")
    with kept.store.read() as connection:
        before = everything(connection)
    kept.says("camille", "/effacer m6")
    kept.taps("camille", "Effacer")
    kept.store.forget()
    assert traces(file) == []
    with kept.store.read() as connection:
        after = everything(connection)
        assert audit(connection) == []
        assert {name: rows for name, rows in after.items() if name not in {"fact", "book"}} == {
            name: rows for name, rows in before.items() if name not in {"fact", "book"}
        }
        assert after["fact"][: len(before["fact"])] == before["fact"]
    other = Store.open(f"sqlite:///{file.parent / 'again'}", create=True)
    with kept.store.read() as connection:
        other.write(lambda target: replay(connection, target)).result()
        with other.read() as again:
            assert everything(again) == everything(connection)
    other.close()


def test_what_is_deleted_is_overwritten(kept: Scene) -> None:
    """B44: SQLite leaves what it deletes in its file, unless told otherwise."""
    assert kept.store.write(lambda c: c.exec_driver_sql("PRAGMA secure_delete").scalar_one()).result() == 1


def test_in_the_night_the_log_is_emptied(kept: Scene, file: Path) -> None:
    """B44: what was erased is not left in what was written before it."""
    log = file.with_name(file.name + "-wal")
    assert log.stat().st_size > 0
    Schedule(kept.store, lambda: kept.now, zone=ZoneInfo("Europe/Paris"), backups=None).tick()
    assert log.stat().st_size < 100_000
    kept.store.forget()
    assert log.stat().st_size == 0


def test_what_belongs_to_another_group_of_the_same_person_stays(scene: Scene) -> None:
    """B1, B44: forgotten here, known there."""
    with scene.store.read() as connection:
        group = dict(connection.execute(select(BuyingGroup)).one()._mapping)
    there = {**group, "id": 2, "name": "Ailleurs"}
    member = {
        "group_id": 2,
        "number": 1,
        "name": "Awa",
        "folded": "awa",
        "right": "member",
        "active": True,
        "created_at": scene.now,
    }
    address = {
        "platform": "demo",
        "user": "awa",
        "group_id": 2,
        "member": 1,
        "number": 1,
        "chat": "awa",
        "linked_at": scene.now,
        "current": False,
    }

    def job(connection: Connection) -> None:
        open_group(connection, 2, 1)
        for table, row in ((BuyingGroup, there), (Member, member), (LinkedAddress, address)):
            connection.execute(insert(table), row)

    scene.store.write(job).result()
    leaves(scene, "awa")
    scene.says("camille", "/effacer Awa")
    scene.taps("camille", "Effacer")
    scene.says("awa", "/solde")
    assert scene.said("awa").startswith("Dans « Ailleurs », vous êtes à l'équilibre")
    with scene.store.read() as connection:
        assert [
            row.group_id for row in connection.execute(select(LinkedAddress).where(col(LinkedAddress.user) == "awa"))
        ] == [2]


def test_names_of_others_that_hold_the_name_are_left_alone(scene: Scene) -> None:
    """B1, B44: « Awa Diop » is somebody else, and so is the « Awa » of another group."""
    scene.says("camille", "/inviter Awa Diop")
    scene.says("camille", "oui")
    notes = [(1, 3, "Awa et Awa Diop, awa"), (2, 3, "Awa d'à côté")]
    for group, fact, text in notes:
        scene.change(insert(Note).values(group_id=group, fact=fact, text=text))
    leaves(scene, "awa")
    scene.says("camille", "/effacer m3")
    scene.taps("camille", "Effacer")
    with scene.store.read() as connection:
        kept = {(row.group_id, row.text) for row in connection.execute(select(Note))}
    assert kept >= {(1, "m3 et Awa Diop, m3"), (2, "Awa d'à côté")}


def test_where_two_are_called_alike_texts_of_others_stay(scene: Scene) -> None:
    scene.says("camille", "/renommer Bruno Awa")
    scene.taps("camille", "Oui")
    scene.change(insert(Note).values(group_id=1, fact=3, text="Awa au téléphone"))
    leaves(scene, "awa")
    scene.says("camille", "/effacer m3")
    scene.taps("camille", "Effacer")
    with scene.store.read() as connection:
        assert "Awa au téléphone" in {row.text for row in connection.execute(select(Note))}


def test_what_is_left_of_the_erased_is_found_by_the_audit(unaudited_store: Store) -> None:
    scene = Scene(unaudited_store)
    scene.change(update(Member).where(col(Member.number) == AWA).values(active=False))
    with scene.store.read() as connection:
        assert {found.check for found in audit(connection)} == {"départ"}
    scene.change(update(Member).where(col(Member.number) == AWA).values(active=False, left_at=scene.now, erased=True))
    with scene.store.read() as connection:
        assert {found.check for found in audit(connection)} == {"départ", "effacement"}

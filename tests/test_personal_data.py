"""What is kept of a person: handed over whole to them alone, erased everywhere when they have left (B44)."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import Connection, LargeBinary, String, insert, select, update
from sqlmodel import SQLModel, col

from bot.chats.matrix.remembered import DIRECT, TOLD
from bot.chats.matrix.shown import SHOWN
from bot.chats.matrix.wire.progress import LATE
from bot.demo_group import ROOM
from bot.errands import Errand
from bot.groups.tables import BuyingGroup, LinkedAddress, Member, Note, Proposal, Room
from bot.ledger.audit import audit
from bot.ledger.facts import Method
from bot.ledger.money import Cents
from bot.ledger.replay import replay
from bot.ledger.store import Store
from bot.market.facts import Line, OrderPlaced
from bot.market.tables import REQUEST
from bot.online.tables import CHECKOUT
from bot.outbox import CardPlace, Waiting
from bot.reminders.facts import RefundAsked
from bot.reminders.tables import CONTACT, REMINDED
from bot.schedule import Schedule
from tests.bookkeeping import everything, open_group
from tests.databases import audited
from tests.departed import leaves
from tests.market_stall import BREAD, THURSDAY, record, set_up
from tests.reminded import tell
from tests.transcripts import Scene, act

LEA, BRUNO, AWA, CAMILLE = 1, 2, 3, 4
NAME, CHAT = "Zébulon Martin-Œuvrard", "zebulon-chat-77"
MATRIX_USER, MATRIX_ROOM = f"@{CHAT}:example.org", f"!{CHAT}-room:example.org"

ERASED = {
    *("address.user", "address.chat", "cheque_note.text", "checkout.chat", "errand.body", "matrix_direct.room"),
    *("matrix_direct.user", "matrix_late.raw", "matrix_late.room", "matrix_shown.chat", "matrix_shown.message"),
    *("matrix_shown.options", "matrix_shown.text", "matrix_told.name", "member.folded", "member.name"),
    *("member_contact.text", "note.text", "outbox.body", "outbox.chat", "proposal.facts", "refund_request.note"),
    *("removal_request.note", "thread.answers", "thread.chat", "thread.user", "thread.words", "card_place.chat"),
}
"""Columns that hold a name, an address or free text of a person: the life below writes into each, and each is erased (B44)."""

IMPERSONAL = {
    "ids, digests, tokens of ours": (
        *("invitation.digest", "room_code.digest", "outbox.token", "outbox.edits", "outbox.receipt", "receipt.name"),
        *(
            "card_place.message",
            "card_place.name",
            "card_place.sending",
            "claim.name",
            "fact.key",
            "seen.key",
            "thread.asked",
        ),
        *("matrix_shown.asked", "matrix_shown.reactions", "matrix_late.event", "matrix_sync.token", "thread.word"),
        *(
            "bank_line.key",
            "checkout.reference",
            "online_payment.reference",
            "online_refund.reference",
            "product.identity",
        ),
    ),
    "platforms, bots, providers and their own names of payments": (
        *("address.platform", "card_place.platform", "checkout.platform", "checkout.provider", "checkout.external"),
        *("errand.platform", "handle.platform", "handle.name", "online_payment.provider", "online_payment.external"),
        *("online_refund.provider", "online_refund.external", "online_refund.refund", "online_stray.provider"),
        *("online_stray.external", "outbox.platform", "room.platform", "room_code.platform", "seen.platform"),
        *("seen.bot", "thread.platform", "matrix_late.bot", "matrix_sync.bot", "outbox.reason"),
    ),
    "choices, kinds and states": (
        *("address.state", "address.language", "card_place.language", "checkout.state", "distribution.state"),
        *(
            "errand.kind",
            "fact.kind",
            "member.right",
            "member_order.state",
            "online_refund.state",
        ),
        *("outbox.state", "payment.method", "payment.state", "plan.method", "plan.state", "proposal.state"),
        *("refund_request.method", "refund_request.state", "removal_request.state", "room.language"),
        *("basket.lines",),
    ),
    "facts: ids, amounts and choices only": ("fact.body",),
    "the group's own: its rooms, its places, its products, its account": (
        *("buying_group.name", "buying_group.currency", "buying_group.timezone", "buying_group.language"),
        *("buying_group.methods", "buying_group.top_up_methods", "buying_group.cheque_payee", "buying_group.iban"),
        *("buying_group.account_holder", "buying_group.reference_prefix", "distribution.place", "room.chat"),
        *("room.topic", "room_code.chat", "room_code.topic", "card_place.topic", "outbox.topic", "product.name"),
        *("product.producer", "product.category", "product.unit", "product.sold", "product_photo.content"),
        *("order_line.name", "order_line.unit", "order_line.sold"),
    ),
    "kept for minutes: a digest, a message's id, how many digits": (
        "card_half.place",
        "card_half.message",
        "card_half.shape",
    ),
    "kept for a day at most, until its conversation is over": ("stored_file.name", "stored_file.content"),
}
"""Columns of text that hold nothing of a person, or nothing for long, and why."""


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
    assert data["person"]["tell_openings"] is True
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
        bot: Léa doit 24,50 € au groupe. Le nom sert encore à savoir à qui est ce compte. L'effacer dès qu'il sera à zéro, sans plus rien en cours ? [Effacer ensuite | Non | Retour]
        camille: [Effacer ensuite]
        bot: Les données de Léa seront effacées dès que le compte sera à zéro, sans plus rien en cours.
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
        bot: Votre nom et vos adresses seront effacés dès que le compte sera à zéro, sans plus rien en cours.
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
    for chat in (ROOM.chat, CHAT):
        scene.change(insert(Waiting).values(**{**row, "chat": chat}, token="t", state="aside"))
    asks_and_chooses(scene)
    talks_on_matrix(scene)


def asks_and_chooses(scene: Scene) -> None:
    """An avoir is asked for, a link to pay, a file sent; times are chosen, and somebody notes a telephone."""
    tell(scene, RefundAsked(6, Cents(500), Method.TRANSFER, f"IBAN de {NAME}"))
    tell(scene, RefundAsked(4, Cents(500), Method.TRANSFER, f"à remettre à {NAME}"))
    scene.change(insert(CONTACT).values(group_id=1, member=6, text=f"{NAME}, 06 12 34 56 78"))
    scene.change(insert(CONTACT).values(group_id=1, member=4, text=f"par {NAME}"))
    times = {"step": 0, "fact": 0, "put_off": 0, "wanted": True, "own_weekday": 2, "own_from": 9, "own_until": 12}
    scene.change(insert(REMINDED).values(group_id=1, member=6, **times))
    link = {"member": 6, "cents": 1200, "owed": 0, "distribution": 0, "provider": "stripe", "external": "", "fact": 1}
    there = {"reference": "1-code9", "state": "failed", "platform": "demo", "chat": CHAT, "created_at": scene.now}
    scene.change(insert(CHECKOUT).values(group_id=1, **link, **there))
    file = {"kind": "fetch", "platform": "demo", "body": json.dumps({"user": CHAT, "key": "k"}), "attempts": 0}
    scene.change(insert(Errand).values(**file, next_at=scene.now + timedelta(days=1)))
    at = {"group_id": 1, "name": "pending", "platform": "demo", "chat": CHAT, "private": True, "at": 0, "resend": False}
    scene.change(insert(CardPlace).values(**at, wanted=1, shown=1, message="", topic="", language="fr", attempts=0))


def talks_on_matrix(scene: Scene) -> None:
    """They talk on Matrix too, in a room of their own; their name is read in the coordinators' room."""
    here = {"platform": "matrix", "user": MATRIX_USER, "chat": MATRIX_USER, "state": "linked", "current": True}
    scene.change(
        insert(LinkedAddress).values(group_id=1, member=6, number=2, language="fr", linked_at=scene.now, **here)
    )
    room = {"platform": "matrix", "chat": "!salon:example.org", "topic": "", "active": True, "language": "fr"}
    scene.change(insert(Room).values(group_id=1, **room))
    scene.change(insert(DIRECT).values(user=MATRIX_USER, room=MATRIX_ROOM))
    for name in (f"unreadable {MATRIX_ROOM} {MATRIX_USER}", f"crowded {MATRIX_ROOM}"):
        scene.change(insert(TOLD).values(name=name, told_at=scene.now))
    for event, where in (("$1", MATRIX_ROOM), ("$2", "!salon:example.org")):
        raw = json.dumps({"sender": MATRIX_USER, "type": "m.room.encrypted"})
        scene.change(insert(LATE).values(bot="matrix", event=event, room=where, raw=raw, seen_ms=1))
    for chat in (MATRIX_USER, "!salon:example.org"):
        message = f"{MATRIX_ROOM if chat == MATRIX_USER else chat}/$3"
        button = json.dumps([[NAME, "c:solde m6"]], ensure_ascii=False)
        shown = {"version": 1, "options": button, "reactions": "{}", "asked": "", "over": False, "shown_at": scene.now}
        scene.change(insert(SHOWN).values(message=message, chat=chat, text=f"{NAME} doit 5 €", **shown))


def traces(file: Path) -> list[str]:
    """Grep everything that lies on the disk for the name, however it may be written, and for the address."""
    content = b"".join(path.read_bytes() for path in sorted(file.parent.iterdir()) if path.name.startswith(file.name))
    wanted = [NAME, NAME.lower(), json.dumps(NAME)[1:-1], "zebulon martin oeuvrard", CHAT, *NAME.split()]
    return [word for word in wanted if word.encode() in content]


def places(connection: Connection) -> set[str]:
    """Name the columns in which the name or the address is written, however it is."""
    words = {NAME, json.dumps(NAME)[1:-1], "zebulon martin oeuvrard", CHAT, *NAME.split()}
    return {
        f"{table.name}.{column.name}"
        for table in SQLModel.metadata.sorted_tables
        for column in table.columns
        for value in connection.execute(select(column)).scalars()
        if any(word in str(value) for word in words)
    }


def test_every_column_of_text_is_erased_or_holds_nothing_of_a_person() -> None:
    """B44: a table that is new cannot be forgotten: it is erased, or somebody says why not."""
    texts = {
        f"{table.name}.{column.name}"
        for table in SQLModel.metadata.sorted_tables
        for column in table.columns
        if isinstance(getattr(column.type, "impl", column.type), String | LargeBinary)
    }
    impersonal = {name for names in IMPERSONAL.values() for name in names}
    assert texts - ERASED - impersonal == set(), "does it hold a name, an address, a free text?"
    assert (ERASED | impersonal) - texts == set(), "is gone"
    assert ERASED & impersonal == set()


def test_nothing_is_left_of_the_erased_in_the_whole_file_and_the_books_are_the_same(kept: Scene, file: Path) -> None:
    """B3, B44: names, addresses, notes, what waits, what was being said: gone; entries stay, and replay as before."""
    lived(kept)
    assert len(traces(file)) >= 6, "there is something to be erased"
    with kept.store.read() as connection:
        assert places(connection) == ERASED
    kept.says("camille", f"/quitter {NAME}")
    kept.taps("camille", "Oui")
    with kept.store.read() as connection:
        before = everything(connection)
    kept.says("camille", "/effacer m6")
    kept.taps("camille", "Effacer")
    kept.store.forget()
    assert traces(file) == []
    with kept.store.read() as connection:
        times = connection.execute(
            select(REMINDED.c.own_weekday, REMINDED.c.own_from).where(REMINDED.c.member == 6)
        ).one()
        assert tuple(times) == (None, None)
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

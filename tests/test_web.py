"""The demo's page as its server gives it: shut to everybody else, live, and as careful with what it is sent as the bot."""

from __future__ import annotations

import asyncio
import re
import socket
from collections.abc import AsyncGenerator
from dataclasses import replace
from pathlib import Path

import pytest
from aiohttp import WSServerHandshakeError
from aiohttp.test_utils import TestClient, TestServer

import bot.chats.web
from bot.chat import Document, Incoming, Message, Option, Place, Receipt
from bot.chats.web import live as live_module
from bot.chats.web.live import Live
from bot.chats.web.server import FILE_MOST_BYTES, PortTakenError, page_app, serve
from bot.demo import opened
from bot.ledger.errors import UnavailableError
from tests.page import BEGINNING, TOKEN, Visitor, visited

EVERYWHERE = [
    ("GET", ""), ("GET", "page.js"), ("GET", "live"), ("GET", "menu/private/lea"), ("GET", "files/1/a.csv"),
    ("POST", "say"), ("POST", "tap"), ("POST", "send/private/lea/a.csv"), ("POST", "day"), ("GET", "nothing"),
]  # fmt: skip
CHANGES = [(method, path) for method, path in EVERYWHERE if method == "POST"]
PNG = b"\x89PNG\r\n\x1a\n"


@pytest.fixture
async def visitor() -> AsyncGenerator[Visitor]:
    async with visited() as somebody:
        yield somebody


async def test_without_the_token_nothing_is_seen_nor_done(visitor: Visitor) -> None:
    whole = [f"/{token}/{path}" for token in ("wrong", "é", TOKEN + "x", TOKEN[:-1]) for _method, path in EVERYWHERE]
    for path in ["/", "/" + TOKEN[:5], *whole]:
        for method in ("GET", "POST"):
            answer = await visitor.client.request(method, path, headers=visitor.origin)
            assert answer.status == 403, (method, path)
            assert "default-src 'none'" in answer.headers["Content-Security-Policy"]
            assert "Léa" not in await answer.text()


async def test_under_a_foreign_name_the_server_does_not_answer(visitor: Visitor) -> None:
    for method, path in EVERYWHERE:
        for host in ("evil.example", f"evil.example:{visitor.client.port}", "127.0.0.1:1", ""):
            answer = await visitor.client.request(method, f"/{TOKEN}/{path}", headers={"Host": host})
            assert answer.status == 403, (method, path, host)


async def test_nothing_is_changed_for_another_page(visitor: Visitor) -> None:
    before = visitor.texts("lea")
    order = {"who": "lea", "place": "private", "text": "/solde"}
    for method, path in CHANGES:
        for headers in ({"Origin": "https://evil.example"}, {"Origin": "null"}, {}, {"Origin": "http://127.0.0.1:1"}):
            answer = await visitor.client.request(method, f"/{TOKEN}/{path}", headers=headers, json=order)
            assert answer.status == 403, (method, path, headers)
    assert visitor.texts("lea") == before
    assert visitor.demo.now() == BEGINNING


async def test_the_live_line_is_for_our_own_page_only(visitor: Visitor) -> None:
    for headers in ({"Origin": "https://evil.example"}, {"Origin": "null"}, {}):
        with pytest.raises(WSServerHandshakeError) as refused:
            await visitor.client.ws_connect(f"/{TOKEN}/live", headers=headers)
        assert refused.value.status == 403


async def test_the_page_can_neither_load_nor_tell_anything_elsewhere(visitor: Visitor) -> None:
    answer = await visitor.get("")
    policy = answer.headers["Content-Security-Policy"]
    assert answer.status == 200
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert "frame-ancestors 'none'" in policy
    assert answer.headers["Referrer-Policy"] == "same-origin"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"


def test_no_file_of_the_page_names_another_server() -> None:
    files = [path for path in Path(bot.chats.web.__path__[0]).iterdir() if path.suffix in {".html", ".css", ".js"}]
    addresses = {found for path in files for found in re.findall(r"(?:https?:)?//[\w.-]+\.\w+", path.read_text())}
    assert len(files) >= 5
    assert addresses == {"http://www.w3.org"}  # the name of SVG, loaded from nowhere


async def test_everything_the_page_asks_for_is_there(visitor: Visitor) -> None:
    html = await (await visitor.get("")).text()
    for name in re.findall(r'(?:href|src)="([\w.]+)"', html):
        answer = await visitor.get(name)
        assert answer.status == 200
        for other in re.findall(r'from "./([\w.]+)"', await answer.text()):
            assert (await visitor.get(other)).status == 200
    assert (await visitor.get("server.py")).status == 404
    assert (await visitor.get("..%2Fphones.py")).status == 404


async def test_a_cheque_is_declared_and_received_and_everybody_sees_it(visitor: Visitor) -> None:
    """B20, B21: on Léa's phone and in the room; the card changes in place."""
    async with visitor.listening() as line:
        greeted = {message["chat"]: message for message in line.everything["messages"]}
        assert "24,50" in greeted["lea"]["text"]
        assert [option["label"] for option in greeted["lea"]["rows"][0]] == ["Payer", "Historique"]
        card = greeted["coordination"]
        await visitor.say("lea", "/payer 24,50 chèque")
        await visitor.tap("lea", "Déclarer")
        declared = await line.until(lambda message: "À valider" in message["text"])
        assert (declared["id"], declared["edits"]) == (card["id"], 1)
        assert [option["label"] for option in declared["rows"][0]] == ["Reçu", "Autre montant", "Refuser"]
        status, answer = await visitor.tap("camille", "Reçu", "room")
        assert (status, answer["toast"].startswith("✅ Léa : 24,50")) == (200, True)
        told = await line.until(lambda message: message["chat"] == "lea" and "a reçu" in message["text"])
        assert told["by"] == ""
    assert "Vous êtes à l'équilibre." in visitor.texts("lea")[-1]


async def test_a_second_tap_is_answered_beside_the_button_and_changes_nothing(visitor: Visitor) -> None:
    """B21: whoever taps, ever."""
    await visitor.say("lea", "/payer 24,50 chèque")
    await visitor.tap("lea", "Déclarer")
    message, data = visitor.button("coordination", "Reçu")
    await visitor.post("tap", who="camille", place="room", message=message, data=data)
    before = visitor.texts("lea")
    _status, answer = await visitor.post("tap", who="sofiane", place="room", message=message, data=data)
    assert "déjà validé par Camille" in answer["toast"]
    assert visitor.texts("lea") == before


async def test_what_people_write_is_shown_as_they_wrote_it(visitor: Visitor) -> None:
    async with visitor.listening() as line:
        await visitor.say("lea", "<b>\x0eoh\x0f</b>")
        said = await line.until(lambda message: message["by"] == "lea")
    assert (said["text"], said["name"], said["rows"]) == ("<b>oh</b>", "Léa", [])


async def test_all_open_pages_hear_the_same_and_one_that_comes_later_hears_it_all(visitor: Visitor) -> None:
    async with visitor.listening() as one, visitor.listening() as other:
        await visitor.say("awa", "/solde")
        heard = [await line.until(lambda message: "équilibre" in message["text"]) for line in (one, other)]
        assert heard[0] == heard[1]
    async with visitor.listening() as late:
        assert heard[0] in late.everything["messages"]


async def test_two_pages_at_once_never_get_a_message_twice(visitor: Visitor) -> None:
    before = len(visitor.texts("awa")) + len(visitor.texts("bruno"))
    await asyncio.gather(*(visitor.say(who, "/solde") for who in ("awa", "bruno") * 5))
    assert len(visitor.texts("awa")) + len(visitor.texts("bruno")) == before + 20


async def test_a_page_that_does_not_follow_is_let_go(visitor: Visitor, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(live_module, "MOST_WAITING", 2)
    async with visitor.listening() as line:
        for number in range(5):
            visitor.demo.phones.say("lea", "lea", str(number))
        await line.socket.receive(timeout=10)
        assert line.socket.closed
        assert line.socket.close_code == 1013
    async with visitor.listening() as again:
        assert [m["text"] for m in again.everything["messages"] if m["by"]] == list("01234")


async def test_only_so_many_pages_are_told(visitor: Visitor, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(live_module, "MOST_PAGES", 1)
    async with visitor.listening():
        with pytest.raises(WSServerHandshakeError) as refused:
            await visitor.client.ws_connect(f"/{TOKEN}/live", headers=visitor.origin)
        assert refused.value.status == 503
    async with visitor.listening() as line:
        assert line.everything["group"] == "Les Paniers du Canal"


async def test_a_day_goes_by_for_every_page(visitor: Visitor) -> None:
    async with visitor.listening() as line:
        assert line.everything["clock"] == {"day": "mardi 24 novembre", "time": "18\u00a0h"}
        status, answer = await visitor.post("day")
        assert (status, answer["clock"]["day"]) == (200, "mercredi 25 novembre")
        assert await line.news() == {"kind": "clock", "clock": answer["clock"]}


async def test_the_clock_is_told_only_when_it_has_moved(visitor: Visitor) -> None:
    async with visitor.listening() as line:
        visitor.live.tell_clock()
        await visitor.say("lea", "bonjour")
        assert (await line.news())["kind"] == "message"


async def test_the_menu_is_that_of_the_person_and_of_the_place(visitor: Visitor) -> None:
    async def menu(where: str) -> dict[str, str]:
        return dict((await (await visitor.get(f"menu/{where}")).json())["commands"])

    assert "soldes" not in await menu("private/lea")
    assert "soldes" in await menu("private/camille")
    assert "payer" in await menu("private/camille")
    assert "payer" not in await menu("room/camille")
    await visitor.say("lea", "/langue english")
    assert "balance" in await menu("private/lea")
    assert (await visitor.get("menu/private/zoe")).status == 400
    assert (await visitor.get("menu/cellar/lea")).status == 400


async def test_a_file_is_sent_and_read(visitor: Visitor) -> None:
    """B30: opening balances from a spreadsheet, with a preview."""
    await visitor.say("camille", "/reprise fichier")
    content = "nom;montant\nAwa;12,50\n".encode("cp1252")
    status, _answer = await visitor.post("send/private/camille/Reprise%20d'été.csv", content, "text/csv")
    assert status == 200
    assert "Awa a un avoir de 12,50 €" in visitor.texts("camille")[-1]
    sent = next(shown for shown in visitor.demo.phones.chats["camille"] if shown.document)
    assert sent.document is not None
    assert (sent.document.name, sent.said_by) == ("Reprise d'été.csv", "camille")


async def test_a_file_of_the_bot_can_be_saved(visitor: Visitor) -> None:
    """B36: the balances as a file."""
    async with visitor.listening() as line:
        await visitor.say("camille", "/soldes fichier csv")
        message = await line.until(lambda message: message["file"] is not None)
    answer = await visitor.get(message["file"]["address"])
    assert answer.headers["Content-Disposition"].startswith("attachment; filename*=UTF-8''")
    assert answer.headers["Content-Type"] == "application/octet-stream"
    content = await answer.read()
    assert len(content) == message["file"]["bytes"]
    assert "Léa" in content.decode("utf-8-sig")


async def test_only_pictures_without_script_are_shown(visitor: Visitor) -> None:
    name, saved = 'a"/é.png', "application/octet-stream"
    for kind, given, way in (
        ("image/png", "image/png", "inline"),
        ("image/svg+xml", saved, "attachment"),
        ("text/html", saved, "attachment"),
    ):
        async with visitor.listening() as line:
            await visitor.demo.phones.send(Place("demo", "lea"), Message("Voici."), Document(name, PNG, kind))
            message = await line.until(lambda message: message["text"] == "Voici.")
        answer = await visitor.get(message["file"]["address"])
        assert answer.status == 200
        assert message["file"]["picture"] == (way == "inline")
        assert answer.headers["Content-Type"] == given
        assert answer.headers["Content-Disposition"] == f"{way}; filename*=UTF-8''a%22%2F%C3%A9.png"
        assert await answer.read() == PNG


async def test_a_file_too_large_for_the_bot_is_refused_by_the_bot(visitor: Visitor) -> None:
    """B48: a sentence that says how large it may be."""
    status, _answer = await visitor.post("send/private/camille/a.csv", b"x" * 2_000_001, "text/csv")
    assert status == 200
    assert "2 Mo" in visitor.texts("camille")[-1]


async def test_a_file_too_large_for_the_page_is_not_even_read(visitor: Visitor) -> None:
    before = visitor.texts("camille")
    status, answer = await visitor.post("send/private/camille/a.csv", b"x" * (FILE_MOST_BYTES + 1), "text/csv")
    assert (status, answer["sentence"]) == (413, "C'est trop gros : 2 Mo au plus.")
    assert visitor.texts("camille") == before


BAD = [
    b"", b"{", b"[1]", b"null", b"\xff\xfe", b'{"who": "lea"}', b"[" * 30_000,
    b'{"who": "zoe", "place": "private", "text": "x"}',
    b'{"who": ["lea"], "place": "private", "text": "x"}',
    b'{"who": "lea", "place": "cellar", "text": "x"}',
    b'{"who": "lea", "place": ["room"], "text": "x"}',
    b'{"who": "lea", "place": "private", "text": ""}',
    b'{"who": "lea", "place": "private", "text": 3}',
    b'{"who": "lea", "place": "private", "text": "' + b"x" * 9_000 + b'"}',
    b'{"who": "lea", "place": "private", "text": "' + b"x" * 50_000 + b'"}',
]  # fmt: skip


async def test_what_makes_no_sense_gets_a_sentence_and_changes_nothing(visitor: Visitor) -> None:
    """B48."""
    before = visitor.texts("lea")
    for body in BAD:
        for path in ("say", "tap"):
            status, answer = await visitor.post(path, body)
            assert status in {400, 413}, body[:50]
            assert answer["sentence"].endswith("."), body[:50]
    assert visitor.texts("lea") == before


async def test_a_button_nobody_was_shown_is_answered_kindly(visitor: Visitor) -> None:
    """B48: a forged button."""
    message, _data = visitor.button("lea", "Payer")
    status, answer = await visitor.post("tap", who="lea", place="private", message=message, data="z:rien")
    assert (status, answer["toast"]) == (200, "Je ne connais pas ce bouton.")
    status, answer = await visitor.post("tap", who="lea", place="private", message="0", data="c:solde")
    assert (status, answer["sentence"]) == (404, "Ce message n'est plus là.")


async def test_a_file_that_is_not_available_for_now_is_said_so(visitor: Visitor) -> None:
    """B48: a passing fault."""

    async def unavailable(_incoming: Incoming) -> Receipt:
        raise UnavailableError("disque plein")

    broken = replace(visitor.demo, behind=replace(visitor.demo.behind, receive=unavailable))
    async with TestClient(TestServer(page_app(broken, visitor.live, TOKEN))) as client:
        status, answer = await Visitor(client, broken, visitor.live).say("lea", "/solde")
    assert (status, "Rien n'a été enregistré" in answer["sentence"]) == (503, True)


async def test_a_text_to_copy_reaches_the_page(visitor: Visitor) -> None:
    """B23: a reference that is easy to copy."""
    async with visitor.listening() as line:
        message = Message("Référence", ((Option("Copier", copies="RF18 5390 0754"),),))
        await visitor.demo.phones.send(Place("demo", "lea"), message, None)
        shown = await line.until(lambda message: message["text"] == "Référence")
    assert shown["rows"] == [[{"label": "Copier", "data": "", "copies": "RF18 5390 0754"}]]


async def test_a_port_that_is_taken_is_named() -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        async with opened(None, BEGINNING) as demo:
            with pytest.raises(PortTakenError, match=f"Le port {port} est déjà pris"):
                await serve(demo, port, lambda _address: None)


async def test_the_page_listens_on_this_machine_only_and_says_goodbye() -> None:
    addresses: asyncio.Queue[str] = asyncio.Queue()
    async with opened(None, BEGINNING) as demo:
        serving = asyncio.create_task(serve(demo, 0, addresses.put_nowait))
        address = await addresses.get()
        assert re.fullmatch(r"http://127\.0\.0\.1:\d+/[\w-]{20,}/", address)
        serving.cancel()
        with pytest.raises(asyncio.CancelledError):
            await serving
        assert demo.phones.watchers == []


async def test_what_is_due_happens_while_nobody_speaks(visitor: Visitor, monkeypatch: pytest.MonkeyPatch) -> None:
    caught_up = asyncio.Event()

    async def catch_up() -> None:
        caught_up.set()

    monkeypatch.setattr(live_module, "BEAT_SECONDS", 0.0)
    demo = replace(visitor.demo, behind=replace(visitor.demo.behind, catch_up=catch_up))
    beating = asyncio.create_task(Live(demo).beat())
    await asyncio.wait_for(caught_up.wait(), 10)
    beating.cancel()

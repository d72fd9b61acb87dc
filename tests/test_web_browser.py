"""The demo's page in a real Chromium: played by clicking, wide and narrow, with names and texts that try to be HTML."""

from __future__ import annotations

import asyncio
import queue
import threading
from collections.abc import Coroutine, Generator
from concurrent.futures import Future
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from bot.chat import Message, Option, Place
from bot.chats.phones import Demo
from bot.chats.web.server import serve
from bot.demo import opened
from tests.browser import Browser, browser
from tests.page import BEGINNING

LEA, BRUNO, ROOM = 0, 1, 2
WIDE, NARROW = (1360, 850), (390, 844)
ESCAPE, ENTER = "\ue00c", "\ue007"
NASTY = "<img src=x onerror=\"document.title='oups'\"><b>Zoé</b> & Cie"

NEWEST = """
const [phone, label] = arguments;
const plain = (text) => text.replace(/[\\u00a0\\u202f]/g, " ");
const buttons = [...document.querySelectorAll(".phone")[phone].querySelectorAll(".row button")];
return buttons.filter((button) => plain(button.textContent) === label).at(-1);
"""


@dataclass
class Served:
    """The demo, served from a thread of its own, and the page that shows it."""

    demo: Demo
    loop: asyncio.AbstractEventLoop
    chromium: Browser

    def tap(self, phone: int, label: str) -> None:
        """Tap the newest button of that label, once it is there."""
        script = NEWEST.replace("const [phone, label] = arguments;", f"const [phone, label] = [{phone}, {label!r}];")
        self.chromium.until(f"(() => {{ {script} }})()")
        self.chromium.click_element(NEWEST, phone, label)

    def write(self, phone: int, text: str) -> None:
        """Write in a phone, and send."""
        self.chromium.type(f".phone:nth-child({phone + 1}) textarea", text + ENTER)

    def reads(self, phone: int, words: str) -> None:
        """Wait until the last message of a phone says something."""
        last = f"[...document.querySelectorAll('.phone')[{phone}].querySelectorAll('.told, .said')].at(-1)"
        self.chromium.until(f"{last}?.textContent.replace(/[\\u00a0\\u202f]/g, ' ').includes({words!r})")

    def show(self, chat: str, message: Message) -> None:
        """Have the bot say something of ours."""
        self.run(self.demo.phones.send(Place("demo", chat), message, None))

    async def cut_the_line(self) -> None:
        """Close the live line of every open page."""
        for watcher in self.demo.phones.watchers:
            for line in list(watcher.__self__._pages):  # type: ignore[attr-defined]  # it is Live's
                await line.close()

    def run(self, doing: Coroutine[Any, Any, object]) -> None:
        """Run something in the demo's own thread."""
        asyncio.run_coroutine_threadsafe(doing, self.loop).result(20)


@pytest.fixture(scope="module")
def chromium() -> Generator[Browser]:
    with browser() as window:
        yield window


@pytest.fixture
def page(chromium: Browser) -> Generator[Served]:
    """Serve a new demo, and open its page; in the end the console must be silent."""
    told: queue.Queue[tuple[Demo, asyncio.AbstractEventLoop, asyncio.Task[None], str]] = queue.Queue()
    ended: Future[None] = Future()
    thread = threading.Thread(target=lambda: ended.set_result(asyncio.run(_served(told))))
    thread.start()
    demo, loop, task, address = told.get(timeout=20)
    chromium.screen(*WIDE)
    chromium.open(address)
    chromium.run("sessionStorage.clear()")
    chromium.until("document.querySelectorAll('.phone .told').length >= 4")
    yield Served(demo, loop, chromium)
    complaints = chromium.complaints()
    chromium.open("about:blank")
    loop.call_soon_threadsafe(task.cancel)
    thread.join()
    ended.result()
    assert complaints == []


async def _served(told: queue.Queue[tuple[Demo, asyncio.AbstractEventLoop, asyncio.Task[None], str]]) -> None:
    async with opened(None, BEGINNING) as demo:
        loop = asyncio.get_running_loop()

        def announce(address: str) -> None:
            told.put((demo, loop, serving, address))

        serving = asyncio.create_task(serve(demo, 0, announce))
        await asyncio.wait([serving])


def test_the_handshake_is_played_by_clicking(page: Served) -> None:
    """B20, B21: Léa declares a cheque, Camille receives another amount, Léa is told; the card is edited in place."""
    page.tap(LEA, "Payer")
    page.tap(LEA, "24,50 €")
    page.tap(LEA, "Chèque")
    page.tap(LEA, "Déclarer")
    page.reads(LEA, "C'est noté : 24,50 € par chèque")
    page.reads(ROOM, "Léa · 24,50 € par chèque")
    page.tap(ROOM, "Autre montant")
    page.reads(ROOM, "Combien avez-vous reçu ?")
    assert page.chromium.text(".room .asked").endswith("Combien avez-vous reçu ?")
    page.write(ROOM, "20")
    page.reads(LEA, "Vous devez 4,50 € au groupe")
    cards = page.chromium.run("return document.querySelectorAll('.room .told').length")
    assert cards == 4, "greeting, card, question, answer: the card did not come a second time"
    assert "modifié" in page.chromium.text(".room .told:nth-child(3)")


def test_words_beside_a_button_pop_up_on_the_phone_that_tapped(page: Served) -> None:
    page.write(LEA, "/payer 24,50 chèque")
    page.tap(LEA, "Déclarer")
    page.tap(ROOM, "Reçu")
    page.chromium.until(
        "/Léa : 24,50.€ par chèque, reçu/.test(document.querySelector('.room .toast:not([hidden])')?.textContent)"
    )
    assert page.chromium.run("return document.querySelectorAll('.private .toast:not([hidden])').length") == 0


def test_what_looks_like_html_is_text_wherever_it_comes_from(page: Served) -> None:
    page.write(ROOM, f"/inviter {NASTY}")
    page.reads(ROOM, "Écrivez-le-moi en privé")
    page.chromium.run(
        "const s = document.querySelector('.phone select'); s.value = 'camille'; s.onchange({ target: s });"
    )
    page.write(LEA, "/inviter")
    page.reads(LEA, "?")
    page.write(LEA, NASTY)
    page.tap(LEA, "Oui")
    page.reads(LEA, "Invitation pour <img")
    page.show("camille", Message(NASTY, ((Option(NASTY, "c:solde"), Option(NASTY, copies=NASTY)),)))
    page.reads(LEA, NASTY)
    assert page.chromium.run("return document.querySelectorAll('.phone img, .log b').length") == 0
    assert page.chromium.run("return document.title") == "Ardoise – la démo"
    said = page.chromium.run(
        "return [...document.querySelectorAll('.phone:first-child .said .text')].map((p) => p.textContent)"
    )
    assert NASTY in said


def test_bold_is_bold_and_a_copy_button_copies(page: Served) -> None:
    """B23: IBAN and reference are easy to copy."""
    page.show("lea", Message("IBAN \x0eFR76 3000\x0f.", ((Option("Copier l'IBAN", copies="FR76 3000"),),)))
    page.tap(LEA, "Copier l'IBAN")
    page.chromium.until("/Copié : FR76 3000|À copier : FR76 3000/.test(document.querySelector('.toast').textContent)")
    assert (
        page.chromium.run("return [...document.querySelectorAll('.told.newest strong')].at(0).textContent")
        == "FR76 3000"
    )


def test_files_go_both_ways_and_pictures_are_shown(page: Served, tmp_path: Path) -> None:
    picture, table = tmp_path / "ticket.png", tmp_path / "reprise.csv"
    picture.write_bytes(page.chromium.shot())
    table.write_text("nom;montant\nAwa;12,50\n")
    page.chromium.type(".phone:nth-child(2) input.file", str(picture))
    page.chromium.until(
        "document.querySelector('.said.own img')?.complete && document.querySelector('.said.own img').naturalWidth > 0"
    )
    page.chromium.run(
        "const s = document.querySelectorAll('.phone select')[1]; s.value = 'camille'; s.onchange({ target: s });"
    )
    page.chromium.type(".phone:nth-child(2) input.file", str(table))
    page.reads(BRUNO, "Awa a un avoir de 12,50 €")
    page.write(BRUNO, "/soldes fichier csv")
    page.chromium.until("document.querySelector('.told a.file')")
    found = page.chromium.run(
        "return fetch(document.querySelector('.told a.file').href).then((answer) => answer.text())"
    )
    assert "Bruno" in found


def test_the_menu_is_opened_and_used_from_the_keyboard(page: Served) -> None:
    page.chromium.click(".phone:nth-child(2) .open-menu")
    page.chromium.until("document.activeElement.closest('.menu')")
    page.chromium.press(ESCAPE)
    page.chromium.until("document.querySelectorAll('.menu')[1].hidden && document.activeElement.matches('.open-menu')")
    page.chromium.press(ENTER)
    page.chromium.until("document.activeElement.closest('.menu')")
    page.chromium.press(ENTER)
    page.reads(BRUNO, "vous avez un avoir de 7,00 €")
    assert page.chromium.run(
        "return document.querySelectorAll('.private')[1].querySelector('.said').textContent.includes('/solde')"
    )


def test_a_day_goes_by(page: Served) -> None:
    page.chromium.click("#advance")
    page.chromium.until("document.getElementById('day').textContent === 'mercredi 25 novembre'")
    page.write(BRUNO, "solde")
    page.reads(BRUNO, "7,00")
    days = page.chromium.run(
        "return [...document.querySelectorAll('.phone')[1].querySelectorAll('.day')].map((d) => d.textContent)"
    )
    assert days == ["mardi 24 novembre", "mercredi 25 novembre"]


def test_a_narrow_screen_shows_one_phone_at_a_time_and_counts_what_is_unread(page: Served) -> None:
    page.chromium.screen(*NARROW)
    seen = "return [...document.querySelectorAll('.phone')].map((phone) => phone.offsetWidth)"
    assert page.chromium.run(seen) == [390, 0, 0]
    assert page.chromium.run("return document.documentElement.scrollWidth") == 390, "nothing is wider than the screen"
    page.write(LEA, "/payer 24,50 chèque")
    page.tap(LEA, "Déclarer")
    page.chromium.until("document.querySelector('.tabs button:nth-child(3) .unread')")
    page.chromium.click(".tabs button:nth-child(3)")
    assert page.chromium.run(seen) == [0, 0, 390]
    assert page.chromium.run("return document.querySelectorAll('.unread').length") == 0
    page.tap(ROOM, "Reçu")
    page.chromium.click(".tabs button:nth-child(1)")
    page.reads(LEA, "Camille a reçu 24,50 €")


def test_every_text_is_large_enough_and_every_button_can_be_hit(page: Served) -> None:
    page.write(ROOM, "/aide")
    page.reads(ROOM, "Voici ce que je sais faire")
    for screen in (WIDE, NARROW):
        page.chromium.screen(*screen)
        sizes = "return [...document.querySelectorAll('body *')].filter((e) => e.getClientRects().length).map((e) => parseFloat(getComputedStyle(e).fontSize))"
        assert min(page.chromium.run(sizes)) >= 16
        small = page.chromium.run(
            "return [...document.querySelectorAll('button')].filter((b) => b.offsetWidth && b.offsetHeight < 44).map((b) => b.textContent)"
        )
        assert small == []


@pytest.mark.parametrize("dark", [False, True])
def test_every_text_stands_out_from_what_is_behind_it(page: Served, dark: bool) -> None:  # noqa: FBT001 - parametrised
    """WCAG AA: 4.5 to 1."""
    page.chromium.screen(*WIDE, dark=dark)
    page.write(LEA, "/payer 24,50 chèque")
    page.tap(LEA, "Déclarer")
    page.reads(ROOM, "24,50")
    page.chromium.click(".phone:nth-child(2) .open-menu")
    page.chromium.until("document.activeElement.closest('.menu')")
    page.chromium.run("document.getAnimations().forEach((animation) => animation.finish())")
    assert page.chromium.run((Path(__file__).parent / "contrast.js").read_text()) == []


def test_a_page_comes_back_after_the_line_was_cut(page: Served) -> None:
    page.run(page.cut_the_line())
    page.write(BRUNO, "/solde")
    page.reads(BRUNO, "vous avez un avoir de 7,00 €")
    page.chromium.until("document.getElementById('line').hidden")
    assert page.chromium.run("return document.querySelectorAll('.phone')[1].querySelectorAll('.told').length") == 2
    page.chromium.complaints()  # the browser tells the console of the line it lost

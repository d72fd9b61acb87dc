"""What is shown on Telegram: no name nor text breaks a message, none is too long, files go both ways."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.chat import (
    STRONG_OFF,
    STRONG_ON,
    Document,
    FileRef,
    Message,
    MessageGoneError,
    Option,
    Place,
    UndeliverableError,
    plain,
    strong,
)
from bot.chats.telegram import Telegram
from bot.chats.telegram.markup import CAPTION_UNITS, MOST_UNITS, as_html, pieces, shortened, units
from bot.errands import FILE_MOST_BYTES
from tests.emulator import TOKEN, BotApi, Town
from tests.emulator.entities import parsed
from tests.emulator.house import opened

ODD = [
    "<b>",
    "</b>",
    "&amp;",
    "&",
    "<",
    ">",
    '"',
    "\u202e",
    "😀",
    "👩\u200d👩\u200d👧",
    "é",
    " ",
    "\n",
    STRONG_ON,
    STRONG_OFF,
    "x" * 50,
]
WORDS = st.lists(st.sampled_from(ODD) | st.text(st.characters(codec="utf-8"), max_size=5), max_size=60).map("".join)
NAMES = ["<b>Léa</b>", "Léa & Co <script>", "</b></i>&lt;", "😀" * 30, "\u202eaél\u202c", "a" * 60, "Œuvrard-N’Guyen"]


@given(WORDS)
def test_any_text_is_html_that_telegram_takes_and_shows_as_it_is(text: str) -> None:
    shown, _entities = parsed(as_html(text), "HTML")
    assert shown == plain(text).strip()


@given(WORDS, st.integers(10, 120))
def test_pieces_are_short_enough_and_leave_no_word_out(text: str, most: int) -> None:
    found = pieces(text, most)
    assert all(units(piece) <= most for piece in found)
    assert "".join("".join(map(plain, found)).split()) == "".join(plain(text).split())
    assert all(plain(piece).strip() for piece in found) or len(found) == 1


@given(WORDS)
@settings(max_examples=50)
def test_bold_goes_on_in_the_next_piece(text: str) -> None:
    whole = strong("x" + plain(text).replace("\n", " "))
    for piece in pieces(whole, 40):
        shown, entities = parsed(as_html(piece), "HTML")
        bold = entities[0]
        assert bold["type"] == "bold"
        assert bold["offset"] == 0
        assert bold["length"] >= units(shown)


@given(WORDS, st.integers(10, 200))
def test_what_must_fit_fits(text: str, most: int) -> None:
    assert units(shortened(text, most)) <= most


@pytest.mark.parametrize("name", NAMES)
async def test_a_member_of_any_name_is_shown_as_they_are_called(tmp_path: Path, name: str) -> None:
    """In private, on the card, in lists, in a second answer that quotes what was typed."""
    async with opened(tmp_path) as house:
        room = await house.room()
        person = house.town.person(name)
        person.joins(house.invitation(name))
        await house.settle()
        assert person.last.text.startswith("Bienvenue")
        await house.says(person, "/payer 12 chèque")
        await house.taps(person, "Déclarer")
        assert "12,00" in room.last.text
        await house.says(house.camille, "/soldes")
        await house.says(house.camille, f"/historique {name}")
        await house.says(house.camille, name)
        assert all(call.code == 200 for call in house.api.called("sendMessage") + house.api.called("editMessageText"))


@pytest.mark.parametrize(
    "text", ["x" * 4096, "😀" * 2048, "<" * 4096, "/payer " + "9" * 4000, "\u202e/solde", "a\nb\n" * 900]
)
async def test_whatever_people_write_is_answered(tmp_path: Path, text: str) -> None:
    """B48: with a sentence that Telegram takes."""
    async with opened(tmp_path) as house:
        await house.says(house.lea, text)
        assert house.lea.texts
        assert all(call.code == 200 for call in house.api.called("sendMessage"))


async def test_a_long_message_comes_in_pieces_the_buttons_under_the_last() -> None:
    async with BotApi() as api:
        lea = Town(api).person("Léa")
        lea.says("/start")
        telegram = await Telegram.connect(TOKEN, api.url, paced=False)
        long = "\n".join(f"{strong('ligne')} {number} & suite" for number in range(900))
        sent = await telegram.send(
            Place("telegram", str(lea.chat.id)), Message(long, ((Option("Suite", "c1:x"),),)), None
        )
        assert "\n".join(lea.texts) == plain(long)
        assert [shown.labels for shown in lea.chat.messages.values()][1:] == [*([[]] * (len(lea.texts) - 1)), ["Suite"]]
        assert sent == str(lea.last.id)
        assert max(map(units, lea.texts)) <= MOST_UNITS
        await telegram.close()


async def test_a_file_has_its_text_as_caption_or_ahead_of_it() -> None:
    async with BotApi() as api:
        lea = Town(api).person("Léa")
        lea.says("/start")
        place, telegram = Place("telegram", str(lea.chat.id)), await Telegram.connect(TOKEN, api.url, paced=False)
        sheet = Document("soldes <1>.csv", b"nom;montant\n", "text/csv")
        await telegram.send(place, Message(strong("Soldes") + " & co", ((Option("Oui", "c1:x"),),)), sheet)
        assert (lea.last.text, lea.last.labels) == ("Soldes & co", ["Oui"])
        assert lea.last.document is not None
        assert (lea.last.document.name, lea.last.document.content) == ("soldes <1>.csv", sheet.content)
        with pytest.raises(MessageGoneError):
            await telegram.edit(place, str(lea.last.id), Message("autre chose"))
        await telegram.send(place, Message("é" * (CAPTION_UNITS + 1)), Document("p.png", b"\x89PNG", "image/png"))
        assert lea.texts[-2:] == ["é" * (CAPTION_UNITS + 1), ""]
        assert lea.last.photo is not None
        await telegram.send(place, Message(""), sheet)
        await telegram.close()


async def test_the_balances_come_as_a_file_with_its_caption(tmp_path: Path) -> None:
    """B36: the button under /soldes; the file reads, the words say what it is."""
    async with opened(tmp_path) as house:
        await house.says(house.camille, "/soldes")
        await house.taps(house.camille, "Fichier")
        sheet = house.camille.last
        assert sheet.document is not None
        assert sheet.document.name.endswith(".xlsx")
        assert sheet.document.content.startswith(b"PK")
        await house.says(house.camille, "/soldes fichier csv")
        plain_file = house.camille.last
        assert plain_file.document is not None
        assert "Bruno" in plain_file.document.content.decode()
        assert sheet.text
        assert plain_file.text


async def test_opening_balances_come_by_a_file(tmp_path: Path) -> None:
    """B30: a coordinator sends it, sees every line, agrees; the members are told."""
    async with opened(tmp_path) as house:
        house.camille.sends("reprise.csv", b"nom;montant\nAwa;-8,20\n", mime="text/csv")
        await house.settle()
        assert "Awa" in house.camille.last.text
        await house.taps(house.camille, house.camille.last.labels[0])
        assert "8,20" in house.awa.last.text


@pytest.mark.parametrize("size", [FILE_MOST_BYTES + 1, 20_000_001])
async def test_too_large_a_file_is_refused_without_being_fetched(tmp_path: Path, size: int) -> None:
    """B48: whoever sends it gets a sentence; nothing was downloaded."""
    async with opened(tmp_path) as house:
        house.camille.sends("tout.csv", b"x" * size)
        await house.settle()
        assert "trop gros" in house.camille.last.text
        assert not house.api.called("getFile")


async def test_a_file_that_lies_about_its_size_or_is_gone_is_refused() -> None:
    async with BotApi() as api:
        town, telegram = Town(api), await Telegram.connect(TOKEN, api.url, paced=False)
        kept = api.world.keep("a.csv", b"x" * 100, "text/csv")
        assert await telegram.fetch(FileRef(kept.id, "a.csv"), 100) == b"x" * 100
        with pytest.raises(UndeliverableError):
            await telegram.fetch(FileRef(kept.id, "a.csv", 3), 99)
        with pytest.raises(UndeliverableError):
            await telegram.fetch(FileRef("unknown", "a.csv"), 99)
        assert town.api is api
        await telegram.close()


async def test_a_file_from_a_member_or_a_photo_is_answered(tmp_path: Path) -> None:
    async with opened(tmp_path) as house:
        house.lea.sends("a.csv", b"x")
        house.lea.sends_photo(b"\xff\xd8", "voici mon chèque")
        await house.settle()
        assert len(house.lea.texts) == 2

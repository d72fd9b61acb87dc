"""What we say and hear on Matrix, as dicts: HTML nobody can break, buttons as numbers, events of every shape."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from html.parser import HTMLParser
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.chat import STRONG_OFF, STRONG_ON, Document, Message, Option, plain, strong
from bot.chats.matrix import contents, marks
from bot.chats.matrix.events import Corrected, Deleted, Membership, Reacted, Said, Unreadable, Upgraded, heard
from bot.chats.matrix.markup import MOST_BYTES, as_html, body, formatted, pieces, shortened
from bot.chats.matrix.wire.events import Event

ME, LEA, ROOM = "@ardoise:localhost", "@lea:localhost", "!salon:localhost"
BACK, CANCEL = Option("Retour", "a:1.9f3c01aa:!back"), Option("Annuler", "a:1.9f3c01aa:!cancel")
AMOUNT, OTHER = Option("24,50 €", "a:1.9f3c01aa:2450"), Option("Autre montant", "a:1.9f3c01aa:other")
QUESTION = Message("Combien avez-vous payé ?", ((AMOUNT, OTHER), (BACK, CANCEL)), asks=True)


class Strict(HTMLParser):
    """Reads HTML, and refuses what is not in the few tags we send, or not closed in order."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.text = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        assert tag in {"strong", "code", "br"}, tag
        assert not attrs
        if tag == "br":
            self.text += "\n"
        else:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.text += data


def read(html: str) -> str:
    """Give the words of our HTML, which must be strict."""
    parser = Strict()
    parser.feed(html)
    parser.close()
    assert not parser.open
    return parser.text


TYPED = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\r\x00"), max_size=40)


@given(st.lists(st.one_of(TYPED, st.sampled_from([STRONG_ON, STRONG_OFF, "<b>", "&amp;", "\n"])), max_size=12))
def test_no_text_breaks_the_html(parts: list[str]) -> None:
    text = "".join(parts)
    assert read(as_html(text)) == plain(text)


def test_a_question_shows_its_answers_by_number_and_its_ways_out_apart() -> None:
    """A number never stands for « Annuler »: whoever types « 1 » for one loaf of bread must not cancel."""
    assert body(QUESTION, 0).split("\n") == [
        "Combien avez-vous payé ?", "", "1️⃣ 24,50 €\u2003\u20032️⃣ Autre montant", "⬅️ Retour\u2003\u2003✖️ Annuler",
    ]  # fmt: skip
    assert read(formatted(QUESTION, 0)).replace("<br>", "\n") == body(QUESTION, 0)
    assert marks.typed([CANCEL], "1") is None
    assert marks.typed(marks.of(QUESTION), "3") is None


def test_what_is_to_be_copied_stands_on_a_line_of_its_own() -> None:
    message = Message("Pour votre virement :", ((Option("IBAN", copies="FR76 3000"), Option("Payé", "c1:payer")),))
    assert body(message, 0).split("\n") == ["Pour votre virement :", "", "IBAN :", "FR76 3000", "", "1️⃣ Payé"]
    assert "<code>FR76 3000</code>" in formatted(message, 0)


def test_an_address_to_open_is_a_link_and_no_answer() -> None:
    """B25: the page where a card is taken."""
    pay = Option("Payer 24,50 € & fin", opens="https://pay.example.org/?a=1&b=2")
    message = Message("Votre lien :", ((pay,), (Option("J'ai payé", "c1:carte fait"),)))
    assert body(message, 0).split("\n") == [
        "Votre lien :", "", "Payer 24,50 € & fin :", "https://pay.example.org/?a=1&b=2", "", "1️⃣ J'ai payé",
    ]  # fmt: skip
    assert '<a href="https://pay.example.org/?a=1&amp;b=2">Payer 24,50 € &amp; fin</a>' in formatted(message, 0)
    assert marks.typed(marks.of(message), "1") == message.options[1][0]


def test_a_reaction_is_bound_to_what_its_author_has_read() -> None:
    """A number of the card as it was before an edit stands for nothing on the card as it is now."""
    options = marks.of(QUESTION)
    assert marks.tappable(options, 0) == ["1️⃣", "2️⃣", "⬅️", "✖️"]
    assert marks.tappable(options, 1) == ["①", "②", "⬅️", "✖️"]
    assert marks.tapped(options, 1, "②") == OTHER
    assert marks.tapped(options, 1, "2️⃣") is None
    assert marks.is_number("2️⃣")
    assert not marks.is_number("🎉")


def test_a_number_a_label_or_an_emoji_that_is_typed_is_a_tap() -> None:
    options = marks.of(QUESTION)
    for typed in ("2", "2.", " 2)", "autre  MONTANT", "2️⃣"):
        assert marks.typed(options, typed) == OTHER, typed
    for typed in ("", "0", "7", "20", "2,5", "autre chose", "²"):
        assert marks.typed(options, typed) is None, typed


def test_a_long_list_is_numbered_to_its_end_and_tapped_at_its_beginning() -> None:
    options = [Option(f"Produit {n}", f"c1:x {n}") for n in range(1, 31)]
    assert len(marks.tappable(options, 0)) == len(marks.STYLES[0]) == 10
    assert marks.typed(options, "30") == options[29]
    assert "30. Produit 30" in body(Message("Lequel ?", tuple((option,) for option in options)), 0)


def test_commands_are_shown_as_they_are_typed_there() -> None:
    said = contents.text(contents.here(Message("Écrivez /solde.", ((Option("/historique", "c1:historique"),),))))
    assert said["body"].startswith("Écrivez !solde.")
    assert "!historique" in said["body"]


def test_an_edit_carries_the_new_content_and_a_fallback() -> None:
    made = contents.edit(QUESTION, "$card", 3)
    assert made["m.relates_to"] == {"rel_type": "m.replace", "event_id": "$card"}
    assert made["body"] == "* " + made["m.new_content"]["body"]
    assert "⑴" in made["m.new_content"]["body"]
    assert "m.relates_to" not in made["m.new_content"]


def test_the_longest_message_fits_into_an_event_even_edited_and_encrypted() -> None:
    """An event may have 65,536 bytes; encryption adds a third, and quotes and backslashes are escaped in JSON."""
    worst = Message("é\n" + '"&' * (MOST_BYTES // 2), tuple((Option("x" * 200, f"c1:{n}"),) for n in range(40)))
    for made in (contents.text(contents.here(worst)), contents.edit(contents.here(worst), "$card", 0)):
        assert len(json.dumps(made, ensure_ascii=False).encode()) * 4 / 3 < 65_000


@given(st.text(st.characters(exclude_categories=["Cs"]), max_size=200), st.integers(min_value=8, max_value=40))
def test_nothing_is_lost_when_a_long_text_is_cut(text: str, most: int) -> None:
    found = pieces(text, most)
    assert all(len(piece.encode()) <= most for piece in found)
    assert re.sub(r"\s", "", plain("".join(found))) == re.sub(r"\s", "", plain(text))
    assert len(shortened(text, most).encode()) <= most


def test_bold_that_is_cut_goes_on_in_the_next_piece() -> None:
    for piece in pieces(strong("mot " * 5_000)):
        assert as_html(piece).startswith("<strong>")


def test_a_picture_is_shown_and_any_other_file_offered() -> None:
    picture = contents.file(Document("qr.png", b"x", "image/png"), {"url": "mxc://a/b"})
    paper = contents.file(Document("remise.csv", b"xy", "text/csv"), {"file": {"url": "mxc://a/b", "key": {}}})
    assert (picture["msgtype"], paper["msgtype"]) == ("m.image", "m.file")
    assert paper["info"] == {"mimetype": "text/csv", "size": 2}
    assert "url" not in paper


def event(kind: str, content: Any, **more: Any) -> Event:
    """Make an event as the wire gives it."""
    return Event(**{"id": "$1", "room": ROOM, "sender": LEA, "kind": kind, "content": content, **more})


def said(body: str, **more: Any) -> Event:
    """Make a text message."""
    return event("m.room.message", {"msgtype": "m.text", "body": body, **more})


def test_a_reply_is_heard_without_its_quotation() -> None:
    reply = {"m.in_reply_to": {"event_id": "$question"}}
    found = heard(said("> <@ardoise:localhost> Combien ?\n\n20", **{"m.relates_to": reply}), ME)
    assert found == Said(ROOM, "$1", LEA, text="20", to="$question")
    quoting = heard(said("> cité dans un message\n\nbonjour"), ME)
    assert isinstance(quoting, Said)
    assert quoting.text.startswith("> cité")


def test_in_a_thread_the_message_before_is_no_question_that_is_answered() -> None:
    thread = {"rel_type": "m.thread", "event_id": "$root", "is_falling_back": True, "m.in_reply_to": {"event_id": "$x"}}
    assert heard(said("20", **{"m.relates_to": thread}), ME) == Said(ROOM, "$1", LEA, text="20")


def test_emotes_are_read_and_notices_of_other_bots_are_not() -> None:
    assert heard(event("m.room.message", {"msgtype": "m.emote", "body": "a payé"}), ME) == Said(
        ROOM, "$1", LEA, text="a payé"
    )
    assert heard(event("m.room.message", {"msgtype": "m.notice", "body": "!solde"}), ME) is None


def test_our_own_echoes_are_not_heard() -> None:
    assert heard(replace(said("!solde"), sender=ME), ME) is None
    annotation = {"m.relates_to": {"rel_type": "m.annotation", "event_id": "$2", "key": "1️⃣"}}
    assert heard(event("m.reaction", annotation, sender=ME), ME) is None


def test_corrections_deletions_and_reactions_say_what_they_are_about() -> None:
    replaced = {"m.relates_to": {"rel_type": "m.replace", "event_id": "$0"}, "m.new_content": {"body": "x"}}
    assert heard(said("* /payer 25", **replaced), ME) == Corrected(ROOM, "$1", LEA, of="$0")
    assert heard(event("m.room.redaction", {}, redacts="$0"), ME) == Deleted(ROOM, "$1", LEA, of="$0")
    assert heard(event("m.room.redaction", {"redacts": "$0"}), ME) == Deleted(ROOM, "$1", LEA, of="$0")
    annotation = {"m.relates_to": {"rel_type": "m.annotation", "event_id": "$0", "key": "1️⃣"}}
    assert heard(event("m.reaction", annotation), ME) == Reacted(ROOM, "$1", LEA, to="$0", key="1️⃣")
    assert heard(event("m.room.encrypted", {"ciphertext": "…"}), ME) == Unreadable(ROOM, "$1", LEA)


def test_comings_and_goings_and_upgrades() -> None:
    member = event("m.room.member", {"membership": "invite", "is_direct": True}, state_key=ME)
    assert heard(member, ME) == Membership(ROOM, "$1", LEA, user=ME, state="invite", direct=True)
    tombstone = event("m.room.tombstone", {"replacement_room": "!new:localhost"}, state_key="")
    assert heard(tombstone, ME) == Upgraded(ROOM, "$1", LEA, successor="!new:localhost")
    assert heard(event("m.room.tombstone", {"replacement_room": "nowhere"}, state_key=""), ME) is None
    assert heard(event("m.room.tombstone", {"replacement_room": "!new:localhost"}), ME) is None
    assert heard(event("m.room.message", {"msgtype": "m.text", "body": "!solde"}, state_key="x"), ME) is None


def test_a_file_is_heard_with_its_key_its_size_and_its_caption() -> None:
    content = {"msgtype": "m.file", "body": "les soldes", "filename": "a.csv", "file": {"url": "mxc://a/b"},
               "info": {"size": 12, "mimetype": "text/csv"}}  # fmt: skip
    found = heard(event("m.room.message", content), ME)
    assert isinstance(found, Said)
    assert found.file is not None
    assert json.loads(found.file.id) == {"file": {"url": "mxc://a/b"}}
    assert (found.file.name, found.file.size_bytes, found.file.mime, found.text) == (
        "a.csv",
        12,
        "text/csv",
        "les soldes",
    )
    bare = heard(event("m.room.message", {"msgtype": "m.image", "body": "p.jpg", "url": "mxc://a/c"}), ME)
    assert isinstance(bare, Said)
    assert bare.file is not None
    assert (bare.file.name, bare.text) == ("p.jpg", "")


@pytest.mark.parametrize("kind", ["m.audio", "m.video", "m.location", "fr.inconnu"])
def test_what_we_cannot_read_is_odd_and_deserves_an_answer(kind: str) -> None:
    assert heard(event("m.room.message", {"msgtype": kind, "body": "x"}), ME) == Said(ROOM, "$1", LEA, odd=True)


BROKEN = [
    said(""), said("  "),
    event("m.room.message", {}), event("m.room.message", {"msgtype": "m.text"}),
    event("m.room.message", {"msgtype": "m.text", "body": 5}), said("x", **{"m.relates_to": {"rel_type": "m.replace"}}),
    event("m.reaction", {"m.relates_to": "x"}), event("m.reaction", {"m.relates_to": {"rel_type": "m.annotation"}}),
    event("m.reaction", {"m.relates_to": {"rel_type": "m.annotation", "event_id": "$1", "key": "x" * 1_000}}),
    event("m.reaction", {"m.relates_to": {"rel_type": "m.reference", "event_id": "$1", "key": "1️⃣"}}),
    event("m.room.redaction", {}), event("m.room.member", {"membership": 3}, state_key=ME),
    event("m.room.member", {"membership": "join"}), event("m.call.invite", {}), event("m.room.name", {}, state_key=""),
    event("fr.inconnu.tout.court", {"body": "!solde"}),
]  # fmt: skip


@pytest.mark.parametrize("broken", BROKEN, ids=lambda found: str(found.content)[:40])
def test_what_is_broken_or_unknown_concerns_nobody(broken: Event) -> None:
    assert heard(broken, ME) is None


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(
        st.sampled_from(["body", "msgtype", "m.relates_to", "rel_type", "event_id", "key", "file", "url", "info", "size",
                         "filename", "membership", "redacts", "m.in_reply_to", "replacement_room"]), inner, max_size=4
    ),
    max_leaves=12,
)  # fmt: skip
KINDS = ["m.room.message", "m.reaction", "m.room.member", "m.room.redaction", "m.room.tombstone", "m.room.encrypted"]


@given(st.sampled_from(KINDS), JSON, st.sampled_from([None, "", ME]))
def test_no_content_whatever_breaks_the_hearing(kind: str, content: Any, key: Any) -> None:
    for content_ in (content if isinstance(content, dict) else {}, {"msgtype": "m.text", "body": content, "m.relates_to": content},
                     {"msgtype": "m.file", "body": "x", "file": content, "info": content, "filename": content}):  # fmt: skip
        heard(event(kind, content_, state_key=key), ME)

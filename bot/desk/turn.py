"""One turn: find out who speaks and what is meant, run the conversation, hand its outcome on."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime

from sqlalchemy import Connection

from bot import handlers, outbox
from bot.chat import FileRef, Incoming, Message, Place, Receipt, plain
from bot.conversation import Asking, Ended, MisunderstoodError, ShowCard, answered_ahead, mark_of, replay
from bot.desk import doorstep
from bot.desk.effects import Effects, letters_moved
from bot.desk.screens import question_message, reply_message
from bot.desk.threads import Thread, Threads
from bot.groups import apply as people_apply
from bot.groups.people import Group, Right, Speaker, room_at, settings, speakers
from bot.groups.registry import links
from bot.handlers.visit import Visit
from bot.ledger.books import Books
from bot.outbox import Letter
from bot.words import LANGUAGES, _, speaking

MOST_TYPED = 2_000
FILE_MOST_BYTES = 1_000_000
BACK, CANCEL = "!back", "!cancel"


def tidy(text: str) -> str:
    """Drop control and direction characters, which could forge bold marks or turn a sentence around; keep lines.

    >>> tidy("a\\x0eb\\u202ec\\n")
    'abc'
    """
    kept = (
        c if c not in "\n\t" else " " for c in text[:MOST_TYPED] if c in "\n\t" or unicodedata.category(c)[0] != "C"
    )
    return "".join(kept).strip()


class Turn:
    """An update being served. It reads and writes through its connection only."""

    def __init__(self, connection: Connection, incoming: Incoming, now: datetime, draw_code: Callable[[], str]) -> None:
        self._connection = connection
        self._incoming = replace(incoming, text=tidy(incoming.text), name=tidy(incoming.name)[:80])
        self._now = now
        self._draw_code = draw_code
        self._receipt = Receipt()

    def serve(self) -> Receipt:
        """Serve the update; give what is to be said beside a tapped button."""
        incoming = self._incoming
        if incoming.moved_to:
            letters_moved(self._connection, incoming.place, incoming.moved_to)
        elif incoming.gone:
            self._gone()
        else:
            self._speak()
        return self._receipt

    def _gone(self) -> None:
        if self._incoming.place.private:
            people_apply.mark_reached(self._connection, self._incoming.place, reached=False)

    def _speak(self) -> None:
        known = speakers(self._connection, self._incoming.address)
        speaker, place = self._speaker(known)
        if speaker is None or self._at_the_door():
            with speaking(self._language(speaker)):
                self._say_all(doorstep.answer(self._connection, self._incoming, known, self._now, self._draw_code))
            return
        if speaker.state == "unreachable" and place.private:
            people_apply.mark_reached(self._connection, place, reached=True)
        with speaking(speaker.language, settings(self._connection, speaker.group).zone):
            self._serve_member(speaker, place)

    def _speaker(self, known: list[Speaker]) -> tuple[Speaker | None, Place]:
        """Find for which group the person speaks here: the room's; in private, the group chosen last."""
        place = self._incoming.place
        linked = [speaker for speaker in known if speaker.state in {"linked", "unreachable"}]
        if place.private:
            return next((s for s in linked if s.current), linked[0] if linked else None), place
        room = room_at(self._connection, place)
        if room is None:
            return None, place
        group, topic, _language = room
        return next((s for s in linked if s.group == group), None), replace(place, topic=topic or place.topic)

    def _at_the_door(self) -> bool:
        """« /start CODE » and a code for a room concern no conversation of the group one is in."""
        words = self._incoming.text.split()
        return len(words) > 1 and words[0].lower() in {"/start", "!start", "start"}

    def _language(self, speaker: Speaker | None) -> str:
        spoken = speaker.language if speaker else self._incoming.language[:2]
        return spoken if spoken in LANGUAGES else "fr"

    def _say_all(self, letters: list[Letter]) -> None:
        outbox.post(self._connection, letters)

    def _serve_member(self, speaker: Speaker, place: Place) -> None:
        service = Service(self._connection, self._incoming, speaker, place, self._now, self._draw_code)
        service.serve()
        self._receipt = Receipt(service.toast)


class Service:
    """A member being served: their conversation in this chat, and what this message does to it."""

    def __init__(
        self,
        connection: Connection,
        incoming: Incoming,
        speaker: Speaker,
        place: Place,
        now: datetime,
        draw_code: Callable[[], str],
    ) -> None:
        self.toast = ""
        self._connection = connection
        self._incoming = incoming
        self._speaker = speaker
        self._place = place
        self._draw_code = draw_code
        self._books = Books(connection, speaker.group, now)
        self._group = Group(connection, speaker.group)
        self._threads = Threads(connection, incoming.address, place, now)
        self._quiet = incoming.tapped.startswith("k:")
        self._edits = incoming.message if incoming.tapped.startswith(("a:", "e:")) else ""

    def serve(self) -> None:
        """Take the message for what it is: a tap, a file, a command, an answer."""
        incoming = self._incoming
        if incoming.tapped:
            self._tapped(incoming.tapped)
        elif incoming.stored_file is not None:
            self._file_arrived(incoming.stored_file)
        elif incoming.file is not None:
            self._file_sent(incoming.file)
        elif incoming.text.startswith(("/", "!")):
            self._command(incoming.text[1:])
        else:
            self._typed(incoming.text)

    def _tapped(self, data: str) -> None:
        kind, _colon, rest = data.partition(":")
        if kind == "a":
            self._answer_tapped(rest)
        elif kind in {"c", "e", "k"}:
            self._command(rest)
        else:
            self.toast = _("Je ne connais pas ce bouton.")

    def _answer_tapped(self, data: str) -> None:
        """Take a tapped answer only for the very question that is being asked: consent is bound to what was shown."""
        mark, _colon, token = data.partition(":")
        number, _dot, asked = mark.partition(".")
        thread = self._threads.open()
        if thread is None or number != str(thread.number):
            self.toast = _("Ce bouton a déjà servi, ou n'est pas pour vous.")
            return
        state = self._replayed(thread)
        if not isinstance(state, Asking) or mark_of(state.question) != asked:
            self.toast = _("C'est déjà noté : répondez à la dernière question.")
            return
        if token in {BACK, CANCEL}:
            self._navigate(thread, token)
            return
        try:
            state.question.value(token)
        except MisunderstoodError as trouble:
            self._ask(thread, state, trouble)
            return
        self._advance(replace(thread, answers=(*state.answers, (state.question.name, token))))

    def _navigate(self, thread: Thread, token: str) -> None:
        if token == CANCEL:
            self._cancel()
        else:
            self._advance(replace(thread, answers=thread.answers[:-1]))

    def _cancel(self) -> None:
        self._threads.close()
        self._say(Message(_("C'est annulé. Rien n'a été enregistré.")))

    def _typed(self, text: str) -> None:
        """Take words for an answer to the open question; else, in private, for a command without its slash."""
        thread = self._threads.open()
        state = self._replayed(thread) if thread else None
        if thread is None or not isinstance(state, Asking):
            return self._words(text)
        word = handlers.folded_word(text)
        if word in handlers.CANCEL_WORDS:
            return self._cancel()
        if word in handlers.BACK_WORDS and thread.answers:
            return self._navigate(thread, BACK)
        try:
            token = state.question.understand(text)
        except MisunderstoodError as trouble:
            if self._place.private and handlers.find(text.split(" ", maxsplit=1)[0]) and len(text.split()) == 1:
                return self._command(text)
            return self._ask(thread, state, trouble)
        return self._advance(replace(thread, answers=(*state.answers, (state.question.name, token))))

    def _words(self, text: str) -> None:
        if not self._place.private:
            return
        first = text.split(" ", maxsplit=1)[0] if text else ""
        if handlers.find(first):
            self._command(text)
        elif handlers.folded_word(text) in handlers.CANCEL_WORDS:
            self._say(Message(_("Il n'y a rien à annuler.")))
        else:
            self._outcome(handlers.lost(text))

    def _command(self, line: str) -> None:
        word, *words = line.split()[:60] or [""]
        command = handlers.find(word)
        visit = self._visit(tuple(words))
        if command is None:
            self._outcome(handlers.unknown(visit, word))
        elif not visit.may(command.right):
            self._outcome(handlers.not_allowed(command))
        elif command.word == "annuler":
            self._cancel() if self._threads.open() else self._say(Message(_("Il n'y a rien à annuler.")))
        elif command.in_private and not self._place.private:
            self._outcome(_("Écrivez-le-moi en privé, pas dans ce salon."))
        else:
            self._begin(command, visit)

    def _begin(self, command: handlers.Command, visit: Visit) -> None:
        """Run a command: one that only reads answers and leaves what is under way; one that asks replaces it."""
        words = command.prepared(visit.words)
        state = answered_ahead(lambda: command.conversation(visit), words)
        thread = Thread(self._threads.number + 1, self._speaker.group, command.word, visit.words, state.answers)
        if isinstance(state, Asking):
            self._ask(thread, state, state.trouble)
        else:
            if not command.reads_only and not self._quiet:
                self._threads.close()
            self._outcome(state.outcome)

    def _replayed(self, thread: Thread) -> Asking | Ended:
        command = handlers.COMMANDS[thread.word]
        if not self._speaker.person.right.covers(command.right):
            return Ended(handlers.not_allowed(command))
        return replay(command.conversation(self._visit(thread.words)), thread.answers)

    def _advance(self, thread: Thread) -> None:
        state = self._replayed(thread)
        if isinstance(state, Asking):
            self._ask(thread, state, state.trouble)
        else:
            self._threads.close()
            self._outcome(state.outcome)

    def _ask(self, thread: Thread, state: Asking, trouble: MisunderstoodError | None) -> None:
        mark = mark_of(state.question)
        self._threads.keep(replace(thread, answers=state.answers, asked=mark))
        back = BACK if state.answers else ""
        message = question_message(state.question, f"a:{thread.number}.{mark}", trouble, back=back, cancel=CANCEL)
        self._say(message, new=self._quiet)

    def _outcome(self, outcome: object) -> None:
        effects = Effects(self._connection, self._books, self._group, self._speaker, self._incoming, self._place)
        if isinstance(outcome, ShowCard):
            effects.show_card(outcome, turn=self._quiet)
            return
        said = effects.carry_out(outcome)
        if said is not None:
            self._say(reply_message(said))

    def _say(self, message: Message, *, new: bool = False) -> None:
        """Answer: beside the button for a card's tap, in place for an answer tapped, else by a new message."""
        if self._quiet and not new:
            self.toast = plain(message.text)[:190]
            return
        edits = "" if message.attachment else self._edits
        outbox.post(self._connection, [Letter(self._place, message, edits)])

    def _file_sent(self, file: FileRef) -> None:
        if file.size_bytes > FILE_MOST_BYTES:
            self._outcome(_("Ce fichier est trop gros : 1 Mo au plus."))
            return
        thread = self._threads.open()
        state = self._replayed(thread) if thread else None
        wanted = isinstance(state, Asking) and hasattr(state.question, "understand_file")
        if not wanted and not (self._place.private and self._speaker.person.right is Right.TREASURY):
            if self._place.private:
                self._outcome(_("Je ne sais pas quoi faire d'un fichier ici."))
            return
        incoming = self._incoming
        outbox.request_file(
            self._connection, file, place=self._place, bot=incoming.bot, user=incoming.address.user, key=incoming.key
        )

    def _file_arrived(self, number: int) -> None:
        if number < 0:
            self._outcome(_("Je n'ai pas pu lire ce fichier : 1 Mo au plus, et envoyé à l'instant."))
            return
        thread = self._threads.open()
        state = self._replayed(thread) if thread else None
        if thread is None or not isinstance(state, Asking) or not hasattr(state.question, "understand_file"):
            thread = Thread(self._threads.number + 1, self._speaker.group, "reprise", ("fichier",))
            state = self._replayed(thread)
        if not isinstance(state, Asking):
            self._outcome(state.outcome)
            return
        try:
            token = state.question.understand_file(number)
        except MisunderstoodError as trouble:
            self._ask(thread, state, trouble)
            return
        self._advance(replace(thread, answers=(*state.answers, (state.question.name, token))))

    def _visit(self, words: tuple[str, ...]) -> Visit:
        return Visit(
            person=self._speaker.person,
            address=self._incoming.address,
            place=self._place,
            words=words,
            books=self._books,
            group=self._group,
            language=self._speaker.language,
            draw_code=self._draw_code,
            links=lambda code: links(self._connection, code),
            file=lambda number: outbox.stored_file(self._connection, number),
        )


def apologise(connection: Connection, incoming: Incoming, reference: str, now: datetime) -> None:
    """Say sorry for a bug, and drop the conversation that met it (B48)."""
    Threads(connection, incoming.address, incoming.place, now).close()
    known = speakers(connection, incoming.address)
    if not incoming.place.private and room_at(connection, incoming.place) is None:
        return
    with speaking(known[0].language if known else "fr"):
        sorry = _(
            "Je n'ai pas réussi, ce n'est pas de votre fait (réf. {ref}). Rien n'a été enregistré.", ref=reference
        )
        outbox.post(connection, [Letter(incoming.place, Message(sorry))])

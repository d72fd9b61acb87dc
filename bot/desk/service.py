"""A member is served: their message is a tap, a file, a command, an answer to what is under way, or words."""

from __future__ import annotations

from bot import errands, handlers
from bot.chat import FileRef
from bot.conversation import Asking, Ended, FileQuestion, MisunderstoodError, Say
from bot.desk.dialogue import Dialogue, stands
from bot.desk.occasion import Occasion
from bot.desk.taps import ANSWER, COMMAND_KINDS, read
from bot.desk.threads import Thread, Threads
from bot.desk.voice import Voice
from bot.groups.people import Right
from bot.handlers import beside
from bot.handlers.courtesy import after_greeting, pleasantry
from bot.questions import Consent, Text
from bot.words import _

MOST_WORDS = 60


class Service:
    """One message of a member, taken for what it is. ``toast`` is what is to be said beside the tapped button."""

    def __init__(self, occasion: Occasion, threads: Threads) -> None:
        self._occasion = occasion
        self._incoming = occasion.incoming
        self._private = occasion.place.private
        self._voice = Voice(occasion)
        self._dialogue = Dialogue(occasion, threads, self._voice)

    @property
    def toast(self) -> str:
        """What is to be said beside the tapped button."""
        return self._voice.toast

    def serve(self) -> None:
        """Serve the message."""
        incoming = self._incoming
        if incoming.tapped:
            self._tapped()
        elif incoming.stored_file is not None:
            self._file_arrived(incoming.stored_file)
        elif incoming.file is not None:
            self._file_sent(incoming.file)
        elif incoming.text.startswith(("/", "!")):
            self._command(incoming.text[1:])
        else:
            self._typed(incoming.text)

    def _tapped(self) -> None:
        tap = read(self._incoming.tapped)
        if tap.group not in {0, self._occasion.speaker.group}:
            self._voice.hint(_("Ce bouton n'est pas pour vous."))
        elif tap.kind == ANSWER:
            self._dialogue.tapped(tap.rest)
        elif tap.kind in COMMAND_KINDS:
            self._command(tap.rest)
        else:
            self._voice.hint(_("Je ne connais pas ce bouton."))

    def _typed(self, text: str) -> None:
        """Take words for an answer to the open question; else, in private, for a command without its slash."""
        thread = self._dialogue.open()
        word = handlers.folded_word(text)
        if thread is None:
            self._words(text)
        elif word in handlers.CANCEL_WORDS:
            self._dialogue.cancel()
        elif word in handlers.BACK_WORDS and thread.answers:
            self._dialogue.back(thread)
        else:
            self._answer(thread, text)

    def _answer(self, thread: Thread, text: str) -> None:
        """Take words for the answer to what was shown; words that are none may be a command, whatever has changed since."""
        state = self._dialogue.state(thread)
        understood = _understood(state, text)
        answers = isinstance(understood, str) and not (_faded(thread, state, Text) and self._instead(thread, text))
        if not answers and self._private and self._said_instead(thread, state, text):
            return
        if not stands(state, thread):
            self._dialogue.overtaken(thread, state)
        elif not isinstance(understood, str):
            self._dialogue.ask(thread, state, understood)
        elif _faded(thread, state, Consent):  # a word says yes to what is on the screen, not to a memory
            self._dialogue.ask(thread, state, None)
        else:
            self._dialogue.take(thread, state, understood)

    def _said_instead(self, thread: Thread, state: Asking | Ended, text: str) -> bool:
        """Serve words that are no answer: a command; any words, where the question is so old that it is forgotten.

        Where the question has changed since it was shown, a button's word may have been an answer: only what the help names is
        a command then.
        """
        line = self._instead(thread, text)
        command = handlers.find(line.split()[0]) if line else None
        if line and command is not None and (command.does or stands(state, thread)):
            self._command(line)
        elif thread.old and isinstance(state, Asking):
            self._words(text)
        else:
            return False
        return True

    def _instead(self, thread: Thread, text: str) -> str | None:
        """Give the command that somebody says who does not answer: a word, or a sentence that asks to be told something.

        A payment that is told in a sentence answers the questions about a payment, and no others (B20). A command of the
        help that is said with its words (« encaisser Léa 12 ») leaves the question, as it does with its slash.
        """
        if " " not in text and handlers.find(text):
            return handlers.meant_by(self._occasion.visit(), text)
        line = handlers.command_line(text)
        if line is None:
            return None
        command, said = handlers.find(line.split()[0]), handlers.find(text.split(maxsplit=1)[0])
        tells = command is not None and command.word == thread.word and " " in line  # an amount, at the least
        begins = tells or (command is not None and command.reads_only)
        return line if begins or (said is not None and said.does) else None

    def _words(self, text: str) -> None:
        if not self._private:
            return
        line = handlers.command_line(text)
        if line is not None:
            self._command(handlers.meant_by(self._occasion.visit(), line))
        elif handlers.folded_word(text) in handlers.CANCEL_WORDS:
            self._dialogue.cancel()
        else:
            self._dialogue.conclude(beside.lost(self._occasion.visit(), text))

    def _command(self, line: str) -> None:
        word, *words = line.split() or [""]
        command = handlers.find(word)
        visit = self._occasion.visit(tuple(words))
        if command is None:
            self._say(beside.unknown(visit, word))
        elif not visit.may(command.right):
            self._say(handlers.not_allowed(command))
        elif command.word == "annuler":
            self._dialogue.cancel()
        elif command.in_private and not self._private:
            self._say(_("Écrivez-le-moi en privé, pas dans ce salon."))
        elif len(words) > MOST_WORDS:
            self._say(_("C'est trop long. Écrivez seulement /{word} : je vous demanderai le reste.", word=word))
        else:
            self._dialogue.begin(command, visit)

    def _say(self, said: str | Say) -> None:
        self._dialogue.say(Say(said) if isinstance(said, str) else said)

    def _file_sent(self, file: FileRef) -> None:
        """Have a file downloaded, if something is to be done with it."""
        if not (self._wanting() or self._may_bring()):
            if self._private:
                self._say(_("Je ne sais pas quoi faire d'un fichier ici."))
        elif file.size_bytes > errands.FILE_MOST_BYTES:
            self._say(_("Ce fichier est trop gros : 2 Mo au plus."))
        else:
            errands.request_file(
                self._occasion.connection, file, place=self._occasion.place, bot=self._incoming.bot,
                user=self._incoming.address.user, key=self._incoming.key,
            )  # fmt: skip

    def _may_bring(self) -> bool:
        """Tell whether a file may come unasked: a coordinator's, in private: opening balances, a catalogue (B30)."""
        return self._private and self._occasion.speaker.person.right is Right.TREASURY

    def _wanting(self) -> tuple[Thread, Asking] | None:
        """Find the conversation that waits for a file."""
        thread = self._dialogue.open()
        state = self._dialogue.state(thread) if thread else None
        waits = isinstance(state, Asking) and isinstance(state.question, FileQuestion)
        return (thread, state) if thread and isinstance(state, Asking) and waits else None

    def _file_arrived(self, number: int) -> None:
        """Give a file that has arrived to the conversation that waits for it, or begin one; what was asked may be gone."""
        wanting = self._wanting()
        if number < 0:
            self._say(_("Je n'ai pas pu lire ce fichier : 2 Mo au plus, et envoyé à l'instant."))
        elif wanting is not None:
            self._file_taken(*wanting, number)
        elif self._may_bring():
            thread = self._dialogue.fresh("fichier", ())
            state = self._dialogue.state(thread)
            assert isinstance(state, Asking)
            self._file_taken(thread, state, number)
        elif self._private:
            self._say(_("Je ne sais pas quoi faire d'un fichier ici."))

    def _file_taken(self, thread: Thread, state: Asking, number: int) -> None:
        assert isinstance(state.question, FileQuestion)
        try:
            token = state.question.understand_file(number)
        except MisunderstoodError as trouble:
            self._dialogue.ask(thread, state, trouble)
        else:
            self._dialogue.take(thread, state, token)


def _faded(thread: Thread, state: Asking | Ended, kind: type[Text | Consent]) -> bool:
    """Tell whether a question that many words would answer was asked so long ago that its words may be meant for something else."""
    return thread.old and isinstance(state, Asking) and isinstance(state.question, kind)


def _understood(state: Asking | Ended, text: str) -> str | MisunderstoodError:
    """Give the answer that words are to a question; pleasantries are answered in kind, and the question stays."""
    if isinstance(state, Ended):
        return MisunderstoodError("")
    if not text:  # a voice message, a sticker: the question stays
        return MisunderstoodError(_("Je ne sais lire que du texte et des fichiers."))
    try:
        return state.question.understand(text)
    except MisunderstoodError as trouble:
        kind, said = pleasantry(text), after_greeting(text)
        if kind:
            return MisunderstoodError(kind)
        return trouble if said == text else _understood(state, said)

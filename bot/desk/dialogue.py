"""A member's conversation in one chat: where it stands, what an answer does to it, how it ends."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, TypeGuard

from bot import handlers
from bot.conversation import (
    MAX_ANSWERS,
    Asking,
    Ended,
    FileQuestion,
    MisunderstoodError,
    Outcome,
    Question,
    Record,
    Say,
    ShowCard,
    answered,
    answered_ahead,
    changed,
    mark_of,
    replay,
)
from bot.desk.effects import Effects, Refused
from bot.desk.occasion import Occasion
from bot.desk.screens import question_message, reply_message
from bot.desk.taps import BACK, CANCEL, answer_tapped, answering
from bot.desk.threads import Thread, Threads
from bot.desk.voice import Voice
from bot.handlers.visit import Visit
from bot.questions import Consent
from bot.words import _


class Dialogue:
    """What is under way between a member and us in one chat. Every method is one step of it."""

    def __init__(self, occasion: Occasion, threads: Threads, voice: Voice) -> None:
        self._occasion = occasion
        self._threads = threads
        self._voice = voice
        self._effects = Effects(occasion)

    def open(self) -> Thread | None:
        """Find the conversation under way: of this group, begun by a command that still exists."""
        thread = self._threads.open()
        if thread is None or thread.group != self._occasion.speaker.group or thread.word not in handlers.COMMANDS:
            return None
        return thread

    def begin(self, command: handlers.Command, visit: Visit) -> None:
        """Run a command: one that only reads answers and leaves what is under way; one that asks replaces it."""
        state = answered_ahead(command.conversation(visit), command.prepared(visit.words))
        if isinstance(state, Asking):
            self.ask(self.fresh(command.word, visit.words), state, state.trouble)
            return
        if (command.leaves or not command.reads_only) and not self._voice.quiet:
            self._threads.close()
        self.conclude(state.outcome)

    def fresh(self, word: str, words: tuple[str, ...]) -> Thread:
        """Begin a conversation; its number tells its buttons from those of earlier ones."""
        return Thread(self._threads.number + 1, self._occasion.speaker.group, word, words)

    def state(self, thread: Thread) -> Asking | Ended:
        """Replay a conversation, if its member still has the right to it (B43)."""
        command = handlers.COMMANDS[thread.word]
        if not self._occasion.speaker.person.right.covers(command.right):
            return Ended(handlers.not_allowed(command))
        return replay(command.conversation(self._occasion.visit(thread.words)), thread.answers)

    def question(self, thread: Thread) -> Asking | None:
        """Find the question that waits, as it was shown; else say what has changed since, and ask again.

        An answer is taken for exactly what its author has read, and nothing else.
        """
        state = self.state(thread)
        if stands(state, thread):
            return state
        self.overtaken(thread, state)
        return None

    def overtaken(self, thread: Thread, state: Asking | Ended) -> None:
        """Say what has changed since the question was shown, and ask as things are now."""
        if isinstance(state, Asking):
            self.ask(thread, state, state.trouble or changed())
        else:
            self._overtaken(state.outcome)

    def tapped(self, rest: str) -> None:
        """Take a tapped answer, for the very question that it was shown under."""
        number, mark, token = answer_tapped(rest)
        thread = self.open()
        if thread is None or number != str(thread.number):
            self._voice.hint(_("Ce bouton a déjà servi, ou n'est pas pour vous."))
        elif token == CANCEL:
            self.cancel()
        elif mark != thread.asked:
            self._voice.hint(_("C'est déjà noté : répondez à la dernière question."))
        elif token == BACK:
            self.back(thread)
        else:
            self._token_tapped(thread, token)

    def take(self, thread: Thread, state: Asking, token: str) -> None:
        """Take an answer to the question that waits, and go on."""
        if len(state.answers) >= MAX_ANSWERS:
            self.ask(thread, state, MisunderstoodError(_("C'est trop long pour moi : revenez en arrière, ou annulez.")))
        else:
            self._advance(thread, answered(state, token))

    def back(self, thread: Thread) -> None:
        """Forget the last answer, and ask for it again."""
        self._advance(thread, self.state(replace(thread, answers=thread.answers[:-1])))

    def cancel(self) -> None:
        """Drop the conversation."""
        if self.open() is None:
            self.say(Say(_("Il n'y a rien à annuler.")))
            return
        self._threads.close()
        self.say(Say(_("C'est annulé. Rien n'a été enregistré.")))

    def ask(self, thread: Thread, state: Asking, trouble: MisunderstoodError | None) -> None:
        """Ask a question and keep the conversation until it is answered."""
        mark = mark_of(state.question)
        self._threads.keep(replace(thread, answers=state.answers, asked=mark))
        back = BACK if state.answers else ""
        prefix = answering(thread.number, mark)
        self._voice.say(question_message(state.question, prefix, trouble, back=back, cancel=CANCEL), new=True)

    def conclude(self, outcome: Outcome) -> None:
        """Carry an outcome out, and say it."""
        if isinstance(outcome, ShowCard):
            self._card(outcome)
            return
        said = self._effects.carry_out(outcome)
        if isinstance(said, Refused):
            self.say(Say(said.sentence))
        else:
            self._done(outcome, said)

    def _done(self, outcome: Outcome, said: Say) -> None:
        """Say what was done, and show the card that comes after it."""
        self.say(said)
        if isinstance(outcome, Record) and outcome.then is not None:
            self._card(outcome.then)

    def _card(self, card: ShowCard) -> None:
        """Turn the card whose button was tapped, or show one at the bottom of this chat."""
        (self._effects.turn_card if self._voice.quiet else self._effects.show_card)(card)

    def say(self, said: Say) -> None:
        """Say something."""
        self._voice.say(reply_message(said))

    def _token_tapped(self, thread: Thread, token: str) -> None:
        """A forged token must not name a file: it could be somebody else's."""
        state = self.question(thread)
        if state is None:
            return
        if isinstance(state.question, FileQuestion):
            self._voice.hint(_("Je ne connais pas ce bouton."))
        else:
            self.take(thread, state, token)

    def _advance(self, thread: Thread, state: Asking | Ended) -> None:
        if isinstance(state, Asking):
            self.ask(thread, state, state.trouble)
        else:
            self._end(replace(thread, answers=state.answers), state.outcome)

    def _end(self, thread: Thread, outcome: Outcome) -> None:
        """End a conversation. Where recording refuses, its sentence comes with the last question again.

        Not so for the same consent: it would be refused again.
        """
        self._threads.close()
        if not isinstance(outcome, Record):
            self.conclude(outcome)
            return
        said = self._effects.carry_out(outcome)
        if not isinstance(said, Refused):
            self._done(outcome, said)
            return
        state = self.state(replace(thread, answers=thread.answers[:-1]))
        if isinstance(state, Asking) and not (isinstance(state.question, Consent) and shown(state.question, thread)):
            self.ask(thread, state, MisunderstoodError(said.sentence))
        else:
            self.say(Say(said.sentence))

    def _overtaken(self, outcome: Outcome) -> None:
        """Say why a conversation cannot go on. What it asked last was not answered, so nothing is recorded."""
        self._threads.close()
        if isinstance(outcome, Record):
            outcome = self._effects.why_not(outcome.facts) or changed().sentence
        self.say(
            outcome if isinstance(outcome, Say) else Say(outcome if isinstance(outcome, str) else changed().sentence)
        )


def stands(state: Asking | Ended, thread: Thread) -> TypeGuard[Asking]:
    """Tell whether what was asked last is still what is asked."""
    return isinstance(state, Asking) and shown(state.question, thread)


def shown(question: Question[Any], thread: Thread) -> bool:
    """Tell whether a question reads exactly as it was shown last."""
    return mark_of(question) == thread.asked

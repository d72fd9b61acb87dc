"""Conversations: questions asked one after another, surviving a restart because they are replayed.

A conversation is a generator. It asks with ``yield from ask(...)`` and returns its outcome: something to say, facts to
record, a card to show. At every message it runs again from its first line with the answers given so far, so it only
reads: no writing, no sending, no clock, no chance.
"""

from __future__ import annotations

import hashlib
from collections.abc import Generator, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Protocol, TypeVar, runtime_checkable

from bot.chat import Attachment, Option
from bot.ledger.facts import Fact
from bot.words import _

T = TypeVar("T")
T_co = TypeVar("T_co", covariant=True)

Answers = tuple[tuple[str, str], ...]
"""Pairs of a question's name and the answer's token, in the order in which they were asked."""

Rows = tuple[tuple[Option, ...], ...]
"""Buttons, row by row."""

MAX_ANSWERS = 500
"""A conversation that has as many takes no more: it must end, or be cancelled."""


class MisunderstoodError(Exception):
    """An answer is not, or no longer, one that the question takes.

    ``options`` offers close matches; ``instead`` says that the sentence replaces the question; ``final`` that no shorter
    reading of the same words may be tried (they are ambiguous, and a part of them must not be taken for the whole).
    """

    def __init__(
        self, sentence: str, *, options: Sequence[Answer] = (), instead: bool = False, final: bool = False
    ) -> None:
        super().__init__(sentence)
        self.sentence = sentence
        self.options = tuple(options)
        self.instead = instead
        self.final = final


@dataclass(frozen=True)
class Answer:
    """An answer offered: the token to keep and the label to show."""

    token: str
    label: str


class Question(Protocol[T_co]):
    """Something asked of a person."""

    @property
    def name(self) -> str:
        """Name the question, so that an answer finds it again at the next replay."""
        ...

    @property
    def text(self) -> str:
        """Say it."""
        ...

    @property
    def options(self) -> Sequence[Answer]:
        """Offer answers."""
        ...

    @property
    def typed_ahead(self) -> bool:
        """Tell whether words typed after the command may answer it: never where consent is asked."""
        ...

    def understand(self, text: str) -> str:
        """Turn what was typed into a token, or raise MisunderstoodError. What is tapped is a token already."""
        ...

    def value(self, token: str) -> T_co:
        """Turn a token back into a value, or raise MisunderstoodError: tokens can be forged, and grow old."""
        ...


@runtime_checkable
class FileQuestion(Protocol):
    """A question that a file answers, and nothing else: it says so by having this method."""

    def understand_file(self, number: int) -> str:
        """Turn the number of a file received into a token."""
        ...


@dataclass(frozen=True)
class Say:
    """An outcome: something to say, with buttons that start other conversations."""

    text: str
    options: Rows = ()
    attachment: Attachment | None = None


@dataclass(frozen=True)
class ShowCard:
    """An outcome: a card shown here, from now on kept true; ``at`` is what it shows of several things."""

    name: str
    at: int = 0


@dataclass(frozen=True)
class Record:
    """An outcome: facts to record, all or none; ``then`` a card is shown, turned if it was one of its buttons.

    ``said`` is the author's answer where many facts are one thing to them; else each fact's notice is.
    """

    facts: tuple[Fact, ...]
    then: ShowCard | None = None
    said: Say | None = None

    @classmethod
    def one(cls, fact: Fact, then: ShowCard | None = None) -> Record:
        """Make the outcome of a single fact."""
        return cls((fact,), then)


@dataclass(frozen=True)
class Keep:
    """An outcome: a change to a draft, which is not a fact of the books, and what to say of it."""

    draft: object
    said: str | Say


Outcome = str | Say | Record | ShowCard | Keep
Script = Generator[Question[Any], Any, Outcome]


def ask(question: Question[T]) -> Generator[Question[T], T, T]:
    """Ask, and wait for the answer."""
    answer: T = yield question
    return answer


@dataclass(frozen=True)
class Asking:
    """The conversation waits for an answer. ``trouble`` says which answer was forgotten, and why.

    ``script`` stands at the question: :func:`answered` goes on from there, once.
    """

    question: Question[Any]
    answers: Answers
    script: Script = field(compare=False, repr=False)
    trouble: MisunderstoodError | None = None


@dataclass(frozen=True)
class Ended:
    """The conversation is over."""

    outcome: Outcome
    answers: Answers = ()


def replay(script: Script, answers: Answers) -> Asking | Ended:
    """Run a conversation with the answers so far, and say where it stands.

    An answer that no longer fits its question (a product withdrawn, a price or the code changed) is forgotten with all
    those after it.
    """
    state = _went_on(script, None, ())
    for name, token in answers:
        if isinstance(state, Ended) or state.trouble is not None:
            break
        state = answered(state, token) if name == state.question.name else replace(state, trouble=changed())
    return state


def answered(state: Asking, token: str) -> Asking | Ended:
    """Go on with a conversation from the question it stands at: as a replay with one answer more, without its past."""
    try:
        value = state.question.value(token)
    except MisunderstoodError as trouble:
        return replace(state, trouble=trouble)
    return _went_on(state.script, value, (*state.answers, (state.question.name, token)))


def _went_on(script: Script, value: object, answers: Answers) -> Asking | Ended:
    try:
        return Asking(script.send(value), answers, script)
    except StopIteration as end:
        return Ended(end.value, answers)


def changed() -> MisunderstoodError:
    """Say that things have changed since a question was shown, so that it is asked again."""
    return MisunderstoodError(_("Quelque chose a changé entre-temps."))


def answered_ahead(script: Script, words: Sequence[str]) -> Asking | Ended:
    """Let the words typed after a command answer its first questions, the longest reading first.

    « /encaisser Jean Dupont 23,50 chèque » answers three questions; consent is always asked.
    """
    state, left = replay(script, ()), list(words)
    while left and isinstance(state, Asking) and state.trouble is None and state.question.typed_ahead:
        taken = _longest_reading(state.question, left)
        if isinstance(taken, MisunderstoodError):
            return replace(state, trouble=taken)
        token, count = taken
        left = left[count:]
        state = answered(state, token)
    return state


def _longest_reading(question: Question[Any], words: Sequence[str]) -> tuple[str, int] | MisunderstoodError:
    first: MisunderstoodError | None = None
    for count in range(len(words), 0, -1):
        try:
            return question.understand(" ".join(words[:count])), count
        except MisunderstoodError as trouble:
            if trouble.final:
                return trouble
            first = trouble
    assert first is not None
    return first


def mark_of(question: Question[Any]) -> str:
    """Sum up a question as it is shown, so that an answer tapped is bound to exactly that (B48).

    Eight characters: name, text and options all count.
    """
    shown = "\x1f".join([question.name, question.text, *(o.token + "\x1e" + o.label for o in question.options)])
    return hashlib.blake2s(shown.encode(), digest_size=4).hexdigest()

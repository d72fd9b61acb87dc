"""Asking for a sum of money."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from bot.conversation import Answer, MisunderstoodError
from bot.folding import folded
from bot.ledger import money
from bot.ledger.money import Cents
from bot.questions.choices import Choice, T
from bot.questions.number_words import looks_written, written_euros
from bot.questions.picking import nearly
from bot.words import _, amount, told

MAX_AMOUNT = Cents(1_000_000)
"""Ten thousand euros: more than any basket, less than a slip of the thumb on the zero."""


@dataclass(frozen=True)
class Amount:
    """Ask for a sum of money, in cents, more than zero unless ``signed``, or ``zero`` allows that too."""

    name: str
    text: str
    suggestions: tuple[Cents, ...] = ()
    signed: bool = False
    typed_ahead: bool = True
    zero: bool = False

    OTHER = "other"

    @property
    def options(self) -> Sequence[Answer]:
        """Offer the likely amounts, and to type another."""
        offered = [Answer(str(cents), amount(cents)) for cents in self.suggestions]
        return [*offered, Answer(self.OTHER, _("Autre montant"))] if offered else []

    def understand(self, text: str) -> str:
        """Read an amount as people type it; refuse zero, ambiguity and excess with a sentence (B48)."""
        for option in self.options:
            if folded(text) == folded(option.label):
                return str(self.value(option.token))
        if nearly(text, self.options[-1:]) == self.OTHER:
            return str(self.value(self.OTHER))
        euros = written_euros(text)
        try:
            cents = money.parse(text) if euros is None else Cents(100 * euros)
        except money.NotAnAmountError as refusal:
            raise MisunderstoodError(told(refusal), final=refusal.ambiguous or looks_written(text)) from refusal
        try:
            return str(self._allowed(cents))
        except MisunderstoodError as refusal:  # « 1 000 000,00 » must not be taken for « 1 000 »
            raise MisunderstoodError(refusal.sentence, final=True) from refusal

    def value(self, token: str) -> Cents:
        """Read a token back; the one of « Autre montant » asks to type."""
        if token == self.OTHER:
            raise MisunderstoodError(_("Écrivez le montant, par exemple 12,50."), instead=True)
        if not re.fullmatch("-?[0-9]{1,9}", token):
            raise MisunderstoodError(_("Écrivez un montant, par exemple 12,50."))
        return self._allowed(Cents(int(token)))

    def _allowed(self, cents: Cents) -> Cents:
        if cents == 0 and not self.zero:
            raise MisunderstoodError(_("Zéro ne change rien. Écrivez un montant, par exemple 12,50."))
        if cents < 0 and not self.signed:
            raise MisunderstoodError(_("Écrivez le montant sans signe moins, par exemple 12,50."))
        if abs(cents) > MAX_AMOUNT:
            raise MisunderstoodError(
                _("{amount:money} : c'est trop. Le plus grand montant possible est {most:money}.",
                  amount=cents, most=MAX_AMOUNT)
            )  # fmt: skip
        return cents


class ChoiceOrAmount(Choice[T | Cents]):
    """Ask to pick one of several things; an amount typed instead of them is taken as it is, in cents."""

    _TYPED = "="

    def understand(self, text: str) -> str:
        """Take what a choice takes, else an amount."""
        try:
            return super().understand(text)
        except MisunderstoodError as trouble:
            return self._TYPED + self._amount(text, trouble)

    def _amount(self, text: str, trouble: MisunderstoodError) -> str:
        """Read an amount; words that are none are no choice either."""
        try:
            return Amount(self.name, self.text).understand(text)
        except MisunderstoodError as refusal:
            raise (refusal if refusal.final else trouble) from refusal

    def value(self, token: str) -> T | Cents:
        """Give the thing of a token, or the amount typed."""
        if token.startswith(self._TYPED):
            return Amount(self.name, self.text).value(token.removeprefix(self._TYPED))
        return super().value(token)


def typed_amount(words: Sequence[str]) -> Cents | None:
    """Read the words after a command as an amount, in cents; None where they are none that may be asked for."""
    question = Amount("typed", "")
    try:
        return question.value(question.understand(" ".join(words)))
    except MisunderstoodError:
        return None

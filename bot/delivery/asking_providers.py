"""Errands to providers of online payments: asked outside the writer's transaction, answered by an update of its own.

The reference makes it happen once at the provider, the update's key makes it count once here: after a crash the same may
be asked again.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import datetime, timedelta

import structlog
from sqlalchemy import Connection, update
from sqlmodel import col

from bot.chat import Document, FileRef, Message, Place, RetryLaterError, UndeliverableError
from bot.delivery.showing import Means
from bot.delivery.subjects import Subject, reference_of, subject
from bot.errands import Errand, end_errand
from bot.notices.online import invoice_words
from bot.online.answers import (
    BUSY,
    PLATFORM,
    Answer,
    Made,
    MakingSlow,
    NotMade,
    NotReturned,
    Reported,
    Returned,
    ReturningSlow,
    Unanswered,
    WentBack,
    brought,
)
from bot.online.asking import ASK, CREATE, EXPIRE, REFUND
from bot.online.reading import CardRefund, Checkout, OnlinePayment, refund
from bot.online.watching import LOOK
from bot.outbox import Waiting, unpacked
from bot.providers import (
    MOST_DESCRIPTION,
    MOST_TITLE,
    InChat,
    Opened,
    Provider,
    ProviderBusyError,
    ProviderRefusedError,
    Wanted,
)
from bot.words import speaking

log = structlog.get_logger()

LASTS = timedelta(hours=1)
"""How long a link can be paid, where the provider has no limits of its own."""

MOST_TRIES_TO_CREATE = 9
"""Some ten minutes: by then nobody waits in front of a phone any more."""

UNKNOWN_ASKED_AFTER = timedelta(hours=6)
"""How long after a day in vain, or a bug, a refund is asked for again, under the name that makes it happen once."""

UNANSWERED_AFTER, SAID_AGAIN_AFTER = timedelta(days=3), timedelta(days=7)
"""When coordinators are asked to look at the provider's site themselves, and how often."""

UNCONFIGURED, UNSHOWN = "unconfigured", "credentials"


class Nowhere:
    """The chat of errands to providers: nothing is ever shown there."""

    platform = PLATFORM

    async def send(self, _place: Place, _message: Message, _document: Document | None, _token: str = "") -> str:
        """Refuse."""
        raise UndeliverableError("nowhere")

    async def edit(self, _place: Place, _message_id: str, _message: Message, _token: str = "") -> None:
        """Refuse."""
        raise UndeliverableError("nowhere")

    async def fetch(self, _file: FileRef, _limit_bytes: int) -> bytes:
        """Refuse."""
        raise UndeliverableError("nowhere")


async def run(means: Means, row: Errand) -> None:
    """Ask a provider something, and bring its answer to the desk. Raises RetryLaterError where it cannot be reached."""
    asked = await asyncio.to_thread(subject, means, row)
    try:
        answer = None if asked is None else await _answer(means, row, asked)
    except ProviderBusyError as trouble:
        await _later(means, row, trouble)
        return
    except ProviderRefusedError as trouble:
        log.error("a provider refuses", what=row.kind, reference=reference_of(row), reason=str(trouble))  # noqa: TRY400
        answer = _refused(row, trouble.refusal.value)
    await _finish(means, row, answer)


async def give_up(means: Means, row: Errand) -> None:
    """End an errand that cannot be done, and have the desk say so; money that may have gone back is asked about again.

    A refund that nobody answered for may have been made: called refused, it would be asked for again under another name.
    """
    if row.kind != REFUND:
        await _finish(means, row, _refused(row, BUSY))
        return
    await means.receive(brought(ReturningSlow(reference_of(row)), f"unknown:{reference_of(row)}"))
    await _say_unanswered(means, reference_of(row))
    await means.notes.insist(_put_off(row, means.clock() + UNKNOWN_ASKED_AFTER))


async def _say_unanswered(means: Means, reference: str) -> None:
    """Have the desk ask the coordinators about a refund of which nobody has told for days, once a week."""
    found = await asyncio.to_thread(_read_refund, means, reference)
    waited = means.clock() - found.at if found is not None else timedelta()
    if waited >= UNANSWERED_AFTER:
        week = (waited - UNANSWERED_AFTER) // SAID_AGAIN_AFTER
        await means.receive(brought(Unanswered(reference), f"unanswered:{reference}:{week}"))


def _read_refund(means: Means, reference: str) -> CardRefund | None:
    with means.store.read() as connection:
        return refund(connection, reference)


async def invoice_lost(means: Means, row: Waiting) -> None:
    """Have the desk say that an invoice could not be shown, if a message that is set aside holds one."""
    invoice = unpacked(row.body).invoice
    if invoice is not None:
        await means.receive(brought(NotMade(invoice.reference, UNSHOWN), f"unshown:{row.id}:{invoice.reference}"))


async def _answer(means: Means, row: Errand, asked: Subject) -> Answer | None:
    if asked.provider is None:
        return _refused(row, UNCONFIGURED)
    match row.kind, asked.about:
        case (kind, Checkout() as about) if kind == CREATE:
            return await _create(means, asked, about, asked.provider)
        case (kind, Checkout() as about) if kind == ASK:
            return Reported(about.reference, await asked.provider.report(_opened(about)))
        case (kind, Checkout() as about) if kind == EXPIRE:
            await asked.provider.expire(_opened(about))
            return None
        case (kind, CardRefund() as about) if kind == REFUND:
            return Returned(about.reference, await asked.provider.refund(about.external, about.cents, about.reference))
        case (kind, OnlinePayment() as about) if kind == LOOK:
            found = await asked.provider.withdrawals(about.external)
            return WentBack(about.provider, about.external, tuple(found)) if found else None
    raise AssertionError(f"an errand of kind {row.kind} about {type(asked.about).__name__}")


async def _create(means: Means, asked: Subject, about: Checkout, provider: Provider) -> Answer:
    with speaking(asked.language, asked.settings.zone):
        said = invoice_words(about.cents, asked.settings.name)
    now = means.clock()
    made = await provider.create(
        Wanted(
            about.reference, about.cents, asked.settings.currency, asked.settings.name[:MOST_TITLE],
            said[:MOST_DESCRIPTION], asked.language, means.back_url, now, now + LASTS,
        )
    )  # fmt: skip
    if isinstance(made, InChat):
        return Made(about.reference, "", "", made.expires_at)
    return Made(about.reference, made.url, made.external, made.expires_at)


def _opened(about: Checkout) -> Opened:
    return Opened(about.reference, about.external, about.cents)


def _refused(row: Errand, why: str) -> Answer | None:
    """Say that something is not done, where somebody waits for it: of a question or an ending nobody does."""
    if row.kind == CREATE:
        return NotMade(reference_of(row), why)
    return NotReturned(reference_of(row), why) if row.kind == REFUND else None


async def _later(means: Means, row: Errand, trouble: ProviderBusyError) -> None:
    """Keep an errand for later, and say so once. A question is not kept: it is asked again at its own moments."""
    log.warning("a provider cannot be reached", what=row.kind, attempts=row.attempts, reason=str(trouble))
    if row.kind in {ASK, LOOK} or (row.kind == CREATE and row.attempts + 1 >= MOST_TRIES_TO_CREATE):
        await _finish(means, row, _refused(row, BUSY))
        return
    if row.kind in {CREATE, REFUND} and not row.attempts:
        slow = (MakingSlow if row.kind == CREATE else ReturningSlow)(reference_of(row))
        await means.receive(brought(slow, f"slow:{reference_of(row)}"))
    if row.kind == REFUND:
        await _say_unanswered(means, reference_of(row))
    raise RetryLaterError(str(trouble), trouble.after_seconds)


async def _finish(means: Means, row: Errand, answer: Answer | None) -> None:
    if answer is not None:
        await means.receive(brought(answer, f"{row.kind}:{row.id}:{reference_of(row)}"))
    await means.notes.insist(lambda connection: end_errand(connection, row.id))


def _put_off(row: Errand, until: datetime) -> Callable[[Connection], None]:
    def job(connection: Connection) -> None:
        here = update(Errand).where(col(Errand.id) == row.id)
        connection.execute(here.values(attempts=1, next_at=until))

    return job

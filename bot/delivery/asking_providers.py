"""Errands to providers of online payments: asked outside the writer's transaction, answered by an update of its own.

The reference makes it happen once at the provider, the update's key makes it count once here: after a crash the same may
be asked again.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

import structlog
from sqlalchemy import Connection, delete, update
from sqlmodel import col

from bot.chat import Document, FileRef, Message, Place, RetryLaterError, UndeliverableError
from bot.delivery.showing import Means
from bot.errands import Errand
from bot.groups.people import Group, Settings
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
from bot.online.reading import CardRefund, Checkout, OnlinePayment, checkout, payment, refund
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


@dataclass(frozen=True)
class _Job:
    """What an errand is about: a link, a refund or a payment, the group's settings, the provider if there still is one."""

    about: Checkout | CardRefund | OnlinePayment
    settings: Settings
    language: str
    provider: Provider | None


async def run(means: Means, row: Errand) -> None:
    """Ask a provider something, and bring its answer to the desk. Raises RetryLaterError where it cannot be reached."""
    job = await asyncio.to_thread(_read, means, row)
    try:
        answer = None if job is None else await _asked(means, row, job)
    except ProviderBusyError as trouble:
        await _later(means, row, trouble)
        return
    except ProviderRefusedError as trouble:
        log.error("a provider refuses", what=row.kind, reference=_reference(row), reason=str(trouble))  # noqa: TRY400
        answer = _refused(row, trouble.refusal.value)
    await _finish(means, row, answer)


async def give_up(means: Means, row: Errand) -> None:
    """End an errand that cannot be done, and have the desk say so; money that may have gone back is asked about again.

    A refund that nobody answered for may have been made: called refused, it would be asked for again under another name.
    """
    if row.kind != REFUND:
        await _finish(means, row, _refused(row, BUSY))
        return
    await means.receive(brought(ReturningSlow(_reference(row)), f"unknown:{_reference(row)}"))
    await _say_unanswered(means, _reference(row))
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


async def _asked(means: Means, row: Errand, job: _Job) -> Answer | None:
    if job.provider is None:
        return _refused(row, UNCONFIGURED)
    match row.kind, job.about:
        case (kind, Checkout() as about) if kind == CREATE:
            return await _create(means, job, about, job.provider)
        case (kind, Checkout() as about) if kind == ASK:
            return Reported(about.reference, await job.provider.report(_opened(about)))
        case (kind, Checkout() as about) if kind == EXPIRE:
            await job.provider.expire(_opened(about))
            return None
        case (kind, CardRefund() as about) if kind == REFUND:
            return Returned(about.reference, await job.provider.refund(about.external, about.cents, about.reference))
        case (kind, OnlinePayment() as about) if kind == LOOK:
            found = await job.provider.withdrawals(about.external)
            return WentBack(about.provider, about.external, tuple(found)) if found else None
    raise AssertionError(f"an errand of kind {row.kind} about {type(job.about).__name__}")


async def _create(means: Means, job: _Job, about: Checkout, provider: Provider) -> Answer:
    with speaking(job.language, job.settings.zone):
        said = invoice_words(about.cents, job.settings.name)
    now = means.clock()
    made = await provider.create(
        Wanted(
            about.reference, about.cents, job.settings.currency, job.settings.name[:MOST_TITLE],
            said[:MOST_DESCRIPTION], job.language, means.back_url, now, now + LASTS,
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
        return NotMade(_reference(row), why)
    return NotReturned(_reference(row), why) if row.kind == REFUND else None


async def _later(means: Means, row: Errand, trouble: ProviderBusyError) -> None:
    """Keep an errand for later, and say so once. A question is not kept: it is asked again at its own moments."""
    log.warning("a provider cannot be reached", what=row.kind, attempts=row.attempts, reason=str(trouble))
    if row.kind in {ASK, LOOK} or (row.kind == CREATE and row.attempts + 1 >= MOST_TRIES_TO_CREATE):
        await _finish(means, row, _refused(row, BUSY))
        return
    if row.kind in {CREATE, REFUND} and not row.attempts:
        slow = (MakingSlow if row.kind == CREATE else ReturningSlow)(_reference(row))
        await means.receive(brought(slow, f"slow:{_reference(row)}"))
    if row.kind == REFUND:
        await _say_unanswered(means, _reference(row))
    raise RetryLaterError(str(trouble), trouble.after_seconds)


async def _finish(means: Means, row: Errand, answer: Answer | None) -> None:
    if answer is not None:
        await means.receive(brought(answer, f"{row.kind}:{row.id}:{_reference(row)}"))
    await means.notes.insist(_done(row))


def _put_off(row: Errand, until: datetime) -> Callable[[Connection], None]:
    def job(connection: Connection) -> None:
        here = update(Errand).where(col(Errand.id) == row.id)
        connection.execute(here.values(attempts=1, next_at=until))

    return job


def _done(row: Errand) -> Callable[[Connection], None]:
    def job(connection: Connection) -> None:
        connection.execute(delete(Errand).where(col(Errand.id) == row.id))

    return job


def _reference(row: Errand) -> str:
    return str(json.loads(row.body)["reference"])


def _read(means: Means, row: Errand) -> _Job | None:
    """Read what an errand is about; None where there is nothing to ask any more."""
    with means.store.read() as connection:
        about = _about(connection, row)
        if about is None or _pointless(row.kind, about):
            return None
        group = Group(connection, about.group)
        provider = means.accounts.named(about.provider, about.group, group.settings.name)
        return _Job(about, group.settings, _language(group, about), provider)


def _about(connection: Connection, row: Errand) -> Checkout | CardRefund | OnlinePayment | None:
    reference = _reference(row)
    if row.kind == LOOK:
        return payment(connection, str(json.loads(row.body)["provider"]), reference)
    return refund(connection, reference) if row.kind == REFUND else checkout(connection, reference)


def _pointless(kind: str, about: Checkout | CardRefund | OnlinePayment) -> bool:
    return kind in {CREATE, REFUND} and not isinstance(about, OnlinePayment) and about.state != "asked"


def _language(group: Group, about: Checkout | CardRefund | OnlinePayment) -> str:
    """Find the language in which the link was asked for."""
    if not isinstance(about, Checkout):
        return group.settings.language
    reaches = group.reaches(about.member)
    here = [reach for reach in reaches if (reach.place.platform, reach.place.chat) == (about.platform, about.chat)]
    return here[0].language if here else group.settings.language

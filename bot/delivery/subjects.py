"""What an errand to a provider is about, as the books have it at the moment of asking."""

from __future__ import annotations

import json
from dataclasses import dataclass

from sqlalchemy import Connection

from bot.delivery.showing import Means
from bot.errands import Errand
from bot.groups.chosen import Settings
from bot.groups.people import Group
from bot.online.asking import CREATE, REFUND
from bot.online.reading import CardRefund, Checkout, OnlinePayment, checkout, payment, refund
from bot.online.watching import LOOK
from bot.providers import Provider


@dataclass(frozen=True)
class Subject:
    """A link, a refund or a payment, with what is needed to ask about it. ``provider``: None where there is none any more."""

    about: Checkout | CardRefund | OnlinePayment
    settings: Settings
    language: str
    provider: Provider | None


def subject(means: Means, row: Errand) -> Subject | None:
    """Read what an errand is about; None where there is nothing to ask any more."""
    with means.store.read() as connection:
        about = _about(connection, row)
        if about is None or _pointless(row.kind, about):
            return None
        group = Group(connection, about.group)
        provider = means.accounts.named(about.provider, about.group, group.settings.name)
        return Subject(about, group.settings, _language(group, about), provider)


def _about(connection: Connection, row: Errand) -> Checkout | CardRefund | OnlinePayment | None:
    reference = reference_of(row)
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


def reference_of(row: Errand) -> str:
    """Give our name of what an errand is about; the provider's own, of a payment that is looked at."""
    return str(json.loads(row.body)["reference"])

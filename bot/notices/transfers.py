"""What a member needs for a transfer: account, payee, amount, reference, each easy to copy, and the code to scan (B23)."""

from __future__ import annotations

from bot.banking.qr import spaced_iban
from bot.banking.reference import reference
from bot.chat import Attachment, Option
from bot.conversation import Rows
from bot.groups.people import Group
from bot.ledger.facts import Method
from bot.ledger.money import Cents
from bot.notices.telling import Written
from bot.wording import rows
from bot.words import _, amount, language

CODE = "transfer_code"


def is_paid_to(group: Group, method: Method) -> bool:
    """Tell whether there is an account to show: nothing is, while the group has none."""
    return method is Method.TRANSFER and bool(group.settings.iban)


def details(group: Group, member: int, cents: Cents) -> Written:
    """Write where to send how many cents, with buttons that copy and the code; without an amount, no code."""
    settings = group.settings
    payee, iban = settings.account_holder or settings.name, spaced_iban(settings.iban)
    own = reference(member, settings.reference_prefix)
    lines = [_("IBAN : {iban}", iban=iban), _("Bénéficiaire : {payee}", payee=payee)]
    lines += [_("Montant : {amount:money}", amount=cents)] if cents else []
    lines.append(_("Référence : {reference:*}", reference=own))
    lines.append(_("Écrivez cette référence dans le libellé : votre virement sera reconnu."))
    return Written("\n".join(lines), _copies(iban, payee, cents, own), _code(group, member, cents))


def _copies(iban: str, payee: str, cents: Cents, own: str) -> Rows:
    copied = [
        Option(_("📋 IBAN"), copies=iban.replace(" ", "")),
        Option(_("📋 Bénéficiaire"), copies=payee[:200]),
        Option(_("📋 Référence"), copies=own),
    ]
    euros = (
        [Option(_("📋 Montant"), copies=amount(cents).replace("\u00a0€", "").replace("\u202f", ""))] if cents else []
    )
    return rows([*copied, *euros], 2)


def _code(group: Group, member: int, cents: Cents) -> Attachment | None:
    if not cents or group.settings.currency != "EUR":
        return None
    arguments: dict[str, str | int] = {
        "group": group.number, "member": member, "amount": int(cents), "language": language(),
    }  # fmt: skip
    return Attachment(CODE, f"{_('virement')}.png", arguments)

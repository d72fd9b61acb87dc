"""What is said when somebody leaves, comes back or is forgotten, and when a balance is let go of (B44)."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from bot.conversation import Rows
from bot.departures.facts import ErasureAsked, MemberLeft, MemberReturned, PersonalDataErased
from bot.ledger.facts import Fact
from bot.ledger.settling import AccountClosed, AccountReopened, BalanceWrittenOff, CreditGiven
from bot.notices.telling import Notice, Telling, Written, balance_said, settle, to_author_and_member, undo, your_balance
from bot.wording import rows, say_option
from bot.wording.reasons import reason_words
from bot.words import _


def _written_off(told: Telling) -> list[Notice]:
    fact: BalanceWrittenOff = told.fact
    money = abs(fact.amount)

    def reason() -> str:
        return _(" Raison : {reason}.", reason=reason_words(fact.reason).rstrip(".")) if fact.reason else ""

    def to_author() -> Written:
        said = _("✅ {name} : {amount:money*} laissés de côté.", name=told.name, amount=money)
        return Written(f"{said}{reason()} {balance_said(told)}", undo(told))

    def to_member() -> Written:
        if fact.amount > 0:
            said = _("Il vous restait {amount:money*} à régler : le groupe les prend à sa charge ({author}).",
                     amount=money, author=told.author)  # fmt: skip
        else:
            said = _("Il restait {amount:money*} en votre faveur : le groupe les garde, pour arrondir ({author}).",
                     amount=money, author=told.author)  # fmt: skip
        return Written(f"{said}{reason()} {your_balance(told)}", settle(told))

    return to_author_and_member(told, to_author, to_member)


def _given(told: Telling) -> list[Notice]:
    amount = told.fact.amount

    def to_author() -> Written:
        if told.own:
            thanks = _("✅ Merci ! Vous donnez {amount:money*} au groupe.", amount=amount)
            return Written(f"{thanks} {your_balance(told)}", rows([say_option(_("Historique"), "historique")]))
        return Written(_("✅ {name} donne {amount:money*} au groupe.", name=told.name, amount=amount), undo(told))

    def to_member() -> Written:
        said = _(
            "{author} a noté que vous donnez {amount:money*} au groupe. Merci !", author=told.author, amount=amount
        )
        return Written(f"{said} {your_balance(told)}", settle(told))

    def to_coordinators() -> Written:
        return Written(_("{name} donne {amount:money*} au groupe.", name=told.name, amount=amount), undo(told))

    both = to_author_and_member(told, to_author, to_member)
    return [*both, Notice("coordinators", to_coordinators)] if told.own else both


def _left(told: Telling) -> list[Notice]:
    fact: MemberLeft = told.fact

    def to_author() -> Written:
        if told.own:
            said = _("Au revoir, et merci ! Vous n'êtes plus dans « {group} ».", group=told.group.settings.name)
            return Written(said)
        said = _("✅ {name:*} n'est plus dans le groupe, et ses appareils n'y donnent plus accès.", name=told.name)
        return Written("\n".join([said, *_left_over(told)]), _to_settle(told))

    def to_device() -> Written:
        return Written(_("{author} a noté votre départ de « {group} » : cet appareil n'y parle plus pour vous. Si cela "
                         "vous surprend, parlez-en à un coordinateur.", author=told.author,
                         group=told.group.settings.name))  # fmt: skip

    def to_coordinators() -> Written:
        if told.own:
            said = _("{name:*} a quitté le groupe.", name=told.name)
        else:
            said = _("{author} a noté le départ de {name:*}.", author=told.author, name=told.name)
        return Written("\n".join([said, *_left_over(told)]), _to_settle(told))

    devices = [Notice("address", to_device, member=fact.member, address=number) for number in fact.addresses]
    return [Notice("author", to_author), *([] if told.own else devices), Notice("coordinators", to_coordinators)]


def _left_over(told: Telling) -> list[str]:
    """Say to coordinators what is left on the account, and what is to be done with it."""
    standing = told.books.standing(told.fact.member)
    lines = []
    if standing.balance < 0:
        lines.append(_("Il reste {amount:money*} à régler : cela reste dans /soldes.", amount=-standing.balance))
    if standing.balance > 0:
        lines.append(_("Son avoir de {amount:money*} est à lui rendre.", amount=standing.balance))
    if standing.pending:
        lines.append(_("⏳ {amount:money} annoncés restent à valider.", amount=standing.pending))
    return lines


def _to_settle(told: Telling) -> Rows:
    balance, who = told.books.balance(told.fact.member), f"m{told.fact.member}"
    options = [say_option(_("Historique"), f"historique {who}")]
    if balance < 0:
        options = [
            say_option(_("Encaisser"), f"encaisser {who}"),
            say_option(_("Laisser de côté"), f"ecart {who}"),
            *options,
        ]
    if balance > 0:
        options = [say_option(_("Rembourser"), f"rembourser {who}"), *options]
    return rows(options)


def _returned(told: Telling) -> list[Notice]:
    said = _("✅ {name:*} est de nouveau dans le groupe.", name=told.name)
    again = _("{author} a repris {name:*} dans le groupe.", author=told.author, name=told.name)
    return [Notice("author", lambda: Written(said)), Notice("coordinators", lambda: Written(again))]


def _closed(told: Telling) -> list[Notice]:
    def to_author() -> Written:
        if told.own:
            return Written(_("Votre compte est à zéro : il est fermé."))
        return Written(_("Le compte de {name} est à zéro : il est fermé.", name=told.name))

    return [Notice("author", to_author)]


def _reopened(told: Telling) -> list[Notice]:
    def to_author() -> Written:
        return Written(_("✅ Le compte de {name:*} est rouvert. Il se fermera de lui-même à zéro.", name=told.name))

    def to_coordinators() -> Written:
        return Written(_("{author} a rouvert le compte de {name:*}.", author=told.author, name=told.name))

    return [Notice("author", to_author), Notice("coordinators", to_coordinators)]


def _erasure_asked(told: Telling) -> list[Notice]:
    def to_author() -> Written:
        if told.own:
            return Written(
                _("Votre nom et vos adresses seront effacés dès que le compte sera à zéro, sans plus rien en cours.")
            )
        return Written(
            _(
                "Les données de {name} seront effacées dès que le compte sera à zéro, sans plus rien en cours.",
                name=told.name,
            )
        )

    return [Notice("author", to_author)]


def _erased(told: Telling) -> list[Notice]:
    def to_author() -> Written:
        if told.own:
            return Written(_("Votre nom, vos adresses et vos notes sont effacés."))
        return Written(
            _("✅ Nom, adresses et notes effacés. Les écritures restent, sous le numéro {name}.", name=told.name)
        )

    def to_coordinators() -> Written:
        return Written(_("Les données personnelles de {name} ont été effacées ; les écritures restent, sous ce numéro.",
                         name=told.name))  # fmt: skip

    return [Notice("author", to_author), Notice("coordinators", to_coordinators)]


NOTICES: dict[type[Fact], Callable[[Telling], Sequence[Notice]]] = {
    BalanceWrittenOff: _written_off,
    CreditGiven: _given,
    MemberLeft: _left,
    MemberReturned: _returned,
    AccountClosed: _closed,
    AccountReopened: _reopened,
    ErasureAsked: _erasure_asked,
    PersonalDataErased: _erased,
}

"""Who is told what of reminders: the member at one address, the coordinators; what they answer, passed on (B37, B38)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import timedelta

from bot.conversation import Rows
from bot.ledger.facts import Fact
from bot.ledger.money import Cents
from bot.notices.reminder import how_long, listed, made_of, reminder
from bot.notices.telling import Notice, Telling, Written
from bot.outbox import receipt_of
from bot.reminders.described import rule_name, rule_value
from bot.reminders.dues import Due
from bot.reminders.facts import (
    DebtHandedOver,
    QuestionAsked,
    ReminderListDecided,
    ReminderListShown,
    ReminderPutOff,
    ReminderRuleChosen,
    RemindersChosen,
    ReminderSent,
)
from bot.reminders.rules import bedtime
from bot.wording import rows, say_option
from bot.words import _, _n


def _sent(told: Telling) -> list[Notice]:
    """Tell the member, at one address of the household; and the coordinator who sent it by hand."""
    fact: ReminderSent = told.fact
    due, group, now = told.dues.of(fact.member), told.group, told.books.now

    def to_member() -> Written:
        return reminder(told.name, due, fact.step, group, now)

    def to_author() -> Written:
        return Written(_("✅ Rappel envoyé à {name} : {amount:money}.", name=told.name, amount=fact.amount))

    receipt = receipt_of(told.recorded.group, told.recorded.number)
    useful_for = bedtime(now, told.dues.zone) - now
    member = Notice(
        "address", to_member, member=fact.member, address=fact.address, useful_for=useful_for, receipt=receipt
    )
    forgotten = [Notice("coordinators", lambda: _to_decide(told.name, due))] if due.waiting > due.covered else []
    return [member, Notice("author", to_author), *forgotten]


def _to_decide(name: str, due: Due) -> Written:
    """Ask the coordinators to decide what has been declared for more than a week (B37)."""
    said = _("⏳ {name} a annoncé {amount:money*} il y a plus d'une semaine : est-ce arrivé ?", name=name,
             amount=Cents(due.waiting - due.covered))  # fmt: skip
    return Written(said, rows([say_option(_("À valider"), "valider")]))


def _handed_over(told: Telling) -> list[Notice]:
    """Tell the coordinators what three reminders did not settle; the member has been told that they would be."""
    due = told.dues.of(told.fact.member)

    def to_coordinators() -> Written:
        said = _("{name} doit {amount:money*} depuis {long}. Trois rappels sont arrivés sans suite : je m'arrête là. "
                 "Un mot de vive voix sera plus utile.", name=told.name, amount=due.uncovered,
                 long=how_long(due, told.books.now))  # fmt: skip
        who = f"m{told.fact.member}"
        options = [say_option(_("Historique"), f"historique {who}"), say_option(_("Encaisser"), f"encaisser {who}")]
        return Written(said, rows(options))

    return [Notice("coordinators", to_coordinators)]


def _list_shown(told: Telling) -> list[Notice]:
    """Show coordinators who would be reminded, and of how much: nobody is before they agree (B37)."""
    number, dues = told.recorded.number, told.dues

    def to_coordinators() -> Written:
        found = [dues.of(member) for member in told.fact.members]
        head = _n("Un rappel est prêt à partir, pour {n} personne :", "Des rappels sont prêts à partir, pour {n} personnes :",
                  len(found))  # fmt: skip
        then = _("Rien ne part sans votre accord. Ensuite, je m'en occupe seul, chaque semaine.")
        options = [
            say_option(_("Envoyer"), f"rappels envoyer {number}"),
            say_option(_("Pas maintenant"), f"rappels non {number}"),
            say_option(_("Voir les messages"), "rappels apercu"),
        ]
        return Written("\n".join([head, *listed(found, told.group, told.books.now), then]), rows(options))

    return [Notice("coordinators", to_coordinators, useful_for=timedelta(days=6))]


def _list_decided(told: Telling) -> list[Notice]:
    def to_author() -> Written:
        if not told.fact.agreed:
            return Written(_("C'est noté : rien ne part. Je vous le redemanderai la semaine prochaine."))
        if told.dues.awake:
            return Written(_("✅ Les rappels partent dans la minute."))
        return Written(_("✅ Les rappels partiront demain matin : je n'écris à personne la nuit."))

    def to_others() -> Written:
        if told.fact.agreed:
            return Written(_("{author} a fait partir les rappels.", author=told.author))
        return Written(_("{author} a préféré ne pas envoyer les rappels cette fois.", author=told.author))

    return [Notice("author", to_author), Notice("coordinators", to_others)]


def _put_off(told: Telling) -> list[Notice]:
    later = told.dues.reminded(told.fact.member).later_at

    def to_author() -> Written:
        return Written(_("Entendu : je vous en reparle {day:day}.", day=later or told.books.now))

    return [Notice("author", to_author)]


def _chosen(told: Telling) -> list[Notice]:
    def to_author() -> Written:
        if told.fact.wanted:
            return Written(_("C'est noté : je vous rappellerai ce qui reste à régler."))
        return Written(_("C'est noté : plus de rappels. Votre solde reste à portée de /solde, et les coordinateurs "
                         "continuent de le voir."))  # fmt: skip

    return [Notice("author", to_author)]


def _asked(told: Telling) -> list[Notice]:
    """Pass a member's question on, in their own words."""
    due = told.dues.of(told.fact.member)

    def to_author() -> Written:
        return Written(_("C'est transmis aux coordinateurs, avec vos mots. Ils vous répondront."))

    def to_coordinators() -> Written:
        who = f"m{told.fact.member}"
        lines = [_("{name:*} demande :", name=told.name), _("« {text} »", text=told.fact.text)]
        if due.parts:
            lines += [_("À régler : {amount:money*}", amount=due.amount), *made_of(due, own=False)]
        options = [say_option(_("Historique"), f"historique {who}"), say_option(_("Encaisser"), f"encaisser {who}")]
        return Written("\n".join(lines), rows(options))

    return [Notice("author", to_author), Notice("coordinators", to_coordinators)]


def _rule_chosen(told: Telling) -> list[Notice]:
    """Tell the coordinators what another of them has changed (B45)."""
    fact: ReminderRuleChosen = told.fact

    def what() -> str:
        return _("{name} : {value:*}", name=rule_name(fact.rule), value=rule_value(fact.rule, fact.value))

    def to_author() -> Written:
        return Written(_("✅ {what}", what=what()), _to_rules())

    def to_room() -> Written:
        said = _("{author} a changé un réglage des rappels. {what}", author=told.author, what=what())
        return Written(said, _to_rules())

    return [Notice("author", to_author), Notice("coordinators", to_room)]


def _to_rules() -> Rows:
    return rows([say_option(_("Rappels et bilan"), "reglages rappels")])


NOTICES: dict[type[Fact], Callable[[Telling], Sequence[Notice]]] = {
    ReminderSent: _sent,
    DebtHandedOver: _handed_over,
    ReminderListShown: _list_shown,
    ReminderListDecided: _list_decided,
    ReminderPutOff: _put_off,
    RemindersChosen: _chosen,
    QuestionAsked: _asked,
    ReminderRuleChosen: _rule_chosen,
}

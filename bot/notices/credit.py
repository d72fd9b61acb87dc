"""What a member reads of an avoir that sleeps: how much, since when, and what can be done with it (B37)."""

from __future__ import annotations

from bot.groups.people import Group
from bot.notices.telling import Written
from bot.reminders.credits import Credit
from bot.wording import rows, say_option
from bot.words import _


def credit_recalled(name: str, credit: Credit, group: Group, *, orders_open: bool) -> Written:
    """Write it as a neighbour would say it: nothing is asked of anybody."""
    if group.settings.kitty_only:
        head = _("Bonjour {name}, il y a {amount:money*} sur votre cagnotte, et rien n'en a été pris depuis plus de {n} mois.",
                 name=name, amount=credit.balance, n=credit.months)  # fmt: skip
    else:
        head = _("Bonjour {name}, le groupe a {amount:money*} à vous, et cela fait plus de {n} mois que vous ne vous en êtes "
                 "pas servi.", name=name, amount=credit.unused, n=credit.months)  # fmt: skip
    then = _("Votre prochaine commande le prendra toute seule ; si vous préférez, on vous le rend. Rien ne presse.")
    order = [say_option(_("Commander"), "commander")] if orders_open else []
    options = [*order, say_option(_("Me le rendre"), "remboursement"), say_option(_("Historique"), "historique")]
    return Written(f"{head} {then}", rows(options))

"""What a member reads of an avoir that sleeps: how much, since when, and what can be done with it (B37)."""

from __future__ import annotations

from bot.groups.people import Group
from bot.notices.telling import Written
from bot.reminders.credits import Credit
from bot.wording import rows, say_option
from bot.words import _, _n


def credit_recalled(name: str, credit: Credit, group: Group, *, orders_open: bool) -> Written:
    """Write it as a neighbour would say it: nothing is asked of anybody."""
    n = credit.months
    if group.settings.kitty_only:
        head = _n("Bonjour {name}, il y a {amount:money*} sur votre cagnotte, et rien n'en a été pris depuis plus d'un mois.",
                  "Bonjour {name}, il y a {amount:money*} sur votre cagnotte, et rien n'en a été pris depuis plus de {n} mois.",
                  n, name=name, amount=credit.balance)  # fmt: skip
    else:
        head = _n("Bonjour {name}, le groupe a {amount:money*} à vous, qui n'ont pas servi depuis plus d'un mois.",
                  "Bonjour {name}, le groupe a {amount:money*} à vous, qui n'ont pas servi depuis plus de {n} mois.",
                  n, name=name, amount=credit.unused)  # fmt: skip
    then = _("Ils serviront d'eux-mêmes à votre prochaine commande ; si vous préférez, on vous les rend, ou vous les donnez au "
             "groupe. Rien ne presse.")  # fmt: skip
    order = [say_option(_("Commander"), "commander")] if orders_open else []
    back = [say_option(_("Me les rendre"), "remboursement"), say_option(_("Donner au groupe"), "donner")]
    return Written(f"{head} {then}", rows([*order, *back, say_option(_("Historique"), "historique")], 2))

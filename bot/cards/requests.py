"""What members asked to have taken off an order, one at a time, until a coordinator answers (B9)."""

from __future__ import annotations

from bot.cards.turning import shown
from bot.chat import Message
from bot.groups.people import Group
from bot.market.market import Market, Request
from bot.market.units import quantity_words
from bot.wording import act_option, rows
from bot.words import _, ago


def requests_card(group: Group, market: Market, at: int) -> Message:
    """Draw the request it was turned to, or the first that waits."""
    waiting = market.open_requests()
    if not waiting:
        return Message(_("Aucun retrait n'est demandé."))
    rank, request, turns = shown(waiting, at, "retrait")
    head = _("Retraits demandés · {rank} sur {n}", rank=rank, n=len(waiting))
    yes = act_option(_("Enlever"), f"retrait oui {request.number}")
    no = act_option(_("Laisser"), f"retrait non {request.number}")
    return Message("\n".join([head, *_request_lines(group, market, request)]), (*rows([yes, no]), *turns))


def _request_lines(group: Group, market: Market, request: Request) -> list[str]:
    order = market.order(request.member, request.distribution)
    line = next((line for line in order.lines if line.line == request.line), None) if order else None
    what = _("{quantity} {name}, {cost:money}", quantity=quantity_words(line.quantity, line.unit), name=line.name,
             cost=line.cost) if line else _("une ligne qui n'est plus là")  # fmt: skip
    said = _("{name:*} · {what}\ndemandé {since}", name=group.name_of(request.member), what=what,
             since=ago(request.asked_at, market.now))  # fmt: skip
    return [said, *([_("« {note} »", note=request.note)] if request.note else [])]

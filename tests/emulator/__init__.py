"""An emulator of Telegram's Bot API, strict where the real one is: offsets, refusals, privacy mode, lengths, HTML.

In a test, in the same event loop as the bot (``bot.chats.telegram`` is pointed at ``api.url``):

    async with BotApi() as api:
        town = Town(api)
        lea, camille = town.person("Léa"), town.person("Camille", language="en")
        room = town.group("Coordination", camille)      town.group(…, kind="supergroup", forum=True)
        room.add_bot(camille)                           room.remove_bot, room.upgrade, room.topic("Caisse")
        lea.joins("abcd-efgh")                          the deep link of an invitation
        lea.says("/payer 12 chèque"); camille.says("/lier", room, topic=5)
        query = camille.taps("Reçu", where=room)        the button must be there; query.toast once query.answered
        lea.replies(message, "25"); lea.sends("soldes.csv", b"…"); lea.edits(message, "…"); lea.blocks()
        await api.until(lambda: "Bienvenue" in lea.last.text)
        asked = lea.opens_invoice()                     the newest invoice; asked.ok once the bot has answered, asked.why
        lea.pays(asked)                                 her card is charged: the bot must have agreed
        lea.texts, room.texts, room.last                what the chats show now, edited in place
        api.updates.waiting                             updates that are not acknowledged yet
        api.updates.put(update)                         any update at all, the same one again
        api.calls, api.called("sendMessage")            every call, with its answer
        api.world.menus["all_private_chats", "en"]      the command menus, by scope and language
        api.fail("sendMessage", flood(3), broken(), BadGateway(), Drop.BEFORE, Drop.AFTER)
        api.limits.on = True                            429 by itself, as for a bot that sends too fast
        api.world.queries[…].old = True                 a tap that is too old to be answered

An update waits until a later offset acknowledges it; a second poller ends the first one's request with a 409, and polling
is refused while a webhook is set. The webhook is called with its secret until it answers with a 2xx. In groups the bot is
shown commands, replies to it and service messages only (``api.world.privacy``). A self-hosted server in local mode is the
model: webhooks may be plain http.

As a process of its own: ``python -m tests.emulator --port 8081``, driven by POSTs of JSON to ``/control/VERB`` (see
``tests.emulator.control``). The token is ``tests.emulator.TOKEN``.
"""

from tests.emulator.faults import BadGateway, Drop, Limits
from tests.emulator.people import Group, NoSuchButtonError, Person, Town
from tests.emulator.refusals import RefusedError, bad, broken, conflict, flood, forbidden
from tests.emulator.server import BotApi
from tests.emulator.world import ME, NAME, TOKEN, Shown

__all__ = [
    "ME", "NAME", "TOKEN", "BadGateway", "BotApi", "Drop", "Group", "Limits", "NoSuchButtonError", "Person",
    "RefusedError", "Shown", "Town", "bad", "broken", "conflict", "flood", "forbidden",
]  # fmt: skip

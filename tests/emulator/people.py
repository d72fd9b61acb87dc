"""The people's side: they write, tap, send files, block the bot, make and upgrade groups; the bot gets what it would get."""

from __future__ import annotations

import itertools
import time
from typing import Any

from tests.emulator.keyboards import inline
from tests.emulator.server import BotApi
from tests.emulator.world import Chat, Json, PreCheckout, Query, Shown, User

ANONYMOUS = User(1087968824, "Group", username="GroupAnonymousBot", is_bot=True, language="")


class NoSuchButtonError(AssertionError):
    """There is no such button on that message."""


class Town:
    """Everybody, and the groups they are in."""

    def __init__(self, api: BotApi) -> None:
        self.api = api
        self._people = itertools.count(1001)
        self._groups = itertools.count(1)

    def person(self, first_name: str, *, language: str = "fr", number: int = 0, **more: Any) -> Person:
        """Add somebody."""
        user = User(number or next(self._people), first_name, language=language, **more)
        self.api.world.users[user.id] = user
        chat = Chat(user.id, "private", person=user, members={user.id: user})
        self.api.world.chats[user.id] = chat
        return Person(self.api, user, chat)

    def group(self, title: str, *people: Person, kind: str = "group", forum: bool = False) -> Group:
        """Add a group, without the bot yet."""
        number = next(self._groups)
        chat_id = -number if kind == "group" else -1_000_000_000_000 - number
        chat = Chat(chat_id, kind, title, forum=forum, members={p.user.id: p.user for p in people})
        self.api.world.chats[chat_id] = chat
        return Group(self.api, chat)


class Group:
    """A group. ``add_bot`` and ``remove_bot`` are what a member does."""

    def __init__(self, api: BotApi, chat: Chat) -> None:
        self.api = api
        self.chat = chat

    @property
    def texts(self) -> list[str]:
        """List what the group shows of the bot."""
        return bot_texts(self.api, self.chat)

    @property
    def last(self) -> Shown:
        """Give the newest message of the bot."""
        return bot_messages(self.api, self.chat)[-1]

    def add_bot(self, by: Person, status: str = "member") -> None:
        """Have the bot join."""
        _membership(self.api, self.chat, by.user, status)
        shown = self.api.world.show(self.chat, by.user, more={"new_chat_members": [self.api.world.me.json()]})
        deliver(self.api, shown, service=True)

    def remove_bot(self, by: Person) -> None:
        """Throw the bot out."""
        _membership(self.api, self.chat, by.user, "kicked")

    def topic(self, name: str) -> int:
        """Make a topic; give its number."""
        shown = self.api.world.show(self.chat, next(iter(self.chat.members.values())))
        self.chat.topics[shown.id] = name
        return shown.id

    def upgrade(self, by: Person, *, tell: bool = True) -> Group:
        """Make it a supergroup, with a new id: two service messages say so, unless they are lost (``tell``)."""
        old = self.chat
        new = Chat(old.id - 1_000_000_000_000, "supergroup", old.title, members=dict(old.members), bot=old.bot)
        self.api.world.chats[new.id] = new
        old.upgraded_to = new.id
        if tell:
            gone = self.api.world.show(old, by.user, more={"migrate_to_chat_id": new.id})
            deliver(self.api, gone, service=True)
            here = self.api.world.show(new, by.user, more={"migrate_from_chat_id": old.id})
            deliver(self.api, here, service=True)
        return Group(self.api, new)

    def anonymous_says(self, text: str) -> Shown:
        """Have an administrator write without their name."""
        shown = self.api.world.show(self.chat, ANONYMOUS, text, more={"sender_chat": self.chat.json()})
        return deliver(self.api, shown)


class Person:
    """Somebody: what they do, and what their private chat with the bot shows."""

    def __init__(self, api: BotApi, user: User, chat: Chat) -> None:
        self.api = api
        self.user = user
        self.chat = chat

    @property
    def texts(self) -> list[str]:
        """List what the private chat shows of the bot."""
        return bot_texts(self.api, self.chat)

    @property
    def last(self) -> Shown:
        """Give the newest message of the bot, in private."""
        return bot_messages(self.api, self.chat)[-1]

    def says(self, text: str, where: Group | None = None, *, topic: int = 0, reply_to: Shown | None = None) -> Shown:
        """Write, in private or in a group."""
        shown = self._shown(where, text, topic=topic, reply_to=reply_to)
        return deliver(self.api, shown)

    def replies(self, to: Shown, text: str) -> Shown:
        """Reply to a message."""
        return deliver(self.api, self.api.world.show(to.chat, self.user, text, topic=to.topic, reply_to=to))

    def joins(self, code: str) -> Shown:
        """Open the deep link of an invitation."""
        return self.says(f"/start {code}")

    def sends(
        self, name: str, content: bytes, where: Group | None = None, *, caption: str = "", mime: str = ""
    ) -> Shown:
        """Send a file."""
        file = self.api.world.keep(name, content, mime or "application/octet-stream")
        return deliver(self.api, self._shown(where, caption, document=file))

    def sends_photo(self, content: bytes, caption: str = "") -> Shown:
        """Send a picture."""
        photo = self.api.world.keep("photo.jpg", content, "image/jpeg")
        return deliver(self.api, self._shown(None, caption, photo=photo))

    def sends_odd(self, **more: Any) -> Shown:
        """Send something that is neither text nor file: a sticker, a place …, as its JSON."""
        return deliver(self.api, self._shown(None, "", more=more))

    def edits(self, shown: Shown, text: str) -> None:
        """Change what one wrote."""
        shown.text, shown.edits = text, shown.edits + 1
        self.api.updates.add("edited_message", shown.json())

    def taps(self, label: str, on: Shown | None = None, where: Group | None = None) -> Query:
        """Tap a button of a message, of the newest of the bot that has it if none is named."""
        shown = on or self._newest(label, where.chat if where else self.chat)
        button = next((b for row in _rows(shown) for b in row if b["text"] == label), None)
        if button is None:
            raise NoSuchButtonError(f"« {label} » is not among {shown.labels}")
        return self.forges(str(button["callback_data"]), shown)

    def forges(self, data: str, on: Shown, *, inaccessible: bool = False) -> Query:
        """Have a button's data come back, whatever the message shows: a forged one, or one of long ago."""
        query = Query(f"q{next(self.api.world.numbers)}", self.user, data)
        self.api.world.queries[query.id] = query
        message = on.json()
        if inaccessible:
            message = {"chat": on.chat.json(), "message_id": on.id, "date": 0}
        body = {"id": query.id, "from": self.user.json(), "message": message, "chat_instance": "1", "data": data}
        self.api.updates.add("callback_query", body)
        return query

    def opens_invoice(self, shown: Shown | None = None) -> PreCheckout:
        """Give one's card to Telegram on the newest invoice, or on one that is named: the bot is asked whether it may be paid."""
        invoices = [found for found in bot_messages(self.api, self.chat) if found.invoice is not None]
        invoice = (shown or invoices[-1]).invoice
        assert invoice is not None
        asked = PreCheckout(f"p{next(self.api.world.numbers)}", self.user, invoice, time.monotonic())
        self.api.world.checkouts[asked.id] = asked
        body = {name: invoice[name] for name in ("currency", "total_amount", "invoice_payload")}
        self.api.updates.add("pre_checkout_query", {"id": asked.id, "from": self.user.json(), **body})
        return asked

    def pays(self, asked: PreCheckout) -> Json | None:
        """Have the card charged, once the bot has agreed; give the update that tells it so."""
        assert asked.ok, f"nothing is charged without a yes: {asked.why}"
        number = next(self.api.world.numbers)
        body = {name: asked.invoice[name] for name in ("currency", "total_amount", "invoice_payload")}
        charge = {"telegram_payment_charge_id": f"tg_{number}", "provider_payment_charge_id": f"ch_{number}"}
        shown = self.api.world.show(self.chat, self.user, more={"successful_payment": {**body, **charge}})
        return self.api.updates.add("message", shown.json())

    def blocks(self) -> None:
        """Block the bot."""
        _membership(self.api, self.chat, self.user, "kicked")

    def unblocks(self) -> None:
        """Let the bot write again."""
        _membership(self.api, self.chat, self.user, "member")

    def _shown(self, where: Group | None, text: str, **more: Any) -> Shown:
        chat = where.chat if where else self.chat
        assert self.user.id in chat.members, "one writes in chats one is in"
        if chat.private and chat.bot == "kicked":
            self.unblocks()
        elif chat.private:
            chat.bot = "member"
        return self.api.world.show(chat, self.user, text, **more)

    def _newest(self, label: str, chat: Chat) -> Shown:
        found = [shown for shown in bot_messages(self.api, chat) if label in shown.labels]
        if not found:
            raise NoSuchButtonError(f"« {label} » is on no message: {[s.labels for s in bot_messages(self.api, chat)]}")
        return found[-1]


def deliver(api: BotApi, shown: Shown, *, service: bool = False) -> Shown:
    """Let the bot know of a message, if it is there and its privacy mode does not hide it."""
    chat = shown.chat
    here = chat.bot in {"member", "administrator"}
    if here and (
        service or chat.private or not api.world.privacy or chat.bot == "administrator" or _for_bot(api, shown)
    ):
        api.updates.add("message", shown.json())
    return shown


def bot_messages(api: BotApi, chat: Chat) -> list[Shown]:
    """List the bot's messages in a chat."""
    return [shown for shown in chat.messages.values() if shown.sender.id == api.world.me.id]


def bot_texts(api: BotApi, chat: Chat) -> list[str]:
    """List the bot's words in a chat."""
    return [shown.text for shown in bot_messages(api, chat)]


def _for_bot(api: BotApi, shown: Shown) -> bool:
    """Tell what a bot in privacy mode sees of a group: commands to it or to nobody in particular, replies to it."""
    if shown.reply_to is not None and shown.reply_to.sender.id == api.world.me.id:
        return True
    word = shown.text.split(" ", maxsplit=1)[0]
    _command, at, name = word.partition("@")
    return word.startswith("/") and (not at or name.lower() == api.world.me.username.lower())


def _membership(api: BotApi, chat: Chat, by: User, status: str) -> None:
    before, chat.bot = chat.bot, status
    me = api.world.me.json()
    api.updates.add(
        "my_chat_member",
        {
            "chat": chat.json(), "from": by.json(), "date": 1, "old_chat_member": _member(me, before),
            "new_chat_member": _member(me, status),
        },
    )  # fmt: skip


def _member(me: Json, status: str) -> Json:
    if status == "kicked":
        return {"user": me, "status": status, "until_date": 0}
    if status != "administrator":
        return {"user": me, "status": status}
    rights = (
        "can_be_edited", "is_anonymous", "can_manage_chat", "can_delete_messages", "can_manage_video_chats",
        "can_restrict_members", "can_promote_members", "can_change_info", "can_invite_users", "can_post_stories",
        "can_edit_stories", "can_delete_stories",
    )  # fmt: skip
    return {"user": me, "status": status, **dict.fromkeys(rights, False)}


def _rows(shown: Shown) -> list[list[Json]]:
    return list((inline(shown.markup) or {"inline_keyboard": []})["inline_keyboard"])

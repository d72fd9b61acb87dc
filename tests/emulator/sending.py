"""Methods that show something: send, edit, delete; text, pictures, files."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tests.emulator import places
from tests.emulator.call import Call
from tests.emulator.entities import Entity, parsed, units
from tests.emulator.keyboards import checked, inline
from tests.emulator.refusals import bad
from tests.emulator.world import Chat, File, Shown

if TYPE_CHECKING:
    from tests.emulator.server import BotApi

TEXT_UNITS = 4096
CAPTION_UNITS = 1024
UPLOAD_BYTES = 50_000_000
SAME = (
    "message is not modified: specified new message content and reply markup are exactly the same as a current "
    "content and reply markup of the message"
)


async def send_message(api: BotApi, call: Call) -> Any:
    """Send a text."""
    chat = places.writable(api.world, call)
    text, entities = _text(call, "text", TEXT_UNITS, "message is too long")
    if not text:
        raise bad("text must be non-empty" if call.text("text") else "message text is empty")
    return _shown(api, chat, call, text=text, entities=entities)


async def send_document(api: BotApi, call: Call) -> Any:
    """Send a file."""
    return _with_file(api, call, "document")


async def send_photo(api: BotApi, call: Call) -> Any:
    """Send a picture."""
    return _with_file(api, call, "photo")


async def edit_message_text(api: BotApi, call: Call) -> Any:
    """Show another text in the place of a message."""
    shown = _edited(api, call)
    if shown.has_file:
        raise bad("there is no text in the message to edit")
    text, entities = _text(call, "text", TEXT_UNITS, "MESSAGE_TOO_LONG")
    if not text:
        raise bad("text must be non-empty" if call.text("text") else "message text is empty")
    return _changed(api, call, shown, text, entities)


async def edit_message_caption(api: BotApi, call: Call) -> Any:
    """Show another caption under a file."""
    shown = _edited(api, call)
    if not shown.has_file:
        raise bad("there is no caption in the message to edit")
    text, entities = _text(call, "caption", CAPTION_UNITS, "message caption is too long")
    return _changed(api, call, shown, text, entities)


async def edit_message_reply_markup(api: BotApi, call: Call) -> Any:
    """Show other buttons under a message."""
    shown = _edited(api, call)
    return _changed(api, call, shown, shown.text, shown.entities)


async def delete_message(api: BotApi, call: Call) -> Any:
    """Take a message away."""
    chat = places.writable(api.world, call)
    shown = chat.messages.get(call.number("message_id"))
    if shown is None:
        raise bad("message to delete not found")
    if not chat.private and shown.sender.id != api.world.me.id and chat.bot != "administrator":
        raise bad("message can't be deleted")
    del chat.messages[shown.id]
    return True


async def send_chat_action(api: BotApi, call: Call) -> Any:
    """Say that something is being written."""
    places.writable(api.world, call)
    return True


def _text(call: Call, name: str, most: int, too_long: str) -> tuple[str, list[Entity]]:
    text, entities = parsed(call.text(name), call.text("parse_mode"))
    if units(text) > most:
        raise bad(too_long)
    return text, entities


def _with_file(api: BotApi, call: Call, kind: str) -> Any:
    chat = places.writable(api.world, call)
    caption, entities = _text(call, "caption", CAPTION_UNITS, "message caption is too long")
    return _shown(api, chat, call, text=caption, entities=entities, **{kind: _file(api, call, kind)})


def _file(api: BotApi, call: Call, name: str) -> File:
    upload = call.upload(name)
    if upload is None:
        known = api.world.files.get(call.text(name))
        if known is None:
            raise bad(f"there is no {name} in the request")
        return known
    if not upload.content:
        raise bad("file must be non-empty")
    if len(upload.content) > UPLOAD_BYTES:
        raise bad("file is too big")
    return api.world.keep(upload.name, upload.content, upload.mime)


def _shown(api: BotApi, chat: Chat, call: Call, **what: Any) -> Any:
    markup = checked(call.text("reply_markup"))
    thread, reply_to = places.topic(chat, call), places.replied(chat, call)
    api.limits.admit(chat.id)
    return api.world.show(chat, api.world.me, markup=markup, topic=thread, reply_to=reply_to, **what).json()


def _edited(api: BotApi, call: Call) -> Shown:
    """Find a message to edit: one of the bot's own, with no buttons but inline ones."""
    chat = places.writable(api.world, call)
    shown = chat.messages.get(call.number("message_id"))
    if shown is None:
        raise bad("message to edit not found")
    if shown.sender.id != api.world.me.id or (shown.markup and inline(shown.markup) is None):
        raise bad("message can't be edited")
    return shown


def _changed(api: BotApi, call: Call, shown: Shown, text: str, entities: list[Entity]) -> Any:
    markup = checked(call.text("reply_markup"))
    if markup and inline(markup) is None:
        raise bad("inline keyboard expected")
    if (text, entities, markup) == (shown.text, shown.entities, shown.markup):
        raise bad(SAME)
    api.limits.admit(shown.chat.id)
    shown.text, shown.entities, shown.markup = text, entities, markup
    shown.edits += 1
    return shown.json()

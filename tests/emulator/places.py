"""Where a bot may write: Telegram's refusals about chats, topics and replies."""

from __future__ import annotations

from tests.emulator.call import Call
from tests.emulator.refusals import bad, forbidden
from tests.emulator.world import Chat, Shown, World


def known(world: World, call: Call) -> Chat:
    """Find the chat that a call names; refuse one that the bot cannot know."""
    if not call.text("chat_id"):
        raise bad("chat_id is empty")
    number = call.number("chat_id")
    chat = world.chats.get(number)
    if chat is not None and chat.bot != "left":
        return chat
    if chat is not None and not chat.private:
        raise forbidden(f"bot is not a member of the {chat.type} chat")
    person = world.users.get(number)
    if person is not None and not person.deactivated and world.met(person):
        raise forbidden("bot can't initiate conversation with a user")
    raise bad("chat not found")


def writable(world: World, call: Call) -> Chat:
    """Find the chat that a call writes to; refuse where the bot may not."""
    chat = known(world, call)
    if chat.upgraded_to is not None:
        raise bad("group chat was upgraded to a supergroup chat", migrate_to_chat_id=chat.upgraded_to)
    if chat.person is not None and chat.person.deactivated:
        raise forbidden("user is deactivated")
    if chat.bot == "kicked":
        raise forbidden("bot was blocked by the user" if chat.private else f"bot was kicked from the {chat.type} chat")
    if not chat.may_write:
        raise bad("not enough rights to send text messages to the chat")
    return chat


def topic(chat: Chat, call: Call) -> int:
    """Find the topic that a call names, 0 for none."""
    number = call.number("message_thread_id")
    if number and number not in chat.topics:
        raise bad("message thread not found")
    return number


def replied(chat: Chat, call: Call) -> Shown | None:
    """Find the message that a call replies to."""
    asked = call.mapping("reply_parameters")
    number = int(asked.get("message_id", 0)) or call.number("reply_to_message_id")
    if not number or number in chat.messages:
        return chat.messages.get(number)
    if asked.get("allow_sending_without_reply"):
        return None
    raise bad("message to be replied not found")

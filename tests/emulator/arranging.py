"""Methods about the bot itself: who it is, updates, webhooks, menus, files, chats, taps."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

from tests.emulator import places
from tests.emulator.call import Call
from tests.emulator.refusals import bad

if TYPE_CHECKING:
    from tests.emulator.server import BotApi

DOWNLOAD_BYTES = 20_000_000
TOAST_UNITS = 200
SCOPES = {
    "default", "all_private_chats", "all_group_chats", "all_chat_administrators", "chat", "chat_administrators",
    "chat_member",
}  # fmt: skip
SECRET = re.compile(r"[A-Za-z0-9_-]{1,256}")


async def get_me(api: BotApi, _call: Call) -> Any:
    """Say who the bot is."""
    more = {"can_join_groups": True, "can_read_all_group_messages": not api.world.privacy}
    return api.world.me.json() | more | {"supports_inline_queries": False}


async def get_updates(api: BotApi, call: Call) -> Any:
    """Give updates, waiting for them as long as asked."""
    api.updates.allow(call.listed("allowed_updates"))
    return await api.updates.fetch(call.number("offset"), call.number("limit"), call.number("timeout"))


async def set_webhook(api: BotApi, call: Call) -> Any:
    """Set the address to call; like a self-hosted server, plain http will do."""
    url, secret = call.text("url"), call.text("secret_token")
    if not url:
        return await delete_webhook(api, call)
    if not url.startswith(("http://", "https://")):
        raise bad("bad webhook: An HTTPS URL must be provided for webhook")
    if secret and not SECRET.fullmatch(secret):
        raise bad("secret token contains unallowed characters")
    api.updates.allow(call.listed("allowed_updates"))
    if call.text("drop_pending_updates").lower() == "true":
        api.updates.clear()
    api.updates.end_poll("terminated by setWebhook request")
    api.updates.webhook = {"url": url, "secret_token": secret}
    api.updates.wake()
    return True


async def delete_webhook(api: BotApi, call: Call) -> Any:
    """Go back to polling."""
    if call.text("drop_pending_updates").lower() == "true":
        api.updates.clear()
    api.updates.webhook = {}
    return True


async def get_webhook_info(api: BotApi, _call: Call) -> Any:
    """Say how the webhook fares."""
    return api.caller.info()


async def answer_callback_query(api: BotApi, call: Call) -> Any:
    """Answer a tap; too late once it is old."""
    query = api.world.queries.get(call.text("callback_query_id"))
    if query is None or query.old:
        raise bad("query is too old and response timeout expired or query ID is invalid")
    if len(call.text("text")) > TOAST_UNITS:
        raise bad("MESSAGE_TOO_LONG")
    if not query.answered:
        query.answered, query.toast = True, call.text("text")
    return True


async def get_file(api: BotApi, call: Call) -> Any:
    """Say where a file can be fetched from."""
    file = api.world.files.get(call.text("file_id"))
    if file is None:
        raise bad("invalid file_id")
    if len(file.content) > DOWNLOAD_BYTES:
        raise bad("file is too big")
    return {**file.json(), "file_path": f"documents/{file.id}"}


async def set_my_commands(api: BotApi, call: Call) -> Any:
    """Set a menu for a scope and a language."""
    commands = call.listed("commands") or []
    for command in commands:
        if not re.fullmatch("[a-z0-9_]{1,32}", command["command"]):
            raise bad("BOT_COMMAND_INVALID")
        if not 0 < len(command["description"]) <= 256:
            raise bad("BOT_COMMAND_DESCRIPTION_INVALID")
    if len(commands) > 100:
        raise bad("BOT_COMMANDS_TOO_MUCH")
    api.world.menus[_scope(api, call)] = commands
    return True


async def get_my_commands(api: BotApi, call: Call) -> Any:
    """Give a menu."""
    return api.world.menus.get(_scope(api, call), [])


async def delete_my_commands(api: BotApi, call: Call) -> Any:
    """Remove a menu."""
    api.world.menus.pop(_scope(api, call), None)
    return True


def _scope(api: BotApi, call: Call) -> tuple[str, str]:
    """Name a scope and a language: « all_private_chats », « chat 42 », …"""
    scope = call.mapping("scope") or {"type": "default"}
    kind = str(scope["type"])
    if kind not in SCOPES:
        raise bad("can't parse BotCommandScope: unsupported type specified")
    if "chat_id" not in scope:
        return kind, call.text("language_code")
    chat = places.known(api.world, Call("", {"chat_id": json.dumps(scope["chat_id"])}))
    if chat.upgraded_to is not None:
        raise bad("group chat was upgraded to a supergroup chat", migrate_to_chat_id=chat.upgraded_to)
    return f"{kind} {chat.id}", call.text("language_code")


async def get_chat(api: BotApi, call: Call) -> Any:
    """Describe a chat."""
    chat = places.known(api.world, call)
    return {**chat.json(), "accent_color_id": 0, "max_reaction_count": 11, "accepted_gift_types": _GIFTS}


_GIFTS = {
    "unlimited_gifts": False, "limited_gifts": False, "unique_gifts": False, "premium_subscription": False,
    "gifts_from_channels": False,
}  # fmt: skip


async def leave_chat(api: BotApi, call: Call) -> Any:
    """Leave a group."""
    chat = places.known(api.world, call)
    if chat.private:
        raise bad("chat member status can't be changed in private chats")
    chat.bot = "left"
    return True

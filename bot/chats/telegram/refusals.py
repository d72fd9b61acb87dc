"""Telegram's refusals in our words: later, never, gone, moved. No word of ours ever carries an address: the token is in it."""

from __future__ import annotations

import contextlib
from collections.abc import Generator

from telegram.error import BadRequest, ChatMigrated, Forbidden, InvalidToken, RetryAfter, TelegramError

from bot.chat import MessageGoneError, RetryLaterError, UndeliverableError

GONE = (
    "message to edit not found", "message can't be edited", "message_id_invalid",
    "there is no text in the message to edit",  # it is a file with its caption: the answer comes below it
)  # fmt: skip
NO_CHAT = (
    "chat not found", "peer_id_invalid", "bot was kicked", "group chat was deactivated", "chat_write_forbidden",
    "not enough rights to send text messages", "have no rights to send a message",
)  # fmt: skip
NO_TOPIC = ("message thread not found", "topic_closed", "topic_deleted", "topic_id_invalid")


class TopicGoneError(UndeliverableError):
    """The topic was deleted or closed; the chat is there."""


@contextlib.contextmanager
def in_our_words() -> Generator[None]:
    """Raise RetryLaterError, UndeliverableError or MessageGoneError. An edit that changes nothing is a success.

    A token refused is for later: nothing that waits may be set aside because a host changes it.
    """
    try:
        yield
    except RetryAfter as trouble:
        raise RetryLaterError("too many requests", after_seconds=patience_seconds(trouble)) from None
    except ChatMigrated as trouble:
        raise UndeliverableError("the group has a new id", moved_to=str(trouble.new_chat_id)) from None
    except Forbidden as trouble:
        raise UndeliverableError(str(trouble), unreachable=True) from None
    except BadRequest as trouble:
        _bad_request(str(trouble).lower())
    except InvalidToken:
        raise RetryLaterError("the token is refused") from None
    except TelegramError as trouble:
        raise RetryLaterError(type(trouble).__name__) from None


def patience_seconds(trouble: RetryAfter) -> float:
    """Tell how long Telegram asks to wait."""
    after = trouble.retry_after
    return float(after if isinstance(after, int | float) else after.total_seconds())


def _bad_request(said: str) -> None:
    if "message is not modified" in said:
        return
    if any(words in said for words in GONE):
        raise MessageGoneError(said) from None
    if any(words in said for words in NO_TOPIC):
        raise TopicGoneError(said) from None
    raise UndeliverableError(said, unreachable=any(words in said for words in NO_CHAT)) from None

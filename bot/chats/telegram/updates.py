"""Telegram's updates in our words; what concerns nobody here is left out."""

from __future__ import annotations

from telegram import Chat, Message, PreCheckoutQuery, SuccessfulPayment, Update

from bot.chat import Address, FileRef, Incoming, Paying, Place

PLATFORM = "telegram"
WANTED = ["message", "callback_query", "my_chat_member", "pre_checkout_query"]
GONE = {"kicked", "left"}
NAME_LETTERS = 200


def incoming(update: Update, bot_id: str, username: str) -> Incoming | None:
    """Turn an update into ours; None for one that concerns nobody here."""
    if update.callback_query is not None:
        return _tapped(update, bot_id)
    if update.pre_checkout_query is not None:
        return _about_to_pay(update, update.pre_checkout_query, bot_id)
    if update.my_chat_member is not None:
        return _membership(update, bot_id)
    if update.message is not None:
        return _said(update, update.message, bot_id, username)
    return None


def _said(update: Update, message: Message, bot_id: str, username: str) -> Incoming | None:
    place = _place(message)
    sender = message.from_user
    moved = _moved(message)
    if moved is not None:
        address = Address(PLATFORM, str(sender.id) if sender else "0")
        old, new = moved
        return Incoming(bot=bot_id, key=str(update.update_id), address=address, place=old, moved_to=new)
    if sender is None or sender.is_bot or (message.sender_chat is not None and message.sender_chat.id != sender.id):
        return None
    if message.successful_payment is not None:
        return _paid(update, message, message.successful_payment, bot_id)
    text = _for_us(message.text or message.caption or "", username)
    file = _file(message)
    odd = message.effective_attachment is not None and place.private  # a sticker, a place: it deserves an answer
    if text is None or not (text or file or odd):
        return None
    return Incoming(
        bot=bot_id, key=str(update.update_id), address=Address(PLATFORM, str(sender.id)), place=place, text=text,
        file=file, language=sender.language_code or "", name=sender.full_name, message=str(message.message_id),
    )  # fmt: skip


def _about_to_pay(update: Update, query: PreCheckoutQuery, bot_id: str) -> Incoming:
    """Somebody is about to pay an invoice, and Telegram waits for a yes or a no."""
    payer = query.from_user
    return Incoming(
        bot=bot_id, key=str(update.update_id), address=Address(PLATFORM, str(payer.id)),
        place=Place(PLATFORM, str(payer.id)), language=payer.language_code or "",
        paying=Paying(query.invoice_payload, query.total_amount, query.currency, asks=True),
    )  # fmt: skip


def _paid(update: Update, message: Message, paid: SuccessfulPayment, bot_id: str) -> Incoming | None:
    """An invoice is paid: the money's name is the provider's, by which it is found on its site."""
    sender = message.from_user
    if sender is None:
        return None
    name = paid.provider_payment_charge_id or paid.telegram_payment_charge_id
    return Incoming(
        bot=bot_id, key=str(update.update_id), address=Address(PLATFORM, str(sender.id)), place=_place(message),
        language=sender.language_code or "",
        paying=Paying(paid.invoice_payload, paid.total_amount, paid.currency, payment=name),
    )  # fmt: skip


def _moved(message: Message) -> tuple[Place, str] | None:
    """Find where a group has moved from and to: both ends say so, and the first to arrive is enough."""
    if message.migrate_to_chat_id is not None:
        return _place(message), str(message.migrate_to_chat_id)
    if message.migrate_from_chat_id is not None:
        return Place(PLATFORM, str(message.migrate_from_chat_id), private=False), str(message.chat.id)
    return None


def _tapped(update: Update, bot_id: str) -> Incoming | None:
    query = update.callback_query
    assert query is not None
    if query.message is None or not query.data:
        return None
    chat = query.message.chat
    topic = ""
    if isinstance(query.message, Message) and query.message.is_topic_message:
        topic = str(query.message.message_thread_id or "")
    place = Place(PLATFORM, str(chat.id), topic, private=chat.type == Chat.PRIVATE)
    return Incoming(
        bot=bot_id, key=str(update.update_id), address=Address(PLATFORM, str(query.from_user.id)), place=place,
        tapped=query.data, message=str(query.message.message_id), language=query.from_user.language_code or "",
        name=query.from_user.full_name,
    )  # fmt: skip


def _membership(update: Update, bot_id: str) -> Incoming | None:
    """The bot was blocked or thrown out; being let in again is noticed when somebody speaks."""
    changed = update.my_chat_member
    assert changed is not None
    if changed.new_chat_member.status not in GONE:
        return None
    place = Place(PLATFORM, str(changed.chat.id), private=changed.chat.type == Chat.PRIVATE)
    address = Address(PLATFORM, str(changed.from_user.id))
    return Incoming(bot=bot_id, key=str(update.update_id), address=address, place=place, gone=True)


def _place(message: Message) -> Place:
    topic = str(message.message_thread_id) if message.is_topic_message and message.message_thread_id else ""
    return Place(PLATFORM, str(message.chat.id), topic, private=message.chat.type == Chat.PRIVATE)


def _for_us(text: str, username: str) -> str | None:
    """Cut our name off a command (« /solde@OurBot »); None for a command meant for another bot."""
    if not text.startswith("/"):
        return text
    word, space, rest = text.partition(" ")
    command, at, name = word.partition("@")
    if at and name.lower() != username.lower():
        return None
    return command + space + rest


def _file(message: Message) -> FileRef | None:
    found = message.document
    if found is not None:
        return FileRef(
            found.file_id, (found.file_name or "fichier")[:NAME_LETTERS], found.file_size or 0, found.mime_type or ""
        )
    if message.photo:
        largest = message.photo[-1]
        return FileRef(largest.file_id, "photo.jpg", largest.file_size or 0, "image/jpeg")
    return None

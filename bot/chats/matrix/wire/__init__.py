"""The wire to a homeserver: what arrives, what is sent, enciphered where the room is. The client library stays in here.

``Wire`` sends; ``Listener`` brings batches of events; ``Kept`` says where it has got to. What is sent is known by a token of
its sender's, so that a send tried again is one message.
"""

from __future__ import annotations

from bot.chats.matrix.wire.calls import SessionRefusedError
from bot.chats.matrix.wire.events import Batch, Departure, Event, Invitation, Member, RoomInfo
from bot.chats.matrix.wire.listener import Listener
from bot.chats.matrix.wire.progress import Kept
from bot.chats.matrix.wire.session import Account, FolderInUseError
from bot.chats.matrix.wire.wire import Wire

__all__ = [
    "Account", "Batch", "Departure", "Event", "FolderInUseError", "Invitation", "Kept", "Listener", "Member", "RoomInfo",
    "SessionRefusedError", "Wire",
]  # fmt: skip

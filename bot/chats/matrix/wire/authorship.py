"""Who has written what is enciphered: a device of the one it is said to be of, or nobody who is listened to."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from nio import MegolmEvent
from nio.crypto import Olm

ALGORITHM = "m.megolm.v1.aes-sha2"


def enciphered(olm: Olm, raw: Mapping[str, Any], room: str) -> Any:
    """Make the library's event; None of what is none. It wants to be told by which device, which newer clients leave out."""
    content, sender = raw.get("content"), str(raw.get("sender"))
    if not isinstance(content, Mapping) or content.get("algorithm") != ALGORITHM:
        return None
    session = str(content.get("session_id"))
    holders = {key for key, known in olm.inbound_group_store[room].items() if session in known}
    theirs = next((device for device in olm.device_store[sender].values() if device.curve25519 in holders), None)
    told = {
        "device_id": theirs.id if theirs is not None else "",
        "sender_key": theirs.curve25519 if theirs is not None else next(iter(holders), ""),
    }
    event = MegolmEvent.from_dict({**raw, "room_id": room, "content": told | dict(content)})
    return event if isinstance(event, MegolmEvent) else None


def holds(olm: Olm, event: Any, room: str) -> bool:
    """Tell whether the key of an event was given to us by a device of who is said to have written it.

    Else somebody else's words would be heard as theirs, or theirs, said again by somebody else, as another's.
    """
    session = olm.inbound_group_store.get(room, event.sender_key, event.session_id)
    if session is None:
        return True  # there is nothing to read it with
    devices = olm.device_store[event.sender].values()
    return (event.sender_key, session.ed25519) in {(device.curve25519, device.ed25519) for device in devices}

"""What an invitation says, whatever another homeserver has written into it."""

from __future__ import annotations

from typing import Any

from bot.chats.matrix.wire.events import Invitation
from bot.chats.matrix.wire.intake import _invitation


def test_an_invitation_of_any_shape_is_read_for_what_it_is() -> None:
    def read(*events: Any) -> Invitation:
        return _invitation("!r", {"invite_state": {"events": list(events)}}, "@bot:x")

    ours = {
        "type": "m.room.member", "state_key": "@bot:x", "sender": "@lea:x",
        "content": {"membership": "invite", "is_direct": True},
    }  # fmt: skip
    cipher = {"type": "m.room.encryption", "state_key": "", "content": {}}
    name = {"type": "m.room.name", "state_key": "", "content": {"name": "Chez Léa"}}
    assert read(cipher, name, ours) == Invitation("!r", "@lea:x", direct=True, encrypted=True, name="Chez Léa")
    shapes: list[Any] = [
        None,
        7,
        "x",
        [],
        {},
        {"content": 7},
        name | {"content": {"name": 7}},
        ours | {"content": None},
    ]
    for odd in shapes:
        assert read(odd) == Invitation("!r", "")
    assert _invitation("!r", {}, "@bot:x") == Invitation("!r", "")

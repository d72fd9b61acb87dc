"""Where the sync has got to, in the database of the updates, on both kinds (B46)."""

from __future__ import annotations

from bot.chats.matrix.wire.late import Late
from bot.chats.matrix.wire.progress import Kept
from bot.ledger.store import Store


async def test_what_is_kept_is_there_after_a_restart_and_each_bot_has_its_own(store: Store) -> None:
    ours, theirs = Kept(store, "@ardoise:x"), Kept(store, "@other:x")
    assert (await ours.since(), await ours.late()) == ("", [])
    second, first = (Late(f"${name}", "!r", {"content": {"é": [1]}}, seen_ms) for name, seen_ms in (("b", 2), ("a", 1)))
    await ours.keep("s1", [second, first], [])
    await ours.keep("s2", [first], [])
    await theirs.keep("t1", [], ["$a"])
    assert (await Kept(store, "@ardoise:x").since(), await theirs.since()) == ("s2", "t1")
    assert await ours.late() == [first, second]
    await ours.keep("s3", [], ["$a", "$b"])
    assert (await ours.since(), await ours.late(), await theirs.late()) == ("s3", [], [])

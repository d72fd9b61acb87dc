"""The real process and the homeserver, killed in the middle of a burst on Matrix: nothing lost, nothing twice (B46, B47)."""

from __future__ import annotations

import asyncio
import random
import signal
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

from sqlalchemy import Connection

from bot import outbox
from bot.cards import PENDING
from bot.chat import Place
from bot.groups.people import Right
from bot.ledger import journal
from bot.ledger.facts import Method, PaymentDeclared
from bot.ledger.money import Cents
from bot.ledger.store import Store
from tests.matrix_burst import settled, survives
from tests.matrix_house import MatrixHouse
from tests.neighbourhood import program
from tests.synapse import PASSWORD, Synapse
from tests.test_matrix_handshake import coordinators_room


async def test_killed_in_a_burst_each_message_has_one_answer_in_order(synapse: Synapse, tmp_path: Path) -> None:
    async with settled(synapse, tmp_path, people=2, messages=25) as burst:
        await survives(burst, kills=3, restarts=1, chance=random.Random())


async def test_a_card_that_changes_after_a_kill_in_its_sending_is_shown_once(synapse: Synapse, tmp_path: Path) -> None:
    """B20, B47: killed when the homeserver had the card and nobody had noted it; then another payment is declared."""
    store = Store.open(f"sqlite:///{tmp_path / 'ardoise.db'}", create=True)
    house = MatrixHouse(synapse, store, tmp_path, None)
    house.start()
    try:
        camille = await house.moves_in("Camille", right=Right.TREASURY)
        house.adds("Léa", -2450, Right.MEMBER, "matrix", "@lea:localhost")
        room = await coordinators_room(house, camille)
        await house.end()
        there = Place("matrix", room, private=False)
        store.write(
            lambda c: outbox.show_card(c, group=house.group, name=PENDING, place=there, language="fr")
        ).result()  # fmt: skip
        store.write(lambda connection: declared(connection, house.group, "a")).result()
        store.close()
        matrix = f'homeserver = "{synapse.url}"\nuser_id = "{house.bot.user}"\npassword = "{PASSWORD}"\n'
        (tmp_path / "config.toml").write_text(f"[matrix]\n{matrix}")
        assert await dies_of_a_card(tmp_path / "config.toml") == -signal.SIGKILL
        store = Store.open(f"sqlite:///{tmp_path / 'ardoise.db'}")
        store.write(lambda connection: declared(connection, house.group, "b")).result()
        store.close()
        async with program(tmp_path) as process:
            await camille.reads("À valider · 1 sur 2", room)
            process.send_signal(signal.SIGTERM)
            await process.communicate()
        await camille.friend.look()
        cards = [seen.body.partition("\n")[0] for seen in camille.screen(room) if seen.body.startswith("À valider")]
        assert cards == ["À valider · 1 sur 2"]
    finally:
        await house.close()


def declared(connection: Connection, group: int, key: str) -> None:
    """Have Léa declare a cheque, and the card brought back to the bottom, as her conversation would."""
    fact, now = PaymentDeclared(2, Cents(1000), Method.CHEQUE), datetime.now(UTC)
    journal.record(connection, group=group, fact=fact, author=2, at=now, key=key)
    outbox.redraw_card(connection, group=group, name=PENDING)
    outbox.bring_card_back(connection, group=group, name=PENDING, now=now + timedelta(hours=1))


async def dies_of_a_card(config: Path) -> int | None:
    """Run the program with the planned fault; give how it ended."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "tests.matrix_fault", str(config), cwd=Path(__file__).parent.parent,
        stdout=asyncio.subprocess.DEVNULL, stderr=asyncio.subprocess.DEVNULL,
    )  # fmt: skip
    try:
        async with asyncio.timeout(60):
            return await process.wait()
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()

"""How fast a long statement is read and previewed, against the csv module alone over the same bytes in the same run.

``python -m tests.benchmarks.bench_statement``. A turn is what the writer's thread does: the file is read before it, once.
"""

from __future__ import annotations

import asyncio
import csv
import io
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from statistics import median

from sqlalchemy import update

from bot.banking import statement
from bot.banking.reference import reference
from bot.chat import FileRef, Incoming, Receipt
from bot.delivery import Delivery
from bot.groups.registry import add_member
from bot.groups.tables import BuyingGroup
from bot.ledger.facts import Method, PaymentDeclared
from bot.ledger.money import Cents
from bot.ledger.store import Store
from tests.fake_chat import FakeChat
from tests.transcripts import Scene

LINES = 3_000
MEMBERS = 200
DECLARED = 150
LIMIT_MS = 1_000.0
DELAY_MS = 150.0
"""How much longer another member may wait for an answer while a statement is read: less than anybody notices in a chat."""
PAUSE_SECONDS = 0.005
"""Between two questions of the same person: without it they may come faster than answers are delivered, without end."""
IBAN = "FR7630006000011234567890189"


def main() -> None:
    """Print what reading and previewing cost, and how long others wait meanwhile, in milliseconds."""
    content = made()
    plain = timed(lambda: list(csv.reader(io.StringIO(content.decode()), delimiter=";")))
    read = timed(lambda: statement._read(content))
    with tempfile.TemporaryDirectory() as folder:
        store = Store.open(f"sqlite:///{Path(folder) / 'bench.db'}", create=True)
        scene = ready(store)
        alone, meanwhile, steps = asyncio.run(measured(scene, content))
        store.close()
    print(f"{LINES} lines, {len(content) // 1000} kB, {MEMBERS} members, {DECLARED} declared")
    print(f"csv module alone {plain:8.1f} ms")
    print(f"read             {read:8.1f} ms   ({read / plain:.1f} times)")
    print("   ".join(f"{name} {taken:.1f} ms" for name, taken in steps.items()))
    for name, waits in (("alone", alone), ("meanwhile", meanwhile)):
        print(
            f"other members' turns {name:9} median {median(waits):6.1f} ms   longest {max(waits):6.1f} ms   ({len(waits)})"
        )
    print(f"under {LIMIT_MS:g} ms: {'yes' if steps['previewed'] < LIMIT_MS else 'NO'}")
    print(f"nobody waits {DELAY_MS:g} ms longer: {'yes' if max(meanwhile) - max(alone) < DELAY_MS else 'NO'}")


async def measured(scene: Scene, content: bytes) -> tuple[list[float], list[float], dict[str, float]]:
    """Have Camille send the statement and look at two lines, and Léa ask for her balance all the while."""
    desk, chat = scene.desk(), FakeChat()
    chat.files["releve.csv"] = content

    async def receive(incoming: Incoming) -> Receipt:
        return await asyncio.wrap_future(desk.receive(incoming))

    async def ask_until(stop: asyncio.Event, most: int = 10**6) -> list[float]:
        waits: list[float] = []
        while not stop.is_set() and len(waits) < most:
            began = time.perf_counter()
            await receive(scene.incoming("lea", text="solde"))
            waits.append((time.perf_counter() - began) * 1000)
            await asyncio.sleep(PAUSE_SECONDS)
        return waits

    delivery = Delivery(scene.store, {"demo": chat}, receive, lambda: scene.now)
    alone, stop, steps = await ask_until(asyncio.Event(), 50), asyncio.Event(), dict[str, float]()
    asking = asyncio.ensure_future(ask_until(stop))
    for name, incoming in (
        ("previewed", scene.incoming("camille", file=FileRef("releve.csv", "releve.csv", len(content)))),
        ("line by line", scene.incoming("camille", text="Ligne par ligne")),
        ("next line", scene.incoming("camille", text="Laisser")),
    ):
        began = time.perf_counter()
        await receive(incoming)
        await delivery.settle()
        steps[name] = (time.perf_counter() - began) * 1000
    stop.set()
    shown = [text.replace("\u202f", "") for text in chat.texts("camille")]
    assert f"{LINES} sommes reçues" in shown[0], shown
    assert shown[-1].startswith("2 sur 40"), shown
    return alone, await asking, steps


def timed(what: Callable[[], object]) -> float:
    """Time something, in milliseconds."""
    began = time.perf_counter()
    what()
    return (time.perf_counter() - began) * 1000


def made() -> bytes:
    """Make a statement: a third with references, a third with names, a third of strangers."""
    rows = [f"Compte n° {IBAN}", "Date;Libellé;Montant"]
    for rank in range(LINES):
        member = rank % MEMBERS + 1
        kinds = (f"VIR INST {reference(member)}", f"VIREMENT DE MEMBRE NUMERO {member}", f"VIR INCONNU {rank}")
        rows.append(f"{rank % 23 + 1:02d}/11/2026;{kinds[rank % 3]};{10 + rank % 40},{rank % 100:02d}")
    return "\n".join([*rows, ""]).encode()


def ready(store: Store) -> Scene:
    """Make a group with an account, many members, and payments that wait."""
    scene = Scene(store)
    people = scene.store.write(
        lambda connection: [
            add_member(connection, 1, f"Membre Numero {rank}", scene.now).number for rank in range(6, MEMBERS + 1)
        ]
    ).result()
    scene.change(update(BuyingGroup).values(iban=IBAN))
    for member in people[:DECLARED]:
        scene.record(PaymentDeclared(member, Cents(1000 + member), Method.TRANSFER))
    return scene


if __name__ == "__main__":
    main()

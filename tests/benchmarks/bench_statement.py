"""How fast a long statement is read and previewed, against the csv module alone over the same bytes in the same run.

``python -m tests.benchmarks.bench_statement``. A turn is what the writer's thread does: the file is read before it, once.
"""

from __future__ import annotations

import csv
import io
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from sqlalchemy import update

from bot.banking import statement
from bot.banking.reference import reference
from bot.groups.registry import add_member
from bot.groups.tables import BuyingGroup
from bot.ledger.facts import Method, PaymentDeclared
from bot.ledger.money import Cents
from bot.ledger.store import Store
from tests.transcripts import Scene

LINES = 3_000
MEMBERS = 200
DECLARED = 150
LIMIT_MS = 1_000.0
IBAN = "FR7630006000011234567890189"


def main() -> None:
    """Print what reading and previewing cost, in milliseconds."""
    content = made()
    plain = timed(lambda: list(csv.reader(io.StringIO(content.decode()), delimiter=";")))
    read = timed(lambda: statement._read(content))
    with tempfile.TemporaryDirectory() as folder:
        store = Store.open(f"sqlite:///{Path(folder) / 'bench.db'}", create=True)
        scene = ready(store)
        shown = timed(lambda: scene.sends("camille", "releve.csv", content))
        assert f"{LINES} sommes reçues" in scene.said("camille").replace("\u202f", "")
        again = timed(lambda: scene.taps("camille", "Ligne par ligne"))
        another = timed(lambda: scene.says("lea", "solde"))
        store.close()
    print(f"{LINES} lines, {len(content) // 1000} kB, {MEMBERS} members, {DECLARED} declared")
    print(f"csv module alone {plain:8.1f} ms")
    print(f"read             {read:8.1f} ms   ({read / plain:.1f} times)")
    print(
        f"sent, read and previewed {shown:8.1f} ms   a turn of the same conversation {again:8.1f} ms   another member's turn {another:8.1f} ms"
    )
    print(f"under {LIMIT_MS:g} ms: {'yes' if shown < LIMIT_MS else 'NO'}")


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

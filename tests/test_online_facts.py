"""The facts of online payments: kept as they are for ever, counted once on both databases, each check shown by its damage (B25, B28)."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import Connection, Executable, insert, update
from sqlalchemy.exc import IntegrityError

from bot.errands import Errand
from bot.ledger import journal
from bot.ledger.audit import CHECKS, audit
from bot.ledger.facts import Fact, FactReversed, Method, PaymentReceived, PaymentRefunded, decode, kinds
from bot.ledger.money import Cents
from bot.ledger.postings import postings
from bot.ledger.store import Store
from bot.online import apply as online_apply
from bot.online import audit as online_audit
from bot.online.apply import OnlineCountedError, OnlineShortError
from bot.online.asking import ask_about, ask_due
from bot.online.attributing import GivenBackError, OnlineStandsError
from bot.online.back_facts import OnlineRefundSeen, OnlineRestored, OnlineTakenBack
from bot.online.facts import (
    OnlineAsked,
    OnlineConfirmed,
    OnlineFeeKnown,
    OnlineGivenBack,
    OnlinePaidOut,
    OnlineRefundAsked,
    OnlineRefundRefused,
    OnlineStray,
    OnlineUnattributed,
)
from bot.online.giving_back import NoMoreToReturnError, RefundOverError
from bot.online.reading import payment
from bot.online.returning import GoneBackError
from bot.online.tables import CHECKOUT, ONLINE_PAYMENT, ONLINE_REFUND
from bot.online.watching import look_at, look_due
from tests.bookkeeping import ANNE, NOW, Bookkeeper

BANK, ONLINE, FEES, WRITE_OFF = -3, -5, -8, -9
GOLDEN: list[tuple[str, str, list[tuple[int, int, int]]]] = [
    (
        "OnlineAsked",
        '{"amount":2450,"distribution":12,"member":1,"owed":2450,"provider":"stripe","reference":"1-abc"}',
        [],
    ),
    (
        "OnlineConfirmed",
        '{"amount":2450,"external":"pi_1","fee":62,"member":1,"payment":0,"provider":"stripe","reference":"1-abc"}',
        [(ONLINE, FEES, 62)],
    ),
    (
        "OnlineConfirmed",
        '{"amount":2450,"external":"12","fee":null,"member":1,"payment":0,"provider":"helloasso","reference":""}',
        [],
    ),
    ("OnlineFeeKnown", '{"external":"pi_1","fee":62,"provider":"stripe"}', [(ONLINE, FEES, 62)]),
    (
        "OnlineRefundAsked",
        '{"amount":550,"by_hand":false,"external":"pi_1","member":1,"provider":"stripe","reference":"1-r-abc"}',
        [],
    ),
    (
        "OnlineGivenBack",
        '{"amount":550,"asked_by":4,"external":"pi_1","member":1,"provider":"stripe","reference":"1-r-abc","refund":"re_1"}',
        [],
    ),
    ("OnlineRefundRefused", '{"amount":550,"member":1,"reference":"1-r-abc","why":"funds"}', []),
    (
        "OnlineTakenBack",
        '{"amount":2450,"charged":true,"external":"pi_1","fee":2000,"member":1,"provider":"stripe","reason":"dispute","refund":"du_1"}',
        [(1, ONLINE, -2450), (ONLINE, FEES, 2000)],
    ),
    (
        "OnlineTakenBack",
        '{"amount":2450,"charged":false,"external":"7","fee":0,"member":1,"provider":"helloasso","reason":"refund","refund":"refunded-7"}',
        [(ONLINE, WRITE_OFF, 2450)],
    ),
    (
        "OnlineRestored",
        '{"amount":2450,"charged":true,"external":"pi_1","fee":-2000,"member":1,"provider":"stripe","reference":"stripe:du_1","refund":"du_1"}',
        [(1, ONLINE, 2450), (ONLINE, FEES, -2000)],
    ),
    (
        "OnlineRestored",
        '{"amount":2450,"charged":false,"external":"pi_1","fee":0,"member":1,"provider":"stripe","reference":"stripe:du_1","refund":"du_1"}',
        [(ONLINE, WRITE_OFF, -2450)],
    ),
    (
        "OnlineRefundSeen",
        '{"amount":550,"external":"pi_1","member":1,"provider":"stripe","reference":"1-r-abc","refund":"re_1"}',
        [],
    ),
    (
        "OnlineDisputeFeeKnown",
        '{"before":2000,"external":"pi_1","fee":4000,"member":1,"provider":"stripe","refund":"du_1"}',
        [(ONLINE, FEES, 2000)],
    ),
    (
        "OnlineDisputeFeeKnown",
        '{"before":0,"external":"pi_1","fee":1500,"member":1,"provider":"stripe","refund":"du_1"}',
        [(ONLINE, FEES, 1500)],
    ),
    (
        "OnlineUnattributed",
        '{"amount":1500,"external":"pi_9","fee":47,"member":1,"payment":12,"provider":"stripe","stray":9}',
        [(ONLINE, FEES, -47)],
    ),
    ("OnlinePaidOut", '{"amount":2388}', [(ONLINE, BANK, 2388)]),
    ("OnlineStray", '{"cents":1500,"external":"pi_9","member":0,"provider":"stripe"}', []),
    ("OnlineStray", '{"cents":1500,"external":"pi_9","member":3,"provider":"stripe"}', []),
]


@pytest.mark.parametrize(("kind", "kept", "expected"), GOLDEN)
def test_what_was_kept_once_still_means_the_same(kind: str, kept: str, expected: list[tuple[int, int, int]]) -> None:
    fact = decode(kind, json.loads(kept), 1)
    assert [(int(p.account), int(p.contra), p.amount) for p in postings(fact)] == expected
    assert json.dumps(fact.kept(), separators=(",", ":"), sort_keys=True) == kept


def test_every_kind_has_its_example() -> None:
    ours = {name for name, kind in kinds().items() if kind.__module__.startswith("bot.online.")}
    assert {kind for kind, _kept, _expected in GOLDEN} == ours


@pytest.mark.parametrize("fee", [Cents(-1), 0.5, True])
def test_a_fee_is_whole_cents(fee: Cents) -> None:
    with pytest.raises(ValueError, match="a fee is whole cents"):
        postings(OnlineFeeKnown("stripe", "pi_1", fee))
    with pytest.raises(ValueError, match="a fee is whole cents"):
        postings(replace(TAKEN, fee=fee))


def test_money_that_goes_back_is_more_than_none() -> None:
    with pytest.raises(ValueError, match="above zero"):
        postings(replace(TAKEN, amount=Cents(-1)))


@pytest.fixture
def keeper(store: Store) -> Bookkeeper:
    """Keep books on both databases."""
    return Bookkeeper(store)


@pytest.fixture
def damaged(unaudited_store: Store) -> Bookkeeper:
    """Keep books that a test damages."""
    return Bookkeeper(unaudited_store)


def together(keeper: Bookkeeper, *facts: Fact, applied: bool = True) -> int:
    """Record facts in one transaction, as the desk does; give the number of the last."""

    def job(connection: Connection) -> int:
        number = 0
        for fact in facts:
            key = f"together:{next(keeper._counter)}"
            recorded = journal.record(connection, group=1, fact=fact, author=ANNE, at=NOW, key=key)
            if applied:
                online_apply.apply(connection, recorded)
            number = recorded.number
        return number

    return keeper.store.write(job).result()


def received(external: str = "pi_1", fee: Cents | None = None, reference: str = "") -> tuple[Fact, Fact]:
    amount = Cents(2450)
    return (
        PaymentReceived(1, amount, Method.ONLINE),
        OnlineConfirmed(1, amount, "stripe", external, fee, reference),
    )


ASKED = OnlineAsked(1, Cents(2450), "1-abc", "stripe", platform="demo", chat="lea")
REFUND = OnlineRefundAsked(1, Cents(1000), "1-r-abc", "stripe", "pi_1")
GIVEN = OnlineGivenBack(1, Cents(1000), "1-r-abc", "stripe", "pi_1", "re_1", 4)


def test_the_providers_name_counts_once(keeper: Bookkeeper) -> None:
    """B25: under the lock, and by constraint."""
    together(keeper, *received())
    with pytest.raises(OnlineCountedError):
        together(keeper, *received())
    with keeper.store.read() as connection:
        known = payment(connection, "stripe", "pi_1")
    assert known is not None
    twice = {name: getattr(known, name) for name in ("provider", "external", "member", "cents", "at")}
    row = {**twice, "group_id": 1, "reference": "", "payment": known.payment, "fact": known.payment + 1}
    with pytest.raises(IntegrityError):
        keeper.store.write(lambda connection: connection.execute(insert(ONLINE_PAYMENT), row)).result()


def test_a_confirmation_without_its_payment_is_a_bug(keeper: Bookkeeper) -> None:
    with pytest.raises(AssertionError, match="just received"):
        together(keeper, PaymentReceived(1, Cents(2450), Method.CASH), received()[1])


def test_of_a_refund_no_more_goes_back_and_it_ends_once(keeper: Bookkeeper) -> None:
    together(keeper, *received())
    together(keeper, REFUND)
    with pytest.raises(NoMoreToReturnError):
        together(keeper, OnlineRefundAsked(1, Cents(1451), "1-r-2", "stripe", "pi_1"))
    with pytest.raises(NoMoreToReturnError):
        together(keeper, OnlineRefundAsked(2, Cents(1), "1-r-3", "stripe", "pi_1"))
    together(keeper, PaymentRefunded(1, Cents(1000), Method.ONLINE), GIVEN)
    for again in ([PaymentRefunded(1, Cents(1000), Method.ONLINE), GIVEN], [_refused()]):
        with pytest.raises(RefundOverError):
            together(keeper, *again)
    with keeper.store.read() as connection:
        assert audit(connection) == []


TAKEN = OnlineTakenBack(1, Cents(2450), "stripe", "pi_1", "du_1", "dispute", Cents(2000))
RESTORED = OnlineRestored(1, Cents(2450), "stripe:du_1", "stripe", "pi_1", "du_1", Cents(-2000))


def test_what_a_bank_takes_back_counts_once_and_comes_again_once(keeper: Bookkeeper) -> None:
    """B25: each of the provider's names once while it stands; a dispute may open again once it was closed."""
    together(keeper, *received(fee=Cents(50)))
    for _again in range(2):
        together(keeper, TAKEN)
        assert (keeper.balance(1), keeper.balance(ONLINE)) == (-2450 + 2450, 2000 + 50)
        with pytest.raises(GoneBackError):
            together(keeper, TAKEN)
        together(keeper, RESTORED)
        assert (keeper.balance(1), keeper.balance(ONLINE), keeper.balance(FEES)) == (2450, -2400, -50)
        with pytest.raises(GoneBackError):
            together(keeper, RESTORED)


def test_a_bank_may_take_back_what_was_given_back(keeper: Bookkeeper) -> None:
    """It is as it is: the books say so, and nothing more can be given back of it."""
    together(keeper, *received())
    together(keeper, REFUND)
    together(keeper, PaymentRefunded(1, Cents(1000), Method.ONLINE), GIVEN)
    together(keeper, replace(TAKEN, fee=Cents(0)))
    assert keeper.balance(1) == -1000
    with pytest.raises(NoMoreToReturnError):
        together(keeper, OnlineRefundAsked(1, Cents(1), "1-r-2", "stripe", "pi_1"))


def test_of_what_came_again_something_can_be_given_back(keeper: Bookkeeper) -> None:
    together(keeper, *received())
    together(keeper, TAKEN)
    together(keeper, RESTORED)
    together(keeper, REFUND)
    with keeper.store.read() as connection:
        found = payment(connection, "stripe", "pi_1")
    assert found is not None
    assert found.left == 1450


def test_what_went_back_was_paid_by_its_member(keeper: Bookkeeper) -> None:
    together(keeper, *received())
    with pytest.raises(AssertionError, match="was paid by this member"):
        together(keeper, replace(TAKEN, member=2))


def test_what_somebody_noted_by_hand_is_seen_once(keeper: Bookkeeper) -> None:
    together(keeper, *received())
    together(keeper, replace(REFUND, by_hand=True))
    by_hand = replace(GIVEN, refund="main-1-r-abc")
    together(keeper, PaymentRefunded(1, Cents(1000), Method.ONLINE), by_hand)
    seen = OnlineRefundSeen(1, Cents(1000), "1-r-abc", "stripe", "pi_1", "re_1")
    together(keeper, seen)
    with pytest.raises(GoneBackError):
        together(keeper, seen)
    with pytest.raises(GoneBackError):
        together(keeper, replace(TAKEN, refund="re_1"))


STRAY = OnlineStray("stripe", "pi_1", Cents(2450))


def unattributes(keeper: Bookkeeper, payment: int, stray: int, fee: int = 0) -> None:
    """Take unknown money from whom it was attributed to."""
    undone = OnlineUnattributed(1, Cents(2450), "stripe", "pi_1", payment, stray, Cents(fee))
    together(keeper, undone, FactReversed(1, payment))


def test_unknown_money_is_attributed_anew_and_never_twice(keeper: Bookkeeper) -> None:
    """B45: with its fee, which is known later."""
    stray = together(keeper, STRAY)
    first = together(keeper, *received()) - 1
    together(keeper, OnlineFeeKnown("stripe", "pi_1", Cents(62)))
    with pytest.raises(OnlineStandsError):
        unattributes(keeper, first, stray, fee=61)
    unattributes(keeper, first, stray, fee=62)
    assert [keeper.balance(account) for account in (1, ONLINE, FEES)] == [0, 0, 0]
    with pytest.raises(OnlineStandsError):
        unattributes(keeper, first, stray)
    second = PaymentReceived(2, Cents(2450), Method.ONLINE), OnlineConfirmed(2, Cents(2450), "stripe", "pi_1")
    together(keeper, *second)
    assert [keeper.balance(account) for account in (1, 2)] == [0, 2450]
    with pytest.raises(OnlineCountedError):
        together(keeper, *second)


def test_money_of_a_link_or_given_back_is_not_unattributed(keeper: Bookkeeper) -> None:
    """B3."""
    number = together(keeper, *received()) - 1
    with pytest.raises(OnlineStandsError):
        unattributes(keeper, number, 0)
    stray = together(keeper, STRAY)
    together(keeper, REFUND)
    with pytest.raises(GivenBackError):
        unattributes(keeper, number, stray)


def test_what_is_to_be_looked_at_is_claimed_once(keeper: Bookkeeper) -> None:
    """An hour after it came, then every day: whoever moves the moment on has the work; after a year and more nobody."""
    together(keeper, *received())
    soon = NOW + timedelta(hours=1)
    assert not look_due(keeper.store, NOW)
    assert look_due(keeper.store, soon)
    assert not look_due(keeper.store, soon)
    assert not keeper.store.write(lambda connection: look_at(connection, soon)).result()
    assert look_due(keeper.store, NOW + timedelta(days=390))
    assert not look_due(keeper.store, NOW + timedelta(days=500))
    with keeper.store.read() as connection:
        kinds_asked = [row.kind for row in connection.execute(Errand.__table__.select())]  # type: ignore[attr-defined]
    assert kinds_asked == ["online:look", "online:look"]


def _refused() -> Fact:
    return OnlineRefundRefused(1, Cents(1000), "1-r-abc", "funds")


def test_what_the_provider_holds_is_not_reversed(keeper: Bookkeeper) -> None:
    number = together(keeper, *received())
    with pytest.raises(OnlineStandsError):
        together(keeper, FactReversed(1, number - 1))


def test_no_more_is_sent_on_than_providers_hold(keeper: Bookkeeper) -> None:
    """B2; a mistake is corrected as any other."""
    together(keeper, *received(fee=Cents(50)))
    with pytest.raises(OnlineShortError):
        together(keeper, OnlinePaidOut(Cents(2401)))
    number = together(keeper, OnlinePaidOut(Cents(2400)))
    assert keeper.balance(ONLINE) == 0
    together(keeper, FactReversed(0, number))
    assert keeper.balance(ONLINE) == -2400
    with pytest.raises(ValueError, match="more than none"):
        together(keeper, OnlinePaidOut(Cents(0)))


def test_what_is_due_is_asked_once_by_two_processes(keeper: Bookkeeper) -> None:
    """Whoever moves the moment on has the work."""
    together(keeper, ASKED)
    due = update(CHECKOUT).values(ask_at=NOW, expires_at=NOW + timedelta(hours=1), state="open")
    keeper.store.write(lambda connection: connection.execute(due)).result()
    assert ask_due(keeper.store, NOW)
    assert not ask_due(keeper.store, NOW)
    assert not keeper.store.write(lambda connection: ask_about(connection, NOW)).result()
    with keeper.store.read() as connection:
        kinds_asked = [row.kind for row in connection.execute(Errand.__table__.select())]  # type: ignore[attr-defined]
    assert kinds_asked == ["online:create", "online:ask"]


CONFIRMED = [ASKED, *received(fee=Cents(62), reference="1-abc")]
RETURNED = [REFUND, PaymentRefunded(1, Cents(1000), Method.ONLINE), GIVEN]


@pytest.mark.parametrize(
    ("damage", "found"),
    [
        (update(ONLINE_PAYMENT).values(fee=0), "chez les prestataires : 1450, dans les comptes : 1388"),
        (update(ONLINE_PAYMENT).values(member=2), "n'est pas dans les comptes"),
        (update(ONLINE_PAYMENT).values(reference="1-other"), "a changé ou disparu"),
        (update(ONLINE_PAYMENT).values(fact=1), "un paiement n'a pas son opération"),
        (update(CHECKOUT).values(state="expired"), "payé, ou non ?"),
        (update(ONLINE_REFUND).values(cents=2451), "est rendu plus d'une fois"),
        (update(ONLINE_REFUND).values(fee=1), "chez les prestataires : 1387, dans les comptes : 1388"),
        (update(ONLINE_REFUND).values(state="restored"), "n'est pas ce que le journal en dit"),
        (update(ONLINE_REFUND).values(refund="re_2"), "le remboursement 1-r-abc n'est pas ce que le journal en dit"),
    ],
    ids=["held", "payment", "said", "unsaid", "link", "too much", "cost", "came again", "refund"],
)
def test_each_check_is_shown_by_its_damage(damaged: Bookkeeper, damage: Executable, found: str) -> None:
    keeper = damaged
    together(keeper, *CONFIRMED)
    together(keeper, *RETURNED)
    assert _troubles(keeper) == []
    keeper.store.write(lambda connection: connection.execute(damage)).result()
    assert any(found in trouble for trouble in _troubles(keeper)), _troubles(keeper)


def test_two_facts_of_one_name_are_found(damaged: Bookkeeper) -> None:
    keeper = damaged
    together(keeper, *received())
    together(keeper, *received(), applied=False)
    assert any("sont le même paiement" in trouble for trouble in _troubles(keeper))


def test_all_checks_are_among_the_audits() -> None:
    ours = [check for check in CHECKS if check.__module__ == online_audit.__name__]
    assert len(ours) == 6


def _troubles(keeper: Bookkeeper) -> list[str]:
    with keeper.store.read() as connection:
        return [str(trouble) for trouble in audit(connection)]

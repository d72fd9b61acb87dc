"""Everything that can happen, once at least, in a group's year: played through the program's own doors, in order.

    Year(Scene(store)).play()      all kinds of facts there are, in the demo's group

Where a conversation would only add words, the fact is recorded as the desk records it: in the journal, every area following.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from sqlalchemy import select

from bot import announcing, areas, reminding
from bot.banking.facts import BankLineMatched
from bot.departures.facts import MemberReturned
from bot.groups.facts import MemberRenamed, RightGiven
from bot.groups.settings import changed
from bot.groups.written import ChequeDescribed
from bot.ledger.books import Books
from bot.ledger.facts import (
    CashBanked,
    CashCounted,
    ChequeBounced,
    ChequesDeposited,
    Fact,
    FactReversed,
    Method,
    OpeningBalanceEntered,
    PaymentDeclared,
    PaymentReceived,
    PaymentRefunded,
    PaymentRefused,
    PaymentValidated,
    PaymentWithdrawn,
)
from bot.ledger.money import Cents
from bot.ledger.settling import AccountReopened, BalanceWrittenOff, CreditGiven
from bot.ledger.tables import FACT
from bot.market.facts import (
    Change,
    Line,
    OrderAdjusted,
    OrderCancelled,
    OrderCredited,
    OrderPlaced,
    PaymentPlanned,
    PlanEnded,
    ProductsAdded,
    RemovalAsked,
    RemovalDecided,
    VisitEnded,
)
from bot.market.offer_facts import (
    DistributionCancelled,
    DistributionMoved,
    DistributionPlanned,
    DistributionValidated,
    FloatCounted,
    OfferChosen,
    PhotoChanged,
    PriceSet,
    ProductChanged,
    WindowMoved,
)
from bot.online.back_facts import OnlineDisputeFeeKnown, OnlineRefundSeen, OnlineRestored, OnlineTakenBack
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
from bot.online.reading import BY_HAND
from bot.reminders.facts import (
    ContactNoted,
    CreditRecalled,
    DebtHandedOver,
    QuestionAsked,
    RefundAsked,
    RefundDecided,
    RefundWithdrawn,
    ReminderPutOff,
    ReminderRuleChosen,
    RemindersChosen,
    RemindersPaused,
    ReminderTimesChosen,
)
from tests.market_stall import BREAD, CARROTS, CATALOGUE, CHICKEN, EGGS
from tests.transcripts import Scene

LEA, BRUNO, AWA, CAMILLE, SOFIANE = 1, 2, 3, 4, 5
THURSDAY, LATER, CALLED_OFF = 1, 2, 3
JPEG = b"\xff\xd8\xff\xe0" + b"." * 40


class Year:
    """One group's year; see the module's docstring."""

    def __init__(self, scene: Scene) -> None:
        self.scene = scene
        self._keys = itertools.count(1)

    def happens(self, fact: Fact, author: int | None = CAMILLE) -> int:
        """Record a fact as the desk does; give its number."""
        key, at = f"year:{next(self._keys)}", self.scene.now
        done = self.scene.store.write(
            lambda connection: areas.record(connection, group=1, fact=fact, author=author, at=at, key=key)
        )
        return done.result().number

    def tick(self, **span: float) -> None:
        """Let time pass, and the schedule look."""
        self.scene.later(**span)
        announcing.announce(self.scene.store, self.scene.now)
        reminding.remind(self.scene.store, self.scene.now)
        self.scene.delivery.deliver(self.scene.receive)

    def play(self) -> None:
        """Play it all."""
        for chapter in (self._settles_in, self._sells, self._pays, self._pays_online, self._reminds, self._parts):
            chapter()
            self.tick(hours=1)

    def _settles_in(self) -> None:
        scene = self.scene
        for setting, value, was in (
            ("methods", "cheque cash transfer online", "cheque cash transfer"),
            ("methods", "cheque cash transfer terminal online", "cheque cash transfer online"),
            ("payee", "Association du Canal", ""),
            ("prefix", "CANAL", ""),
            ("kitty_floor", -500, None),
        ):
            self.happens(changed(setting, value, was))
        self.happens(MemberRenamed(AWA, "Awa Diop"))
        self.happens(RightGiven(AWA, "pickup"))
        for said in ("/annonces non", "/lier", "/langue english"):
            scene.says("lea", said)
        code = re.search(r"code-\d+", " ".join(shown.message.text for shown in scene.shown))
        assert code
        scene.says("tablette", f"/start {code[0]}")
        scene.taps("lea", "It's me")
        scene.says("lea", "/appareils 2")
        scene.says("bruno", "/lier", "autre salon")
        shown = re.search(r"/lier (code-\d+)", scene.told("autre salon")[-1])
        assert shown
        scene.says("camille", f"/lier {shown[1]}")
        scene.taps("camille", "Oui")
        scene.says("camille", "/inviter Nadia")
        scene.taps("camille", "Oui")
        scene.says("camille", "/reprise Camille 10")
        scene.taps("camille", "Oui")
        scene.taps("sofiane", "D'accord", "salon")
        scene.says("camille", "/perdu Léa 1")
        scene.taps("camille", "Oui")

    def _sells(self) -> None:
        for product in CATALOGUE:
            self.happens(product)
        self.happens(PhotoChanged(BREAD, "Pain de campagne", len(JPEG), JPEG))
        eggs = CATALOGUE[1]
        assert isinstance(eggs, ProductChanged)
        self.happens(_dearer(eggs, Cents(310)))
        for number, place in ((THURSDAY, "Maison du quai"), (LATER, "Halle"), (CALLED_OFF, "Square")):
            self.happens(DistributionPlanned(number, *_moments(self.scene.now, days=2 + 7 * (number - 1)), place=place))
        self.happens(OfferChosen(LATER, (CARROTS, BREAD)))
        self.happens(PriceSet(THURSDAY, CARROTS, Cents(250)))
        self.happens(FloatCounted(THURSDAY, Cents(5000)))
        self.tick(minutes=1)
        self._orders()
        opens, closes = _moments(self.scene.now, days=9)[2:]
        self.happens(WindowMoved(LATER, opens, closes))
        self.happens(DistributionMoved(LATER, *_moments(self.scene.now, days=10), place="Halle"))
        self.happens(OrderPlaced(LEA, CALLED_OFF, (Line(EGGS, 1000, 1000, 310),)), LEA)
        self.happens(OrderCancelled(LEA, CALLED_OFF, Cents(310)))
        self.happens(DistributionCancelled(CALLED_OFF))
        self._hands_over()

    def _orders(self) -> None:
        lines = (Line(CARROTS, 1500, 1500, 250), Line(EGGS, 2000, 2000, 310), Line(CHICKEN, 1000, 900, 1400))
        self.happens(OrderPlaced(LEA, THURSDAY, lines), LEA)
        self.happens(OrderPlaced(BRUNO, THURSDAY, (Line(BREAD, 1000, 1000, 450),)), BRUNO)
        self.happens(ProductsAdded(LEA, THURSDAY, (Line(BREAD, 1000, 1000, 450),)), LEA)
        self.happens(PaymentPlanned(LEA, THURSDAY, Cents(2000), Method.CHEQUE), LEA)
        asked = self.happens(RemovalAsked(LEA, THURSDAY, 2, "trop d'œufs"), LEA)
        self.happens(OrderAdjusted(LEA, THURSDAY, (Change(2, EGGS, 2000, 310, 1000, 310),), restocked=True))
        self.happens(RemovalDecided(LEA, asked, granted=True))

    def _hands_over(self) -> None:
        self.tick(days=1, hours=2)
        self.tick(days=1)
        self.happens(OrderAdjusted(LEA, THURSDAY, (Change(3, CHICKEN, 900, 1400, 1150, 1400),)), AWA)
        plan = next(iter(self._numbers("PaymentPlanned")))
        self.happens(PaymentReceived(LEA, Cents(2000), Method.CHEQUE, "BNP 123"), AWA)
        self.happens(PlanEnded(LEA, plan, "received"), AWA)
        self.happens(VisitEnded(LEA, THURSDAY), AWA)
        self.tick(hours=3)
        self.happens(DistributionValidated(THURSDAY))
        self.happens(OrderCredited(LEA, THURSDAY, Cents(100), "abîmé"))

    def _pays(self) -> None:
        received = self._numbers("PaymentReceived")[0]
        self.happens(ChequeDescribed(LEA, received, "BNP 1234"))
        slip = self.happens(ChequesDeposited(((received, Cents(2000)),)))
        bounced = self.happens(ChequeBounced(LEA, received, Cents(2000), Cents(850), slip))
        self.happens(FactReversed(LEA, bounced))
        self.happens(ChequeBounced(LEA, received, Cents(2000), Cents(0), slip))
        first, second, third = (
            self.happens(PaymentDeclared(BRUNO, Cents(cents), Method.TRANSFER), BRUNO) for cents in (500, 600, 700)
        )
        self.happens(PaymentWithdrawn(BRUNO, first), BRUNO)
        self.happens(PaymentRefused(BRUNO, second, reason="rien reçu"))
        self.happens(PaymentValidated(BRUNO, third, Cents(700), Method.TRANSFER))
        self.happens(BankLineMatched("a" * 64, "2026-11-27", BRUNO, Cents(700), third))
        cash = self.happens(PaymentReceived(AWA, Cents(1200), Method.CASH))
        again = self.happens(PaymentReceived(AWA, Cents(300), Method.TRANSFER))
        self.happens(BankLineMatched("b" * 64, "2026-11-27", AWA, Cents(300)))
        self.happens(FactReversed(AWA, again))
        self.happens(FactReversed(AWA, cash))
        self.happens(PaymentReceived(AWA, Cents(1500), Method.CASH))
        self.happens(CashCounted(Cents(1500), Cents(1490), "une pièce"))
        self.happens(CashBanked(Cents(1000)))
        self.happens(PaymentRefunded(AWA, Cents(100), Method.CASH))

    def _pays_online(self) -> None:
        for reference in ("1-a", "1-b"):
            asked = OnlineAsked(BRUNO, Cents(2000), reference, "stripe", Cents(2000), 0, "demo", "bruno")
            self.happens(asked, BRUNO)
        for external, fee in (("pi_1", None), ("pi_2", Cents(40))):
            self.happens(PaymentReceived(BRUNO, Cents(2000), Method.ONLINE), None)
            reference = "1-b" if external == "pi_1" else ""
            self.happens(OnlineConfirmed(BRUNO, Cents(2000), "stripe", external, fee, reference), None)
        self.happens(OnlineFeeKnown("stripe", "pi_1", Cents(62)), None)
        for reference, cents in (("r-1", 500), ("r-2", 300)):
            self.happens(OnlineRefundAsked(BRUNO, Cents(cents), reference, "stripe", "pi_1"))
        self.happens(PaymentRefunded(BRUNO, Cents(500), Method.ONLINE), None)
        self.happens(OnlineGivenBack(BRUNO, Cents(500), "r-1", "stripe", "pi_1", "re_1", CAMILLE), None)
        self.happens(OnlineRefundRefused(BRUNO, Cents(300), "r-2", "funds"), None)
        stray = self.happens(OnlineStray("stripe", "pi_9", Cents(900)), None)
        wrong = self.happens(PaymentReceived(BRUNO, Cents(900), Method.ONLINE))
        self.happens(OnlineConfirmed(BRUNO, Cents(900), "stripe", "pi_9", Cents(30)))
        self.happens(OnlineUnattributed(BRUNO, Cents(900), "stripe", "pi_9", wrong, stray, Cents(30)))
        self.happens(FactReversed(BRUNO, wrong))
        self.happens(OnlineRefundAsked(BRUNO, Cents(100), "r-3", "stripe", "pi_1", by_hand=True))
        self.happens(PaymentRefunded(BRUNO, Cents(100), Method.ONLINE))
        self.happens(OnlineGivenBack(BRUNO, Cents(100), "r-3", "stripe", "pi_1", f"{BY_HAND}r-3", CAMILLE))
        self.happens(OnlineRefundSeen(BRUNO, Cents(100), "r-3", "stripe", "pi_1", "re_3"), None)
        back = OnlineTakenBack(BRUNO, Cents(2000), "stripe", "pi_2", "dp_1", "fraudulent", Cents(1500))
        self.happens(back, None)
        self.happens(OnlineDisputeFeeKnown(BRUNO, "stripe", "pi_2", "dp_1", Cents(3000), Cents(1500)), None)
        self.happens(OnlineRestored(BRUNO, Cents(2000), "stripe:dp_1", "stripe", "pi_2", "dp_1", Cents(-3000)), None)
        self.happens(OnlinePaidOut(Cents(1000)))

    def _reminds(self) -> None:
        self.happens(ReminderRuleChosen("threshold", 300))
        for rule, value in (("weekday", 3), ("hour", 10), ("every_days", 7)):
            self.happens(ReminderRuleChosen(rule, value))
        self._weeks(2)
        self.scene.taps("camille", "Envoyer", "salon")
        self.tick(days=1)
        self.happens(ReminderPutOff(LEA, (self.scene.now + timedelta(days=4)).date().isoformat()), LEA)
        self._weeks(5)
        self.happens(DebtHandedOver(LEA, Cents(2450)), None)
        self.happens(QuestionAsked(LEA, "et si je paie lundi ?"), LEA)
        self.happens(ReminderTimesChosen(LEA, 5, 10, 12), LEA)
        self.happens(RemindersPaused(BRUNO, (self.scene.now + timedelta(days=9)).date().isoformat()), BRUNO)
        self.happens(RemindersChosen(AWA, wanted=False), AWA)
        self.happens(CreditRecalled(BRUNO, Cents(700), 3, 1), None)
        self.happens(ContactNoted(BRUNO, "sa voisine"))
        first = self.happens(RefundAsked(BRUNO, Cents(400), Method.CASH, "merci"), BRUNO)
        self.happens(RefundWithdrawn(BRUNO, first), BRUNO)
        second = self.happens(RefundAsked(BRUNO, Cents(300), Method.CASH), BRUNO)
        self.happens(RefundDecided(BRUNO, second, granted=False, reason="la semaine prochaine"))
        self.happens(RefundAsked(BRUNO, Cents(200), Method.CASH), BRUNO)
        self.happens(PaymentRefunded(BRUNO, Cents(250), Method.CASH))
        self.happens(OpeningBalanceEntered(SOFIANE, Cents(-100)))
        self.happens(BalanceWrittenOff(SOFIANE, Cents(100), "des miettes"))

    def _weeks(self, count: int) -> None:
        for _third_of_a_day in range(21 * count):
            self.tick(hours=8)

    def _parts(self) -> None:
        scene = self.scene
        with scene.store.read() as connection:
            balance = Books(connection, 1, scene.now).balance(BRUNO)
        self.happens(CreditGiven(BRUNO, balance), BRUNO)
        scene.says("bruno", "/quitter")
        scene.taps("bruno", "Effacer")
        scene.taps("bruno", "Quitter")
        self.happens(AccountReopened(BRUNO))
        scene.says("camille", "/quitter Awa")
        scene.taps("camille", "Voir plus tard")
        scene.taps("camille", "Oui")
        self.happens(MemberReturned(AWA))

    def kinds(self) -> set[str]:
        """List the kinds of facts recorded so far."""
        return {kind for kind, _number in self._facts()}

    def _numbers(self, kind: str) -> list[int]:
        return [number for known, number in self._facts() if known == kind]

    def _facts(self) -> Iterator[tuple[str, int]]:
        with self.scene.store.read() as connection:
            rows = connection.execute(_FACTS).all()
        yield from ((row.kind, row.number) for row in rows)


_FACTS = select(FACT.c.kind, FACT.c.number).where(FACT.c.group_id == 1).order_by(FACT.c.number)


def _moments(now: datetime, *, days: int) -> tuple[str, str, str, str]:
    """Give the beginning and end of a distribution in some days, and of its orders, which are open already."""
    starts = datetime(now.year, now.month, now.day, 17, tzinfo=UTC) + timedelta(days=days)
    moments = (starts, starts + timedelta(hours=2), now - timedelta(hours=1), starts - timedelta(hours=22))
    return tuple(moment.isoformat() for moment in moments)  # type: ignore[return-value]  # four of them


def _dearer(product: ProductChanged, price: Cents) -> ProductChanged:
    """Make the fact that a product costs something else."""
    return replace(product, price=price, was=(("price", product.price),))

"""A payment announced before its method went, or before the group moved to the kitty, by every door; money given back by each (B16, B19, B26)."""

from __future__ import annotations

import pytest
from sqlalchemy import select, update

from bot.banking.reference import reference
from bot.groups.tables import BuyingGroup
from bot.ledger.audit import audit
from bot.ledger.books import Books
from bot.ledger.postings import GroupAccount
from bot.ledger.tables import PAYMENT
from tests.market_stall import set_up
from tests.transcripts import Scene

LEA, BRUNO, AWA = 1, 2, 3
WAYS = [("cheque cash", "cheque cash"), ("kitty", "cheque cash")]
IDS = ["transfers removed", "moved to the kitty"]


def moved(scene: Scene, methods: str, top_up: str) -> None:
    """Have the group take other methods than before."""
    scene.change(update(BuyingGroup).values(methods=methods, top_up_methods=top_up))
    scene.unheard()


def declared(scene: Scene) -> None:
    """Have Léa declare a transfer of what she owes."""
    scene.says("lea", "/payer 24,50 virement")
    scene.taps("lea", "Déclarer")


def balance(scene: Scene, member: int) -> int:
    """Read a balance; the books must be right."""
    with scene.store.read() as connection:
        assert audit(connection) == []
        return Books(connection, 1, scene.now).balance(member)


def held(scene: Scene, account: GroupAccount) -> int:
    with scene.store.read() as connection:
        return Books(connection, 1, scene.now).held(account)


def states(scene: Scene) -> list[str]:
    with scene.store.read() as connection:
        return list(connection.execute(select(PAYMENT.c.state).order_by(PAYMENT.c.number)).scalars())


@pytest.mark.parametrize(("methods", "top_up"), WAYS, ids=IDS)
class TestDeclaredBefore:
    """A transfer declared while the group took transfers."""

    def test_it_is_received_on_the_card(self, scene: Scene, methods: str, top_up: str) -> None:
        declared(scene)
        moved(scene, methods, top_up)
        scene.taps("camille", "Reçu", "salon")
        assert (balance(scene, LEA), states(scene)) == (0, ["validated"])

    def test_another_amount_of_it_is_received(self, scene: Scene, methods: str, top_up: str) -> None:
        declared(scene)
        moved(scene, methods, top_up)
        scene.taps("camille", "Autre montant", "salon")
        scene.says("camille", "20", "salon")
        assert (balance(scene, LEA), states(scene)) == (-450, ["validated"])

    def test_it_is_refused(self, scene: Scene, methods: str, top_up: str) -> None:
        declared(scene)
        moved(scene, methods, top_up)
        scene.taps("camille", "Refuser", "salon")
        scene.taps("camille", "Pas reçu", "salon")
        assert (balance(scene, LEA), states(scene)) == (-2450, ["refused"])

    def test_it_is_withdrawn(self, scene: Scene, methods: str, top_up: str) -> None:
        declared(scene)
        moved(scene, methods, top_up)
        scene.taps("lea", "Retirer")
        scene.says("lea", "oui")
        assert (balance(scene, LEA), states(scene)) == (-2450, ["withdrawn"])

    def test_it_is_found_at_the_till(self, scene: Scene, methods: str, top_up: str) -> None:
        declared(scene)
        moved(scene, methods, top_up)
        scene.says("camille", "/encaisser Léa 24,50 virement")
        scene.taps("camille", "Oui, c'est lui")
        assert (balance(scene, LEA), states(scene)) == (0, ["validated"])

    def test_it_is_found_in_a_statement(self, scene: Scene, methods: str, top_up: str) -> None:
        declared(scene)
        moved(scene, methods, top_up)
        content = f"Date;Libellé;Montant\n23/11/2026;{reference(LEA)};24,50\n".encode()
        scene.sends("camille", "releve", content)
        assert "Léa, déclaré" in scene.said("camille")
        scene.taps("camille", "Tout valider (1)")
        assert (balance(scene, LEA), states(scene)) == (0, ["validated"])

    def test_a_decision_about_it_is_undone(self, scene: Scene, methods: str, top_up: str) -> None:
        declared(scene)
        moved(scene, methods, top_up)
        scene.taps("camille", "Reçu", "salon")
        scene.taps("camille", "↩️ Corriger", "salon")
        scene.taps("camille", "Oui", "salon")
        assert (balance(scene, LEA), states(scene)) == (-2450, ["declared"])

    def test_no_other_is_declared_by_it(self, scene: Scene, methods: str, top_up: str) -> None:
        moved(scene, methods, top_up)
        scene.says("awa", "/payer 5")
        assert scene.said("awa") == "Par quel moyen ?"
        scene.says("awa", "virement")
        assert "Choisissez une des réponses proposées : Chèque, Liquide" in scene.said("awa")
        assert states(scene) == []


@pytest.mark.parametrize(("methods", "top_up"), WAYS, ids=IDS)
class TestPlannedBefore:
    """A transfer planned at checkout while the group took transfers."""

    @pytest.fixture(autouse=True)
    def ordered(self, scene: Scene) -> None:
        """Have Awa order bread for 4,50 €, to be paid by transfer."""
        set_up(scene)
        for said in ("1 pain de campagne", "confirmer", "virement", "confirmer"):
            scene.says("awa", said)

    def test_it_is_declared_by_its_button(self, scene: Scene, methods: str, top_up: str) -> None:
        moved(scene, methods, top_up)
        scene.taps("awa", "C'est fait")
        scene.taps("awa", "Déclarer")
        scene.taps("camille", "Reçu", "salon")
        assert (balance(scene, AWA), states(scene)) == (0, ["validated"])

    def test_it_is_declared_from_the_list(self, scene: Scene, methods: str, top_up: str) -> None:
        moved(scene, methods, top_up)
        scene.says("awa", "/payer")
        scene.taps("awa", "4,50 € par virement")
        scene.taps("awa", "Déclarer")
        scene.taps("camille", "Reçu", "salon")
        assert (balance(scene, AWA), states(scene)) == (0, ["validated"])

    def test_it_is_found_in_a_statement(self, scene: Scene, methods: str, top_up: str) -> None:
        moved(scene, methods, top_up)
        scene.sends("camille", "releve", f"Date;Libellé;Montant\n23/11/2026;{reference(AWA)};4,50\n".encode())
        assert "Awa, prévu" in scene.said("camille")
        scene.taps("camille", "Tout valider (1)")
        assert (balance(scene, AWA), states(scene)) == (0, ["validated"])

    def test_it_is_found_at_the_till(self, scene: Scene, methods: str, top_up: str) -> None:
        moved(scene, methods, top_up)
        scene.says("camille", "/encaisser Awa 4,50 virement")
        scene.taps("camille", "Oui, c'est lui")
        assert (balance(scene, AWA), states(scene)) == (0, ["validated"])

    def test_it_is_received_at_the_pickup(self, scene: Scene, methods: str, top_up: str) -> None:
        moved(scene, methods, top_up)
        scene.later(days=2, hours=1)
        scene.says("camille", "/accueil")
        scene.taps("camille", "1 · Awa")
        scene.taps("camille", "Reçu 4,50 €")
        assert (balance(scene, AWA), states(scene)) == (0, ["validated"])


def test_a_group_comes_back_from_the_kitty_with_every_account_as_it_was(scene: Scene) -> None:
    """B19: moving there and back posts nothing; what was topped up is an avoir that is used first (B17)."""
    set_up(scene)
    for said in ("/reglages cagnotte passer", "oui"):
        scene.says("camille", said)
    scene.says("awa", "/payer 20 liquide")
    scene.says("awa", "oui")
    scene.taps("camille", "Reçu", "salon")
    before = [balance(scene, member) for member in (LEA, BRUNO, AWA)]
    for said in ("/reglages cagnotte quitter", "oui"):
        scene.says("camille", said)
    assert [balance(scene, member) for member in (LEA, BRUNO, AWA)] == before == [-2450, 700, 2000]
    for said in ("1 pain de campagne", "confirmer"):
        scene.says("awa", said)
    assert "Par quel moyen" not in scene.said("awa")
    scene.says("awa", "confirmer")
    assert balance(scene, AWA) == 1550


REFUNDS = [
    ("liquide", GroupAccount.CASH),
    ("chèque", GroupAccount.BANK),
    ("virement", GroupAccount.BANK),
    ("tpe", GroupAccount.TERMINAL),
]


@pytest.mark.parametrize("said", ["/encaisser Bruno -2 {how}", "/rembourser Bruno 2 {how}"])
@pytest.mark.parametrize(("how", "account"), REFUNDS, ids=[how for how, _account in REFUNDS])
def test_money_is_given_back_by_each_method(scene: Scene, said: str, how: str, account: GroupAccount) -> None:
    """B26: the guide's negative payment: it leaves the place it would have come to; a cheque leaves the bank, not the box of cheques."""
    scene.change(update(BuyingGroup).values(methods="cheque cash transfer terminal"))
    scene.says("camille", said.format(how=how))
    assert scene.said("camille").startswith("Rendre 2,00 € à Bruno")
    scene.says("camille", "oui")
    assert (balance(scene, BRUNO), held(scene, account)) == (500, -200)
    assert sum(held(scene, each) for each in (GroupAccount.CASH, GroupAccount.BANK, GroupAccount.TERMINAL)) == -200
    assert "vous a rendu 2,00 €" in [told for told in scene.told("bruno") if "rendu" in told][-1]
    scene.taps("camille", "↩️ Corriger")
    scene.says("camille", "oui")
    assert (balance(scene, BRUNO), held(scene, account)) == (700, 0)


def test_more_than_the_avoir_is_given_back_knowingly(scene: Scene) -> None:
    """B26: the consent says where that leads."""
    scene.says("camille", "/rembourser Bruno 10 liquide")
    assert scene.said("camille").startswith(
        "⚠️ Rendre 10,00 € à Bruno en liquide ? Ensuite : Bruno doit 3,00 € au groupe."
    )
    scene.says("camille", "non")
    assert balance(scene, BRUNO) == 700


def test_a_kitty_is_paid_out_by_what_tops_it_up(scene: Scene) -> None:
    """B19, B26"""
    scene.change(update(BuyingGroup).values(methods="kitty", top_up_methods="transfer"))
    scene.says("camille", "/rembourser Bruno 7")
    assert scene.said("camille") == "Par quel moyen ?"
    scene.says("camille", "virement")
    scene.says("camille", "oui")
    assert (balance(scene, BRUNO), held(scene, GroupAccount.BANK)) == (0, -700)


DOORS = [
    ("lea", "/payer {amount} chèque"),
    ("camille", "/encaisser Léa {amount} chèque"),
    ("camille", "/rembourser Bruno {amount} liquide"),
    ("camille", "/versement {amount}"),
    ("camille", "/reprise Léa {amount}"),
]


NO_AMOUNTS = ("0", "0,00", "1000000", "1 000 000,00", "1 000 000 000 000,00", "24,505", "1e6")


@pytest.mark.parametrize(("who", "said"), DOORS, ids=[said.split()[0] for _who, said in DOORS])
def test_amounts_that_cannot_be_post_nothing(scene: Scene, who: str, said: str) -> None:
    """B48: a sentence says so, whichever door they come by."""
    before = [balance(scene, member) for member in (LEA, BRUNO, AWA)]
    for amount in NO_AMOUNTS:
        scene.says(who, said.format(amount=amount))
        answered = scene.said(who)
        assert "Déclarer" not in answered, answered
        scene.says(who, "oui")
        assert states(scene) == [], amount
        assert held(scene, GroupAccount.CASH) == 0, amount
    assert [balance(scene, member) for member in (LEA, BRUNO, AWA)] == before


def test_another_amount_that_cannot_be_is_asked_again(scene: Scene) -> None:
    """B21, B48"""
    declared(scene)
    scene.taps("camille", "Autre montant", "salon")
    for amount in (*NO_AMOUNTS, "abc", "-5"):
        scene.unheard()
        scene.says("camille", amount, "salon")
        assert states(scene) == ["declared"], amount
        assert scene.told("salon"), "a sentence says why"
    scene.says("camille", "20", "salon")
    assert states(scene) == ["validated"]


def test_a_fee_that_cannot_be_is_asked_again(scene: Scene) -> None:
    """B22, B48"""
    scene.says("camille", "/encaisser Awa 20 chèque")
    scene.says("camille", "oui")
    scene.says("camille", "/impaye Awa")
    scene.taps("camille", "Avec frais")
    for amount in (*NO_AMOUNTS, "abc", "-5"):
        scene.says("camille", amount)
        assert "Combien de frais ?" in scene.said("camille"), amount
    assert balance(scene, AWA) == 2000
    scene.says("camille", "8,50")
    scene.taps("camille", "Noter impayé")
    assert balance(scene, AWA) == -850

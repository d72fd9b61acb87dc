"""The online card in the demo: switched on by a coordinator, paid by a tap, given back; nothing leaves the machine (B16, B25)."""

from __future__ import annotations

from datetime import UTC, datetime

from bot.chat import Option
from bot.chats.phones import GONE, Demo
from bot.demo import opened
from bot.providers.demo import ADDRESS
from tests.terminal import terminal

SIX_IN_THE_EVENING = datetime(2026, 11, 24, 17, tzinfo=UTC)


def test_the_card_is_switched_on_paid_and_given_back_in_the_terminal() -> None:
    """B16, B25, B26: a purchaser of bread, a treasurer, and no card anywhere."""
    with terminal("--date", "2026-11-24T18:00") as demo:
        demo.follow(
            """
            @camille /reglages moyens
            → camille: Moyens de paiement
              Chèque, Liquide, Virement
              [1] ✅ Chèque …  [6] ❌ Carte en ligne …
            @camille 6
            → coordination: Camille a changé un réglage du groupe. Moyens de paiement : …
              [1] Réglages
            → camille: Moyens de paiement
              Chèque, Liquide, Virement, Carte en ligne
              … [6] ✅ Carte en ligne …
            @lea /payer
            → lea: Combien payez-vous ?
              [1] 24,50 €  [2] Autre montant  [3] Annuler
            @lea 1
            → lea: Par quel moyen ?
              [1] Carte en ligne  [2] Chèque  [3] Liquide  [4] Virement  [5] Retour  [6] Annuler
            @lea carte en ligne
            → lea: Je prépare le paiement de 24,50 € par carte…
            → lea: Pour payer 24,50 € par carte, ouvrez ce lien ; il est valable jusqu'à 19 h. Votre numéro de carte n'est demandé que là-bas : ne l'écrivez jamais ici.
              [1] Payer (démonstration)  [2] J'ai payé  [3] Payer autrement
            @lea 1
            → lea: ✅ Votre paiement de 24,50 € par carte est arrivé. Vous êtes à l'équilibre.
              [1] Historique
            @camille /rembourser léa 4,50 carte en ligne
            → camille: ⚠️ Rendre 4,50 € à Léa, sur la carte de son paiement du mardi 24 novembre, par la démonstration ? Ensuite : Léa doit 4,50 € au groupe.
              [1] Rendre  [2] Non …
            @camille 1
            → camille: ⏳ J'ai demandé à la démonstration de rendre 4,50 € à Léa. Je l'inscris dès que c'est fait.
            → lea: ↩️ Camille vous a rendu 4,50 € sur votre carte ; la banque met quelques jours à le montrer. Vous devez 4,50 € au groupe.
              [1] Payer  [2] Historique
            → coordination: ↩️ 4,50 € rendus à Léa sur sa carte, à la demande de Camille.
            """
        )


def test_a_link_left_unpaid_is_over_the_next_day() -> None:
    with terminal("--date", "2026-11-24T18:00") as demo:
        demo.play("camille", "/reglages moyens online oui")
        demo.play("bruno", "/payer 10 carte en ligne")
        printed = demo.say(":day 1")
        assert "→ bruno: Le lien pour payer 10,00 € par carte n'est plus valable. Rien n'a été débité." in printed
        assert "[1] Nouveau lien  [2] Payer autrement" in printed


async def test_on_the_page_the_same_button_pays_once() -> None:
    """The page knows a button by what it brings back: its address."""
    async with opened(None, SIX_IN_THE_EVENING) as demo:
        await demo.say("camille", "/reglages moyens online oui")
        await demo.say("lea", "/payer 24,50 carte en ligne")
        shown = next(shown for shown in reversed(demo.phones.chats["lea"]) if shown.message.options)
        address = shown.message.options[0][0].opens
        assert address.startswith(ADDRESS)
        await demo.tap("lea", shown, Option("", address))
        assert "est arrivé" in _last(demo)
        receipt = await demo.tap("lea", shown, Option("", address))
        assert receipt.toast == "Cette page de paiement n'est plus valable."
        before = len(demo.phones.chats["lea"])
        await demo.tap("lea", shown, Option("", f"{ADDRESS}1-unknown"))
        assert len(demo.phones.chats["lea"]) == before


async def test_a_card_number_is_taken_away_from_the_phone() -> None:
    async with opened(None, SIX_IN_THE_EVENING) as demo:
        await demo.say("lea", "4242 4242 4242 4242")
        said = [shown.message.text for shown in demo.phones.chats["lea"] if shown.said_by]
        assert said == [GONE]
        assert "numéro d'une carte bancaire" in _last(demo)


def _last(demo: Demo) -> str:
    return demo.phones.chats["lea"][-1].message.text

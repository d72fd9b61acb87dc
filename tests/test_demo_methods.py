"""The payment guide's ways to pay, the kitty's rules and every form of statement, played in the demo's terminal by a script."""

from __future__ import annotations

import sqlite3
import subprocess
import sys
from pathlib import Path

from tests.terminal import PATIENCE_SECONDS, ROOT, terminal

SAMPLES = Path(__file__).parent / "statements"
FORMS = ("ca.csv", "ofx1.ofx", "ofx2.ofx", "camt08.xml", "cfonb.txt")

SETTINGS = """
    @camille /reglages moyens
    …
    @camille Carte sur place
    …
    → camille: Moyens de paiement
      Chèque, Liquide, Virement, Carte sur place
      [1] ✅ Chèque  [2] ✅ Liquide  [3] ✅ Virement  [4] ✅ Carte sur place  [5] ❌ Cagnotte  [6] ❌ Carte en ligne…
    @camille /reglages cheques
    …
    @camille Les Paniers du Canal
    …
    @camille oui
    → coordination: ⚠️ Camille propose, pour tout le groupe :
      – Réglage · Ordre des chèques : Les Paniers du Canal (avant : aucun)
      Un autre coordinateur doit donner son accord : c'est là que les adhérents enverront leur argent.
    …
    @sofiane D'accord
    …
    @camille /reglages iban
    …
    @camille FR76 3000 6000 0112 3456 7890 188
    → camille: …
      Quel est l'IBAN du compte du groupe ?
      [1] Aucun  [2] Annuler
    @camille FR76 3000 6000 0112 3456 7890 189
    …
    @camille Les Paniers du Canal
    …
    @camille oui
    …
    @sofiane D'accord
    …
"""

CHEQUE_AND_CASH = """
    @lea /payer 20 chèque
    → lea: Chèque à l'ordre de Les Paniers du Canal.
      Déclarer 20,00 € par chèque ?
      [1] Déclarer  [2] Non  [3] Retour
    @lea 1
    …
    @lea banque et n°
    → lea: Chèque de 20,00 € : quelle banque, quel numéro ?
      [1] Annuler
    @lea La Banque Postale 4410
    …
    @camille reçu
    …
    @lea /payer 4,50 liquide
    …
    @lea déclarer
    …
    @sofiane reçu
    …→ lea: ✅ Sofiane a reçu 4,50 € en liquide. Vous êtes à l'équilibre.
    …
    @camille /remise
    → camille: Remettre à la banque : 1 chèque, 20,00 € ?
      Léa · 20,00 € · reçu le 24/11/2026 · La Banque Postale 4410
      [1] Remettre  [2] Non
    @camille remettre
    …→ camille: ✅ Remise n° … : 1 chèque, 20,00 €. Ils ne sont plus en main.
    …
    @camille /impaye Léa
    → camille: Chèque impayé de Léa, 20,00 €. La banque a-t-elle pris des frais que le groupe lui demande ?
    …
    @camille avec frais
    …
    @camille 8,50
    → camille: Noter impayé le chèque de Léa, 20,00 € (remise n° …) ?
      Frais de banque pour Léa : 8,50 €.
      Ensuite : Léa doit 28,50 € au groupe.
      [1] Noter impayé  [2] Non  [3] Retour
    @camille 1
    …→ lea: La banque n'a pas pu encaisser votre chèque de 20,00 € : cela arrive.…
    @camille /caisse
    → camille: D'après les comptes, la caisse doit contenir 4,50 €. Combien y avez-vous compté ?
      [1] 4,50 €  [2] Autre montant  [3] Annuler
    @camille 4
    → camille: Il manque 0,50 € dans la caisse. Pour quelle raison ?
    …
    @camille erreur de monnaie
    …
    @camille 1
    …→ coordination: Camille a compté la caisse. Écart de caisse noté : −0,50 € (Erreur de monnaie).…
"""

TRANSFER = """
    @lea /payer 28,50 virement
    …
    @lea 1
    …→ lea: ⏳ C'est noté : 28,50 € par virement. Un coordinateur confirmera la réception.
      Solde : −28,50 € · en attente : 28,50 € · prévisionnel : 0,00 €

      IBAN : FR76 3000 6000 0112 3456 7890 189
      Bénéficiaire : Les Paniers du Canal
      Montant : 28,50 €
      Référence : ARD0000179
      Écrivez cette référence dans le libellé : votre virement sera reconnu.
      (fichier: virement.png, …)
      [1] Retirer  [2] Solde…
    @camille autre montant
    …
    @camille 28
    …→ lea: ✅ Camille a reçu 28,00 € par virement. Vous aviez annoncé 28,50 €. Vous devez 0,50 € au groupe.
    …
"""

TERMINAL = """
    @bruno 2 pain de campagne
    …
    @bruno confirmer
    → bruno: À payer : 2,20 € (commande 9,20 €, votre avoir déduit). Par quel moyen ?
      [1] Chèque  [2] Liquide  [3] Virement  [4] Carte sur place  [5] Autre montant  [6] Je verrai  [7] Annuler
    @bruno tpe
    …
      À payer à la distribution : 2,20 € par carte sur place.
    …
    @bruno 1
    …
    :date 2026-11-26T18:30
    …
    @camille /distribution
    …
    @camille jeudi 26 novembre
    …
    @camille accueil
    …
    @camille 1 · Bruno
    → camille: …2,20 € par carte sur place…
    @camille autre montant
    …
    @camille 2,50
    …→ bruno: ✅ Camille a reçu 2,50 € par carte sur place. Vous avez un avoir de 0,30 €.…
"""

REFUNDS = """
    @camille /encaisser Bruno -0,30 liquide
    → camille: Rendre 0,30 € à Bruno en liquide ?
      [1] Oui  [2] Non  [3] Retour
    @camille oui
    …→ bruno: Camille vous a rendu 0,30 € en liquide. Vous êtes à l'équilibre.
    …
"""

KITTY = """
    @camille /reglages moyens
    …
    @camille cagnotte
    → camille: La cagnotte ne va pas avec d'autres moyens de paiement : …
      [1] Passer à la cagnotte  [2] Cagnotte avec d'autres moyens  [3] Réglages
    @camille 1
    …
    @camille 1
    …
    → camille: ✅ Le groupe paie maintenant par la cagnotte.
    …
    @awa 1 pain de campagne
    …
    @awa confirmer
    → awa: Il manque 4,60 € sur votre cagnotte pour cette commande (solde 0,00 €, commande 4,60 €). Vous pouvez alléger le panier ou recharger.
      On recharge par chèque, en liquide, par virement.
      [1] Revoir le panier  [2] Recharger
    @awa recharger
    …
    @awa 20
    → awa: Par quel moyen ?
      [1] Chèque  [2] Liquide  [3] Virement  [4] Retour  [5] Annuler
    @awa liquide
    …
    @awa 1
    …
    @awa /commander
    …
      Panier : 1 produit, 4,60 €.
      Après cette commande, vous devrez 4,60 € au groupe.
      Il manque 4,60 € sur votre cagnotte.
    …
    @awa confirmer
    → awa: Il manque 4,60 € sur votre cagnotte…
    @sofiane reçu
    → awa: ✅ Sofiane a reçu 20,00 € en liquide. Vous avez un avoir de 20,00 €.
    …
    @awa /confirmer
    …
      Prise sur votre cagnotte, qui sera à 15,40 €.
    …
    @awa 1
    → awa: ✅ Commande n° 1 confirmée…
      Vous avez un avoir de 15,40 €.
    …
    @bruno 2 pain de campagne
    …
      Il manque 2,20 € sur votre cagnotte.
    …
    @camille /reglages moyens
    …
    @camille cagnottes négatives
    …
      Une cagnotte peut descendre sous zéro, sans limite.
    …
    @bruno confirmer
    …
      Prise sur votre cagnotte, qui sera à −2,20 €.
    …
    @bruno 1
    …
      Vous devez 2,20 € au groupe.
    …
    @camille /reglages plancher
    …
    @camille -3
    …
    @bruno 1 pain de campagne
    …
      Il manque 3,80 € sur votre cagnotte.
    …
    @camille /reglages cagnotte quitter
    …
    @camille quitter la cagnotte
    …
    @awa /solde
    → awa: Dans « Les Paniers du Canal », vous avez un avoir de 15,40 €.…
"""


def audited(database: Path) -> str:
    """Run the command line's own audit; give what it complains of."""
    config = database.parent / "config.toml"
    config.write_text(f'[database]\nurl = "sqlite:///{database.name}"\n')
    done = subprocess.run(
        [sys.executable, "-m", "bot", "audit", "--config", str(config)], cwd=ROOT, text=True, capture_output=True,
        check=False, timeout=PATIENCE_SECONDS,
    )  # fmt: skip
    return f"{done.stdout}{done.stderr}" if done.returncode else ""


def test_every_way_to_pay_but_the_online_card_is_played(tmp_path: Path) -> None:
    """B16, B17, B20 to B24, B26: cheque and its bounce, cash and its count, transfer, card terminal, money given back."""
    kept = tmp_path / "demo.db"
    with terminal("--data", str(kept)) as demo:
        for part in (SETTINGS, CHEQUE_AND_CASH, TRANSFER, TERMINAL, REFUNDS):
            demo.follow(part)
    assert audited(kept) == ""


def test_the_kittys_rules_are_played(tmp_path: Path) -> None:
    """B18, B19: alone, refused when too low and whatever waits, below zero where that is allowed, to a floor, and left again."""
    kept = tmp_path / "demo.db"
    with terminal("--data", str(kept)) as demo:
        demo.follow(KITTY)
    assert audited(kept) == ""


def test_statements_of_every_form_are_reconciled(tmp_path: Path) -> None:
    """B23, B45: each by « :send FILE »; what was validated is taken back before the next, so that each one counts."""
    kept = tmp_path / "demo.db"
    with terminal("--data", str(kept)) as demo:
        demo.play("lea", "/payer 24,50 virement", "1")
        for name in FORMS:
            path = SAMPLES / name
            preview = demo.play("camille", f":send {path}")
            assert "✅ Reconnues :\n  – 20/11/2026, 24,50 € · Léa, déclaré" in preview, name
            assert "1 ligne du relevé est enregistrée, 24,50 €" in demo.say("Tout valider (1)"), name
            assert "Déjà enregistrée : 1." in demo.say(f":send {path}"), name
            demo.say("non")
            demo.play("camille room", "↩️ Corriger")
            assert "de nouveau à valider" in demo.say("oui"), name
    assert audited(kept) == ""
    with sqlite3.connect(kept) as raw:
        assert raw.execute("SELECT COUNT(*) FROM bank_line").fetchone() == (0,)
    raw.close()


def test_odd_files_are_answered(tmp_path: Path) -> None:
    """B48: Windows' accents are read; nothing, and two megabytes and a byte, get a sentence."""
    odd = [
        (b"Date;Libelle;Montant\n23/11/2026;VIR \xc9LODIE;12,00\n", "23/11/2026, 12,00 € · VIR ÉLODIE"),
        (b"", "Ce fichier est vide."),
        (b"Date;Libelle;Montant\n".ljust(2_000_001), "Ce fichier est trop gros : 2 Mo au plus."),
    ]
    with terminal() as demo:
        for rank, (content, said) in enumerate(odd):
            (tmp_path / f"releve{rank}.csv").write_bytes(content)
            demo.play("camille", "/banque")
            assert said in demo.say(f":send {tmp_path / f'releve{rank}.csv'}")

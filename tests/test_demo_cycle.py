"""A whole cycle, played by a script in the terminal: planned, opened, ordered by three, closed, picked up, validated, counted."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from tests.terminal import PATIENCE_SECONDS, ROOT, terminal

PLANNED = """
    @camille /distribution
    → camille: Distributions
      – jeudi 12 novembre de 18 h à 20 h, Maison du quai : finie, à valider
      – jeudi 26 novembre de 18 h à 20 h, Maison du quai : commandes ouvertes jusqu'au mercredi 25 novembre à 20 h
      [1] jeudi 12 novembre  [2] jeudi 26 novembre  [3] Nouvelle…
    @camille nouvelle
    …
    @camille Maison du quai
    …
    @camille jeudi 3 décembre 18h
    …
    @camille 20 h
    …
    @camille vendredi 27 novembre 9h
    …
    @camille mercredi 2 décembre à 20 h
    → camille: Prévoir cette distribution ?
      jeudi 3 décembre de 18 h à 20 h, Maison du quai
      Commandes du vendredi 27 novembre à 9 h au mercredi 2 décembre à 20 h.
      [1] Prévoir…
    @camille Prévoir
    → camille: ✅ Distribution prévue : jeudi 3 décembre de 18 h à 20 h, Maison du quai.…
    :date 2026-11-27T08:55
    …
    :date 2026-11-27T09:05
    …→ lea: Les commandes sont ouvertes pour la distribution : jeudi 3 décembre de 18 h à 20 h, Maison du quai.…
"""

ORDERED = """
    @lea 1,5 kg carotes, 2 boites oeufs x6, 1 poulet fermier
    → lea: « 1,5 kg carotes » : est-ce l'un de ceux-ci ?
      Ajouté : 2 lots Œufs x6 (12 en tout).
      Ajouté : 1 pièce Poulet fermier.

      Panier : 2 produits, 24,80 €.
      Après cette commande, vous devrez 49,30 € au groupe.
      À payer : 49,30 €.
      [1] 1,500 kg Carottes  [2] Rayons  [3] Panier  [4] Confirmer
    @lea 1
    → lea: Carottes – 2,10 €/kg, bio
      De Ferme des Trois Ormes.
      Dans votre panier : 1,500 kg, 3,15 €.

      Panier : 3 produits, 27,95 €.
    …
    @lea confirmer
    → lea: À payer : 52,45 € (commande 27,95 €, et 24,50 € d'avant). Par quel moyen ?
      [1] Chèque  [2] Liquide  [3] Virement  [4] Autre montant  [5] Je verrai…
    @lea chèque
    → lea: Confirmer cette commande ?
      2 lots Œufs x6 : 6,40 €
      1 pièce Poulet fermier : 18,40 € environ, à peser à la distribution
      1,500 kg Carottes : 3,15 €
      Total : 27,95 €.
      À payer à la distribution : 52,45 € par chèque.
      Une commande confirmée ne se modifie plus, on peut seulement y ajouter.
      [1] Confirmer  [2] Non…
    @lea 1
    → lea: ✅ Commande n° 1 confirmée pour le jeudi 3 décembre à 18 h, Maison du quai :
      2 lots Œufs x6 : 6,40 €
      1,600 kg Poulet fermier : 18,40 € environ, à peser à la distribution
      1,500 kg Carottes : 3,15 €
      Total : 27,95 €.
      Vous devez 52,45 € au groupe.
      Pour la distribution du jeudi 3 décembre : 27,95 €.
      À payer à la distribution : 52,45 € par chèque.
      [1] Ma commande  [2] Ajouter
    @bruno /commander
    …
    @bruno Pains (4)
    → bruno: Pains
    …
    @bruno Pain de campagne
    …
    @bruno +
    → bruno: Pain de campagne – 4,60 € la pièce, bio
      De Fournil de la Rue Basse.
      Dans votre panier : 1 pièce, 4,60 €.

      Panier : 1 produit, 4,60 €.
      Après cette commande, vous aurez un avoir de 2,40 €.
      Rien à payer : votre avoir suffit.
      [1] −  [2] +  [3] Pains  [4] Rayons  [5] Panier  [6] Confirmer
    @bruno +
    …
      Panier : 1 produit, 9,20 €.
      Après cette commande, vous devrez 2,20 € au groupe.
      À payer : 2,20 €.
    …
    @bruno +
    …
    @bruno −
    …
      Panier : 1 produit, 9,20 €.
    …
    @bruno confirmer
    → bruno: À payer : 2,20 € (commande 9,20 €, votre avoir déduit). Par quel moyen ?
    …
    @bruno liquide
    …
    @bruno 1
    → bruno: ✅ Commande n° 2 confirmée…
      Total : 9,20 €.
      Vous devez 2,20 € au groupe.
    …
    @awa commander
    …
    @awa comme la dernière fois
    → awa: Votre panier
      3 kg Pommes de terre Charlotte : 5,40 €
      1 lot Yaourts de chèvre x4 : 3,40 €
      2 pièces Salade batavia : 2,60 €
      1 sachet Lentilles vertes 500 g : 4,20 €

      Panier : 4 produits, 15,60 €.
    …
    @awa confirmer
    …
    @awa liquide
    …
    @awa 1
    → awa: ✅ Commande n° 3 confirmée…
      Total : 15,60 €.
    …
"""

CLOSED = """
    :date 2026-12-01T19:00
    …→ camille: Les commandes pour le jeudi 3 décembre ferment demain à 20 h. Vous n'avez pas encore commandé.…
    :date 2026-12-02T20:05
    → coordination: Les commandes sont closes pour le jeudi 3 décembre à 18 h, Maison du quai : 3 commandes, 52,75 €.
      [1] Voir
    @lea /commander
    → lea: Aucune commande n'est ouverte en ce moment.
      [1] Mes commandes
    @camille /cloturer d3
    → camille: La distribution n'a pas encore commencé : elle se valide à partir du jeudi 3 décembre à 18 h.
    :date 2026-12-03T18:10
"""

PICKED_UP = """
    @camille /accueil d3
    → camille: jeudi 3 décembre, Maison du quai · 0 sur 3 sont passés
      [1] 1 · Léa  [2] 2 · Bruno  [3] 3 · Awa…
    @camille 1
    → camille: n° 1 · Léa
      2 lots Œufs x6 : 6,40 €
      1,600 kg Poulet fermier : 18,40 €
      1,500 kg Carottes : 3,15 €
      Total : 27,95 €.

      ⚠️ Manque 52,45 €
      Prévu : 52,45 € par chèque
      [1] Reçu 52,45 €  [2] Autre montant  [3] Encaisser  [4] Ajuster  [5] Suivant ›  [6] Liste
    @camille ajuster
    …
    @camille 1,600 kg Poulet fermier : 18,40 €
    …
    @camille peser
    → camille: Poulet fermier (1,600 kg) : combien à la pesée ? Par exemple 1,15.…
    @camille 1,75
    → camille: ✅ Léa · 1,750 kg Poulet fermier : 20,13 €
    → camille: n° 1 · Léa
    …
      Total : 29,68 €.

      ⚠️ Manque 54,18 €
    …
    @camille Reçu 52,45 €
    → lea: ✅ Camille a reçu 52,45 € par chèque. Vous devez 1,73 € au groupe.
    …
      ⚠️ Manque 1,73 €
    …
    @camille suivant ›
    → lea: Votre commande du jeudi 3 décembre a été ajustée :
      2 lots Œufs x6 : 6,40 €
      1,750 kg Poulet fermier : 20,13 €
      1,500 kg Carottes : 3,15 €
      Total : 29,68 €.
      Vous devez 1,73 € au groupe.
      [1] Payer  [2] Historique
    → camille: n° 2 · Bruno
    …
    @camille Reçu 2,20 €
    → bruno: ✅ Camille a reçu 2,20 € en liquide. Vous êtes à l'équilibre.
    …
      ✅ Tout va bien
    …
    @camille ajuster
    …
    @camille 1
    …
    @camille quantité
    …
    @camille 1 pièce
    → camille: ✅ Bruno · 1 pièce Pain de campagne : 4,60 €
    → camille: n° 2 · Bruno
      1 pièce Pain de campagne : 4,60 €
      Total : 4,60 €.

      ✅ Tout va bien. Avoir : 4,60 €
      [1] Encaisser  [2] Rembourser  [3] Ajuster  [4] Suivant ›  [5] Liste
    …
    @camille rembourser
    …
    @camille 4,60
    …
    @camille liquide
    …
    @camille oui
    …→ bruno: Camille vous a rendu 4,60 € en liquide. Vous êtes à l'équilibre.…
    @camille /accueil d3 m3
    …
    @camille encaisser
    …
    @camille 20,00
    …
    @camille liquide
    → camille: Awa a annoncé :
      15,60 € en liquide, prévu à la commande
      Les 20,00 € reçus en liquide, est-ce ce paiement ?
      [1] C'est celui-ci…
    @camille 1
    …→ awa: ✅ Camille a reçu 20,00 € en liquide. Vous avez un avoir de 4,40 €.…
"""

VALIDATED = """
    @camille /cloturer d3
    → camille: Valider la distribution du jeudi 3 décembre : 3 commandes, 49,88 €.
      Ensuite, les commandes ne changent plus.
      [1] Valider la distribution…
    @camille valider la distribution
    …
    @sofiane /cloturer d3
    → sofiane: Cette distribution est déjà terminée.
    @camille /encaissements d3
    → camille: Encaissements · jeudi 3 décembre, Maison du quai
      Liquide : 22,20 €
      Chèques : 1, 52,45 €

      La caisse doit contenir 17,60 €

      Manque · 1
      Léa : 1,73 €
      Avoir · 1
      Awa : 4,40 €
      [1] Soldes  [2] Compter la caisse  [3] Chèques
    @lea /solde
    → lea: Dans « Les Paniers du Canal », vous devez 1,73 € au groupe.…
    @bruno /solde
    → bruno: Dans « Les Paniers du Canal », vous êtes à l'équilibre.…
    @awa /solde
    → awa: Dans « Les Paniers du Canal », vous avez un avoir de 4,40 €.…
"""


def test_a_whole_cycle_is_played_and_the_books_are_right(tmp_path: Path) -> None:
    """B8, B13, B14, B17, B10, B31 to B34: the command line's own audit finds nothing at the end."""
    kept = tmp_path / "demo.db"
    with terminal("--data", str(kept)) as demo:
        for part in (PLANNED, ORDERED, CLOSED, PICKED_UP, VALIDATED):
            demo.follow(part)
    config = tmp_path / "config.toml"
    config.write_text('[database]\nurl = "sqlite:///demo.db"\n')
    audited = subprocess.run(
        [sys.executable, "-m", "bot", "audit", "--config", str(config)], cwd=ROOT, text=True, capture_output=True,
        check=False, timeout=PATIENCE_SECONDS,
    )  # fmt: skip
    assert (audited.returncode, audited.stderr) == (0, ""), audited.stdout


def test_the_distribution_that_is_past_is_validated_and_lea_pays_for_it() -> None:
    """B33, B20: Nadia's cheque came, Yves' cash did not; Léa's 24,50 € are declared and received."""
    with terminal() as demo:
        demo.follow("""
            @camille /cloturer
            → camille: Ces paiements attendent encore. Qu'en est-il ?
              Nadia : 11,00 € par chèque, prévu
              Yves : 13,40 € en liquide, prévu
              [1] Un par un  [2] Tous reçus  [3] Aucun reçu  [4] Annuler
            @camille 1
            → camille: 1 sur 2 · Nadia : 11,00 € par chèque, prévu
              [1] Reçu  [2] Pas reçu…
            @camille reçu
            …
            @camille pas reçu
            → camille: Valider la distribution du jeudi 12 novembre : 5 commandes, 82,90 €.
              Reçu : 1 paiement, 11,00 €.
              Non reçu : 1 paiement, il reste dû.
              4 personnes ne sont pas passées.
              Ensuite, les commandes ne changent plus.
              [1] Valider la distribution  [2] Non…
            @camille 1
            …
            @camille /soldes
            → camille: Les Paniers du Canal : 3 comptes ne sont pas à zéro.

              Doit · 2 · 37,90 €
              Léa : 24,50 €…
              Yves : 13,40 €…
            @lea /payer
            → lea: Combien avez-vous payé ?
              [1] 24,50 €  [2] Autre montant  [3] Annuler
            @lea 1
            …
            @lea virement
            …
            @lea 1
            → lea: ⏳ C'est noté : 24,50 € par virement.…
            @camille reçu
            → lea: ✅ Camille a reçu 24,50 € par virement. Vous êtes à l'équilibre.…
        """)

"""Why an order, an adjustment or a distribution is refused, checked again under the lock that posts (B11, B12, B33)."""

from __future__ import annotations

from bot.ledger.errors import N_, Refusal


class OrdersNotOpenError(Refusal):
    """Orders are not open, or no longer (B12)."""

    sentence = N_("Les commandes ne sont pas ouvertes pour cette distribution. Rien n'a été enregistré.")


class NotOfferedError(Refusal):
    """A product is no longer in the catalogue, or not offered by this distribution (B12)."""

    sentence = N_("{product} n'est plus proposé : retirez-le du panier. Rien n'a été enregistré.")


class PriceChangedError(Refusal):
    """A price is no longer the one that was shown (B12)."""

    sentence = N_(
        "Le prix a changé entre-temps : {product}, maintenant {price:money}. Rien n'a été enregistré, revoyez le panier."
    )


class StockGoneError(Refusal):
    """Less is left than what was asked for (B11)."""

    sentence = N_("Il n'y en a plus assez : {product}. Rien n'a été enregistré, le panier vous montre ce qui reste.")


class OrderExistsError(Refusal):
    """The member has an order already: products are added to it (B8)."""

    sentence = N_(
        "Vous avez déjà une commande pour cette distribution. Rien n'a été enregistré, recommencez pour y ajouter."
    )


class NoOrderError(Refusal):
    """There is no such order, or it was cancelled."""

    sentence = N_("Je ne trouve pas cette commande. Rien n'a changé.")


class OrderChangedError(Refusal):
    """Somebody else has changed the line meanwhile (B10)."""

    sentence = N_("Quelqu'un vient de modifier cette ligne. Rien n'a changé : regardez où elle en est.")


class FrozenError(Refusal):
    """The distribution is validated or cancelled: its orders are frozen (B33)."""

    sentence = N_(
        "Cette distribution est terminée : ses commandes ne changent plus. Un avoir sur commande reste possible."
    )


class NotFrozenError(Refusal):
    """A credit on an order comes after the validation; before it, the order is adjusted (B10)."""

    sentence = N_("Cette distribution n'est pas encore validée : corrigez plutôt la commande.")


class CreditTooLargeError(Refusal):
    """More would be given back than the order cost (B10)."""

    sentence = N_("La commande a coûté {cost:money} et {credited:money} en ont déjà été rendus : c'est trop.")


class NotStartedError(Refusal):
    """A distribution is not validated before it starts (B33)."""

    sentence = N_("La distribution n'a pas encore commencé : elle se valide à partir de {starts_at:moment}.")


class UndecidedError(Refusal):
    """Something came meanwhile that must be decided first: a planned payment, an order (B33, B35)."""

    sentence = N_(
        "Quelque chose vient de changer sur cette distribution. Rien n'a été enregistré, regardez de nouveau."
    )


class AlreadyStartedError(Refusal):
    """A distribution that has begun is not moved any more (B35)."""

    sentence = N_("La distribution a commencé : elle ne se déplace plus. Rien n'a changé.")


class AlreadyToldError(Refusal):
    """Another process has just told it, or it is not to be told any more (B31)."""

    sentence = N_("C'est déjà annoncé.")


class SamePlaceError(Refusal):
    """Two distributions at the same place and time."""

    sentence = N_("Il y a déjà une distribution à cet endroit à ce moment-là : {starts_at:moment}.")


class PlanHandledError(Refusal):
    """Somebody else has just handled a planned payment (B28)."""

    sentence = N_("Quelqu'un vient de s'occuper de ce paiement. Rien n'a changé.")


class KittyTooLowError(Refusal):
    """The kitty does not cover the order (B18)."""

    sentence = N_(
        "Il manque {missing:money} sur la cagnotte pour cette commande. Allégez le panier, ou rechargez avec /payer."
    )


class KittyFloorError(Refusal):
    """The order would take the kitty below the floor of the group (B18)."""

    sentence = N_(
        "Il manque {missing:money} pour cette commande : une cagnotte ne descend pas au-dessous de {floor:money}. "
        "Allégez le panier, ou rechargez avec /payer."
    )


class AlreadyAnsweredError(Refusal):
    """Somebody has already answered the member's request (B9)."""

    sentence = N_("On a déjà répondu à cette demande. Rien n'a changé.")


class SameProductError(Refusal):
    """Another product has that name and producer, perhaps one that is no longer sold."""

    sentence = N_("« {product} » est déjà au catalogue, chez le même producteur. Rien n'a été enregistré.")


class ProductOvertakenError(Refusal):
    """A product is no longer what it was when its change was asked for."""

    sentence = N_("« {product} » vient de changer. Rien n'a été enregistré, regardez de nouveau.")


class TooManyProductsError(Refusal):
    """More products than a catalogue holds."""

    sentence = N_(
        "Le catalogue est plein : {most} produits au plus. Rien n'a été enregistré ; renommez un produit retiré."
    )

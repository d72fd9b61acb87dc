"""Account numbers: an IBAN is checked by its country's length, its own check digits and, for French ones, the RIB key."""

from __future__ import annotations

import re

from bot.ledger.errors import N_, Refusal

LENGTHS = {
    "AD": 24, "AT": 20, "BE": 16, "BG": 22, "CH": 21, "CY": 28, "CZ": 24, "DE": 22, "DK": 18, "EE": 20, "ES": 24,
    "FI": 18, "FR": 27, "GB": 22, "GI": 23, "GR": 27, "HR": 21, "HU": 28, "IE": 22, "IS": 26, "IT": 27, "LI": 21,
    "LT": 20, "LU": 20, "LV": 21, "MC": 27, "MT": 31, "NL": 18, "NO": 15, "PL": 28, "PT": 25, "RO": 24, "SE": 24,
    "SI": 19, "SK": 24, "SM": 27, "VA": 22, "AL": 28, "MD": 24, "ME": 22, "MK": 19, "RS": 22,
}  # fmt: skip
"""How long an IBAN is, in each country of the SEPA."""

FRENCH = {"FR", "MC"}
"""Countries whose accounts are numbered as in France, with a RIB key."""

_RIB_DIGITS = str.maketrans("ABCDEFGHIJKLMNOPQRSTUVWXYZ", "12345678912345678923456789")


class NotAnIbanError(Refusal):
    """It does not look like an IBAN at all."""

    sentence = N_("Ce n'est pas un IBAN. Il commence par deux lettres et deux chiffres, par exemple FR76 3000 6000 …")


class IbanCountryError(Refusal):
    """The country's accounts do not take part in transfers in euros."""

    sentence = N_("« {country} » n'est pas un pays des virements en euros (SEPA). Vérifiez les deux premières lettres.")


class IbanLengthError(Refusal):
    """Signs are missing, or are too many."""

    sentence = N_(
        "Un IBAN qui commence par {country} a {expected} signes, celui-ci en a {found}. Recopiez-le en entier."
    )


class IbanDigitsError(Refusal):
    """The check digits do not fit: a sign is mistyped."""

    sentence = N_("Cet IBAN ne tombe pas juste : un signe est faux ou deux sont inversés. Recopiez-le.")


class RibKeyError(Refusal):
    """The check digits fit, the national key does not."""

    sentence = N_("Dans cet IBAN la clé RIB (les deux derniers chiffres) ne correspond pas au compte. Recopiez-le.")


def read(typed: str) -> str:
    """Read an IBAN as people type it, and give it without spaces. Raises one of the refusals above.

    >>> read("fr14 2004 1010 0505 0001 3m02 606")
    'FR1420041010050500013M02606'
    """
    iban = re.sub(r"[\s.:-]", "", typed).upper().removeprefix("IBAN")
    if not re.fullmatch("[A-Z]{2}[0-9]{2}[A-Z0-9]{1,30}", iban):
        raise NotAnIbanError
    country = iban[:2]
    if country not in LENGTHS:
        raise IbanCountryError(country=country)
    if len(iban) != LENGTHS[country]:
        raise IbanLengthError(country=country, expected=LENGTHS[country], found=len(iban))
    if int("".join(str(int(sign, 36)) for sign in iban[4:] + iban[:4])) % 97 != 1:
        raise IbanDigitsError
    if country in FRENCH and not _rib_holds(iban[4:]):
        raise RibKeyError
    return iban


def _rib_holds(rib: str) -> bool:
    """Tell whether bank, branch, account and key fit together; only the account's number may have letters."""
    bank, branch, account, key = rib[:5], rib[5:10], rib[10:21], rib[21:]
    if not (bank + branch + key).isdecimal():
        return False
    return int(bank + branch + account.translate(_RIB_DIGITS) + key) % 97 == 0


def grouped(iban: str) -> str:
    """Write an IBAN in groups of four, as banks do.

    >>> grouped("FR1420041010050500013M02606")
    'FR14 2004 1010 0505 0001 3M02 606'
    """
    return " ".join(iban[start : start + 4] for start in range(0, len(iban), 4))

"""E-mail addresses: valid, personal, and the same."""

from __future__ import annotations

import re
import unicodedata
from enum import StrEnum

from events.errors import Refused

ROLES = frozenset({
    "laskutus", "laskut", "lasku", "invoice", "invoices", "invoicing", "info", "ostoreskontra", "ostolaskut",
    "ostolasku", "reskontra", "talous", "taloushallinto", "kirjanpito", "billing", "accounting", "accounts",
    "accountspayable", "ap", "finance", "office", "toimisto", "asiakaspalvelu", "support", "sales", "myynti",
    "posti", "mail", "noreply", "no-reply", "faktura", "fakturor",
})  # fmt: skip
"""Local parts of shared mailboxes: nobody in particular would answer a survey there."""


EVERYDAY = re.compile(
    r"(?=[^@]{1,64}@.{1,63}$)[A-Za-z0-9]+([._+-][A-Za-z0-9]+)*"
    r"@([a-z0-9]+(-[a-z0-9]+)*\.)+(fi|com|net|org|eu|se|ee|no|dk|de)"
)
"""Addresses that the validator leaves as they are: nearly all, and it would take longer than all else of a decision."""


USUAL = re.compile(r"[\w.!#$%&'*+/=?^`{|}~-]+")
"""What may stand before the @."""


class Fault(StrEnum):
    """What is wrong with an address, in a sentence; by class, since the validator tells apart what helps nobody."""

    EMPTY = "There is nothing in it."
    NO_AT = "It has no @."
    SEVERAL = "It has more than one @: one address is wanted."
    MORE = "It has brackets or quotes: the address alone is wanted."
    SPACE = "It has a space in it."
    DOTS = "It has a dot too many."
    NOTHING_BEFORE = "Nothing stands before the @."
    NOTHING_AFTER = "Nothing stands after the @."
    NO_DOT = "What stands after the @ has no dot, so it is no domain."
    LONG = "It is too long."
    BEFORE = "It has a character before the @ that no address has."
    RESERVED = "What stands after the @ is a name that gets no mail."
    AFTER = "What stands after the @ is no domain."


def fault(address: str) -> Fault:
    """Of an address that is not valid: the first that fits, as somebody would see it who looks at it."""
    from email_validator import SPECIAL_USE_DOMAIN_NAMES  # noqa: PLC0415 - see `valid`

    before, _, after = address.rpartition("@")
    sizes = (len(before.encode()) > 64, len(after.encode()) > 253, len(address.encode()) > 254)
    seen = {
        Fault.EMPTY: not address.strip(),
        Fault.NO_AT: "@" not in address,
        Fault.MORE: not set(address).isdisjoint('<>()[]"'),
        Fault.SEVERAL: address.count("@") > 1,
        Fault.SPACE: any(letter.isspace() for letter in address),
        Fault.NOTHING_BEFORE: not before,
        Fault.NOTHING_AFTER: not after,
        Fault.DOTS: any("" in part.split(".") for part in (before, after)),
        Fault.NO_DOT: "." not in after,
        Fault.LONG: any(sizes),
        Fault.BEFORE: USUAL.fullmatch(before) is None,
        Fault.RESERVED: after.casefold().endswith(tuple(f".{name}" for name in SPECIAL_USE_DOMAIN_NAMES)),
    }
    return next((each for each, fits in seen.items() if fits), Fault.AFTER)


def valid(address: str) -> str:
    """The address as it is to be written; raises Refused (reason `invalid`) with what is wrong with it."""
    if EVERYDAY.fullmatch(address):
        return address
    from email_validator import EmailNotValidError, validate_email  # noqa: PLC0415 - most addresses need none of it

    try:
        return validate_email(address, check_deliverability=False).normalized
    except EmailNotValidError as error:
        raise Refused(fault(address).value, reason="invalid") from error


def same(address: str) -> str:
    """The form in which two spellings of one address are equal: what contact keys and block lists compare."""
    return unicodedata.normalize("NFC", address.strip()).casefold()


def is_role(address: str) -> bool:
    local = same(address).partition("@")[0].partition("+")[0]
    return local.rstrip("0123456789") in ROLES


def domain(address: str) -> str:
    """`@example.fi` of an address at example.fi: the form of a blocked domain."""
    return "@" + same(address).rpartition("@")[2]

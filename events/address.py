"""E-mail addresses: valid, personal, and the same."""

from __future__ import annotations

import re
import unicodedata

from email_validator import EmailNotValidError, validate_email

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


def valid(address: str) -> str:
    """The address as it is to be written; raises Refused (reason `invalid`) with the validator's own sentence."""
    if EVERYDAY.fullmatch(address):
        return address
    try:
        return validate_email(address, check_deliverability=False).normalized
    except EmailNotValidError as error:
        raise Refused(str(error), reason="invalid") from error


def same(address: str) -> str:
    """The form in which two spellings of one address are equal: what contact keys and block lists compare."""
    return unicodedata.normalize("NFC", address.strip()).casefold()


def is_role(address: str) -> bool:
    local = same(address).partition("@")[0].partition("+")[0]
    return local.rstrip("0123456789") in ROLES


def domain(address: str) -> str:
    """`@example.fi` of an address at example.fi: the form of a blocked domain."""
    return "@" + same(address).rpartition("@")[2]

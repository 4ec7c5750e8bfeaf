"""E-mail addresses: valid, personal, and the same."""

from __future__ import annotations

import unicodedata

import pytest
from email_validator import SPECIAL_USE_DOMAIN_NAMES

from events.address import EVERYDAY, Fault, domain, is_role, same, valid
from events.errors import Refused
from table import each


@each(
    ("written", "kept"),
    [
        ("paivi.makela@kirjakauppa.fi", "paivi.makela@kirjakauppa.fi"),
        ("Päivi.Mäkelä@Kirjakauppa.FI", "Päivi.Mäkelä@kirjakauppa.fi"),
        ("aino+lasku@ääkköset.fi", "aino+lasku@ääkköset.fi"),
        ("o'brien@a.ie", "o'brien@a.ie"),
    ],
)
def test_a_valid_address_is_kept_with_its_domain_in_lower_case(written: str, kept: str) -> None:
    assert valid(written) == kept


@each(
    "written",
    ["aino", "aino@", "@a.fi", "aino@a", "aino@@a.fi", "aino a@a.fi", "aino@a..fi", "aino@localhost", "a@b.fi, c@d.fi",
     "aino@a.fi\n", "Aino <aino@a.fi>", "aino.@a.fi", "ai..no@a.fi", "aino@-a.fi", "aino@a.test"],
)  # fmt: skip
def test_an_invalid_address_is_refused_with_a_sentence(written: str) -> None:
    with pytest.raises(Refused) as refused:
        valid(written)
    assert refused.value.reason == "invalid"
    assert len(str(refused.value)) > 10


@each(
    ("written", "wrong"),
    [
        (" ", Fault.EMPTY), ("aino", Fault.NO_AT), ("aino@", Fault.NOTHING_AFTER), ("@a.fi", Fault.NOTHING_BEFORE),
        ("aino@a", Fault.NO_DOT), ("aino@localhost", Fault.NO_DOT), ("aino@@a.fi", Fault.SEVERAL),
        ("a@b.fi, c@d.fi", Fault.SEVERAL), ("aino a@a.fi", Fault.SPACE), ("aino@a.fi\n", Fault.SPACE),
        ("Aino <aino@a.fi>", Fault.MORE), ("aino@[127.0.0.1]", Fault.MORE), ("aino@a..fi", Fault.DOTS),
        ("aino.@a.fi", Fault.DOTS), ("aino@a.fi.", Fault.DOTS), ("aino@a.test", Fault.RESERVED),
        ("aino;pekka@a.fi", Fault.BEFORE), ("aino@-a.fi", Fault.AFTER), ("aino@a.fi;", Fault.AFTER),
        (f"{'a' * 250}@a.fi", Fault.LONG), (f"aino@{'a' * 64}.fi", Fault.AFTER),
    ],
)  # fmt: skip
def test_what_is_wrong_with_an_address_is_told_as_somebody_sees_it(written: str, wrong: Fault) -> None:
    with pytest.raises(Refused) as refused:
        valid(written)
    assert str(refused.value) == wrong.value


def test_no_everyday_address_is_of_a_special_use_domain() -> None:
    assert not any(EVERYDAY.fullmatch(f"aino@a.{name}") for name in SPECIAL_USE_DOMAIN_NAMES)


@each(
    "address",
    ["laskutus@a.fi", "LASKUTUS@A.FI", " invoice@a.fi", "info@a.fi", "laskutus+suomi@a.fi", "lasku2@a.fi",
     "no-reply@a.fi", "ostolaskut@a.fi"],
)  # fmt: skip
def test_a_shared_mailbox_is_told_from_a_person(address: str) -> None:
    assert is_role(address)


@each("address", ["laskutus.aino@a.fi", "aino@laskutus.fi", "infolainen@a.fi", "123@a.fi", "@a.fi"])
def test_a_person_is_told_from_a_shared_mailbox(address: str) -> None:
    assert not is_role(address)


def test_one_address_in_two_spellings_is_the_same() -> None:
    decomposed = unicodedata.normalize("NFD", "päivi@a.fi")
    assert same(f" {decomposed.upper()} ") == same("päivi@a.fi")
    assert same("aino@a.fi") != same("aino@b.fi")


def test_a_domain_is_everything_behind_the_last_at() -> None:
    assert domain("Aino@Kirjakauppa.FI") == "@kirjakauppa.fi"
    assert domain("aino@sub.kirjakauppa.fi") == "@sub.kirjakauppa.fi"

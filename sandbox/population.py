"""Finnish people, firms and addresses, made once by a seeded faker and drawn from ever after."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from functools import cache
from random import Random

from faker import Faker

_ID_WEIGHTS = (7, 9, 10, 5, 8, 4, 2)


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    first: str
    last: str

    @property
    def name(self) -> str:
        return f"{self.first} {self.last}"

    @property
    def mailbox(self) -> str:
        return f"{slug(self.first)}.{slug(self.last)}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Address:
    street: str
    zip: str
    city: str


class Population:
    """A pool of names and places; every draw is by the caller's own seeded *rng*."""

    def __init__(self, seed: int) -> None:
        fake = Faker("fi_FI")
        fake.seed_instance(seed)
        self._firsts = sorted({fake.first_name() for _ in range(160)} | {"Päivi", "Åke", "Yrjö", "Äänis"})
        self._lasts = sorted({fake.last_name() for _ in range(160)} | {"Hämäläinen", "Öhman", "Åkerblom"})
        self._firms = sorted({fake.company() for _ in range(160)} | {"Äänekosken Höyläämö Oy", "Åbo Båtvarv Ab"})
        self._addresses = [_address(fake) for _ in range(60)]

    def person(self, rng: Random) -> Person:
        return Person(first=rng.choice(self._firsts), last=rng.choice(self._lasts))

    def crowd(self, rng: Random, size: int) -> list[Person]:
        """*size* people without namesakes."""
        firsts, lasts = rng.sample(self._firsts, size), rng.choices(self._lasts, k=size)
        return [Person(first=first, last=last) for first, last in zip(firsts, lasts, strict=True)]

    def firm(self, rng: Random) -> str:
        return rng.choice(self._firms)

    def address(self, rng: Random) -> Address:
        return rng.choice(self._addresses)


@cache
def population(seed: int) -> Population:
    """The people of *seed*; making them takes a tenth of a second, and they never change."""
    return Population(seed)


def _address(fake: Faker) -> Address:
    return Address(street=fake.street_address()[:80], zip=fake.postcode()[:20], city=fake.city()[:40])


def slug(text: str) -> str:
    """*text* as a part of an address: ASCII letters, digits and hyphens."""
    plain = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode().lower()
    return "-".join("".join(c if c.isalnum() else " " for c in plain).split())


def business_id(rng: Random) -> str:
    """A Finnish business id with a right check digit."""
    while True:
        digits = [rng.randrange(10) for _ in range(7)]
        rest = sum(digit * weight for digit, weight in zip(digits, _ID_WEIGHTS, strict=True)) % 11
        if rest != 1:
            return "".join(map(str, digits)) + f"-{0 if rest == 0 else 11 - rest}"


def phone(rng: Random) -> str:
    return f"+3584{rng.choice('0145')}{rng.randrange(1_000_000, 9_999_999)}"


def domain(firm: str, number: int) -> str:
    """A domain of this customer alone, so that no two customers share an address by accident."""
    return f"esimerkki-{slug(firm)[:24].strip('-')}-{number}.fi"

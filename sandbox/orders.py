"""What the control door takes: names and kinds, looked at first, so that no order breaks a service."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from sandbox.query import MOMENT

MOST = 1e9
LEVELS = ("ALL_RIGHTS", "VIEWING_RIGHTS", "NO_ACCESS", "NOT_ENABLED")


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    says: str
    fits: Callable[[Any], bool]


Order = Mapping[str, Kind]
"""Name → what stands under it."""


def number(value: Any, least: float = -MOST, most: float = MOST) -> bool:
    return type(value) in (int, float) and least <= value <= most


def whole(value: Any, least: float = -MOST, most: float = MOST) -> bool:
    return type(value) is int and number(value, least, most)


def texts(value: Any) -> bool:
    return isinstance(value, dict) and all(each is None or isinstance(each, str) for each in value.values())


WHOLE = Kind(says="a whole number", fits=whole)
NUMBER = Kind(says="a number", fits=number)
TEXT = Kind(says="a text", fits=lambda value: isinstance(value, str))
FLAG = Kind(says="true or false", fits=lambda value: isinstance(value, bool))
NUMBERS = Kind(says="a list of numbers", fits=lambda value: isinstance(value, list) and all(map(whole, value)))
TEXTS = Kind(says="an object of texts", fits=texts)
PEOPLE = Kind(says="a list of objects of texts", fits=lambda value: isinstance(value, list) and all(map(texts, value)))
LEVEL = Kind(says=f"one of {', '.join(LEVELS)}", fits=lambda value: value in LEVELS)
STAMP = Kind(says="a moment without a zone", fits=lambda value: isinstance(value, str) and bool(MOMENT.match(value)))
COUNT = Kind(says="a number up to 100000", fits=lambda value: whole(value, 0, 100_000))
RATE = Kind(says="a number above 0, up to 10000", fits=lambda value: number(value, 0.001, 10_000))
SCORE = Kind(says="a number from 0 to 10", fits=lambda value: whole(value, 0, 10))

INVOICE: Order = {
    **dict.fromkeys(("company", "customer"), WHOLE),
    **dict.fromkeys(("kind", "status", "channel"), TEXT),
    "total": NUMBER,
    "created": STAMP,
}
STATUS: Order = {"status": TEXT, "version_moves": FLAG}
CLOCK: Order = {"ahead": NUMBER}
FLOW: Order = {
    **dict.fromkeys(("endless", "lives", "wait"), FLAG),
    "company": WHOLE,
    "count": COUNT,
    "per_second": RATE,
    "kind": TEXT,
}
NEW_CUSTOMER: Order = {"kind": TEXT}
CUSTOMER: Order = {"email": TEXT, "contact_person": TEXT, "name": TEXT, "active": FLAG, "contacts": PEOPLE}
CONTACT: Order = {"email": TEXT, "organization": TEXT, "status": TEXT, "deleted": FLAG, "fields": TEXTS, "gone": FLAG}
REPLY: Order = {"score": SCORE, "email": TEXT, "organization": TEXT}
"""And whatever else was answered."""
COMPANY: Order = {
    **dict.fromkeys(("api_enabled", "user_valid", "integrator", "api_only", "revoke_key"), FLAG),
    **dict.fromkeys(("sales_invoices", "customer_register", "company_info"), LEVEL),
    "personal_sales_invoices_only": FLAG,
}
ORGANIZATION: Order = {"key_works": FLAG, "delete_list": TEXT}
ACTIVATION: Order = {"companies": NUMBERS, "callback": TEXT}
EXPECT: Order = {"company": WHOLE}
FAULTS: Order = {"spec": TEXT, "add": FLAG}


def checked(
    body: Mapping[str, Any], order: Order, *, needed: tuple[str, ...] = (), more: bool = False
) -> dict[str, Any]:
    """*body* without what is null; raises ValueError naming what is missing, strange (unless *more*) or unfit."""
    given = {name: value for name, value in body.items() if value is not None}
    if missing := [name for name in needed if name not in given]:
        raise ValueError(f"{', '.join(missing)} is needed")
    for name, value in given.items():
        if name not in order:
            if not more:
                raise ValueError(f"there is no {name!r} here, but {', '.join(order)}")
        elif not order[name].fits(value):
            raise ValueError(f"{name!r} takes {order[name].says}")
    return given

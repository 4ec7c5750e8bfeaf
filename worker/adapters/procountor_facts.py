"""What Procountor tells of companies, users and lists, read from its answers."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from events.errors import Refused
from events.observe import identifier
from events.picture import PERSONAL_KINDS, impersonal, is_personal
from worker.adapters.tokens import Granted

Json = dict[str, Any]
SECONDS = re.compile(r"[0-9]{1,9}(\.[0-9]+)?")


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    items: Sequence[Json]
    full: bool
    """There may be more behind it."""
    total: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Session:
    """Whose credentials they are."""

    company_id: int
    company: str
    user_id: int | None
    user: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Company:
    id: int
    name: str
    business_id: str | None = None
    operation_type: str | None = None
    """PRODUCTION, TRIAL, DEMONSTRATION, …"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Activation:
    """What a customer accepted by following an activation link: its companies wait for our yes or no."""

    request: int
    integration: str
    expires: str
    """As Procountor writes times: local, without a zone."""
    initiator: str
    """Who accepted it."""
    companies: tuple[Company, ...]


def activation_of(request: int, body: Any) -> Activation:
    found = mapping(body)
    rows = found.get("companiesToIntegrate")
    if not isinstance(rows, list) or not rows:
        raise Refused("Procountor's answer about the activation names no company.", reason="unreadable")
    initiator = found.get("initiator")
    named = initiator if isinstance(initiator, dict) else {}
    return Activation(
        request=request,
        integration=plainly(found.get("integrationId")),
        expires=plainly(found.get("expires")),
        initiator=" ".join(said for one in ("userFullName", "email") if (said := plainly(named.get(one)))),
        companies=tuple(asked_company(mapping(one)) for one in rows),
    )


def asked_company(row: Json) -> Company:
    extra = row.get("extraInfo")
    told = extra if isinstance(extra, dict) else {}
    id = identifier(row.get("companyId"))
    if id is None:
        raise Refused("Procountor's answer about the activation has a company without an id.", reason="unreadable")
    return Company(
        id=id, name=name_of(told.get("companyName")) or str(id), business_id=business_id(told.get("businessIdentifier"))
    )


def keys_of(body: Any) -> dict[int, str]:
    """Company → its API key, of those that were approved."""
    rows = mapping(body).get("companiesIntegrated")
    found = [mapping(one) for one in rows] if isinstance(rows, list) else []
    named = {identifier(one.get("companyId")): one for one in found}
    return {id: word(one.get("apiKey"), "apiKey") for id, one in named.items() if id}


@dataclass(frozen=True, slots=True, kw_only=True)
class Rights:
    """What the user may do there; missing rights can show as empty data instead of an error, so they are asked for."""

    role: str | None
    invoices: str
    """`ALL_RIGHTS`, `VIEWING_RIGHTS`, `NO_ACCESS` or `NOT_ENABLED`."""
    customers: str
    only_own_invoices: bool

    @property
    def sees_invoices(self) -> bool:
        return self.invoices not in ("NO_ACCESS", "NOT_ENABLED")

    @property
    def sees_customers(self) -> bool:
        return self.customers not in ("NO_ACCESS", "NOT_ENABLED")


def session_of(body: Any) -> Session:
    answer = mapping(body)
    company = identifier(answer.get("companyId"))
    if company is None:
        raise Refused("GET /sessioninfo: the answer names no company", reason="unreadable")
    return Session(
        company_id=company,
        company=name_of(answer.get("name")),
        user_id=identifier(answer.get("userId")),
        user=name_of(answer.get("userName")),
    )


def company_of(body: Any) -> Company:
    answer = mapping(body)
    return Company(
        id=identifier(answer.get("id")) or 0,
        name=name_of(answer.get("name")),
        business_id=business_id(answer.get("businessIdentifier")),
        operation_type=text(answer.get("operationType")),
    )


def rights_of(body: Any) -> Rights:
    answer = mapping(body)
    rights = answer.get("rights")
    sales = rights.get("sales") if isinstance(rights, dict) else None
    sales = sales if isinstance(sales, dict) else {}
    return Rights(
        role=text(answer.get("role")),
        invoices=text(sales.get("salesInvoiceSearch")) or "NO_ACCESS",
        customers=text(sales.get("customerRegister")) or "NO_ACCESS",
        only_own_invoices=bool(sales.get("personalSalesInvoicesOnly")),
    )


def granted(body: Any) -> Granted:
    answer = mapping(body)
    life = plainly(answer.get("expires_in"))
    return Granted(
        access_token=word(answer.get("access_token"), "access_token"),
        expires_in=float(life) if SECONDS.fullmatch(life) else 300,
        refresh_token=text(answer.get("refresh_token")),
    )


def page_of(body: Any, size: int) -> Page:
    answer = mapping(body)
    items, meta = answer.get("results"), answer.get("meta")
    if not isinstance(items, list):
        raise Refused("GET /invoices: the answer has no results", reason="unreadable")
    meta = meta if isinstance(meta, dict) else {}
    served, total = meta.get("pageSize"), meta.get("totalCount")
    limit = min(size, identifier(served) or size)
    return Page(items=items, full=len(items) >= limit, total=total if isinstance(total, int) else None)


def mapping(body: Any) -> Json:
    if not isinstance(body, dict):
        raise Refused("Procountor's answer is not an object", reason="unreadable")
    return body


def word(value: Any, name: str) -> str:
    """Of what goes into a header or a form: one with a line's end in it is none."""
    found = text(value)
    if found is None or not found.isprintable():
        raise Refused(f"Procountor's answer has no {name}", reason="unreadable")
    return found


def plainly(value: Any) -> str:
    """A text or a number as text; empty for anything else."""
    return str(value).replace("\0", "") if isinstance(value, (str, int, float)) else ""


def text(value: Any) -> str | None:
    """None for one that is empty, or is no text; PostgreSQL takes no NUL."""
    return value.replace("\0", "") or None if isinstance(value, str) else None


def name_of(value: Any) -> str:
    """Without the identity number that some have in it; empty for what is no text."""
    return impersonal(text(value) or "")


def business_id(given: Any) -> str | None:
    """None where it is a person's own."""
    told = given if isinstance(given, dict) else {}
    code = text(told.get("code"))
    return None if told.get("brnType") in PERSONAL_KINDS or is_personal(code) else code

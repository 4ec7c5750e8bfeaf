"""One Procountor company: its register, its invoices and the indexes that keep searches light."""

from __future__ import annotations

from bisect import bisect_left, bisect_right, insort
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field

from sandbox.customers import Customer
from sandbox.invoices import Invoice
from sandbox.statuses import Status

ALL_RIGHTS = "ALL_RIGHTS"
NO_ACCESS = "NO_ACCESS"
VIEWING_RIGHTS = "VIEWING_RIGHTS"
READING = frozenset({ALL_RIGHTS, VIEWING_RIGHTS})
"""The levels that let one see; NO_ACCESS and NOT_ENABLED do not."""

Name = tuple[str, str, str]
"""First, last, and what one logs in with."""


@dataclass(slots=True, kw_only=True)
class User:
    id: int
    login: str
    password: str
    first: str
    last: str
    email: str
    phone: str
    companies: list[int] = field(default_factory=list)
    api_only: bool = False
    """May come in by an API key and not by the login page."""


@dataclass(slots=True, kw_only=True)
class Rights:
    """The rights of every user of the company, as far as anything here depends on them."""

    sales_invoices: str = ALL_RIGHTS
    customer_register: str = ALL_RIGHTS
    company_info: str = ALL_RIGHTS
    personal_sales_invoices_only: bool = False


@dataclass(slots=True, kw_only=True)
class Company:
    id: int
    name: str
    business_id: str
    street: str
    zip: str
    city: str
    user: User
    colleague: int
    """Id of another user, who made the other half of the invoices."""
    api_key: str = ""
    api_enabled: bool = True
    user_valid: bool = True
    """Keys and refresh tokens live as long as their user does in the company."""
    integrator: bool = False
    """Has the API Integrator tool."""
    technical_user: int = 0
    technical_key: str = ""
    people: dict[int, Name] = field(default_factory=dict)
    """Users by id."""
    rights: Rights = field(default_factory=Rights)
    customers: dict[int, Customer] = field(default_factory=dict)
    invoices: dict[int, Invoice] = field(default_factory=dict)
    """In the order of their ids."""
    versions: list[tuple[str, int]] = field(default_factory=list)
    statuses: defaultdict[Status, set[int]] = field(default_factory=lambda: defaultdict(set))
    hidden: set[int] = field(default_factory=set)
    """Invoices that are there and not shown."""
    next_number: int = 10_001

    def add(self, invoice: Invoice) -> None:
        self.invoices[invoice.id] = invoice
        insort(self.versions, (invoice.version, invoice.id))
        self.statuses[invoice.status].add(invoice.id)

    def move(self, invoice: Invoice, status: Status, version: str | None) -> None:
        """Give *invoice* its new status and, unless None, its new version."""
        del self.versions[bisect_left(self.versions, (invoice.version, invoice.id))]
        self.statuses[invoice.status].discard(invoice.id)
        invoice.change(status, version)
        insort(self.versions, (invoice.version, invoice.id))
        self.statuses[status].add(invoice.id)

    def between(self, start: str, end: str, *, inclusive: bool) -> list[int]:
        """Ids of invoices with a version from *start* to *end* (either may be empty), in (version, id) order."""
        low, high = 0, len(self.versions)
        if start:
            low = bisect_left(self.versions, (start, 0) if inclusive else (start, 1 << 62))
        if end:
            high = bisect_right(self.versions, (end, 1 << 62) if inclusive else (end, 0))
        return [number for _, number in self.versions[low:high]]

    def in_statuses(self, statuses: frozenset[Status]) -> Iterator[int]:
        for status in statuses:
            yield from self.statuses.get(status, ())

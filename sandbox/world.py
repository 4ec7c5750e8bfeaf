"""Everything the sandbox knows: its companies, organizations and books, and every way to make something happen."""

from __future__ import annotations

from collections import Counter
from datetime import datetime, timedelta
from random import Random
from typing import Any
from zoneinfo import ZoneInfo

from sandbox.access import Access
from sandbox.books import Books, Change, Picture
from sandbox.clock import Clock, local_stamp, system_clock
from sandbox.company import Company
from sandbox.customers import Customer, CustomerKind, contact_from, draw_kind, new_customer
from sandbox.founding import found_companies
from sandbox.invoices import Invoice, InvoiceKind, due_after, print_paper, type_of
from sandbox.organization import STATUSES, Organization, found_organization
from sandbox.payment import Paid, paid_by, pay
from sandbox.population import population
from sandbox.statuses import STEPS, Act, Channel, Status, status_after
from sandbox.switches import Switches

_FIRST_CUSTOMER, _FIRST_INVOICE, _FIRST_PAYMENT = 51_000, 8_400_000, 300_000
_AGES = timedelta(days=365_000)
"""Beyond, a moment has no date."""

_TOLD = ("api_enabled", "user_valid", "integrator")


class NotAllowed(ValueError):
    """What was asked for does not exist here or cannot be done in this state."""


class World:
    """The state behind both services; nothing in it knows HTTP."""

    def __init__(
        self,
        *,
        seed: int = 1,
        companies: int = 1,
        organizations: int = 1,
        customers: int = 24,
        clock: Clock = system_clock,
        switches: Switches | None = None,
    ) -> None:
        self.seed = seed
        self._ahead = timedelta()
        self.clock: Clock = lambda: clock() + self._ahead
        self.switches = switches or Switches()
        self.books = Books()
        self.rng = Random(f"world {seed}")
        self.people = population(seed)
        self.access = Access(seed, lambda: self.clock().timestamp())
        self._counted: Counter[tuple[int, int]] = Counter()
        self._homes: dict[int, Company] = {}
        self.companies = found_companies(companies, people=self.people, rng=self.rng, access=self.access)
        self.users = {company.user.login: company.user for company in self.companies.values()}
        for company in self.companies.values():
            self._settle(company, customers)
        founded = (
            found_organization(place, rng=self.rng, name=self.people.firm(self.rng), at=clock())
            for place in range(organizations)
        )
        self.organizations = {item.id: item for item in founded}

    def company(self, number: int | None = None) -> Company:
        """The company with that id; the first if None."""
        if number is None:
            return next(iter(self.companies.values()))
        if number not in self.companies:
            raise NotAllowed(f"no company {number}")
        return self.companies[number]

    def organization(self, name: str | None = None) -> Organization:
        if name is None:
            return next(iter(self.organizations.values()))
        if name not in self.organizations:
            raise NotAllowed(f"no organization {name}")
        return self.organizations[name]

    def invoice(self, number: int | Invoice) -> Invoice:
        if isinstance(number, Invoice):
            return number
        home = self._homes.get(number)
        if home is None:
            raise NotAllowed(f"no invoice {number}")
        return home.invoices[number]

    def stamp(self, at: datetime | None = None) -> str:
        return local_stamp(at or self.clock(), ZoneInfo(self.switches.local_zone))

    # Making things happen in Procountor

    def add_customer(self, company: int | None = None, kind: CustomerKind | str | None = None) -> Customer:
        """A customer for whoever asks: no invoice goes there unless it is told to."""
        customer = self._draw_customer(self.company(company), CustomerKind(kind or CustomerKind.NAMED_CONTACT))
        customer.is_regular = False
        return customer

    def edit_customer(self, company: int, number: int, **changes: Any) -> Customer:
        """Change `email`, `contact_person`, `name`, `active` or `contacts` ([{name, email, phone}]) of an entry."""
        customer = self.company(company).customers.get(number)
        if customer is None:
            raise NotAllowed(f"no customer {number} in company {company}")
        unknown = changes.keys() - {"email", "contact_person", "name", "active", "contacts"}
        if unknown:
            raise NotAllowed(f"a customer has no {', '.join(sorted(unknown))} to change")
        if "contacts" in changes:
            changes["contacts"] = [
                contact_from(number * 10 + place, given) for place, given in enumerate(changes["contacts"])
            ]
        for name, value in changes.items():
            setattr(customer, name, value)
        customer.version = self.stamp()
        return customer

    def add_invoice(
        self,
        company: int | None = None,
        *,
        customer: int | None = None,
        kind: str | None = None,
        status: Status | str = Status.UNFINISHED,
        total: float | None = None,
        created: str | None = None,
        channel: Channel | str | None = None,
    ) -> Invoice:
        """A new invoice; *kind* is an invoice kind or a customer kind, *created* (local) makes it an old one."""
        home = self.company(company)
        paper_kind = InvoiceKind(kind) if kind in list(InvoiceKind) else InvoiceKind.INVOICE
        payer = self._payer(home, customer, None if kind in list(InvoiceKind) else kind)
        if paper_kind is InvoiceKind.CREDIT_NOTE and total is None:
            total = -round(self.rng.uniform(20, 900), 2)
        number, printed = self.next_invoice(home)
        paper, cents = print_paper(payer, self.rng, total=total, first_row=(number - 1) * 10)
        moment = created or self.stamp()
        invoice = Invoice(
            id=number,
            company=home.id,
            partner=payer.id if payer.registered else None,
            type=type_of(paper_kind),
            status=Status(status),
            number=printed,
            channel=Channel(channel or payer.channel),
            date=moment[:10],
            due=due_after(moment[:10]),
            created=moment,
            version=moment,
            creator=self.rng.choice((home.user.id, home.colleague)),
            is_offer=paper_kind is InvoiceKind.OFFER,
            language=payer.language,
            currency="EUR",
            total_cents=cents,
            paper=paper,
        )
        self.file(invoice, old=created is not None)
        return invoice

    def next_invoice(self, home: Company) -> tuple[int, int]:
        """The next id and the next printed number of *home*."""
        home.next_number += 1
        return self._count(_FIRST_INVOICE, home), home.next_number

    def _count(self, first: int, home: Company) -> int:
        """The next id of a kind, which begins behind *first*."""
        counted = (first, home.id if self.switches.ids_of_each_company else 0)
        self._counted[counted] += 1
        return first + self._counted[counted]

    def file(self, invoice: Invoice, *, old: bool = False) -> None:
        """Take *invoice* in; an *old* one was what it is long before anybody looked."""
        home = self.companies[invoice.company]
        home.add(invoice)
        self._homes[invoice.id] = home
        if not old:
            self._note(invoice, None)

    def act(self, number: int | Invoice, act: Act | str, paid: Paid | None = None) -> Invoice:
        """Let *act* happen to the invoice, or raise NotAllowed; *paid* says how much and how, if anybody says."""
        invoice, step = self.invoice(number), Act(act)
        after = status_after(step, now=invoice.status, channel=invoice.channel)
        if after is None:
            raise NotAllowed(f"{step} is not allowed while invoice {invoice.id} is {invoice.status}")
        moves = STEPS[step].moves_version
        if paid := paid or paid_by(step, invoice, self.stamp()[:10]):
            pay(invoice, paid, number=self._count(_FIRST_PAYMENT, self.companies[invoice.company]))
        self.move(invoice, after, version_moves=not moves or bool(getattr(self.switches, moves)))
        return invoice

    def move(self, number: int | Invoice, status: Status | str, *, version_moves: bool = True) -> Invoice:
        """Set any status, allowed or not."""
        invoice = self.invoice(number)
        before, after = invoice.status, Status(status)
        if after in {Status.PAID, Status.MARKED_PAID, Status.PARTLY_PAID}:
            invoice.paid_on = invoice.paid_on or self.stamp()[:10]
        self.companies[invoice.company].move(invoice, after, self.stamp() if version_moves else None)
        if after is not before:
            self._note(invoice, before)
        return invoice

    def edit_company(self, number: int, **changes: Any) -> Company:
        """Change any of the rights or of `_TOLD`; `revoke_key` makes the key and its tokens useless."""
        company = self.company(number)
        for name, value in changes.items():
            if name == "revoke_key":
                self.access.revoke(company.api_key, "key")
                self.access.expire_access_tokens(company.id)
            elif name == "api_only":
                company.user.api_only = bool(value)
            elif name in _TOLD:
                setattr(company, name, bool(value))
            elif hasattr(company.rights, name):
                setattr(company.rights, name, value)
            else:
                raise NotAllowed(f"a company has no {name} to change")
        return company

    def revoke(self, service: str, tenant: str) -> None:
        """The key of a company (`procountor`) or an organization (`trustmary`) works no more."""
        if service == "procountor":
            self.edit_company(int(tenant), revoke_key=True)
        else:
            self.edit_organization(tenant, key_works=False)

    def technical_key(self, number: int) -> str:
        """The API key of the company's technical user, who is made when first asked for."""
        company = self.company(number)
        if not company.technical_key:
            company.technical_user = company.user.id + 500_000
            company.people[company.technical_user] = ("API", "technical user", f"api.{company.id}")
            company.technical_key = self.access.key_for(company, company.technical_user)
        return company.technical_key

    def hide(self, number: int, *, hidden: bool = True) -> Invoice:
        """What Procountor does not show for a while, in lists or by id: reading passes it by."""
        invoice = self.invoice(number)
        home = self.companies[invoice.company]
        (home.hidden.add if hidden else home.hidden.discard)(number)
        return invoice

    def let_pass(self, seconds: float) -> str:
        """Both services' clocks go so much ahead at once."""
        ahead = self._ahead + timedelta(seconds=seconds)
        if abs(ahead) > _AGES:
            raise NotAllowed("the clock goes no further than a thousand years")
        self._ahead = ahead
        return self.stamp()

    # Making things happen in Trustmary

    def edit_organization(self, name: str, *, key_works: bool | None = None, delete_list: str = "") -> None:
        home = self.organization(name)
        if key_works is not None:
            home.key_works = key_works
        if delete_list:
            if delete_list not in home.lists:
                raise NotAllowed(f"no list {delete_list}")
            home.lists[delete_list].deleted = self.clock()

    def set_contact(
        self,
        email: str,
        *,
        organization: str | None = None,
        status: str = "",
        deleted: bool | None = None,
        fields: dict[str, Any] | None = None,
        gone: bool = False,
    ) -> None:
        """Unsubscribe, bounce, delete, correct, … a contact as its owner or Trustmary would; *gone* leaves no trace."""
        home = self.organization(organization)
        contact = home.contacts.get(email.lower())
        if contact is None:
            raise NotAllowed(f"no contact {email}")
        if status and status not in STATUSES:
            raise NotAllowed(f"no contact status {status!r}")
        if gone:
            home.forget(contact)
            return
        contact.correct(fields or {})
        contact.status = status or contact.status
        if deleted is not None:
            contact.deleted = self.clock() if deleted else None
        contact.updated = self.clock()

    def add_contact(self, email: str, *, organization: str | None = None, **fields: Any) -> None:
        """A contact that is there already, unknown to the books."""
        home = self.organization(organization)
        home.upsert({"email": email, **fields}, at=self.clock(), switches=self.switches)

    # How it all began

    def _settle(self, company: Company, customers: int) -> None:
        kinds = [kind for kind in CustomerKind if kind is not CustomerKind.ONE_OFF]
        drawn = (kinds[place] if place < len(kinds) else draw_kind(self.rng) for place in range(customers))
        for kind in drawn:
            self._draw_customer(company, kind)

    def _draw_customer(self, home: Company, chosen: CustomerKind) -> Customer:
        number = self._count(_FIRST_CUSTOMER, home)
        customer = new_customer(number, chosen, people=self.people, rng=self.rng, version=self.stamp())
        if customer.registered:
            home.customers[customer.id] = customer
        return customer

    def _payer(self, home: Company, customer: int | None, kind: str | None) -> Customer:
        if customer is not None:
            if customer not in home.customers:
                raise NotAllowed(f"no customer {customer} in company {home.id}")
            return home.customers[customer]
        chosen = CustomerKind(kind) if kind else draw_kind(self.rng)
        known = [entry for entry in home.customers.values() if entry.kind is chosen and entry.is_regular]
        return self.rng.choice(known) if known else self._draw_customer(home, chosen)

    def _note(self, invoice: Invoice, before: Status | None) -> None:
        change = Change(
            at=self.clock(),
            company=invoice.company,
            invoice=invoice.id,
            type=invoice.type,
            before=before,
            after=invoice.status,
            version=invoice.version,
        )
        self.books.note(change, lambda: self._picture(invoice))

    def _picture(self, invoice: Invoice) -> Picture:
        payer = self.companies[invoice.company].customers.get(invoice.partner) if invoice.partner else None
        return invoice.written(), payer.entry() if payer else None

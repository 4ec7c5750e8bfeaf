"""How the sandbox's companies began: their names, users and keys, and the years before anybody connected them."""

from __future__ import annotations

from datetime import timedelta
from random import Random
from typing import TYPE_CHECKING

from sandbox.access import Access
from sandbox.company import Company, User
from sandbox.population import Population, business_id, domain, phone
from sandbox.statuses import Status

if TYPE_CHECKING:
    from sandbox.world import World

_FIRST_COMPANY, _FIRST_USER = 14_001, 26_501
_ONE_RUN = 5  # invoices that were made in one second
_PAST: dict[Status, int] = {
    Status.PAID: 60,
    Status.MARKED_PAID: 10,
    Status.SENT: 18,
    Status.INVALIDATED: 4,
    Status.NOT_SENT: 4,
    Status.UNFINISHED: 4,
}


def found_companies(count: int, *, people: Population, rng: Random, access: Access) -> dict[int, Company]:
    """Companies by id, each with a user of its own; the first one's user may enter all of them."""
    companies: dict[int, Company] = {}
    names: set[str] = set()
    for place in range(count):
        company = _found(place, people=people, rng=rng)
        company.name = company.name if company.name not in names else f"{company.name}, {company.city} {place + 1}"
        company.api_key = access.key_for(company)
        names.add(company.name)
        companies[company.id] = company
    if companies:
        companies[_FIRST_COMPANY].user.companies = list(companies)
        companies[_FIRST_COMPANY].integrator = True
    for company in companies.values():
        _introduce(company, [companies[_FIRST_COMPANY].user, company.user], people)
    return companies


def add_history(world: World, company: int, count: int) -> None:
    """*count* old invoices of the last two years, made in runs that share one second."""
    rng, home = Random(f"history {world.seed} {company}"), world.company(company)
    made = world.clock()
    for place in range(count):
        if place % _ONE_RUN == 0:
            made = world.clock() - timedelta(seconds=rng.randrange(31 * 86_400, 730 * 86_400))
            changed = world.stamp(made + timedelta(seconds=rng.randrange(86_400, 30 * 86_400)))
        status = rng.choices(list(_PAST), weights=list(_PAST.values()))[0]
        invoice = world.add_invoice(company, created=world.stamp(made))
        invoice.paid_on = changed[:10] if status in {Status.PAID, Status.MARKED_PAID} else None
        home.move(invoice, status, changed)


def _found(place: int, *, people: Population, rng: Random) -> Company:
    name, address, person = people.firm(rng), people.address(rng), people.person(rng)
    number = _FIRST_COMPANY + place
    user = User(
        id=_FIRST_USER + 2 * place,
        login=f"{person.mailbox}.{place + 1}",
        password=rng.randbytes(6).hex(),
        first=person.first,
        last=person.last,
        email=f"{person.mailbox}@{domain(name, number)}",
        phone=phone(rng),
        companies=[number],
    )
    return Company(
        id=number,
        name=name,
        business_id=business_id(rng),
        street=address.street,
        zip=address.zip,
        city=address.city,
        user=user,
        colleague=user.id + 1,
    )


def _introduce(company: Company, users: list[User], people: Population) -> None:
    """Names for the ids that its invoices and tokens carry; its rng keeps the colleague from moving anybody else."""
    company.people.update({user.id: (user.first, user.last, user.login) for user in users})
    colleague = people.person(Random(f"colleague {company.id}"))
    company.people[company.colleague] = (colleague.first, colleague.last, f"{colleague.mailbox}.{company.id}")

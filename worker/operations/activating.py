"""Activation links: what a customer has accepted in Procountor is answered for, and brings a key for each company."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, field

from events.errors import Misconfigured, Refused, Unavailable
from worker.adapters.credentials import CredentialKind, Credentials
from worker.adapters.postgres import translating
from worker.adapters.procountor import Activation
from worker.adapters.procountor import Company as Asked
from worker.operations import access
from worker.operations.access import Organization
from worker.operations.context import SQL, Context
from worker.operations.joining import Candidate, Fate, Joiner, Progress
from worker.operations.roster import Key, Row

__all__ = ["Accepted", "Activation", "Asked"]

JOINED = frozenset({Fate.JOINED, Fate.ALREADY})
NO = {
    "not_found": (
        "Procountor has no such activation any more: it was answered already, or has expired. Ask the customer to "
        "follow the link again."
    ),
    "rights": (
        "Procountor does not let this login answer activations: give the API key of your own company, the one with the "
        "API Integrator tool (PTM_PROCOUNTOR_INTEGRATOR_KEY)."
    ),
}
"""Why an activation cannot be read or answered, where that says more than Procountor does."""
REJECTED = "Not approved by the integrator"


@dataclass(frozen=True, slots=True, kw_only=True)
class Accepted:
    """What a customer has accepted, as far as it has come."""

    request: int
    companies: tuple[Asked, ...]
    asked: Activation | None
    """None: it was answered already, and *companies* are those whose keys wait here for them to be joined."""
    key: str = field(default="", repr=False)
    """Of our own company, where it is still to be answered."""


async def look(context: Context, request: int, key: str) -> Accepted:
    """*key* is our own company's. Raises `Refused` where there is no such activation any more."""
    if waiting := await kept(context, request):
        companies = tuple(Asked(id=id, name=f"company {id}", business_id=None) for id in waiting)
        return Accepted(request=request, companies=companies, asked=None)
    asked = await read(context, key, request)
    return Accepted(request=request, companies=asked.companies, asked=asked, key=key)


async def read(context: Context, key: str, request: int) -> Activation:
    """What waits for an answer; *key* is our own company's."""
    access.require_client(context)
    try:
        return await context.procountor.activation(integrator(key), request)
    except Refused as refused:
        raise explained(refused) from refused


async def approve(context: Context, key: str, asked: Activation, companies: Collection[int]) -> None:
    """Says yes to *companies* and no to the others, and keeps the keys, sealed, before anything else is done.

    Raises `Refused`, or `Misconfigured` for a company that was not asked for.
    """
    request = asked.request
    wanted = [one.id for one in asked.companies if one.id in companies]
    if strange := set(companies) - set(wanted):
        raise Misconfigured(f"Company {min(strange)} is not among those of activation {request}.")
    others = {one.id: REJECTED for one in asked.companies if one.id not in companies}
    try:
        keys = await context.procountor.answer_activation(integrator(key), request, approve=wanted, reject=others)
    except Refused as refused:
        raise explained(refused) from refused
    except Unavailable as error:
        if not error.unanswered:
            raise
        raise Unavailable(
            f"{error} Look again: if activation {request} is gone, it was answered, and its keys are lost on the way. "
            "Then ask the customer to follow the link again.",
            unanswered=True,
        ) from error
    with translating():
        async with context.pool.acquire() as connection, connection.transaction():
            for company, found in keys.items():
                secret = await context.vault.put_secret("procountor", found.encode(), connection=connection)
                await connection.execute(SQL["keep_activation"], request, company, secret)


async def kept(context: Context, request: int) -> dict[int, str]:
    """Company → key, of those that were approved and are not joined yet."""
    with translating():
        rows = await context.pool.fetch(SQL["read_activation"], request)
    return {row["company"]: (await context.vault.secret(row["secret"])).decode() for row in rows}


async def forget(context: Context, request: int, company: int) -> None:
    """Its company is joined."""
    with translating():
        secret = await context.pool.fetchval(SQL["forget_activation"], request, company)
        if secret is not None:
            await context.pool.execute(SQL["delete_secret"], secret)


async def check(
    context: Context,
    request: int,
    joiner: Joiner,
    organization: Organization,
    *,
    shaped: Callable[[Row], Row] = lambda row: row,
    progress: Progress = lambda done, of: None,
) -> list[Candidate]:
    """Those that were approved and are not joined yet, each as *shaped* says; writes nothing."""
    trustmary = Key(text=organization.key)
    rows = [
        shaped(Row(number=number, procountor=Key(text=key), trustmary=trustmary, company=company))
        for number, (company, key) in enumerate((await kept(context, request)).items(), start=1)
    ]
    return await joiner.check(rows, progress)


async def join(
    context: Context,
    request: int,
    joiner: Joiner,
    found: Sequence[Candidate],
    *,
    reason: str | None,
    progress: Progress = lambda done, of: None,
) -> list[Candidate]:
    """What could be joined, each by itself; its key is then no longer kept here."""
    done = await joiner.join(found, reason or f"activation {request}", progress)
    for one in done:
        if one.fate in JOINED and one.row.company is not None:
            await forget(context, request, one.row.company)
    return done


def integrator(key: str) -> Credentials:
    return Credentials(kind=CredentialKind.API_KEY, value=key.strip())


def explained(refused: Refused) -> Refused:
    if refused.reason not in NO:
        return refused
    return Refused(NO[refused.reason], reason=refused.reason, status=refused.status)

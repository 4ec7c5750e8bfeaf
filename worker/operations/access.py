"""Whose credentials these are, and whether they do: asked of both services before anything is saved."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from events.errors import Misconfigured, Refused
from events.invoice import InvoiceType
from worker.adapters.credentials import CredentialKind, Credentials
from worker.adapters.procountor import Rights
from worker.operations import logins
from worker.operations.context import Context
from worker.operations.logins import PendingLogin
from worker.settings import needed

SALES = frozenset({InvoiceType.SALES_INVOICE.value})


@dataclass(frozen=True, slots=True, kw_only=True)
class Company:
    """A Procountor company that lets us in."""

    credentials: Credentials
    company_id: int
    name: str
    business_id: str | None
    user: str
    rights: Rights

    @property
    def warnings(self) -> tuple[str, ...]:
        """What will not work as expected, in an operator's words."""
        said = [*lacking(self.rights)]
        if self.credentials.kind is CredentialKind.REFRESH_TOKEN:
            said.append("This login ends after six months; an API key does not.")
        return tuple(said)


def lacking(rights: Rights) -> Iterator[str]:
    """What the user's rights leave out."""
    if not rights.sees_customers:
        yield "The user may not read the customer register: contact persons cannot be found. Give it viewing rights."
    if rights.only_own_invoices:
        yield "The user sees only its own invoices: those of others will not be noticed."


@dataclass(frozen=True, slots=True, kw_only=True)
class Organization:
    """A Trustmary organization that lets us in."""

    key: str = field(repr=False)
    id: str
    name: str
    key_name: str | None


def require_client(context: Context) -> None:
    """Raises `Misconfigured` where the settings name no API client of Procountor's."""
    needed(context.settings.procountor_client_id, "procountor_client_id")
    needed(context.settings.procountor_client_secret, "procountor_client_secret")


async def begin_login(context: Context, kind: logins.LoginKind = logins.LoginKind.KEY) -> PendingLogin:
    require_client(context)
    return await logins.begin(context, kind)


async def finish_login(context: Context, login: PendingLogin, code: str) -> Company:
    """The company that was chosen on the login page, checked; the page in the browser is told its name."""
    try:
        company = await check_company(context, await context.procountor.exchange_code(login.kind.value, code))
    except Refused as refused:
        await logins.tell_page(context, login, company=None, failure=str(refused))
        raise
    await logins.tell_page(context, login, company=company.name)
    return company


async def check_key(context: Context, api_key: str) -> Company:
    if not api_key.strip():
        raise Misconfigured("Procountor's API key is empty.")
    return await check_company(context, Credentials(kind=CredentialKind.API_KEY, value=api_key.strip()))


async def check_company(context: Context, credentials: Credentials) -> Company:
    """Asks who we are there, what we may do, and for one invoice. Raises `Refused` where it cannot work."""
    require_client(context)
    session = await context.procountor.session(credentials)
    company = await context.procountor.company(credentials)
    rights = await context.procountor.rights(credentials)
    if not rights.sees_invoices:
        raise Refused(
            f"{session.user} may not search sales invoices in {session.company}: give the user viewing rights to them.",
            reason="rights",
        )
    await context.procountor.invoices(credentials, types=SALES, order="DESC", size=1)
    return Company(
        credentials=context.procountor.latest(credentials),
        company_id=session.company_id,
        name=session.company or (company.name if company else "") or str(session.company_id),
        business_id=company.business_id if company else None,
        user=session.user,
        rights=rights,
    )


async def check_organization(context: Context, key: str) -> Organization:
    if not key.strip():
        raise Misconfigured("Trustmary's API key is empty.")
    try:
        found = await context.trustmary.test(key.strip())
    except Refused as refused:
        if refused.reason != "credentials" or refused.status is None:
            raise
        message = f"Trustmary answers {refused.status}: it does not know this API key. See its Settings, Developers."
        raise Refused(message, reason="credentials", status=refused.status) from refused
    return Organization(key=key.strip(), id=found.id, name=found.name, key_name=found.key_name)

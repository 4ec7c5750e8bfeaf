"""The steps of connecting, as the hosted product's guide has them: log in, choose, name back, map, pick, look, save."""

from __future__ import annotations

import asyncio
import sys
import webbrowser
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeVar

import typer
from pydantic import SecretStr
from rich.table import Table
from rich.text import Text

from events.catalogue import Sightings, offered
from events.contact import Skip
from events.errors import Misconfigured, Refused
from events.integration import StartsSurveys
from events.reasons import SKIPS
from worker import settings
from worker.adapters.trustmary import Target
from worker.cli.asking import choose, confirm, hidden, line
from worker.cli.fields import listed
from worker.cli.output import complain, fields, table, told
from worker.operations import access, logins
from worker.operations.access import Company, Organization
from worker.operations.context import Context
from worker.operations.logins import LoginKind, PendingLogin
from worker.operations.preview import Previewed
from worker.operations.triggers import NO_OWN_LIST, Choices
from worker.operations.wishes import Aim

T = TypeVar("T")
TRIES = 3
FIRST = """What has to be there first:
· an API client from Procountor: its form brings client id and secret (PTM_PROCOUNTOR_CLIENT_ID, …_SECRET)
· in the company Procountor's API add-on, and Management > Company info > Usage settings > Integration settings > \
Allow the usage of invoiceable API clients
· a user of its own, of no person, to log in as: the connection ends when its user does
· for Trustmary's key an Owner (Settings > Developers)
· with Trustmary's hosted integration on: save a draft (--draft), compare, then switch (docs/connecting.md); both live \
add every contact twice
"""
WAYS = (
    "log in in a browser (for good)",
    "log in in a browser (for six months, where API keys are not allowed)",
    "an API key that you have",
    "an activation link that a customer has accepted (several companies at once)",
)


@dataclass(slots=True)
class Means:
    """Where credentials come from; *asks* says that a person is there."""

    asks: bool
    login: LoginKind | None = None
    procountor_file: Path | None = None
    trustmary_file: Path | None = None
    wanted_company: int | None = None
    trustmary_key: str | None = None
    """Where neither a file nor the settings give one."""
    known: bool = False
    """The company is connected: it has what has to be there first, and is one, which no activation link is for."""
    from_settings: bool = True
    """False once what the settings give was refused or left."""
    lines: list[str] = field(default_factory=list)
    """What standard input gave, where a key is read from it: Procountor's first."""

    def forget(self) -> None:
        """It was refused or left: ask for another."""
        self.procountor_file = self.trustmary_file = self.trustmary_key = None
        self.from_settings = False


class Several(Exception):
    """An activation link was chosen: it joins several companies, and goes another way."""

    def __init__(self, address: str) -> None:
        super().__init__(address)
        self.address = address


async def let_in(context: Context, means: Means) -> Company:
    """A company of Procountor, named back; in a terminal a wrong one can be left."""
    if means.asks and not means.known:
        told().print(FIRST, markup=False)
    access.require_client(context)
    while True:
        company = await tried(means, lambda: procountor(context, means))
        introduce(company)
        if means.wanted_company not in (None, company.company_id):
            raise Misconfigured(
                f"These credentials open {company.name} ({company.company_id}), not company {means.wanted_company}: "
                "nothing was saved."
            )
        if not means.asks or confirm("Is this the right company?"):
            return company
        if choose("Nothing was saved.", ["log in again and choose another", "leave"]) == 1:
            raise typer.Exit(1)
        means.forget()


async def procountor(context: Context, means: Means) -> Company:
    if means.login:
        return await by_browser(context, means.login, asks=means.asks)
    if key := given(means.procountor_file, context.settings.procountor_api_key, means):
        return await access.check_key(context, key)
    if not means.asks:
        raise Misconfigured(
            "Say how to get into Procountor: --login key for its login page in a browser, or an API key by "
            "--procountor-key-file or PTM_PROCOUNTOR_API_KEY."
        )
    picked = choose("How do you get into Procountor?", WAYS[:-1] if means.known else WAYS)
    if picked == 3:
        raise Several(line("Address that the customer's browser was sent to, or the number at its end"))
    if picked == 2:
        return await access.check_key(context, hidden("Procountor's API key"))
    return await by_browser(context, (LoginKind.KEY, LoginKind.CODE)[picked], asks=True)


async def by_browser(context: Context, kind: LoginKind, *, asks: bool) -> Company:
    login = await access.begin_login(context, kind)
    told().print("Open this page, log in to Procountor and choose the company:\n")
    told().print(Text(login.url), soft_wrap=True)
    if asks and settings.has_screen():
        webbrowser.open(login.url)
    code = await come_back(context, login, asks=asks)
    return await access.finish_login(context, login, code)


async def come_back(context: Context, login: PendingLogin, *, asks: bool) -> str:
    """The code, from a worker's callback or from the address pasted here, whichever comes first."""
    if not asks:
        return await logins.wait_for_code(context, login)
    told().print("\nThen come back here. If the browser ends on a page that does not open, paste its address:")
    waiting = asyncio.ensure_future(logins.wait_for_code(context, login))
    pasting = asyncio.ensure_future(pasted(context, login))
    try:
        done, _ = await asyncio.wait({waiting, pasting}, return_when=asyncio.FIRST_COMPLETED)
        return done.pop().result()
    finally:
        for task in (waiting, pasting):
            task.cancel()


async def pasted(context: Context, login: PendingLogin) -> str:
    """Reads lines until one is the address; others are answered with what is wrong with them."""
    loop, lines = asyncio.get_running_loop(), asyncio.Queue[str]()
    loop.add_reader(sys.stdin.fileno(), lambda: lines.put_nowait(sys.stdin.readline()))
    try:
        while True:
            text = await lines.get()
            if not text:
                loop.remove_reader(sys.stdin.fileno())
                await asyncio.Event().wait()
            if text.strip():
                with suppress_and_tell():
                    return await logins.paste(context, login, text)
    finally:
        loop.remove_reader(sys.stdin.fileno())


class suppress_and_tell(suppress):
    """Says what was wrong, and goes on."""

    def __init__(self) -> None:
        super().__init__(Misconfigured, Refused)

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: object) -> bool:
        if isinstance(error, Misconfigured | Refused):
            complain(str(error))
        return isinstance(error, Misconfigured | Refused)


async def letting_trustmary(context: Context, means: Means) -> Organization:
    """An organization of Trustmary, named back."""

    async def ask() -> Organization:
        key = given(means.trustmary_file, context.settings.trustmary_api_key, means) or means.trustmary_key
        if key is None and not means.asks:
            raise Misconfigured("Give Trustmary's API key by --trustmary-key-file or PTM_TRUSTMARY_API_KEY.")
        return await access.check_organization(context, key or hidden("Trustmary's API key (Settings, Developers)"))

    while True:
        organization = await tried(means, ask)
        key = f"{organization.name} ({organization.id}), by its key {organization.key_name or 'without a name'}"
        told().print(fields([("Trustmary", key)]))
        if not means.asks or confirm("Is this the right organization?"):
            return organization
        means.forget()


async def tried(means: Means, step: Callable[[], Awaitable[T]]) -> T:
    """In a terminal a refusal is told and the step taken again, a few times."""
    for left in reversed(range(TRIES)):
        try:
            return await step()
        except Refused as refused:
            if not means.asks or not left:
                raise
            complain(str(refused))
            means.forget()
    raise AssertionError("the last try returns or raises")


def given(file: Path | None, setting: SecretStr | None, means: Means) -> str | None:
    """A key from a file (`-`: the next line of standard input), else from the settings."""
    if file is None:
        return setting.get_secret_value() if setting and means.from_settings else None
    if str(file) == "-":
        means.lines = means.lines or keys_in(file)
        return means.lines.pop(0)
    return read(file).strip()


def keys_in(file: Path) -> list[str]:
    """One a line; `-` is standard input. Raises `Misconfigured` where there is none."""
    found = read(file).split()
    if not found:
        raise Misconfigured(f"{'Standard input' if str(file) == '-' else file} has no key on it.")
    return found


def read(file: Path) -> str:
    try:
        return sys.stdin.read() if str(file) == "-" else file.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise Misconfigured(f"{file} cannot be read: {error}.") from error


def introduce(company: Company) -> None:
    rights = company.rights
    told().print(
        fields(
            [
                ("company", f"{company.name} ({company.company_id}) {company.business_id or ''}"),
                ("user", f"{company.user}, {rights.role or 'role unknown'}"),
                ("rights", f"sales invoices {rights.invoices}, customer register {rights.customers}"),
            ]
        )
    )
    for warning in company.warnings:
        told().print(Text(f"! {warning}"))


def ask_status(check: Callable[[str], object]) -> str:
    """Asked again while *check* raises: what came before, a login too, is not lost to a slip."""
    told().print("\nWhen an invoice reaches a status, its contact person is added. Sent is recommended.")
    while True:
        answer = line("Invoice status", default="SENT")
        with suppress_and_tell():
            check(answer)
            return answer


def ask_mapping(check: Callable[[str], object], seen: Sightings) -> list[str]:
    """Offers the fields that people need, and whatever else the company's latest invoices have."""
    told().print("\nTrustmary's Email and Name come from the customer's contact person in Procountor's register.")
    known: Table | None = listed(one for one in offered(seen) if one.field.main or one.filled)
    mapped: list[str] = []
    while confirm("Map another field?" if mapped else "Map more fields?", default=False):
        if known is not None:
            told().print(known)
            known = None
        answer = line("FIELD=PATH, such as phone=person.phone or field_invoice=invoice.invoiceNumber")
        with suppress_and_tell():
            check(answer)
            mapped.append(answer)
    return mapped


def ask_aim(choices: Choices) -> Aim:
    """Where contacts go, picked by name."""
    told().print("\nWhere do the contacts go?")
    kinds = ["contact only, on no list", "a list", "a survey", "an automation"]
    match choose("Destination", kinds):
        case 0:
            return Aim(contact_only=True)
        case 1:
            return Aim(lists=[pick("List", choices.lists)], starts_surveys=ask_starts())
        case 2:
            survey = pick("Survey", choices.surveys)
            known = next(one for one in choices.surveys if one.id == survey)
            proposed = choices.list_of(known)
            default = list(choices.lists).index(proposed) if proposed else None
            if default is None:
                told().print(f"Trustmary shows no list of that name: {NO_OWN_LIST}")
            through = pick("The survey's list", choices.lists, default=default)
            return Aim(survey=survey, lists=[through], starts_surveys=ask_starts(StartsSurveys.YES))
        case _:
            return Aim(automation=pick("Automation", choices.automations), starts_surveys=ask_starts())


def pick(question: str, offered: Sequence[Target], *, default: int | None = 0) -> str:
    if not offered:
        raise Misconfigured(f"Trustmary has nothing to choose from for: {question}. Make it there first.")
    names = [one.name + (f" ({one.status})" if one.status else "") for one in offered]
    return offered[choose(question, names, default=default)].id


def ask_starts(default: StartsSurveys = StartsSurveys.UNKNOWN) -> StartsSurveys:
    options = list(StartsSurveys)
    return options[
        choose("Does that send surveys to people? (unknown counts as yes)", options, default=options.index(default))
    ]


def show_preview(shown: list[Previewed]) -> None:
    """The company's latest invoices, as if they had just reached the status."""
    if not shown:
        told().print("The company has no invoices yet to show it on.")
        return
    rows = [(one.number or one.invoice, one.date, one.status, one.customer, one.total, outcome(one)) for one in shown]
    told().print("\nOn the company's latest invoices it would add:")
    told().print(table(["#invoice", "date", "status now", "customer", "#total", "contact"], rows))


def outcome(one: Previewed) -> str:
    if one.skip is None:
        return ", ".join(one.contact.values())
    return f"nobody: {SKIPS[Skip(one.skip)].says}"

"""`ptm integration reconnect`: of one integration, or of all with a label in turn or from a file of keys."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, TypeVar

import typer
from rich.text import Text

from events.errors import Misconfigured, Refused
from events.integration import Service
from events.words import Words
from worker.cli import guide, integration
from worker.cli.asking import Yes, choose, somebody
from worker.cli.connect import KeyFile, Login
from worker.cli.guide import Means
from worker.cli.many import Each, Label, Maybe, each, each_of
from worker.cli.output import Json, Reason, told
from worker.cli.running import with_context
from worker.operations import access, integrations, reconnecting
from worker.operations.access import Company, Organization
from worker.operations.context import Context
from worker.operations.integrations import Integration

T = TypeVar("T")
Asked = frozenset[Service]


def reconnect(  # noqa: PLR0913 - each is a flag of its own
    which: Maybe = None,
    *,
    label: Label = None,
    organization: Annotated[
        str | None,
        typer.Option(metavar="ID|NAME", help="Instead of an integration: a new Trustmary key for all that go there."),
    ] = None,
    procountor: Annotated[bool, typer.Option("--procountor", help="New credentials for Procountor.")] = False,
    trustmary: Annotated[bool, typer.Option("--trustmary", help="A new key for Trustmary.")] = False,
    login: Login = None,
    procountor_key_file: KeyFile = None,
    trustmary_key_file: KeyFile = None,
    reason: Reason = None,
    yes: Yes = False,
    json: Json = False,
) -> None:
    """New credentials for the same company and organization; reading goes on where it stood.

    With --label a file has a key a line, in any order: each is for whom it opens.
    """
    means = Means(
        asks=somebody() and not yes,
        known=True,
        login=login,
        procountor_file=procountor_key_file,
        trustmary_file=trustmary_key_file,
    )
    asked = {
        Service.PROCOUNTOR: bool(procountor or login or procountor_key_file),
        Service.TRUSTMARY: bool(trustmary or trustmary_key_file),
    }
    if organization is not None and (which or label or asked[Service.PROCOUNTOR]):
        raise Misconfigured(
            "--organization replaces Trustmary's key alone: give no integration, label or login with it."
        )
    services = frozenset(service for service, given in asked.items() if given)

    async def run(context: Context) -> tuple[Each[Integration], Words]:
        if organization is not None:
            return await of_organization(context, means, organization, reason), context.settings.words
        every = await each(context, which, label)
        keys = Keys(context, means, opened=await Opened.read(context, means) if every.several else Opened())

        async def one(seen: Integration, _: Integration) -> Integration:
            company, opened = await keys.of(seen, services or which_services(seen, means))
            return await reconnecting.reconnect(context, seen, company=company, organization=opened, reason=reason)

        return await every.then(one, at_once=1), context.settings.words

    integration.tell_each(*with_context(run), "connected anew", json=json)


async def of_organization(context: Context, means: Means, wanted: str, reason: str | None) -> Each[Integration]:
    """One key, asked about before any integration takes it; an event in each."""
    seen = await integrations.going_to(context, wanted)
    opened = await guide.letting_trustmary(context, means)
    reconnecting.refuse_others(seen[0], None, opened)

    async def one(each: Integration, _: Integration) -> Integration:
        return await reconnecting.reconnect(context, each, organization=opened, reason=reason)

    return await each_of(seen, several=True).then(one, at_once=reconnecting.AT_ONCE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Opened:
    """What the keys of files open; None: no file was given."""

    companies: Mapping[int, Company] | None = None
    organizations: Mapping[str, Organization] | None = None

    @classmethod
    async def read(cls, context: Context, means: Means) -> Opened:
        companies = await opening(means.procountor_file, lambda key: access.check_key(context, key))
        organizations = await opening(means.trustmary_file, lambda key: access.check_organization(context, key))
        return cls(
            companies=None if companies is None else {one.company_id: one for one in companies},
            organizations=None if organizations is None else {one.id: one for one in organizations},
        )


async def opening(file: Path | None, check: Callable[[str], Awaitable[T]]) -> list[T] | None:
    """Asked one by one; a key that opens nothing is told by its line, and no more of it."""
    if file is None:
        return None
    found = []
    for number, key in enumerate(guide.keys_in(file), start=1):
        try:
            found.append(await check(key))
        except Refused as refused:
            told().print(Text(f"{file}, key {number}: {refused}"), soft_wrap=True)
    return found


@dataclass(frozen=True, slots=True)
class Keys:
    """New credentials for one integration after the other: from files, else as the guide asks for them."""

    context: Context
    means: Means
    opened: Opened
    organizations: dict[str, Organization] = field(default_factory=dict)
    """Asked for once, however many companies go there."""

    async def of(self, seen: Integration, services: Asked) -> tuple[Company | None, Organization | None]:
        if self.means.asks:
            told().print(Text(seen.name, style="bold"))
        company = await self.company(seen) if Service.PROCOUNTOR in services else None
        return company, await self.organization(seen) if Service.TRUSTMARY in services else None

    async def company(self, seen: Integration) -> Company:
        if self.opened.companies is None:
            return await guide.let_in(self.context, self.means)
        if found := self.opened.companies.get(seen.company_id):
            return found
        raise Misconfigured(f"No key in {self.means.procountor_file} opens {seen.company} ({seen.company_id}).")

    async def organization(self, seen: Integration) -> Organization:
        if self.opened.organizations is not None:
            if found := self.opened.organizations.get(seen.organization):
                return found
            raise Misconfigured(
                f"No key in {self.means.trustmary_file} opens {seen.organization_name} ({seen.organization})."
            )
        if seen.organization not in self.organizations:
            found = await guide.letting_trustmary(self.context, self.means)
            self.organizations[found.id] = found
            return found
        return self.organizations[seen.organization]


def which_services(seen: Integration, means: Means) -> Asked:
    """The broken ones proposed, where a person can say."""
    if not means.asks:
        raise Misconfigured("Say which: --procountor, --trustmary, or both.")
    broken = [service for service, connection in seen.connections.items() if connection.state == "broken"]
    told().print(Text(f"{seen.name}: {', '.join(broken) or 'no connection'} is broken."))
    default = 1 if broken == [Service.TRUSTMARY] else 0
    picked = choose("New credentials for", ["Procountor", "Trustmary", "both"], default=default)
    return [frozenset({Service.PROCOUNTOR}), frozenset({Service.TRUSTMARY}), frozenset(Service)][picked]

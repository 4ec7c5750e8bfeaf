"""`ptm integration connect --from`: many companies of a list, named before anything is saved."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import typer
from rich.table import Table
from rich.text import Text

from events import labelling
from events.errors import Misconfigured
from events.integration import Settings, Trigger
from worker.cli import trigger
from worker.cli.asking import sure
from worker.cli.output import complain, counting, out, show_json, table, told
from worker.cli.running import with_context
from worker.operations import roster
from worker.operations.context import Context
from worker.operations.joining import Candidate, Fate, Joiner
from worker.operations.roster import Row
from worker.operations.triggers import Choices
from worker.operations.wishes import Wishes, apply


@dataclass(frozen=True, slots=True, kw_only=True)
class Shared:
    """What flags say for every company of the list."""

    labels: tuple[str, ...]
    """Beside those of the list."""
    settings: Settings | None
    """Where the list says none."""
    wishes: Wishes | None
    """Of the first trigger, where the list says none; None: without a trigger."""

    def row(self, one: Row) -> Row:
        return replace(one, labels=labelling.tidy((*one.labels, *self.labels)), settings=one.settings or self.settings)

    def wanted(self, offered: Choices) -> Trigger | None:
        return apply(self.wishes, None, offered) if self.wishes else None


def join(file: Path, shared: Shared, *, dry_run: bool, yes: bool, reason: str | None, json: bool) -> None:
    """Ends with 1 where something could not be joined, whatever else was."""
    rows = [shared.row(one) for one in roster.read(file)]
    if not rows:
        raise Misconfigured(f"{file} names no company.")

    async def run(context: Context) -> list[Candidate]:
        joiner = Joiner(context, shared.wanted)
        with counting("companies asked", quiet=json) as progress:
            found = await joiner.check(rows, progress)
        ready = [one for one in found if one.fate is Fate.READY]
        if dry_run or not ready:
            return found
        if not yes:
            told().print(listed(found))
        sure(question(found), yes=yes)
        with counting("companies joined", quiet=json) as progress:
            return await joiner.join(found, reason or f"joined from {file.name}", progress)

    show(with_context(run), dry_run=dry_run, json=json)


def question(found: Sequence[Candidate]) -> str:
    counts = Counter(one.fate for one in found)
    left = f" {counts[Fate.REFUSED]} cannot be joined and are left out." if counts[Fate.REFUSED] else ""
    return f"Join {counts[Fate.READY]} companies, from now on: what was sent before fires nothing.{left}"


def show(found: Sequence[Candidate], *, dry_run: bool, json: bool) -> None:
    counts = Counter(one.fate for one in found)
    if json:
        show_json(
            {
                "dry_run": dry_run,
                "counts": {fate.name.lower(): counts[fate] for fate in Fate},
                "companies": [as_json(one) for one in found],
            }
        )
    else:
        out().print(listed(found))
        said = ", ".join(f"{counts[fate]} {fate}" for fate in Fate if counts[fate])
        told().print(f"\n{said}.{' Nothing was saved.' if dry_run else ''}", markup=False)
    if counts[Fate.REFUSED]:
        complain(
            f"{counts[Fate.REFUSED]} of {len(found)} companies cannot be joined: put the list right and repeat it."
        )
        raise typer.Exit(1)


def listed(found: Sequence[Candidate]) -> Table:
    columns = ["#row", "company", "#id", "user", "rights", "organization", "first trigger", "outcome"]
    return table(columns, [cells(one) for one in found])


def cells(one: Candidate) -> tuple[object, ...]:
    company, organization = one.company, one.organization
    rights = f"invoices {company.rights.invoices}, customers {company.rights.customers}" if company else ""
    warned = " ".join(f"! {each}" for each in company.warnings) if company else ""
    return (
        one.row.number,
        f"{company.name} {company.business_id or ''}".strip() if company else "",
        company.company_id if company else one.row.company,
        f"{company.user}, {company.rights.role or 'role unknown'}" if company else "",
        Text(rights),
        f"{organization.name} ({organization.id})" if organization else "",
        f"{one.trigger.name}: {trigger.describe(one.trigger)}" if one.trigger else "",
        f"{one.fate}: {one.reason}" if one.reason else f"{one.fate} {warned}".strip(),
    )


def as_json(one: Candidate) -> dict[str, object]:
    """No key, nor where one lies."""
    company, organization = one.company, one.organization
    return {
        "row": one.row.number,
        "outcome": one.fate.name.lower(),
        "reason": one.reason,
        "company": company and {"id": company.company_id, "name": company.name, "business_id": company.business_id},
        "user": company and company.user,
        "role": company and company.rights.role,
        "rights": company and {"invoices": company.rights.invoices, "customers": company.rights.customers},
        "warnings": company.warnings if company else (),
        "organization": organization
        and {"id": organization.id, "name": organization.name, "key_name": organization.key_name},
        "trigger": trigger.as_json(one.trigger) if one.trigger else None,
        "integration": one.integration,
    }

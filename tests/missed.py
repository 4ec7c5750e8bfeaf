"""A company whose Email was mapped from the wrong field while invoices were sent: nobody was added."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from eventually import eventually
from stage import Stage
from terminal import command
from worker.operations.integrations import Integration

WRONG, IN_WORDS, MEANT = "person.name", "Contact person's name", "person.email"
"""What Email was mapped from, how a screen says that, and what it was to be mapped from."""


@asynccontextmanager
async def missed(stage: Stage, count: int) -> AsyncIterator[Integration]:
    """*count* invoices, with a worker that has decided about all of them."""
    one = await stage.connect()
    await stage.start()
    await mapped(stage, one, WRONG)
    invoices = stage.send(count)

    async def skipped() -> bool:
        return all([await stage.decisions(invoice) == ["invalid_email"] for invoice in invoices])

    await eventually(skipped)
    assert not stage.arrivals
    yield one


async def mapped(stage: Stage, one: Integration, email: str) -> None:
    """By the command, as an operator at a shell would."""
    [trigger] = one.rules.triggers.values()
    saved = await command(stage.environment, "trigger", "save", str(one.id), trigger.name, "--map", f"email={email}")
    assert saved.code == 0, saved.err
    await stage.settled()

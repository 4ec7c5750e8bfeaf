"""The release after this one: what it does to a database, and what it writes into the log."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from unittest.mock import patch

from events.envelope import Row, identify
from worker.adapters import schema
from worker.adapters.schema import migrations

MIGRATION = "9999_later"


@contextmanager
def released() -> Iterator[None]:
    """Inside, migrations are those of the release after this one, which makes a table."""
    later = {**migrations(), MIGRATION: "create table later ()"}
    with patch.object(schema, "migrations", lambda: later), patch.object(schema, "newest", lambda: MIGRATION):
        yield


async def migrate(owner_url: str) -> None:
    with released():
        assert await schema.migrate(owner_url) == [MIGRATION]


def written(row: Row) -> Row:
    """*row* as an event of a type that this release does not know."""
    return replace(row, id=identify("newer", row.id), type="ContactForgotten")

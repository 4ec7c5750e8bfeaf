"""What PostgreSQL says of a value, a row or a key that it refuses stays out of our words."""

from __future__ import annotations

import asyncpg
import pytest

from events.errors import PtmError
from servers.postgres import Database
from worker.adapters.postgres import translating


@pytest.mark.parametrize(
    ("query", "value"),
    [
        ("insert into told values ($1)", "Tuulikki"),
        ("insert into told values ($1)", "Tuulikki S."),
        ("select $1::text::int", "Tuulikki"),
        ("select $1::int", "Tuulikki"),
        ("select $1::text::timestamptz", "Tuulikki"),
        ("select $1::text::jsonb", "Tuulikki"),
        ("select $1", "Tuulikki\0"),
    ],
)
async def test_no_value_is_in_what_is_said_of_it(database: Database, query: str, value: str | None) -> None:
    """With rows and keys in what PostgreSQL adds: this is logged, and kept beside what failed."""
    connection = await asyncpg.connect(database.admin_url)
    try:
        await connection.execute("create temporary table told (name text primary key check (length(name) < 10))")
        await connection.execute("insert into told values ('Tuulikki')")
        with pytest.raises(PtmError) as caught, translating():
            await connection.execute(query, value)
    finally:
        await connection.close()
    assert "Tuulikki" not in str(caught.value)

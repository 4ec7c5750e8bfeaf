"""From the sent invoice to the contact in Trustmary, through real processes, judged by the sandbox's own books."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest

from events.contact import Skip
from servers.postgres import Database
from stage import staged

pytestmark = pytest.mark.acceptance


async def test_a_hundred_and_fifty_invoices_of_all_kinds_reach_the_contacts_that_the_books_expect(
    database: Database, tansu: str, topic: str, tmp_path: Path
) -> None:
    async with staged(database, tansu, topic=topic, directory=tmp_path, companies=3, seed=7) as stage:
        for company in range(3):
            await stage.connect(company)
        await stage.start(2)
        await stage.sandbox.start_flow(count=150, per_second=60)

        verdict = await stage.agree()

        rows = await stage.context.pool.fetch(
            "select data ->> 'reason' as reason from event where type = 'ContactSkipped'"
        )
        skipped = Counter(row["reason"] for row in rows)
        assert verdict.expected + sum(verdict.skipped.values()) == 150
        # The books know no difference between nobody to write to and somebody without an address.
        nobody = {Skip.NO_EMAIL: skipped[Skip.NO_EMAIL] + skipped.pop(Skip.NO_CONTACT_PERSON, 0)}
        assert dict(skipped) | nobody == verdict.skipped
        assert {Skip.NO_EMAIL, Skip.INVALID_EMAIL, Skip.ROLE_ADDRESS, Skip.NOT_POSITIVE} <= verdict.skipped.keys()
        assert verdict.surveys > 0

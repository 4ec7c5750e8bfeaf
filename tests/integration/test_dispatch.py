"""Deliveries on real PostgreSQL to the sandbox's Trustmary: what is sent, what is left alone, and in which order."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest_asyncio

from dispatching import Post, posting
from eventually import eventually
from events.contact import ContactDelivered, ContactWithdrawn, Withdrawal
from sandbox.server import Sandbox
from servers.postgres import Database

MAIJA = "maija.meikalainen@esimerkki-asiakas.fi"


@pytest_asyncio.fixture
async def post(database: Database) -> AsyncIterator[Post]:
    async with Sandbox(organizations=3, customers=1) as sandbox, posting(database.database_url, sandbox) as made:
        yield made


async def test_a_contact_arrives_and_the_log_says_so(post: Post) -> None:
    added = await post.add(await post.integration(), MAIJA)
    async with post.worker():
        await eventually(lambda: post.all_in("delivered"))
    assert post.arrived() == [(MAIJA, str(added.invoice_id))]
    outcome = (await post.outcomes(added))[-1]
    assert isinstance(outcome, ContactDelivered)
    assert (outcome.status, outcome.attempts) == (200, 1)

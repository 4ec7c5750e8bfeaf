"""Trustmary by HTTP against the sandbox: what the contract of the port does not say."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator

import aiohttp
import pytest
import pytest_asyncio
from aiohttp import web
from aiohttp.test_utils import TestServer

from events.errors import Unavailable
from eventually import eventually
from sandbox.server import Sandbox
from worker.adapters.session import Request
from worker.adapters.trustmary import Trustmary, open_session

MAIJA = "maija.meikalainen@esimerkki-asiakas.fi"


@pytest_asyncio.fixture
async def sandbox() -> AsyncIterator[Sandbox]:
    async with Sandbox(organizations=2, customers=1) as running:
        yield running


@pytest_asyncio.fixture
async def session() -> AsyncIterator[aiohttp.ClientSession]:
    async with open_session() as opened:
        yield opened


@pytest.fixture
def trustmary(sandbox: Sandbox, session: aiohttp.ClientSession) -> Trustmary:
    return Trustmary(session, url=sandbox.trustmary_url, timeout=2)


async def test_the_scheme_word_is_a_setting(sandbox: Sandbox, session: aiohttp.ClientSession) -> None:
    sandbox.world.switches.trustmary_schemes = "bearer"
    bearer = Trustmary(session, url=sandbox.trustmary_url + "/", scheme="Bearer")
    assert (await bearer.test(sandbox.trustmary_api_key)).id


@pytest.mark.parametrize("wrapped", [True, False])
@pytest.mark.parametrize("echo", [True, False])
async def test_a_contact_is_found_deleted_or_not(
    sandbox: Sandbox, trustmary: Trustmary, wrapped: bool, echo: bool
) -> None:
    sandbox.world.switches.wrapped_lists, sandbox.world.switches.echo_email = wrapped, echo
    key = sandbox.trustmary_api_key
    assert await trustmary.contact(key, MAIJA) is None
    answer = await trustmary.add(key, {"email": MAIJA, "name": "Maija Meikäläinen"})
    assert (answer.status, answer.body["action"]) == (200, "IMPORT_CREATE")
    sandbox.world.set_contact(MAIJA, deleted=True)
    found = await trustmary.contact(key, MAIJA)
    assert found is not None
    assert found["name"] == "Maija Meikäläinen"
    assert found["deleted_at"]


@pytest.mark.parametrize("wrapped", [True, False])
async def test_only_what_can_be_picked_is_listed(sandbox: Sandbox, trustmary: Trustmary, wrapped: bool) -> None:
    sandbox.world.switches.wrapped_lists = wrapped
    home, key = sandbox.world.organization(), sandbox.trustmary_api_key
    next(iter(home.lists.values())).deleted = home.since
    lists = [each.id for each in await trustmary.lists(key)]
    assert lists == [each.id for each in home.lists.values() if each.source != "smart" and not each.deleted]
    assert [each.name for each in await trustmary.surveys(key)] == [each.name for each in home.surveys.values()]
    assert {each.status for each in await trustmary.automations(key)} == {"active", "draft"}


async def test_lists_are_read_to_the_last_page(sandbox: Sandbox, trustmary: Trustmary) -> None:
    home = sandbox.world.organization()
    kind = type(next(iter(home.lists.values())))
    home.lists |= {f"x{n}": kind(id=f"x{n}", name=f"Lista {n}") for n in range(2100)}
    names = {each.id for each in await trustmary.lists(sandbox.trustmary_api_key)}
    assert len(names) == 2100 + 3


async def test_an_automation_is_sent_the_address_and_the_custom_fields_only(session: aiohttp.ClientSession) -> None:
    sent: list[object] = []

    async def hear(request: web.Request) -> web.Response:
        sent.append(await request.json())
        return web.json_response({})

    app = web.Application()
    app.router.add_post("/automations/ask/trigger", hear)
    async with TestServer(app) as server:
        trustmary = Trustmary(session, url=str(server.make_url("/")))
        contact = {"email": MAIJA, "name": "Maija Meikäläinen", "phone": "+358401234567", "field_invoice": "45"}
        await trustmary.trigger("key", "ask", contact)
    assert sent == [{"email": MAIJA, "field_invoice": "45"}]


async def test_a_call_that_found_nobody_did_not_leave(session: aiohttp.ClientSession) -> None:
    with socket.create_server(("127.0.0.1", 0)) as closed:
        port = closed.getsockname()[1]
    with pytest.raises(Unavailable) as caught:
        await Trustmary(session, url=f"http://127.0.0.1:{port}/v1").add("key", {"email": MAIJA})
    assert not caught.value.unanswered


async def test_a_time_out_before_the_connection_is_there_is_not_an_unanswered_call(sandbox: Sandbox) -> None:
    """The only connection is taken by a call that hangs: the other's time is over while nothing of it was written."""
    sandbox.faults.add("trustmary.contacts.post=timeout_after_effect:1x1")
    connector = aiohttp.TCPConnector(limit=1)
    async with aiohttp.ClientSession(connector=connector, request_class=Request) as narrow:
        key, trustmary = sandbox.trustmary_api_key, Trustmary(narrow, url=sandbox.trustmary_url)
        first = asyncio.create_task(trustmary.add(key, {"email": MAIJA}, timeout=1.0))
        await eventually(lambda: len(sandbox.world.books.arrivals) == 1)
        with pytest.raises(Unavailable) as second:
            await trustmary.add(key, {"email": MAIJA}, timeout=0.2)
        assert not second.value.unanswered
        with pytest.raises(Unavailable) as caught:
            await first
        assert caught.value.unanswered


async def test_the_guard_is_asked_again_when_the_body_is_written_which_may_be_much_later(
    sandbox: Sandbox, trustmary: Trustmary
) -> None:
    asked = 0

    def over() -> None:
        nonlocal asked
        asked += 1
        if asked > 1:
            raise Unavailable("the lease is over")

    with pytest.raises(Unavailable, match="the lease is over") as caught:
        await trustmary.add(sandbox.trustmary_api_key, {"email": MAIJA}, guard=over)
    assert not caught.value.unanswered
    assert sandbox.trustmary_meter.total == 0
    assert (await trustmary.add(sandbox.trustmary_api_key, {"email": MAIJA})).status == 200


async def test_a_session_that_does_not_tell_counts_every_call_as_having_left(sandbox: Sandbox) -> None:
    async with aiohttp.ClientSession() as plain:
        sandbox.faults.add("trustmary.contacts.post=timeout_after_effect")
        with pytest.raises(Unavailable) as caught:
            trustmary = Trustmary(plain, url=sandbox.trustmary_url, timeout=0.3)
            await trustmary.add(sandbox.trustmary_api_key, {"email": MAIJA})
    assert caught.value.unanswered


async def test_an_answer_that_is_no_http_is_told_without_the_address_that_was_asked_for(
    session: aiohttp.ClientSession,
) -> None:
    async def mumble(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 2x0 OK\r\n\r\n")
        writer.close()

    async with await asyncio.start_server(mumble, "127.0.0.1", 0) as server:
        port = server.sockets[0].getsockname()[1]
        with pytest.raises(Unavailable) as caught:
            await Trustmary(session, url=f"http://127.0.0.1:{port}").contact("key", MAIJA)
    assert "@" not in str(caught.value)

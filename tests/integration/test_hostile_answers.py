"""Answers that are meant to stop a worker, to make it grow, to mislead it or to have a person named."""

from __future__ import annotations

import asyncio
import zlib
from collections.abc import AsyncIterator
from itertools import count

import orjson
import pytest
import pytest_asyncio

from dispatching import BRISK, dispatching, posting
from events.contact import ContactDelivered
from events.errors import PtmError, Refused, Unavailable
from eventually import eventually
from hostile import ACCESS, Hostile, Says, clients, endless, growth, hostile, http, once
from sandbox.server import Sandbox
from servers.postgres import Database
from worker.adapters import trustmary as trustmary_client
from worker.adapters import webhook
from worker.adapters.session import make_session

TUULIKKI = "tuulikki@piilopaikka.fi"
NAMED = TUULIKKI.encode()
START = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"
CHUNKED = START + b"Transfer-Encoding: chunked\r\n\r\n"
WITHOUT_END = b'{"a":' + b"[" * 900 + b"]" * 900 + b"}"


@pytest_asyncio.fixture
async def server() -> AsyncIterator[Hostile]:
    async with hostile() as found:
        yield found


def packed(megabytes: int) -> bytes:
    packing = zlib.compressobj(9, wbits=31)
    return b"".join([*(packing.compress(b" " * (1 << 20)) for _ in range(megabytes)), packing.flush()])


async def every_call(server: Hostile) -> list[Exception]:
    """What became of a look-up, a list, a batch, an alert."""
    failures: list[Exception] = []
    async with clients(server) as (procountor, trustmary), make_session() as session:
        for call in (
            lambda: trustmary.contact("k", TUULIKKI),
            lambda: trustmary.add("k", {"email": TUULIKKI, "name": "Tuulikki"}),
            lambda: procountor.invoices(ACCESS, types=("SALES_INVOICE",)),
            lambda: procountor.invoice_details(ACCESS, [1, 2]),
            lambda: webhook.post(session, f"{server.url}/{TUULIKKI}", {"text": TUULIKKI}),
        ):
            try:
                await call()
            except PtmError as error:
                failures.append(error)
    return failures


LONG = {
    "a body of a gigabyte": endless(CHUNKED, b"10000\r\n" + b" " * (1 << 16) + b"\r\n"),
    "one that unpacks to a gigabyte": once(http(packed(1024), b"Content-Encoding: gzip")),
    "one header without end": endless(START + b"X: ", b"y" * (1 << 16)),
    "headers without end": endless(START, b"X: y\r\n" * 4096),
    "trailers without end": endless(CHUNKED + b"2\r\n{}\r\n0\r\n", b"X: y\r\n" * 4096),
    "hundreds without end": endless(b"", b"HTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\n" * 256, 1 << 18),
}


@pytest.mark.parametrize("said", LONG.values(), ids=LONG.keys())
async def test_what_never_ends_is_read_to_a_limit(server: Hostile, said: Says) -> None:
    server.says = said
    async with growth() as grown:
        await every_call(server)
        assert grown() < 64, "MiB: an answer of Procountor's may have 16"


@pytest.mark.parametrize("inner", [b'{"a":[]}', b"[]", b"1.5", b'{"a":1,"b":2,"c":3}'])
async def test_what_is_small_until_it_is_read_is_not_read(server: Hostile, inner: bytes) -> None:
    server.says = once(http(b'{"results":[' + b",".join([inner] * ((15 << 20) // (len(inner) + 1))) + b"]}"))
    async with clients(server, within=20) as (procountor, _), growth() as grown:
        with pytest.raises(Refused):
            await procountor.invoices(ACCESS, types=("SALES_INVOICE",))
        assert grown() < 96, "MiB: it would be hundreds"


CUT = {
    "in its headers": START + b"X: " + NAMED + b"\r\n",
    "in its first line": b"HTTP/1.1 200 " + NAMED + b"\r\n",
    "in a chunk": CHUNKED + b"ff\r\n" + NAMED,
    "before a chunk": CHUNKED + NAMED + b"\r\n",
    "in its body": http(NAMED, length=1000),
    "a header that is none": b"HTTP/1.1 200 OK\r\n" + NAMED + b"\r\n\r\n",
    "a length that is none": START + b"Content-Length: " + NAMED + b"\r\n\r\n",
    "no HTTP": NAMED + b"\r\n\r\n",
    "not packed as it says": http(NAMED, b"Content-Encoding: gzip"),
    "packed in no known way": http(NAMED, b"Content-Encoding: " + NAMED),
    "cookies": http(NAMED, b"Set-Cookie: " + NAMED + b"; a b=" + NAMED),
    "a reason": http(NAMED, status=b"503 " + NAMED),
    "a refusal": http(orjson.dumps({"message": TUULIKKI, "errors": [{"message": TUULIKKI}]}), status=b"400 Bad"),
    "a redirect": http(NAMED, b"Location: http://127.0.0.1:1/" + NAMED, status=b"308 There"),
    "a page": http(b"<html>" + NAMED, status=b"403 " + NAMED),
    "a wish to wait": http(NAMED, b"Retry-After: " + NAMED, status=b"429 " + NAMED),
}


@pytest.mark.parametrize("answer", CUT.values(), ids=CUT.keys())
async def test_no_failure_repeats_what_was_answered_or_asked(
    server: Hostile, answer: bytes, caplog: pytest.LogCaptureFixture
) -> None:
    server.says = once(answer)
    for failure in await every_call(server):
        assert TUULIKKI not in str(failure), "what is said of a failure is logged, and kept in tables"
    assert TUULIKKI not in caplog.text


@pytest.mark.parametrize("status", [b"301 Moved", b"302 Found", b"307 There", b"308 There"])
async def test_nothing_is_sent_to_where_an_answer_leads(server: Hostile, status: bytes) -> None:
    async with hostile() as other:
        server.by, server.says = {}, once(http(b"", b"Location: " + other.url.encode(), status=status))
        failures = await every_call(server)
        assert len(failures) == 5
        assert not other.requests


async def test_a_contact_that_was_taken_is_taken_however_long_the_answer(server: Hostile) -> None:
    server.says = endless(CHUNKED, b"10000\r\n" + b" " * (1 << 16) + b"\r\n")
    async with clients(server) as (_, trustmary):
        assert (await trustmary.add("k", {"email": TUULIKKI})).status == 200
        server.says = endless(CHUNKED.replace(b"200 OK", b"400 No"), b"10000\r\n" + b" " * (1 << 16) + b"\r\n")
        with pytest.raises(Refused) as refused:
            await trustmary.add("k", {"email": TUULIKKI})
    assert (refused.value.reason, refused.value.status) == ("invalid", 400)


async def test_one_answer_that_is_nested_without_end_keeps_no_outcome_back(server: Hostile, database: Database) -> None:
    """Outcomes are written in batches: what cannot be written down keeps all of them, for ever."""
    server.by = {b"GET /contacts": once(http(b"[]"))}
    server.says = once(http(WITHOUT_END))
    async with Sandbox(organizations=1, customers=1) as sandbox, posting(database.database_url, sandbox) as post:
        integration = await post.integration()
        odd, sound = [await post.add(integration, f"{who}@piilopaikka.fi") for who in ("tuulikki", "maija")]
        async with dispatching(database.database_url, server.url, BRISK):
            await eventually(lambda: post.all_in("delivered"))
        for added in (odd, sound):
            assert isinstance((await post.outcomes(added))[-1], ContactDelivered)


@pytest.mark.parametrize("token", ["a\r\nX: y", "a\n", "a\0\x7f", "", " \t", ["a"], None])
async def test_a_token_that_no_header_takes_is_none(server: Hostile, token: object) -> None:
    server.by = {b"POST /api/oauth/token": once(http(orjson.dumps({"access_token": token, "expires_in": 3600})))}
    server.says = once(http(b'{"results": []}'))
    async with clients(server) as (procountor, _):
        with pytest.raises(Refused) as refused:
            await procountor.invoices(ACCESS, types=("SALES_INVOICE",))
    assert refused.value.reason == "unreadable"
    assert len(server.requests) == 1


async def test_lists_have_an_end(server: Hostile, monkeypatch: pytest.MonkeyPatch) -> None:
    met = count()

    async def say(writer: asyncio.StreamWriter) -> None:
        writer.write(http(orjson.dumps([{"id": next(met), "name": "Lista"} for _ in range(1000)])))
        await writer.drain()

    monkeypatch.setattr(trustmary_client, "PAGES", 5)
    server.says = say
    async with clients(server) as (_, trustmary):
        with pytest.raises(Refused) as refused:
            await trustmary.lists("k")
    assert refused.value.reason == "unreadable"


async def test_a_look_up_that_is_nested_without_end_is_made_again(server: Hostile) -> None:
    server.says = once(http(b'[{"email": "%s", "status": %s}]' % (NAMED, b"[" * 900 + b"]" * 900)))
    async with clients(server) as (_, trustmary):
        with pytest.raises(Unavailable):
            await trustmary.contact("k", TUULIKKI)

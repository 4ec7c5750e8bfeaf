"""Both clients against a server that answers anything at all: read, or refused in our words, and never for long."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from events.errors import PtmError
from ingesting import Unlimited
from worker.adapters.credentials import CredentialKind, Credentials
from worker.adapters.procountor import Procountor
from worker.adapters.trustmary import Trustmary, open_session

EXAMPLES = int(os.environ.get("PTM_TEST_EXAMPLES", "60"))
"""More of them for hours of their own: docs/reliability.md has what was seen."""
ANSWER_WITHIN, ENDS_WITHIN = 0.5, 5.0
"""What the clients wait for an answer; what a call may take in all: a token, an answer, and both once more."""
TOKEN = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\nConnection: close\r\n\r\n%s"
GRANTED = orjson.dumps({"access_token": "a", "expires_in": 3600})
JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**63), 2**63) | st.text(max_size=8) | st.just("a\0b"),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)
KNOWN = st.sampled_from(
    ["results", "meta", "id", "status", "contacts", "lists", "rights", "companyId", "errors", "email"]
)
SHAPED = st.dictionaries(KNOWN, JSON | st.lists(st.dictionaries(KNOWN, JSON, max_size=3), max_size=3), max_size=4)
WORDS = (SHAPED | JSON).map(orjson.dumps)
BODIES = st.one_of(
    WORDS,
    st.builds(lambda text, end: text[:end], WORDS, st.integers(0, 30)),
    WORDS.map(lambda text: text.decode().encode("utf-16")),
    st.just('{"name": "Mäkelä €"}'.encode("cp1252")),
    st.just(b"[" * 5000),
    st.just(b"\xef\xbb\xbf{}"),
    st.binary(max_size=40),
    st.just(b"<html><body>Huolto</body></html>"),
)
HEADERS = st.lists(
    st.sampled_from([
        b"Content-Type: application/json",
        b"Content-Type: text/html; charset=nonsense",
        b"Content-Encoding: gzip",
        b"Content-Encoding: br",
        b"Retry-After: -1",
        b"Retry-After: Mon, 01 Jan 0001 00:00:00 +2359",
        b"Retry-After: 99999999999999999999",
        b"Transfer-Encoding: chunked",
        b"Set-Cookie: \xff\xfe",
        b"Location: http://127.0.0.1:1/",
        b"broken",
        b"X: " + b"y" * 9000,
    ]),
    max_size=3,
)  # fmt: skip


def http(status: int, headers: list[bytes], body: bytes, length: int | None) -> bytes:
    told = [] if length is None else [b"Content-Length: %d" % length]
    return b"\r\n".join([b"HTTP/1.1 %d Anything" % status, *headers, *told, b"", body])


ANSWERS = st.binary(max_size=60) | st.builds(
    http,
    st.sampled_from([200, 200, 200, 201, 204, 301, 400, 401, 403, 404, 418, 422, 429, 500, 502, 503, 999]),
    HEADERS,
    BODIES,
    st.none() | st.integers(0, 60),
)


@dataclass(slots=True)
class Anything:
    """Answers every request with the same bytes, and then says no more."""

    answer: bytes = b""
    token: bool = False
    """Token requests are answered as they should be."""
    hangs: bool = False
    url: str = ""

    async def start(self) -> asyncio.Server:
        server = await asyncio.start_server(self._serve, "127.0.0.1", 0, limit=1 << 20)
        self.url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
        return server

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(ConnectionError, asyncio.IncompleteReadError):
            head = await reader.readuntil(b"\r\n\r\n")
            granting = self.token and b"/oauth/token" in head
            writer.write(TOKEN % (len(GRANTED), GRANTED) if granting else self.answer)
            await writer.drain()
            if self.hangs and not granting:
                await reader.read()
        writer.close()
        with suppress(OSError):
            await writer.wait_closed()


def procountor(port: Procountor) -> list[Callable[[], Awaitable[object]]]:
    access = Credentials(kind=CredentialKind.API_KEY, value="k")
    return [
        lambda: port.exchange_code("key", "c"),
        lambda: port.exchange_code("code", "c"),
        lambda: port.session(access),
        lambda: port.company(access),
        lambda: port.rights(access),
        lambda: port.invoices(access, types=("SALES_INVOICE",)),
        lambda: port.invoice_details(access, [1, 2]),
        lambda: port.customers(access, [1]),
    ]


def trustmary(port: Trustmary) -> list[Callable[[], Awaitable[object]]]:
    contact = {"email": "a@b.fi"}
    return [
        lambda: port.test("k"),
        lambda: port.contact("k", "a@b.fi"),
        lambda: port.add("k", contact, lists=("l",)),
        lambda: port.remove("k", "a@b.fi", lists=("l",)),
        lambda: port.trigger("k", "a", contact),
        lambda: port.lists("k"),
        lambda: port.surveys("k"),
        lambda: port.automations("k"),
    ]


async def ends(call: Callable[[], Awaitable[object]]) -> None:
    with suppress(PtmError):
        await asyncio.wait_for(call(), ENDS_WITHIN)


async def met(server: Anything) -> None:
    async with open_session() as session:
        login: Any = {"client_id": "c", "client_secret": "s", "redirect_uri": "http://127.0.0.1:9/callback"}
        port = Procountor(session, url=server.url, budget=Unlimited(), timeout=ANSWER_WITHIN, **login)
        other = Trustmary(session, url=server.url, timeout=ANSWER_WITHIN)
        await asyncio.gather(*(ends(call) for call in [*procountor(port), *trustmary(other)]))


@pytest.mark.parametrize("token", [True, False], ids=["a token is had", "the token too"])
def test_any_bytes_are_an_answer_or_an_error_of_ours(token: bool) -> None:
    server = Anything(token=token)
    with asyncio.Runner() as runner:
        listening = runner.run(server.start())

        @settings(max_examples=EXAMPLES, deadline=None)
        @given(ANSWERS, st.sampled_from([False] * 9 + [True]))
        def holds(answer: bytes, hangs: bool) -> None:
            server.answer, server.hangs = answer, hangs
            runner.run(met(server))

        holds()
        listening.close()
        runner.run(asyncio.sleep(0))

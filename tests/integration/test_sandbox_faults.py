"""Faults of the sandbox: each does what it says, and the same seed gives the same run."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator, Sequence
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from urllib.parse import urlsplit

import aiohttp
import orjson
import pytest

from memory.clock import Clock
from sandbox import Sandbox
from visitor import Visitor, visiting

ASKED_AGAIN = ("drop", "drop_after_effect")
"""What is safe to repeat, this client repeats by itself when a connection is lost."""
IMPATIENT = aiohttp.ClientTimeout(total=0.3)


@pytest.fixture
def clock() -> Clock:
    return Clock(datetime.now(UTC))


@pytest.fixture
async def visitor(clock: Clock) -> AsyncIterator[Visitor]:
    async with visiting(Sandbox(seed=10, companies=2, history=4, clock=clock)) as visitor:
        yield visitor


async def once(visitor: Visitor, method: str, path: str) -> tuple[aiohttp.ClientResponse, bytes]:
    answer = await visitor.call(method, path, timeout=IMPATIENT)
    return answer, await answer.read()


async def met(visitor: Visitor, path: str = "/invoices") -> str:
    """What became of one read, in a word."""
    try:
        answer, raw = await once(visitor, "GET", path)
    except TimeoutError:
        return "late"
    except aiohttp.ClientPayloadError:
        return "half"
    except aiohttp.ClientConnectionError:
        return "cut"
    if answer.content_type != "application/json":
        return f"page {answer.status}"
    try:
        return f"{answer.status} {orjson.loads(raw).get('errors', [{}])[0].get('message', 'good')}"
    except (orjson.JSONDecodeError, AttributeError):
        return "unreadable"


@pytest.mark.parametrize(
    ("fault", "word"),
    [
        ("drop", "cut"),
        ("drop_after_effect", "cut"),
        ("half_close", "half"),
        ("timeout_after_effect", "late"),
        ("drip:2000", "late"),
        ("drip:40", "200 good"),
        ("latency:10", "200 good"),
        ("garbage", "unreadable"),
        ("truncated", "unreadable"),
        ("page:403", "page 403"),
        ("page:200", "page 200"),
        ("maintenance:0", "page 503"),
        ("no_connection:400", "400 UNABLE_TO_GET_CONNECTION"),
        ("no_connection:500", "500 UNABLE_TO_GET_CONNECTION"),
        ("429", "429 Sandbox fault 429"),
        ("418", "418 Sandbox fault 418"),
    ],
)
async def test_a_fault_strikes_once_as_it_says(visitor: Visitor, fault: str, word: str) -> None:
    visitor.sandbox.faults.replace(f"procountor.invoices={fault}:1x{2 if fault in ASKED_AGAIN else 1}")
    assert [await met(visitor), await met(visitor)] == [word, "200 good"]


async def test_a_delay_goes_before_another_fault(visitor: Visitor) -> None:
    visitor.sandbox.faults.replace("procountor.invoices=latency:100, procountor.invoices=418")
    began = asyncio.get_running_loop().time()
    assert (await met(visitor)).startswith("418")
    assert asyncio.get_running_loop().time() - began >= 0.1


async def test_a_half_closed_connection_ends_on_one_side_only(visitor: Visitor) -> None:
    visitor.sandbox.faults.replace("procountor.status=half_close")
    root = urlsplit(visitor.sandbox.procountor_url)
    asked = f"GET /api/status HTTP/1.1\r\nHost: {root.netloc}\r\nAuthorization: Bearer {visitor.token}\r\n\r\n"

    def ask() -> bytes:
        with socket.create_connection((root.hostname, root.port), timeout=20) as line:
            line.sendall(asked.encode())
            heard = b"".join(iter(lambda: line.recv(4096), b""))
            for _ in range(2):  # the first to a closed one is answered with a reset, which the second one meets
                line.sendall(b"still here")
            return heard

    assert (await asyncio.to_thread(ask)).startswith(b"HTTP/1.1 200")


async def test_a_count_is_each_tenants_own(visitor: Visitor) -> None:
    """Whoever comes first, everybody meets what the seed has for them."""
    faults = visitor.sandbox.faults
    faults.replace("procountor.invoices=503:1x2")
    drawn = [(tenant, bool(faults.draw("procountor.invoices.get", tenant))) for tenant in "abababba"]
    assert [struck for tenant, struck in drawn if tenant == "a"] == [True, True, False, False]
    assert [struck for tenant, struck in drawn if tenant == "b"] == [True, True, False, False]


async def test_a_bad_spec_is_refused(visitor: Visitor) -> None:
    for spec in ("procountor=latency", "procountor=drip:fast", "procountor=page", "procountor=sulk", "=drop"):
        with pytest.raises(ValueError, match="fault"):
            visitor.sandbox.faults.add(spec)


async def test_an_effect_stays_where_the_answer_is_lost(visitor: Visitor) -> None:
    invoices = [visitor.sandbox.world.add_invoice(channel="EMAIL") for _ in range(4)]
    kinds = ("drop", "drop_after_effect", "truncated", "half_close")
    for kind, invoice in zip(kinds, invoices, strict=True):
        visitor.sandbox.faults.replace(f"procountor.invoices={kind}:1x2")
        with suppress(aiohttp.ClientError, TimeoutError):
            await once(visitor, "PUT", f"/invoices/{invoice.id}/approve")
    assert [invoice.status for invoice in invoices] == ["UNFINISHED", "NOT_SENT", "NOT_SENT", "NOT_SENT"]


@pytest.mark.parametrize("status", [503, 502, 403, 200])
async def test_a_maintenance_window_closes_all_for_a_while(visitor: Visitor, clock: Clock, status: int) -> None:
    visitor.sandbox.switches.maintenance_status = status
    visitor.sandbox.faults.replace("procountor=maintenance:600:1x1")
    assert [await met(visitor) for _ in range(3)] == [f"page {status}"] * 3
    refused = await visitor.grant(grant_type="client_credentials", api_key="any")
    assert (refused.status, refused.content_type) == (status, "text/html")
    assert (await visitor.trustmary("GET", "/test")).status == 200
    clock.now += timedelta(seconds=600)
    assert await met(visitor) == "200 good"


async def test_a_revoked_key_is_revoked_for_good_and_for_one_company(visitor: Visitor) -> None:
    visitor.sandbox.faults.replace("procountor.invoices@14001=revoked:1x1")
    words = [await met(visitor) for _ in range(2)]
    assert all(word.startswith("401") for word in words)
    key = visitor.sandbox.companies[0]["api_key"]
    assert (await visitor.grant(grant_type="client_credentials", api_key=key)).status == 401
    await visitor.log_in(1)
    assert await met(visitor) == "200 good"


async def test_nobodys_key_is_revoked_by_a_request_that_is_nobodys(visitor: Visitor) -> None:
    other = visitor.sandbox.companies[1]["id"]
    visitor.sandbox.faults.replace(f"procountor@{other}=revoked:1x1, trustmary=revoked:1x1")
    assert (await visitor.grant(grant_type="client_credentials", api_key="any")).status == 401
    assert (await visitor.trustmary("GET", "/test", headers={"Authorization": "Apikey any"})).status == 401
    visitor.token, mine = "any", visitor.token
    assert (await visitor.call("GET", "/status")).status == 401
    await visitor.log_in(1)
    assert (await visitor.call("GET", "/status")).status == 401
    assert (await visitor.trustmary("GET", "/test")).status == 401
    visitor.token = mine
    assert await met(visitor) == "200 good"


async def run(order: Sequence[int], *, seed: int) -> dict[int, list[str]]:
    """What twenty reads of either company met, begun in the *order* given."""
    spec = "procountor.invoices=5xx:0.2, procountor.invoices=truncated:0.2, procountor.invoices=drop:0.2"
    words: dict[int, list[str]] = {0: [], 1: []}
    async with visiting(Sandbox(seed=seed, companies=2, history=2, faults=spec)) as visitor:
        tokens = []
        for company in (0, 1):
            await visitor.log_in(company)
            tokens.append(visitor.token)
        for company in order:
            visitor.token = tokens[company]
            words[company].append(await met(visitor))
    return words


async def test_the_same_seed_gives_the_same_run_however_companies_fall_between_each_other() -> None:
    first, again, otherwise, other = await asyncio.gather(
        run([0, 1] * 20, seed=3), run([0, 1] * 20, seed=3), run([1] * 20 + [0] * 20, seed=3), run([0, 1] * 20, seed=4)
    )
    assert first == again == otherwise
    assert first != other
    assert first[0] != first[1]
    assert len(set(first[0])) >= 4


async def said(kind: str, *, seed: int) -> list[bytes]:
    """Five answers, as far as each came."""
    answers: list[bytes] = []
    async with visiting(Sandbox(seed=seed, faults=f"procountor.status={kind}")) as visitor:
        for _ in range(5):
            answer = await visitor.call("GET", "/status")
            answers.append(b"")
            with suppress(aiohttp.ClientPayloadError):
                async for part in answer.content.iter_any():
                    answers[-1] += part
            answer.close()
    return answers


@pytest.mark.parametrize("kind", ["garbage", "truncated", "half_close"])
async def test_the_same_seed_spoils_an_answer_in_the_same_way(kind: str) -> None:
    first, again, other = await asyncio.gather(said(kind, seed=3), said(kind, seed=3), said(kind, seed=4))
    assert first == again != other
    assert len(set(first)) > 1

"""The sandbox's own door: books, flows, faults and switches over HTTP, and the sandbox as a process."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from collections.abc import AsyncIterator
from typing import Any

import aiohttp
import orjson
import pytest

from eventually import eventually
from sandbox import Sandbox
from sandbox.switches import WORDS
from visitor import Visitor, visiting


@pytest.fixture
async def visitor() -> AsyncIterator[Visitor]:
    async with visiting(Sandbox(seed=10, companies=2)) as visitor:
        yield visitor


async def control(visitor: Visitor, path: str, **body: Any) -> Any:
    async with visitor.http.post(f"{visitor.sandbox.books_url}/control{path}", json=body) as answer:
        assert answer.status == 200, await answer.text()
        return await answer.json()


async def read(visitor: Visitor, path: str) -> Any:
    async with visitor.http.get(visitor.sandbox.books_url + path) as answer:
        assert answer.status == 200
        return await answer.json()


async def test_an_invoice_is_driven_and_the_books_tell(visitor: Visitor) -> None:
    made = await control(visitor, "/invoice", company=14002, kind="named_contact", total=124.0)
    for act in ("approve", "send", "pay"):
        await control(visitor, f"/invoices/{made['id']}/{act}")
    changes = (await read(visitor, "/invoices"))["changes"]
    assert [change["after"] for change in changes] == ["UNFINISHED", "NOT_SENT", "SENT", "PAID"]
    expected = await read(visitor, "/expected?field=field_invoice")
    assert [(one["company"], one["invoice"]) for one in expected["expected"]] == [(14002, made["id"])]
    assert expected["verdict"]["lost"] == 1
    assert (await control(visitor, f"/invoices/{made['id']}/status", status="OVERRIDDEN"))["status"] == "OVERRIDDEN"


async def test_a_bad_call_says_why(visitor: Visitor) -> None:
    bad: tuple[tuple[str, dict[str, Any]], ...] = (
        ("/invoices/1/send", {}),
        ("/invoice", {"kind": "nonsense"}),
        ("/invoice", {"colour": "red"}),
        ("/switches", {"colour": "red"}),
        ("/faults", {"spec": "trustmary"}),
        ("/customers/14001/1", {"email": "a@b.fi"}),
        ("/companies/14001", {"sales_invoices": []}),
        ("/activation", {}),
        ("/clock", {"ahead": 1e300}),
        ("/faults", {"spec": "procountor=page:1e999"}),
        ("/faults", {"spec": "procountor=²²²"}),
        ("/flow", {"per_second": 5}),
        ("/flow", {"count": 5, "kind": "nonsense"}),
        ("/flow", {"count": 5, "per_second": 0}),
        ("/reply", {"score": "9"}),
        ("/switches", {"local_zone": "Nowhere"}),
        ("/switches", {"api_off_status": 99}),
        *(("/switches", {name: "nonsense"}) for name in WORDS),
    )
    for path, body in bad:
        answer = await visitor.http.post(f"{visitor.sandbox.books_url}/control{path}", json=body)
        assert answer.status == 400
        assert (await answer.json())["error"]


async def test_time_ends_before_dates_do(visitor: Visitor) -> None:
    """And a step that is refused is not taken."""
    steps = [
        await visitor.http.post(f"{visitor.sandbox.books_url}/control/clock", json={"ahead": 9e8}) for _ in range(40)
    ]
    assert {answer.status for answer in steps} == {200, 400}
    await visitor.log_in()
    assert (await visitor.get("/sessioninfo"))["companyId"] == 14001


async def test_a_flow_without_end_is_asked_for_by_that_word(visitor: Visitor) -> None:
    assert await control(visitor, "/flow", endless=True, per_second=200) == {"started": True}

    async def many() -> bool:
        changes = (await read(visitor, "/invoices"))["changes"]
        return len({change["invoice"] for change in changes}) > 60

    await eventually(many)


async def test_a_flow_sends_as_many_as_asked_over_all_companies(visitor: Visitor) -> None:
    assert await control(visitor, "/flow", count=40, per_second=400, wait=True) == {"invoices": 40}
    changes = (await read(visitor, "/invoices"))["changes"]
    sent = [change for change in changes if change["after"] == "SENT"]
    assert len(sent) == 40
    assert {change["company"] for change in sent} == {14001, 14002}
    verdict = await read(visitor, "/verdict")
    assert verdict["expected"] + sum(verdict["skipped"].values()) == 40


async def test_a_customer_is_made_and_mended(visitor: Visitor) -> None:
    entry = await control(visitor, "/customers/14001", kind="no_email")
    mended = await control(visitor, f"/customers/14001/{entry['id']}", email="maija@esimerkki-oy.fi")
    assert mended["invoicingInfo"]["email"] == "maija@esimerkki-oy.fi"
    contacts = [{"name": "Maija Öhman", "email": "maija.ohman@esimerkki-oy.fi"}]
    mended = await control(visitor, f"/customers/14001/{entry['id']}", contacts=contacts)
    assert mended["contactPersons"][0]["name"] == "Maija Öhman"
    assert (await visitor.get(f"/businesspartners/{entry['id']}"))["contactPersons"] == mended["contactPersons"]


async def test_a_contact_is_unsubscribed(visitor: Visitor) -> None:
    await visitor.trustmary("POST", "/contacts", json={"email": "a@esimerkki-oy.fi"})
    await control(visitor, "/contact", email="a@esimerkki-oy.fi", status="bounce")
    answer = await visitor.trustmary("GET", "/contacts", params={"email": "a@esimerkki-oy.fi"})
    assert (await answer.json())["contacts"][0]["status"] == "bounce"


async def test_faults_strike_the_named_route_as_often_as_asked(visitor: Visitor) -> None:
    await control(visitor, "/faults", spec="procountor.businesspartners=503:1x2, trustmary.contacts.post=429:1x1")
    statuses = [(await visitor.call("GET", "/businesspartners")).status for _ in range(3)]
    assert statuses == [503, 503, 200]
    limited = await visitor.trustmary("POST", "/contacts", json={"email": "a@esimerkki-oy.fi"})
    assert (limited.status, limited.headers["Retry-After"]) == (429, "1")
    assert visitor.sandbox.world.books.arrivals == []
    await control(visitor, "/faults", spec="trustmary=429_bare")
    limited = await visitor.trustmary("GET", "/test")
    assert (limited.status, "Retry-After" in limited.headers) == (429, False)
    await control(visitor, "/faults")
    assert (await visitor.trustmary("GET", "/test")).status == 200


async def test_a_fault_can_strike_one_company_only(visitor: Visitor) -> None:
    await control(visitor, "/faults", spec="procountor@14002=5xx")
    assert (await visitor.call("GET", "/status")).status == 200
    await visitor.log_in(1)
    assert (await visitor.call("GET", "/status")).status in {500, 502, 503}


async def test_a_time_out_after_the_effect_leaves_the_effect(visitor: Visitor) -> None:
    await control(visitor, "/faults", spec="trustmary.contacts.post=timeout_after_effect:1x1")
    impatient = aiohttp.ClientTimeout(total=0.3)
    with pytest.raises(TimeoutError):
        await visitor.trustmary("POST", "/contacts", json={"email": "a@esimerkki-oy.fi"}, timeout=impatient)
    assert len(visitor.sandbox.world.books.arrivals) == 1


async def test_a_dropped_connection_has_no_effect_and_latency_only_delays(visitor: Visitor) -> None:
    await control(visitor, "/faults", spec="trustmary.contacts.post=drop:1x1")
    with pytest.raises(aiohttp.ClientConnectionError):
        await visitor.trustmary("POST", "/contacts", json={"email": "a@esimerkki-oy.fi"})
    assert visitor.sandbox.world.books.arrivals == []
    await control(visitor, "/faults", spec="trustmary=latency:150")
    started = asyncio.get_running_loop().time()
    assert (await visitor.trustmary("GET", "/test")).status == 200
    assert asyncio.get_running_loop().time() - started >= 0.15


async def test_the_same_seed_draws_the_same_faults() -> None:
    runs = []
    for _ in range(2):
        async with visiting(Sandbox(seed=11, faults="procountor.status=500:0.5")) as visitor:
            runs.append([(await visitor.call("GET", "/status")).status for _ in range(20)])
    assert runs[0] == runs[1]
    assert set(runs[0]) == {200, 500}


async def test_rates_and_switches_are_seen_and_set(visitor: Visitor) -> None:
    await visitor.get("/status")
    assert (await read(visitor, "/rate"))["procountor"]["routes"]["procountor.status.get"] == 1
    await control(visitor, "/rate/reset")
    assert (await read(visitor, "/rate"))["procountor"]["total"] == 0
    assert (await control(visitor, "/switches", unknown_list=400))["unknown_list"] == 400
    await control(visitor, "/tokens/expire")
    assert (await visitor.call("GET", "/status")).status == 401
    await control(visitor, "/companies/14001", personal_sales_invoices_only=True)
    await control(visitor, "/organizations/" + visitor.sandbox.organizations[0]["id"], key_works=False)
    assert (await visitor.trustmary("GET", "/test")).status == 401
    await control(visitor, "/expect", company=14001)


async def flowed(seed: int) -> list[tuple[Any, ...]]:
    """What a flow made, in the order of its making."""
    async with Sandbox(seed=seed, companies=2) as sandbox:
        await sandbox.start_flow(count=40, per_second=1000)
        made = [one for home in sandbox.world.companies.values() for one in home.invoices.values()]
        return [(one.id, one.partner, one.type, one.channel, one.creator, one.total_cents, one.paper) for one in made]


async def test_the_same_seed_gives_the_same_flow() -> None:
    first, again, other = await asyncio.gather(flowed(3), flowed(3), flowed(4))
    assert first == again != other


async def test_whole_lives_go_on_by_themselves() -> None:
    async with Sandbox(seed=12, companies=2, auto=200) as sandbox:
        books = sandbox.world.books
        await eventually(lambda: any(change.after == "PAID" for change in books.changes))
        assert {"UNFINISHED", "NOT_SENT", "SENT", "PAID"} <= {change.after.value for change in books.changes}


async def start(*options: str) -> tuple[asyncio.subprocess.Process, dict[str, Any]]:
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "sandbox", *options, stdout=asyncio.subprocess.PIPE
    )
    assert process.stdout is not None
    line = await asyncio.wait_for(process.stdout.readline(), 30)
    return process, orjson.loads(line)


async def test_as_a_process_it_prints_one_line_and_ends_when_told() -> None:
    process, ready = await start("--companies", "2", "--organizations", "2", "--seed", "13", "--history", "3")
    wanted = "procountor_url trustmary_url books_url client_id client_secret companies trustmary_api_key organizations"
    assert list(ready) == wanted.split()
    assert ready["companies"][1].keys() == {"id", "name", "api_key", "login", "password"}
    assert ready["trustmary_url"].endswith("/v1")
    async with aiohttp.ClientSession() as http, http.get(ready["books_url"]) as answer:
        assert await answer.json() == ready
    process.send_signal(signal.SIGTERM)
    rest, _ = await asyncio.wait_for(process.communicate(), 10)
    assert (process.returncode, rest) == (0, b"")


@pytest.mark.parametrize("port", ["99999", "-1"])
async def test_a_port_that_is_none_is_a_wrong_option(port: str) -> None:
    options = ("--procountor-port", port)
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "sandbox", *options, stderr=asyncio.subprocess.PIPE
    )
    try:
        _, said = await asyncio.wait_for(process.communicate(), 30)
    finally:
        if process.returncode is None:
            process.kill()
    assert (process.returncode, b"--procountor-port" in said) == (2, True)


async def test_it_ends_with_its_parent_when_asked() -> None:
    script = (
        "import subprocess, sys, time\n"
        "child = subprocess.Popen([sys.executable, '-m', 'sandbox', '--exit-with-parent'])\n"
        "print(child.pid, flush=True)\n"
        "time.sleep(60)\n"
    )
    parent = await asyncio.create_subprocess_exec(sys.executable, "-c", script, stdout=asyncio.subprocess.PIPE)
    assert parent.stdout is not None
    child = int(await parent.stdout.readline())
    assert await asyncio.wait_for(parent.stdout.readline(), 30)
    parent.kill()
    await parent.wait()
    await eventually(lambda: not alive(child))


def alive(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    return "\nState:\tZ" not in _status(process)


def _status(process: int) -> str:
    try:
        with open(f"/proc/{process}/status") as file:
            return file.read()
    except OSError:
        return ""


async def test_an_invoice_is_hidden_and_shown_and_time_passes_at_once(visitor: Visitor) -> None:
    world = visitor.sandbox.world
    made = await control(visitor, "/invoice", company=14002, kind="named_contact")
    before, path = world.stamp(), f"/invoices/{made['id']}"
    await visitor.log_in(1)
    for act, rows, status in (("hide", 0, 404), ("show", 1, 200)):
        await control(visitor, f"{path}/{act}")
        assert len((await visitor.get("/invoices"))["results"]) == rows
        assert (await visitor.call("GET", path)).status == status
    assert (await control(visitor, "/clock", ahead=3600))["now"] > before


async def test_a_contact_is_corrected_and_then_leaves_no_trace(visitor: Visitor) -> None:
    world = visitor.sandbox.world
    organization = world.organization()
    for email in ("maija@asiakas.fi", "eino@asiakas.fi"):
        world.add_contact(email, name="Maija", addToLists=[next(iter(organization.lists))])
    await control(visitor, "/contact", email="maija@asiakas.fi", fields={"name": "Toinen", "field_x": "1"})
    contact = organization.contacts["maija@asiakas.fi"]
    assert (contact.plain["name"], contact.custom) == ("Toinen", {"field_x": "1"})
    await control(visitor, "/contact", email="maija@asiakas.fi", gone=True)
    assert set(organization.contacts) == {"eino@asiakas.fi"}
    assert not any(contact.id in each.members for each in organization.lists.values())
    world.add_contact("maija@asiakas.fi")
    assert len({each.id for each in organization.contacts.values()}) == 2

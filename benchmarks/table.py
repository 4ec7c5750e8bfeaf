"""docs/benchmarks.md, made from results.json."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

HEAD = """# Benchmarks

One run of `make bench` on one machine, fsync and synchronous_commit on, pictures of about 3 kB; made from
`benchmarks/results.json`. Rates are medians (lowest to highest of the rounds). Machines differ and are noisy: the
ratios, taken side by side in the same rounds, travel better than the figures.

| what | seen | aim |
| --- | --- | --- |
"""


LIMITS = """
## What limits them

**Project.** Flat Python, some 155 µs of CPU an event, and 80 of PostgreSQL beside it: reading the picture,
conditions and person, the decision, encoding and sealing it, deliveries and ledger, none of them more than a fifth.
No single thing is left to take out: rows as arrays of a composite type moved work from the client to the server,
fewer indexes and no foreign key were within the noise. Where other work keeps a core busy, an event waits as long
for a core as it is worked at.

**Event to answer.** Two cores carry PostgreSQL, the broker, the sandbox, what appends, and both workers. By
process, at 200 a second on Tansu, CPU per invoice: PostgreSQL 1.5 ms, relay and project 1.3, dispatch 0.9, broker
and what appends 1.2, sandbox 0.4: some 5 of the 10 that two cores have. Events gather for 20 ms before Kafka, behind
it and before they are sent, from the start of one turn to that of the next. Where other work takes 4 ms or more of
the 10, the tail waits for a core.

**Planning a replay.** Each invoice of three changes takes some 100 µs of CPU, and PostgreSQL some 40 beside it: by
that sum a million events take two full cores 24 s; three processes took 28, one by itself 41. By profile, of
one process: reading and unsealing 16 %,
JSON and making events of it 40 %, deciding 28 %, comparing and bookkeeping the rest; no
single thing is left to take out. Of a large past two more processes read and decide the changes, half of the work,
while the first follows what was sent; what they hand over costs 8 % more CPU. They are niced, so that live traffic
goes first: where it, or anything else, keeps a core busy, a plan takes as long as in one process. What is kept grows
with the invoices that one plan looks at, by 1.9 kB each: some 100,000 invoices of one integration fit 300 MiB. A
label's integrations are planned one after the other, and nothing of one is kept for the next.

**Relay.** CPU an event: the relay 24 to 29 µs, PostgreSQL 2.5, the broker 9 to 14; the bare producer takes 17 to 21
and finds its messages made. The difference is reading rows, base64 (4 µs) and headers. One process's Python limits
it, not the order of reading and sending: reading ahead brought nothing.
"""


def page(results: dict[str, Any]) -> str:
    machine = results["machine"]
    rows = [f"| {what} | {seen} | {aim} |" for what, seen, aim in lines(results)]
    return HEAD + "\n".join(rows) + f"\n\n{machine['cores']} cores, Python {machine['python']}.\n" + LIMITS


def lines(results: dict[str, Any]) -> Iterator[tuple[str, str, str]]:
    append = results["append"]
    for name, figure in append["rows_per_second"].items():
        yield f"{name} a transaction", f"{spread(figure)} rows/s", ""
    for size, ratio in append["append_of_copy"].items():
        yield f"append of COPY, {size} a transaction", f"{ratio}", "≥ 0.5" if size == "1000" else ""
    for broker, part in results["relay"].items():
        for name, figure in part["events_per_second"].items():
            yield f"{name}, {broker}", f"{spread(figure)} events/s", ""
        yield f"relay of the bare producer, {broker}", f"{part['relay_of_bare']}", "≥ 0.6"
    yield "project, one worker", f"{spread(results['project']['events_per_second'])} events/s", "≥ 5,000"
    plan = results["plan"]
    for name, figure in plan["invoices_per_second"].items():
        yield (
            f"plan of a replay over {name} of {plan['changes_an_invoice']} changes",
            f"{spread(figure)} invoices/s",
            "",
        )
    yield "plan over one integration's 1,000 invoices", f"{plan['seconds_for_1000']} s", "< 1 s"
    million = results["million"]
    name = f"ptm replay plan over {million['invoice_events']:,} invoice events of {million['integrations']} companies"
    yield name, f"{million['seconds']:,.0f} s, {million['own_cpu_s']:,.0f} of them its own CPU", "< 30 s"
    processes = million.get("processes", 1)
    of = "the process" if processes == 1 else f"its {processes} processes, what they share counted once"
    yield f"the same, peak memory of {of}", f"{million['peak_mib']} MiB", "< 300 MiB"
    took = plan["why_ms"]
    yield "why, one invoice among 10,000", f"{took['median']} ms, {took['highest']} at most", "< 100 ms"
    yield from waits(results)


def waits(results: dict[str, Any]) -> Iterator[tuple[str, str, str]]:
    """How long an event takes."""
    for broker, part in results["end_to_end"].items():
        latency = part["latency_ms"]
        seen = f"p50 {latency['p50']} · p95 {latency['p95']} · p99 {latency['p99']} ms"
        yield f"event appended to Trustmary's answer at {part['sent_per_second']}/s, {broker}", seen, "p99 ≤ 200 ms"
    behind = results["behind"]
    for name, latency in behind["latency_ms"].items():
        traffic = f"{behind['live_per_second']}/s live" + (
            f" behind which a replay of {behind['replay_contacts']:,} sends {behind['replayed_per_second']}/s"
            if name == "behind"
            else ""
        )
        yield (
            f"{traffic}, {behind['broker']}",
            f"p50 {latency['p50']} · p95 {latency['p95']} · p99 {latency['p99']} ms",
            "",
        )
    yield "live p99 beside a replay, of p99 alone", f"{behind['p99_behind_of_alone']}", "≤ 2"
    for name, part in results["delay"].items():
        seconds = part["seconds"]
        aim = "p95 < 60 s" if name.startswith("1 ") else "p95 < 120 s"
        yield f"sent to contact, default budget, {name}", f"p50 {seconds['p50']} · p95 {seconds['p95']} s", aim
    yield from screens(results["console"])


def screens(part: dict[str, Any]) -> Iterator[tuple[str, str, str]]:
    """The console over ten thousand integrations and a million events, in a terminal of 120 by 40."""
    for name, seconds in part["start_s"].items():
        aim = "< 1 s" if name == "first frame" else ""
        yield f"console, start to {name}", f"{seconds['median']} s, {seconds['highest']} at most", aim
    for kind, name in (("key_to_paint_ms", "cursor key"), ("filter_to_paint_ms", "letter of the filter")):
        for traffic, took in part[kind].items():
            seen = f"p50 {took['p50']} · p95 {took['p95']} ms ({took['p95_alone']} but for waiting for a core)"
            yield f"console, {name} to paint, {traffic}", seen, "" if traffic == "quiet" else "p95 < 50 ms"
    for traffic, share in part["cpu_of_a_core"].items():
        yield f"console, share of a core, {traffic}", f"{share:.0%}", ""
    yield "console, peak memory at home", f"{part['peak_mib']} MiB", "< 150 MiB"
    others = part["other_screens"]
    took = others["Events, keys"]
    seen = f"p50 {took['p50']} · p95 {took['p95']} ms ({took['p95_alone']} but for waiting for a core)"
    yield "console, cursor key to paint on Events, followed at 200 events/s", seen, "p95 < 50 ms"
    for where, mib in others["mib"].items():
        yield f"console, memory, {where}", f"{mib} MiB", "< 150 MiB"
    yield "console, peak memory through all of that", f"{others['peak_mib']} MiB", "< 150 MiB"
    yield "console, statements a second while nothing happens", f"{part['queries_per_second_idle']}", "< 1"


def spread(figure: dict[str, int]) -> str:
    return f"{figure['median']:,} ({figure['min']:,} to {figure['max']:,})"

"""The sandbox counts the requests of every sliding second, by when they arrived."""

from __future__ import annotations

import asyncio
import random
import socket
import threading
import time

from eventually import eventually
from sandbox import Sandbox
from sandbox.meter import Meter


def test_the_fullest_sliding_second_is_found_across_clock_seconds() -> None:
    meter = Meter()
    for at in (0.0, 0.7, 0.8, 0.9, 1.1, 1.6, 1.75, 3.0):
        meter.arrive("procountor.invoices.get", at=at)
    assert meter.max_in_any_second() == 5
    assert meter.total == 8


def test_a_request_exactly_one_second_later_is_in_another_second() -> None:
    meter = Meter()
    meter.arrive("a", at=5.0)
    meter.arrive("a", at=6.0)
    assert meter.max_in_any_second() == 1


def test_in_which_order_they_are_read_makes_no_difference() -> None:
    drawn = random.Random(1)
    times = [drawn.uniform(0, 6) for _ in range(200)]
    fullest = max(sum(1 for other in times if last - 1 < other <= last) for last in times)
    assert fullest > 200 / 6
    for order in (sorted(times), sorted(times, reverse=True), times):
        meter = Meter()
        for at in order:
            meter.arrive("a", at=at)
        assert (meter.max_in_any_second(), meter.total) == (fullest, 200)


async def test_requests_that_are_read_late_count_from_when_they_came() -> None:
    """They came more than a second apart, to a service that was busy; some on connections it had not accepted yet."""
    async with Sandbox() as sandbox:
        host, port = sandbox.procountor_url.removeprefix("http://").split(":")
        ask = f"GET /api/status HTTP/1.1\r\nHost: {host}\r\n\r\n".encode()
        callers: list[socket.socket] = []

        def call() -> None:
            for _ in range(3):
                callers.append(socket.create_connection((host, int(port))))
                callers[-1].sendall(ask)
                time.sleep(1.1)

        calling = threading.Thread(target=call)
        calling.start()
        calling.join()  # the service has this thread: it reads nothing meanwhile
        await eventually(lambda: sandbox.procountor_meter.total == 3)
        await asyncio.to_thread(lambda: [caller.recv(1) for caller in callers])
        for caller in callers:
            caller.close()
        assert sandbox.procountor_meter.max_in_any_second() == 1


def test_tenants_are_counted_apart() -> None:
    meter = Meter()
    for place in range(6):
        meter.arrive("a", "1" if place % 3 else "2", at=place / 10)
    assert (meter.max_in_any_second(1), meter.max_in_any_second("2"), meter.max_in_any_second(3)) == (4, 2, 0)


def test_a_reset_forgets() -> None:
    meter = Meter()
    meter.arrive("a", "1", at=1.0)
    meter.reset()
    assert (meter.total, meter.max_in_any_second(), meter.max_in_any_second(1)) == (0, 0, 0)

"""Drives invoices through their life by the clock: a seeded plan per invoice, some only sent, some lived to the end."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from random import Random

from sandbox.invoices import InvoiceKind
from sandbox.statuses import Act, Channel
from sandbox.world import NotAllowed, World

_SETTLED_SECONDS = 30.0  # a status that only a poller in time can see stays at least this long

Plan = list[tuple[float, Act]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Flow:
    """How invoices come about: *count* of them (None is without end), *per_second* over all *companies*."""

    count: int | None
    per_second: float
    companies: Sequence[int]
    kind: str | None = None
    lives: bool = False
    """Whole lives, with payments, corrections and early ends; else every invoice is just sent."""


class Driver:
    """Runs flows until closed."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._rng = Random(f"driver {world.seed}")
        self._tasks: set[asyncio.Task[int]] = set()
        self._closed = False

    def start(self, flow: Flow) -> asyncio.Task[int]:
        """A task that ends with the number of invoices once each has been sent (or ended before that)."""
        task = asyncio.create_task(self._drive(flow))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task

    async def close(self) -> None:
        self._closed = True
        tasks = list(self._tasks)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _drive(self, flow: Flow) -> int:
        loop = asyncio.get_running_loop()
        start, born = loop.time(), 0
        last: set[asyncio.Future[None]] = set()
        while flow.count is None or born < flow.count:
            await asyncio.sleep(max(0.0, start + born / flow.per_second - loop.time()))
            sent = self._bear(flow, born)
            last.add(sent)
            sent.add_done_callback(last.discard)
            born += 1
        if last:
            await asyncio.wait(last)
        return born

    def _bear(self, flow: Flow, place: int) -> asyncio.Future[None]:
        kind, channel = flow.kind, None
        if kind is None and self._rng.random() < 0.06:
            kind = InvoiceKind.CREDIT_NOTE.value
        plan = self._plan_sent()
        if flow.lives:
            kind = kind or self._odd_kind()
            channel = Channel.NO_SENDING if self._rng.random() < 0.03 else None
            plan = self._plan_life(silent=channel is not None)
        company = flow.companies[place % len(flow.companies)]
        invoice = self._world.add_invoice(company, kind=kind, channel=channel)
        sent: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._next(invoice.id, plan, sent)
        return sent

    def _next(self, invoice: int, plan: Plan, sent: asyncio.Future[None]) -> None:
        if not plan and not sent.done():
            sent.set_result(None)
        if plan:
            asyncio.get_running_loop().call_later(plan[0][0], self._act, invoice, plan, sent)

    def _act(self, invoice: int, plan: Plan, sent: asyncio.Future[None]) -> None:
        if self._closed or sent.cancelled():
            return
        act = plan[0][1]
        rest = plan[1:]
        try:
            self._world.act(invoice, act)
        except NotAllowed:
            rest = []  # somebody else has taken this invoice another way
        if act is Act.SEND and not sent.done():
            sent.set_result(None)
        self._next(invoice, rest, sent)

    def _odd_kind(self) -> str | None:
        odd = (InvoiceKind.ORDER, InvoiceKind.OFFER, InvoiceKind.PURCHASE)
        return self._rng.choice(odd).value if self._rng.random() < 0.06 else None

    def _plan_sent(self) -> Plan:
        return [(self._rng.uniform(0.02, 0.2), Act.APPROVE), (self._rng.uniform(0.02, 0.2), Act.SEND)]

    def _plan_life(self, *, silent: bool) -> Plan:
        """One of the ways an invoice can go; a *silent* one never leaves by Procountor."""
        rng = self._rng
        opening: Plan = [(rng.uniform(0.2, 1.0), Act.APPROVE)]
        if silent:
            return [*opening, (_SETTLED_SECONDS * rng.uniform(1, 2), Act.MARKPAID)]
        sending: Plan = [*opening, (rng.uniform(0.2, 1.0), Act.SEND)]
        paying = rng.uniform(1.0, 8.0)
        late = _SETTLED_SECONDS * rng.uniform(1, 2)
        lives: tuple[tuple[int, Plan], ...] = (
            (50, [*sending, (paying, Act.PAY)]),
            (14, sending),
            (10, [*sending, (paying, Act.PARTLYPAY), (paying, Act.PAY)]),
            (8, [*sending, (late, Act.MARKPAID)]),
            (6, [*sending, (late, Act.UNFINISHED), *sending, (paying, Act.PAY)]),
            (4, [*sending, (late, Act.DENY)]),
            (4, [*opening, (paying, Act.INVALIDATE)]),
            (2, [(paying, Act.DELETE)]),
            (2, [*opening, (paying, Act.PAY)]),
        )
        return rng.choices([life for _, life in lives], weights=[weight for weight, _ in lives])[0]

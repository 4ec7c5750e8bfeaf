"""Undoing a replay: what it has put contacts on is looked up, shown, and taken back by a replay of its own."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from uuid import UUID

from events.errors import Conflict, Misconfigured
from events.plan import Class, Item, Plan
from events.replay import Reach, ReplayStarted
from events.undoing import Undoing
from worker.adapters.postgres import translating
from worker.operations import deliveries, past, planning, replays
from worker.operations.context import Context
from worker.operations.integrations import Integration, State, read_one
from worker.operations.past import Window
from worker.operations.planning import SENT, SQL
from worker.operations.replays import TAKING_OFF, Cost, Replay, at_pace


@dataclass(frozen=True, slots=True, kw_only=True)
class Prepared:
    """What undoing *replay* would come to, before anything is done."""

    replay: Replay
    integration: Integration
    plan: Plan
    numbers: Mapping[int, int]
    """Procountor's id of an invoice → its number, as people know it."""
    pace: float
    """Calls to Trustmary a second; 0: as fast as they are answered."""

    @property
    def off(self) -> tuple[Item, ...]:
        """Who is taken off lists; of them some still wait to be put on, and are dropped."""
        return tuple(item for item in self.plan.items if item.kind is Class.TAKE_OFF)

    @property
    def dropped(self) -> tuple[Item, ...]:
        """What waits to be sent, or is parked, and will not be."""
        return tuple(item for item in self.plan.items if item.reason == "dropped")

    @property
    def count(self) -> int:
        """Contacts that something is done about."""
        return len({item.number for item in (*self.off, *self.dropped)})

    @property
    def cost(self) -> Cost:
        calls = TAKING_OFF * len(self.off)
        off, seconds = len(self.off), at_pace(calls, self.pace)
        return Cost(contacts=self.count, calls=calls, surveys=0, off=off, seconds=seconds)

    @property
    def surveys(self) -> tuple[Item, ...]:
        """To whom a survey may have gone out: that cannot be taken back."""
        return tuple(item for item in self.plan.items if item.starts_surveys)

    @property
    def created(self) -> tuple[Item, ...]:
        """Contacts that it was the first to deliver: they stay in Trustmary."""
        return tuple(item for item in self.plan.items if item.after and not item.before)

    @property
    def overwritten(self) -> tuple[Item, ...]:
        """Contacts whose fields it has changed: what stood there before is known, and is not written back."""
        return tuple(item for item in self.plan.items if item.before and item.differences)

    @property
    def stays(self) -> tuple[Item, ...]:
        """Who stays on a list, since something else has put them there too."""
        return tuple(item for item in self.plan.items if item.reason in ("held", "held_elsewhere"))


async def prepare(context: Context, seen: Replay) -> Prepared:
    """Looks up what *seen* has done. Raises `Misconfigured` where it cannot be undone, `Conflict` while it goes on."""
    integration = await read_one(context, seen.integration)
    check(seen, integration)
    with translating():
        undecided: int = await context.pool.fetchval(SQL["count_undecided"], seen.id)
    if undecided:
        raise Conflict(f"{undecided} contacts of the replay are not decided yet: is a worker running? Try again then.")
    # To the head: what the replay has led to may stand beyond the checkpoint, behind what was recorded meanwhile.
    upto = (await context.log.heads())[integration.partition].position
    undoing = Undoing(integration=integration.id, replay=seen.id, upto=upto)
    async for chunk in past.stream(
        context, integration, await past.places(context, integration, Window(upto=upto), SENT)
    ):
        for each in chunk:
            undoing.meet(each)
    plan = undoing.plan(await elsewhere(context, integration, undoing.emails))
    return Prepared(
        replay=seen,
        integration=integration,
        plan=plan,
        numbers=await past.numbers(context, integration, {item.invoice for item in plan.items}),
        pace=context.settings.trustmary_pace,
    )


def check(seen: Replay, integration: Integration) -> None:
    if seen.undoes:
        raise Misconfigured(
            f"That replay is itself an undoing (of {str(seen.undoes)[:8]}). To put its contacts back on their lists, "
            f"plan again: ptm replay plan {integration.company_id}."
        )
    if seen.state == "planned" or seen.reach is None:
        raise Misconfigured("That plan was never applied: there is nothing to undo.")
    if seen.state not in ("done", "cancelled"):
        raise Conflict(f"The replay is {seen.state}: cancel it first, ptm replay cancel {str(seen.id)[:8]}.")
    if integration.state is State.REMOVED:
        raise Misconfigured(f"{integration.name} was removed: there is no key to reach Trustmary with.")


async def elsewhere(context: Context, integration: Integration, emails: Collection[str]) -> frozenset[tuple[str, str]]:
    """(address, list) that other companies of the same organization have put together."""
    key = await context.vault.contact_key()
    by_key = {key(integration.organization, email): email for email in emails}
    with translating():
        rows = await context.pool.fetch(SQL["find_elsewhere"], integration.organization, integration.id, list(by_key))
    return frozenset((by_key[row["contact_key"]], row["target"]) for row in rows)


async def start(context: Context, prepared: Prepared, *, name: str, reason: str) -> Replay:
    """Drops what of the replay waits, and has workers take off whom it has put on.

    What has moved by the time it is decided is left out and named. Raises `Conflict` where another undoing of the same
    replay is under way.
    """
    if not name.strip() or not reason.strip():
        raise Misconfigured("An undoing needs a name and a reason: whoever reads the log later will ask.")
    if not prepared.count:
        raise Misconfigured("There is nothing to undo: the replay has put nobody on a list who could be taken off.")
    undone, integration = prepared.replay, prepared.integration
    id = await planning.keep(context, integration, prepared.plan, undoes=undone.id)
    seen = await replays.find(context, str(id))
    event = ReplayStarted(
        integration=integration.id,
        replay=id,
        name=name.strip(),
        reason=reason.strip(),
        reach=Reach.LIST,
        plan=seen.hash,
        items=len(prepared.off),
        upto=seen.upto,
        undoes=undone.id,
    )
    # What waits must not leave once the undoing has begun: it could start a survey yet.
    await drop(context, undone.id, reason=f"undone: {reason.strip()}")
    async with replays.changing(context, seen, {"planned"}, event) as connection:
        if await connection.fetchval(SQL["lock_undone"], undone.id):
            raise Conflict("The replay is being undone already: see ptm replay list.")
        classes = [Class.TAKE_OFF.value]
        await connection.execute(SQL["start_replay"], id, Reach.LIST.value, classes, len(prepared.off))
    return await replays.find(context, str(id))


async def drop(context: Context, undone: UUID, *, reason: str) -> list[int]:
    """What of a replay has not left is never sent. Once more is harmless."""
    with translating():
        rows = await context.pool.fetch(SQL["find_unsent"], undone)
    return await deliveries.discard(context, [row["id"] for row in rows], reason=reason)

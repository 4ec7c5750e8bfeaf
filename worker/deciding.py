"""What the projector writes in a transaction: decisions and deliveries, and what an operator's event takes back."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from itertools import chain, islice
from typing import Protocol
from uuid import UUID

import orjson

from events import codec, replay, rules
from events.codec import Event
from events.contact import (
    Carried,
    ContactAdded,
    ContactRefused,
    ContactSkipped,
    ContactUnlisted,
    ContactWithdrawn,
    Skip,
    Withdrawal,
)
from events.customer import CustomerRead
from events.envelope import Recorded
from events.integration import (
    AddressBlocked,
    AddressUnblocked,
    Configuration,
    IntegrationRemoved,
    IntegrationResumed,
    Rules,
    TriggerRemoved,
    TriggerSaved,
    Waiting,
    fold,
    waiting_of,
)
from events.invoice import InvoiceStatusChanged
from events.replay import ReplayAsked
from events.rules import Candidate, Ledger
from worker import braking
from worker.adapters import ledger, queries
from worker.adapters.log import Draft, Log, decode
from worker.adapters.postgres import Connection
from worker.adapters.vault import ContactKeyer
from worker.turns import ASKING
from worker.unlisting import take_off

SQL = queries.load("project")
Decided = ContactAdded | ContactSkipped
Settling = Callable[[Candidate, Ledger], Decided]
"""A candidate becomes a decision in the light of what has been used up."""
CHANGE = InvoiceStatusChanged.type
Known = Mapping[int, dict[UUID, Rules]]
"""Partition → the rules in force at its checkpoint, as far as they are known."""
SAYS = ASKING | {CHANGE, ContactRefused.type, ContactWithdrawn.type}
"""What a projector has to read; it only moves over the rest."""
CHUNK = 500
"""Waiting decisions that one transaction takes back."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """What a transaction appended, by partition: nothing that a projector would have to read again."""

    quietly: Mapping[int, int] = field(default_factory=dict)
    """How many decisions."""
    organizations: Mapping[int, frozenset[str]] = field(default_factory=dict)
    """Where contacts are to be added."""


class KeysContacts(Protocol):
    """What the projector asks of the vault: by which key a contact is known."""

    async def contact_key(self) -> ContactKeyer: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Decider:
    """Works in the transaction that holds the partition's checkpoint, and nowhere else."""

    log: Log
    vault: KeysContacts

    async def decide(self, connection: Connection, fresh: Mapping[int, Sequence[Recorded]], known: Known) -> Said:
        """Decides every change in *fresh*; in order, so that a refusal frees the cool-down for what follows it."""
        await self.learn(connection, fresh, known)
        saying = [record for partition, mine in fresh.items() for record in mine if says(record, known[partition])]
        acts: dict[int, list[Candidate | UUID]] = {partition: [] for partition in fresh}
        # A picture takes far more room than what follows from it: one at a time is kept.
        for record, personal in zip(saying, await self.log.personal(saying), strict=True):
            acts[record.partition] += acts_of(decode(record, personal), record, known[record.partition])
        said, _ = await self.settle(connection, acts)
        return said

    async def learn(self, connection: Connection, fresh: Mapping[int, Sequence[Recorded]], known: Known) -> None:
        """Reads the rules of integrations that are not in *known* yet."""
        wanted: dict[UUID, int] = {}
        for partition, records in fresh.items():
            names = {row.stream.split("/")[1] for record in records if (row := record.row).type == CHANGE}
            wanted |= dict.fromkeys({UUID(name) for name in names} - known[partition].keys(), partition)
        for integration, found in (await self.rules_in_force(connection, set(wanted))).items():
            known[wanted[integration]][integration] = found

    async def settle(
        self,
        connection: Connection,
        acts: Mapping[int, Sequence[Candidate | UUID]],
        settling: Settling = rules.settle,
        *,
        last: bool = False,
    ) -> tuple[Said, Sequence[Decided]]:
        """Writes the decisions and the deliveries of contacts to be added; an id among *acts* frees its cool-down."""
        key = cache(await self.vault.contact_key())
        all_acts = list(chain.from_iterable(acts.values()))
        candidates = [act for act in all_acts if isinstance(act, Candidate)]
        used = await ledger.read(connection, candidates, key, last=last)
        if freed := [act for act in all_acts if isinstance(act, UUID)]:
            await connection.execute(SQL["free_cooldown"], freed)
        decided = {partition: list(decisions(mine, used, settling)) for partition, mine in acts.items()}
        rows = await self.log.prepare(
            [Draft(event=made, cause=made.cause) for mine in decided.values() for _, made in mine]
        )
        rest = iter(rows)
        batches = {partition: list(islice(rest, len(mine))) for partition, mine in decided.items()}
        if not rows:
            return Said(), ()
        added = [(found, made) for mine in decided.values() for found, made in mine if isinstance(made, ContactAdded)]
        tallies, beyond = braking.counted(added, used.tallies)
        quietly = await ledger.write(connection, batches, added, key, tallies=tallies)
        await braking.hold(self.log, connection, decided, beyond)
        said = Said(
            quietly=quietly,
            organizations={
                partition: frozenset(found.rules.organization for found, made in mine if isinstance(made, ContactAdded))
                for partition, mine in decided.items()
            },
        )
        return said, [made for mine in decided.values() for _, made in mine]

    async def replay(self, connection: Connection, record: Recorded) -> Said:
        """Decides the items that a replay asks for, and notes beside its plan what became of them."""
        [asked] = await self.log.open([record])
        assert isinstance(asked, ReplayAsked)
        in_force = (await self.rules_in_force(connection, {asked.integration})).get(asked.integration)
        wanted = {id for ask in asked.items for id in (ask.cause, ask.customer) if id}
        records = await self.log.find(list(wanted))
        opened = {one.row.id: event for one, event in zip(records, await self.log.open(records), strict=True)}
        changes = {id: event for id, event in opened.items() if isinstance(event, InvoiceStatusChanged)}
        customers = {id: event for id, event in opened.items() if isinstance(event, CustomerRead)}
        pairs = list(replay.candidates(asked, in_force, changes, record.at, customers=customers)) if in_force else []
        asks = {(found.cause, found.trigger.id): ask for ask, found in pairs}
        said, made = await self.settle(
            connection,
            {record.partition: [found for _, found in pairs]},
            lambda found, used: replay.answer(found, asks[found.cause, found.trigger.id], asked, used),
            last=True,
        )
        answers: dict[int, Decided | ContactUnlisted] = {asks[one.cause, one.trigger].number: one for one in made}
        if in_force:
            key = cache(await self.vault.contact_key())
            count, off = await take_off(connection, self.log, key, record=record, asked=asked, in_force=in_force)
            answers |= {ask.number: decision for ask, decision in off}
            said = with_more(said, record.partition, count, in_force.organization)
        rows = [(ask.number, *answered(answers.get(ask.number))) for ask in asked.items]
        await connection.execute(SQL["answer_replay"], asked.replay, *map(list, zip(*rows, strict=True)))
        return said

    async def rules_in_force(self, connection: Connection, integrations: set[UUID]) -> dict[UUID, Rules]:
        rows = await connection.fetch(SQL["read_rules"], list(integrations)) if integrations else []
        return {found.integration: found for found in (codec.rules_from_json(row["rules"]) for row in rows)}

    async def configure(self, connection: Connection, record: Recorded, in_force: dict[UUID, Rules]) -> Said | None:
        """Folds a configuration event, and says whose lane it frees; None: it has more to take back."""
        [event] = await self.log.open([record])
        assert isinstance(event, Configuration)
        before = (await self.rules_in_force(connection, {event.integration})).get(event.integration)
        after = fold(before, event, record.position)
        in_force.pop(event.integration, None)
        await connection.execute(SQL["write_rules"], event.integration, record.position, codec.rules_to_json(after))
        if isinstance(event, AddressBlocked | AddressUnblocked):
            await ledger.change_block_list(connection, event, await self.vault.contact_key())
        if isinstance(event, IntegrationResumed):
            await braking.release(connection, event)
        if waiting_of(event) is not Waiting.SEND and await self.take_back(connection, record, event, after):
            return None
        return Said(organizations={record.partition: frozenset({after.organization})})

    async def take_back(self, connection: Connection, record: Recorded, event: Configuration, after: Rules) -> bool:
        """Withdraws a chunk of what waits from before *record*, decides it again if asked; says if more may wait."""
        trigger = trigger_of(event)
        again = waiting_of(event) is Waiting.DECIDE_AGAIN
        await self.log.lock(connection, record.partition)
        wanted = (event.integration, trigger, record.position, CHUNK, event.id)
        found = await connection.fetch(SQL["lock_waiting"], *wanted)
        if not found:
            return again and await self.decide_again(connection, record, after)
        waiting = await connection.fetch(SQL["read_waiting"], [row["id"] for row in found])
        if not waiting:
            return True
        decided = await self.log.open(await self.log.read_at([(row["partition"], row["position"]) for row in waiting]))
        withdrawn = [
            ContactWithdrawn(
                integration=event.integration,
                invoice_id=row["invoice"],
                partner=added.partner if isinstance(added, Carried) else None,
                decision=row["decision"],
                step=row["step"],
                reason=Withdrawal.DECIDED_AGAIN if again and not row["replay"] else dropped(event),
                by=event.id,
            )
            for row, added in zip(waiting, decided, strict=True)
        ]
        rows = await self.log.prepare([Draft(event=one, cause=one.decision) for one in withdrawn])
        await self.log.append(connection, record.partition, rows)
        live = [row["decision"] for row in waiting if row["step"] == 1 and not row["replay"]]
        times = await connection.fetch(SQL["read_times"], live)
        await braking.correct(connection, event.integration, [row["at"] for row in times], -1)
        # A replay goes no further than its plan and its reach: decided again it would be a live decision.
        anew = [row for row in waiting if again and not row["replay"]]
        gone = [row["id"] for row in waiting if not again or row["replay"]]
        await connection.execute(SQL["withdraw"], gone, None)
        if anew:
            await connection.execute(SQL["withdraw"], [row["id"] for row in anew], event.id)
            decisions = list({row["decision"] for row in anew})
            await connection.execute(SQL["free_added"], decisions)
            await connection.execute(SQL["free_cooldown"], decisions)
        return True

    async def decide_again(self, connection: Connection, record: Recorded, after: Rules) -> bool:
        """Once all is taken back: decides a chunk of it under the rules *after*; says whether there was any."""
        taken = await connection.fetch(SQL["take_taken_back"], record.row.id, CHUNK)
        found = await self.log.find(list({row["cause"] for row in taken}))
        opened = await self.log.open(found)
        causes = {cause.row.id: (cause, change) for cause, change in zip(found, opened, strict=True)}
        candidates: list[Candidate] = []
        for row in taken:
            cause, change = causes[row["cause"]]
            if isinstance(change, InvoiceStatusChanged):
                again = rules.consider(after, change, cause.at, cause=cause.row.id, asked_by=record.row.id)
                candidates += [candidate for candidate in again if candidate.trigger.id == row["trigger"]]
        _, made = await self.settle(connection, {record.partition: candidates})
        times = [found.at for found, one in zip(candidates, made, strict=True) if isinstance(one, ContactAdded)]
        await braking.correct(connection, after.integration, times, 1)
        return bool(taken)


def says(record: Recorded, in_force: Mapping[UUID, Rules]) -> bool:
    """Whether something may follow from it; that a change meets no trigger is seen without unsealing its picture."""
    row = record.row
    if row.type != CHANGE or row.schema != InvoiceStatusChanged.schema:
        return row.type in SAYS
    facts = orjson.loads(row.data)
    rules_of = in_force.get(codec.known_uuid(row.stream.split("/")[1]))
    return rules_of is None or not isinstance(facts, dict) or rules.concerned(rules_of, facts)


def acts_of(event: Event, record: Recorded, in_force: Mapping[UUID, Rules]) -> Iterator[Candidate | UUID]:
    """The candidates that a change makes, or the decision whose cool-down an outcome frees."""
    match event:
        case InvoiceStatusChanged(integration=integration) if integration in in_force:
            yield from rules.consider(in_force[integration], event, record.at, cause=record.row.id)
        case ContactRefused(decision=decision, step=1) | ContactWithdrawn(decision=decision, step=1):
            yield decision
        case _:
            pass


def decisions(
    acts: Sequence[Candidate | UUID], used: Ledger, settling: Settling
) -> Iterator[tuple[Candidate, Decided]]:
    for act in acts:
        if isinstance(act, Candidate):
            yield act, settling(act, used)
        else:
            used.free(act)


def with_more(said: Said, partition: int, count: int, organization: str) -> Said:
    """*said*, and *count* more decisions of a partition, about contacts of one organization."""
    if not count:
        return said
    named = said.organizations.get(partition, frozenset()) | {organization}
    return Said(
        quietly={**said.quietly, partition: said.quietly.get(partition, 0) + count},
        organizations={**said.organizations, partition: named},
    )


def answered(made: Decided | ContactUnlisted | None) -> tuple[UUID | None, str | None]:
    """The decision on an item of a replay, and why nothing is sent; what cannot be found again has moved."""
    match made:
        case ContactSkipped():
            return made.id, made.reason.value
        case ContactAdded() | ContactUnlisted():
            return made.id, None
        case None:
            return None, Skip.MOVED.value


def trigger_of(event: Configuration) -> UUID | None:
    """The one trigger whose waiting decisions the event speaks of; None: all of the integration's."""
    match event:
        case TriggerSaved(trigger=trigger):
            return trigger.id
        case TriggerRemoved(trigger=gone):
            return gone
        case _:
            return None


def dropped(event: Configuration) -> Withdrawal:
    return Withdrawal.REMOVED if isinstance(event, IntegrationRemoved) else Withdrawal.DROPPED

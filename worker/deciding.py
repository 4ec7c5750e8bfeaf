"""What the projector writes in a transaction: decisions and deliveries, and what an operator's event takes back."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Protocol
from uuid import UUID

from events import codec, rules
from events.contact import ContactAdded, ContactRefused, ContactSkipped, ContactWithdrawn, Withdrawal
from events.envelope import Recorded
from events.integration import (
    AddressBlocked,
    AddressUnblocked,
    Configuration,
    IntegrationRemoved,
    Rules,
    TriggerRemoved,
    TriggerSaved,
    Waiting,
    fold,
    waiting_of,
)
from events.invoice import InvoiceStatusChanged
from events.rules import Candidate
from worker.adapters import ledger, queries
from worker.adapters.log import Appended, Draft, Log
from worker.adapters.postgres import Connection
from worker.adapters.vault import ContactKeyer

SQL = queries.load("project")
CHUNK = 500
"""Waiting decisions that one transaction takes back."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """What a transaction appended: nothing that a projector would have to read again."""

    quietly: int = 0
    """How many decisions."""
    organizations: frozenset[str] = frozenset()
    """Where contacts are to be added."""


class KeysContacts(Protocol):
    """What the projector asks of the vault: by which key a contact is known."""

    async def contact_key(self) -> ContactKeyer: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Decider:
    """Works in the transaction that holds the partition's checkpoint, and nowhere else."""

    log: Log
    vault: KeysContacts

    async def decide(
        self,
        connection: Connection,
        fresh: Sequence[Recorded],
        events: Mapping[int, codec.Event],
        in_force: dict[UUID, Rules],
    ) -> Said:
        """Decides every change in *fresh*; in order, so that a refusal frees the cool-down for what follows it."""
        met = [(record, events[record.position]) for record in fresh if record.position in events]
        changed = {event.integration for _, event in met if isinstance(event, InvoiceStatusChanged)}
        in_force |= await self.rules_in_force(connection, changed - in_force.keys())
        acts: list[Candidate | UUID] = []
        for record, event in met:
            match event:
                case InvoiceStatusChanged(integration=integration) if integration in in_force:
                    acts += rules.consider(in_force[integration], event, record.at, cause=record.row.id)
                case ContactRefused(decision=decision, step=1) | ContactWithdrawn(decision=decision, step=1):
                    acts.append(decision)
                case _:
                    pass
        return await self.settle(connection, fresh[0].partition, acts)

    async def settle(self, connection: Connection, partition: int, acts: Sequence[Candidate | UUID]) -> Said:
        """Writes the decisions and the deliveries of contacts to be added; an id among *acts* frees its cool-down."""
        key = cache(await self.vault.contact_key())
        used = await ledger.read(connection, [act for act in acts if isinstance(act, Candidate)], key)
        if freed := [act for act in acts if isinstance(act, UUID)]:
            await connection.execute(SQL["free_cooldown"], freed)
        decisions = []
        for act in acts:
            if isinstance(act, Candidate):
                decisions.append((act, rules.settle(act, used)))
            else:
                used.free(act)
        if not decisions:
            return Said()
        rows = await self.log.prepare([Draft(event=decision, cause=decision.cause) for _, decision in decisions])
        appended = await self.log.append(connection, partition, rows)
        await ledger.write(connection, placed(partition, decisions, appended), key)
        return Said(
            quietly=sum(place.outcome == "appended" for place in appended),
            organizations=frozenset(
                found.rules.organization for found, made in decisions if isinstance(made, ContactAdded)
            ),
        )

    async def rules_in_force(self, connection: Connection, integrations: set[UUID]) -> dict[UUID, Rules]:
        rows = await connection.fetch(SQL["read_rules"], list(integrations)) if integrations else []
        return {found.integration: found for found in (codec.rules_from_json(row["rules"]) for row in rows)}

    async def configure(
        self, connection: Connection, record: Recorded, event: Configuration
    ) -> tuple[bool, frozenset[str]]:
        """Folds a configuration event; says whether it has more to take back, and whose lane it frees."""
        before = (await self.rules_in_force(connection, {event.integration})).get(event.integration)
        after = fold(before, event, record.position)
        await connection.execute(SQL["write_rules"], event.integration, record.position, codec.rules_to_json(after))
        if isinstance(event, AddressBlocked | AddressUnblocked):
            await ledger.change_block_list(connection, event, await self.vault.contact_key())
        again = waiting_of(event) is not Waiting.SEND and await self.take_back(connection, record, event, after)
        return again, frozenset() if again else frozenset({after.organization})

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
        reason = Withdrawal.DECIDED_AGAIN if again else dropped(event)
        withdrawn = [
            ContactWithdrawn(
                integration=event.integration,
                invoice_id=row["invoice"],
                partner=added.partner if isinstance(added, ContactAdded) else None,
                decision=row["decision"],
                step=row["step"],
                reason=reason,
                by=event.id,
            )
            for row, added in zip(waiting, decided, strict=True)
        ]
        rows = await self.log.prepare([Draft(event=one, cause=one.decision) for one in withdrawn])
        await self.log.append(connection, record.partition, rows)
        await connection.execute(SQL["withdraw"], [row["id"] for row in waiting], event.id if again else None)
        if again:
            decisions = list({row["decision"] for row in waiting})
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
        await self.settle(connection, record.partition, candidates)
        return bool(taken)


def placed(
    partition: int,
    decisions: Sequence[tuple[Candidate, ContactAdded | ContactSkipped]],
    appended: Sequence[Appended],
) -> list[ledger.Placed]:
    """The contacts to be added that are new to the log, with their positions."""
    return [
        ledger.Placed(added=made, candidate=found, id=place.id, partition=partition, position=place.position)
        for (found, made), place in zip(decisions, appended, strict=True)
        if isinstance(made, ContactAdded) and place.outcome == "appended" and place.position is not None
    ]


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

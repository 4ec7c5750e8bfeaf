"""The brake in the projector's transaction: what lets an integration want far more than usual also pauses it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from uuid import UUID, uuid4

from events import brake, codec
from events.brake import Tally
from events.contact import ContactAdded, ContactSkipped
from events.integration import Braked, IntegrationPaused, IntegrationResumed, fold
from events.rules import Candidate
from worker.adapters import queries
from worker.adapters.log import Draft, Log
from worker.adapters.postgres import Connection

SQL = queries.load("project")
ACTOR = "brake"
Made = Sequence[tuple[Candidate, ContactAdded | ContactSkipped]]


def counted(added: Iterable[tuple[Candidate, ContactAdded]], tallies: Mapping[UUID, Tally]) -> dict[UUID, Tally]:
    """The tallies that *added* changes. What a person asked for, by a replay or by deciding again, does not count."""
    wanted = Counter((made.integration, brake.hour_of(found.at)) for found, made in added if made.asked_by is None)
    now: dict[UUID, Tally] = {}
    for (integration, hour), contacts in sorted(wanted.items(), key=lambda each: each[0][1]):
        before = now.get(integration) or tallies.get(integration) or Tally()
        now[integration] = brake.counted(before, hour, contacts)
    return now


async def hold(log: Log, connection: Connection, decided: Mapping[int, Made], tallies: Mapping[UUID, Tally]) -> None:
    """Pauses who wants too much, behind what was just decided: none of that is seen before the pause is.

    Where the rules in force were paused nobody is: what is recorded then is before the person who resumes.
    """
    for partition, made in decided.items():
        latest = {one.integration: (found, one) for found, one in made if one.integration in tallies}
        for integration, (found, one) in latest.items():
            braked = None if found.rules.paused else brake.beyond(found.rules.settings, tallies[integration])
            if braked:
                await pause(log, connection, partition, integration, braked=braked, cause=one.id)


async def pause(
    log: Log, connection: Connection, partition: int, integration: UUID, *, braked: Braked, cause: UUID
) -> None:
    """Event and row as by an operator's pause, under the locks of one: who saves meanwhile meets a newer version."""
    configuration = await connection.fetchval(SQL["lock_active"], integration)
    if configuration is None:
        return
    event = IntegrationPaused(integration=integration, id=uuid4(), reason=brake.said(braked), braked=braked)
    [place] = await log.append(connection, partition, await log.prepare([Draft(event=event, cause=cause, actor=ACTOR)]))
    assert place.position is not None, "appended"
    rules = fold(codec.rules_from_json(configuration), event, place.position)
    await connection.execute(SQL["write_paused"], integration, place.position, codec.rules_to_json(rules))


async def release(connection: Connection, event: IntegrationResumed) -> None:
    """Counting begins anew. Harmless when repeated."""
    before = await connection.fetchval(SQL["read_tally"], event.integration)
    if before is not None:
        after = brake.released(brake.from_json(before), event.waiting)
        await connection.execute(SQL["write_tally"], event.integration, brake.to_json(after))

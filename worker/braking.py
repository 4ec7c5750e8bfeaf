"""The brake in the projector's transaction: what lets an integration want far more than usual also pauses it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
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


def counted(
    added: Iterable[tuple[Candidate, ContactAdded]], tallies: Mapping[UUID, Tally]
) -> tuple[dict[UUID, Tally], dict[UUID, Braked]]:
    """The tallies that *added* changes, and the figures of who wanted too much.

    What a person asked for, by a replay or by deciding again, does not count. Each hour is judged: a turn of a
    projector that was late may hold a burst and what came a day after it.
    """
    live = [(found, made) for found, made in added if made.asked_by is None]
    settings = {made.integration: found.rules.settings for found, made in live}
    wanted = Counter((made.integration, brake.hour_of(found.at)) for found, made in live)
    now: dict[UUID, Tally] = {}
    beyond: dict[UUID, Braked] = {}
    for (integration, hour), contacts in sorted(wanted.items(), key=lambda each: each[0][1]):
        before = now.get(integration) or tallies.get(integration) or Tally()
        now[integration] = after = brake.counted(before, hour, contacts)
        if braked := brake.beyond(settings[integration], after):
            beyond[integration] = braked
    return now, beyond


async def hold(log: Log, connection: Connection, decided: Mapping[int, Made], beyond: Mapping[UUID, Braked]) -> None:
    """Pauses who wants too much, behind what was just decided: none of that is seen before the pause is.

    Where the rules in force were paused nobody is: what is recorded then is before the person who resumes.
    """
    for partition, made in decided.items():
        latest = {one.integration: (found, one) for found, one in made if one.integration in beyond}
        for integration, (found, one) in latest.items():
            if not found.rules.paused:
                await pause(log, connection, partition, integration, braked=beyond[integration], cause=one.id)


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
        after = brake.released(brake.from_json(before))
        await connection.execute(SQL["write_tally"], event.integration, brake.to_json(after))


async def correct(connection: Connection, integration: UUID, times: Iterable[datetime], contacts: int) -> None:
    """So many contacts more, or fewer, for each change recorded at *times*: what is not sent does not become usual."""
    before = await connection.fetchval(SQL["read_tally"], integration)
    if before is not None:
        after = brake.from_json(before)
        for hour, count in Counter(map(brake.hour_of, times)).items():
            after = brake.corrected(after, hour, contacts * count)
        await connection.execute(SQL["write_tally"], integration, brake.to_json(after))

"""What stands at the broker: our topic, whether we might make it, and how large a message may be."""

from __future__ import annotations

from dataclasses import dataclass, field

from aiokafka import errors
from aiokafka.admin import AIOKafkaAdminClient, NewPartitions, NewTopic
from aiokafka.admin.config_resource import ConfigResource, ConfigResourceType

from worker.adapters.kafka import LIBRARY_ERRORS, Kind, Topic, translating
from worker.adapters.topic_rights import Lacking, lacking

SIZE = "max.message.bytes"


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    partitions: int
    """0 where the topic is not there."""
    refusal: str | None
    """The broker's word, where it would not let us make what is missing."""
    message_bytes: int | None
    """None where the broker does not tell."""
    lacking: Lacking = field(default_factory=Lacking)
    """What we may not do with a topic that is there."""


async def look(topic: Topic, group: str) -> Seen:
    """Makes nothing, and joins no *group*. Raises Unavailable or Misconfigured."""
    with translating():
        await topic.knock()
        kind = await topic.kind()
        async with topic.admin() as admin:
            # Not asked for by name: a broker may make a topic by being asked for it.
            there = topic.name in await admin.list_topics()
            partitions = len((await admin.describe_topics([topic.name]))[0]["partitions"]) if there else 0
            lacks = partitions < topic.partitions and kind is not Kind.MEMORY
            return Seen(
                partitions=partitions,
                refusal=await refusal(admin, topic, there=there) if lacks else None,
                message_bytes=await size(admin, topic.name) if there else None,
                lacking=await lacking(admin, topic.name, group) if there and kind is not Kind.MEMORY else Lacking(),
            )


async def refusal(admin: AIOKafkaAdminClient, topic: Topic, *, there: bool) -> str | None:
    """Asks for what is missing without having it made."""
    if there:
        try:
            await admin.create_partitions({topic.name: NewPartitions(topic.partitions)}, validate_only=True)
        except errors.KafkaError as error:
            return type(error).__name__
        return None
    wanted = NewTopic(topic.name, topic.partitions, 1)
    wanted.replication_factor = -1
    answer = await admin.create_topics([wanted], validate_only=True)
    found = errors.for_code(answer.topic_errors[0][1])
    return None if found is errors.NoError else str(found.__name__)


async def size(admin: AIOKafkaAdminClient, name: str) -> int | None:
    """Not every user may read this, and not every broker tells."""
    try:
        [answer] = await admin.describe_configs([ConfigResource(ConfigResourceType.TOPIC, name, {SIZE: ""})])
    except LIBRARY_ERRORS:
        return None
    entries = [entry for resource in answer.resources for entry in resource[4]]
    return next((int(entry[1]) for entry in entries if entry[0] == SIZE and entry[1]), None)

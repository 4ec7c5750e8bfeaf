"""The broker: whether it lets us in, whether our topic is as it must be or can be made, and how much it takes."""

from __future__ import annotations

from collections.abc import Iterator

from events.words import Words
from worker.adapters.kafka import Topic
from worker.adapters.topic_look import Seen
from worker.operations.checks.finding import Concern, Finding, note, well, wrong

ROOM = 1_000_000
"""Bytes of a message that a broker takes as it comes; what is larger is read from the database."""


def judge(topic: Topic, seen: Seen, say: Words) -> Iterator[Finding]:
    """*topic* as it is meant to be."""
    if seen.partitions >= topic.partitions:
        yield well(
            Concern.BROKER,
            say("Kafka answers; {topic} is there with {n} partitions.", topic=topic.name, n=seen.partitions),
        )
    elif seen.refusal is None:
        yield note(
            Concern.BROKER,
            say("{topic} has {n} of {of} partitions.", topic=topic.name, n=seen.partitions, of=topic.partitions),
            say(
                "Nothing is to be done: a worker makes them within half a minute, and may. If one runs and it stays "
                "so, its log says why."
            ),
        )
    else:
        yield wrong(
            Concern.BROKER,
            say("{topic} has {n} of {of} partitions.", topic=topic.name, n=seen.partitions, of=topic.partitions),
            say(
                "Kafka does not let us make them ({why}). Ask its administrator to create {topic} with {of} partitions "
                "and cleanup.policy=delete, or to allow this user to.",
                why=seen.refusal, topic=topic.name, of=topic.partitions,
            ),
        )  # fmt: skip
    if seen.message_bytes is not None and seen.message_bytes < ROOM:
        yield note(
            Concern.BROKER,
            say("{topic} takes messages up to {n} bytes.", topic=topic.name, n=seen.message_bytes),
            say("Larger events are read from the database, which is slower: ask for max.message.bytes={n}.", n=ROOM),
        )

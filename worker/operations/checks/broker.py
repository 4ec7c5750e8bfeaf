"""The broker: whether it lets us in, whether our topic is as it must be or can be made, and how much it takes."""

from __future__ import annotations

from collections.abc import Iterator

from events.words import Words
from worker.adapters.kafka import Topic
from worker.adapters.topic_look import Seen
from worker.adapters.topic_rights import Right
from worker.operations.checks.finding import Concern, Finding, note, well, wrong

ROOM = 1_000_000
"""Bytes of a message that a broker takes as it comes; what is larger is read from the database."""


WORDS = {Right.READ: "read {topic}", Right.WRITE: "write {topic}", Right.DESCRIBE: "describe {topic}"}


def judge(topic: Topic, group: str, seen: Seen, say: Words) -> Iterator[Finding]:
    """*topic* and consumer *group* as they are meant to be."""
    names = {"topic": topic.name, "group": group, "of": topic.partitions}
    if seen.partitions >= topic.partitions:
        yield well(
            Concern.BROKER,
            say("Kafka answers; {topic} is there with {n} partitions.", topic=topic.name, n=seen.partitions),
        )
    elif seen.refusal and not seen.partitions:
        yield wrong(
            Concern.BROKER,
            say(
                "{topic} is not there, or is not shown to us, and we may not make it ({why}).",
                why=seen.refusal,
                **names,
            ),
            say(
                "Ask Kafka's administrator to create {topic} with {of} partitions and cleanup.policy=delete, and to "
                "allow this user to describe, read and write it and to read the group {group}.",
                **names,
            ),
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
    if missing := [
        *(say(WORDS[right], **names) for right in sorted(seen.lacking.topic)),
        *([say("read the group {group}", **names)] if seen.lacking.group else []),
    ]:
        yield wrong(
            Concern.BROKER,
            say("Kafka does not allow this user to {what}.", what=", ".join(missing)),
            say(
                "Ask its administrator to allow this user to describe, read and write {topic} and to read the group "
                "{group}. Until then workers go on from the database, which is slower.",
                **names,
            ),
        )
    if seen.message_bytes is not None and seen.message_bytes < ROOM:
        yield note(
            Concern.BROKER,
            say("{topic} takes messages up to {n} bytes.", topic=topic.name, n=seen.message_bytes),
            say("Larger events are read from the database, which is slower: ask for max.message.bytes={n}.", n=ROOM),
        )

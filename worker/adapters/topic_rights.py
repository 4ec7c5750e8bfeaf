"""What our login may do with the topic and the group, as the broker itself tells it: aiokafka does not ask."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum
from typing import Any

from aiokafka import errors
from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.protocol.admin import DescribeGroupsRequest_v3, DescribeGroupsResponse_v3
from aiokafka.protocol.api import Request, RequestStruct, Response
from aiokafka.protocol.metadata import MetadataRequest_v5
from aiokafka.protocol.types import Array, Boolean, Int16, Int32, Schema, String

UNTOLD = -(2**31)
"""A broker without rules, or one that does not say."""
_SINCE_2_3 = (errors.IncompatibleBrokerVersion, errors.UnsupportedVersionError, NotImplementedError)


class Right(IntEnum):
    """Kafka's numbers of what may be done."""

    READ = 3
    WRITE = 4
    DESCRIBE = 8


NEEDED = frozenset(Right)
"""Of the topic; of the group it is enough to read it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Lacking:
    topic: frozenset[Right] = frozenset()
    group: bool = False
    """We may not read it."""


class _Topics(Response):  # type: ignore[misc] # aiokafka has no types
    API_KEY = 3
    API_VERSION = 8
    SCHEMA = Schema(
        ("throttle_time_ms", Int32),
        ("brokers", Array(("node_id", Int32), ("host", String("utf-8")), ("port", Int32), ("rack", String("utf-8")))),
        ("cluster_id", String("utf-8")),
        ("controller_id", Int32),
        (
            "topics",
            Array(
                ("error_code", Int16),
                ("topic", String("utf-8")),
                ("is_internal", Boolean),
                (
                    "partitions",
                    Array(
                        ("error_code", Int16),
                        ("partition", Int32),
                        ("leader", Int32),
                        ("leader_epoch", Int32),
                        ("replicas", Array(Int32)),
                        ("isr", Array(Int32)),
                        ("offline_replicas", Array(Int32)),
                    ),
                ),
                ("authorized_operations", Int32),
            ),
        ),
        ("cluster_operations", Int32),
    )


class _AskTopics(RequestStruct):  # type: ignore[misc] # aiokafka has no types
    API_KEY = 3
    API_VERSION = 8
    RESPONSE_TYPE = _Topics
    SCHEMA = Schema(
        *zip(MetadataRequest_v5.SCHEMA.names, MetadataRequest_v5.SCHEMA.fields, strict=True),
        ("of_the_cluster", Boolean),
        ("of_topics", Boolean),
    )


class _AskGroups(RequestStruct):  # type: ignore[misc] # aiokafka has no types
    API_KEY = 15
    API_VERSION = 3
    RESPONSE_TYPE = DescribeGroupsResponse_v3  # aiokafka 0.14 reads the answer as one of version 2
    SCHEMA = DescribeGroupsRequest_v3.SCHEMA


class _Topic(Request[_AskTopics]):  # type: ignore[misc] # aiokafka has no types
    API_KEY = 3

    def __init__(self, name: str) -> None:
        self._name = name

    def build(self, request_struct_class: type[_AskTopics]) -> _AskTopics:
        return request_struct_class([self._name], False, False, True)


class _Group(Request[_AskGroups]):  # type: ignore[misc] # aiokafka has no types
    API_KEY = 15

    def __init__(self, name: str) -> None:
        self._name = name

    def build(self, request_struct_class: type[_AskGroups]) -> _AskGroups:
        return request_struct_class([self._name], True)


async def lacking(admin: AIOKafkaAdminClient, topic: str, group: str) -> Lacking:
    """Of a *topic* that is there; nothing where the broker does not tell. Joins no group."""
    try:
        [seen] = (await admin._send_request(_Topic(topic))).to_object()["topics"]
        may = allowed(seen)
        return Lacking(topic=NEEDED - may if may is not None else frozenset(), group=not await may_read(admin, group))
    except _SINCE_2_3:
        return Lacking()


async def may_read(admin: AIOKafkaAdminClient, group: str) -> bool:
    try:
        node = await admin.find_coordinator(group)
    except errors.GroupAuthorizationFailedError:
        return False
    [seen] = (await admin._send_request(_Group(group), node)).to_object()["groups"]
    may = allowed(seen)
    return may is None or Right.READ in may


def allowed(seen: dict[str, Any]) -> frozenset[Right] | None:
    """One bit for each that is allowed."""
    bits = seen["authorized_operations"]
    return None if bits == UNTOLD else frozenset(right for right in Right if bits & 1 << right)

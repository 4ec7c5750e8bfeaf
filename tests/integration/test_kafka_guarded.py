"""Every way into a guarded broker that the settings offer, and what somebody is told who is not let in."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Sequence
from pathlib import Path

import pytest
import pytest_asyncio
from aiokafka.admin import NewTopic
from aiokafka.protocol.admin import CreateAclsRequest_v1
from aiokafka.protocol.api import Request

from events.errors import Misconfigured, PtmError
from eventually import eventually
from pipeline import administering, pipeline
from servers.apache import VERSION, Missing
from servers.fixtures import refuse
from servers.guarded import PASSWORD, TENANTS, USER, Guarded, guarded_kafka
from servers.postgres import Database
from stage import Stage, staged
from worker import opening, settings
from worker.adapters.kafka import Topic, security
from worker.adapters.topic_rights import Right
from worker.operations import doctor
from worker.operations.checks.finding import Concern, cut_off

pytestmark = pytest.mark.integration


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def guarded_server(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Guarded]:
    try:
        async with guarded_kafka(tmp_path_factory.mktemp("guarded")) as found:
            yield found
    except Missing as missing:
        refuse(missing)


@pytest.fixture
def guarded(guarded_server: Guarded, record_property: Callable[[str, object], None]) -> Guarded:
    record_property("server", f"Apache Kafka {VERSION} (Maven)")
    return guarded_server


def by_password(guarded: Guarded, mechanism: str, password: str = PASSWORD) -> Topic:
    options = security(
        protocol="SASL_SSL", mechanism=mechanism, username=USER, password=password, ca_file=guarded.ca_file
    )
    return Topic(bootstrap=guarded.password, name="ptm.guarded", partitions=16, options=options)


def by_certificate(guarded: Guarded, *, shown: bool = True) -> Topic:
    options = security(
        protocol="SSL",
        ca_file=guarded.ca_file,
        cert_file=guarded.cert_file if shown else None,
        key_file=guarded.key_file if shown else None,
    )
    return Topic(bootstrap=guarded.certificate, name="ptm.guarded", partitions=16, options=options)


WAYS: dict[str, Callable[[Guarded], Topic]] = {
    "PLAIN": lambda guarded: by_password(guarded, "PLAIN"),
    "SCRAM-SHA-512": lambda guarded: by_password(guarded, "SCRAM-SHA-512"),
    "certificate": by_certificate,
}


@pytest.mark.parametrize("way", WAYS)
async def test_events_go_there_and_come_back(way: str, database: Database, guarded: Guarded, topic: str) -> None:
    place = WAYS[way](guarded)
    async with pipeline(database, place.bootstrap, topic, options=place.options) as worker:
        await worker.connect()
        async with worker.running():
            await worker.flowing()
            await worker.send(*range(1, 6))
            await eventually(worker.told)
            await eventually(worker.level)
        assert await worker.decided() == [1, 2, 3, 4, 5]


async def test_a_wrong_password_is_told_as_such(guarded: Guarded) -> None:
    for mechanism in ("PLAIN", "SCRAM-SHA-512"):
        with pytest.raises(Misconfigured, match=r"(?i)kafka.*(authentication|password)"):
            await by_password(guarded, mechanism, "väärä").ensure()


async def test_who_shows_no_certificate_or_knows_not_the_authority_or_names_another_host_does_not_come_in(
    guarded: Guarded,
) -> None:
    with pytest.raises(PtmError, match="Kafka"):
        await by_certificate(guarded, shown=False).ensure()
    by_name = guarded.password.replace("127.0.0.1", "localhost")
    for ca_file, bootstrap in ((guarded.other_ca_file, guarded.password), (guarded.ca_file, by_name)):
        options = security(protocol="SASL_SSL", mechanism="PLAIN", username=USER, password=PASSWORD, ca_file=ca_file)
        stranger = Topic(bootstrap=bootstrap, name="ptm.guarded", partitions=16, options=options)
        with pytest.raises(Misconfigured, match="let PTM_KAFKA_CA_FILE name the file of its authority, and"):
            await stranger.ensure()


# Who may do only what a rule allows

TOPIC, GROUP = 2, 3
LITERAL, ALLOW = 3, 3
Rule = tuple[int, str, Right]


class Rules(Request[CreateAclsRequest_v1]):  # type: ignore[misc] # aiokafka has no types
    API_KEY = 30

    def __init__(self, tenant: str, rules: Sequence[Rule]) -> None:
        self.rows = [(kind, name, LITERAL, f"User:{tenant}", "*", int(right), ALLOW) for kind, name, right in rules]

    def build(self, request_struct_class: type[CreateAclsRequest_v1]) -> CreateAclsRequest_v1:
        return request_struct_class(self.rows)


async def allow(guarded: Guarded, tenant: str, *rules: Rule, make: str | None = None) -> None:
    """As the administrator, who may also *make* the topic."""
    async with administering(guarded.plain) as admin:
        if make:
            await admin.create_topics([NewTopic(make, 16, 1)])
        answer = await admin._send_to_controller(Rules(tenant, rules))
        assert [row[0] for row in answer.creation_responses] == [0] * len(rules)


def told_to(tenant: str, guarded: Guarded) -> dict[str, str]:
    return {
        "PTM_KAFKA_BOOTSTRAP": guarded.ruled,
        "PTM_KAFKA_SECURITY_PROTOCOL": "SASL_PLAINTEXT",
        "PTM_KAFKA_SASL_MECHANISM": "PLAIN",
        "PTM_KAFKA_SASL_USERNAME": tenant,
        "PTM_KAFKA_SASL_PASSWORD": PASSWORD,
    }


async def examined(environment: dict[str, str], language: str = "en") -> dict[str, str]:
    """What the doctor says of the broker, and its remedy."""
    read = settings.load(environment | {"PTM_LANGUAGE": language})
    return {
        one.says: one.remedy for one in await cut_off(Concern.BROKER, doctor.look_at_broker(patient(read)), read.words)
    }


def patient(read: settings.Settings) -> doctor.Patient:
    return doctor.Patient(settings=read, say=read.words, servers=opening.servers(read))


async def test_a_worker_that_may_do_nothing_there_says_what_it_needs_works_on_and_goes_by_kafka_once_it_is_allowed(
    database: Database, guarded: Guarded, topic: str, tmp_path: Path
) -> None:
    """The topic is made by somebody else, and the user gets the three rights and the group's, and no other."""
    tenant = TENANTS[0]
    async with staged(database, guarded.ruled, topic=topic, directory=tmp_path, more=told_to(tenant, guarded)) as stage:
        await stage.connect()
        [worker] = await stage.start()
        stage.send(2)
        await stage.arrived(within=60)
        needs = (
            f"create {topic} with 16 partitions and cleanup.policy=delete, and allow this user to describe, read and"
        )
        await eventually(lambda: needs in worker.said())
        assert await examined(stage.environment) == {
            f"{topic} is not there, or is not shown to us, and we may not make it (TopicAuthorizationFailedError).": (
                f"Ask Kafka's administrator to create {topic} with 16 partitions and cleanup.policy=delete, and to "
                f"allow this user to describe, read and write it and to read the group {topic}."
            )
        }

        await allow(
            guarded,
            tenant,
            *((TOPIC, topic, right) for right in Right),
            (GROUP, topic, Right.READ),
            make=topic,
        )
        await stage.told()
        await eventually(lambda: shares(stage))
        assert await examined(stage.environment) == {f"Kafka answers; {topic} is there with 16 partitions.": ""}
        stage.send(3)
        await stage.agree()


async def shares(stage: Stage) -> bool:
    """A worker has its share of the topic."""
    return bool(await stage.context.pool.fetchval("select max(cardinality(partitions)) from worker"))


@pytest.mark.parametrize(
    ("tenant", "rights", "group", "says"),
    [
        (1, (Right.DESCRIBE,), False, "read {0}, write {0}, read the group {0}"),
        (2, (Right.READ,), True, "write {0}"),
        (3, (Right.WRITE,), True, "read {0}"),
    ],
)
async def test_each_right_that_is_missing_is_named(
    guarded: Guarded, topic: str, tenant: int, rights: tuple[Right, ...], group: bool, says: str
) -> None:
    name = TENANTS[tenant]
    rules = [(TOPIC, topic, right) for right in rights] + [(GROUP, topic, Right.READ)] * group
    await allow(guarded, name, *rules, make=topic)
    environment = {
        "PTM_DATABASE_URL": "postgresql://ptm@127.0.0.1:9/ptm",
        "PTM_KAFKA_TOPIC": topic,
        "PTM_KAFKA_GROUP": topic,
        **told_to(name, guarded),
    }

    async def remedy() -> str:
        """The broker knows of its rules a moment later."""
        return (await examined(environment)).get(f"Kafka does not allow this user to {says.format(topic)}.", "")

    wanted = f"to allow this user to describe, read and write {topic} and to read the group {topic}"
    assert wanted in await eventually(remedy)
    finnish = await examined(environment, "fi")
    assert any(one.startswith("Tämä käyttäjä ei saa Kafkassa ") for one in finnish)

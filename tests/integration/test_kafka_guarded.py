"""Every way into a guarded broker that the settings offer, and what somebody is told who is not let in."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable

import pytest
import pytest_asyncio

from events.errors import Misconfigured, PtmError, Unavailable
from eventually import eventually
from pipeline import pipeline
from servers.apache import VERSION, Missing
from servers.fixtures import refuse
from servers.guarded import PASSWORD, USER, Guarded, guarded_kafka
from servers.postgres import Database
from worker.adapters.kafka import Topic, security

pytestmark = [pytest.mark.integration, pytest.mark.timeout(120)]


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
            await eventually(worker.told, within=30)
            await eventually(worker.level, within=30)
        assert await worker.decided() == [1, 2, 3, 4, 5]


async def test_a_wrong_password_is_told_as_such(guarded: Guarded) -> None:
    for mechanism in ("PLAIN", "SCRAM-SHA-512"):
        with pytest.raises(Misconfigured, match=r"(?i)kafka.*(authentication|password)"):
            await by_password(guarded, mechanism, "väärä").ensure()


async def test_who_shows_no_certificate_or_knows_not_the_authority_is_not_let_in(guarded: Guarded) -> None:
    with pytest.raises(PtmError, match="Kafka"):
        await by_certificate(guarded, shown=False).ensure()
    options = security(
        protocol="SASL_SSL", mechanism="PLAIN", username=USER, password=PASSWORD, ca_file=guarded.other_ca_file
    )
    stranger = Topic(bootstrap=guarded.password, name="ptm.guarded", partitions=16, options=options)
    with pytest.raises((Unavailable, Misconfigured), match="Kafka"):
        await stranger.ensure()

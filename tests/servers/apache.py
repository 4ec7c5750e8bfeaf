"""Apache Kafka itself: the one named by PTM_TEST_KAFKA, else a container, else its jars from Maven in KRaft mode."""

from __future__ import annotations

import asyncio
import os
import re
import shutil
import signal
import subprocess
import tempfile
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from xml.etree import ElementTree

from eventually import eventually
from worker.adapters.child import Server, free_port, quiet_environment, serving
from worker.adapters.embedded import speaks_kafka

_POM = Path(__file__).with_name("pom.xml")
VERSION = ElementTree.parse(_POM).findtext(".//{*}dependency/{*}version") or ""
_CLUSTER_ID = "MkU3OEVBNTcwNTJENDM2Qg"
_JAVA_OPTIONS = ("-Xms256m", "-Xmx512m", "-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC")
_SETTINGS = {
    "process.roles": "broker,controller",
    "node.id": "1",
    "listener.security.protocol.map": "BROKER:PLAINTEXT,CONTROLLER:PLAINTEXT",
    "inter.broker.listener.name": "BROKER",
    "controller.listener.names": "CONTROLLER",
    "offsets.topic.replication.factor": "1",
    "offsets.topic.num.partitions": "4",
    "transaction.state.log.replication.factor": "1",
    "transaction.state.log.min.isr": "1",
    "transaction.state.log.num.partitions": "4",
}


class Missing(Exception):
    """Apache Kafka cannot run here; the message says what is lacking."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Broker:
    name: str
    bootstrap: str


@asynccontextmanager
async def apache_kafka(directory: Path) -> AsyncIterator[Broker]:
    """Raises `Missing` where none can be had."""
    if bootstrap := os.environ.get("PTM_TEST_KAFKA"):
        yield Broker(name="Apache Kafka (PTM_TEST_KAFKA)", bootstrap=bootstrap)
    elif _docker_answers():
        async with _contained() as broker:
            yield broker
    else:
        async with from_jars(directory) as broker:
            yield broker


@dataclass(frozen=True, slots=True, kw_only=True)
class Beside:
    """What a broker has beside its plain way in."""

    listeners: Mapping[str, tuple[str, int]] = field(default_factory=dict)
    """Name → security protocol and port."""
    settings: Mapping[str, str] = field(default_factory=dict)
    scram: str | None = None
    """A user with a password, as the storage tool takes them."""


@asynccontextmanager
async def from_jars(directory: Path, *, port: int | None = None, beside: Beside = Beside()) -> AsyncIterator[Broker]:
    """A broker of one's own, on *port* if given, for tests that stop it or start it late: *directory* keeps its log."""
    java = _java()
    jars = await asyncio.to_thread(_jars)

    def command(chosen: int) -> list[str]:
        program = [java, *_JAVA_OPTIONS, "-cp", f"{jars}/*"]
        properties = directory / f"apache-{chosen}.properties"
        if not properties.exists():
            _format(program, properties, chosen, beside)
        return [*program, "kafka.Kafka", str(properties)]

    server = Server(
        name="Apache Kafka", command=command, probe=speaks_kafka, log=directory / "apache.log", stop=signal.SIGKILL
    )
    async with serving(server, port=port) as chosen:
        yield Broker(name=f"Apache Kafka {VERSION} (Maven)", bootstrap=f"127.0.0.1:{chosen}")


def _format(program: list[str], properties: Path, port: int, beside: Beside) -> None:
    controller = free_port()
    ways_in = {"BROKER": port} | {name: number for name, (_, number) in beside.listeners.items()}
    advertised = ",".join(f"{name}://127.0.0.1:{number}" for name, number in ways_in.items())
    protocols = [f"{name}:{protocol}" for name, (protocol, _) in beside.listeners.items()]
    settings = _SETTINGS | {
        "listener.security.protocol.map": ",".join([_SETTINGS["listener.security.protocol.map"], *protocols]),
        "listeners": f"{advertised},CONTROLLER://127.0.0.1:{controller}",
        "advertised.listeners": advertised,
        "controller.quorum.bootstrap.servers": f"127.0.0.1:{controller}",
        "log.dirs": str(properties.with_suffix("")),
        **beside.settings,
    }
    users = ["--add-scram", beside.scram] if beside.scram else []
    properties.write_text("".join(f"{name}={value}\n" for name, value in settings.items()), encoding="utf-8")
    subprocess.run(
        [
            *program,
            "kafka.tools.StorageTool",
            "format",
            "-t",
            _CLUSTER_ID,
            "-c",
            str(properties),
            "--standalone",
            *users,
        ],
        check=True,
        capture_output=True,
        env=quiet_environment(),
    )


def _java() -> str:
    java = shutil.which("java")
    said = subprocess.run([java, "-version"], capture_output=True, text=True, check=False).stderr if java else ""
    version = re.search(r'version "(\d+)', said)
    if java is None or version is None or int(version[1]) < 17:
        raise Missing("Java 17 or newer is missing (Debian: openjdk-17-jre-headless)")
    return java


def _jars() -> Path:
    """The broker's jars, fetched once into the user's cache."""
    jars = _cache() / f"kafka-{VERSION}"
    if jars.exists():
        return jars
    maven = shutil.which("mvn")
    if maven is None:
        raise Missing("Maven, which fetches the broker, is missing (Debian: maven)")
    jars.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=jars.parent) as temporary:
        draft = Path(temporary, "jars")
        # Java takes the home of the user database, which need not exist, for $HOME.
        repository = Path("~/.m2/repository").expanduser()
        done = subprocess.run(
            [
                *(maven, "-B", "-q", "-f", str(_POM), "dependency:copy-dependencies"),
                *("-DincludeScope=runtime", f"-DoutputDirectory={draft}", f"-Dmaven.repo.local={repository}"),
            ],
            capture_output=True,
            text=True,
            timeout=900,
            check=False,
        )
        if done.returncode != 0:
            raise Missing(f"Maven could not fetch Apache Kafka {VERSION}: {done.stdout.strip()[-600:]}")
        if not jars.exists():
            draft.rename(jars)
    return jars


def _cache() -> Path:
    return Path(os.environ.get("XDG_CACHE_HOME") or Path("~/.cache").expanduser()) / "procountor-trustmary"


def _docker_answers() -> bool:
    docker = shutil.which("docker")
    return docker is not None and subprocess.run([docker, "info"], capture_output=True, check=False).returncode == 0


@asynccontextmanager
async def _contained() -> AsyncIterator[Broker]:
    from testcontainers.core.container import DockerContainer  # noqa: PLC0415 - only where Docker runs

    port = free_port()
    settings = _SETTINGS | {
        "listeners": f"BROKER://:{port},CONTROLLER://:9093",
        "advertised.listeners": f"BROKER://127.0.0.1:{port}",
        "controller.quorum.voters": "1@localhost:9093",
    }
    container = (
        DockerContainer(f"apache/kafka:{VERSION}").with_bind_ports(port, port).with_env("CLUSTER_ID", _CLUSTER_ID)
    )
    for name, value in settings.items():
        container = container.with_env(f"KAFKA_{name.upper().replace('.', '_')}", value)
    await asyncio.to_thread(container.start)
    try:
        await eventually(lambda: speaks_kafka(port))
        yield Broker(name=f"Apache Kafka {VERSION} (container)", bootstrap=f"127.0.0.1:{port}")
    finally:
        await asyncio.to_thread(container.stop)

"""Kafka: the way in, its errors in our words, and the one topic."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager, suppress
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path

from aiokafka import AIOKafkaProducer, errors
from aiokafka.admin import AIOKafkaAdminClient, NewPartitions, NewTopic
from aiokafka.conn import collect_hosts, create_conn
from aiokafka.helpers import create_ssl_context

from events.errors import Misconfigured, PtmError, Unavailable

PATIENCE = 10.0
"""Seconds that opening a connection, or one administrative step, may take."""
METADATA_AGE = 5000
"""Milliseconds until a topic that was made anew is looked at anew."""


class Kind(StrEnum):
    """What a broker can do, found out by asking it for a producer's number."""

    FULL = "full"
    UNNUMBERED = "unnumbered"
    """We may not have an idempotent producer; else all is as it should be."""
    MEMORY = "memory"
    """Tansu in memory: no idempotent producer, no wake-up of a waiting fetch, no growing of topics."""


_NOT_ALLOWED = (
    errors.TopicAuthorizationFailedError,
    errors.ClusterAuthorizationFailedError,
    errors.GroupAuthorizationFailedError,
    errors.TransactionalIdAuthorizationFailed,
    errors.DelegationTokenAuthorizationFailed,
    errors.PolicyViolationError,
)
_MISCONFIGURED = (
    *_NOT_ALLOWED,
    errors.AuthenticationFailedError,
    errors.AuthenticationMethodNotSupported,
    errors.SaslAuthenticationFailed,
    errors.UnsupportedSaslMechanismError,
    errors.IllegalSaslStateError,
    errors.SecurityDisabled,
    errors.KafkaConfigurationError,
    errors.IllegalArgumentError,
    errors.InvalidTopicError,
    errors.InvalidGroupIdError,
    errors.InvalidPartitionsError,
    errors.InvalidReplicationFactorError,
    errors.InvalidConfigurationError,
    errors.InvalidSessionTimeoutError,
    errors.InvalidRequiredAcksError,
    errors.InvalidTimestampError,
    errors.InconsistentGroupProtocolError,
    errors.UnsupportedVersionError,
    errors.UnsupportedCodecError,
    errors.UnsupportedForMessageFormatError,
    errors.IncompatibleBrokerVersion,
    errors.UnrecognizedBrokerVersion,
    ssl.SSLCertVerificationError,
)
LIBRARY_ERRORS = (
    errors.KafkaError,
    errors.ConsumerStoppedError,
    errors.IllegalOperation,
    OSError,
    TimeoutError,
    asyncio.TimeoutError,
)


_TLS_ENDED = (ssl.SSLEOFError, ssl.SSLZeroReturnError, ssl.SSLSyscallError)
_SETTINGS: tuple[tuple[tuple[type[Exception], ...], str], ...] = (
    (
        (errors.UnsupportedSaslMechanismError, errors.AuthenticationMethodNotSupported),
        "look at PTM_KAFKA_SASL_MECHANISM",
    ),
    (
        (errors.SaslAuthenticationFailed, errors.AuthenticationFailedError),
        "look at PTM_KAFKA_SASL_USERNAME, PTM_KAFKA_SASL_PASSWORD and PTM_KAFKA_SASL_MECHANISM",
    ),
    (
        (errors.IllegalSaslStateError, errors.SecurityDisabled),
        "look at PTM_KAFKA_SECURITY_PROTOCOL",
    ),
    (
        (errors.TopicAuthorizationFailedError,),
        "ask its administrator to allow this user to describe, read and write the topic of PTM_KAFKA_TOPIC",
    ),
    (
        (errors.GroupAuthorizationFailedError,),
        "ask its administrator to allow this user to read the group of PTM_KAFKA_GROUP",
    ),
    (
        (ssl.SSLCertVerificationError,),
        "its certificate is not trusted: let PTM_KAFKA_CA_FILE name the file of its authority, and "
        "PTM_KAFKA_BOOTSTRAP the host on the certificate",
    ),
    (
        (ssl.SSLError,),
        "look at PTM_KAFKA_SECURITY_PROTOCOL (does this port speak TLS?), PTM_KAFKA_CERT_FILE and PTM_KAFKA_KEY_FILE",
    ),
)
"""What the first of these that fits says about settings."""


def translate(error: BaseException) -> PtmError:
    """What *error* of the library asks for: a setting, or patience. Nothing in Kafka is lost for good."""
    said = str(error) or type(error).__name__
    if isinstance(error, (*_MISCONFIGURED, ssl.SSLError)) and not isinstance(error, _TLS_ENDED):
        hint = next((hint for kinds, hint in _SETTINGS if isinstance(error, kinds)), None)
        return Misconfigured(f"Kafka refuses: {said}" + (f" ({hint})" if hint else ""))
    if isinstance(error, LIBRARY_ERRORS):
        return Unavailable(f"Kafka does not answer: {said}")
    raise TypeError(f"{type(error).__name__} does not come from Kafka") from error


@contextmanager
def translating() -> Iterator[None]:
    """Errors of Kafka, and of the way to it, in our words."""
    try:
        yield
    except LIBRARY_ERRORS as error:
        raise translate(error) from error


def security(
    *,
    protocol: str = "PLAINTEXT",
    mechanism: str = "PLAIN",
    username: str | None = None,
    password: str | None = None,
    ca_file: Path | None = None,
    cert_file: Path | None = None,
    key_file: Path | None = None,
) -> Mapping[str, object]:
    """The library's options for a way in. Raises Misconfigured where a certificate cannot be read."""
    options: dict[str, object] = {"security_protocol": protocol}
    if protocol.startswith("SASL"):
        options |= {"sasl_mechanism": mechanism, "sasl_plain_username": username, "sasl_plain_password": password}
    if protocol.endswith("SSL"):
        options["ssl_context"] = trusted(ca_file, cert_file, key_file)
    return options


def trusted(ca_file: Path | None, cert_file: Path | None, key_file: Path | None) -> ssl.SSLContext:
    named = {"PTM_KAFKA_CA_FILE": ca_file, "PTM_KAFKA_CERT_FILE": cert_file, "PTM_KAFKA_KEY_FILE": key_file}
    for setting, path in named.items():
        try:
            if path is not None:
                path.open("rb").close()
        except OSError as error:
            raise Misconfigured(f"{setting} names {path}, which cannot be read: {error.strerror}.") from error
    try:
        context: ssl.SSLContext = create_ssl_context(cafile=ca_file, certfile=cert_file, keyfile=key_file)
    except OSError as error:
        given = ", ".join(setting for setting, path in named.items() if path is not None)
        raise Misconfigured(f"Kafka's certificates ({given}) are not certificates that fit: {error}.") from error
    return context


@dataclass(slots=True, kw_only=True)
class Topic:
    """Our topic: one Kafka partition for each of the log's."""

    bootstrap: str
    name: str
    partitions: int
    options: Mapping[str, object] = field(default_factory=dict)
    """From `security`."""
    _kind: Kind | None = None

    @property
    def way_in(self) -> dict[str, object]:
        return {"bootstrap_servers": self.bootstrap, "retry_backoff_ms": 250, **self.options}

    async def kind(self) -> Kind:
        """Asked once."""
        if self._kind is None:
            with translating():
                self._kind = await self._probe()
        return self._kind

    async def ensure(self, *, anew: bool = False) -> None:
        """The topic is there with all its partitions. *anew*: deleted first, on a broker that is all memory.

        Raises Misconfigured, saying what to create, where we may not.
        """
        with translating():
            await self.knock()
            async with self.admin() as admin:
                if anew and await self.kind() is Kind.MEMORY:
                    await admin.delete_topics([self.name])
                # Created before it is looked at: a broker may make a topic by being asked, with too few partitions.
                refusal = await self._create(admin)
                if refusal is not None and await self._count(admin) < self.partitions:
                    await self._grow(admin, refusal)

    async def admit(self) -> None:
        """Raises what a broker says who does not let us in, in our words."""
        with translating():
            await self.knock()

    async def knock(self) -> None:
        """Raises what the first broker says, where none lets us in: the library says only that it got nowhere."""
        failures: list[Exception] = []
        for host, port, _ in collect_hosts(self.bootstrap):
            try:
                connection = await create_conn(host, port, request_timeout_ms=int(PATIENCE * 1000), **self.options)
            except LIBRARY_ERRORS as error:
                failures.append(error)
            else:
                connection.close()
                return
        if failures:
            raise failures[0]

    async def _create(self, admin: AIOKafkaAdminClient) -> type[errors.KafkaError] | None:
        topic = NewTopic(self.name, self.partitions, 1)
        topic.replication_factor = -1  # the broker's default; the constructor refuses to say so
        answer = await admin.create_topics([topic])
        refusal = errors.for_code(answer.topic_errors[0][1])
        return None if refusal is errors.NoError else refusal

    async def _count(self, admin: AIOKafkaAdminClient) -> int:
        return len((await admin.describe_topics([self.name]))[0]["partitions"])

    async def _grow(self, admin: AIOKafkaAdminClient, refusal: type[errors.KafkaError]) -> None:
        if refusal is not errors.TopicAlreadyExistsError:
            raise self.to_be_made(refusal)
        if await self.kind() is Kind.MEMORY:
            await admin.delete_topics([self.name])
            await self._create(admin)
            return
        try:
            await admin.create_partitions({self.name: NewPartitions(self.partitions)})
        except errors.InvalidPartitionsError:
            return  # it has them by now: another worker was quicker, or what we were told of a new topic was behind
        except errors.KafkaError as error:
            raise self.to_be_made(type(error)) from error

    def to_be_made(self, refusal: type[errors.KafkaError]) -> PtmError:
        if not issubclass(refusal, _MISCONFIGURED):
            return translate(refusal())
        return Misconfigured(
            f"Kafka's topic {self.name} lacks partitions and Kafka does not let us make them ({refusal.__name__}): "
            f"create {self.name} with {self.partitions} partitions and cleanup.policy=delete, and allow this user to "
            "describe, read and write it."
        )

    @asynccontextmanager
    async def admin(self) -> AsyncIterator[AIOKafkaAdminClient]:
        admin = AIOKafkaAdminClient(**self.way_in, request_timeout_ms=int(PATIENCE * 1000))
        try:
            async with asyncio.timeout(PATIENCE):
                await admin.start()
                yield admin
        finally:
            await admin.close()

    async def _probe(self) -> Kind:
        producer = AIOKafkaProducer(**self.way_in, enable_idempotence=True)
        try:
            async with asyncio.timeout(PATIENCE):
                await producer.start()
            return Kind.FULL
        except errors.UnknownError:
            return Kind.MEMORY
        except (errors.UnsupportedVersionError, errors.IncompatibleBrokerVersion, *_NOT_ALLOWED):
            return Kind.UNNUMBERED
        finally:
            with suppress(errors.KafkaError):
                await producer.stop()

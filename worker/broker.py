"""The way to the broker, as the settings say."""

from __future__ import annotations

import asyncio
from contextlib import suppress

from events.errors import Unavailable
from worker.adapters import kafka
from worker.settings import Settings, needed

PATIENCE = 3.0
"""Seconds that a worker waits, when it starts, for a broker to let it in or not."""


def topic(settings: Settings, bootstrap: str | None, *, partitions: int = 0) -> kafka.Topic:
    """Raises `Misconfigured` naming the setting that is missing, or the file that cannot be read."""
    password = settings.kafka_sasl_password
    return kafka.Topic(
        bootstrap=needed(bootstrap, "kafka_bootstrap"),
        name=settings.kafka_topic,
        partitions=partitions,
        options=kafka.security(
            protocol=settings.kafka_security_protocol,
            mechanism=settings.kafka_sasl_mechanism,
            username=settings.kafka_sasl_username,
            password=password.get_secret_value() if password else None,
            ca_file=settings.kafka_ca_file,
            cert_file=settings.kafka_cert_file,
            key_file=settings.kafka_key_file,
        ),
    )


async def require_way_in(settings: Settings, bootstrap: str | None) -> None:
    """Raises `Misconfigured` where the broker says no; one that is away may come back, and stops no worker."""
    with suppress(Unavailable, TimeoutError):
        async with asyncio.timeout(PATIENCE):
            await topic(settings, bootstrap).admit()

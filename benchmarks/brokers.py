"""Tansu always; Apache Kafka where Java and Maven are, or where PTM_TEST_KAFKA names one."""

from __future__ import annotations

import sys
import tempfile
from contextlib import AsyncExitStack
from pathlib import Path
from types import TracebackType

from servers.apache import Missing, apache_kafka
from worker.adapters.embedded import broker


class Brokers:
    """Both brokers for as long as it is open; `addresses` by name."""

    def __init__(self) -> None:
        self.addresses: dict[str, str] = {}
        self._stack = AsyncExitStack()

    async def __aenter__(self) -> Brokers:
        directory = Path(self._stack.enter_context(tempfile.TemporaryDirectory()))
        self.addresses["Tansu"] = await self._stack.enter_async_context(broker(directory / "tansu"))
        (directory / "apache").mkdir()
        try:
            apache = await self._stack.enter_async_context(apache_kafka(directory / "apache"))
            self.addresses["Apache Kafka"] = apache.bootstrap
        except Missing as missing:
            sys.stderr.write(f"Without Apache Kafka: {missing}\n")
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._stack.aclose()

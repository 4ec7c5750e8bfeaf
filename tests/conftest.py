"""What every test may ask for; servers start only for the tests that do."""

from __future__ import annotations

import gc
import os
import signal
import sys
from typing import TYPE_CHECKING

import pytest

from servers import summary
from servers.fixtures import (
    apache,
    apache_server,
    bare_database,
    database,
    kafka,
    postgres_server,
    tansu,
    tansu_server,
    topic,
)
from trustmary_witness import trustmary_as_the_facts_say

if TYPE_CHECKING:
    from collections.abc import Iterator

    from _pytest.terminal import TerminalReporter

__all__ = [
    "apache",
    "apache_server",
    "bare_database",
    "database",
    "kafka",
    "postgres_server",
    "tansu",
    "tansu_server",
    "topic",
    "trustmary_as_the_facts_say",
]

# The operator's own settings are not the tests'.
for name in [name for name in os.environ if name.startswith("PTM_") and not name.startswith("PTM_TEST_")]:
    del os.environ[name]


def pytest_configure() -> None:
    # A killed make says SIGTERM, and SIGINT is deaf in a shell's background: fixtures are to be torn down all the same.
    signal.signal(signal.SIGTERM, signal.default_int_handler)


def pytest_sessionstart() -> None:
    # What is imported stays: the collector would look through it again and again.
    gc.disable()


def pytest_collection_finish(session: pytest.Session) -> None:
    gc.freeze()
    gc.enable()
    if "sandbox.server" in sys.modules:
        _bring_the_contract()
    # Its summary imports the whole library, for a second and more: in vain where no law was collected.
    plugins = session.config.pluginmanager
    if "hypothesis" not in sys.modules and plugins.has_plugin("hypothesispytest"):
        plugins.unregister(name="hypothesispytest")


def _bring_the_contract() -> None:
    from sandbox.server import Sandbox  # noqa: PLC0415 - only where a test has loaded it
    from witness import witness  # noqa: PLC0415

    Sandbox.witness = witness


@pytest.fixture(autouse=True)
def contract(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Whatever a test has the sandbox's Procountor say, it is what the contract allows, or it is marked `drift`."""
    if "sandbox.server" in sys.modules and request.node.get_closest_marker("measured"):
        monkeypatch.setattr("sandbox.server.Sandbox.witness", None)
    yield
    if seen := sys.modules.get("witness"):
        found, seen.problems[:] = seen.problems[:], []
        assert bool(found) is (request.node.get_closest_marker("drift") is not None), found


def pytest_terminal_summary(terminalreporter: TerminalReporter) -> None:
    summary.tell(terminalreporter)

"""Any request: what schemathesis makes of an OpenAPI document, asked of a process over a socket."""

from __future__ import annotations

import os
import socket
import subprocess
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

import requests
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from schemathesis import Case, GenerationMode
from schemathesis.core.result import Ok

EXAMPLES = int(os.environ.get("PTM_TEST_EXAMPLES", "6"))
"""For each operation, of what its document allows and as many of what it does not."""
ANSWERS_WITHIN = 15.0
"""Seconds: the callback waits eight for the company's name."""
TUULIKKI = "Tuulikki Salaperäinen tuulikki@piilopaikka.fi 131052-308T"
PLANTED = ("tuulikki", "salaper", "piilopaikka", "131052-308t")
TARGETS = [
    b"/healthz",
    b"/readyz",
    b"/metrics",
    b"/callback?code=1&state=",
    b"/callback?error=",
    b"/latest/api/invoices?",
]
TARGETS += [b"/latest/api/oauth/token", b"/login?", b"/v1/contacts?email=", b"/v1/webhooks", b"/", b"*", b"http://a:b/"]
HEADERS = {"User-Agent": "Tuulikki", "X-Forwarded-For": "tuulikki@piilopaikka.fi", "Referer": "http://piilopaikka.fi/"}


@dataclass(slots=True)
class Asked:
    """What was answered, by operation and status."""

    answers: Counter[tuple[str, int]] = field(default_factory=Counter)
    slowest: float = 0.0
    """Seconds, of those that a document made."""
    raw: int = 0
    """Requests of bytes."""

    @property
    def requests(self) -> int:
        return self.answers.total()

    def written(self) -> int:
        """Calls that were taken and may have left something."""
        return sum(
            count for (name, status), count in self.answers.items() if status < 400 and not name.startswith("GET")
        )

    def statuses(self, operation: str) -> set[int]:
        return {status for name, status in self.answers if name == operation}


def ask(
    document: dict[str, Any],
    url: str | Callable[[str], str],
    *,
    headers: Callable[[str], dict[str, str]] = lambda _: {},
    checks: list[Any] | None = None,
    asked: Asked,
    most: int = 499,
) -> None:
    """Every operation, right and, where something can be got wrong, wrong: in time, and no status beyond *most*."""
    schema = schemathesis.openapi.from_dict(document)
    with requests.Session() as session:
        for found in schema.get_all_operations():
            assert isinstance(found, Ok), found
            operation = found.ok()
            for mode in GenerationMode if operation.query or operation.body else [GenerationMode.POSITIVE]:
                base = url if isinstance(url, str) else url(operation.path)
                strategy = operation.as_strategy(generation_mode=mode)
                _ask(strategy, base, session, headers(operation.label), asked, checks, most)


def _ask(strategy: Any, url: str, session: Any, headers: dict[str, str], asked: Asked, checks: Any, most: int) -> None:
    @lasting(EXAMPLES)
    @given(strategy)
    def holds(case: Case[Any]) -> None:
        answer = case.call(
            base_url=url, session=session, headers=HEADERS | headers, timeout=ANSWERS_WITHIN, allow_redirects=False
        )
        asked.answers[case.operation.label, answer.status_code] += 1
        asked.slowest = max(asked.slowest, answer.elapsed)
        assert answer.status_code < 500 or answer.status_code == most, (
            case.operation.label,
            answer.status_code,
            case.as_curl_command(),
        )
        if checks:
            case.validate_response(answer, checks=checks)

    holds()


REQUESTS = st.builds(
    lambda method, target, headers, body: b"\r\n".join([b"%s %s HTTP/1.1" % (method, target), *headers, b"", body]),
    st.sampled_from([b"GET", b"POST", b"PUT", b"DELETE", b"HEAD", b"OPTIONS", b"TRACE", b"\xff"]),
    st.builds(lambda path, rest: path + rest, st.sampled_from(TARGETS), st.binary(max_size=20)),
    st.lists(
        st.sampled_from([
            b"Host: a",
            b"Host: piilopaikka.fi",
            b"Content-Length: 3",
            b"Content-Length: -1",
            b"Transfer-Encoding: chunked",
            b"Content-Type: application/json; charset=nonsense",
            b"Content-Type: multipart/form-data",
            b"Content-Type: application/x-www-form-urlencoded; charset=utf-16",
            b"Authorization: Bearer \xff.\xff.\xff",
            b"Content-Encoding: gzip",
            b"Expect: 100-continue",
            b"Upgrade: websocket",
            b"Cookie: \xff=\xfe",
            b"X: " + b"tuulikki" * 2000,
            b"tuulikki@piilopaikka.fi",
        ]),
        max_size=4,
    ),
    st.binary(max_size=20),
)  # fmt: skip


def ask_bytes(url: str, asked: Asked, *, headers: dict[str, str] | None = None) -> None:
    """Requests that no client makes: answered or cut off, in time, and no 500 among them."""
    host, _, port = url.removeprefix("http://").partition(":")
    more = [f"{name}: {value}".encode() for name, value in (headers or {}).items()]

    @lasting(EXAMPLES * 10)
    @given(REQUESTS | st.binary(max_size=60))
    def holds(said: bytes) -> None:
        asked.raw += 1
        line, end, rest = said.partition(b"\r\n")
        with (
            socket.create_connection((host, int(port)), timeout=ANSWERS_WITHIN) as connection,
            suppress(ConnectionError),
        ):
            connection.sendall(b"\r\n".join([line, *more, rest]) if end else said)
            connection.shutdown(socket.SHUT_WR)
            answer = connection.recv(64)
            assert not answer.startswith(b"HTTP/1.1 5"), (said, answer)

    holds()


def lasting(examples: int) -> settings:
    return settings(
        max_examples=examples,
        deadline=None,
        derandomize="PTM_TEST_EXAMPLES" not in os.environ,
        database=None,
        phases=[Phase.generate, Phase.shrink],
        suppress_health_check=list(HealthCheck),
    )


def resident(pid: int) -> int:
    """KiB of memory that process *pid* holds."""
    return int(subprocess.check_output(("ps", "-o", "rss=", "-p", str(pid)), text=True))


def planted(said: str) -> list[str]:
    low = said.lower()
    return [each for each in PLANTED if each in low]

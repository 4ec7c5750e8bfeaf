"""What answers and failures of Trustmary mean."""

from __future__ import annotations

import inspect
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from ssl import SSLError
from typing import Any

import aiohttp
import pytest
from aiohttp.client_reqrep import ConnectionKey
from multidict import CIMultiDict, CIMultiDictProxy
from yarl import URL

from events.errors import Refused, Unavailable
from table import each
from worker.adapters.retry_after import retry_after
from worker.adapters.trustmary import judge, translate

NOW = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)


@each("status", [200, 201, 202, 204, 299])
def test_every_status_of_success_is_one(status: int) -> None:
    judge(status, {}, b"", call="POST /contacts")


@each(
    ("status", "reason"),
    [
        (400, "invalid"),
        (422, "invalid"),
        (401, "credentials"),
        (403, "credentials"),
        (404, "not_found"),
        (410, "not_found"),
        (409, "refused"),
    ],
)
def test_a_refusal_says_what_is_wrong(status: int, reason: str) -> None:
    with pytest.raises(Refused) as caught:
        judge(status, {}, b'{"message": "no"}', call="POST /contacts")
    assert (caught.value.reason, caught.value.status) == (reason, status)
    assert caught.value.answer == {"message": "no"}
    assert "no" not in str(caught.value).split(), "an answer may name a person, a message may not"


@each("status", [301, 302, 304, 307, 408, 425, 429, 500, 502, 503, 504, 520])
def test_what_passes_is_tried_again_when_it_was_asked(status: int) -> None:
    with pytest.raises(Unavailable) as caught:
        judge(status, {"Retry-After": "7"}, b"<html>", call="POST /contacts")
    assert caught.value.retry_after == timedelta(seconds=7)
    assert caught.value.unanswered is (status in (301, 302, 304, 307, 502, 504))
    assert caught.value.status == status


@each("status", [200, 202, 302, 400, 403, 404, 422])
def test_a_page_is_no_answer_and_says_nothing_of_key_or_list(status: int) -> None:
    headers = {"Content-Type": "text/html; charset=utf-8"}
    for call, unanswered in (("POST /contacts", True), ("GET /contacts", False)):
        with pytest.raises(Unavailable) as caught:
            judge(status, headers, b"<html>", call=call)
        assert (caught.value.unanswered, caught.value.status) == (unanswered, status)


def test_a_401_is_about_the_key_whatever_it_looks_like() -> None:
    with pytest.raises(Refused) as caught:
        judge(401, {"Content-Type": "text/html"}, b"<html>", call="GET /test")
    assert caught.value.reason == "credentials"


def test_a_gateways_error_for_a_look_up_has_no_effect_to_ask_about() -> None:
    with pytest.raises(Unavailable) as caught:
        judge(504, {}, b"", call="GET /contacts")
    assert not caught.value.unanswered


@each(
    ("text", "seconds"),
    [
        ("0", 0),
        ("120", 120),
        (format_datetime(NOW + timedelta(seconds=90), usegmt=True), 90),
        (format_datetime(NOW - timedelta(seconds=90), usegmt=True), 0),
        ("99999999999999999999", 86400),
        ("Fri, 31 Dec 9999 23:59:59 GMT", 86400),
        ("soon", None),
        ("", None),
        ("-5", None),
    ],
)
def test_retry_after_is_seconds_or_a_date(text: str, seconds: int | None) -> None:
    wait = retry_after({"Retry-After": text}, now=NOW)
    assert wait == (None if seconds is None else timedelta(seconds=seconds))


KEY = ConnectionKey("api.trustmary.io", 443, True, True, None, None, None)
REQUEST = aiohttp.RequestInfo(URL("https://api.trustmary.io"), "GET", CIMultiDictProxy(CIMultiDict()), URL("https://x"))


def errors_of_aiohttp() -> list[type[BaseException]]:
    kinds = [kind for _, kind in inspect.getmembers(aiohttp, inspect.isclass) if issubclass(kind, Exception)]
    return [kind for kind in kinds if "WebSocket" not in kind.__name__ and "WSMessage" not in kind.__name__]


def made(kind: Any) -> Any:
    """One of *kind*; each family has a constructor of its own."""
    if issubclass(kind, aiohttp.ClientConnectorCertificateError):
        return kind(KEY, ValueError("certificate"))
    if issubclass(kind, aiohttp.ServerFingerprintMismatch):
        return kind(b"expected", b"got", "api.trustmary.io", 443)
    if issubclass(kind, aiohttp.ClientConnectorError):
        return kind(KEY, SSLError(1, "handshake") if issubclass(kind, SSLError) else OSError(111, "refused"))
    if issubclass(kind, aiohttp.ClientResponseError):
        return kind(REQUEST, ())
    return kind("no address") if issubclass(kind, aiohttp.InvalidURL) else kind()


@each("kind", [*errors_of_aiohttp(), TimeoutError, OSError, ConnectionResetError, ValueError])
@each("left", [False, True])
def test_every_error_below_http_is_one_of_ours(kind: type[BaseException], left: bool) -> None:
    error = made(kind)
    assert isinstance(error, Exception)
    ours = translate(error, left=left)
    assert isinstance(ours, Unavailable | Refused)
    if isinstance(ours, Unavailable) and not left:
        assert not ours.unanswered, "what did not leave cannot have taken effect"


@each("kind", [TimeoutError, aiohttp.ServerDisconnectedError, aiohttp.SocketTimeoutError, aiohttp.ClientOSError])
def test_a_call_that_left_and_was_lost_may_have_taken_effect(kind: type[Exception]) -> None:
    ours = translate(kind(), left=True)
    assert isinstance(ours, Unavailable)
    assert ours.unanswered

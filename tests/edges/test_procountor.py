"""Procountor's answers and errors in our words."""

from __future__ import annotations

import ssl
from collections.abc import Iterator
from datetime import timedelta

import aiohttp
import pytest

from events.errors import Corrupt, Misconfigured, PtmError, Refused, Unavailable
from table import each
from worker.adapters.answers import Answer, accept, refusal, translate
from worker.adapters.credentials import CredentialKind, Credentials, from_secret, to_secret
from worker.adapters.procountor_facts import activation_of, company_of, granted, page_of, session_of


def subclasses(kind: type[BaseException]) -> Iterator[type[BaseException]]:
    yield kind
    for one in kind.__subclasses__():
        yield from subclasses(one)


@each(
    "kind",
    [*dict.fromkeys(subclasses(aiohttp.ClientError)), TimeoutError, ConnectionResetError, OSError, ssl.SSLError],
)
def test_every_error_of_the_way_maps_to_one_of_ours(kind: type[BaseException]) -> None:
    for left in (True, False):
        error = translate(kind.__new__(kind), "GET /invoices", left=left)
        assert isinstance(error, PtmError)
        assert "GET /invoices" in str(error)
        assert not isinstance(error, Unavailable) or error.unanswered is left


@each(
    ("kind", "ours"),
    [
        (aiohttp.ServerDisconnectedError, Unavailable),
        (aiohttp.ClientConnectorDNSError, Unavailable),
        (aiohttp.ClientPayloadError, Unavailable),
        (aiohttp.SocketTimeoutError, Unavailable),
        (aiohttp.InvalidURL, Misconfigured),
        (aiohttp.TooManyRedirects, Refused),
    ],
)
def test_what_may_be_over_next_time_is_tried_again(kind: type[BaseException], ours: type[PtmError]) -> None:
    assert type(translate(kind.__new__(kind), "GET /invoices", left=True)) is ours


def answer(status: int, body: bytes = b"{}", *, json: bool = True, html: bool = False) -> Answer:
    seven = timedelta(seconds=7)
    return Answer(status=status, body=body, json=json and not html, html=html, retry_after=seven, what="GET /invoices")


@each("status", [408, 425, 429, 500, 502, 503, 504, 599])
def test_a_busy_service_is_tried_again_when_it_says(status: int) -> None:
    error = refusal(answer(status))
    assert isinstance(error, Unavailable)
    assert error.retry_after == timedelta(seconds=7)


@each(
    ("status", "reason"),
    [
        (400, "invalid"),
        (401, "credentials"),
        (403, "rights"),
        (404, "not_found"),
        (406, "invalid"),
        (409, "invalid"),
        (410, "not_found"),
    ],
)
def test_a_no_has_a_reason(status: int, reason: str) -> None:
    error = refusal(answer(status))
    assert isinstance(error, Refused)
    assert (error.reason, error.status) == (reason, status)


@each("status", [301, 302, 304, 307])
def test_a_redirection_passes_and_says_nothing_of_what_was_asked_for(status: int) -> None:
    assert isinstance(refusal(answer(status)), Unavailable)


def test_a_gateways_403_is_not_a_matter_of_rights() -> None:
    assert isinstance(refusal(answer(403, b"<html>403 Forbidden</html>", html=True)), Unavailable)
    assert isinstance(refusal(answer(403, b"Invalid API key", json=False)), Refused)


def test_a_page_that_is_not_found_says_nothing_of_an_invoice() -> None:
    assert isinstance(refusal(answer(404, b"<html>404</html>", html=True)), Unavailable)
    assert isinstance(refusal(answer(404, b"404: Not Found", json=False)), Unavailable)


def test_no_connection_to_be_had_is_tried_again_whatever_the_status() -> None:
    body = b'{"errors":[{"status":400,"message":"UNABLE_TO_GET_CONNECTION"}]}'
    assert isinstance(refusal(answer(400, body)), Unavailable)


@each(
    ("body", "said"),
    [
        (b'{"errors":[{"status":401,"field":"api_key","message":"Invalid API key"}]}', "Invalid API key"),
        (b'{"error":"invalid_client","error_description":"Unknown client"}', "invalid_client: Unknown client"),
        (b'{"errors":[{"message":"Not for 131052 A308t"}]}', "Not for"),
        (b'{"constraintViolations":[{"errorCode":"INVALID_OVT"},{"errorCode":"X"}]}', "INVALID_OVT; X"),
        (b"<html>", None),
        (b"[1]", None),
    ],
)
def test_what_procountor_said_is_told_in_a_note_and_not_in_the_message(body: bytes, said: str | None) -> None:
    error = refusal(answer(401, body))
    assert getattr(error, "__notes__", [None]) == [said]
    assert said is None or said not in str(error)


@each("body", [b"", b"<html>maintenance</html>", b'{"results": [', b"\xff"])
def test_a_good_status_without_json_is_unreadable(body: bytes) -> None:
    with pytest.raises(Refused) as refused:
        accept(answer(200, body))
    assert refused.value.reason == "unreadable"


def test_a_gateways_page_of_maintenance_says_nothing_for_good() -> None:
    with pytest.raises(Unavailable):
        accept(answer(200, b"<html>maintenance</html>", json=False))


@each("body", [[], {}, {"results": None}, "x"])
def test_a_list_without_results_is_unreadable(body: object) -> None:
    with pytest.raises(Refused):
        page_of(body, 200)


def test_a_page_is_full_by_the_size_that_was_served() -> None:
    rows = [{"id": number} for number in range(50)]
    assert page_of({"results": rows, "meta": {"pageSize": 50, "totalCount": 120}}, 200).full
    assert not page_of({"results": rows[:49], "meta": {"pageSize": 50}}, 200).full
    assert not page_of({"results": rows}, 200).full


@each(("life", "seconds"), [(3600, 3600), ("3600", 3600), (None, 300), ("soon", 300)])
def test_a_token_without_a_readable_life_is_taken_for_a_short_one(life: object, seconds: float) -> None:
    assert granted({"access_token": "x", "expires_in": life}).expires_in == seconds


@each("kind", CredentialKind)
def test_credentials_are_written_for_the_vault_and_read_back(kind: CredentialKind) -> None:
    credentials = Credentials(kind=kind, value="secret value")
    assert from_secret(to_secret(credentials)) == credentials
    assert "secret value" not in repr(credentials)


@each("secret", [b"", b"{}", b'{"kind":"password"}', b'{"kind":"api_key"}', b"[]"])
def test_a_secret_that_is_none_is_corrupt(secret: bytes) -> None:
    with pytest.raises(Corrupt):
        from_secret(secret)


@each(
    ("given", "kept"),
    [
        ({"brnType": "FI", "code": "1234567-8"}, "1234567-8"),
        ({"brnType": "FI", "code": "131052-308T"}, None),
        ({"brnType": "HETU", "code": "131052"}, None),
        ({"brnType": ["HETU"], "code": "1234567-8"}, "1234567-8"),
        ("131052-308T", None),
    ],
)
def test_a_person_who_trades_has_no_business_id_and_no_number_in_the_name(given: object, kept: str | None) -> None:
    company = company_of({"id": 1, "name": "Tmi Maija 131052A308T", "businessIdentifier": given})
    assert (company.name, company.business_id) == ("Tmi Maija", kept)
    row = {"companyId": 1, "extraInfo": {"companyName": "Tmi Maija 131052A308T", "businessIdentifier": given}}
    assert activation_of(4, {"companiesToIntegrate": [row]}).companies == (company,)
    session = session_of({"companyId": 1, "name": "Tmi Maija 131052A308T", "userName": "maija 131052A308T"})
    assert (session.company, session.user) == ("Tmi Maija", "maija")

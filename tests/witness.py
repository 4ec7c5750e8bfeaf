"""Every answer of the sandbox's Procountor is held against the contract's schema on its way out.

A null is the same as a field left out, and a field that the contract does not know is invented. An e-mail may be
broken: registers hold such, and who reads them has to live with it.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from datetime import date, datetime
from functools import cache
from hashlib import blake2b
from pathlib import Path
from typing import Any
from uuid import UUID

import orjson
from aiohttp import web
from jsonschema import Draft7Validator, FormatChecker

SHAPES: dict[str, str] = {
    "POST /oauth/token": "Token",
    "POST /oauth/key": "Key",
    "GET /invoices": "InvoiceSearchResult",
    "POST /invoices": "Invoice",
    "GET /invoices/{ids}": "Invoice",
    "PUT /invoices/{id}": "Invoice",
    "PUT /invoices/{id}/{act}": "InfoMessage",
    "PUT /invoices/{id}/paymentevents/markpaid": "PaymentEvent",
    "GET /invoices/{id}/paymentevents": "PaymentEventSearchResult",
    "GET /businesspartners": "BusinessPartnerSearchResult",
    "GET /businesspartners/groups": "BusinessPartnerGroupSearchResult",
    "GET /businesspartners/{ids}": "BusinessPartner",
    "GET /sessioninfo": "SessionInfo",
    "GET /company": "Company",
    "GET /users": "User",
    "GET /users/rights": "UserPrivileges",
    "GET /users/profiles/{id}": "UserProfile",
    "GET /status": "Status",
    "GET /integrations/{request}": "ApiIntegrationRequestData",
    "PUT /integrations/{request}": "ApiIntegrationApproveResult",
    "GET /integrations/{integration}/customers": "ApiIntegrationCustomer",
    "GET /webhooks": "WebhookSearchResult",
    "POST /webhooks": "CreatedWebhookResponse",
    "PUT /webhooks/{uuid}": "InfoMessage",
}
TEXT = {"type": "string", "minLength": 1}
# What the schema leaves to procountor.md: tokens (2), notes (7), rights (6), customers of an integration (2b).
BESIDE: dict[str, Any] = {
    "Token": {
        "type": "object",
        "properties": {"access_token": TEXT, "expires_in": {"type": "integer"}, "refresh_token": TEXT},
        "required": ["access_token", "expires_in"],
    },
    "Key": {"type": "object", "properties": {"api_key": TEXT}, "required": ["api_key"]},
    "InfoMessage": {"type": "object", "properties": {"message": TEXT}, "required": ["message"]},
    "UserPrivileges": {
        "type": "object",
        "properties": {"role": TEXT, "rights": {"$ref": "#/definitions/UserPermissions"}},
        "required": ["role", "rights"],
    },
    "ApiIntegrationCustomer": {
        "type": "object",
        "properties": {"companyId": {"type": "number", "format": "int32"}, "integrationVersionStatus": TEXT},
    },
    "Refusal": {
        "type": "object",
        "properties": {"errors": {"type": "array", "items": {"$ref": "#/definitions/ErrorMessage"}, "minItems": 1}},
        "required": ["errors"],
    },
    "OldRefusal": {
        "type": "object",
        "properties": {
            "constraintViolations": {
                "type": "array",
                "items": {"type": "object", "properties": {"errorCode": TEXT}, "required": ["errorCode"]},
                "minItems": 1,
            }
        },
        "required": ["constraintViolations"],
    },
    "TokenRefusal": {
        "type": "object",
        "properties": {"error": TEXT, "error_description": TEXT},
        "required": ["error"],
    },
}
BASE = r"^/\{version\}(/api)?"
MANY = ("{ids}", "/customers")
"""Ends of the paths that answer several as a bare array."""
OLDER = "OlderInvoiceBasicInfo"
NEWER = ("counterParty", "newDueDate", "creatorId", "isOffer")
"""What the list items of versions before 26.04 have not (3b)."""
FORMATS = FormatChecker(formats=())

problems: list[str] = []
"""What was seen that the contract does not allow; a test that leaves one here fails."""
_kept: set[bytes] = set()


def witness(request: web.Request, answer: web.StreamResponse) -> None:
    """Notes what is wrong with Procountor's *answer* to *request*."""
    route = route_of(request)
    if wrong := "; ".join(_wrong(route, answer)):
        problems.append(f"{request.method} {request.path} -> {answer.status}: {wrong}")


def route_of(request: web.Request) -> str:
    resource = request.match_info.route.resource
    path = (resource.canonical if resource else request.path).rstrip("/")
    return f"{request.method} {re.sub(BASE, '', path)}"


def _wrong(route: str, answer: web.StreamResponse) -> list[str]:
    raw = answer.body if isinstance(answer, web.Response) and isinstance(answer.body, bytes) else b""
    if answer.content_type == "text/html":
        at_host = not route.split()[1].startswith(tuple(each.split()[1] for each in SHAPES))
        return [] if at_host or answer.status >= 400 else ["a page where the API answers"]
    if answer.status == 204:
        return [] if not raw else ["204 with a body"]
    if answer.content_type == "text/plain" and "/oauth/" in route and answer.status >= 400:
        return []
    if answer.content_type != "application/json":
        return [f"content type {answer.content_type}"]
    body = orjson.loads(raw)
    return _refusal(route, answer.status, body) if answer.status >= 400 else _good(route, body)


def _good(route: str, body: Any) -> list[str]:
    name = SHAPES.get(route)
    if name is None:
        return [f"{route} is no path of the contract"]
    if isinstance(body, list):
        if not route.endswith(MANY):
            return ["an array where one object is answered"]
        return [wrong for each in body for wrong in against(each, name)]
    if name.endswith("SearchResult"):
        rows, row = body["results"], body | {"results": []}
        item = (
            OLDER
            if _is_older(route, rows)
            else _schemas()[name]["properties"]["results"]["items"]["$ref"].rpartition("/")[2]
        )
        return against(row, name) + [wrong for each in rows for wrong in against(each, item)]
    return against(body, name)


def _is_older(route: str, rows: list[Any]) -> bool:
    return route == "GET /invoices" and not any("counterParty" in row for row in rows)


def _refusal(route: str, status: int, body: Any) -> list[str]:
    if "/oauth/" in route and "error" in body:
        return against(body, "TokenRefusal")
    if "constraintViolations" in body:
        return against(body, "OldRefusal")
    wrong = against(body, "Refusal")
    return wrong or [f"errors[].status is not {status}" for each in body["errors"] if each.get("status") != status]


def against(body: Any, name: str) -> list[str]:
    """What keeps *body* from being a *name* of the contract."""
    digest = blake2b(name.encode() + orjson.dumps(body), digest_size=16).digest()
    if digest in _kept:
        return []
    errors = [f"{name}{error.json_path[1:]}: {error.message}" for error in _validator(name).iter_errors(filled(body))]
    if not errors:
        _kept.add(digest)
    return errors


def filled(body: Any) -> Any:
    """*body* without its nulls."""
    if isinstance(body, dict):
        return {name: filled(value) for name, value in body.items() if value is not None}
    return [filled(value) for value in body] if isinstance(body, list) else body


@cache
def _schemas() -> dict[str, Any]:
    text = (Path(__file__).parent / "contract" / "procountor.schema.json").read_text()
    known: dict[str, Any] = json.loads(text)["definitions"] | BESIDE
    older = {name: each for name, each in known["InvoiceBasicInfo"]["properties"].items() if name not in NEWER}
    known[OLDER] = {"type": "object", "properties": older}
    return {name: _closed(each) for name, each in known.items()}


def _closed(schema: dict[str, Any]) -> dict[str, Any]:
    return schema | {"additionalProperties": False} if schema.get("properties") else schema


@cache
def _validator(name: str) -> Draft7Validator:
    schema = {"$ref": f"#/definitions/{name}", "definitions": _schemas()}
    return Draft7Validator(schema, format_checker=FORMATS)


def _format(name: str, good: Callable[[Any], object]) -> None:
    FORMATS.checks(name, raises=ValueError)(lambda value: bool(good(value)))


def _moment(text: Any) -> bool:
    """Local, to the second, without a zone (section 8)."""
    return bool(re.fullmatch(r"[\d-]{10}T[\d:]{8}", text)) and datetime.fromisoformat(text).tzinfo is None


_format("date", lambda text: len(text) == 10 and date.fromisoformat(text))
_format("date-time", _moment)
_format("int32", lambda number: isinstance(number, int) and abs(number) < 1 << 31)
_format("int64", lambda number: isinstance(number, int) and abs(number) < 1 << 63)
_format("uuid", UUID)
_format("url", lambda text: re.match(r"https?://", text))

"""OpenAPI documents of the sandbox's two services, made from the routes they serve and the shapes of the contract; and
of its own door.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import fields
from pathlib import Path
from typing import Any

from aiohttp import web

import trustmary_witness
import witness
from sandbox import orders
from sandbox.switches import WORDS, Switches

Document = dict[str, Any]
Known = Mapping[str, list[str]]
"""Parameter → values that exist: with invented ones alone nobody gets past the first door. One that has a single value
in the path is written into it."""

CONTRACT = Path(__file__).parent / "contract"
ODD = [
    "",
    "\0",
    "a\0b",
    "²",
    "٣",
    "-1",
    "1e999",
    "9" * 5000,
    "0001-01-01",
    "Mäkelä €",
    "\U0001f600",
    "%00",
    "../..",
    "null",
]


def or_any_text(values: list[str]) -> Document:
    """Apart from each other, else they are simplified to any text."""
    return {"anyOf": [{"enum": values}, {"type": "string", "minLength": 1, "not": {"enum": values}}]}


TEXT = or_any_text(ODD)
NUMBER: Document = {"type": "integer"}
FLAG: Document = {"type": "boolean"}
DAY: Document = {"type": "string", "format": "date"}
MOMENT: Document = {
    "type": "string",
    "pattern": r"^20\d\d-(0\d|1[0-3])-[0-3]\dT[0-2]\d:[0-5]\d:[0-5]\d(Z|\+0[0-3]:00)?$",
}
ORDER: Document = {"enum": ["ASC", "DESC"]}
PAGES: Document = {
    "size": {"type": "integer", "minimum": 1, "maximum": 200},
    "page": {"type": "integer", "minimum": 0, "maximum": 3},
}
PAGING: Document = PAGES | {"previousId": NUMBER, "orderById": ORDER}
INVOICES: Document = PAGING | {
    "status": {"enum": ["UNFINISHED", "SENT", "PAID,SENT"]},
    "types": {"enum": ["SALES_INVOICE", "SALES_INVOICE,SALES_ORDER"]},
    "invoiceChannel": {"enum": ["EMAIL", "MAIL,NO_SENDING"]},
    **dict.fromkeys(("startDate", "endDate", "dueStartDate", "dueEndDate"), DAY),
    **dict.fromkeys(("createdStartDate", "createdEndDate", "versionStartDate", "versionEndDate"), MOMENT),
    **dict.fromkeys(("businessPartnerId", "factoringContractId", "invoiceNumber"), NUMBER),
    **dict.fromkeys(("originalInvoiceNumber", "searchTerm", "productId"), TEXT),
    **dict.fromkeys(("orderByDate", "orderByCreated", "orderByVersion"), ORDER),
    "isOffer": FLAG,
}
PARTNERS: Document = PAGING | {
    **dict.fromkeys(("identifierType", "customerNumber", "mainGroup", "partnerGroup"), TEXT),
    **dict.fromkeys(("versionStartDate", "versionEndDate"), MOMENT),
    "type": {"enum": ["CUSTOMER", "SUPPLIER", "PERSON"]},
    "active": FLAG,
}
LOGIN: Document = dict.fromkeys(("response_type", "client_id", "redirect_uri", "state"), TEXT)
LISTED: Document = {"type": {"enum": ["customer", "employee"]}, "offset": TEXT}
ASKED: dict[str, Document] = {
    "GET /invoices": INVOICES,
    "GET /invoices/{id}/paymentevents": PAGING,
    "GET /businesspartners": PARTNERS,
    "GET /businesspartners/groups": PAGES | {"name": TEXT, "type": PARTNERS["type"], "active": FLAG},
    "GET /webhooks": PAGING | {"eventType": TEXT, "url": TEXT, "orderByCreatedDate": ORDER},
    **dict.fromkeys(("GET /login", "POST /login", "GET /keylogin", "POST /keylogin"), LOGIN),
    "GET /contacts": {"email": TEXT, "offset": TEXT, "includeAll": FLAG},
    **dict.fromkeys(("GET /lists", "GET /surveys"), LISTED),
}
"""Parameters in the query, by route."""
WRITTEN = {
    "POST /invoices": "Invoice",
    "PUT /invoices/{id}": "Invoice",
    "PUT /invoices/{id}/paymentevents/markpaid": "MarkInvoiceAsPaid",
    "PUT /integrations/{request}": "ApiIntegrationApproveRequest",
    "POST /webhooks": "Webhook",
    "PUT /webhooks/{uuid}": "Webhook",
}
"""Bodies that the contract's schema has."""
FORMS = {
    **dict.fromkeys(
        ("POST /oauth/token", "POST /oauth/key"),
        ("grant_type", "client_id", "client_secret", "code", "refresh_token", "api_key", "redirect_uri"),
    ),
    **dict.fromkeys(("POST /login", "POST /keylogin"), ("username", "password", "company")),
}
EMAIL: Document = {"type": "string", "pattern": "^[a-zåäö.]{1,8}@[a-z]{1,8}[.]fi$"}
CONTACT: Document = {
    "type": "object",
    "properties": {
        "email": EMAIL,
        **dict.fromkeys(("name", "eid", "phone", "company", "field_invoice"), TEXT),
        "type": {"enum": ["customer", "employee"]},
        "processName": FLAG,
        "addToLists": {"type": "array", "items": {"anyOf": [TEXT, {"type": "object"}]}},
        "removeFromLists": {"type": "array", "items": TEXT},
    },
    "required": ["email"],
}
TOLD: dict[str, Document] = {
    **dict.fromkeys(("POST /contacts", "DELETE /contacts", "POST /automations/{id}/trigger"), CONTACT),
    "POST /webhooks": {
        "type": "object",
        "properties": {
            "name": TEXT,
            "hookUrl": {"type": "string", "pattern": "^https://[a-z]{1,9}[.]fi/$"},
            "events": {"type": "array", "items": TEXT},
        },
        "required": ["name", "hookUrl", "events"],
    },
}
"""Bodies that Trustmary takes (2.2, 2.4)."""


def procountor(app: web.Application, known: Known) -> Document:
    """Every route once: by a version, without the slash that may follow."""
    routes = {
        f"{method} {re.sub(witness.BASE, '', path)}": (method, path)
        for method, path in _routes(app)
        if not path.endswith("/") and not (path.startswith("/{version}/") and not path.startswith("/{version}/api/"))
    }
    text = (CONTRACT / "procountor.schema.json").read_text()
    schemas = json.loads(text, object_hook=_sayable)["definitions"] | witness.BESIDE

    def body(route: str) -> Document | None:
        if form := FORMS.get(route):
            return _form(form, known)
        return _json(_least(schemas[WRITTEN[route]], known)) if route in WRITTEN else None

    return _document(routes, known, schemas, witness.SHAPES, body)


def _sayable(schema: Document) -> Document:
    """What is right is to be taken: a text outside Windows-1252 or an endless sum has the whole body refused. Wrong
    ones, such texts and sums among them, are made all the same."""
    match schema:
        case {"type": "object"}:
            return {"additionalProperties": False} | schema
        case {"type": "string"} if not schema.keys() & {"enum", "format", "pattern"}:
            return schema | {"pattern": "^[ -~äöåÄÖÅ€]*$"}
        case {"type": "number"} if "format" not in schema:
            return schema | {"minimum": -1e4, "maximum": 1e4}
    return schema


def trustmary(app: web.Application, known: Known) -> Document:
    routes = {f"{method} {path.removeprefix('/v1')}": (method, path) for method, path in _routes(app)}
    schemas = json.loads((CONTRACT / "trustmary.schema.json").read_text())["$defs"]
    return _document(routes, known, schemas, trustmary_witness.SHAPES, lambda route: _json(TOLD.get(route)))


def _routes(app: web.Application) -> Iterator[tuple[str, str]]:
    for route in app.router.routes():
        assert route.resource is not None
        yield route.method, route.resource.canonical


def _document(
    routes: Mapping[str, tuple[str, str]],
    known: Known,
    schemas: Document,
    shapes: Mapping[str, str],
    body: Callable[[str], Document | None],
) -> Document:
    paths: Document = {}
    for route, (method, pattern) in routes.items():
        path = re.sub(r"{(\w+)}", lambda each: _only(each[1], known) or each[0], pattern)
        asked = ASKED.get(route, {})
        given = [_in_path(name, known) for name in re.findall(r"{(\w+)}", path)]
        given += [
            {"name": name, "in": "query", "required": name in known, "schema": _of(name, asked[name], known)}
            for name in asked
        ]
        operation = {"parameters": given, "responses": _answers(shapes.get(route))}
        if sent := body(route):
            operation["requestBody"] = sent | {"required": True}
        paths.setdefault(path, {})[method.lower()] = operation
    text = json.dumps({"paths": paths, "components": {"schemas": schemas}})
    text = re.sub(r"#/(definitions|\$defs)/", "#/components/schemas/", text)
    return {"openapi": "3.1.0", "info": {"title": "The sandbox", "version": "1"}, **json.loads(text)}


def _only(name: str, known: Known) -> str:
    values = known.get(name, [])
    return values[0] if len(values) == 1 else ""


def _answers(shape: str | None) -> Document:
    good = _json({"$ref": f"#/components/schemas/{shape}"}) if shape else {}
    return {"200": {"description": "As the contract says."} | good, "default": {"description": "Refused."}}


def _in_path(name: str, known: Known) -> Document:
    schema = or_any_text(known[name]) if name in known else {"type": "string", "minLength": 1}
    return {"name": name, "in": "path", "required": True, "schema": schema}


def _of(name: str, schema: Document, known: Known) -> Document:
    return {"enum": known[name]} if name in known else schema


def _least(schema: Document, known: Known) -> Document:
    """A large body as small as it may be: with thirty texts in it, one is always refused before the rest is read."""
    properties, needed = schema["properties"], schema.get("required", [])
    kept = [name for name in properties if len(properties) < 12 or name in known or name in needed]
    of = {name: _of(name, properties[name], known) for name in kept}
    return schema | {"properties": of, "required": sorted({*needed, *known.keys() & of.keys()})}


def _form(names: tuple[str, ...], known: Known) -> Document:
    fields = {name: _of(name, TEXT, known) for name in names}
    return {
        "content": {
            "application/x-www-form-urlencoded": {
                "schema": {"type": "object", "properties": fields, "required": list(fields)}
            }
        }
    }


def _json(schema: Document | None) -> Document:
    return {"content": {"application/json": {"schema": schema}}} if schema else {}


KINDS: dict[orders.Kind, Document] = {
    orders.WHOLE: {"type": "integer", "minimum": -orders.MOST, "maximum": orders.MOST},
    orders.NUMBER: {"type": "number", "minimum": -orders.MOST, "maximum": orders.MOST},
    orders.TEXT: TEXT,
    orders.FLAG: FLAG,
    orders.NUMBERS: {"type": "array", "items": NUMBER, "maxItems": 3},
    orders.TEXTS: {"type": "object", "additionalProperties": TEXT, "maxProperties": 3},
    orders.PEOPLE: {
        "type": "array",
        "items": {"type": "object", "additionalProperties": TEXT, "maxProperties": 3},
        "maxItems": 3,
    },
    orders.LEVEL: {"enum": list(orders.LEVELS)},
    orders.STAMP: {"enum": ["2026-03-02T09:14:05", "2026-13-02T09:14:05", "0001-01-01T00:00:00"]},
    orders.COUNT: {"type": "integer", "minimum": 0, "maximum": 5},
    orders.RATE: {"type": "number", "minimum": 100, "maximum": 10_000},
    orders.SCORE: {"type": "integer", "minimum": 0, "maximum": 10},
}
ORDERS: dict[str, tuple[orders.Order, list[str]]] = {
    "POST /control/invoice": (orders.INVOICE, []),
    "POST /control/invoices/{id}/{act}": (orders.STATUS, ["status"]),
    "POST /control/clock": (orders.CLOCK, []),
    "POST /control/flow": (orders.FLOW, ["count", "per_second"]),
    "POST /control/customers/{company}": (orders.NEW_CUSTOMER, []),
    "POST /control/customers/{company}/{id}": (orders.CUSTOMER, []),
    "PATCH /control/customers/{company}/{id}": (orders.CUSTOMER, []),
    "POST /control/contact": (orders.CONTACT, ["email"]),
    "POST /control/reply": (orders.REPLY, ["score"]),
    "POST /control/companies/{id}": (orders.COMPANY, []),
    "POST /control/organizations/{id}": (orders.ORGANIZATION, []),
    "POST /control/activation": (orders.ACTIVATION, ["companies", "callback"]),
    "POST /control/expect": (orders.EXPECT, []),
    "POST /control/faults": (orders.FAULTS, []),
}


def control(app: web.Application, known: Known) -> Document:
    """The sandbox's own door: what its orders say, and all its switches."""
    routes = {f"{method} {path}": (method, path) for method, path in _routes(app) if method != "HEAD"}
    switches: Document = {each.name: _switch(each.name, type(each.default)) for each in fields(Switches)}

    def body(route: str) -> Document | None:
        if route == "POST /control/switches":
            return _json({"type": "object", "additionalProperties": False, "properties": switches})
        if route not in ORDERS:
            return None
        order, needed = ORDERS[route]
        properties = {name: _of(name, KINDS[kind], known) for name, kind in order.items() if name != "endless"}
        return _json({"type": "object", "additionalProperties": False, "properties": properties, "required": needed})

    return _document(routes, known, {}, {}, body)


def _switch(name: str, kind: type) -> Document:
    if name in WORDS:
        return {"enum": [*WORDS[name], "nonsense"]}
    return {bool: FLAG, int: KINDS[orders.WHOLE], str: TEXT}[kind]

"""How both services answer: JSON bodies, and refusals that a handler raises and the door writes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import orjson
from aiohttp import web

GATEWAY_PAGE = (
    "<html>\r\n<head><title>403 Forbidden</title></head>\r\n<body>\r\n<center><h1>403 Forbidden</h1></center>\r\n"
    "<hr><center>Microsoft-Azure-Application-Gateway/v2</center>\r\n</body>\r\n</html>\r\n"
)


MISSING_PAGE = "<html><head><title>404 Not Found</title></head><body><h1>404 Not Found</h1></body></html>"


class Rejected(Exception):
    """The service refuses: *status*, a *message* that is a code or a sentence, perhaps the *field* at fault."""

    def __init__(self, status: int, message: str, *, field: str = "", headers: Mapping[str, str] | None = None) -> None:
        super().__init__(message)
        self.status = status
        self.message = message
        self.field = field
        self.headers = dict(headers or {})


def json_answer(body: Any, status: int = 200) -> web.Response:
    return raw_answer(orjson.dumps(body), status)


def raw_answer(body: bytes, status: int = 200) -> web.Response:
    return web.Response(body=body, status=status, content_type="application/json", charset="utf-8")


def without_nulls(answered: web.StreamResponse) -> web.StreamResponse:
    """The same with its empty fields left out."""
    if not isinstance(answered, web.Response) or not isinstance(answered.body, bytes) or not answered.body:
        return answered
    return json_answer(_filled(orjson.loads(answered.body)), answered.status)


def _filled(body: Any) -> Any:
    if isinstance(body, dict):
        return {name: _filled(value) for name, value in body.items() if value is not None}
    return [_filled(value) for value in body] if isinstance(body, list) else body


def page(html: str, status: int = 200) -> web.Response:
    return web.Response(text=html, status=status, content_type="text/html")


def violations_body(rejected: Rejected) -> dict[str, Any]:
    """The older shape of the same, which a client of today still looks for."""
    return {"constraintViolations": [{"errorCode": rejected.message}]}


def errors_body(rejected: Rejected) -> dict[str, Any]:
    """Procountor's body of a refusal."""
    error: dict[str, Any] = {"status": rejected.status, "message": rejected.message}
    if rejected.field:
        error["field"] = rejected.field
    return {"errors": [error]}

"""Bodies of answers as JSON: one letter that is none hides neither its page nor its neighbours."""

from __future__ import annotations

import re
from typing import Any

import orjson

ESCAPE = re.compile(r"\\(?:u[dD][89abAB]..\\u[dD][c-fC-F]..|u[dD][89a-fA-F][0-9a-fA-F]{2}|.)", re.DOTALL)
"""One escape, or the two that are one letter beyond the first 65,536."""
HALF = re.compile(r"\\u[dD]...")
UNKNOWN = "\ufffd"
MOST = 500_000
"""Values of one body: 200 invoices with a hundred rows each have less than half, and each takes up to 200 bytes."""


def crowded(body: bytes) -> bool:
    """Whether it would take many times its own size when read."""
    return sum(map(body.count, (b"{", b"[", b","))) > MOST


def read(body: bytes) -> Any:
    """Letters that are no UTF-8, and halves of one where a text was cut, are read as unknown; a byte order mark is left
    out. Raises `orjson.JSONDecodeError`.
    """
    try:
        return orjson.loads(body)
    except orjson.JSONDecodeError:
        return orjson.loads(ESCAPE.sub(whole, body.decode("utf-8-sig", "replace")))


def whole(found: re.Match[str]) -> str:
    return UNKNOWN if HALF.fullmatch(found[0]) else found[0]

"""Bodies of answers as JSON: one letter that is none hides neither its page nor its neighbours."""

from __future__ import annotations

import re
from typing import Any

import orjson

ESCAPE = re.compile(r"\\(?:u[dD][89abAB]..\\u[dD][c-fC-F]..|u[dD][89a-fA-F][0-9a-fA-F]{2}|.)", re.DOTALL)
"""One escape, or the two that are one letter beyond the first 65,536."""
HALF = re.compile(r"\\u[dD]...")
UNKNOWN = "\ufffd"


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

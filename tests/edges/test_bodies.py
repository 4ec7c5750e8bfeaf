"""What of a body is read although some of its letters are none."""

from __future__ import annotations

import orjson
import pytest

from table import each
from worker.adapters import bodies


@each(
    ("body", "name"),
    [
        (b'{"name": "M\xe4kel\xe4"}', "M\ufffdkel\ufffd"),
        (b'{"name": "\xff\xfe"}', "\ufffd\ufffd"),
        (b'\xef\xbb\xbf{"name": "Maija"}', "Maija"),
        (rb'{"name": "\ud83d"}', "\ufffd"),
        (rb'{"name": "a\udc00b\uD83d"}', "a\ufffdb\ufffd"),
        (rb'{"name": "\ud83d\ude00\ud83d"}', "\U0001f600\ufffd"),
        (rb'{"name": "\\ud83d\ud83d"}', "\\ud83d\ufffd"),
        (rb'{"name": "\"\ude00\n"}', '"\ufffd\n'),
        ('{"name": "Łukasz 😀 Ωμέγα"}'.encode(), "Łukasz 😀 Ωμέγα"),
    ],
)
def test_one_bad_letter_hides_nothing_else(body: bytes, name: str) -> None:
    assert bodies.read(body) == {"name": name}


@each("body", [b"", b"{", b"NaN", b"1e999", b'{"a": \xff}', b'"\\u12"', b'{"name": "Maija"}'.decode().encode("utf-16")])
def test_what_is_no_json_is_none(body: bytes) -> None:
    with pytest.raises(orjson.JSONDecodeError):
        bodies.read(body)

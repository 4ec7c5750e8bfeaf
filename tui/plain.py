"""Nothing that is shown steers the terminal: what somebody else has written may have control characters in it."""

from __future__ import annotations

from rich.segment import Segment
from textual.color import Color
from textual.filter import LineFilter

STEERING = {code: None for code in (*range(32), *range(127, 160), *range(0x202A, 0x202F), *range(0x2066, 0x206A))}
"""C0 and C1, escape among them, and what turns the direction of writing round; none of them takes a cell."""


class Plain(LineFilter):
    def apply(self, segments: list[Segment], background: Color) -> list[Segment]:
        if all(segment.text.isprintable() for segment in segments):
            return segments
        return [Segment(text.translate(STEERING), style, control) for text, style, control in segments]

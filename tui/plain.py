"""Nothing that is shown steers the terminal: what somebody else has written may have control characters in it."""

from __future__ import annotations

from rich.segment import Segment
from textual.color import Color
from textual.filter import LineFilter

from events.plain import STEERING


class Plain(LineFilter):
    def apply(self, segments: list[Segment], background: Color) -> list[Segment]:
        if all(segment.text.isprintable() for segment in segments):
            return segments
        return [Segment(text.translate(STEERING), style, control) for text, style, control in segments]

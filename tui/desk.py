"""What every screen works with."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING

from events.errors import PtmError
from events.words import Words
from tui.past import Past
from worker.operations.context import Context
from worker.operations.pulse import Pulse

if TYPE_CHECKING:
    from worker.demo.tour import Tour


@dataclass(slots=True, kw_only=True)
class Desk:
    """Made once by `tui.run`; only its *say* changes, when somebody switches the language."""

    context: Context
    say: Words
    now: Callable[[], datetime]
    read_only: bool = False
    """Everything is shown, and nothing can be changed."""
    past: Past = field(default_factory=Past)
    unsaved: set[object] = field(default_factory=set)
    """Screens with work that would be lost if the console were left now."""
    pulse: Pulse | None = None
    """The last one: a screen that opens shows it until there is a newer."""
    away: PtmError | None = None
    """Why there is none: a screen that opens says so at once."""
    before_lines: str = ""
    """What a command needs before it in another terminal; the demo's servers are found by nothing else."""
    tour: Tour | None = None
    """The demo's guided tour."""
    tour_away: bool = False
    """Its panel was put away."""

    def typed(self, line: str) -> str:
        """The `ptm …` *line* as it works in another terminal: whatever screen shows one has it from here."""
        return f"{self.before_lines}{line}" if line else ""

"""Where one is in the log, in one line, once it was read: live or held still, what is new, what is loaded."""

from __future__ import annotations

from datetime import datetime

from events.words import Words
from tui.stretch import Stretch


def state(of: Stretch, say: Words, now: datetime, *, shown: int, live: bool) -> str:
    window = of.window
    if window is None:
        return ""
    until = of.asked.terms.until
    held = say("until {at}", at=say.moment(until, now)) if until else say("held still")
    parts = ["● " + say("following") if live else f"‖ {held}"]
    if of.new and not live:
        parts.append(say("{n} new, G goes to them", n=say.number(of.new)))
    loaded = say.number(len(window.entries))
    parts.append(
        say("{n} loaded", n=loaded)
        if shown == len(window.entries)
        else say("{shown} of {n} loaded", shown=say.number(shown), n=loaded)
    )
    older = window.older
    parts.append(say("read back to {at}", at=say.moment(older.at, now)) if older else say("from the beginning"))
    return " · ".join(parts)

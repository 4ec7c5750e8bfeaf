"""A whole trigger in words, and what of it is not as it was."""

from __future__ import annotations

from events.integration import Trigger
from events.words import Words
from tui.making import wording
from tui.making.wording import Entry


def everything(trigger: Trigger, say: Words) -> list[Entry]:
    """Its mapping's entries are told from the others by `map:` before their id."""
    mapped = [
        Entry(id=f"map:{one.id}", label=one.label, value=one.value, raw=one.raw)
        for one in wording.mapping(trigger, say)
    ]
    return [*wording.condition(trigger, say), *mapped, *wording.destination(trigger, say)]


def difference(before: Trigger, after: Trigger, say: Words) -> list[str]:
    """A line for each thing that is not the same: `Status: Sent → Paid`."""
    old = {one.id: one for one in everything(before, say)}
    new = {one.id: one for one in everything(after, say)}
    lines = []
    for id in dict.fromkeys([*old, *new]):
        was, becomes = old.get(id), new.get(id)
        if (was and was.raw) == (becomes and becomes.raw) and was and becomes:
            continue
        shown = [one.value if one else say("none") for one in (was, becomes)]
        label = (becomes or was or new[id]).label
        lines.append(f"{label}: {shown[0]} → {shown[1]}")
    return lines

"""Trustmary's surveys and automations, and what an upsert would start of them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sandbox.clock import zulu
from sandbox.lists import Aim, ContactList
from sandbox.switches import Switches


@dataclass(slots=True, kw_only=True)
class Survey:
    id: str
    name: str
    kind: str = "customer"
    """`customer`, `employee` or `embed`."""
    deleted: datetime | None = None

    def written(self, since: datetime, count: int) -> dict[str, Any]:
        return {
            "id": self.id,
            "type": self.kind,
            "count": count,
            "name": self.name,
            "created_at": zulu(since),
            "updated_at": zulu(self.deleted or since),
            "deleted_at": zulu(self.deleted) if self.deleted else None,
        }


@dataclass(slots=True, kw_only=True)
class Automation:
    id: str
    name: str
    status: str
    """`active` or `draft`."""
    kind: str = "customer"
    manual: bool = False
    """Whether it has the trigger that is pulled by the API."""

    def written(self, since: datetime) -> dict[str, Any]:
        times = {"created_at": zulu(since), "updated_at": zulu(since)}
        return {"id": self.id, "name": self.name, "type": self.kind, "status": self.status, **times}


@dataclass(frozen=True, slots=True, kw_only=True)
class Starter:
    """What starts by itself in one organization."""

    automations: Mapping[str, Automation]
    switches: Switches

    def joining(self, aim: Aim, *, fresh: bool) -> list[str]:
        """Surveys and automations that start when a contact is added to a list, anew (*fresh*) or once more."""
        again = fresh or self.switches.readded_starts
        starts = [aim.list.survey] if aim.list.survey and again else []
        if again or (aim.segment is not None and self.switches.segment_restarts):
            starts += self._active(aim.list.automations)
        return starts

    def updating(self, lists: Iterable[ContactList], *, changed: bool) -> list[str]:
        """What starts when a contact that is on these *lists* is written again."""
        rule = self.switches.update_starts
        if rule == "never" or (rule == "change" and not changed):
            return []
        return [name for each in lists for name in self._active(each.updating)]

    def _active(self, names: Iterable[str]) -> list[str]:
        return [name for name in names if self.automations[name].status == "active"]

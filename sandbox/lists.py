"""Trustmary's contact lists: whom they hold, what joining one starts, and how a caller names them."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sandbox.answers import Rejected
from sandbox.clock import zulu
from sandbox.switches import Switches


@dataclass(slots=True, kw_only=True)
class ContactList:
    id: str
    name: str
    kind: str = "customer"
    source: str = "list"
    """`list`, `smart` (fills itself from survey answers) or empty, as on legacy lists that do not say."""
    survey: str = ""
    automations: tuple[str, ...] = ()
    """Automations that start when a contact is added here."""
    updating: tuple[str, ...] = ()
    """Automations that start when a contact that is on this list is updated."""
    members: set[str] = field(default_factory=set)
    deleted: datetime | None = None

    def written(self, since: datetime) -> dict[str, Any]:
        return {
            "id": self.id,
            "type": self.kind,
            "count": len(self.members),
            "name": self.name,
            **({"source": self.source} if self.source else {}),
            "created_at": zulu(since),
            "updated_at": zulu(self.deleted or since),
            "deleted_at": zulu(self.deleted) if self.deleted else None,
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class Aim:
    """One item of addToLists."""

    list: ContactList
    segment: str | None = None


def read_aims(body: dict[str, Any], lists: dict[str, ContactList], switches: Switches) -> list[Aim]:
    """Where the contact is to be added; a smart list takes nobody."""
    items = _array(body, "addToLists")
    if switches.takes_add_to_list:
        items = items + _array(body, "addToList")
    named: dict[str, str | None] = {}
    for item in items:
        name, segment = _item(item, switches)
        named[name] = segment or named.get(name)
    found = _found(named, lists, switches, smart=False)
    return [Aim(list=each, segment=named[each.id]) for each in found]


def read_removals(body: dict[str, Any], lists: dict[str, ContactList], switches: Switches) -> list[ContactList]:
    names = _array(body, "removeFromLists")
    if not all(isinstance(name, str) for name in names):
        raise Rejected(400, "removeFromLists must be an array of list ids", field="removeFromLists")
    return _found(dict.fromkeys(names), lists, switches, smart=True)


def _found(
    names: dict[str, str | None], lists: dict[str, ContactList], switches: Switches, *, smart: bool
) -> list[ContactList]:
    found: list[ContactList] = []
    for name in names:
        each = lists.get(name)
        if each is not None and each.deleted is None and (smart or each.source != "smart"):
            found.append(each)
        elif switches.unknown_list:
            raise Rejected(switches.unknown_list, "List not found")
    return found


def _item(item: Any, switches: Switches) -> tuple[str, str | None]:
    """A list's id alone, or beside a segment in an object."""
    if isinstance(item, str):
        return item, None
    key = switches.segment_list_key
    if isinstance(item, dict) and item.keys() <= {key, "segment"} and isinstance(item.get(key), str):
        segment = item.get("segment")
        if segment is None or isinstance(segment, str):
            return item[key], segment
    raise Rejected(400, "addToLists must be an array of list ids, or of list ids with a segment", field="addToLists")


def _array(body: dict[str, Any], name: str) -> list[Any]:
    items = body.get(name) or []
    if not isinstance(items, list):
        raise Rejected(400, f"{name} must be an array of list ids", field=name)
    return items

"""One authorised request: whose it is, in which version, what it asks for, and the ids in its path."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from aiohttp import web

from sandbox.answers import Rejected, json_answer
from sandbox.company import Company
from sandbox.query import MAX_SIZE, read_page, settled, whole
from sandbox.switches import Switches
from sandbox.versions import Version

_NEWER = ("dueStartDate", "dueEndDate", "productId", "searchTerm", "isOffer")
"""Searches of the newer versions; the older ones do not know them, and pass over what they do not know."""

Each = TypeVar("Each")


@dataclass(frozen=True, slots=True, kw_only=True)
class Visit:
    request: web.Request
    company: Company
    user: int
    version: Version
    switches: Switches

    def query(self) -> dict[str, str]:
        asked = settled(self.request.query, self.switches)
        unknown = () if self.version.lists_counter_party else _NEWER
        return {name: value for name, value in asked.items() if name not in unknown}

    def ids(self) -> list[int]:
        """The ids of a batch read, in order and once each; one id is a single read."""
        words = self.request.match_info["ids"].split(",")
        if len(words) > MAX_SIZE:
            raise Rejected(400, f"At most {MAX_SIZE} ids are allowed")
        numbers = {whole(word.strip(), "id") for word in words if word.strip()}
        if not numbers:
            raise Rejected(400, "No id given")
        return sorted(numbers)

    @property
    def single(self) -> bool:
        return "," not in self.request.match_info["ids"]

    def paged(
        self, query: Mapping[str, str], found: Sequence[Each], written: Callable[[Each], Any] = lambda each: each
    ) -> web.Response:
        """The page of *found* that *query* asks for."""
        page = read_page(query)
        start = page.number * page.size
        rows = [written(each) for each in found[start : start + page.size]]
        return json_answer({"results": rows, "meta": self.meta(page.number, page.size, len(rows), len(found))})

    def meta(self, page: int, size: int, count: int, total: int) -> dict[str, int]:
        """What a list says of itself; older versions do not count all."""
        told = {"pageNumber": page, "pageSize": size, "resultCount": count}
        return told | {"totalCount": total} if self.version.counts_all else told

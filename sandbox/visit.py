"""One authorised request: whose it is, and the ids in its path."""

from __future__ import annotations

from dataclasses import dataclass

from aiohttp import web

from sandbox.answers import Rejected
from sandbox.company import Company

_MAX_IDS = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class Visit:
    request: web.Request
    company: Company
    user: int
    old: bool
    """Whether the API version is one before 26.04."""

    def ids(self) -> list[int]:
        """The ids of a batch read, in order and once each; one id is a single read."""
        words = self.request.match_info["ids"].split(",")
        if len(words) > _MAX_IDS:
            raise Rejected(400, f"At most {_MAX_IDS} ids are allowed")
        try:
            numbers = {int(word) for word in words if word.strip()}
        except ValueError:
            raise Rejected(400, "An id is not a number") from None
        if not numbers:
            raise Rejected(400, "No id given")
        return sorted(numbers)

    @property
    def single(self) -> bool:
        return "," not in self.request.match_info["ids"]

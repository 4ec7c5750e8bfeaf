"""Which version of Procountor's API a path means, and what that version knows."""

from __future__ import annotations

import re
from dataclasses import dataclass

from sandbox.switches import Switches

NEWEST = "v2604"
BEFORE_COUNTER_PARTY = "v2411"
"""The last version that is known to lack counterParty in the list."""
_NUMBERED = re.compile(r"v\d\d(0[1-9]|1[0-2])\Z")


@dataclass(frozen=True, slots=True, kw_only=True)
class Version:
    number: str
    """`vYYMM`; such numbers sort as text."""
    lists_counter_party: bool
    """And newDueDate, creatorId and isOffer in the list, and the searches that came with them."""

    @property
    def lists_sums(self) -> bool:
        return self.number >= "v2408"

    @property
    def counts_all(self) -> bool:
        return self.number >= "v2405"

    @property
    def needs_version(self) -> bool:
        """Of an invoice that is changed."""
        return self.number >= "v2402"

    @property
    def searches_by_header(self) -> bool:
        """Names and identifiers of partners; before that in the query too."""
        return self.number >= "v2308"


def version_of(path: str, switches: Switches) -> Version | None:
    """None where *path* names a version that is not served (any more)."""
    first = path.split("/")[1]
    plain = BEFORE_COUNTER_PARTY if switches.plain_api_is_old else NEWEST
    named = {"api": plain, "latest": NEWEST, "supported": switches.supported_version}.get(first, first)
    served = _NUMBERED.match(named) and switches.oldest_version <= named <= NEWEST
    return Version(number=named, lists_counter_party=named >= switches.counter_party_since) if served else None

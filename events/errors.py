"""What can go wrong, by who has to act.

PtmError
├── Unavailable     the world, later: retry; may say how long to wait
├── Refused         an operator at the service: the other side said no, and will say it again
├── Misconfigured   an operator here: a setting, a rule or a command that cannot work
│   ├── Barred      whoever keeps the database: it does not let us in, or not so far
│   └── Outgrown    nobody goes on by this release: the database is of a newer one
├── Conflict        an operator here: somebody saved a newer version
└── Corrupt         nobody, alone: the log or a message does not say what it must
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any


class PtmError(Exception):
    """Something went wrong that has a name."""


class Unavailable(PtmError):
    """A service or server does not answer now; the same call may succeed later."""

    def __init__(
        self,
        message: str,
        *,
        retry_after: timedelta | None = None,
        unanswered: bool = False,
        status: int | None = None,
    ) -> None:
        super().__init__(message)
        self.status = status
        self.retry_after = retry_after
        """How long the other side asked us to wait, if it did."""
        self.unanswered = unanswered
        """The request may have taken effect: it left, and no answer came."""


class Refused(PtmError):
    """The other side understood and said no; the same call will be refused again."""

    def __init__(
        self, message: str, *, reason: str, status: int | None = None, answer: Mapping[str, Any] | None = None
    ) -> None:
        super().__init__(message)
        self.reason = reason
        """A word for the cause: `credentials`, `rights`, `not_found`, `invalid`, `unreadable`, …"""
        self.status = status
        self.answer = answer or {}
        """What it said, as it said it; may name a person, so it belongs in an event and in no log line."""


class Misconfigured(PtmError):
    """A setting, a rule or a command cannot work as given."""


class Barred(Misconfigured):
    """PostgreSQL, as `PTM_DATABASE_URL` leads to it, does not let us in, or not do this."""


class Outgrown(Misconfigured):
    """The database, or an event in it, is of a newer release than this process."""


class Conflict(PtmError):
    """A newer version was saved since the one that was seen."""


class Corrupt(PtmError):
    """The log or a message does not say what it must; it names partition and position."""

"""How a command ends: 0 done, 1 failed, 2 usage, 3 needs a person; what a person has to know stands on stderr."""

from __future__ import annotations

from typing import Any

import typer
from typer.core import TyperGroup

from events.errors import Misconfigured, PtmError


class Commands(TyperGroup):
    def invoke(self, ctx: Any) -> Any:
        try:
            return super().invoke(ctx)
        except PtmError as error:
            say(error)
            raise typer.Exit(2 if isinstance(error, Misconfigured) else 1) from error
        except KeyboardInterrupt:
            raise typer.Exit(130) from None


def say(error: Exception) -> None:
    """In one sentence; and what somebody else saved in the meantime, where that is why."""
    from worker.cli.output import complain  # noqa: PLC0415 - as above
    from worker.cli.said import show_newer  # noqa: PLC0415 - the console starts without what only errors need
    from worker.operations.saving import Overtaken  # noqa: PLC0415 - as above

    complain(str(error))
    if isinstance(error, Overtaken):
        show_newer(error.newer)

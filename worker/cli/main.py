"""Which commands there are, and how each ends: 0 done, 1 failed, 2 usage, 3 needs a person."""

from __future__ import annotations

import sys

import typer

from events.errors import Misconfigured, PtmError
from worker.cli import block, connect, delivery, integration, log, processes, state, trigger
from worker.cli.output import NeedsPerson, complain

app = typer.Typer(
    help="When an invoice is sent in Procountor, its contact person arrives in Trustmary.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)
for group in (integration, trigger, delivery, block):
    app.add_typer(group.app)
integration.app.command("connect")(connect.connect)
integration.app.command("reconnect")(connect.reconnect)
for command in (log.events, log.why, state.status, state.verify, state.migrate):
    app.command()(command)
app.command()(processes.worker)
app.command()(processes.demo)
app.command(**processes.PASSED_ON)(processes.sandbox)


def main() -> None:
    """Ends the process; what a person has to know stands on stderr in one sentence."""
    try:
        app(prog_name="ptm")
    except PtmError as error:
        complain(str(error))
        sys.exit(2 if isinstance(error, Misconfigured) else 1)
    except NeedsPerson as need:
        complain(str(need))
        sys.exit(3)
    except KeyboardInterrupt:
        sys.exit(130)
    except BrokenPipeError:
        sys.stderr.close()
        sys.exit(1)

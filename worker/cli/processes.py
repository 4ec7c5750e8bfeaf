"""The commands that stay: the worker and the sandbox."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from worker import logs, settings
from worker.runtime import run

PASSED_ON: dict[str, Any] = {
    "add_help_option": False,
    "context_settings": {"allow_extra_args": True, "ignore_unknown_options": True},
}
"""The sandbox knows its own options."""
ALL_STAGES = "ingest,relay,project,dispatch"


def worker(
    stages: Annotated[str, typer.Option(help="Only some of them, separated by commas.")] = ALL_STAGES,
    embedded: Annotated[bool, typer.Option("--embedded", help="Bring PostgreSQL and a broker along.")] = False,
    json: Annotated[bool, typer.Option("--json", help="Log JSON in a terminal too.")] = False,
) -> None:
    """Run the stages until SIGTERM or Ctrl-C."""
    from worker.app import run_worker  # noqa: PLC0415 - everything else starts faster without it
    from worker.stages import Stage  # noqa: PLC0415 - as above

    wanted = [stage.strip() for stage in stages.split(",") if stage.strip()]
    known = [stage.value for stage in Stage]
    if not wanted:
        raise typer.BadParameter(f"names no stage: use {', '.join(known)}", param_hint="--stages")
    for stage in wanted:
        if stage not in known:
            raise typer.BadParameter(f"there is no stage {stage}: use {', '.join(known)}", param_hint="--stages")
    read = settings.load()
    logs.configure(level=read.log_level, form="json" if json else read.log_format)
    run(run_worker(read, stages=[Stage(stage) for stage in wanted], with_servers=embedded))


def sandbox(context: typer.Context) -> None:
    """Run a local Procountor and Trustmary; prints one JSON line when ready. Options: ptm sandbox --help."""
    from sandbox.__main__ import main  # noqa: PLC0415 - as above

    alone = typer.Typer(add_completion=False, pretty_exceptions_enable=False, rich_markup_mode=None)
    alone.command()(main)
    alone(args=context.args, prog_name="ptm sandbox")

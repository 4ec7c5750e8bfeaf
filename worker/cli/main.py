"""Which commands there are, and how each ends: 0 done, 1 failed, 2 usage, 3 needs a person."""

from __future__ import annotations

import sys
from typing import Any

import typer

from worker.cli import (
    applying,
    attention,
    backup,
    block,
    configuration,
    connect,
    delivery,
    doctor,
    drafting,
    ending,
    history,
    integration,
    label,
    log,
    master,
    processes,
    promoting,
    reconcile,
    reconnect,
    release,
    removing,
    replay,
    replay_undo,
    saving,
    state,
    steering,
    telling,
    testing,
    trigger,
    undo,
    why,
)
from worker.cli.asking import Counted
from worker.cli.output import NeedsPerson, complain


class Commands(ending.Commands):
    def resolve_command(self, ctx: Any, args: list[str]) -> Any:
        """A command of a group without its group, and the console by its name, are told in full."""
        if args and args[0] not in self.commands:
            groups = {name: getattr(one, "commands", {}) for name, one in self.commands.items()}
            meant = [f"ptm {name} {args[0]}" for name, commands in groups.items() if args[0] in commands]
            if meant := meant or ["ptm tui"] * (args[0] == "console"):
                ctx.fail(f"No such command '{args[0]}'. Did you mean {', '.join(meant)}?")
        return super().resolve_command(ctx, args)

    def invoke(self, ctx: Any) -> Any:
        try:
            return super().invoke(ctx)
        except NeedsPerson as need:
            complain(str(need))
            raise typer.Exit(3) from need


app = typer.Typer(
    cls=Commands,
    help="When an invoice is sent in Procountor, its contact person arrives in Trustmary.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)
for group in (integration, trigger, delivery, block, replay, master):
    app.add_typer(group.app)
integration.app.command("connect")(connect.connect)
integration.app.command("reconnect")(reconnect.reconnect)
integration.app.command("remove", cls=Counted)(removing.remove)
integration.app.command("export")(configuration.export)
integration.app.command("import")(configuration.import_)
integration.app.command()(label.label)
integration.app.command()(telling.test_alert)
replay.app.command()(applying.apply)
replay.app.command()(replay_undo.undo)
replay.app.command()(steering.pause)
replay.app.command()(steering.resume)
replay.app.command()(steering.cancel)
trigger.app.command()(saving.save)
trigger.app.command(cls=Counted)(saving.remove)
integration.app.command("undo", cls=Counted)(undo.undo)
trigger.app.command()(history.history)
trigger.app.command()(history.restore)
trigger.app.command()(drafting.draft)
trigger.app.command()(drafting.shadow)
trigger.app.command(cls=Counted)(promoting.promote)
trigger.app.command()(testing.test)
for command in (
    log.events,
    why.why,
    attention.attention,
    reconcile.reconcile,
    state.status,
    doctor.doctor,
    state.verify,
    state.migrate,
    backup.backup,
    backup.restore,
    release.release,
    processes.worker,
):
    app.command()(command)
app.command(**processes.PASSED_ON)(processes.sandbox)


def main() -> None:
    try:
        app(prog_name="ptm")
    except BrokenPipeError:
        sys.stderr.close()
        sys.exit(1)

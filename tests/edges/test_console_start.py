"""What stands between a key pressed in a shell and the console: only what its first screen takes."""

from __future__ import annotations

import subprocess
import sys

LOAD = "import sys, tui.commands, tui.run; print(*sys.modules)"
INTERRUPTED = """
import sys
class Pressed:
    def find_spec(self, name, path=None, target=None):
        if name == "tui.whole":
            raise KeyboardInterrupt
sys.meta_path.insert(0, Pressed())
from tui.__main__ import main
main()
"""
OTHERS = {
    "aiohttp", "structlog", "prometheus_client", "aiokafka", "faker", "email_validator", "worker.cli.main",
    "worker.demo.scene", "worker.operations.about",
}  # fmt: skip
STARTED = """
import gc, sys
from tui import commands
from tui.__main__ import main
loading = []
commands.console = lambda: loading.append(gc.isenabled())
sys.argv = ["ptm", "tui"]
main()
from tui.run import look_after_memory
look_after_memory()
print(*loading, gc.isenabled())
"""


def said(code: str) -> str:
    return subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60).stdout


def test_the_console_loads_no_screen_but_the_first_and_nothing_that_it_may_never_need() -> None:
    loaded = set(said(LOAD).split())
    screens = {name for name in loaded if name.startswith("tui.screens.")}
    assert screens == {"tui.screens.integrations", "tui.screens.integration_line"}
    assert not loaded & OTHERS


def test_ctrl_c_while_it_loads_is_no_crash() -> None:
    done = subprocess.run([sys.executable, "-c", INTERRUPTED], capture_output=True, text=True, check=False, timeout=60)
    assert (done.returncode, done.stderr) == (130, "")


def test_garbage_is_looked_for_once_all_is_loaded_and_not_before() -> None:
    assert said(STARTED).split() == ["False", "True"]

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
OTHERS = {"aiohttp", "structlog", "prometheus_client", "aiokafka", "faker", "worker.cli.main", "worker.demo.scene"}


def test_the_console_loads_no_screen_but_the_first_and_nothing_that_it_may_never_need() -> None:
    done = subprocess.run([sys.executable, "-c", LOAD], capture_output=True, text=True, check=True, timeout=60)
    loaded = set(done.stdout.split())
    screens = {name for name in loaded if name.startswith("tui.screens.")}
    assert screens == {"tui.screens.integrations", "tui.screens.integration_line"}
    assert not loaded & OTHERS


def test_ctrl_c_while_it_loads_is_no_crash() -> None:
    done = subprocess.run([sys.executable, "-c", INTERRUPTED], capture_output=True, text=True, check=False, timeout=60)
    assert (done.returncode, done.stderr) == (130, "")

"""A console that is told to go is gone, though nothing reads what it draws: its event loop then stands still."""

from __future__ import annotations

import os
import pty
import signal
import subprocess
import sys
import termios

import pytest

STANDS_STILL = """
import asyncio, queue, tty
from tui.run import when_ended

async def run():
    when_ended(lambda: None, grace=0.1)
    tty.setraw(0)
    full = queue.Queue(1)
    full.put("drawn")
    print("ready", flush=True)
    full.put("drawn next, once that is read")

asyncio.run(run())
"""


IS_GONE = """
import asyncio
from tui import terminal
from tui.run import when_ended

async def run():
    gone = asyncio.Event()
    when_ended(gone.set)
    terminal.hang_up_with_it()
    print("ready", flush=True)
    await gone.wait()

asyncio.run(run())
"""


@pytest.mark.parametrize("ending", [signal.SIGTERM, signal.SIGHUP])
def test_it_ends_as_usual_and_leaves_the_terminal_as_it_was(ending: signal.Signals) -> None:
    master, slave = pty.openpty()
    before = termios.tcgetattr(slave)
    process = subprocess.Popen([sys.executable, "-c", STANDS_STILL], stdin=slave, stdout=slave)
    try:
        assert os.read(master, 5) == b"ready"
        assert termios.tcgetattr(slave) != before
        process.send_signal(ending)
        assert process.wait(timeout=20) == 0
        assert termios.tcgetattr(slave) == before
        assert b"\x1b[?1049l" in os.read(master, 1000)
    except subprocess.TimeoutExpired:
        pytest.fail("it is still there")
    finally:
        process.kill()
        process.wait()
        os.close(slave)
        os.close(master)


HEARD_BY_ANOTHER = """
import asyncio, signal, sys
from threading import Event, Thread, get_ident
from tui.run import when_ended

def hang_up():
    waiting.wait()
    signal.pthread_kill(get_ident(), signal.SIGHUP)

async def run():
    gone = asyncio.Event()
    when_ended(gone.set, grace=60)
    Thread(target=hang_up).start()
    asyncio.get_running_loop().call_soon(waiting.set)
    await gone.wait()

sys.setswitchinterval(60)  # so that the other thread goes on no sooner than the loop waits
waiting = Event()
asyncio.run(run())
"""


def test_a_signal_that_came_while_the_loop_began_to_wait_ends_it() -> None:
    """Which is no more than that the wait is not broken off; here another thread gets the signal."""
    assert not subprocess.run([sys.executable, "-c", HEARD_BY_ANOTHER], check=False, timeout=20).returncode


def test_it_ends_with_its_terminal_though_nobody_tells_it() -> None:
    """As where the terminal does not control the process, which then gets no signal."""
    master, slave = pty.openpty()
    process = subprocess.Popen([sys.executable, "-c", IS_GONE], stdin=slave, stdout=slave, start_new_session=True)
    try:
        os.close(slave)
        assert os.read(master, 5) + os.read(master, 2) == b"ready\r\n", "no part of it is still on its way"
        os.close(master)
        assert process.wait(timeout=20) == 0
    finally:
        process.kill()
        process.wait()

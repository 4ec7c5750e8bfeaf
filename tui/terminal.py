"""The terminal as it was found, for a console that has to go and cannot.

What is drawn goes through a queue of the library's. A terminal that reads nothing, or is gone, fills it, and the event
loop stands still with it: no signal that the loop waits for is ever heard.
"""

from __future__ import annotations

import os
import select
import signal
import sys
import termios
from contextlib import suppress
from threading import Thread, Timer
from typing import Any

RESTORED = b"\x1b[<u\x1b[?1000l\x1b[?1003l\x1b[?1015l\x1b[?1006l\x1b[?2004l\x1b[?1004l\x1b[?7h\x1b[?1049l\x1b[?25h"
"""No mouse, no pasting in brackets, lines that wrap, the screen and the cursor of before."""


def known() -> list[Any] | None:
    """How it reads what is typed; None where there is none."""
    with suppress(termios.error, ValueError):
        return termios.tcgetattr(sys.__stdin__.fileno()) if sys.__stdin__ else None
    return None


def hang_up_with_it() -> None:
    """A terminal that is gone is as good as its signal, which only the one that controls the process sends."""
    Thread(target=wait_until_gone, daemon=True).start()


def wait_until_gone() -> None:
    gone = select.poll()
    gone.register(0, 0)
    gone.poll()
    os.kill(os.getpid(), signal.SIGHUP)


def leave_at_last(seconds: float, before: list[Any] | None, *_: object) -> None:
    """Ends the process after *seconds*, as if it had ended by itself, unless it has; a signal's handler, too."""
    last = Timer(seconds, end, (before,))
    last.daemon = True
    last.start()


def end(before: list[Any] | None) -> None:
    """Whoever does not read does not hold this up either."""
    with suppress(OSError, termios.error):
        if before is not None:
            termios.tcsetattr(0, termios.TCSANOW, before)
        os.set_blocking(1, False)
        os.write(1, RESTORED)
    os._exit(0)

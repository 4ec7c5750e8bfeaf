"""`ptm`: the console by itself, without the commands, stands there in half the time."""

from __future__ import annotations

import gc
import sys


def main() -> None:
    try:
        if sys.argv[1:2] == ["tui"]:
            # Until all is loaded: of that nothing is to be thrown away, and looking takes an eighth of the start.
            gc.disable()
            from tui.commands import console as run  # noqa: PLC0415 - the one or the other
        else:
            from tui.whole import main as run  # noqa: PLC0415 - as above
    except KeyboardInterrupt:  # Ctrl-C before there is anything to stop
        sys.exit(130)
    run()


if __name__ == "__main__":
    main()

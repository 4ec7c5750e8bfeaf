"""`ptm`: the console by itself, without the commands, stands there in half the time."""

from __future__ import annotations

import gc
import sys


def main() -> None:
    if sys.argv[1:2] == ["tui"]:
        # Until all is loaded: of that nothing is to be thrown away, and looking for it takes an eighth of the start.
        gc.disable()
        from tui.commands import console  # noqa: PLC0415 - the one or the other

        console()
    else:
        from tui.whole import main as whole  # noqa: PLC0415 - as above

        whole()


if __name__ == "__main__":
    main()

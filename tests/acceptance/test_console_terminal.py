"""The console in a real terminal of 80 by 24, over real workers: what it shows by itself, and how it ends."""

from __future__ import annotations

import asyncio
import os
import pty
import sys
from pathlib import Path

import pytest

from eventually import eventually
from screen import CTRL_Q, Screen, screen
from servers.postgres import Database
from stage import staged
from terminal import environment, ptm

pytestmark = pytest.mark.acceptance


async def test_a_contact_arrives_on_the_home_screen_without_a_key(
    database: Database, tansu: str, topic: str, tmp_path: Path
) -> None:
    async with staged(database, tansu, topic=topic, directory=tmp_path) as stage:
        one = await stage.connect()
        await stage.start()
        async with screen(stage.environment, "tui") as at:
            await at.sees(one.company[:20], "● active", "1 worker", "up to date")
            assert at.row(one.company[:20])[-3:] == ["-", "-", "0"]
            before = at.modes

            stage.send()

            await eventually(
                lambda: [" s" in cell for cell in at.row(one.company[:20])[-3:-1]] == [True, True], within=20
            )
            at.press(CTRL_Q)
            assert await at.ends() == 0
            assert restored(at)
            assert before != at.modes, "what is typed is echoed again"


def restored(at: Screen) -> bool:
    """Back on the screen where the command was typed, with a cursor, without mouse and paste reports."""
    return all(at.raw.rfind(off) > at.raw.rfind(on) for on, off in MODES)


MODES = (
    (b"\x1b[?1049h", b"\x1b[?1049l"),
    (b"\x1b[?25l", b"\x1b[?25h"),
    (b"\x1b[?1000h", b"\x1b[?1000l"),
    (b"\x1b[?2004h", b"\x1b[?2004l"),
)


async def test_without_a_terminal_it_says_so_and_does_nothing(tmp_path: Path) -> None:
    settings = {"PTM_DATA_DIR": str(tmp_path)}
    ended = await ptm(settings, "tui")
    assert (ended.code, ended.out) == (2, "")
    assert ended.err.count("\n") == 1 and "needs a terminal" in ended.err


async def test_into_a_file_it_draws_nothing(tmp_path: Path) -> None:
    """The keyboard is there, the screen is not."""
    master, slave = pty.openpty()
    try:
        with (tmp_path / "out").open("wb") as out:
            process = await asyncio.create_subprocess_exec(
                *(sys.executable, "-m", "tui", "tui"),
                stdin=slave,
                stdout=out,
                stderr=asyncio.subprocess.PIPE,
                env=environment({"PTM_DATA_DIR": str(tmp_path)}),
            )
            _, said = await process.communicate()
    finally:
        os.close(slave)
        os.close(master)
    assert process.returncode == 2
    assert b"needs a terminal" in said
    assert (tmp_path / "out").read_bytes() == b""

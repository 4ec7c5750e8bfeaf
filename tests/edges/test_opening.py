"""Where the master key comes from, and that a lost one is not replaced."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest

from events.errors import Misconfigured
from worker import opening, settings
from worker.adapters.sealing import make_master


def test_the_embedded_master_key_is_made_once_readable_by_its_owner_only(tmp_path: Path) -> None:
    read = settings.load({"PTM_DATA_DIR": str(tmp_path / "data")})
    made = opening.ensure_master_key(read, fresh=True)
    assert made is not None
    assert stat.S_IMODE(made.stat().st_mode) == 0o600
    before = opening.master_key(read, embedded=True)
    assert opening.ensure_master_key(read, fresh=True) is None
    assert opening.master_key(read, embedded=True) == before


def test_a_lost_key_is_asked_for_and_not_replaced(tmp_path: Path) -> None:
    read = settings.load({"PTM_DATA_DIR": str(tmp_path)})
    assert opening.ensure_master_key(read, fresh=False) is None
    with pytest.raises(Misconfigured, match="put the backed-up key back"):
        opening.master_key(read, embedded=True)


def test_elsewhere_the_key_has_to_be_given(tmp_path: Path) -> None:
    read = settings.load({"PTM_DATA_DIR": str(tmp_path), "PTM_DATABASE_URL": "postgresql://x"})
    opening.ensure_master_key(read, fresh=True)
    with pytest.raises(Misconfigured, match="PTM_MASTER_KEY is not set"):
        opening.master_key(read, embedded=False)


def test_old_keys_open_what_they_sealed() -> None:
    old, new = make_master(), make_master()
    sealed = opening.master_key(settings.load({"PTM_MASTER_KEY": old}), embedded=False).seal(b"x")
    both = settings.load({"PTM_MASTER_KEY": new, "PTM_MASTER_KEY_OLD": old})
    assert opening.master_key(both, embedded=False).open(sealed) == b"x"


def test_a_command_may_print_the_key_and_is_given_none_of_our_settings(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PTM_PROCOUNTOR_CLIENT_SECRET", "not for it")
    key = make_master()
    script = tmp_path / "the key"
    script.write_text(f'#!/bin/sh\n[ -z "$PTM_PROCOUNTOR_CLIENT_SECRET" ] && [ "$1" = "of ptm" ] && echo "{key}"\n')
    script.chmod(0o700)
    by_command = settings.load({"PTM_MASTER_KEY_COMMAND": f"'{script}' 'of ptm'"})
    by_variable = settings.load({"PTM_MASTER_KEY": key})
    assert opening.master_key(by_command, embedded=True) == opening.master_key(by_variable, embedded=False)
    assert opening.ensure_master_key(by_command, fresh=True) is None


@pytest.mark.parametrize(
    ("command", "says"),
    [
        ("sh -c 'echo locked >&2; exit 3'", "failed with 3: locked"),
        ("/no/such/command", "cannot be run"),
        ("sh -c 'unclosed", "cannot be run"),
        ("true", "must be 32 random bytes"),
    ],
)
def test_a_command_that_prints_no_key_says_why(command: str, says: str) -> None:
    with pytest.raises(Misconfigured, match=says):
        opening.master_key(settings.load({"PTM_MASTER_KEY_COMMAND": command}), embedded=False)


def test_a_key_is_given_in_one_way() -> None:
    read = settings.load({"PTM_MASTER_KEY_COMMAND": "true", "PTM_MASTER_KEY": make_master()})
    with pytest.raises(Misconfigured, match="both set"):
        opening.master_key(read, embedded=False)


def test_without_a_database_both_ways_to_one_are_named(tmp_path: Path) -> None:
    with pytest.raises(Misconfigured, match=r"PTM_DATABASE_URL is not set.*--embedded"):
        opening.servers(settings.load({"PTM_DATA_DIR": str(tmp_path)}))

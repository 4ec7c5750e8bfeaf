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


def test_without_a_database_both_ways_to_one_are_named(tmp_path: Path) -> None:
    with pytest.raises(Misconfigured, match=r"PTM_DATABASE_URL is not set.*--embedded"):
        opening.servers(settings.load({"PTM_DATA_DIR": str(tmp_path)}))

"""What the master key seals, and the hash that stands for a contact."""

from __future__ import annotations

import base64

import pytest

from events.errors import Corrupt, Misconfigured
from eventually import eventually
from table import each
from worker.adapters.sealing import MasterKey, contact_keyer, load_master, make_master
from worker.adapters.vault import SubjectKeys

KEY = bytes(range(32))
OTHER = bytes(32)


def test_what_was_sealed_opens_again_and_never_looks_the_same() -> None:
    master = MasterKey(key=KEY)
    one, two = master.seal(b"api key", about=b"a"), master.seal(b"api key", about=b"a")

    assert one != two
    assert master.open(one, about=b"a") == master.open(two, about=b"a") == b"api key"


def test_a_blob_opens_only_where_it_belongs() -> None:
    master = MasterKey(key=KEY)

    with pytest.raises(Corrupt):
        master.open(master.seal(b"api key", about=b"a"), about=b"b")


def test_a_flipped_bit_is_noticed() -> None:
    master = MasterKey(key=KEY)
    blob = bytearray(master.seal(b"api key"))
    blob[-1] ^= 1

    with pytest.raises(Corrupt):
        master.open(bytes(blob))


def test_another_master_key_is_the_operators_matter() -> None:
    blob = MasterKey(key=OTHER).seal(b"api key")

    with pytest.raises(Misconfigured, match="PTM_MASTER_KEY is not the key"):
        MasterKey(key=KEY).open(blob)


def test_an_old_master_key_opens_and_does_not_seal() -> None:
    rotated = MasterKey(key=KEY, old=(OTHER,))

    assert rotated.open(MasterKey(key=OTHER).seal(b"api key")) == b"api key"
    assert rotated.seal(b"api key")[1:5] == MasterKey(key=KEY).id


@each(
    "text",
    [
        KEY.hex(),
        KEY.hex().upper() + "\n",
        base64.b64encode(KEY).decode(),
        base64.urlsafe_b64encode(KEY).decode().rstrip("="),
    ],
)
def test_a_master_key_is_read_as_hex_and_as_base64(text: str) -> None:
    assert load_master(text).key == KEY


@each("text", ["", "secret", KEY.hex()[:-2], "g" * 64, base64.b64encode(KEY + b"x").decode(), "ä" * 44])
def test_anything_else_is_no_master_key(text: str) -> None:
    with pytest.raises(Misconfigured, match="32 random bytes"):
        load_master(text)


def test_a_new_master_key_reads_back_and_does_not_show_itself() -> None:
    text = make_master()

    assert len(load_master(text).key) == 32
    assert text not in repr(load_master(text))


def test_one_mailbox_has_one_contact_key() -> None:
    keyer = contact_keyer(KEY)

    assert keyer("1", " Päivi@Example.FI ") == keyer("1", "pa\u0308ivi@example.fi")
    assert len(keyer("1", "a@example.fi")) == 32


def test_contact_keys_differ_by_organization_address_and_key() -> None:
    keyer = contact_keyer(KEY)
    known = keyer("1", "a@example.fi")

    assert known not in (
        keyer("2", "a@example.fi"),
        keyer("1", "b@example.fi"),
        keyer("", "1\na@example.fi"),
        contact_keyer(OTHER)("1", "a@example.fi"),
    )


async def test_a_key_whose_time_is_up_is_let_go_of_by_the_next_one() -> None:
    keys = SubjectKeys(size=10, seconds=0.01)
    keys.keep(1, "a", None)

    await eventually(lambda: keys.of_id(1) is None)
    keys.keep(2, "b", None)

    assert len(keys) == 1


def test_no_more_keys_are_kept_than_there_is_room_for() -> None:
    keys = SubjectKeys(size=10, seconds=60)
    for id in range(100):
        keys.keep(id, str(id), None)

    assert len(keys) == 10
    assert keys.of_id(99) is not None
